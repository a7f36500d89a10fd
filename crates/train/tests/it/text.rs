//! Text that looks the same is treated the same, in whatever form it comes.

use std::fs;
use std::path::Path;

use crate::common::{Program, json_lines, model, read_json, translate};

/// A sentence as people see it, and in the forms in which it may come.
const SENTENCE: &str = "Die Bücher müssen zurückgegeben werden.";
const FORMS: [&str; 7] = [
    "Die Bu\u{308}cher mu\u{308}ssen zuru\u{308}ckgegeben werden.",
    "\u{feff}Die Bücher müssen zurückgegeben werden.",
    "Die\u{a0}Bücher müssen\u{202f}zurückgegeben werden.",
    "  Die Bücher  müssen   zurückgegeben werden. ",
    "Die Bücher\tmüssen\u{2028}zurückgegeben \u{3000} werden.\u{a0}",
    "Die Bü\u{ad}cher müssen zurück\u{200b}gegeben werden\u{2060}.",
    "\u{a0}\u{feff}Die Bu\u{308}\u{ad}cher mu\u{308}ssen \u{200b}zuru\u{308}ckgegeben werden.\r",
];

#[test]
fn every_form_of_a_sentence_has_the_same_translation() {
    let (program, model) = (Program::new(), model("ding"));
    let input: String = FORMS.iter().chain(&[SENTENCE]).map(|form| format!("{form}\n")).collect();
    let written = program.succeed(&["translate-text", &model], &input);
    let expected = "The books must be returned.";
    assert_eq!(written.lines().collect::<Vec<_>>(), [expected; FORMS.len() + 1]);
    let given = program.succeed(&["translate-text", &model, "--json", "--text", FORMS[6]], "");
    let answer = &json_lines(&given)[0];
    assert_eq!((&answer["source"], &answer["output"]), (&SENTENCE.into(), &expected.into()));
}

#[test]
fn a_byte_order_mark_and_lines_of_nothing_keep_their_lines() {
    let (program, model) = (Program::new(), model("ding"));
    let written =
        program.succeed(&["translate-text", &model], "\u{feff}\r\n \u{a0}\n\u{feff}Danke.\n\u{200b}");
    let lines: Vec<&str> = written.split('\n').collect();
    let alone = program.succeed(&["translate-text", &model, "--text", "Danke."], "");
    assert_eq!(lines, ["", "", alone.trim_end(), "", ""]);
}

#[test]
fn a_model_from_before_there_was_a_normalizer_reads_every_form_too() {
    let program = Program::new();
    fs::create_dir(program.path("old")).unwrap();
    for name in ["config.json", "model.safetensors"] {
        fs::copy(Path::new(&model("ding")).join(name), program.path("old").join(name)).unwrap();
    }
    let mut tokenizer = read_json(&Path::new(&model("ding")).join("tokenizer.json"));
    assert!(tokenizer["normalizer"].take().is_object());
    program.write("old/tokenizer.json", serde_json::to_string(&tokenizer).unwrap());
    let written = program.succeed(&["translate-text", "old"], format!("{}\n{}\n", FORMS[0], FORMS[4]));
    assert_eq!(written, "The books must be returned.\n".repeat(2));
}

#[test]
fn attention_reads_every_form_of_both_texts() {
    let (program, model) = (Program::new(), model("ding"));
    let draw = |text: &str, target: &str, out: &str| {
        program.succeed(&["attention", &model, "--text", text, "--target", target, "--out", out], "");
        fs::read_to_string(program.path(out).join("attention.json")).unwrap()
    };
    let normal = draw(SENTENCE, "The café.", "normal");
    assert_eq!(draw(FORMS[6], "\u{feff}The\u{a0} cafe\u{301}. ", "other"), normal);
    assert!(normal.contains(SENTENCE), "{normal}");
}

