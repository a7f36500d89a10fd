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

/// How many rows to hold out; None leaves it to the size of the corpus.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// Rows for validation.
    pub(super) valid: Option<usize>,
    /// Rows for the test.
    pub(super) test: Option<usize>,
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

    /// Divides them into a validation and a test split.
    ///
    /// # Errors
    ///
    /// If too few are left for a split or for training.
    pub(super) fn divide(mut self) -> Result<HeldOut> {
        let (valid, test) = sizes(self.wanted, self.total)?;
        self.rows.shuffle(&mut self.random);
        let rest = self.rows.split_off(valid);
        let mut held_out = HeldOut { test_wanted: test, ..HeldOut::default() };
        held_out.valid = held_out.hold_out(self.rows);
        let apart = rest.into_iter().filter(|(_, row)| !held_out.shares_a_side(row)).take(test).collect();
        held_out.test = held_out.hold_out(apart);
        ensure!(
            test == 0 || !held_out.test.is_empty(),
            "the test split would be empty: everything that could be chosen shares a side with a validation pair; \
             hold out less with --valid, or no test split with --test 0"
        );
        Ok(held_out)
    }
}

/// The rows held out of training, in the order of the corpus.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct HeldOut {
    /// Rows for validation.
    pub(super) valid: Vec<Row>,
    /// Rows for the test, which share no side with those for validation.
    pub(super) test: Vec<Row>,
    /// How many rows were wanted for the test. There are fewer only if too many shared a side with validation.
    pub(super) test_wanted: usize,
    indices: HashSet<usize>,
    sides: Vec<HashSet<String>>,
}

impl HeldOut {
    fn hold_out(&mut self, mut chosen: Vec<(usize, Row)>) -> Vec<Row> {
        chosen.sort_unstable_by_key(|(index, _)| *index);
        for (index, row) in &chosen {
            self.indices.insert(*index);
            self.sides.resize_with(row.len(), HashSet::new);
            for (sides, side) in self.sides.iter_mut().zip(row) {
                sides.insert(side.clone());
            }
        }
        chosen.into_iter().map(|(_, row)| row).collect()
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

fn sizes(wanted: Wanted, total: usize) -> Result<(usize, usize)> {
    let usual = if total < SMALL { total / 20 } else { USUAL };
    let (valid, test) = (wanted.valid.unwrap_or(usual), wanted.test.unwrap_or(usual));
    let usable = counted(total, "usable line");
    ensure!(
        valid > 0,
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
        Sample::draw(rows, wanted, seed)?.divide()
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
        assert_eq!(sizes(usual, 19_999).unwrap(), (999, 999));
        assert_eq!(sizes(usual, 20_000).unwrap(), (1_000, 1_000));
        let message = sizes(usual, 19).unwrap_err().to_string();
        assert!(message.contains("validation split would be empty: 19 usable lines"), "{message}");
        let message = sizes(wanted(0, 1), 100).unwrap_err().to_string();
        assert!(message.contains("--valid 0"), "{message}");
        let message = sizes(wanted(50, 50), 100).unwrap_err().to_string();
        assert!(message.contains("nothing would be left to train on: 100 usable lines"), "{message}");
        assert_eq!(sizes(wanted(50, 49), 100).unwrap(), (50, 49));
    }

    #[test]
    fn a_test_split_that_shares_everything_with_validation_is_refused() {
        let same = (0..9).map(|n| Ok(vec!["yes".to_owned(), format!("{n}")]));
        let message = choose(same, wanted(2, 2), 1).unwrap_err().to_string();
        assert!(message.contains("the test split would be empty"), "{message}");
    }
}
