//! Translation and language modelling with the real program: trained, resumed, used.

use std::fs;

use crate::common::{Program, json_lines, read_json};

/// A run that takes a second or two.
const SMALL: [&str; 10] =
    ["--layers", "1", "--d-ff", "24", "--heads", "2", "--batch-tokens", "256", "--evaluate-steps", "4"];

/// A corpus of 120 pairs, made of a few words so that there is something to learn.
fn pairs(program: &Program) {
    let (words, translations) = (["Hund", "Katze", "Maus", "Kuh"], ["dog", "cat", "mouse", "cow"]);
    let verbs = [("schläft", "sleeps"), ("läuft", "runs"), ("frisst", "eats")];
    let mut lines = String::new();
    for (n, (word, translation)) in words.iter().zip(translations).enumerate() {
        for (verb, translated) in verbs {
            for number in 0..10 {
                lines += &format!(
                    "Der {word} {n} {verb} {number} mal.\tThe {translation} {n} {translated} {number} times.\n"
                );
            }
        }
    }
    fs::write(program.path("pairs.tsv"), lines).unwrap();
    program.succeed(&["data", "add", "mine", "--tsv", "pairs.tsv", "--valid", "9", "--test", "9"], "");
}

fn text(program: &Program) {
    let lines: String =
        (0..200).map(|n| format!("Line {n} of a text that says {} and {}.\n", n % 7, n % 5)).collect();
    fs::write(program.path("lines.txt"), lines).unwrap();
    program.succeed(&["data", "add", "book", "--text", "lines.txt", "--valid", "20", "--test", "20"], "");
}

/// With settings that `more` does not give itself.
fn translate<'a>(out: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let others = [["--corpus", "mine"], ["--vocab", "100"], ["--warmup", "10"], ["--d-model", "16"]];
    let others = others.into_iter().filter(|[name, _]| !more.contains(name)).flatten();
    [&["translate", "--out", out], &SMALL[..], more].concat().into_iter().chain(others).collect()
}

#[test]
fn a_translation_is_trained_used_and_measured() {
    let program = Program::new();
    pairs(&program);
    program.succeed(&translate("run", &["--steps", "12", "--accumulate", "2", "--patience", "50"]), "");
    let metrics = json_lines(&fs::read_to_string(program.path("run/metrics.jsonl")).unwrap());
    let evaluations = metrics.iter().filter(|line| line["bleu"].is_number()).count();
    assert_eq!((evaluations, metrics.len()), (3, 15));
    assert!(metrics.iter().all(|line| line["padding"].as_f64().unwrap_or(0.0) < 0.5));
    let config = read_json(&program.path("run/config.json"));
    assert_eq!(config["model"]["tgt_vocab"], 100);
    assert_eq!(config["task"]["translate"]["source"], "de");

    let output = program.succeed(&["translate-text", "run"], "Der Hund 0 schläft 3 mal.\n\nDie Maus.\n");
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!((lines.len(), lines[1]), (3, ""), "a line for each line: {output:?}");
    let json = program.succeed(&["translate-text", "run", "--json", "--text", "Der Hund."], "");
    assert!(json_lines(&json)[0]["score"].as_f64().unwrap() < 0.0);

    let report = json_lines(&program.succeed(&["eval", "run", "--split", "test", "--json"], ""));
    let perplexity = report[0]["nll"].as_f64().unwrap().exp();
    assert!((report[0]["perplexity"].as_f64().unwrap() - perplexity).abs() < 1e-9);
    assert!(report[0]["signature"].as_str().unwrap().contains("tok:13a"));
    assert_eq!(report[0]["examples"], 9);

    program.succeed(&["attention", "run", "--text", "Der Hund 0 schläft.", "--out", "maps"], "");
    let maps = read_json(&program.path("maps/attention.json"));
    assert_eq!(maps["layers"].as_array().unwrap().len(), 3);
    for layer in maps["layers"].as_array().unwrap() {
        for row in layer["weights"].as_array().unwrap().iter().flat_map(|head| head.as_array().unwrap()) {
            let sum: f64 = row.as_array().unwrap().iter().map(|weight| weight.as_f64().unwrap()).sum();
            assert!((sum - 1.0).abs() < 1e-4, "{sum}");
        }
    }
    assert!(program.path("maps/encoder-layer-1.svg").is_file());

    program.succeed(&["average", "run", "--last", "3", "--out", "mean"], "");
    program.succeed(&["eval", "mean", "--split", "valid"], "");
    program.succeed(&["plot", "run", "run", "--out", "runs.svg"], "");
    assert!(program.succeed(&["runs", "."], "").contains("translate"));
}

