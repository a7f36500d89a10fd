//! How Adam is set, with the real program.

use std::fs;

use crate::common::{Program, losses, read_json};

/// Six steps are cut in two, so that what a run is resumed with counts as well.
fn trained(program: &Program, run: &str, more: &[&str]) -> Vec<String> {
    program.train(run, &[&["--steps", "3"], more].concat());
    program.succeed(&["resume", run, "--steps", "6"], "");
    let found = losses(&program.path(run));
    assert_eq!(found.len(), 6);
    found
}

#[test]
fn whoever_says_nothing_gets_the_papers_adam_and_so_does_a_run_of_an_older_version() {
    let program = Program::new();
    let expected = trained(
        &program,
        "said",
        &["--beta-1", "0.9", "--beta-2", "0.98", "--epsilon", "1e-9", "--weight-decay", "0"],
    );
    assert_eq!(trained(&program, "unsaid", &[]), expected);
    program.train("older", &["--steps", "3"]);
    let path = program.path("older/config.json");
    let mut config = read_json(&path);
    let adam = config["training"].as_object_mut().unwrap().remove("adam").unwrap();
    assert_eq!(
        adam,
        serde_json::json!({"beta_1": 0.9, "beta_2": 0.98, "epsilon": 1e-9, "weight_decay": 0.0})
    );
    fs::write(&path, config.to_string()).unwrap();
    program.remove_sums("older");
    program.succeed(&["resume", "older", "--steps", "6"], "");
    assert_eq!(losses(&program.path("older")), expected);
}

#[test]
fn each_number_changes_the_run_and_is_kept_by_it() {
    let program = Program::new();
    let whole = |run: &str, more: &[&str]| {
        program.train(run, &[&["--steps", "6"], more].concat());
        losses(&program.path(run))
    };
    let mut all = vec![whole("default", &[])];
    for (key, value) in [("beta_1", "0.5"), ("beta_2", "0.9"), ("epsilon", "0.01"), ("weight_decay", "0.5")] {
        let flag = format!("--{}={value}", key.replace('_', "-"));
        let found = whole(&format!("whole-{key}"), &[&flag]);
        assert_eq!(trained(&program, key, &[&flag]), found, "a run that was resumed goes on with its {key}");
        let kept =
            read_json(&program.path(&format!("{key}/config.json")))["training"]["adam"][key].to_string();
        assert_eq!(kept, value);
        all.push(found);
    }
    for (number, run) in all.iter().enumerate() {
        assert!(all[..number].iter().all(|other| other != run), "run {number} is like another");
    }
}

#[test]
fn numbers_with_which_nothing_can_be_trained_are_refused_by_name() {
    let program = Program::new();
    for (flag, told) in [
        ("--beta-1=1", "beta_1 = 1, but it must be at least 0 and below 1"),
        ("--beta-2=-0.5", "beta_2 = -0.5, but it must be at least 0 and below 1"),
        ("--epsilon=0", "epsilon = 0, but it must be positive"),
        ("--weight-decay=-0.1", "weight_decay = -0.1, but it must be at least 0"),
        ("--weight-decay=nan", "finite number"),
    ] {
        for command in ["copy", "translate", "lm"] {
            program.fail(&[command, "--out", "run", flag], "", &[told]);
        }
    }
    assert!(!program.path("run").exists());
}
