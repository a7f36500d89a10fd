//! Texts that give fewer pieces than `--vocab` asks for: the vocabulary is as large as they allow, and so is the model.

use std::fs;
use std::path::Path;

use crate::common::{Program, json_lines, language_model, losses, read_json, translate};
#[cfg(target_os = "linux")]
use crate::traced::{can_trace, traced};

/// How many pieces a vocabulary has that was saved.
fn pieces(program: &Program, file: &str) -> usize {
    read_json(&program.path(file))["model"]["vocab"].as_object().unwrap().len()
}

/// Runs, and expects to be told how large a vocabulary has become.
#[track_caller]
fn succeed_with(program: &Program, args: &[&str], told: impl Fn() -> Vec<String>) {
    let ran = program.run(args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for told in told() {
        let told = format!("the {told} pieces, as many as the training data give; --vocab 5000 is the most");
        assert!(ran.stderr.contains(&told), "{told:?} is missing from {}", ran.stderr);
    }
}

/// All that a run of the same settings has alike, but its settings themselves.
fn result(run: &Path) -> (Vec<String>, [Vec<u8>; 3]) {
    let read = |name: &str| fs::read(run.join(name)).unwrap();
    (losses(run), ["config.json", "tokenizer.json", "model.safetensors"].map(read))
}

#[test]
fn a_vocabulary_is_as_large_as_the_text_allows_and_so_is_the_model() {
    let program = Program::new();
    program.add_pairs("");
    program.add_text();
    for (run, field) in [("pairs", "tgt_vocab"), ("text", "vocab")] {
        let args = |size: &'static str| {
            let more = ["--force", "--vocab", size, "--steps", "4"];
            if run == "pairs" { translate("run", &more) } else { language_model("run", &more) }
        };
        let told = || vec![format!("vocabulary has {}", pieces(&program, "run/tokenizer.json"))];
        succeed_with(&program, &args("5000"), told);
        let size = pieces(&program, "run/tokenizer.json");
        assert_eq!(read_json(&program.path("run/config.json"))["model"][field], size);
        // The settings keep what was asked for, so that a larger text may give more.
        let settings = fs::read_to_string(program.path("run/settings.toml")).unwrap();
        assert!(settings.contains("vocab = 5000"), "{settings}");
        // It is the run of whoever had known the size.
        let found = result(&program.path("run"));
        let ran = program.run(&args(Box::leak(size.to_string().into_boxed_str())));
        assert!(ran.code == 0 && !ran.stderr.contains("as many as"), "{}", ran.stderr);
        assert!(result(&program.path("run")) == found);
        program.succeed(&["resume", "run", "--steps", "6"], "");
        let report = json_lines(&program.succeed(&["eval", "run", "--json"], ""));
        assert!(report[0]["nll"].as_f64().unwrap() < (size as f64).ln() + 1.0, "{report:?}");
    }
}

#[test]
fn two_vocabularies_may_become_of_two_sizes() {
    let program = Program::new();
    program.add_pairs("");
    let more = ["--separate-vocabularies", "--vocab", "5000", "--steps"];
    let told = || {
        ["source", "target"]
            .map(|side| {
                format!("vocabulary of the {side} has {}", pieces(&program, &format!("run/{side}.json")))
            })
            .to_vec()
    };
    succeed_with(&program, &translate("whole", &[&more[..], &["6"]].concat()), Vec::new);
    succeed_with(&program, &translate("run", &[&more[..], &["4"]].concat()), told);
    let [source, target] = ["source", "target"].map(|side| pieces(&program, &format!("run/{side}.json")));
    assert_ne!(source, target);
    let model = &read_json(&program.path("run/config.json"))["model"];
    assert_eq!((&model["src_vocab"], &model["tgt_vocab"]), (&source.into(), &target.into()));
    program.succeed(&["resume", "run", "--steps", "6"], "");
    assert_eq!(losses(&program.path("run")), losses(&program.path("whole")));
    assert_eq!(program.succeed(&["translate-text", "run"], "Der Hund 0 schläft.\n").lines().count(), 1);
    // Another run can begin with it.
    let tuned = ["translate", "--corpus", "mine", "--init-from", "run", "--out", "tuned", "--steps", "2"];
    program.succeed(&tuned, "");
    assert_eq!(read_json(&program.path("tuned/config.json"))["model"]["src_vocab"], source);
}

/// The size is known when the configuration has long been there: whoever is killed in between loses nothing.
#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_killed_before_its_size_is_known_goes_on_all_the_same() {
    if !can_trace() {
        return;
    }
    let program = Program::new();
    program.add_text();
    let args = language_model("run", &["--vocab", "5000", "--steps", "2"]);
    assert!(traced(&program, &[], &args).output().unwrap().status.success());
    let expected = result(&program.path("run"));
    let trace = fs::read_to_string(program.path("trace")).unwrap();
    let renames: Vec<&str> = trace.lines().filter(|line| line.contains(" renameat(")).collect();
    let last = renames.iter().rposition(|line| line.contains("/config.json\"")).unwrap();
    assert!(last >= 8 && renames[..last].iter().any(|line| line.contains("/tokenizer.json\"")), "{trace}");
    for when in 1..=last + 3 {
        fs::remove_dir_all(program.path("run")).unwrap();
        let killed =
            traced(&program, &[&format!("renameat:signal=KILL:when={when}")], &args).output().unwrap();
        assert!(!killed.status.success(), "rename {when}: it was not killed");
        let ran = program.run(&["resume", "run"]);
        if ran.code != 0 {
            ran.failed(&["nothing was begun in run yet"]);
            program.succeed(&args, "");
        }
        assert!(result(&program.path("run")) == expected, "rename {when}: {}", ran.stderr);
    }
}
