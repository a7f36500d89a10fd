//! What `translate-text` gives besides one translation a line, and where it writes.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;

use crate::common::{Program, Ran, json_lines, model, translate};

const TEXT: &str = "Das Buch erscheint im November.\n\nDanke.\n";

/// Lines of four columns: the number of a line, two numbers, a text.
fn columns(table: &str) -> Vec<(usize, f64, f64, &str)> {
    let row = |line: &'_ str| -> (usize, f64, f64) {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!(cells.len(), 4, "{line}");
        (cells[0].parse().unwrap(), cells[1].parse().unwrap(), cells[2].parse().unwrap())
    };
    let text = |line| str::rsplit(line, '\t').next().unwrap();
    table.lines().map(|line| (row(line).0, row(line).1, row(line).2, text(line))).collect()
}

#[test]
fn the_best_translations_of_a_line_come_in_their_order() {
    let (program, model) = (Program::new(), model("ding"));
    let run = |more: &[&str]| program.succeed(&[&["translate-text", &model], more].concat(), TEXT);
    let table = run(&["--n-best", "4"]);
    let rows = columns(&table);
    assert_eq!(rows.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 1, 1, 1, 2, 3, 3, 3, 3]);
    assert_eq!(rows[4], (2, 0.0, 0.0, ""), "an empty line has an empty translation");
    let plain = run(&[]);
    for (number, best) in plain.lines().enumerate() {
        let own: Vec<_> = rows.iter().filter(|row| row.0 == number + 1).collect();
        assert_eq!(own[0].3, best, "the first is the one that comes alone");
        assert!(own.is_sorted_by(|a, b| a.2 >= b.2) && own.iter().all(|row| row.1 <= row.2), "{own:?}");
        let mut texts: Vec<&str> = own.iter().map(|row| row.3).collect();
        texts.sort_unstable();
        texts.dedup();
        assert!(texts.len() > own.len() / 2, "{own:?}");
    }
    // Fewer are the first of these, and JSON says the same.
    let two = run(&["--n-best", "2"]);
    let two = columns(&two);
    assert_eq!((two[0].3, two[1].3, two[4].3), (rows[0].3, rows[1].3, rows[6].3));
    let answers = json_lines(&run(&["--n-best", "4", "--json"]));
    let told = answers.iter().zip(1..).flat_map(|(answer, number)| {
        let outputs = answer["outputs"].as_array().unwrap();
        outputs.iter().map(move |one| {
            let number_of = |name: &str| one[name].as_f64().unwrap();
            (number, number_of("score"), number_of("ranking"), one["output"].as_str().unwrap())
        })
    });
    let told: Vec<_> = told.collect();
    assert_eq!(told.len(), rows.len());
    for (told, row) in told.iter().zip(&rows) {
        // The parser of JSON may be off by the last digit.
        let is_same = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!((told.0, told.3) == (row.0, row.3) && is_same(told.1, row.1) && is_same(told.2, row.2));
    }
    assert_eq!(answers[2]["source"], "Danke.");
    // Without a penalty, both numbers are one.
    let table = run(&["--n-best", "2", "--alpha", "0"]);
    assert!(columns(&table).iter().all(|row| row.1 == row.2), "{table}");
    let greedy = run(&["--n-best", "1", "--beam", "1", "--json"]);
    assert_eq!(json_lines(&greedy)[0]["outputs"].as_array().unwrap().len(), 1);
    let fail = |more: &[&str], parts: &[&str]| {
        program.fail(&[&["translate-text", &model], more].concat(), TEXT, parts);
    };
    fail(&["--n-best", "5"], &["--n-best = 5", "at most 4", "--beam"]);
    fail(&["--n-best", "0"], &["--n-best = 0", "at least 1"]);
}

#[test]
fn a_translation_has_no_more_tokens_than_it_may() {
    let (program, model) = (Program::new(), model("ding"));
    let run =
        |more: &[&str]| program.succeed(&[&["translate-text", &model, "--beam", "1"], more].concat(), TEXT);
    let whole = run(&[]);
    assert_eq!(run(&["--max-new", "50"]), whole);
    let mut shorter = Vec::new();
    for most in ["1", "2", "3"] {
        let cut = run(&["--max-new", most]);
        for (cut, whole) in cut.lines().zip(whole.lines()) {
            assert!(whole.starts_with(cut), "{cut:?} {whole:?}");
        }
        shorter.push(cut.lines().next().unwrap().len());
    }
    assert!(shorter[0] < shorter[1] && shorter[1] < shorter[2], "{shorter:?}");
    let fail = |most: &str, parts: &[&str]| {
        program.fail(&["translate-text", &model, "--max-new", most], TEXT, parts);
    };
    fail("0", &["'--max-new <N>'", "at least 1"]);
    fail("65537", &["--max-new = 65537", "at most 65536"]);
}

