//! The network, and how it learns the grammar.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use burn::tensor::Device;
use model::{LanguageModel, LanguageModelConfig};
use serde::{Deserialize, Serialize};
use train::data::batch::{Batch, Position, Source};
use train::data::vocabulary::{BOS, EOS, PAD, Vocabulary};
use train::run::config::{CorpusTask, ModelConfig, RunConfig, Task, Versions};
use train::run::folder::RunFolder;
use train::run::reader::Reader;
use train::run::schedule::Schedule;
use train::run::training::{Interval, TrainingConfig};
use train::training::examiner::{Examined, Examiner};
use train::training::progress::Step;
use train::training::session::{AT_RISK, Session};
use train::training::stop::Stop;
use train::training::trainable::mean_nll;
use train::training::trainer::Trainer;

use super::frame::Met;
use super::items::{Item, row};
use super::measure::{Encoded, encoded, ids, right};
use super::sentence::{LEARNED, sentence};
use super::words;
use crate::contract::experiment::Lab;
use crate::contract::random::Random;
use crate::contract::training::{Told, of_steps, said};

// ANCHOR: recipe
/// Sentences of a step; none is drawn for a second one.
pub(super) const BATCH: usize = 64;

/// Small. It needs no dropout, since it reads no sentence again; with
/// a table of its own for what comes out, it learns sooner.
pub(super) fn model(vocab: usize) -> LanguageModelConfig {
    let tiny = LanguageModelConfig::tiny(vocab);
    LanguageModelConfig { dropout: 0.0, tied: false, ..tiny }
}

/// The highest learning rate, and the steps until it is reached.
const PEAK: f64 = 0.006;
const WARMUP: usize = 50;
// ANCHOR_END: recipe

/// Steps between two looks at how much is learned.
const EVERY: usize = 50;
/// Streams of random numbers: the first is for what is asked, the next for looks on the way, then there is one for each batch.
const LOOKS: u64 = 1;
const BATCHES: u64 = 2;
/// Tokens in a sentence, its ends included: that of the longest has fewer.
const LONGEST: usize = 64;

/// What a network knows at some moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Point {
    pub(super) step: usize,
    /// Negative log-likelihood per token, in nats, of sentences that were not learned from.
    pub(super) nll: f64,
    /// The share of questions that are answered right, by the number of attractors.
    pub(super) right: Vec<f64>,
}

/// A network that has learned.
pub(super) struct Trained {
    pub(super) reader: Reader,
    pub(super) vocabulary: Vocabulary,
    pub(super) points: Vec<Point>,
    /// The loss per token of its first batch, which it met as it was drawn.
    pub(super) first: f64,
}

/// Where a training is among all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) number: usize,
    pub(super) of: usize,
}

/// Trains a network of a seed for so many steps, in a run folder of its own.
///
/// # Errors
///
/// If the folder can't be written, or the device fails.
pub(super) fn trained(lab: &Lab, seed: u64, steps: usize, path: &Path, place: Place) -> Result<Trained> {
    let vocabulary = Vocabulary::of_words(&words::all())?;
    let model = model(vocabulary.size());
    let training = training(seed, steps);
    let config = config(&model, &training);
    let folder = RunFolder::create(path, &config, false)?;
    folder.save_shared(&vocabulary)?;
    let devices = [lab.device.clone()];
    let sizes = (config.model.d_model(), PAD);
    let trainer = Trainer::new(|device| Ok(model.init(device)?), &training, sizes, &devices)?;
    let mut looks = Looks::new(&vocabulary, seed, &lab.device)?;
    let mut first = f64::NAN;
    let Place { number, of } = place;
    let told = |step: &Step| {
        if step.step == 1 {
            first = step.nll;
        }
        let what = format!("network {} of {of}, {}", number + 1, said(step));
        lab.progress.at((number as f64 + 0.9 * step.done) / of as f64, &what);
    };
    let session = Session {
        trainer,
        source: Sentences { vocabulary: &vocabulary, seed, position: Position::default() },
        examiner: &mut looks,
        folder: &folder,
        progress: Told(told),
        stop: Arc::new(Stop::default()),
        guessing: (vocabulary.size() as f64).ln(),
        at_risk: AT_RISK,
    };
    session.run()?;
    let points = looks.points(steps);
    let reader = Reader::open(folder.path(), &lab.device)?;
    Ok(Trained { reader, vocabulary, points, first })
}

