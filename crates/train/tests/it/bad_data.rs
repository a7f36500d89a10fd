//! Corpora, vocabularies and texts that can't be used: one clear line and exit code 2.

use std::fs;

use crate::common::{Program, language_model, translate};

/// Words that are many tokens, whatever the vocabulary.
fn far_too_long() -> String {
    "Hund ".repeat(600)
}

#[test]
fn files_that_are_no_corpus() {
    let program = Program::new();
    program.write("long", "1\n2\n3\n4\n");
    program.write("short", "1\n2\n");
    program.write("latin", b"1\nJ\xe4ger\n");
    program.write("one", "1\n");
    program.write("empty", "");
    program.write("blank", "\n \n\t\n");
    let add = |args: &[&str], parts: &[&str]| {
        program.fail(&[&["data", "add", "x"], args].concat(), "", parts);
    };
    add(&["--source", "long", "--target", "short"], &["long has 4 lines", "short has 2"]);
    add(&["--source", "short", "--target", "long"], &["long has 4", "short has 2 lines"]);
    add(&["--text", "latin"], &["line 2 of latin is not UTF-8", "byte 2", "iconv"]);
    add(&["--source", "long", "--target", "latin"], &["line 2 of latin is not UTF-8"]);
    add(&["--source", "one", "--target", "short"], &["one has 1 line, but short has 2;"]);
    add(&["--text", "one"], &["one: the validation split would be empty: 1 usable line,"]);
    add(&["--text", "empty"], &["empty is empty", "expected a sentence"]);
    add(&["--source", "empty", "--target", "empty"], &["empty and empty are empty;"]);
    add(&["--text", "blank"], &["blank has no usable line", "of 3 lines, all are empty"]);
    add(&["--text", "long"], &["long: the validation split would be empty", "4 usable lines", "--valid 1"]);
    add(&["--text", "long", "--valid", "0"], &["the validation split would be empty", "--valid 0"]);
    add(&["--tsv", "long"], &["line 1 of long has no tab"]);
    add(&["--tatoeba", "long", "--languages", "fr-de"], &["English in its first column", "found fr-de"]);
    let both =
        "--languages en names one; give both, first the one to translate from, such as --languages de-en";
    add(&["--tsv", "long", "--languages", "en"], &["pairs have two languages", both]);
    let one = "--languages de-en names two; give one, such as --languages de,";
    add(&["--text", "long", "--languages", "de-en"], &["a text has one language", one]);
    assert!(!program.path("data").exists(), "nothing is written");
}

#[test]
fn blank_lines_are_left_out_and_counted() {
    let program = Program::new();
    let lines = (0..30).map(|n| if n % 10 == 3 { "\n\n".to_owned() } else { format!("Line {n}.\n") });
    program.write("lines", lines.collect::<String>());
    let said = program.succeed(&["data", "add", "x", "--text", "lines", "--valid", "2", "--test", "2"], "");
    assert!(said.contains("text of 33 lines") && said.contains("dropped  6 empty"), "{said}");
    let translation = |n| if n < 4 { String::new() } else { format!("sentence {n}") };
    let pairs = (0..30).map(|n| format!("Satz {n}\t{}\n", translation(n)));
    program.write("pairs", pairs.collect::<String>());
    let said = program.succeed(&["data", "add", "y", "--tsv", "pairs", "--valid", "1", "--test", "0"], "");
    assert!(said.contains("dropped  4 empty"), "{said}");
}

#[test]
fn a_text_has_one_language_or_none() {
    let program = Program::new();
    program.write("lines", (0..40).map(|n| format!("Line {n}.\n")).collect::<String>());
    program.succeed(&["data", "add", "x", "--text", "lines", "--languages", "en"], "");
    program.succeed(&["data", "add", "y", "--text", "lines"], "");
    let listed = program.succeed(&["data", "list"], "");
    let rows: Vec<&str> = listed.lines().filter(|line| line.contains("train 36, valid 2")).collect();
    assert!(rows[0].contains(" text en ") && !rows[1].contains(" en "), "{listed}");
    let shown = program.succeed(&["data", "show", "x"], "");
    assert!(shown.starts_with("x: text en\n") && shown.contains("\n  en       Line"), "{shown}");
    let of =
        |name| language_model("run", &[]).into_iter().map(move |arg| if arg == "book" { name } else { arg });
    program.succeed(&of("x").collect::<Vec<_>>(), "");
}