/// A program with a run, and names in its folder.
fn with_a_run() -> Program {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("run", &["--steps", "2"]), "");
    program
}

fn names(program: &Program) -> Vec<PathBuf> {
    let mut names: Vec<_> =
        fs::read_dir(program.path("")).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    names
}

#[test]
fn a_file_is_translated_into_a_file() {
    let program = with_a_run();
    let text: String = (0..150).map(|n| format!("Der Hund {n} schläft.\n")).collect();
    program.write("text", &text);
    let command = ["translate-text", "run", "--beam", "2"];
    let run = |more: &[&str], input: &str| program.run_with(&[&command[..], more].concat(), input);
    let read = |name: &str| fs::read_to_string(program.path(name)).unwrap();
    let expected = run(&[], &text).stdout;
    let ran = run(&["--input", "text", "--output", "out"], "");
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    assert_eq!((read("out"), expected.lines().count()), (expected.clone(), 150));
    assert_eq!(run(&["--input", "text"], "").stdout, expected);
    assert_eq!(run(&["--input", "-", "--output", "-"], &text).stdout, expected);
    // What was there is replaced.
    assert_eq!(run(&["--output", "out", "--text", "Die Maus."], "").code, 0);
    assert_eq!(read("out").lines().count(), 1);

    let before = (names(&program), read("text"), fs::read(program.path("run/model.safetensors")).unwrap());
    let refuse = |more: &[&str], parts: &[&str]| {
        let all = [&command[..], more].concat();
        program.fail(&all, "", parts);
        assert_eq!(
            before,
            (names(&program), read("text"), fs::read(program.path("run/model.safetensors")).unwrap())
        );
    };
    refuse(&["--input", "text", "--output", "./text"], &["cannot write ./text", "would replace text"]);
    let weights = "run/model.safetensors";
    refuse(&["--input", "text", "--output", weights], &["would replace run/model.safetensors"]);
    refuse(&["--input", "text", "--output", "run"], &["cannot write run", "no regular file"]);
    refuse(&["--input", "text", "--output", "none/out"], &["cannot write none/out"]);
    refuse(&["--input", "none", "--output", "out"], &["cannot read none"]);
    refuse(&["--input", "run"], &["line 1 of run can't be read"]);
    refuse(&["--input", "text", "--text", "Ja."], &["--text", "cannot be used with", "--input"]);
}

#[test]
fn a_file_that_can_only_be_half_translated_leaves_the_old_one() {
    let program = with_a_run();
    let long = "Hund ".repeat(600);
    program.write("text", format!("{}{long}\nDie Maus.\n", "Der Hund.\n".repeat(70)));
    program.write("out", "old");
    let before = names(&program);
    let files = ["translate-text", "run", "--beam", "1", "--input", "text", "--output", "out"];
    let read = || fs::read_to_string(program.path("out")).unwrap();
    program.fail(&files, "", &["line 71 of text can't be used", "--too-long"]);
    assert_eq!((read().as_str(), names(&program)), ("old", before.clone()));
    let ran = program.run(&[&files[..], &["--too-long", "empty"]].concat());
    assert!(ran.code == 1 && ran.stderr.starts_with("line 71 of text: "), "{}", ran.stderr);
    assert_eq!((read().lines().count(), names(&program)), (72, before.clone()));

    // One that is killed in between leaves nothing, either.
    let command = ["translate-text", "run", "--beam", "1", "--too-long", "empty", "--output", "out"];
    let written = read();
    let mut child = program.command(&command).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(format!("Die Maus.\n{long}\n").as_bytes()).unwrap();
    let mut told = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut told).unwrap();
    assert!(told.starts_with("line 2 of standard input: "), "{told}");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!((read(), names(&program)), (written, before));
}

#[cfg(unix)]
#[test]
fn a_translation_that_has_no_room_leaves_the_old_one() {
    let program = with_a_run();
    if !program.can_mount() {
        return;
    }
    program.write("text", "Der Hund schläft.\n".repeat(300));
    let ran: Ran = program.isolated_shell(
        "mkdir small && mount -t tmpfs -o size=8k none small && echo old > small/out && \
         $TRAIN translate-text run --beam 1 --json --input text --output small/out; \
         code=$?; ls -A small; cat small/out; exit $code",
    );
    ran.failed(&["cannot write small/out", "No space left"]);
    assert_eq!(ran.stdout, "out\nold\n");
}
