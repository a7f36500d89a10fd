//! Devices with the real program: what there is, how to get what there is not, and several at once.

use std::fs;

use crate::common::{Program, losses, read_json};

/// Cargo features that bring devices, and whether this build has them.
const OPTIONAL: [(&str, bool); 3] =
    [("tch", cfg!(feature = "tch")), ("cuda", cfg!(feature = "cuda")), ("wgpu", cfg!(feature = "wgpu"))];

/// A number of every step.
fn values(program: &Program, run: &str, key: &str) -> Vec<f64> {
    let value =
        |line: String| serde_json::from_str::<serde_json::Value>(&line).unwrap()[key].as_f64().unwrap();
    losses(&program.path(run)).into_iter().map(value).collect()
}

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{found:?} is not {expected:?}");
    let close = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < tolerance);
    assert!(close, "{found:?} is not {expected:?}");
}

#[test]
fn the_list_tells_what_is_ready_and_how_to_get_the_rest() {
    let listed = Program::new().succeed(&["devices"], "");
    let starts = |name: &str, state: &str| {
        let line = listed.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.is_some_and(|rest| rest.trim_start().starts_with(state))
    };
    for name in common::devices() {
        assert!(starts(name, "ready: "), "{name}: {listed}");
    }
    for (feature, is_built) in OPTIONAL {
        let command = format!("{feature} -- devices");
        assert_eq!(listed.contains(&command), !is_built, "{feature}: {listed}");
    }
    let libtorch = "to get it: eval \"$(cargo xtask libtorch)\" && cargo run -p train --features ";
    assert_eq!(listed.contains(libtorch), !cfg!(feature = "tch"), "{listed}");
    assert!(listed.contains("remote:ws://HOST:PORT"), "{listed}");
}

#[test]
fn a_device_of_another_build_comes_with_the_very_command() {
    let program = Program::new();
    for (feature, _) in OPTIONAL.into_iter().filter(|(_, is_built)| !is_built) {
        let command = format!("{feature} -- copy --device {feature} --out 'my run' --steps 3");
        let args = ["copy", "--device", feature, "--out", "my run", "--steps", "3"];
        program.fail(&args, "", &["cargo run -p train --features ", &command]);
        let both = format!("flex,{feature}");
        program.fail(&["copy", "--devices", &both], "", &[&format!("{feature} -- copy --devices {both}")]);
    }
    program.fail(&["copy", "--device", "remote:host"], "", &["remote:ws://", "\"remote:host\""]);
    assert!(fs::read_dir(program.path("")).unwrap().next().is_none(), "nothing is written");
}

#[test]
fn a_run_on_two_devices_goes_on_with_both() {
    let program = Program::new();
    let on = ["--devices", "flex,ndarray", "--dropout", "0"];
    program.train("whole", &[&on[..], &["--steps", "9"]].concat());
    let output = program.train("run", &[&on[..], &["--steps", "6"]].concat());
    assert!(output.starts_with("trained 6 steps"), "{output}");
    assert_eq!(read_json(&program.path("run/config.json"))["device"], "flex,ndarray");
    let output = program.succeed(&["resume", "run", "--steps", "9"], "");
    assert!(output.starts_with("trained 3 steps"), "{output}");
    let [run, whole] = ["run", "whole"].map(|run| values(&program, run, "loss"));
    assert_close(&run, &whole, 1e-6);
}

/// Two devices take a batch each, which one device takes one after the other when it accumulates two.
#[test]
fn two_devices_train_as_one_does_on_the_joint_batches() {
    let program = Program::new();
    let pair = |n: usize| {
        let (a, b, c) = (n % 7, n % 5, n % 3);
        format!("Die {a} und {b} und {c}, {n} mal.\tThe {a} and {b} and {c}, {n} times.\n")
    };
    fs::write(program.path("pairs.tsv"), (0..90).map(pair).collect::<String>()).unwrap();
    program.succeed(&["data", "add", "mine", "--tsv", "pairs.tsv", "--valid", "9", "--test", "9"], "");
    let settings = [
        ["translate", "--corpus=mine"],
        ["--vocab", "60"],
        ["--layers", "1"],
        ["--d-model", "16"],
        ["--d-ff", "24"],
        ["--heads", "2"],
        ["--dropout", "0"],
        ["--batch-tokens", "200"],
        ["--warmup", "10"],
        ["--lr-factor", "0.2"],
        ["--steps", "6"],
        ["--evaluate-steps", "6"],
    ];
    let settings = settings.concat();
    for (run, on) in
        [("one", ["--device=flex", "--accumulate=2"]), ("two", ["--devices=flex,ndarray", "--accumulate=1"])]
    {
        program.succeed(&[&settings[..], &["--out", run], &on].concat(), "");
    }
    for (key, tolerance) in [("tokens", 0.5), ("loss", 1e-4), ("nll", 1e-4), ("gradient_norm", 1e-3)] {
        let [one, two] = ["one", "two"].map(|run| values(&program, run, key));
        assert_eq!(one.len(), 6);
        assert_close(&two, &one, tolerance);
    }
}