fn config(model: &LanguageModelConfig, training: &TrainingConfig) -> RunConfig {
    let task = CorpusTask {
        corpus: "grammar".to_owned(),
        folder: None,
        beside: None,
        content: None,
        source: None,
        target: None,
        length: LONGEST,
    };
    RunConfig {
        task: Task::Lm(task),
        model: ModelConfig::Language(model.clone()),
        bos: BOS,
        eos: Some(EOS),
        training: Some(training.clone()),
        device: None,
        versions: Versions::current(),
    }
}

fn training(seed: u64, steps: usize) -> TrainingConfig {
    let schedule = Schedule::Cosine { peak: PEAK, warmup: WARMUP };
    TrainingConfig {
        evaluate: Interval::Steps(EVERY),
        clip: Some(1.0),
        ..of_steps(steps, BATCH, schedule, seed)
    }
}

/// The sentences of a batch, counted from 0.
pub(super) fn batch(seed: u64, number: usize) -> Vec<Vec<&'static str>> {
    let mut random = Random::new(seed, BATCHES + number as u64);
    (0..BATCH).map(|_| sentence(&mut random)).collect()
}

/// Sentences as tokens, with both ends.
fn tokens(vocabulary: &Vocabulary, sentences: &[Vec<&'static str>]) -> Result<Batch> {
    let mut tgt = ids(vocabulary, sentences.iter().map(Vec::as_slice))?;
    tgt.iter_mut().for_each(|ids| ids.push(EOS));
    Ok(Batch { src: vec![], tgt })
}

/// Batch after batch of new sentences.
struct Sentences<'a> {
    vocabulary: &'a Vocabulary,
    seed: u64,
    position: Position,
}

impl Source for Sentences<'_> {
    fn next(&mut self) -> Result<Batch> {
        let number = self.position.batch;
        self.position.batch += 1;
        tokens(self.vocabulary, &batch(self.seed, number))
    }

    fn position(&self) -> Position {
        self.position
    }

    /// There is no end to them.
    fn epochs(&self) -> f64 {
        0.0
    }

    fn seek(&mut self, position: Position) {
        self.position = position;
    }
}

/// Asks now and then, other questions than at the end.
struct Looks {
    validation: Batch,
    rows: Vec<Vec<Encoded>>,
    device: Device,
    found: Vec<(f64, Vec<f64>)>,
}

impl Looks {
    fn new(vocabulary: &Vocabulary, seed: u64, device: &Device) -> Result<Self> {
        let mut random = Random::new(seed, LOOKS);
        let sentences: Vec<_> = (0..BATCH).map(|_| sentence(&mut random)).collect();
        let rows: Vec<Vec<Item>> =
            (0..=LEARNED).map(|attractors| row(attractors, Met::Elsewhere, &mut random)).collect();
        Ok(Self {
            validation: tokens(vocabulary, &sentences)?,
            rows: rows.iter().map(|items| encoded(vocabulary, items)).collect::<Result<_>>()?,
            device: device.clone(),
            found: vec![],
        })
    }

    fn points(self, steps: usize) -> Vec<Point> {
        let found = self.found.into_iter().zip(1..);
        found.map(|((nll, right), n)| Point { step: steps.min(n * EVERY), nll, right }).collect()
    }
}

impl Examiner<LanguageModel> for &mut Looks {
    fn examine(&mut self, model: &LanguageModel) -> Result<Examined> {
        let validation = std::iter::once(Ok(self.validation.clone()));
        let (nll, _) = mean_nll(model, validation, PAD, &self.device)?;
        let share = |items: &Vec<Encoded>| {
            let right = right(model, items, &self.device);
            right.iter().filter(|&&right| right).count() as f64 / right.len() as f64
        };
        let shares = self.rows.iter().map(share).collect();
        self.found.push((nll, shares));
        Ok(Examined { nll, ..Examined::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_depends_on_seed_and_number_alone_and_has_both_ends() {
        assert_eq!(batch(3, 5), batch(3, 5));
        assert!(batch(3, 5) != batch(3, 6) && batch(3, 5) != batch(4, 5));
        let vocabulary = Vocabulary::of_words(&words::all()).unwrap();
        let mut source = Sentences { vocabulary: &vocabulary, seed: 3, position: Position::default() };
        source.seek(Position { batch: 5, ..Position::default() });
        let Batch { src, tgt } = source.next().unwrap();
        assert!(src.is_empty() && tgt.len() == BATCH && source.position().batch == 6);
        for (ids, words) in tgt.iter().zip(batch(3, 5)) {
            assert_eq!((ids[0], ids[ids.len() - 1], ids.len()), (BOS, EOS, words.len() + 2));
            assert!(ids.len() < LONGEST);
        }
    }
}
