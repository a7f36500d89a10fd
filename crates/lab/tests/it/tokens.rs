//! What the models' vocabularies make of texts, which the book's pages must make of them too: `docs/theme/test` compares both.

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use train::run::reader::Reader;
use train::run::translator::Translator;

/// A text with what each model makes of it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Told {
    text: String,
    #[serde(default)]
    ids: Of<Vec<usize>>,
    #[serde(default)]
    decoded: Of<String>,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Of<T> {
    ding: T,
    austen: T,
}

fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tokens").join(name)
}

fn models() -> (Translator, Reader) {
    let run = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name);
    let device = Device::flex();
    (Translator::open(&run("ding"), &device).unwrap(), Reader::open(&run("austen"), &device).unwrap())
}

/// Compares with what is committed, or writes it, if the environment says so.
fn hold(name: &str, text: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(committed(name), text).unwrap();
    }
    let same = fs::read_to_string(committed(name)).unwrap() == text;
    assert!(same, "{name} is stale: run this test with UPDATE_EXPECT=1");
}

#[test]
fn texts_become_the_tokens_that_are_committed() {
    let (translator, reader) = models();
    let old = fs::read_to_string(committed("expected.json")).unwrap();
    let mut texts: Vec<Told> = serde_json::from_str(&old).unwrap();
    assert!(texts.len() >= 200);
    for told in &mut texts {
        // An empty text is no input of a model, and has no tokens.
        let ding = translator.target(&told.text).map(|ids| ids[1..].to_vec()).unwrap_or_default();
        let austen = reader.ids(&told.text).map(|ids| ids[1..].to_vec()).unwrap_or_default();
        told.decoded = Of { ding: translator.text(&ding).unwrap(), austen: reader.text(&austen).unwrap() };
        told.ids = Of { ding, austen };
    }
    let empty = texts.iter().filter(|told| told.ids.ding.is_empty()).count();
    assert!(empty < 8, "{empty} have no tokens");
    let lines: Vec<String> = texts.iter().map(|told| serde_json::to_string(told).unwrap()).collect();
    hold("expected.json", &format!("[\n{}\n]\n", lines.join(",\n")));
}

#[test]
fn every_token_is_read_as_is_committed() {
    let (translator, reader) = models();
    let ding: Vec<String> = (0..4_000).map(|id| translator.piece(id)).collect();
    let austen: Vec<String> = (0..reader.vocabulary().size()).map(|id| reader.piece(id)).collect();
    assert_eq!(translator.piece(4_000), "<4000>", "there are no others");
    let [ding, austen] = [ding, austen].map(|pieces| serde_json::to_string(&pieces).unwrap());
    hold("pieces.json", &format!("{{\n\"ding\": {ding},\n\"austen\": {austen}\n}}\n"));
}
