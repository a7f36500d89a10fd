//! Settings: one default each, wherever it is shown; what is no setting is refused by name.

use std::fs;

use crate::common::{Program, TINY, translate};

#[test]
fn what_is_printed_is_what_a_run_keeps_and_can_be_given_again() {
    let program = Program::new();
    program.add_pairs("");
    for (command, kept) in [
        ([&["copy", "--out", "a"], &TINY[..], &["--steps", "2", "--norm", "post"]].concat(), "a"),
        (translate("b", &["--steps", "2", "--lr-factor", "0.5"]), "b"),
    ] {
        let printed = program.succeed(&[&command[..], &["--print-config"]].concat(), "");
        assert!(!program.path(kept).exists(), "nothing is trained");
        program.succeed(&[&command[..], &["--plain"]].concat(), "");
        let settings = fs::read_to_string(program.path(kept).join("settings.toml")).unwrap();
        assert_eq!(settings, printed);
        fs::write(program.path("again.toml"), &printed).unwrap();
        let again = [command[0], "--out", "c", "--config", "again.toml", "--print-config"];
        assert_eq!(program.succeed(&again, ""), printed);
    }
}

#[test]
fn help_and_plan_show_the_same_defaults() {
    let program = Program::new();
    for command in ["copy", "translate", "lm"] {
        let help = program.succeed(&[command, "--help"], "");
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let printed = program.succeed(&[command, "--out", "run", "--print-config"], "");
        let plan: toml::Table = printed.parse().unwrap();
        assert!(plan.len() > 15, "{printed}");
        for (name, value) in plan {
            // With what it takes: help also speaks of flags by their names.
            let flag = format!("--{} ", name.replace('_', "-"));
            let start = ["<", "["].into_iter().find_map(|value| help.find(&format!("{flag}{value}")));
            let text = &help[start.unwrap_or_else(|| panic!("{command} has no {flag}"))..];
            // Up to the next flag, unless it is named by the help itself.
            let ends = text.match_indices(" --").map(|(end, _)| end);
            let shown = ends.map(|end| &text[..end]).find(|shown| !shown.ends_with("[default:"));
            let shown = shown.unwrap_or(text);
            let value = value.as_str().map_or(value.to_string(), str::to_owned);
            // What comes of another setting, or is overruled by it, is said in words.
            let fits = match name.as_str() {
                "evaluate_minutes" => shown.contains("divided by"),
                _ => shown.contains(&format!("[default: {value}")),
            };
            assert!(fits, "{command}: {name} = {value}, but help says {shown}");
        }
    }
}

#[test]
fn numbers_that_are_none_are_refused_by_name() {
    let program = Program::new();
    let run = |command: &str, flag: &str, value: &str, parts: &[&str]| {
        let place: &[&str] = if command == "resume" { &["run"] } else { &["--out", "run"] };
        let told = format!("{flag}={value}");
        program.fail(&[&[command], place, &[told.as_str()]].concat(), "", parts);
        program.fail(&[&[command], place, &[flag, value]].concat(), "", parts);
    };
    let shared = ["--minutes", "--lr-factor", "--lr", "--clip"];
    for flag in shared {
        for command in ["copy", "translate", "lm", "resume"] {
            for value in ["nan", "inf", "1e400", "-inf"] {
                run(command, flag, value, &[flag, "expected a finite number", value]);
            }
        }
    }
    for flag in ["--dropout", "--label-smoothing"] {
        for command in ["copy", "translate", "lm"] {
            run(command, flag, "nan", &[flag, "expected a finite number", "nan"]);
            run(command, flag, "-0.1", &[&flag[2..].replace('-', "_"), " = -0.1"]);
        }
    }
    for (command, flag, value) in [
        ("copy", "--steps", "-3"),
        ("translate", "--batch-tokens", "-1e3"),
        ("lm", "--keep-last", "-x"),
        ("resume", "--steps", "-3"),
    ] {
        run(command, flag, value, &[flag, value]);
    }
    run("copy", "--lr-factor", "-.5", &["lr_factor = -0.5"]);
    program.fail(&["generate", "run", "--temperature", "-inf"], "", &["--temperature", "finite number"]);
    program.fail(&["decode", "run", "--max-new", "-1", "--src", "1"], "", &["--max-new", "-1"]);
    run("lm", "--evaluate-minutes", "inf", &["--evaluate-minutes", "expected a finite number"]);
    run("translate", "--norm", "x", &["--norm", "expected pre or post", "\"x\""]);
    for value in ["nan", "inf"] {
        program.fail(&["translate-text", "run", "--alpha", value], "", &["--alpha", "finite number"]);
        program.fail(&["generate", "run", "--temperature", value], "", &["--temperature", "finite number"]);
        program.fail(&["generate", "run", "--top-p", value], "", &["--top-p", "finite number"]);
        fs::write(program.path("settings.toml"), format!("steps = 2\nlabel_smoothing = {value}\n")).unwrap();
        let command = ["translate", "--out", "run", "--config", "settings.toml"];
        program.fail(&command, "", &["settings.toml can't be used", "--label-smoothing", "finite number"]);
    }
    assert!(!program.path("run").exists(), "nothing is written");
}

#[test]
fn a_rate_that_the_schedule_does_not_go_by_is_refused() {
    let program = Program::new();
    let fail = |args: &[&str], part: &str| program.fail(args, "", &[part]);
    fail(&["translate", "--out", "run", "--lr", "0.1"], "give --lr-factor");
    fail(&["lm", "--out", "run", "--lr-factor", "2"], "give --lr");
    fail(&["lm", "--out", "run", "--max-length", "5"], "--max-length");
}
