//! What `data add` makes of files as people have them: what is kept, what is held out, and what is said of it.

use std::fs;

use crate::common::{Program, Ran, translate};

/// The lines of a file of a corpus.
fn lines(program: &Program, path: &str) -> Vec<String> {
    fs::read_to_string(program.path(path)).unwrap().lines().map(str::to_owned).collect()
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// The lines of all three splits of a corpus in one language.
fn all(program: &Program, corpus: &str, ending: &str) -> Vec<String> {
    let splits = ["train", "valid", "test"];
    sorted(
        splits.iter().flat_map(|split| lines(program, &format!("data/{corpus}/{split}.{ending}"))).collect(),
    )
}

fn add(program: &Program, args: &[&str]) -> Ran {
    let ran = program.run(&[&["data", "add"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran
}

/// Sixty lines of a play, about half of which have been said before.
fn dialogue() -> Vec<String> {
    (0..60)
        .map(|n| if n % 2 == 0 { format!("Line {n}.") } else { ["Yes.", "No.", "}"][n % 3].to_owned() })
        .collect()
}

#[test]
fn a_text_keeps_all_its_lines_in_their_order_unless_it_is_told_otherwise() {
    let program = Program::new();
    program.write("play.txt", dialogue().join("\n"));
    let said = add(&program, &["play", "--text", "play.txt", "--valid", "8", "--test", "8"]).stdout;
    assert!(said.contains("train 44, valid 8, test 8"), "{said}");
    assert!(said.contains("0 empty, 0 duplicate, 0 sharing"), "{said}");
    assert_eq!(all(&program, "play", "txt"), sorted(dialogue()));
    let train = lines(&program, "data/play/train.txt");
    let mut rest = dialogue().into_iter();
    assert!(train.iter().all(|line| rest.any(|other| other == *line)), "{train:?}");
    // What is held out and trained on as well is counted.
    for split in ["valid", "test"] {
        let held_out = lines(&program, &format!("data/play/{split}.txt"));
        let shared = held_out.iter().filter(|line| train.contains(line)).count();
        assert!(shared > 1, "{held_out:?}");
        let note =
            format!("  note: {shared} of 8 lines of the {split} split also stand in the training split\n");
        assert!(said.contains(&note), "{said}");
    }

    let said =
        add(&program, &["less", "--text", "play.txt", "--drop-duplicates", "--valid", "4", "--test", "4"])
            .stdout;
    assert!(said.contains("27 duplicate") && !said.contains("note:"), "{said}");
    let left = all(&program, "less", "txt");
    assert_eq!(left.len(), 33);
    assert!(left.windows(2).all(|two| two[0] != two[1]), "{left:?}");
}

#[test]
fn pairs_lose_what_is_there_twice_unless_it_is_to_be_kept() {
    let program = Program::new();
    let pair = |n: usize| format!("Satz {n}\tsentence {n}\n");
    program.write("pairs", (0..60).map(|n| pair(n % 40)).collect::<String>());
    let said = add(&program, &["one", "--tsv", "pairs"]).stdout;
    assert!(said.contains("20 duplicate, 0 sharing") && said.contains("train 36, valid 2, test 2"), "{said}");
    let said = add(&program, &["two", "--tsv", "pairs", "--keep-duplicates"]).stdout;
    let twice = said.contains("0 duplicate") && !said.contains("warning");
    assert!(twice, "{said}");
    let [train, valid, test] =
        ["train", "valid", "test"].map(|split| lines(&program, &format!("data/two/{split}.de")));
    assert!(train.len() >= 48 && !train.iter().any(|line| valid.contains(line) || test.contains(line)));
    let said =
        add(&program, &["all", "--tsv", "pairs", "--keep-duplicates", "--keep-shared", "--valid", "20"])
            .stdout;
    assert_eq!(all(&program, "all", "de").len(), 60);
    assert!(
        said.contains("  warning: ") && said.contains("of 20 pairs of the valid split share a side"),
        "{said}"
    );
}

#[test]
fn splits_of_your_own_are_taken_as_they_are() {
    let program = Program::new();
    let pairs =
        |from: usize, to: usize, side: &str| (from..to).map(|n| format!("{side} {n}\n")).collect::<String>();
    for (name, from, to) in [("train", 0, 50), ("valid", 48, 53), ("test", 60, 64)] {
        program.write(&format!("{name}.de"), pairs(from, to, "Satz") + &pairs(from, from + 1, "Satz"));
        program
            .write(&format!("{name}.en"), pairs(from, to, "sentence") + &pairs(from, from + 1, "sentence"));
    }
    let files = ["--source", "train.de", "--target", "train.en"];
    let valid = ["--valid-file", "valid.de", "--valid-file", "valid.en"];
    let test = ["--test-file", "test.de", "--test-file", "test.en"];
    let said = add(&program, &[&["own"], &files[..], &valid, &test].concat());
    assert!(said.stdout.contains("train 48, valid 6, test 5"), "{}", said.stdout);
    assert!(said.stdout.contains("1 duplicate, 2 sharing a side"), "{}", said.stdout);
    for name in ["valid.de", "valid.en", "test.de", "test.en"] {
        assert_eq!(lines(&program, &format!("data/own/{name}")), lines(&program, name), "{name}");
    }
    let said = add(&program, &[&["kept", "--keep-shared"], &files[..], &valid, &test].concat()).stdout;
    assert!(said.contains("train 50, valid 6, test 5"), "{said}");
    assert!(said.contains("  warning: 3 of 6 pairs of the valid split share a side"), "{said}");
    assert!(!said.contains("test split share"), "{said}");

    // The other one is drawn, and shares nothing with the one that is given.
    add(&program, &[&["drawn"], &files[..], &valid].concat());
    let [valid_lines, test_lines] =
        ["valid", "test"].map(|split| lines(&program, &format!("data/drawn/{split}.de")));
    assert!(test_lines.len() == 2 && !test_lines.iter().any(|line| valid_lines.contains(line)));

    let refuse = |more: &[&str], parts: &[&str]| {
        program.fail(&[&["data", "add", "x"], &files[..], more].concat(), "", parts);
        assert!(!program.path("data/x").exists());
    };
    refuse(&valid[..2], &["--valid-file names 1 file, but", "the source first"]);
    program.write("short", "1\n");
    refuse(&["--test-file", "test.de", "--test-file", "short"], &["test.de has 5 lines, but short has 1"]);
    program.write("blank", "\n\n");
    refuse(&["--test-file", "blank", "--test-file", "blank"], &["blank have no usable line"]);
    refuse(&["--test-file", "none", "--test-file", "none"], &["none does not exist"]);
    let both = program.run(&[&["data", "add", "x", "--valid", "3"], &files[..], &valid].concat());
    assert!(both.code == 2 && both.stderr.contains("cannot be used with"), "{}", both.stderr);

    program.write("text", (0..50).map(|n| format!("Line {n}.\n")).collect::<String>());
    program.write("held", "Line 3.\nLine 99.\n");
    let said = add(&program, &["text", "--text", "text", "--valid-file", "held", "--test", "0"]).stdout;
    assert!(
        said.contains("train 50, valid 2, test 0") && said.contains("note: 1 of 2 lines of the valid"),
        "{said}"
    );
}

/// A corpus whose validation is in the training split by half, as somebody may have made it by hand.
#[test]
fn a_leak_is_said_with_its_count_when_training_begins_and_by_eval() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("clean", &["--steps", "2"]), "");
    let clean = program.run(&["eval", "clean", "--split", "valid", "--limit", "1"]);
    assert!(clean.code == 0 && !clean.stderr.contains("warning"), "{}", clean.stderr);
    for language in ["de", "en"] {
        let train = lines(&program, &format!("data/mine/train.{language}"));
        let valid = program.path(&format!("data/mine/valid.{language}"));
        let mut leaked = fs::read_to_string(&valid).unwrap().lines().map(str::to_owned).collect::<Vec<_>>();
        leaked[..4].clone_from_slice(&train[10..14]);
        fs::write(valid, leaked.join("\n") + "\n").unwrap();
    }
    let warning = "warning: 4 of 9 pairs of the valid split share a side with a pair to train on";
    let trained = program.run(&translate("run", &["--steps", "2"]));
    assert!(trained.code == 0 && trained.stderr.matches(warning).count() == 1, "{}", trained.stderr);
    for args in [&["eval", "run"][..], &["eval", "clean", "--corpus", "mine"]] {
        let measured = program.run(&[args, &["--split", "valid", "--limit", "1"]].concat());
        assert!(measured.code == 0 && measured.stderr.contains(warning), "{}", measured.stderr);
        let test = program.run(&[args, &["--split", "test", "--limit", "1"]].concat());
        assert!(test.code == 0 && !test.stderr.contains("warning"), "{}", test.stderr);
    }
}

#[test]
fn a_corpus_comes_by_standard_input() {
    let program = Program::new();
    let text: String = (0..50).map(|n| format!("Line {n}.\n")).collect();
    program.write("text", &text);
    add(&program, &["file", "--text", "text"]);
    program.succeed(&["data", "add", "pipe", "--text", "-"], &text);
    for split in ["train", "valid", "test"] {
        let [file, pipe] = ["file", "pipe"].map(|name| lines(&program, &format!("data/{name}/{split}.txt")));
        assert_eq!(file, pipe, "{split}");
    }
    let shown = program.succeed(&["data", "show", "pipe"], "");
    assert!(shown.contains("origin   standard input\n"), "{shown}");
    let target: String = (0..50).map(|n| format!("Zeile {n}.\n")).collect();
    program.succeed(&["data", "add", "two", "--source", "text", "--target", "-"], &target);
    assert_eq!(lines(&program, "data/two/valid.en").len(), 2);
    let add = ["data", "add", "x", "--text", "-"];
    program.fail(&add, b"one\n\xff\n", &["line 2 of standard input is not UTF-8"]);
    program.fail(&add, "", &["standard input is empty"]);
    program.fail(&["data", "add", "x", "--source", "-", "--target", "-"], "", &["named 2 times"]);
    assert_eq!(fs::read_dir(program.path("data")).unwrap().count(), 3, "nothing is left behind");
}

#[test]
fn a_table_may_have_a_first_line_of_names_and_quotes() {
    let program = Program::new();
    let rows: String = (0..40).map(|n| format!("\"Satz, \"\"{n}\"\"\"\tsentence {n}\tx\n")).collect();
    program.write("table.tsv", format!("de\ten\tnote\n{rows}"));
    let said = add(&program, &["plain", "--tsv", "table.tsv"]).stdout;
    assert!(said.contains("pairs of 41 lines"), "{said}");
    let said = add(&program, &["table", "--tsv", "table.tsv", "--header", "--quoted"]).stdout;
    assert!(said.contains("pairs of 40 lines"), "{said}");
    let found = all(&program, "table", "de");
    assert!(found.len() == 40 && found.iter().all(|line| line.starts_with("Satz, \"")), "{found:?}");
    program.write("open.tsv", format!("{rows}\"never closed\tx\n"));
    let add = ["data", "add", "x", "--tsv", "open.tsv"];
    program.fail(
        &[&add[..], &["--quoted"]].concat(),
        "",
        &["line 41 of open.tsv begins a field", "never closed"],
    );
    let without = program.run(&["data", "add", "x", "--text", "table.tsv", "--header"]);
    assert!(without.code == 2 && without.stderr.contains("cannot be used with"), "{}", without.stderr);
}

/// To learn from all of it would take minutes.
#[test]
fn a_word_of_a_million_characters_does_not_keep_learning_busy() {
    let program = Program::new();
    let word = |n: usize| -> String { (0..500_000).map(|i| format!("{}", (i * i + n * i) % 97)).collect() };
    let mut text: String = (0..400).map(|n| format!("Line {n} of a text that says {}.\n", n % 7)).collect();
    for n in 0..3 {
        text += &format!("A picture: {} and more\n", &word(n)[..900_000]);
    }
    program.write("text", text);
    add(&program, &["book", "--text", "text", "--valid", "9", "--test", "9"]);
    let ran = program.run(&crate::common::language_model("run", &["--steps", "1", "--context", "16"]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let said: Vec<&str> =
        ran.stderr.lines().filter(|line| line.contains("more than 1000 characters")).collect();
    assert_eq!(said.len(), 1, "{}", ran.stderr);
    assert!(said[0].starts_with("3 words have") || said[0].starts_with("2 words have"), "{said:?}");
}
