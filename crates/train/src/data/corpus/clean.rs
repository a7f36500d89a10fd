//! Leaving out what is of no use.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::Result;

use super::read::Row;

/// What is kept that could be left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Keep {
    /// Rows that occurred before.
    pub(super) duplicates: bool,
    /// Rows to train on that share a side with a held-out one.
    pub(super) shared: bool,
}

/// Rows without the empty ones, and unless they are kept without the repeated ones, which are counted.
///
/// Of every row a hash of 64 bits is kept, which takes 8 bytes (with the free places of the table up to 20). Two
/// different rows of 10 million have the same hash, and one of them is lost, with a probability of 3 in a million.
pub(super) struct Clean<I> {
    rows: I,
    seen: HashSet<u64>,
    keep: Keep,
    /// Rows read so far.
    pub(super) read: usize,
    /// Those of them with an empty side.
    pub(super) empty: usize,
    /// Those of them that occurred before.
    pub(super) duplicates: usize,
}

impl<I> Clean<I> {
    /// Cleans these rows.
    pub(super) fn new(rows: I, keep: Keep) -> Self {
        Self { rows, seen: HashSet::new(), keep, read: 0, empty: 0, duplicates: 0 }
    }
}

impl<I: Iterator<Item = Result<Row>>> Iterator for Clean<I> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let row = match self.rows.next()? {
                Ok(row) => row,
                Err(error) => return Some(Err(error)),
            };
            self.read += 1;
            if row.iter().any(String::is_empty) {
                self.empty += 1;
            } else if !self.keep.duplicates && !self.seen.insert(hash(&row)) {
                self.duplicates += 1;
            } else {
                return Some(Ok(row));
            }
        }
    }
}

fn hash(row: &Row) -> u64 {
    let mut hasher = DefaultHasher::new();
    row.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_counted() {
        let row = |source: &str, target: &str| vec![source.to_owned(), target.to_owned()];
        let rows = [row("a", "b"), row("", "b"), row("a", "b"), row("ab", ""), row("a", "c"), row("b", "a")];
        for (duplicates, left, left_out) in [(false, 3, 1), (true, 4, 0)] {
            let rows = rows.iter().map(|row| Ok(row.clone()));
            let mut clean = Clean::new(rows, Keep { duplicates, shared: false });
            assert_eq!(clean.by_ref().map(Result::unwrap).count(), left);
            assert_eq!((clean.read, clean.empty, clean.duplicates), (6, 2, left_out));
        }
    }
}