#[test]
fn one_is_told_from_several() {
    let program = Program::new();
    program.add_pairs(&format!("Hund{}\tdog\n", " und noch einer".repeat(20)));
    program.add_text();
    let ran = program.run(&translate("run", &["--steps", "1", "--keep-last", "1", "--max-length", "40"]));
    let left_out = "1 of 103 pairs of the train split has more than 40 tokens on a side and is left out";
    assert!(ran.code == 0 && ran.stderr.contains(left_out), "{left_out:?} is missing from {}", ran.stderr);
    assert!(ran.stdout.starts_with("trained 1 step in "), "{}", ran.stdout);
    let told = program.succeed(&["eval", "run", "--split", "train", "--limit", "1"], "");
    assert!(told.contains("\n1 more was too long for the likelihood; it was translated"), "{told}");
    let average = |last, parts: &[&str]| {
        program.fail(&["average", "run", "--last", last, "--out", "mean"], "", parts);
    };
    average("2", &["run holds 1 checkpoint, but --last asks for 2"]);
    let told = program.succeed(&["average", "run", "--last", "1", "--out", "mean"], "");
    assert_eq!(told, "averaged the checkpoint of step 1 into mean\n");
    let plot = program.succeed(&["plot", "run", "--out", "run.svg"], "");
    let picture = fs::read_to_string(program.path("run.svg")).unwrap();
    assert!(picture.contains("Over 1 step the negative"), "{plot}");
    let needed = ["lm", "--corpus", "mine", "--out", "other"];
    program.fail(&needed, "", &["mine holds pairs of sentences, but text is needed here"]);
    let needed = ["translate", "--corpus", "book", "--out", "other"];
    program.fail(&needed, "", &["book holds text, but pairs of sentences are needed here"]);
}

#[test]
fn a_split_that_is_empty() {
    let program = Program::new();
    program.add_pairs("");
    let info = fs::read_to_string(program.path("data/mine/corpus.json")).unwrap();
    program.write("data/mine/corpus.json", info.replace("\"valid\": 9", "\"valid\": 0"));
    program.fail(&translate("run", &[]), "", &["mine has no valid split", "--valid"]);
    assert!(!program.path("run").exists(), "nothing is written");
}

#[test]
fn sentences_over_the_limit_are_left_out_and_counted() {
    let program = Program::new();
    let long = |n| format!("{n}{}\t{n}{}\n", " und noch einmal".repeat(20), " and once more".repeat(20));
    program.add_pairs(&(0..20).map(long).collect::<String>());
    let train = fs::read_to_string(program.path("data/mine/train.de")).unwrap();
    let (all, long) = (train.lines().count(), train.lines().filter(|line| line.len() > 100).count());
    assert!(0 < long && long < all, "{long} of {all}");
    let ran = program.run(&translate("run", &["--steps", "2", "--max-length", "40"]));
    let expected = format!("{long} of {all} pairs of the train split have more than 40 tokens on a side");
    assert!(ran.code == 0 && ran.stderr.contains(&expected), "{expected:?} is missing from {}", ran.stderr);
    let index = crate::common::read_json(&program.path("run/data/train.json"));
    assert_eq!(index["encoded"]["too_long"], long);
    assert_eq!(index["encoded"]["examples"], all - long);
    program.run(&translate("none", &["--max-length", "2"])).failed(&["no pair", "--max-length 2"]);
}

#[test]
fn vocabularies_that_cannot_be() {
    let program = Program::new();
    program.add_pairs("");
    program.add_text();
    for size in ["1000000000000", "18446744073709551615", "1048577", "0"] {
        let refused = format!("--vocab {size} can't be used");
        for args in [translate("run", &["--vocab", size]), language_model("run", &["--vocab", size])] {
            program.fail(&args, "", &[&refused, "at most 1048576"]);
        }
        assert!(!program.path("run").exists(), "nothing is written");
    }
    let fail = |args: Vec<&str>, parts: &[&str]| program.run(&args).failed(parts);
    let small = "different characters of the training data and the special tokens alone are";
    fail(translate("c", &["--vocab", "20"]), &["--vocab 20 is too small", small, "or more"]);
    let bytes = "the 256 bytes and the special tokens alone are 260 pieces; use --vocab 260 or more";
    fail(language_model("d", &["--vocab", "259"]), &["--vocab 259 is too small", bytes]);
}

#[test]
fn contexts_that_cannot_be() {
    let program = Program::new();
    program.add_text();
    for context in ["0", "65537", "18446744073709551615"] {
        let refused = format!("--context = {context}");
        let args = language_model("run", &["--context", context]);
        program.fail(&args, "", &[&refused, "at least 1 and at most 65536"]);
    }
    assert!(!program.path("run").exists(), "nothing is written");
}

