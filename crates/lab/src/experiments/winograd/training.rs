//! A small translator learns the language, with the loop that all models of this project are trained by.

use std::sync::Arc;

use anyhow::{Context, Result};
use burn::tensor::Device;
use model::{NormOrder, Transformer, TransformerConfig, Tying};
use train::data::batch::{Batch, Position, Source};
use train::run::config::{CorpusTask, ModelConfig, RunConfig, Task, Versions};
use train::run::folder::RunFolder;
use train::run::schedule::Schedule;
use train::run::training::TrainingConfig;
use train::training::examiner::{Examined, Examiner};
use train::training::progress::Step;
use train::training::session::{AT_RISK, Session};
use train::training::stop::Stop;
use train::training::trainable::mean_nll;
use train::training::trainer::Trainer;

use super::words::{BOS, EOS, PAD};
use crate::contract::random::Random;
use crate::contract::training::{Told, of_steps};

/// Steps of training.
pub(super) const STEPS: usize = 400;
/// Sentences of a step.
pub(super) const BATCH: usize = 64;
/// Sentences that the loss is told of at the end.
const EXAMINED: usize = 200;

/// The sizes of the model.
pub(super) fn sizes(src_vocab: usize, tgt_vocab: usize) -> TransformerConfig {
    TransformerConfig {
        src_vocab,
        tgt_vocab,
        n_layers: 2,
        d_model: 64,
        d_ff: 256,
        n_heads: 4,
        dropout: 0.0,
        norm: NormOrder::Post,
        eps: 1e-5,
        tying: Tying::None,
        generator_bias: true,
        pad: PAD,
    }
}

/// How to train.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Decides the weights, and the order of the sentences.
    pub(super) seed: u64,
    pub(super) steps: usize,
}

/// The rate doesn't depend on the number of steps, so a shorter run is the beginning of a longer one.
fn config(Plan { seed, steps }: Plan) -> TrainingConfig {
    of_steps(steps, BATCH, Schedule::Noam { factor: 0.4, warmup: 100 }, seed)
}

/// What is read, and what is written: ids of both.
pub(super) type Example = (Vec<usize>, Vec<usize>);

/// Trains a model; `told` hears how much of it is done, and the loss per token in nats.
///
/// # Errors
///
/// If there is no room for temporary files, or the device fails.
pub(super) fn trained(
    examples: &[Example],
    sizes: &TransformerConfig,
    plan: Plan,
    device: &Device,
    mut told: impl FnMut(f64, f64),
) -> Result<Transformer> {
    let parent = tempfile::tempdir().context("cannot make a temporary folder")?;
    let training = config(plan);
    let longest = examples.iter().map(|(read, written)| read.len().max(written.len())).max();
    let task = CorpusTask {
        corpus: "winograd".to_owned(),
        folder: Some(parent.path().to_owned()),
        beside: None,
        content: None,
        source: Some("en".to_owned()),
        target: Some("de".to_owned()),
        length: longest.unwrap_or_default(),
    };
    let run = RunConfig {
        task: Task::Translate(task),
        model: ModelConfig::Transformer(sizes.clone()),
        bos: BOS,
        eos: Some(EOS),
        training: Some(training.clone()),
        device: None,
        versions: Versions::current(),
    };
    let folder = RunFolder::create(&parent.path().join("run"), &run, false)?;
    let devices = [device.clone()];
    let trainer = Trainer::new(|device| Ok(sizes.init(device)?), &training, (sizes.d_model, PAD), &devices)?;
    let session = Session {
        trainer,
        source: Examples::new(examples.to_vec(), plan.seed),
        examiner: Own { examples: &examples[..EXAMINED.min(examples.len())], device },
        folder: &folder,
        progress: Told(|step: &Step| told(step.done, step.nll)),
        stop: Arc::new(Stop::default()),
        guessing: (sizes.tgt_vocab as f64).ln(),
        at_risk: AT_RISK,
    };
    let (trainer, _) = session.run()?;
    Ok(trainer.trained())
}

fn batch<'a>(examples: impl Iterator<Item = &'a Example>) -> Batch {
    let (src, tgt) = examples.cloned().unzip();
    Batch { src, tgt }
}

/// All examples in an order of their own in every epoch.
struct Examples {
    examples: Vec<Example>,
    seed: u64,
    position: Position,
    order: Vec<usize>,
}

impl Examples {
    fn new(examples: Vec<Example>, seed: u64) -> Self {
        let mut source = Self { examples, seed, position: Position::default(), order: Vec::new() };
        source.seek(Position::default());
        source
    }

    fn batches(&self) -> usize {
        self.examples.len().div_ceil(BATCH).max(1)
    }
}

impl Source for Examples {
    fn next(&mut self) -> Result<Batch> {
        let Position { epoch, batch: number, .. } = self.position;
        let chosen = self.order.chunks(BATCH).nth(number).unwrap_or_default();
        let batch = batch(chosen.iter().map(|&n| &self.examples[n]));
        if number + 1 == self.batches() {
            self.seek(Position { epoch: epoch + 1, ..Position::default() });
        } else {
            self.position.batch += 1;
        }
        Ok(batch)
    }

    fn position(&self) -> Position {
        self.position
    }

    fn epochs(&self) -> f64 {
        self.position.epoch as f64 + self.position.batch as f64 / self.batches() as f64
    }

    fn seek(&mut self, position: Position) {
        /// Streams of other uses come before.
        const FIRST_STREAM: u64 = 1_000;
        let mut random = Random::new(self.seed, FIRST_STREAM + position.epoch as u64);
        self.order = (0..self.examples.len()).collect();
        for last in (1..self.order.len()).rev() {
            self.order.swap(last, random.below(last + 1));
        }
        self.position = position;
    }
}

/// The loss of some examples that were learned from. What the model makes of others is asked when it is trained.
struct Own<'a> {
    examples: &'a [Example],
    device: &'a Device,
}

impl Examiner<Transformer> for Own<'_> {
    fn examine(&mut self, model: &Transformer) -> Result<Examined> {
        let all = batch(self.examples.iter());
        let (nll, _) = mean_nll(model, std::iter::once(Ok(all)), PAD, self.device)?;
        Ok(Examined { nll, ..Examined::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples(count: usize) -> Vec<Example> {
        (0..count).map(|n| (vec![n, EOS], vec![BOS, n, EOS])).collect()
    }

    #[test]
    fn an_epoch_has_everything_once_in_an_order_of_its_own() {
        let mut source = Examples::new(examples(2 * BATCH + 3), 5);
        let mut orders = Vec::new();
        for epoch in 0..2 {
            let mut read = Vec::new();
            while source.position().epoch == epoch {
                let batch = source.next().unwrap();
                assert!(batch.src.iter().zip(&batch.tgt).all(|(src, tgt)| src[0] == tgt[1]));
                read.extend(batch.src.iter().map(|src| src[0]));
            }
            orders.push(read);
        }
        assert_ne!(orders[0], orders[1]);
        orders[0].sort_unstable();
        assert_eq!(orders[0], (0..2 * BATCH + 3).collect::<Vec<_>>());
        assert_eq!(source.epochs(), 2.0);
    }

    #[test]
    fn going_on_from_a_position_gives_what_would_have_come() {
        let mut whole = Examples::new(examples(2 * BATCH + 3), 5);
        for _ in 0..7 {
            let mut part = Examples::new(examples(2 * BATCH + 3), 5);
            part.seek(whole.position());
            assert_eq!(part.next().unwrap(), whole.next().unwrap());
        }
    }
}
