//! Devices with the real program: what there is, how to get what there is not, and several at once.

use std::fs;

use crate::common::{Program, losses, read_json, translate};

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
    for name in crate::common::devices() {
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

/// Arguments to train a translation of the corpus `mine` in so many steps, evaluated once.
fn translation<'a>(out: &'a str, steps: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    translate(out, &[&["--steps", steps, "--vocab", "60", "--lr-factor", "0.2"], more].concat())
}

/// The batch is divided among the devices, so the same command takes the same steps on any number of them.
#[test]
fn the_same_command_takes_the_same_steps_on_one_device_and_on_several() {
    let program = Program::new();
    program.add_pairs("");
    let on = |run: &'static str, devices: &'static str| {
        let settings = ["--dropout", "0", "--accumulate", "2", "--devices", devices];
        let ran = program.run(&translation(run, "6", &settings));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stderr
    };
    let said = on("one", "flex");
    let step = "a step learns from 2 batches of at most 256 tokens";
    assert!(said.lines().any(|line| line == step), "{said}");
    for (run, devices, number) in [("two", "flex,ndarray", 2), ("three", "ndarray,flex,flex", 3)] {
        let said = on(run, devices);
        let step = format!("{step}, each divided among {number} devices");
        assert!(said.lines().any(|line| line == step), "{said}");
        for (key, tolerance) in
            [("tokens", 1e-9), ("padding", 1e-9), ("loss", 1e-4), ("nll", 1e-4), ("gradient_norm", 1e-3)]
        {
            let [one, several] = ["one", run].map(|run| values(&program, run, key));
            assert_eq!(one.len(), 6);
            assert_close(&several, &one, tolerance);
        }
    }
}

/// A processor has two workers, as two devices have: with the same arithmetic, nothing differs at all, dropout included.
/// So a run that goes on with two devices is the run that it would have been with one.
#[test]
fn a_second_device_of_the_same_kind_changes_no_digit_even_in_the_middle_of_a_run() {
    let program = Program::new();
    program.add_pairs("");
    for (run, devices, steps) in [("one", "flex", "12"), ("two", "flex,flex", "12"), ("changed", "flex", "5")]
    {
        program.succeed(&translation(run, steps, &["--devices", devices, "--accumulate", "2"]), "");
    }
    program.succeed(&["resume", "changed", "--steps", "12", "--device", "flex,flex"], "");
    assert_eq!(read_json(&program.path("changed/config.json"))["device"], "flex,flex");
    let [one, two, changed] = ["one", "two", "changed"].map(|run| losses(&program.path(run)));
    assert_eq!(one.len(), 12);
    assert!(one[11].contains("noise_scale") && two == one, "{two:?} is not {one:?}");
    // The schedule of the one that was to end sooner is the same: warm-up, then falling, whatever the end.
    assert_eq!(changed, one);
}
