//! What is held out and stands in the training split as well. A model has seen it, so it says little of the model.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};

use anyhow::Result;

use super::read::Row;
use super::{Corpus, Kind, Split};
use crate::words::counted;

/// Sides of held-out rows, by their hash: has the training split one like it?
#[derive(Debug, Default)]
pub(super) struct Overlap(Vec<HashMap<u64, bool>>);

impl Overlap {
    /// Looks out for the sides of this row.
    pub(super) fn hold_out(&mut self, row: &Row) {
        if self.0.len() < row.len() {
            self.0.resize_with(row.len(), HashMap::new);
        }
        for (sides, side) in self.0.iter_mut().zip(row) {
            sides.entry(hash(side)).or_insert(false);
        }
    }

    /// Takes note of a row to train on.
    pub(super) fn train(&mut self, row: &Row) {
        for (sides, side) in self.0.iter_mut().zip(row) {
            if let Some(is_seen) = sides.get_mut(&hash(side)) {
                *is_seen = true;
            }
        }
    }

    /// How many of these held-out rows share a side with one to train on.
    pub(super) fn count<'r>(&self, rows: impl IntoIterator<Item = &'r Row>) -> usize {
        let is_seen = |row: &&Row| {
            self.0
                .iter()
                .zip(*row)
                .any(|(sides, side)| sides.get(&hash(side)).is_some_and(|is_seen| *is_seen))
        };
        rows.into_iter().filter(is_seen).count()
    }
}

fn hash(side: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    side.hash(&mut hasher);
    hasher.finish()
}

/// What is said of so many of all rows of a split; nothing if there are none.
///
/// Text repeats itself, so that is a note; a pair that is in the training split by one side has half of it given away.
pub(super) fn described(kind: Kind, split: Split, shared: usize, all: usize) -> Option<String> {
    let (name, of) = (split.name(), counted(all, kind.line()));
    let (has, share) = if shared == 1 { ("stands", "shares") } else { ("stand", "share") };
    match (kind, shared) {
        (_, 0) => None,
        (Kind::Text, _) => {
            Some(format!("note: {shared} of {of} of the {name} split also {has} in the training split"))
        }
        (Kind::Pairs, _) => Some(format!(
            "warning: {shared} of {of} of the {name} split {share} a side with a pair to train on, so what is measured \
             there is too good"
        )),
    }
}

/// Says on standard error what splits of a corpus have in common with what another one trains on, or the same one.
///
/// # Errors
///
/// If one of them can't be read.
pub(crate) fn warn_of_overlap(trained: &Corpus, measured: &Corpus, splits: &[Split]) -> Result<()> {
    for line in overlaps(trained, measured, splits)? {
        // A warning that can't be written is no reason to do nothing.
        let _ = writeln!(io::stderr(), "{line}");
    }
    Ok(())
}

fn overlaps(trained: &Corpus, measured: &Corpus, splits: &[Split]) -> Result<Vec<String>> {
    let kind = measured.info().kind;
    let is_itself = |split| split == Split::Train && trained.folder() == measured.folder();
    let splits: Vec<Split> = splits
        .iter()
        .copied()
        .filter(|split| measured.info().counts.of(*split) > 0 && !is_itself(*split))
        .collect();
    if splits.is_empty() || trained.info().kind != kind || trained.info().counts.train == 0 {
        return Ok(Vec::new());
    }
    let mut overlap = Overlap::default();
    for &split in &splits {
        measured.rows(split, kind)?.try_for_each(|row| row.map(|row| overlap.hold_out(&row)))?;
    }
    trained.rows(Split::Train, kind)?.try_for_each(|row| row.map(|row| overlap.train(&row)))?;
    let mut said = Vec::new();
    for split in splits {
        let (mut shared, mut all) = (0, 0);
        for row in measured.rows(split, kind)? {
            all += 1;
            shared += overlap.count([&row?]);
        }
        said.extend(described(kind, split, shared, all));
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_in_common_is_found_in_its_own_language_only() {
        let row = |source: &str, target: &str| vec![source.to_owned(), target.to_owned()];
        let held_out = [row("a", "1"), row("b", "2"), row("c", "3"), row("d", "4")];
        let mut overlap = Overlap::default();
        held_out.iter().for_each(|row| overlap.hold_out(row));
        assert_eq!(overlap.count(&held_out), 0);
        for trained in [row("a", "9"), row("8", "2"), row("3", "c"), row("x", "y")] {
            overlap.train(&trained);
        }
        assert_eq!(overlap.count(&held_out), 2);
    }

    #[test]
    fn the_built_in_corpora_have_none() {
        for name in ["ding", "austen"] {
            let corpus = Corpus::built_in(name).unwrap();
            assert_eq!(overlaps(&corpus, &corpus, &Split::ALL).unwrap(), [""; 0]);
        }
    }

    #[test]
    fn one_is_one() {
        let text = |shared| described(Kind::Text, Split::Valid, shared, 9);
        assert_eq!(text(0), None);
        assert_eq!(
            text(1).unwrap(),
            "note: 1 of 9 lines of the valid split also stands in the training split"
        );
        let pairs = described(Kind::Pairs, Split::Test, 2, 9).unwrap();
        assert!(pairs.starts_with("warning: 2 of 9 pairs of the test split share a side with"), "{pairs}");
    }
}