#[test]
fn a_language_model_is_trained_and_used() {
    let program = Program::new();
    text(&program);
    let args = [
        "lm",
        "--corpus",
        "book",
        "--out",
        "run",
        "--steps",
        "8",
        "--context",
        "16",
        "--vocab",
        "300",
        "--d-model",
        "16",
    ];
    program.succeed(&[&args[..], &SMALL].concat(), "");
    let write = |seed: &str| {
        program.succeed(&["generate", "run", "--prompt", "Line", "--tokens", "12", "--seed", seed], "")
    };
    assert_eq!(write("3"), write("3"));
    assert_ne!(write("3"), write("4"));
    let text = "Line 7 of a text";
    let found = json_lines(&program.succeed(&["surprisal", "run", "--text", text, "--json"], ""));
    let words = found[0]["words"].as_array().unwrap();
    let sum: f64 = words.iter().map(|word| word["bits"].as_f64().unwrap()).sum();
    assert_eq!(words.len(), 5, "{words:?}");
    assert!((sum - found[0]["bits"].as_f64().unwrap()).abs() < 1e-9 && sum > 5.0);
    let report = json_lines(&program.succeed(&["eval", "run", "--json"], ""));
    assert!(report[0]["bits_per_byte"].as_f64().unwrap() > 0.5);
    program.fail(&["translate-text", "run", "--text", "x"], "", &["language model", "train generate"]);
}

#[test]
fn a_config_file_is_read_and_flags_come_before_it() {
    let program = Program::new();
    pairs(&program);
    program.succeed(&translate("first", &["--steps", "4"]), "");
    let args = ["translate", "--out", "second", "--config", "first/settings.toml", "--steps", "6"];
    program.succeed(&args, "");
    let (first, second) =
        (read_json(&program.path("first/config.json")), read_json(&program.path("second/config.json")));
    assert_eq!(first["model"], second["model"]);
    assert_eq!((&first["training"]["steps"], &second["training"]["steps"]), (&4.into(), &6.into()));
    fs::write(program.path("wrong.toml"), "layers = 1\ncolour = 2\n").unwrap();
    program.fail(&["translate", "--out", "x", "--config", "wrong.toml"], "", &["wrong.toml", "colour"]);
}

#[test]
fn bad_input_is_one_clear_line() {
    let program = Program::new();
    pairs(&program);
    let fail = |more: &[&str], parts: &[&str]| program.fail(&translate("run", more), "", parts);
    fail(&["--vocab", "20"], &["--vocab 20 is too small", "different characters"]);
    fail(&["--max-length", "2"], &["no pair", "--max-length 2"]);
    fail(&["--schedule", "triangle"], &["noam or cosine", "triangle"]);
    fail(&["--corpus", "nothing"], &["nothing", "train data list"]);
    fail(&["--minutes", "0"], &["minutes = 0", "positive"]);
    program.fail(&["lm", "--corpus", "mine", "--out", "run"], "", &["mine", "pairs", "text"]);
    program.fail(&["eval", "nowhere"], "", &["nowhere does not exist"]);

    program.succeed(&translate("good", &["--steps", "8", "--keep-last", "2"]), "");
    program.fail(&["eval", "good", "--split", "all"], "", &["train, valid or test", "all"]);
    program.fail(&["generate", "good"], "", &["no language model"]);
    program.fail(&["average", "good", "--last", "9", "--out", "mean"], "", &["--last asks for 9"]);
    assert!(program.succeed(&["resume", "good"], "").contains("is finished: it has done 8 of 8 steps;"));
    fs::write(program.path("good/checkpoints/step-8/optimizer.bpk"), "foreign").unwrap();
    program.fail(&["resume", "good", "--steps", "9"], "", &["optimizer.bpk is damaged", "--from 4"]);
    program.succeed(&["resume", "good", "--steps", "9", "--from", "4", "--clip", "0.5"], "");
    assert_eq!(read_json(&program.path("good/config.json"))["training"]["clip"], 0.5);
    program.fail(
        &["resume", "good", "--steps", "20", "--lr", "0.1"],
        "",
        &["--lr is for a cosine", "--lr-factor"],
    );
    program.fail(&["resume", "good", "--steps", "20", "--clip", "0"], "", &["clip = 0", "positive"]);
    // The checkpoint of another model.
    program.succeed(&translate("wide", &["--steps", "4", "--d-model", "20"]), "");
    fs::remove_dir_all(program.path("good/checkpoints")).unwrap();
    fs::rename(program.path("wide/checkpoints"), program.path("good/checkpoints")).unwrap();
    program.fail(&["resume", "good", "--steps", "20"], "", &["does not fit the configured model"]);
}

