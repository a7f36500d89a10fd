//! `train copy`: from nothing to a model that copies, stopped and resumed on the way.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Command;

use crate::common::{Program, Ran, TINY, json_lines, losses, read_json};

/// A task that is learnt within seconds; over three seeds on both devices, 100 of 100 sequences were copied.
const EASY: [&str; 25] = [
    "copy",
    "--out",
    "run",
    "--vocab",
    "5",
    "--length",
    "4",
    "--layers",
    "1",
    "--d-model",
    "32",
    "--d-ff",
    "64",
    "--heads",
    "2",
    "--dropout",
    "0",
    "--batch-size",
    "32",
    "--steps",
    "400",
    "--warmup",
    "100",
    "--lr-factor",
    "1",
];

#[test]
fn a_trained_model_copies_fresh_sequences() {
    for device in ["flex", "ndarray"] {
        let program = Program::new();
        let output = program.succeed(&[&EASY[..], &["--device", device]].concat(), "");
        let copied: usize = output
            .lines()
            .find_map(|line| line.strip_prefix("copied ")?.strip_suffix(" of 100 fresh sequences exactly"))
            .unwrap_or_else(|| panic!("{output}"))
            .parse()
            .unwrap();
        assert!(copied >= 95, "{device}: {output}");
        for src in ["1 4 2 3", "1 1 4 4"] {
            let decoded = program.succeed(&["decode", "run", "--device", device, "--src", src], "");
            assert_eq!(decoded.trim(), src, "{device}");
        }
        let attention = ["attention", "run", "--device", device, "--text", "1 4 2 3", "--out", "maps"];
        program.succeed(&attention, "");
        let maps = read_json(&program.path("maps/attention.json"));
        assert_eq!(maps["output"], "4 2 3", "{device}");
        assert_eq!(maps["layers"][2]["keys"], serde_json::json!(["1", "4", "2", "3"]), "{device}");
        for (symbols, part) in [("1 9", "outside the vocabulary"), ("one", "expected token ids")] {
            program.fail(&["attention", "run", "--text", symbols], "", &[part]);
        }
    }
}

#[test]
fn a_run_folder_tells_how_it_was_made() {
    let program = Program::new();
    program.train("a/run", &["--steps", "7", "--seed", "9", "--norm", "post", "--label-smoothing", "0.1"]);
    let run = program.path("a/run");
    let config = read_json(&run.join("config.json"));
    assert_eq!(config["task"]["copy"], serde_json::json!({ "vocab": 5, "length": 4 }));
    assert_eq!((&config["model"]["d_model"], &config["model"]["norm"]), (&16.into(), &"post".into()));
    assert_eq!((&config["training"]["seed"], &config["training"]["steps"]), (&9.into(), &7.into()));
    assert_eq!(
        (&config["bos"], &config["eos"], &config["device"]),
        (&1.into(), &().into(), &crate::common::device().into())
    );
    let metrics = json_lines(&fs::read_to_string(run.join("metrics.jsonl")).unwrap());
    // Seven steps, and evaluations after the fifth and the last.
    assert_eq!(metrics.len(), 9);
    assert_eq!((&metrics[7]["step"], &metrics[7]["epoch"]), (&7.into(), &2.into()));
    assert!(metrics[8]["valid_nll"].is_number() && metrics[5]["valid_nll"].is_number());
    let steps = metrics.iter().filter(|record| record["loss"].is_number());
    assert!(steps.clone().all(|record| record["loss"] != record["nll"]), "smoothing makes the two differ");
    let mut names: Vec<_> = fs::read_dir(&run).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let [config, metrics, timings] = ["config.json", "metrics.jsonl", "timings.jsonl"];
    let [lock, sums] = [".lock", "SHA256SUMS"];
    let expected =
        [lock, sums, "checkpoints", config, metrics, "model.safetensors", "settings.toml", timings];
    assert_eq!(names, expected);
}

#[test]
fn a_seed_fixes_the_run_to_the_last_digit() {
    let program = Program::new();
    for (run, seed) in [("a", "3"), ("b", "3"), ("c", "4")] {
        program.train(run, &["--steps", "6", "--seed", seed]);
    }
    let [a, b, c] = ["a", "b", "c"].map(|run| losses(&program.path(run)));
    assert_eq!(a, b);
    assert_ne!(a, c);
    let weights = |run| fs::read(program.path(run).join("model.safetensors")).unwrap();
    assert!(weights("a") == weights("b"), "the same weights, byte by byte");
    let optimiser = |run| fs::read(program.path(run).join("checkpoints/step-6/optimizer.bpk")).unwrap();
    assert!(optimiser("a") == optimiser("b"), "the same state of the optimiser, byte by byte");
    assert!(optimiser("a") != optimiser("c"));
}

