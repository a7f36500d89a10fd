//! The steps and evaluations of a run as a table, with the real program.

use std::fs;

use crate::common::{Program, json_lines, translate};

const HEAD: &str =
    "step,epoch,loss,nll,lr,tokens,padding,gradient_norm,noise_scale,target_tokens,valid_nll,bleu";

fn csv(program: &Program, run: &str, name: &str) -> String {
    let said = program.succeed(&["export", run, "--csv", name], "");
    assert_eq!(said, format!("wrote {name}\n"));
    fs::read_to_string(program.path(name)).unwrap()
}

#[test]
fn the_table_has_every_number_of_the_metrics() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("run", &["--steps", "10", "--accumulate", "2"]), "");
    let table = csv(&program, "run", "steps.csv");
    let mut lines = table.lines();
    let head: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(head.join(","), HEAD);
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 10);
    let metrics = json_lines(&fs::read_to_string(program.path("run/metrics.jsonl")).unwrap());
    let mut found = 0;
    for line in metrics {
        let step = line["step"].as_u64().unwrap() as usize;
        for (name, value) in line.as_object().unwrap() {
            let column = head.iter().position(|head| head == name).unwrap();
            let cell = rows[step - 1][column];
            // The parser of JSON may be off by the last digit.
            let [cell, value] = [cell.parse::<f64>().unwrap(), value.as_f64().unwrap()];
            assert!((cell - value).abs() <= 1e-14 * value.abs(), "{name} of step {step}: {cell} {value}");
            found += usize::from(name != "step");
        }
    }
    let full: usize = rows.iter().map(|row| row[1..].iter().filter(|cell| !cell.is_empty()).count()).sum();
    assert_eq!(full, found, "nothing else is in the table");
    let evaluated: Vec<&str> = rows.iter().filter(|row| !row[10].is_empty()).map(|row| row[0]).collect();
    assert_eq!(evaluated, ["4", "8", "10"]);
    assert!(rows[9][8].parse::<f64>().is_ok() && rows[9][11].parse::<f64>().is_ok(), "{:?}", rows[9]);
    assert_eq!(program.succeed(&["export", "run", "--csv", "-"], ""), table);
}

#[test]
fn a_run_that_was_resumed_or_has_a_strange_name_is_exported_as_any_other() {
    let program = Program::new();
    program.train("whole", &["--steps", "10"]);
    let (name, file) = ("a run, \"so\" called; für", "steps, \"all\"; =1+1.csv");
    program.train(name, &["--steps", "5"]);
    program.succeed(&["resume", name, "--steps", "10"], "");
    let table = csv(&program, name, file);
    assert_eq!(table, csv(&program, "whole", "whole.csv"));
    assert_eq!(table.lines().count(), 11);
}

#[test]
fn a_line_that_is_torn_is_left_out_and_other_damage_writes_nothing() {
    let program = Program::new();
    program.train("run", &["--steps", "6"]);
    let path = program.path("run/metrics.jsonl");
    let (table, metrics) = (csv(&program, "run", "whole.csv"), fs::read_to_string(&path).unwrap());
    fs::write(&path, format!("{metrics}{{\"step\":7,\"ep")).unwrap();
    let ran = program.run(&["export", "run", "--csv", "-"]);
    assert_eq!((ran.code, ran.stdout), (0, table));
    assert!(ran.stderr.contains("the last of run/metrics.jsonl, is cut off and left out"), "{}", ran.stderr);

    program.write("old.csv", "old");
    let fail = |parts: &[&str]| {
        program.fail(&["export", "run", "--csv", "old.csv"], "", parts);
        assert_eq!(fs::read_to_string(program.path("old.csv")).unwrap(), "old");
    };
    fs::write(&path, metrics.replacen("{\"step\"", "{step", 1)).unwrap();
    fail(&["line 1 of run/metrics.jsonl is damaged"]);
    fs::write(&path, "").unwrap();
    fail(&["run/metrics.jsonl is empty", "nothing to show"]);
    fs::remove_file(&path).unwrap();
    fail(&["cannot read run/metrics.jsonl"]);
    program.fail(&["export", "none", "--csv", "old.csv"], "", &["none"]);
}

#[test]
fn nothing_of_a_run_is_replaced() {
    let program = Program::new();
    program.train("run", &["--steps", "2"]);
    let names = ["metrics.jsonl", "config.json", "model.safetensors", "timings.jsonl"];
    let read = || names.map(|name| fs::read(program.path("run").join(name)).unwrap());
    let before = read();
    for name in names {
        let file = format!("run/../run/{name}");
        program.fail(
            &["export", "run", "--csv", &file],
            "",
            &["cannot write", &format!("would replace run/{name}")],
        );
    }
    program.fail(&["export", "run", "--csv", "run"], "", &["cannot write run", "no regular file"]);
    program.fail(&["export", "run", "--csv", "none/steps.csv"], "", &["cannot write none/steps.csv"]);
    assert!(read() == before);
    // A table of its own may lie there, and be written anew; the run is a run like any other.
    csv(&program, "run", "run/steps.csv");
    csv(&program, "run", "run/steps.csv");
    program.succeed(&["resume", "run", "--steps", "4"], "");
    assert_eq!(csv(&program, "run", "run/steps.csv").lines().count(), 5);
}

#[cfg(unix)]
#[test]
fn who_reads_only_the_beginning_gets_it() {
    let program = Program::new();
    program.train("run", &["--steps", "1"]);
    let metrics = fs::read_to_string(program.path("run/metrics.jsonl")).unwrap();
    let first = metrics.lines().next().unwrap();
    let line = |step: usize| first.replacen("\"step\":1,", &format!("\"step\":{step},"), 1) + "\n";
    program.write("run/metrics.jsonl", metrics.clone() + &(2..=2_000).map(line).collect::<String>());
    let ran = program.shell("set -e; $TRAIN export run --csv - | head -1");
    assert_eq!((ran.code, ran.stdout, ran.stderr.as_str()), (0, format!("{HEAD}\n"), ""));
    let whole = program.succeed(&["export", "run", "--csv", "-"], "");
    assert!(whole.len() > 1 << 16, "it is more than a pipe holds");
}
