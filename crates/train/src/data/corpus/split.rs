//! Choosing what is held out of training.

use std::collections::HashSet;

use anyhow::{Result, ensure};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::read::Row;
use crate::words::counted;

/// How many rows a held-out split gets if nothing is said.
const USUAL: usize = 1_000;
/// Of a smaller corpus, each held-out split gets a twentieth.
const SMALL: usize = 20_000;

/// How many rows to hold out; None leaves it to the size of the corpus. Of a split that has files of its own, none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// Rows for validation.
    pub(super) valid: Option<usize>,
    /// Rows for the test.
    pub(super) test: Option<usize>,
}

/// The rows of the splits that have files of their own.
#[derive(Clone, Debug, Default)]
pub(super) struct Own {
    /// Rows for validation.
    pub(super) valid: Option<Vec<Row>>,
    /// Rows for the test.
    pub(super) test: Option<Vec<Row>>,
}

/// Rows drawn from a corpus, some of which are to be held out.
pub(super) struct Sample {
    rows: Vec<(usize, Row)>,
    /// How many rows there were to draw from.
    pub(super) total: usize,
    wanted: Wanted,
    random: ChaCha8Rng,
}

impl Sample {
    /// Draws rows, all equally likely, in one pass (reservoir sampling): twice as many as wanted, to replace those for
    /// the test that share a side with validation.
    ///
    /// # Errors
    ///
    /// If a row can't be read.
    pub(super) fn draw(rows: impl Iterator<Item = Result<Row>>, wanted: Wanted, seed: u64) -> Result<Self> {
        let size = 2 * (wanted.valid.unwrap_or(USUAL) + wanted.test.unwrap_or(USUAL));
        let mut drawn = Self { rows: Vec::new(), total: 0, wanted, random: ChaCha8Rng::seed_from_u64(seed) };
        for row in rows {
            let row = (drawn.total, row?);
            if drawn.total < size {
                drawn.rows.push(row);
            } else {
                let place = drawn.random.random_range(0..=drawn.total as u64) as usize;
                if place < size {
                    drawn.rows[place] = row;
                }
            }
            drawn.total += 1;
        }
        Ok(drawn)
    }

    /// Divides them into a validation and a test split, which share no side unless they may.
    ///
    /// # Errors
    ///
    /// If too few are left for a split or for training.
    pub(super) fn divide(mut self, own: Own, may_share: bool) -> Result<HeldOut> {
        let (valid, test) = sizes(self.wanted, self.total, &own)?;
        self.rows.shuffle(&mut self.random);
        let mut rows = self.rows.into_iter();
        let mut held_out = HeldOut { test_wanted: test, ..HeldOut::default() };
        let mut draw = |count: usize, own: Option<Vec<Row>>, held_out: &mut HeldOut| match own {
            Some(rows) => held_out.hold_out_own(rows),
            None => {
                let is_apart = |(_, row): &(usize, Row)| may_share || !held_out.shares_a_side(row);
                let chosen = rows.by_ref().filter(is_apart).take(count).collect();
                held_out.hold_out(chosen)
            }
        };
        // What has files of its own is there before anything is drawn.
        if own.test.is_some() {
            held_out.test = draw(test, own.test, &mut held_out);
            held_out.valid = draw(valid, own.valid, &mut held_out);
        } else {
            held_out.valid = draw(valid, own.valid, &mut held_out);
            held_out.test = draw(test, None, &mut held_out);
        }
        for (name, wanted, found, other) in [
            ("validation", valid, held_out.valid.len(), "test"),
            ("test", test, held_out.test.len(), "validation"),
        ] {
            ensure!(
                wanted == 0 || found > 0,
                "the {name} split would be empty: everything that could be chosen shares a side with a {other} pair; \
                 hold out less with --valid, or no test split with --test 0"
            );
        }
        Ok(held_out)
    }
}

/// The rows held out of training, in the order of the corpus.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct HeldOut {
    /// Rows for validation.
    pub(super) valid: Vec<Row>,
    /// Rows for the test.
    pub(super) test: Vec<Row>,
    /// How many rows were wanted for the test. There are fewer only if too many shared a side with validation.
    pub(super) test_wanted: usize,
    indices: HashSet<usize>,
    sides: Vec<HashSet<String>>,
}

impl HeldOut {
    fn hold_out(&mut self, mut chosen: Vec<(usize, Row)>) -> Vec<Row> {
        chosen.sort_unstable_by_key(|(index, _)| *index);
        self.indices.extend(chosen.iter().map(|(index, _)| *index));
        self.hold_out_own(chosen.into_iter().map(|(_, row)| row).collect())
    }

    /// Rows that are not among those that were drawn from.
    fn hold_out_own(&mut self, rows: Vec<Row>) -> Vec<Row> {
        for row in &rows {
            self.sides.resize_with(row.len(), HashSet::new);
            for (sides, side) in self.sides.iter_mut().zip(row) {
                sides.insert(side.clone());
            }
        }
        rows
    }

    /// Whether the row of this index among the cleaned ones is held out.
    pub(super) fn contains(&self, index: usize) -> bool {
        self.indices.contains(&index)
    }

    /// Whether the row has its source or its target in common with one that is held out. To train on it would give
    /// away half of that one.
    pub(super) fn shares_a_side(&self, row: &Row) -> bool {
        self.sides.iter().zip(row).any(|(sides, side)| sides.contains(side))
    }
}

