//! What is made of corpora and runs, with the real program.

use std::fs;

use crate::common::{Program, json_lines, language_model, read_json, translate};

/// A picture is whole, and where the program says it is.
fn is_picture(program: &Program, name: &str, said: &str) {
    let text = fs::read_to_string(program.path(name)).unwrap();
    assert!(text.starts_with("<svg ") && text.ends_with("</svg>\n"), "{name}");
    assert!(said.contains(&format!("wrote {name}")), "{name}: {said}");
}

#[test]
fn separate_vocabularies_are_trained_resumed_and_evaluated() {
    let program = Program::new();
    program.add_pairs("");
    let more = ["--separate-vocabularies", "--vocab", "60", "--steps"];
    program.succeed(&translate("whole", &[&more[..], &["8"]].concat()), "");
    program.succeed(&translate("run", &[&more[..], &["4"]].concat()), "");
    program.succeed(&["resume", "run", "--steps", "8"], "");
    let metrics = |run: &str| fs::read_to_string(program.path(run).join("metrics.jsonl")).unwrap();
    assert_eq!(metrics("run"), metrics("whole"));
    assert!(!program.path("run/tokenizer.json").exists());
    let [source, target] = ["source", "target"].map(|side| {
        let vocabulary = &read_json(&program.path(&format!("run/{side}.json")))["model"]["vocab"];
        assert_eq!(vocabulary.as_object().unwrap().len(), 60);
        vocabulary.clone()
    });
    assert!(source["ä"].is_number() && target["ä"].is_null(), "each knows its own language");
    let report = json_lines(&program.succeed(&["eval", "run", "--json"], ""));
    assert_eq!(report[0]["examples"], 9);
    assert!(report[0]["bleu"].is_number());
    assert_eq!(program.succeed(&["translate-text", "run"], "Der Hund 0 schläft.\n").lines().count(), 1);
}

#[test]
fn corpora_are_listed_and_shown() {
    let program = Program::new();
    program.add_pairs("");
    program.add_text();
    fs::create_dir(program.path("data/broken")).unwrap();
    program.write("data/broken/corpus.json", "{}");
    let listed = program.succeed(&["data", "list"], "");
    for part in ["pairs de-en   train 102, valid 9, test 9", "train 160, valid 20, test 20", "built in"] {
        assert!(listed.contains(part), "{part:?} is missing from {listed}");
    }
    assert!(listed.contains("broken/corpus.json is damaged"), "{listed}");
    let shown = program.succeed(&["data", "show", "mine"], "");
    for part in ["mine: pairs de-en", "origin   pairs.tsv", "licence  unknown", "words a line of train"] {
        assert!(shown.contains(part), "{part:?} is missing from {shown}");
    }
    assert!(program.succeed(&["data", "show", "book"], "").contains("Line "));
    let animals = program.succeed(&["data", "show", "animals"], "");
    assert!(animals.contains("train    bear ") && animals.contains('█'), "{animals}");
    program.fail(&["data", "show", "broken"], "", &["broken/corpus.json is damaged"]);
}

#[test]
fn a_corpus_of_tatoeba_is_translated_either_way() {
    let program = Program::new();
    let lines = (0..40).map(|n| format!("English {n}\tDeutsch {n}\tCC-BY 2.0\n"));
    program.write("deu.txt", lines.collect::<String>());
    for (languages, from, into) in [("de-en", "Deutsch", "English"), ("en-de", "English", "Deutsch")] {
        program.succeed(&["data", "add", languages, "--tatoeba", "deu.txt", "--languages", languages], "");
        let (source, target) = languages.split_once('-').unwrap();
        for (language, word) in [(source, from), (target, into)] {
            let path = program.path(&format!("data/{languages}/train.{language}"));
            assert!(fs::read_to_string(path).unwrap().starts_with(word), "{languages}: {language}");
        }
    }
}

#[test]
fn pictures_of_a_translation_go_to_its_run_unless_told_otherwise() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("run", &["--steps", "4"]), "");
    let said = program.succeed(&["attention", "run", "--text", "Der Hund 0 schläft."], "");
    assert!(said.contains("wrote 3 maps and attention.json to run/attention"), "{said}");
    let map = fs::read_to_string(program.path("run/attention/encoder-layer-1.svg")).unwrap();
    assert!(map.contains("Query") && map.contains("Key"));
    assert_eq!(
        read_json(&program.path("run/attention/attention.json"))["layers"][0]["name"],
        "Encoder, layer 1"
    );
    is_picture(&program, "run/plot.svg", &program.succeed(&["plot", "run"], ""));
    is_picture(&program, "both.svg", &program.succeed(&["plot", "run", "run", "--out", "both.svg"], ""));
    // A run that has its pictures with it is a run like any other.
    program.succeed(&["resume", "run", "--steps", "8"], "");
    program.succeed(&translate("run", &["--steps", "2", "--force"]), "");
}

#[test]
fn surprisal_is_drawn() {
    let program = Program::new();
    program.add_text();
    program.succeed(&language_model("run", &["--steps", "2", "--context", "16"]), "");
    let surprisal = ["surprisal", "run", "--text", "Line 7 of a text", "--plot", "bits.svg"];
    let said = program.succeed(&surprisal, "");
    is_picture(&program, "bits.svg", &said);
    assert!(said.contains("bits in all"), "{said}");
    let json = program.succeed(&[&surprisal[..], &["--json"]].concat(), "");
    assert_eq!(json_lines(&json)[0]["words"].as_array().unwrap().len(), 5);
}

#[test]
fn special_tokens_in_a_text_are_text() {
    let program = Program::new();
    let tagged: String =
        (0..30).map(|n| format!("Das <pad> {n} ist <eos>.\tThe <pad> {n} is <eos>.\n")).collect();
    program.add_pairs(&tagged);
    program.succeed(&translate("run", &["--steps", "2"]), "");
    let said = program.succeed(&["attention", "run", "--text", "<pad> <eos>"], "");
    assert!(said.contains("attention.json"), "{said}");
    let map = read_json(&program.path("run/attention/attention.json"));
    let pieces: Vec<&str> =
        map["layers"][0]["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    let (end, text) = pieces.split_last().unwrap();
    assert_eq!(*end, "<eos>", "{pieces:?}");
    assert!(!text.contains(&"<eos>") && !text.contains(&"<pad>"), "{pieces:?}");
}
