//! The copy task of The Annotated Transformer: give back the source.

use anyhow::{Result, ensure};
use model::sizes::MOST_TOKENS;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

use crate::data::batch::{Batch, Position, Source};

/// Begins every sequence.
pub const BOS: usize = 1;
/// Never occurs: all sequences have one length. It is not BOS, so that no first token is ever masked.
pub const PAD: usize = 0;

/// Symbols of a sequence at most: attention alone has 4 billion numbers for each head then.
const LONGEST: usize = 1 << 16;

/// Sequences of random symbols from `1..vocab`, the first always [`BOS`]; the target is the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyTask {
    /// Number of token ids, padding included.
    pub vocab: usize,
    /// Symbols in a sequence, BOS included.
    pub length: usize,
}

/// Where the random numbers of the copy task are used. Each use has streams of its own, so that what is tested is
/// never what was trained on by construction, and a step's data depends on nothing but the seed and the step.
#[derive(Clone, Copy)]
enum Use {
    Training(usize),
    Validation,
    Test,
}

impl CopyTask {
    /// Checks the sizes.
    ///
    /// # Errors
    ///
    /// Names the first size that breaks a rule, its value and the rule.
    pub(crate) fn validate(&self) -> Result<()> {
        let Self { vocab, length } = self;
        ensure!(*vocab > 2, "vocab = {vocab}, but padding, BOS and one symbol more need at least 3");
        ensure!(*length > 1, "length = {length}, but BOS and one symbol to copy need at least 2");
        ensure!(*vocab <= MOST_TOKENS, "vocab = {vocab}, but it must be at most {MOST_TOKENS}");
        ensure!(*length <= LONGEST, "length = {length}, but it must be at most {LONGEST}");
        Ok(())
    }

    /// Sequences to test a model with, which are never those of training by construction.
    #[must_use]
    pub(crate) fn fresh(&self, count: usize, seed: u64) -> Vec<Vec<usize>> {
        self.sequences(count, seed, Use::Test)
    }

    fn sequences(&self, count: usize, seed: u64, purpose: Use) -> Vec<Vec<usize>> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(match purpose {
            Use::Test => 0,
            Use::Validation => 1,
            Use::Training(step) => 2 + step as u64,
        });
        let mut sequence = || {
            let symbols = (1..self.length).map(|_| random.random_range(1..self.vocab));
            std::iter::once(BOS).chain(symbols).collect()
        };
        (0..count).map(|_| sequence()).collect()
    }
}

/// Endless batches of the task.
#[derive(Clone, Copy, Debug)]
pub struct CopyBatches {
    task: CopyTask,
    batch_size: usize,
    /// Batches of training come in so many parts.
    parts: usize,
    /// Decides every sequence.
    seed: u64,
    /// Batches in an epoch.
    epoch: usize,
    position: Position,
}

impl CopyBatches {
    /// Batches of `batch_size` sequences, each handed out in `parts` equal parts; `epoch` of them are an epoch.
    #[must_use]
    pub fn new(task: CopyTask, batch_size: usize, parts: usize, seed: u64, epoch: usize) -> Self {
        Self { task, batch_size, parts, seed, epoch, position: Position::default() }
    }

    fn batch(&self, purpose: Use) -> Batch {
        let sequences = self.task.sequences(self.batch_size, self.seed, purpose);
        Batch { src: sequences.clone(), tgt: sequences }
    }

    /// A batch never trained on.
    #[must_use]
    pub fn validation(&self) -> Batch {
        self.batch(Use::Validation)
    }
}

impl Source for CopyBatches {
    fn next(&mut self) -> Result<Batch> {
        let Position { epoch, batch: part, .. } = self.position;
        let step = epoch * self.epoch + part / self.parts + 1;
        let whole = self.batch(Use::Training(step));
        let size = self.batch_size / self.parts;
        let first = part % self.parts * size;
        let rows = |rows: &[Vec<usize>]| rows[first..first + size].to_vec();
        self.position.batch += 1;
        if self.position.batch == self.epoch.saturating_mul(self.parts) {
            self.position = Position { epoch: epoch + 1, ..Position::default() };
        }
        Ok(Batch { src: rows(&whole.src), tgt: rows(&whole.tgt) })
    }