#[test]
fn a_loss_that_explodes_names_the_step_and_the_last_good_checkpoint() {
    let program = Program::new();
    pairs(&program);
    let wild = ["--steps", "60", "--lr-factor", "1e9", "--warmup", "6"];
    let ran = program.run(&translate("run", &wild));
    let error = ran.stderr.lines().last().unwrap();
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    for part in ["error: training has gone wrong in step", "batch", "checkpoint", "train resume run --clip 1"]
    {
        assert!(error.contains(part), "{part:?} is missing from {error:?}");
    }
}

/// Devices of other processes.
#[cfg(feature = "remote")]
mod remote {
    use std::io::{BufRead, BufReader};
    use std::process::Child;
    use std::time::Duration;

    use super::*;
    use crate::common::losses;

    /// A process that serves its device, and what to call it.
    fn serve(program: &Program) -> (Child, String) {
        let mut server = program
            .command(&["serve-device", "--device", "flex", "--listen", "127.0.0.1:0"])
            .spawn()
            .unwrap();
        let mut said = BufReader::new(server.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        std::thread::spawn(move || said.lines().for_each(drop)); // or the pipe would fill
        (server, line.trim().rsplit(' ').next().unwrap().to_owned())
    }

    /// The newest checkpoint.
    fn saved(program: &Program, run: &str) -> Option<usize> {
        let all = fs::read_dir(program.path(run).join("checkpoints")).ok()?;
        let step = |name: String| name.strip_prefix("step-")?.parse().ok();
        all.filter_map(|entry| step(entry.ok()?.file_name().into_string().ok()?)).max()
    }

    #[test]
    fn a_device_of_another_process_trains_the_same_run() {
        let program = Program::new();
        pairs(&program);
        let (mut server, device) = serve(&program);
        let more = ["--steps", "4", "--dropout", "0"];
        program.succeed(&translate("here", &[&more[..], &["--device", "flex"]].concat()), "");
        program.succeed(&translate("there", &[&more[..], &["--device", &device]].concat()), "");
        let last = |run: &str| {
            let text = fs::read_to_string(program.path(run).join("metrics.jsonl")).unwrap();
            json_lines(&text).last().unwrap()["valid_nll"].as_f64().unwrap()
        };
        assert!((last("here") - last("there")).abs() < 1e-3, "{} {}", last("here"), last("there"));
        server.kill().unwrap();
        server.wait().unwrap();
    }

    /// Trains until the peer is gone, and goes on without it. Returns the steps taken before, and those saved.
    fn lose_a_peer(program: &Program, run: &str, devices: impl Fn(&str) -> String) -> (usize, usize) {
        let (mut server, device) = serve(program);
        let args = translate(run, &["--steps", "100000"]);
        let mut child =
            program.command(&[&args[..], &["--devices", &devices(&device)]].concat()).spawn().unwrap();
        while saved(program, run).is_none_or(|step| step < 4) {
            assert!(child.try_wait().unwrap().is_none(), "it ended before its peer was gone");
            std::thread::sleep(Duration::from_millis(5));
        }
        server.kill().unwrap();
        server.wait().unwrap();
        let output = child.wait_with_output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        let error = error.lines().last().unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        let (taken, step) = (losses(&program.path(run)).len(), saved(program, run).unwrap());
        let kept = format!("the checkpoint of step {step} is saved");
        let next = format!("go on with: train resume {run} --device flex");
        for part in ["error: ", "has failed", device.as_str(), kept.as_str(), next.as_str()] {
            assert!(error.contains(part), "{part:?} is missing from {error:?}");
        }
        let steps = (step + 2).to_string();
        let output = program.succeed(&["resume", run, "--device", "flex", "--steps", &steps], "");
        assert!(output.starts_with("trained 2 steps"), "{output}");
        (taken, step)
    }

    #[test]
    fn a_run_goes_on_when_its_device_has_gone_away() {
        let program = Program::new();
        pairs(&program);
        let (taken, saved) = lose_a_peer(&program, "lost", str::to_owned);
        assert!(saved <= taken, "{saved} {taken}");
    }

    /// The first device still has everything, so no step is lost.
    #[test]
    fn no_step_is_lost_when_one_of_two_devices_goes_away() {
        let program = Program::new();
        pairs(&program);
        let (taken, saved) = lose_a_peer(&program, "lost", |device| format!("flex,{device}"));
        assert_eq!(saved, taken);
    }
}
