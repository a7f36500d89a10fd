//! Free recall: what of a chapter's facts is in a text that was written from memory.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use recall::chapter::facts;
use recall::free::compare;
use serde::{Deserialize, Serialize};

/// An example: facts of the chapter on attention, and what a reader might have written.
const FACTS: &str = include_str!("facts.txt");
const RECALLED: &str = include_str!("recalled.txt");

/// Facts, and which of them were found.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Recalled {
    pub(super) facts: usize,
    pub(super) recalled: usize,
    pub(super) share: f64,
    pub(super) each: Vec<Fact>,
}

/// A fact, and how much of it was found.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Fact {
    pub(super) fact: String,
    pub(super) share: f64,
    pub(super) recalled: bool,
}

/// What was recalled of a text's facts.
fn found(list: &[String], recalled: &str) -> Recalled {
    let found = compare(list, recalled).into_iter();
    let each: Vec<Fact> = found
        .map(|found| Fact { recalled: found.is_recalled(), share: found.share, fact: found.fact })
        .collect();
    let recalled = each.iter().filter(|fact| fact.recalled).count();
    Recalled { facts: each.len(), recalled, share: recalled as f64 / each.len().max(1) as f64, each }
}

/// What was recalled in the example.
pub(super) fn example() -> Recalled {
    found(&facts(FACTS), RECALLED)
}

/// The example's facts compared with themselves, and with an empty page: the share that is found.
pub(super) fn ends() -> [f64; 2] {
    [found(&facts(FACTS), FACTS).share, found(&facts(FACTS), "").share]
}

/// What was recalled of the reader's own.
pub(super) fn of_files(facts_file: &Path, recalled_file: &Path) -> Result<Recalled> {
    let read =
        |path: &Path| fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()));
    let list = facts(&read(facts_file)?);
    ensure!(
        !list.is_empty(),
        "{} can't be used: it has no facts, neither key facts of a chapter nor lines",
        facts_file.display()
    );
    Ok(found(&list, &read(recalled_file)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_what_a_reader_would_say_of_it() {
        let recalled: Vec<bool> = example().each.iter().map(|fact| fact.recalled).collect();
        assert_eq!(recalled, [true, true, true, false, true, false]);
        assert_eq!(ends(), [1.0, 0.0]);
    }
}