#[test]
fn texts_to_translate() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("run", &["--steps", "2"]), "");
    let text = ["translate-text", "run"];
    let line = "line 2 of standard input";
    program.fail(&text, b"Der Hund.\nJ\xe4ger\n", &[line, "is not UTF-8 (byte 2"]);
    let long = far_too_long();
    let limit = "was trained on at most 100 and is given at most 512";
    program.fail(&text, format!("Der Hund.\n{long}\n"), &[line, limit]);
    program.fail(&[&text[..], &["--text", &long]].concat(), "", &["--text can't be used", limit]);
    program.fail(
        &text,
        "x".repeat((1 << 20) + 1),
        &["line 1 of", "is longer than 1048576 bytes", "--too-long"],
    );
    program.fail(&["attention", "run", "--text", &long], "", &["--text", "tokens", "at most"]);
    let target = ["attention", "run", "--text", "Der Hund", "--target", &long];
    program.fail(&target, "", &["--target", "tokens", "at most 128"]);
    program.fail(&["attention", "run", "--text", " "], "", &["--text is empty"]);

    let test = fs::read_to_string(program.path("data/mine/test.de")).unwrap();
    let (_, others) = test.split_once('\n').unwrap();
    program.write("data/mine/test.de", format!("{}\n{others}", long.trim()));
    program.run(&["eval", "run"]).failed(&["line 1 of the test split of", "mine", limit]);
    program.succeed(&["eval", "run", "--split", "valid"], "");
    for none in ["0", "-1", "1.5"] {
        let parts = ["'--limit <N>'", "at least 1", none];
        program.fail(&["eval", "run", "--split", "valid", "--limit", none], "", &parts);
    }
}

#[test]
fn texts_to_go_on_with_and_to_measure() {
    let program = Program::new();
    program.add_text();
    program.succeed(&language_model("run", &["--steps", "2", "--context", "16"]), "");
    let long = far_too_long();
    let limit = "was trained on at most 16 and is given at most 512";
    program.fail(&["surprisal", "run", "--text", &long], "", &["--text can't be used", limit]);
    program.fail(&["surprisal", "run", "--text", " "], "", &["--text is empty"]);
    let generate = |more: &[&str], parts: &[&str]| {
        program.fail(&[&["generate", "run"], more].concat(), "", parts);
    };
    generate(&["--count", "0"], &["--count = 0", "at least 1"]);
    generate(&["--count", "1000000000000"], &["--count = 1000000000000", "at most 1000"]);
    generate(&["--tokens", "1000000000000"], &["--tokens = 1000000000000", "at most 65536"]);
}

#[test]
fn a_vocabulary_of_another_run() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("run", &["--steps", "2"]), "");
    program.succeed(&translate("other", &["--steps", "2", "--vocab", "90"]), "");
    fs::copy(program.path("other/tokenizer.json"), program.path("run/tokenizer.json")).unwrap();
    let told = ["run/tokenizer.json is damaged", "SHA-256", "put back what was written"];
    program.fail(&["translate-text", "run", "--text", "Der Hund."], "", &told);
    program.run(&["resume", "run", "--steps", "4"]).failed(&told);
    program.remove_sums("run");
    let parts = ["run can't be used", "has 90 pieces, but its model knows 100"];
    program.fail(&["translate-text", "run", "--text", "Der Hund."], "", &parts);
    program.fail(&["attention", "run", "--text", "Der Hund."], "", &parts);
    program.fail(&["eval", "run"], "", &parts);
    program.run(&["resume", "run", "--steps", "4"]).failed(&parts);
}

#[test]
fn encoded_corpora_that_are_damaged_or_no_longer_the_same() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("whole", &["--steps", "8"]), "");
    program.succeed(&translate("run", &["--steps", "4"]), "");
    let ids = program.path("run/data/train.ids");
    let mut bytes = fs::read(&ids).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&ids, bytes).unwrap();
    program.succeed(&["resume", "run", "--steps", "8"], "");
    let metrics = |run: &str| fs::read_to_string(program.path(run).join("metrics.jsonl")).unwrap();
    assert_eq!(metrics("run"), metrics("whole"), "what is damaged is encoded again");

    let english = fs::read_to_string(program.path("data/mine/train.en")).unwrap();
    program.write("data/mine/train.en", english.replace("dog", "god"));
    let resume = ["resume", "run", "--steps", "12"];
    program.run(&resume).failed(&["train.ids was encoded from another corpus", "put the old ones back"]);
    program.write("data/mine/train.en", english);
    program.succeed(&resume, "");
}
