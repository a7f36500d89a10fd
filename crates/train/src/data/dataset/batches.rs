//! Batches of similar lengths under a budget of tokens.

use std::cmp::Reverse;

use anyhow::{Context, Result};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Block, Store};
use crate::data::batch::{Batch, Position, Source, mix};

/// Batches without end: epoch after epoch, block after block, each shuffled by the seed, the epoch and the block.
#[derive(Debug)]
pub(crate) struct CorpusBatches {
    store: Store,
    budget: usize,
    seed: u64,
    position: Position,
    loaded: Option<Loaded>,
}

/// The block that the position is in, and what its batches are.
#[derive(Debug)]
struct Loaded {
    epoch: usize,
    block: usize,
    examples: Block,
    batches: Vec<Vec<usize>>,
}

impl CorpusBatches {
    /// From the beginning. A batch has at most `budget` tokens on its wider side, padding included, or one example.
    #[must_use]
    pub(crate) fn new(store: Store, budget: usize, seed: u64) -> Self {
        Self { store, budget, seed, position: Position::default(), loaded: None }
    }

    /// All batches of the store once, in order of length within each block. A batch is made when it is asked for.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    pub(crate) fn all(store: &Store, budget: usize) -> impl Iterator<Item = Result<Batch>> {
        (0..store.blocks()).flat_map(move |number| {
            let read = store.block(number).map(|block| {
                let batches = fill(&block, &by_length(&block, |_| 0), budget);
                batches.into_iter().map(move |batch| gather(&block, &batch))
            });
            let (batches, error) = match read {
                Ok(batches) => (Some(batches), None),
                Err(error) => (None, Some(Err(error))),
            };
            batches.into_iter().flatten().map(Ok).chain(error)
        })
    }

    fn load(&mut self) -> Result<&Loaded> {
        let Position { epoch, block, .. } = self.position;
        let is_there =
            self.loaded.as_ref().is_some_and(|loaded| (loaded.epoch, loaded.block) == (epoch, block));
        if !is_there {
            self.loaded = None; // Its memory is free before the next block is read.
            let mut order: Vec<usize> = (0..self.store.blocks()).collect();
            order.shuffle(&mut ChaCha8Rng::seed_from_u64(mix(self.seed, epoch)));
            let number = *order.get(block).with_context(|| beyond("block", block))?;
            let examples = self.store.block(number)?;
            let mut random = ChaCha8Rng::seed_from_u64(mix(mix(self.seed, epoch), number + 1));
            let order = by_length(&examples, |_| random.random());
            let mut batches = fill(&examples, &order, self.budget);
            batches.shuffle(&mut random);
            self.loaded = Some(Loaded { epoch, block, examples, batches });
        }
        self.loaded.as_ref().context("no block is loaded")
    }
}

/// A position that was saved when the data were others.
fn beyond(what: &str, number: usize) -> String {
    format!(
        "the encoded corpus has no {what} {number}, so it isn't the one that the run was trained on before"
    )
}

impl Source for CorpusBatches {
    fn next(&mut self) -> Result<Batch> {
        let at = self.position.batch;
        let loaded = self.load()?;
        let numbers = loaded.batches.get(at).with_context(|| beyond("batch", at))?;
        let batch = gather(&loaded.examples, numbers);
        let count = loaded.batches.len();
        self.position.batch += 1;
        if self.position.batch == count {
            (self.position.batch, self.position.block) = (0, self.position.block + 1);
        }
        if self.position.block == self.store.blocks() {
            (self.position.block, self.position.epoch) = (0, self.position.epoch + 1);
        }
        Ok(batch)
    }

    fn position(&self) -> Position {
        self.position
    }

    fn epochs(&self) -> f64 {
        let Position { epoch, block, batch } = self.position;
        let is_here = |loaded: &&Loaded| (loaded.epoch, loaded.block) == (epoch, block);
        let batches = self.loaded.as_ref().filter(is_here).map_or(1, |loaded| loaded.batches.len());
        epoch as f64 + (block as f64 + batch as f64 / batches as f64) / self.store.blocks().max(1) as f64
    }

