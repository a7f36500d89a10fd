//! Batches of similar lengths under a budget of tokens.

use std::cmp::Reverse;

use anyhow::Result;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Block, Store};
use crate::training::{Batch, Position, Source, mix};

/// Batches without end: epoch after epoch, block after block, each shuffled by the seed, the epoch and the block.
#[derive(Debug)]
pub struct CorpusBatches {
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
    pub fn new(store: Store, budget: usize, seed: u64) -> Self {
        Self { store, budget, seed, position: Position::default(), loaded: None }
    }

    /// All batches of the store once, in order of length.
    ///
    /// # Errors
    ///
    /// If the store can't be read.
    pub fn all(store: &Store, budget: usize) -> impl Iterator<Item = Result<Batch>> {
        (0..store.blocks()).flat_map(move |number| {
            let batches = store.block(number).map(|block| {
                let order = by_length(&block, |_| 0.0);
                let batches = fill(&block, &order, budget);
                batches.iter().map(|batch| gather(&block, batch)).collect::<Vec<_>>()
            });
            match batches {
                Ok(batches) => batches.into_iter().map(Ok).collect::<Vec<_>>(),
                Err(error) => vec![Err(error)],
            }
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
            let examples = self.store.block(order[block])?;
            let mut random = ChaCha8Rng::seed_from_u64(mix(mix(self.seed, epoch), order[block] + 1));
            let order = by_length(&examples, |_| random.random::<f64>());
            let mut batches = fill(&examples, &order, self.budget);
            batches.shuffle(&mut random);
            self.loaded = Some(Loaded { epoch, block, examples, batches });
        }
        self.loaded.as_ref().ok_or_else(|| anyhow::anyhow!("no block is loaded"))
    }
}

impl Source for CorpusBatches {
    fn next(&mut self) -> Result<Batch> {
        let at = self.position.batch;
        let loaded = self.load()?;
        let batch = gather(&loaded.examples, &loaded.batches[at]);
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

    fn seek(&mut self, position: Position) {
        self.position = position;
    }
}

/// The examples by the length of the target, those of one length in the order of `noise` and of the source's length.
fn by_length(block: &Block, mut noise: impl FnMut(usize) -> f64) -> Vec<usize> {
    let mut key = |number: usize| {
        let (src, tgt) = block.get(number);
        (tgt.len() as f64 + noise(number), src.len())
    };
    let mut keyed: Vec<_> = (0..block.len()).map(|number| (key(number), number)).collect();
    keyed.sort_by(|(a, n), (b, m)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(n.cmp(m)));
    keyed.into_iter().map(|(_, number)| number).collect()
}

/// Cuts the order into batches that keep to the budget.
fn fill(block: &Block, order: &[usize], budget: usize) -> Vec<Vec<usize>> {
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
}
