//! `cargo xtask cards`: a deck of cards that Anki imports, and the pictures on them.
//!
//! There are three sorts of cards: pictures of the model with a name covered, questions whose answers are read off those pictures,
//! and what chapters ask: their key facts and their questions. A card's id stays, so that a newer deck changes the cards that are
//! there and nothing that was learned is lost. Pictures are SVG: a card shows them as `<img>`, so their style reaches nothing else.

mod chapters;
mod markdown;
mod pictures;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use recall::card::{Card, MediaName};
use recall::deck::Deck;
use recall::tsv;

use crate::catalogue::{self, Graphs};
use crate::{files, paths, show};

const NAME: &str = "The Annotated Transformer";
/// The deck's file, and what the names of all pictures begin with.
const FILE: &str = "annotated-transformer";
/// Above all tags.
const TAG: &str = "annotated-transformer";

/// The pictures that are asked about.
const PICTURES: [&str; 10] = [
    "transformer",
    "encoder-layer",
    "decoder-layer",
    "multi-head-attention",
    "decoder-cross-attention",
    "scaled-dot-product-attention",
    "feed-forward",
    "sublayer-post-norm",
    "embeddings",
    "language-model",
];

/// What is written: the deck, and its pictures by their names.
struct Cards {
    deck: Deck,
    media: BTreeMap<MediaName, String>,
}

/// Writes the deck and its pictures into a folder, and says how to import them.
pub(crate) fn run(folder: &Path) -> Result<()> {
    ensure!(
        folder.is_dir() || !folder.exists(),
        "cannot make the folder {}: there is a file",
        folder.display()
    );
    let step = show::step("Capturing the model and making cards");
    let cards = cards()?;
    let bytes = write(folder, &cards)?;
    step.done(&format!(
        "{} cards, {} pictures, {:.1} MB",
        cards.deck.cards().len(),
        cards.media.len(),
        bytes as f64 / 1e6
    ));
    let shown = paths::shown(folder);
    println!("The deck is {shown}/{FILE}.tsv. To have it in Anki:");
    println!("1. copy the pictures {shown}/{FILE}*.svg into the folder collection.media of your profile");
    println!("2. choose File, Import, and the file {FILE}.tsv; what you have learned of an older one stays");
    Ok(())
}

fn cards() -> Result<Cards> {
    let pictures = catalogue::pictures(&Graphs::new()?, &PICTURES)?;
    let mut media = BTreeMap::new();
    let mut cards: Vec<Card> = Vec::new();
    for picture in &pictures {
        cards.extend(pictures::cards(picture, &mut media)?);
    }
    cards.extend(chapters::cards(&paths::docs().join("src"))?);
    Ok(Cards { deck: Deck::new(NAME, cards)?, media })
}

/// Writes each file whole or not at all, removes pictures of an older deck, and says how many bytes there are.
fn write(folder: &Path, cards: &Cards) -> Result<usize> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let text = tsv::write(&cards.deck);
    let files = cards.media.iter().map(|(name, svg)| (name.to_string(), svg.as_str()));
    // The deck comes last: where it is, its pictures are.
    let files: Vec<_> = files.chain([(format!("{FILE}.tsv"), text.as_str())]).collect();
    for (name, content) in &files {
        files::persist(&folder.join(name), content)?;
    }
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_ours = name.starts_with(&format!("{FILE}_")) && name.ends_with(".svg");
        if is_ours && !files.iter().any(|(wanted, _)| *wanted == name) {
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    Ok(files.iter().map(|(_, content)| content.len()).sum())
}

/// Letters and digits of a key, with hyphens between.
fn slug(key: &str) -> String {
    let parts = key.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn images(text: &str) -> Vec<String> {
        let names = text.split("<img src=\"").skip(1);
        names.filter_map(|rest| Some(rest.split('"').next()?.to_owned())).collect()
    }

    /// Anki's own importer is asked by `xtask/tests/anki/import.py`; this holds the same wherever there is no Anki.
    #[test]
    fn the_deck_is_read_back_strictly_and_has_its_pictures() {
        let cards = cards().unwrap();
        let text = tsv::write(&cards.deck);
        assert_eq!(tsv::read(&text).unwrap(), cards.deck);
        let sides = cards.deck.cards().iter().flat_map(|card| [card.front(), card.back()]);
        let mut shown: Vec<String> = sides.flat_map(images).collect();
        shown.sort();
        shown.dedup();
        let there: Vec<String> = cards.media.keys().map(ToString::to_string).collect();
        assert_eq!(shown, there, "each picture is on a card, and each card has its pictures");
        assert!(cards.media.values().all(|svg| svg.starts_with("<svg ") && !svg.contains("<a ")));
        let is_left = |card: &&Card| card.front().contains("{{") || card.back().contains("{{");
        assert_eq!(cards.deck.cards().iter().find(is_left), None, "Anki would take it for a field");
        for sort in ["picture:", "question:", "facts:", "chapter:"] {
            let count = cards.deck.cards().iter().filter(|card| card.id().starts_with(sort)).count();
            assert!(count >= 10, "only {count} cards {sort}");
        }
    }

    #[test]
    fn the_same_deck_is_written_twice_and_old_pictures_go() {
        let folder = tempfile::tempdir().unwrap();
        let deck =
            Deck::new("d", vec![Card::new("a", "<img src=\"annotated-transformer_a.svg\">", "b").unwrap()]);
        let name = MediaName::new("annotated-transformer_a.svg").unwrap();
        let cards = Cards { deck: deck.unwrap(), media: [(name, "<svg/>".to_owned())].into() };
        for name in ["annotated-transformer_old.svg", "annotated-transformer.txt", "mine.svg"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let names = || {
            let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
            let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
            names.sort();
            names
        };
        let expected = [
            "annotated-transformer.tsv",
            "annotated-transformer.txt",
            "annotated-transformer_a.svg",
            "mine.svg",
        ];
        for _ in 0..2 {
            write(folder.path(), &cards).unwrap();
            assert_eq!(names(), expected);
        }
        let error = run(&folder.path().join("mine.svg")).unwrap_err().to_string();
        assert!(error.contains("there is a file"), "{error}");
    }

    #[test]
    fn keys_become_names() {
        assert_eq!(slug("input:a/b_c.0"), "input-a-b-c-0");
    }
}