    fn seek(&mut self, position: Position) {
        self.position = position;
    }
}

/// The examples by the length of the target; those of one length by the length of the source, which rises and falls by
/// turns, so that neighbours are alike on both sides; those that are as long on both sides by `noise`.
fn by_length(block: &Block, mut noise: impl FnMut(usize) -> u64) -> Vec<usize> {
    let key = |number: usize| {
        let (src, tgt) = block.get(number);
        let rising = src.len() as i64;
        (tgt.len(), if tgt.len() % 2 == 0 { rising } else { -rising }, noise(number), number)
    };
    let mut keyed: Vec<_> = (0..block.len()).map(key).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(.., number)| number).collect()
}

/// Cuts the order into batches that keep to the budget.
fn fill(block: &Block, order: &[usize], budget: usize) -> Vec<Vec<usize>> {
    // ANCHOR: fill
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut widest = 0;
    for &number in order {
        let (src, tgt) = block.get(number);
        let own = src.len().max(tgt.len());
        let wider = widest.max(own);
        match batches.last_mut() {
            Some(batch) if wider * (batch.len() + 1) <= budget => {
                batch.push(number);
                widest = wider;
            }
            _ => {
                batches.push(vec![number]);
                widest = own;
            }
        }
    }
    batches
    // ANCHOR_END: fill
}

fn gather(block: &Block, batch: &[usize]) -> Batch {
    let row = |ids: &[u32]| ids.iter().map(|&id| id as usize).collect::<Vec<_>>();
    let mut examples: Vec<_> = batch.iter().map(|&number| block.get(number)).collect();
    // Longest first, so that a batch's first row shows its width.
    examples.sort_by_key(|(src, tgt)| Reverse((tgt.len(), src.len())));
    let src = examples.iter().map(|(src, _)| row(src)).filter(|src| !src.is_empty()).collect();
    Batch { src, tgt: examples.iter().map(|(_, tgt)| row(tgt)).collect() }
}

#[cfg(test)]
mod tests {
    use super::super::store::Writer;
    use super::*;

    /// Example n has n % 13 + 2 source and n % 7 + 2 target tokens; its number is in both.
    fn store(folder: &std::path::Path, examples: usize, block: usize) -> Store {
        let mut writer = Writer::create(&folder.join("ids")).unwrap().with_block(block);
        for n in 0..examples {
            writer.push(&vec![n; n % 13 + 2], &[&[1][..], &vec![n; n % 7 + 1]].concat()).unwrap();
        }
        writer.finish().unwrap()
    }

    fn numbers(batch: &Batch) -> Vec<usize> {
        batch.src.iter().map(|src| src[0]).collect()
    }

    #[test]
    fn an_epoch_has_every_example_once_and_keeps_to_the_budget() {
        let folder = tempfile::tempdir().unwrap();
        let mut batches = CorpusBatches::new(store(folder.path(), 101, 40), 60, 5);
        let mut epochs = vec![Vec::new(), Vec::new()];
        while batches.position().epoch < 2 {
            let epoch = batches.position().epoch;
            let batch = batches.next().unwrap();
            let widest = batch.src.iter().chain(&batch.tgt).map(Vec::len).max().unwrap();
            assert!(widest * batch.src.len() <= 60);
            for (src, tgt) in batch.src.iter().zip(&batch.tgt) {
                assert_eq!(src[0], tgt[1], "a pair stays a pair");
            }
            epochs[epoch].extend(numbers(&batch));
        }
        assert_ne!(epochs[0], epochs[1], "another order each time");
        for epoch in &mut epochs {
            epoch.sort_unstable();
            assert_eq!(*epoch, (0..101).collect::<Vec<_>>());
        }
    }