#[test]
fn a_language_model_reads_every_form_of_a_text() {
    let (program, model) = (Program::new(), model("austen"));
    let prompt = |prompt: &str| {
        program.succeed(&["generate", &model, "--tokens", "9", "--seed", "3", "--prompt", prompt], "")
    };
    let written = prompt("A fiancé.\n\nShe was");
    assert!(written.starts_with("A fiancé.\n\nShe was"), "{written}");
    assert_eq!(prompt("\u{feff}A\u{a0}fiance\u{301}. \n \n She  was "), written);
    let surprisal = |text: &str| program.succeed(&["surprisal", &model, "--text", text], "");
    assert_eq!(surprisal("\u{feff}My\u{a0}fiance\u{301} \u{2028}left. "), surprisal("My fiancé left."));
}

#[test]
fn of_a_prompt_that_is_too_long_the_end_is_read() {
    let (program, model) = (Program::new(), model("austen"));
    let end = "She was very happy. ".repeat(300);
    let go_on = |prompt: &str| {
        let ran = program.run(&["generate", &model, "--tokens", "12", "--seed", "3", "--prompt", prompt]);
        assert_eq!((ran.code, ran.stderr.lines().count()), (0, 1), "{}", ran.stderr);
        let parts = ["--prompt: the text has ", " is given at most ", "; it goes on from the last "];
        assert!(parts.iter().all(|part| ran.stderr.contains(part)), "{}", ran.stderr);
        ran.stdout.strip_prefix(prompt).expect("the prompt stays whole").to_owned()
    };
    let written = go_on(&format!("Dogs. {end}Mr. Darcy"));
    assert!(written.trim().len() > 12, "{written}");
    assert_eq!(go_on(&format!("Cats and dogs. {end}Mr. Darcy")), written);
    assert_ne!(go_on(&format!("Mr. Darcy. {end}Cats and")), written);
}

#[test]
fn a_corpus_is_stored_in_one_form_and_in_its_order() {
    let program = Program::new();
    let apart = |n: usize| format!("Der  Ba\u{308}r\u{a0}{n}\t\u{feff}The bear \u{2028} {n} \n");
    program.write("apart.tsv", "\u{feff}".to_owned() + &(0..60).map(apart).collect::<String>());
    program.write("nfc.tsv", (0..60).map(|n| format!("Der Bär {n}\tThe bear {n}\n")).collect::<String>());
    for name in ["apart", "nfc"] {
        program.succeed(
            &["data", "add", name, "--tsv", &format!("{name}.tsv"), "--valid", "5", "--test", "5"],
            "",
        );
    }
    for file in ["train.de", "train.en", "valid.de", "valid.en", "test.de", "test.en"] {
        let read = |name: &str| fs::read_to_string(program.path("data").join(name).join(file)).unwrap();
        assert_eq!(read("apart"), read("nfc"), "{file}");
        assert!(read("nfc").lines().all(|line| line.starts_with(['D', 'T'])), "{file}");
    }
    // What looks the same is the same pair.
    program.write(
        "both.tsv",
        (0..60).map(|n| format!("Der Bär {n}\tThe bear {n}\n{}", apart(n))).collect::<String>(),
    );
    program.succeed(&["data", "add", "both", "--tsv", "both.tsv", "--valid", "5", "--test", "5"], "");
    let info = read_json(&program.path("data/both/corpus.json"));
    assert_eq!(info["dropped"]["duplicates"], 60, "{info}");
}

#[test]
fn a_corpus_from_before_is_read_in_the_form_that_is_stored_now() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("run", &[]), "");
    let eval = || program.succeed(&["eval", "run", "--split", "test", "--json"], "");
    let normal = eval();
    for file in ["test.de", "test.en"] {
        let path = program.path("data/mine").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(file != "test.de" || text.contains("ä"), "{text}");
        fs::write(&path, text.replace('ä', "a\u{308}").replace(' ', "\u{a0} ")).unwrap();
    }
    assert_eq!(eval(), normal);
    // What a run learns says to other programs, too, how to read.
    let normalizer = |path: &Path| read_json(path)["normalizer"].clone();
    let written = normalizer(&program.path("run/tokenizer.json"));
    for name in ["ding", "austen"] {
        assert_eq!(written, normalizer(&Path::new(&model(name)).join("tokenizer.json")), "{name}");
    }
}
