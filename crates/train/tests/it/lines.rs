//! Lines that are translated: as they come, and whatever is wrong with one of them.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::common::{Program, Ran, json_lines, model, translate};

/// What nobody waits for unless the program never answers.
const PATIENCE: Duration = Duration::from_secs(120);
const SENTENCES: [&str; 6] = [
    "Danke.",
    "Das Buch erscheint im November.",
    "",
    "Die Bücher müssen zurückgegeben werden.",
    "Wir müssen die Stadt verteidigen.",
    "Ja.",
];

/// Asks a command line by line, each time when the line before was answered.
fn asked<const N: usize>(program: &Program, command: &[&str], lines: [&str; N]) -> [String; N] {
    let mut child = program.command(command).spawn().unwrap();
    let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (sender, answers) = mpsc::channel();
    thread::spawn(move || BufReader::new(output).lines().for_each(|line| drop(sender.send(line.unwrap()))));
    let ask = |line: &str| {
        input.write_all(format!("{line}\n").as_bytes()).unwrap();
        answers.recv_timeout(PATIENCE).expect("an answer before there is more to read")
    };
    let answered = lines.map(ask);
    drop(input);
    assert!(child.wait().unwrap().success());
    assert!(answers.recv_timeout(PATIENCE).is_err(), "a line for each line, and no more");
    answered
}

#[test]
fn a_program_that_waits_for_every_answer_gets_it() {
    let (program, model) = (Program::new(), model("ding"));
    let answered = asked(&program, &["translate-text", &model], SENTENCES);
    assert_eq!(answered[3], "The books must be returned.");

    // The same text gives the same, whether it comes line by line, at once, or is a file.
    let text: String = SENTENCES.map(|sentence| format!("{sentence}\n")).concat();
    let at_once = program.succeed(&["translate-text", &model], &text);
    assert_eq!(at_once.lines().collect::<Vec<_>>(), answered);
    program.write("text", &text);
    let mut command = program.command(&["translate-text", &model]);
    let ran = Ran::of(command.stdin(File::open(program.path("text")).unwrap()).output().unwrap());
    assert_eq!((ran.code, ran.stdout), (0, at_once));
}