fn sizes(wanted: Wanted, total: usize, own: &Own) -> Result<(usize, usize)> {
    let usual = if total < SMALL { total / 20 } else { USUAL };
    let (valid, test) = (wanted.valid.unwrap_or(usual), wanted.test.unwrap_or(usual));
    let usable = counted(total, "usable line");
    ensure!(
        valid > 0 || own.valid.is_some(),
        "the validation split would be empty: {usable}, --valid {valid}; expected at least one, such as --valid 1"
    );
    ensure!(
        valid + test < total,
        "nothing would be left to train on: {usable}, --valid {valid} --test {test}; hold out less"
    );
    Ok((valid, test))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs of which two at a time share the source, and three at a time the target.
    fn rows(count: usize) -> impl Iterator<Item = Result<Row>> {
        (0..count).map(|n| Ok(vec![format!("source {}", n / 2), format!("target {}", n / 3)]))
    }

    fn wanted(valid: usize, test: usize) -> Wanted {
        Wanted { valid: Some(valid), test: Some(test) }
    }

    fn choose(rows: impl Iterator<Item = Result<Row>>, wanted: Wanted, seed: u64) -> Result<HeldOut> {
        Sample::draw(rows, wanted, seed)?.divide(Own::default(), false)
    }

    #[test]
    fn one_seed_chooses_one_split() {
        let choose = |seed| choose(rows(500), wanted(20, 30), seed).unwrap();
        assert_eq!(choose(1), choose(1));
        assert_ne!(choose(1).valid, choose(2).valid);
        assert_eq!((choose(1).valid.len(), choose(1).test.len()), (20, 30));
    }

    #[test]
    fn validation_and_test_share_no_side() {
        let chosen = choose(rows(60), wanted(8, 8), 3).unwrap();
        for row in &chosen.test {
            assert!(!chosen.valid.iter().any(|other| other[0] == row[0] || other[1] == row[1]), "{row:?}");
        }
        assert!(
            rows(60)
                .enumerate()
                .any(|(index, row)| { !chosen.contains(index) && chosen.shares_a_side(&row.unwrap()) })
        );
    }

    #[test]
    fn every_row_is_equally_likely_to_be_drawn() {
        let (size, count, rounds) = (6, 24, 2_000);
        let mut drawn = vec![0; count];
        for seed in 0..rounds {
            let sample = Sample::draw(rows(count), wanted(1, 2), seed).unwrap();
            assert_eq!((sample.rows.len(), sample.total), (size, count));
            sample.rows.iter().for_each(|(index, _)| drawn[*index] += 1);
        }
        // Expected 500 of each, with a standard deviation of 19.
        assert!(drawn.iter().all(|times| (400..600).contains(times)), "{drawn:?}");
    }

    #[test]
    fn a_small_corpus_holds_out_a_twentieth() {
        let usual = Wanted { valid: None, test: None };
        assert_eq!(sizes(usual, 19_999, &Own::default()).unwrap(), (999, 999));
        assert_eq!(sizes(usual, 20_000, &Own::default()).unwrap(), (1_000, 1_000));
        let message = sizes(usual, 19, &Own::default()).unwrap_err().to_string();
        assert!(message.contains("validation split would be empty: 19 usable lines"), "{message}");
        let message = sizes(wanted(0, 1), 100, &Own::default()).unwrap_err().to_string();
        assert!(message.contains("--valid 0"), "{message}");
        let message = sizes(wanted(50, 50), 100, &Own::default()).unwrap_err().to_string();
        assert!(message.contains("nothing would be left to train on: 100 usable lines"), "{message}");
        assert_eq!(sizes(wanted(50, 49), 100, &Own::default()).unwrap(), (50, 49));
    }

    #[test]
    fn a_test_split_that_shares_everything_with_validation_is_refused() {
        let same = (0..9).map(|n| Ok(vec!["yes".to_owned(), format!("{n}")]));
        let message = choose(same, wanted(2, 2), 1).unwrap_err().to_string();
        assert!(message.contains("the test split would be empty"), "{message}");
    }

    #[test]
    fn what_is_drawn_shares_no_side_with_files_of_their_own() {
        let pairs: Vec<Row> = rows(60).map(Result::unwrap).collect();
        let own = |range: std::ops::Range<usize>| Some(pairs[range].to_vec());
        let divide =
            |own: Own, wanted| Sample::draw(rows(60), wanted, 1).unwrap().divide(own, false).unwrap();
        let some = Wanted { valid: Some(0), test: Some(20) };
        let found = divide(Own { valid: own(0..6), test: None }, some);
        assert_eq!((&found.valid[..], found.test.len()), (&pairs[..6], 20));
        assert!(
            found.test.iter().all(|row| !pairs[..6].iter().any(|own| own[0] == row[0] || own[1] == row[1]))
        );
        let some = Wanted { valid: Some(20), test: Some(0) };
        let found = divide(Own { valid: None, test: own(0..6) }, some);
        assert_eq!((&found.test[..], found.valid.len(), found.test_wanted), (&pairs[..6], 20, 0));
        assert!(
            found.valid.iter().all(|row| !pairs[..6].iter().any(|own| own[0] == row[0] || own[1] == row[1]))
        );
        let found =
            divide(Own { valid: own(0..3), test: own(3..6) }, Wanted { valid: Some(0), test: Some(0) });
        assert_eq!((&found.valid[..], &found.test[..]), (&pairs[..3], &pairs[3..6]));
        assert!((0..60).all(|index| !found.contains(index)), "these are not among what was drawn from");
    }
}
