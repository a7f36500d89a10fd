//! `train plot --noise`: how noisy the gradients of a run were.

use std::fs;

use crate::common::Program;

#[test]
fn a_run_that_accumulates_has_a_noise_scale_to_plot() {
    let program = Program::new();
    program.train("run", &["--steps", "40", "--accumulate", "3"]);
    let said = program.succeed(&["plot", "run", "--noise"], "");
    assert!(said.contains("noise scale from") && said.ends_with("wrote run/noise.svg\n"), "{said}");
    let svg = fs::read_to_string(program.path("run/noise.svg")).unwrap();
    assert!(svg.contains("to step 40, the loss goes from") && svg.contains("tokens of a step"), "{svg}");
    assert!(svg.contains("id=\"plot-noise\""), "{svg}");
    program.succeed(&["plot", "run", "--noise", "--out", "elsewhere.svg"], "");
    assert!(program.path("elsewhere.svg").is_file());
    // The picture doesn't stand in the way of training on.
    program.succeed(&["resume", "run", "--steps", "42"], "");
}

#[test]
fn a_run_without_a_meter_is_told_how_to_get_one() {
    let program = Program::new();
    program.train("run", &["--steps", "4"]);
    let way = "run has no noise scale; train with --accumulate 2 or more to know it";
    program.fail(&["plot", "run", "--noise"], "", &[way]);
    program.fail(&["plot", "run", "run", "--noise"], "", &["--noise plots one run, but 2 were given"]);
    program.fail(&["plot", "nowhere", "--noise"], "", &["nowhere"]);
    assert!(!program.path("run/noise.svg").exists());
}