#[test]
fn token_ids_are_answered_as_they_come_too() {
    let program = Program::new();
    program.train("run", &["--steps", "2"]);
    let alone = |command: &[&str], line: &str| program.succeed(command, format!("{line}\n"));
    for (command, lines) in [
        (vec!["decode", "run"], ["1 2 3", "1 4", "2, 3"]),
        (vec!["decode", "run", "--json"], [r#"{"src":[1,2,3]}"#, r#"{"src":[4]}"#, r#"{"src":[2,2]}"#]),
        (
            vec!["score", "run"],
            [r#"{"src":[1],"tgt":[1,2]}"#, r#"{"src":[2],"tgt":[1]}"#, r#"{"src":[2],"tgt":[1,3]}"#],
        ),
    ] {
        let answered = asked(&program, &command, lines);
        assert_eq!(answered, lines.map(|line| alone(&command, line).trim_end().to_owned()), "{command:?}");
        // What comes before a line that is wrong is answered.
        let ran = program.run_with(&command, format!("{}\n\n[]\n{}\n", lines[0], lines[1]));
        ran.failed(&["line 3 of standard input"]);
        assert_eq!(ran.stdout.trim_end(), answered[0], "{command:?}");
    }
}

/// Words that are many tokens, whatever the vocabulary.
fn far_too_long(words: usize) -> String {
    "Hund ".repeat(words)
}

#[test]
fn a_line_that_is_far_too_long_costs_no_other() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("run", &["--steps", "2"]), "");
    let run = |more: &[&str], input: &str| {
        program.run_with(&[&["translate-text", "run", "--beam", "1"], more].concat(), input)
    };
    let alone = |text: &str| run(&[], &format!("{text}\n")).stdout;
    let [before, after] = ["Der Hund 0 schläft.", "Die Maus."].map(alone);
    let three = |words| format!("Der Hund 0 schläft.\n{}\nDie Maus.\n", far_too_long(words));
    let limit = "but the model was trained on at most 100 and is given at most 512";

    // Whether it is among the first lines that are worked on or not, all before it come out.
    for count in [0, 1, 64, 70] {
        let input = "Der Hund 0 schläft.\n".repeat(count) + &far_too_long(600) + "\nDie Maus.\n";
        let ran = run(&[], &input);
        let line = format!("error: line {} of standard input can't be used: the text has ", count + 1);
        assert!(ran.stderr.starts_with(&line), "{}", ran.stderr);
        ran.failed(&[" tokens, ", limit, "--too-long crop", "--too-long empty"]);
        assert_eq!(ran.stdout, before.repeat(count), "{count}");
    }

    let warned = |ran: &Ran, done: &str| {
        assert_eq!((ran.code, ran.stderr.lines().count()), (1, 1), "{}", ran.stderr);
        let parts = ["line 2 of standard input: the text has ", " tokens, ", limit, done];
        assert!(parts.iter().all(|part| ran.stderr.contains(part)), "{}", ran.stderr);
    };
    let ran = run(&["--too-long", "empty"], &three(600));
    warned(&ran, "; it is left empty");
    assert_eq!(ran.stdout, format!("{before}\n{after}"));
    let ran = run(&["--too-long", "crop"], &three(600));
    warned(&ran, "; it is cropped");
    assert!(ran.stdout.starts_with(&before) && ran.stdout.ends_with(&after), "{}", ran.stdout);
    assert_eq!(ran.stdout.lines().count(), 3, "{}", ran.stdout);
    // Where every line is whole, nothing has happened.
    assert_eq!(run(&["--too-long", "crop"], "Der Hund 0 schläft.\n").code, 0);
    // The model reads as much of one that is longer still.
    assert_eq!(run(&["--too-long", "crop"], &three(900)).stdout, ran.stdout);
    let ran = run(&["--too-long", "crop", "--json", "--text", &far_too_long(600)], "");
    assert!(ran.stderr.starts_with("--text: the text has ") && ran.code == 1, "{}", ran.stderr);
    assert!(json_lines(&ran.stdout)[0]["score"].as_f64().unwrap() < 0.0, "{}", ran.stdout);
    program.fail(&["translate-text", "run", "--too-long", "cut"], "", &["error, crop or empty", "\"cut\""]);
}

#[test]
fn a_line_that_is_no_sentence_costs_no_other() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("run", &["--steps", "2"]), "");
    let command = ["translate-text", "run", "--beam", "1"];
    let alone = program.succeed(&command, "Der Hund.\n");
    let endless = "Hund ".repeat((1 << 20) / 5 + 1) + &"x".repeat(1 << 20);
    let input = format!("Der Hund.\n{endless}\nDer Hund.\n");
    let refused = program.run_with(&command, &input);
    refused.failed(&["line 2 of standard input can't be used: it is longer than 1048576 bytes"]);
    assert_eq!(refused.stdout, alone);
    for (what, done) in [("empty", "left empty"), ("crop", "cropped")] {
        let ran = program.run_with(&[&command[..], &["--too-long", what]].concat(), &input);
        let told = format!("line 2 of standard input: it is longer than 1048576 bytes; it is {done}\n");
        assert_eq!((ran.code, &ran.stderr), (1, &told));
        assert!(ran.stdout.starts_with(&alone) && ran.stdout.ends_with(&alone), "{}", ran.stdout);
        let is_empty = ran.stdout.lines().nth(1).unwrap().is_empty();
        assert!(ran.stdout.lines().count() == 3 && (is_empty || what == "crop"), "{}", ran.stdout);
    }
    let ran = program.run_with(&command, b"Der Hund.\n\xff\n");
    ran.failed(&["line 2 of standard input is not UTF-8"]);
    assert_eq!(ran.stdout, alone);
}