    #[test]
    fn going_on_from_a_position_gives_what_would_have_come() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), 101, 40);
        let mut whole = CorpusBatches::new(store.clone(), 60, 5);
        for _ in 0..70 {
            let position = whole.position();
            let expected = whole.next().unwrap();
            let mut part = CorpusBatches::new(store.clone(), 60, 5);
            part.seek(position);
            assert_eq!(part.next().unwrap(), expected, "{position:?}");
            assert_eq!(part.position(), whole.position());
        }
        assert!(whole.position().epoch > 0);
    }

    #[test]
    fn epochs_pass_evenly() {
        let folder = tempfile::tempdir().unwrap();
        let mut batches = CorpusBatches::new(store(folder.path(), 120, 40), 60, 5);
        let mut before = batches.epochs();
        assert_eq!(before, 0.0);
        while batches.position().epoch < 2 {
            batches.next().unwrap();
            let now = batches.epochs();
            assert!(now > before && now - before < 0.1, "{before}, then {now}");
            assert_eq!(now as usize, batches.position().epoch);
            before = now;
        }
        assert_eq!(before, 2.0);
    }

    #[test]
    fn the_seed_decides() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), 101, 40);
        let first = |seed| CorpusBatches::new(store.clone(), 60, seed).next().unwrap();
        assert_eq!(first(1), first(1));
        assert_ne!(first(1), first(2));
    }

    #[test]
    fn all_batches_cover_everything_in_order_of_length() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), 50, 50);
        let all: Vec<Batch> = CorpusBatches::all(&store, 60).map(Result::unwrap).collect();
        let lengths: Vec<usize> = all.iter().map(|batch| batch.tgt[0].len()).collect();
        assert!(lengths.is_sorted(), "{lengths:?}");
        assert_eq!(all.iter().map(|batch| batch.src.len()).sum::<usize>(), 50);
    }

    /// So many pairs as long as those of Tatoeba are: 3 to 60 tokens, 11 in the middle, and a source about as long.
    fn realistic(folder: &std::path::Path, pairs: usize) -> Store {
        let mut writer = Writer::create(&folder.join("ids")).unwrap();
        let mut random = ChaCha8Rng::seed_from_u64(11);
        // Nearly normal, with a standard deviation of one.
        let mut normal = || (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
        let length = |of: f64| of.round().clamp(3.0, 60.0) as usize;
        for _ in 0..pairs {
            let tgt = length(11.0 * (0.45 * normal()).exp());
            let src = length(tgt as f64 * (0.2 * normal()).exp());
            writer.push(&vec![5; src], &vec![5; tgt]).unwrap();
        }
        writer.finish().unwrap()
    }

    /// The share of all places that are padding.
    fn padding(batches: impl Iterator<Item = Batch>) -> f64 {
        let places = batches.map(|batch| batch.places());
        let (all, padding) = places.fold((0, 0), |sum, (all, padding)| (sum.0 + all, sum.1 + padding));
        padding as f64 / all as f64
    }

    #[test]
    fn little_of_a_batch_is_padding() {
        let folder = tempfile::tempdir().unwrap();
        let store = realistic(folder.path(), 40_000);
        let all = padding(CorpusBatches::all(&store, 2_048).map(Result::unwrap));
        assert!(all < 0.05, "{all}");
        let mut batches = CorpusBatches::new(store, 2_048, 5);
        let mut epoch = Vec::new();
        while batches.position().epoch == 0 {
            epoch.push(batches.next().unwrap());
        }
        assert!(
            epoch.windows(2).any(|two| two[0].tgt[0].len() > two[1].tgt[0].len()),
            "not in order of length"
        );
        let trained = padding(epoch.into_iter());
        assert!(trained < 0.05, "{trained}");
    }

    #[test]
    fn a_position_that_the_data_do_not_have_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path(), 20, 40);
        for (block, batch, what) in [(1, 0, "block 1"), (0, 99, "batch 99")] {
            let mut batches = CorpusBatches::new(store.clone(), 60, 5);
            batches.seek(Position { epoch: 0, block, batch });
            let message = batches.next().unwrap_err().to_string();
            assert!(message.contains(what), "{message}");
        }
    }
}