    fn position(&self) -> Position {
        self.position
    }

    fn epochs(&self) -> f64 {
        let Position { epoch, batch, .. } = self.position;
        epoch as f64 + batch as f64 / (self.epoch as f64 * self.parts as f64)
    }

    fn seek(&mut self, position: Position) {
        self.position = position;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: CopyTask = CopyTask { vocab: 11, length: 10 };

    #[test]
    fn sequences_begin_with_bos_and_use_every_symbol_but_padding() {
        let sequences = TASK.sequences(200, 3, Use::Training(1));
        let mut seen = [0; 11];
        for sequence in &sequences {
            assert_eq!((sequence.len(), sequence[0]), (10, BOS));
            sequence.iter().for_each(|&id| seen[id] += 1);
        }
        assert_eq!(seen[PAD], 0);
        assert!(seen[1..].iter().all(|&count| count > 100), "{seen:?}");
    }

    #[test]
    fn data_depends_on_seed_step_and_use_alone() {
        let draw = |seed, purpose| TASK.sequences(3, seed, purpose);
        assert_eq!(draw(1, Use::Training(7)), draw(1, Use::Training(7)));
        let different = [draw(1, Use::Training(7)), draw(2, Use::Training(7)), draw(1, Use::Training(8))];
        let different = [&different[..], &[draw(1, Use::Test), draw(1, Use::Validation)]].concat();
        for (n, a) in different.iter().enumerate() {
            assert!(different[n + 1..].iter().all(|b| a != b));
        }
    }

    #[test]
    fn parts_make_up_the_batch_and_batches_the_epoch() {
        let mut whole = CopyBatches::new(TASK, 12, 1, 7, 2);
        let mut parts = CopyBatches::new(TASK, 12, 3, 7, 2);
        for batch in 0..5 {
            assert_eq!(whole.position().epoch, batch / 2);
            let expected = whole.next().unwrap();
            let found: Vec<_> = (0..3).flat_map(|_| parts.next().unwrap().tgt).collect();
            assert_eq!(found, expected.tgt);
            assert_eq!(parts.position().epoch, whole.position().epoch);
        }
    }

    #[test]
    fn sizes_that_leave_nothing_to_copy_are_refused() {
        let message = CopyTask { vocab: 2, length: 10 }.validate().unwrap_err().to_string();
        assert!(message.contains("vocab = 2") && message.contains("at least 3"), "{message}");
        let message = CopyTask { vocab: 11, length: 1 }.validate().unwrap_err().to_string();
        assert!(message.contains("length = 1") && message.contains("at least 2"), "{message}");
    }

    #[test]
    fn sizes_beyond_the_bounds_are_refused_with_the_largest_that_is_allowed() {
        CopyTask { vocab: MOST_TOKENS, length: LONGEST }.validate().unwrap();
        for size in [LONGEST + 1, 100_000, 1 << 32, usize::MAX] {
            let message = CopyTask { length: size, ..TASK }.validate().unwrap_err().to_string();
            assert_eq!(message, format!("length = {size}, but it must be at most 65536"));
        }
        for size in [MOST_TOKENS + 1, 1 << 32, usize::MAX] {
            let message = CopyTask { vocab: size, ..TASK }.validate().unwrap_err().to_string();
            assert_eq!(message, format!("vocab = {size}, but it must be at most 1048576"));
        }
    }

    #[test]
    fn an_epoch_may_be_longer_than_can_be_counted_in_parts() {
        let mut batches = CopyBatches::new(TASK, 4, 2, 7, usize::MAX);
        batches.next().unwrap();
        assert!(batches.position().epoch == 0 && batches.epochs() < 1e-9);
    }
}
