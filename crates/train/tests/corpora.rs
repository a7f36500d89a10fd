//! Translation and language modelling with the real program: trained, killed, resumed, used.

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use common::{Program, json_lines, read_json};

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

fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
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

/// Killed at twenty moments, each time resumed, the run is the uninterrupted one to the last byte.
#[test]
fn a_run_that_is_killed_again_and_again_ends_as_if_nothing_had_happened() {
    let program = Program::new();
    pairs(&program);
    let more =
        ["--steps", "40", "--accumulate", "2", "--keep-last", "2", "--keep-best", "1", "--dropout", "0.2"];
    program.succeed(&translate("whole", &more), "");
    let spawn = |args: &[&str]| {
        program
            .command(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut kills = 0;
    let mut args = translate("parts", &more);
    // Other moments each time, from before the first write on; later ones are nearer to the end.
    for moment in 0..60_u64 {
        let mut child = spawn(&args);
        std::thread::sleep(Duration::from_millis(30 + moment * 37 % 290));
        child.kill().unwrap();
        let is_over = child.wait().unwrap().success();
        kills += usize::from(!is_over);
        if is_over && kills >= 20 {
            break;
        }
        let has_checkpoint = fs::read_dir(program.path("parts/checkpoints")).is_ok_and(|mut all| {
            all.any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with("step-"))
        });
        args = if has_checkpoint && !is_over {
            vec!["resume", "parts"]
        } else {
            translate("parts", &[&more[..], &["--force"]].concat())
        };
    }
    assert!(kills >= 20, "{kills}");
    if read_json(&program.path("parts/config.json")).is_object() {
        let steps = fs::read_to_string(program.path("parts/metrics.jsonl")).unwrap();
        if !steps.contains("\"step\":40,\"target") {
            program.succeed(&args, "");
        }
    }
    for file in ["metrics.jsonl", "model.safetensors", "checkpoints/step-40/model.safetensors"] {
        assert!(
            bytes(&program.path("whole").join(file)) == bytes(&program.path("parts").join(file)),
            "{file}"
        );
    }
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
    fail(&["--vocab", "5000"], &["--vocab 5000", "more than the training data allow"]);
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
    program.fail(&["resume", "good"], "", &["has done 8 of 8 steps"]);
    fs::write(program.path("good/checkpoints/step-8/optimizer.bpk"), "foreign").unwrap();
    program.fail(&["resume", "good", "--steps", "9"], "", &["optimizer.bpk is damaged", "--from 4"]);
    program.succeed(&["resume", "good", "--steps", "9", "--from", "4"], "");
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
    for part in ["error: training has gone wrong in step", "batch", "checkpoint", "--lr-factor"] {
        assert!(error.contains(part), "{part:?} is missing from {error:?}");
    }
}

#[cfg(feature = "remote")]
#[test]
fn a_device_of_another_process_trains_the_same_run() {
    use std::io::{BufRead, BufReader};
    let program = Program::new();
    pairs(&program);
    let mut server = program.command(&["serve-device", "--listen", "127.0.0.1:0"]).spawn().unwrap();
    let mut said = BufReader::new(server.stdout.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    std::thread::spawn(move || said.lines().for_each(drop)); // or the pipe would fill
    let device = line.trim().rsplit(' ').next().unwrap().to_owned();
    let more = ["--steps", "4", "--dropout", "0"];
    program.succeed(&translate("here", &more), "");
    program.succeed(&translate("there", &[&more[..], &["--device", &device]].concat()), "");
    let last = |run: &str| {
        let text = fs::read_to_string(program.path(run).join("metrics.jsonl")).unwrap();
        json_lines(&text).last().unwrap()["valid_nll"].as_f64().unwrap()
    };
    assert!((last("here") - last("there")).abs() < 1e-3, "{} {}", last("here"), last("there"));

    // The peer goes away in the middle.
    let long = [&translate("lost", &["--steps", "100000"])[..], &["--device", &device]].concat();
    let child = program.command(&long).spawn().unwrap();
    while !program.path("lost/checkpoints").is_dir() {
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(700));
    server.kill().unwrap();
    server.wait().unwrap();
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("the device has failed") && error.contains("train resume lost"), "{error}");
}