/// With dropout, so that its random numbers are continued too; and in the middle of an epoch.
#[test]
fn a_resumed_run_equals_an_uninterrupted_one() {
    for device in ["flex", "ndarray"] {
        let program = Program::new();
        let more = ["--device", device, "--dropout", "0.2"];
        program.train("whole", &[&more[..], &["--steps", "13"]].concat());
        program.train("parts", &[&more[..], &["--steps", "7"]].concat());
        program.succeed(&["copy", "--resume", "parts", "--steps", "13"], "");
        let (whole, parts) = (losses(&program.path("whole")), losses(&program.path("parts")));
        assert_eq!(whole, parts, "{device}");
        let weights = |run| fs::read(program.path(run).join("model.safetensors")).unwrap();
        assert!(weights("whole") == weights("parts"), "{device}: the same weights, byte by byte");
        assert_eq!(read_json(&program.path("parts/config.json"))["training"]["steps"], 13);
    }
}

/// What an interruption between two writes leaves behind: metrics of steps that were never saved.
#[test]
fn metrics_ahead_of_the_weights_are_dropped() {
    let program = Program::new();
    program.train("run", &["--steps", "5"]);
    let metrics = program.path("run/metrics.jsonl");
    let before = fs::read_to_string(&metrics).unwrap();
    let ahead = before.lines().next().unwrap().replace("\"step\":1", "\"step\":6");
    fs::write(&metrics, format!("{before}{ahead}\n{{\"step\":7,\"lo")).unwrap();
    program.succeed(&["copy", "--resume", "run", "--steps", "8"], "");
    let steps: Vec<_> =
        json_lines(&fs::read_to_string(&metrics).unwrap()).iter().map(|r| r["step"].clone()).collect();
    assert_eq!(steps, [1, 2, 3, 4, 5, 5, 6, 7, 8, 8], "steps, and evaluations after 5 and 8");
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_and_says_how_to_go_on() {
    let program = Program::new();
    let args = [&["copy", "--out", "run"], &TINY[..], &["--steps", "100000"]].concat();
    let mut child = program.command(&args).spawn().unwrap();
    // The first checkpoint means that training is under way.
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("saved the checkpoint") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "no checkpoint was saved");
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    std::thread::spawn(move || stderr.lines().for_each(drop)); // or the pipe would fill
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{}", ran.stdout);
    assert!(ran.stdout.contains("go on with: train resume run"), "{}", ran.stdout);
    let done = losses(&program.path("run")).len();
    let output = program.succeed(&["copy", "--resume", "run", "--steps", &(done + 2).to_string()], "");
    assert!(output.starts_with("trained 2 steps"), "{output}");
    assert_eq!(losses(&program.path("run")).len(), done + 2);
}

#[test]
fn a_run_is_replaced_only_when_asked() {
    let program = Program::new();
    program.train("run", &["--steps", "2"]);
    let again = [&["copy", "--out", "run", "--steps", "3"], &TINY[..]].concat();
    program.fail(&again, "", &["run already holds a run", "--force"]);
    assert_eq!(losses(&program.path("run")).len(), 2);
    program.train("run", &["--steps", "3", "--force"]);
    assert_eq!(losses(&program.path("run")).len(), 3);
}

#[test]
fn the_clock_ends_training_and_checkpoints_are_kept_as_told() {
    let program = Program::new();
    let more =
        ["--minutes", "0.002", "--keep-last", "2", "--keep-best", "1", "--clip", "1", "--patience", "9999"];
    program.train("run", &more);
    let training = &read_json(&program.path("run/config.json"))["training"];
    assert_eq!((&training["steps"], &training["minutes"]), (&().into(), &0.002.into()));
    assert_eq!((&training["clip"], &training["patience"]), (&1.0.into(), &9999.into()));
    let checkpoints = fs::read_dir(program.path("run/checkpoints")).unwrap().count();
    assert!((1..=3).contains(&checkpoints), "the two last ones, and the best, which may be one of them");
    let metrics = json_lines(&fs::read_to_string(program.path("run/metrics.jsonl")).unwrap());
    assert!(metrics.last().unwrap()["valid_nll"].is_number(), "it is evaluated at the very end");
    program.fail(&["copy", "--out", "run", "--steps", "3", "--epochs", "2"], "", &["--steps", "--epochs"]);
}

#[test]
fn parts_of_a_batch_give_the_run_of_the_whole() {
    let program = Program::new();
    program.train("whole", &["--steps", "5", "--dropout", "0"]);
    program.train("parts", &["--steps", "5", "--dropout", "0", "--accumulate", "3"]);
    let values = |run: &str| -> Vec<f64> {
        let lines = losses(&program.path(run));
        let value = |line: &String| serde_json::from_str::<serde_json::Value>(line).unwrap()["loss"].as_f64();
        lines.iter().map(|line| value(line).unwrap()).collect()
    };
    for (whole, parts) in values("whole").into_iter().zip(values("parts")) {
        assert!((whole - parts).abs() < 1e-5, "{whole} is not {parts}");
    }
}

#[test]
fn a_plot_shows_the_run() {
    let program = Program::new();
    program.train("run", &["--steps", "12"]);
    program.succeed(&["plot", "run", "--out", "loss.svg"], "");
    let svg = fs::read_to_string(program.path("loss.svg")).unwrap();
    assert!(svg.contains("Over 12 steps") && svg.contains("validation, NLL"), "{svg}");
}
