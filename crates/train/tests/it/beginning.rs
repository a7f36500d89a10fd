//! Training that begins with the weights of another run, or with a vocabulary that is there already.

use std::fs;

use serde_json::Value;

use crate::common::{Program, language_model, losses, read_json, translate};

/// A corpus of pairs with other sentences than `mine` has, in the same words.
fn add_others(program: &Program) {
    let pair = |n: usize| format!("Der Hund {n} frisst {n} mal.\tThe dog {n} eats {n} times.\n");
    program.write("others.tsv", (0..60).map(pair).collect::<String>());
    program.succeed(&["data", "add", "others", "--tsv", "others.tsv", "--valid", "9", "--test", "9"], "");
}

fn read(program: &Program, file: &str) -> Vec<u8> {
    fs::read(program.path(file)).unwrap()
}

fn training(program: &Program, run: &str) -> Value {
    read_json(&program.path(&format!("{run}/config.json")))["training"].clone()
}

/// What is left if a command is killed before its first checkpoint and before the vocabulary is saved.
fn hardly_begun(program: &Program, run: &str) {
    let script = format!(
        "cd {run} && rm -r checkpoints data *.jsonl model.safetensors && rm -f tokenizer.json source.json target.json SHA256SUMS"
    );
    let ran = program.shell(&script);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

const STANDING_STILL: [&str; 4] = ["--lr-factor", "1e-30", "--evaluate-steps", "1"];

#[test]
fn a_run_begins_with_weights_vocabularies_and_sizes_of_another() {
    let program = Program::new();
    program.add_pairs("");
    add_others(&program);
    for (base, more) in [("shared", &[][..]), ("separate", &["--separate-vocabularies", "--vocab", "60"])] {
        program.succeed(&translate(base, &[more, &["--steps", "8"]].concat()), "");
        let tuned = format!("{base}-tuned");
        // Nothing is said of the model, and one step at a rate of almost nothing leaves it as it was.
        let first = [
            "translate",
            "--corpus",
            "others",
            "--init-from",
            base,
            "--out",
            &tuned,
            "--batch-tokens",
            "256",
        ];
        program.succeed(&[&first[..], &["--steps", "1"], &STANDING_STILL].concat(), "");
        let [of_base, of_tuned] =
            [base, &tuned].map(|run| program.succeed(&["eval", run, "--corpus", "others", "--json"], ""));
        assert_eq!(of_tuned, of_base);
        let [source, target] =
            if base == "shared" { ["tokenizer.json"; 2] } else { ["source.json", "target.json"] };
        for name in [source, target] {
            let [of_base, of_tuned] = [base, &tuned].map(|run| read(&program, &format!("{run}/{name}")));
            assert_eq!(of_tuned, of_base);
        }
        let init = training(&program, &tuned)["init"]["run"].clone();
        assert!(init["path"].as_str().unwrap().ends_with(&format!("/{base}")) && init["step"] == 8, "{init}");
        assert_eq!(init["sum"].as_str().unwrap().len(), 64);
        assert_eq!(training(&program, base).get("init"), None);
        // Its settings make the same run.
        let again = ["translate", "--out", "again", "--force", "--config"];
        program.succeed(&[&again[..], &[&format!("{tuned}/settings.toml")]].concat(), "");
        assert_eq!(losses(&program.path("again")), losses(&program.path(&tuned)));
        assert_eq!(
            read(&program, "again/model.safetensors"),
            read(&program, &format!("{tuned}/model.safetensors"))
        );
    }
}

#[test]
fn a_run_that_was_killed_at_its_beginning_begins_with_the_same_weights() {
    let program = Program::new();
    program.add_text();
    program.succeed(&language_model("base", &["--steps", "6"]), "");
    let tuned = [
        "lm",
        "--corpus",
        "book",
        "--init-from",
        "base",
        "--out",
        "tuned",
        "--steps",
        "4",
        "--dropout",
        "0.3",
    ];
    program.succeed(&tuned, "");
    let expected = losses(&program.path("tuned"));
    assert_eq!(read_json(&program.path("tuned/config.json"))["model"]["dropout"], 0.3);
    hardly_begun(&program, "tuned");
    program.succeed(&["resume", "tuned"], "");
    assert_eq!(losses(&program.path("tuned")), expected);
    // Once it has a checkpoint of its own, it goes on without the other run; before, that must be as it was.
    let keep = program.shell("cp -R tuned later && mv base elsewhere");
    assert_eq!(keep.code, 0);
    program.succeed(&["resume", "later", "--steps", "6"], "");
    hardly_begun(&program, "tuned");
    program.fail(&["resume", "tuned"], "", &["begins with the weights of a run", "base does not exist"]);
    program.succeed(&language_model("base", &["--steps", "7"]), "");
    program.fail(&["resume", "tuned"], "", &["base has changed since", "--force"]);
}

#[test]
fn a_mean_of_checkpoints_is_trained_on_as_a_new_run() {
    let program = Program::new();
    program.train("run", &["--steps", "15"]);
    program.add_text();
    program.succeed(&language_model("text", &["--steps", "8"]), "");
    for (run, command, half) in [("run", "copy", &[][..]), ("text", "lm", &["--half"])] {
        let mean = format!("{run}-mean");
        program.succeed(&[&["average", run, "--last", "1", "--out", &mean], half].concat(), "");
        let way = format!("train {command} --init-from {mean} --out RUN");
        program.fail(&["resume", &mean], "", &["was not trained here", "mean of checkpoints", &way]);
        let corpus: &[&str] = if command == "lm" { &["--corpus", "book"] } else { &[] };
        let tuned = format!("{run}-on");
        program.succeed(
            &[&[command, "--init-from", &mean, "--out", &tuned, "--steps", "3"], corpus].concat(),
            "",
        );
        // It goes on where the mean was: a new model would guess.
        let first: Value = serde_json::from_str(&losses(&program.path(&tuned))[0]).unwrap();
        let fresh: Value = serde_json::from_str(&losses(&program.path(run))[0]).unwrap();
        let [first, fresh] = [first, fresh].map(|step| step["nll"].as_f64().unwrap());
        assert!(first < fresh - 0.1, "{first} is no better than {fresh}");
        program.succeed(&["resume", &tuned, "--steps", "5"], "");
    }
}

#[test]
fn what_does_not_agree_with_the_run_to_begin_with_is_refused_by_name() {
    let program = Program::new();
    program.add_pairs("");
    program.add_text();
    program.succeed(&translate("pairs", &[]), "");
    program.succeed(&language_model("text", &[]), "");
    program.train("copied", &["--steps", "2"]);
    let from = |run| ["translate", "--corpus", "mine", "--steps", "2", "--out", "new", "--init-from", run];
    for (flags, told) in [
        (&["--layers", "2"][..], "layers = 2, but the model of --init-from pairs has 1; leave --layers out"),
        (&["--d-model", "32"], "d_model = 32"),
        (&["--heads", "4"], "heads = 4"),
        (&["--norm", "post"], "norm = \"post\""),
        (&["--vocab", "90"], "vocab = 90, but the model of --init-from pairs has 100"),
        (&["--separate-vocabularies"], "leave --separate-vocabularies out"),
        (&["--tokenizer", "pairs/tokenizer.json"], "cannot be used with"),
    ] {
        program.fail(&[&from("pairs")[..], flags].concat(), "", &[told]);
    }
    program.fail(&from("copied"), "", &["its model is one of `train copy`"]);
    program.fail(&from("text"), "", &["its model is one of `train lm`", "`train translate` can't"]);
    program.fail(&from("none"), "", &["--init-from", "none does not exist"]);
    program.fail(&["copy", "--init-from", "pairs", "--out", "new"], "", &["one of `train translate`"]);
    assert!(!program.path("new").exists());
    let itself = ["lm", "--corpus", "book", "--init-from", "text", "--out", "./text", "--force"];
    let before = read(&program, "text/model.safetensors");
    program.fail(&itself, "", &["is the run that training begins with"]);
    assert_eq!(read(&program, "text/model.safetensors"), before);
}

#[test]
fn a_vocabulary_that_is_there_already_is_taken_as_it_is() {
    let program = Program::new();
    program.add_pairs("");
    add_others(&program);
    program.add_text();
    program.succeed(&translate("pairs", &[]), "");
    program.succeed(&language_model("text", &[]), "");
    for (base, command, corpus) in [("pairs", "translate", "others"), ("text", "lm", "book")] {
        let file = format!("{base}/tokenizer.json");
        let out = format!("{base}-taken");
        let tiny = ["--layers", "1", "--d-model", "16", "--d-ff", "24", "--heads", "2", "--steps", "2"];
        let args = [&[command, "--corpus", corpus, "--tokenizer", &file, "--out", &out], &tiny[..]].concat();
        program.succeed(&args, "");
        assert_eq!(read(&program, &format!("{out}/tokenizer.json")), read(&program, &file));
        let init = training(&program, &out)["init"]["tokenizer"].clone();
        assert!(init["path"].as_str().unwrap().ends_with(&file) && init["sum"].as_str().unwrap().len() == 64);
        let expected = losses(&program.path(&out));
        hardly_begun(&program, &out);
        program.succeed(&["resume", &out], "");
        assert_eq!(losses(&program.path(&out)), expected);
        let other = [&args[..], &["--force", "--vocab", "77"]].concat();
        program.fail(&other, "", &["--vocab 77, but", &file, "leave --vocab out"]);
    }
    let taken = |file| ["translate", "--corpus", "mine", "--out", "new", "--tokenizer", file];
    program.write("damaged.json", "{\"version\"");
    program.fail(&taken("damaged.json"), "", &["damaged.json is damaged"]);
    program.fail(&taken("none.json"), "", &["cannot read none.json"]);
    // Another program's vocabulary has other special tokens; one that was cut by hand has gaps.
    let text = String::from_utf8(read(&program, "pairs/tokenizer.json")).unwrap();
    program.write("foreign.json", text.replace("<bos>", "[CLS]"));
    program.fail(&taken("foreign.json"), "", &["foreign.json can't be used: <bos> must have the id 1"]);
    let separate = [&taken("pairs/tokenizer.json")[..], &["--separate-vocabularies"]].concat();
    program.fail(&separate, "", &["one vocabulary for both languages"]);
    assert!(!program.path("new").exists());
}
