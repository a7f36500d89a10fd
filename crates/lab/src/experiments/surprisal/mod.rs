//! Surprisal: how little a language model expects a word, in bits. *She opened the door with the …*: after that, *elephant*
//! surprises more than *key*.
//!
//! That surprisal predicts the size of the N400, an answer of the brain to words that don't fit, has been measured by
//! others. Here nothing of a brain is simulated: only the model's side is looked at, over frames in which every word
//! fits once, and once doesn't.

mod figures;
mod frames;
mod small;
mod tables;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::f64::consts::LN_2;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;
use serde::{Deserialize, Serialize};
use train::data::batch::Batch;
use train::data::texts::training_texts;
use train::run::reader::Reader;
use train::training::trainable::mean_nll;

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::{Report, Target, largest};
use crate::contract::seeds::Seeds;
use crate::contract::spread::Spread;

use frames::Frame;
use small::{Plan, Small, small};

/// A vocabulary in which nothing is known yet: that of the copy task.
const EQUAL: usize = 11;
/// Times that frames are drawn anew from the frames, to tell how much hangs on the choice.
const RESAMPLED: usize = 2_000;
/// The share of them that is between the ends of what is told.
const CONFIDENCE: f64 = 0.95;
/// Of so many frames, so many must come out as expected.
const WANTED: (f64, f64) = (35.0, 50.0);

/// The same of another number of frames.
fn wanted(frames: usize) -> f64 {
    (WANTED.0 / WANTED.1 * frames as f64).ceil()
}

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct Surprisal {
    /// Run folder of a language model.
    #[arg(long, value_name = "RUN", default_value = "models/austen")]
    run: PathBuf,
    /// Frames of your own: lines of the beginning of a sentence, a word that fits and one that doesn't, with tabs between.
    #[arg(long, value_name = "FILE")]
    frames: Option<PathBuf>,
    /// Built-in corpus in which words are counted for the control.
    #[arg(long, value_name = "NAME", default_value = "austen")]
    corpus: String,
    /// Small models to train on that corpus and to ask the same, each with the next seed [default: none].
    #[arg(long)]
    seeds: Option<Seeds<100>>,
    /// Steps that each of them is trained for.
    #[arg(long, default_value_t = 700)]
    steps: usize,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    run: String,
    frames: Vec<Measured>,
    balanced: bool,
    summary: Summary,
    /// Bits of every token if all of them are equally likely, and how many there are.
    equal: usize,
    equal_bits: f64,
    /// The largest difference between the bits of a text and its negative log-likelihood over ln 2, and that part of the
    /// bits.
    sum_off: f64,
    /// Every word of the first frame, with the word that fits at its end, and with the other.
    example: [Vec<Word>; 2],
    /// Two to the mean of the first of these.
    perplexity: f64,
    /// Small models of several seeds, if any were asked for.
    small: Option<Small>,
}

/// What came of a frame.
#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    context: String,
    fitting: String,
    unfitting: String,
    /// Bits of either word.
    bits: [f64; 2],
    /// How often either word is in the corpus.
    counts: [usize; 2],
}

impl Measured {
    fn difference(&self) -> f64 {
        self.bits[1] - self.bits[0]
    }

    /// Whether the word that fits is the more frequent one: 1 if it is, 0 if it is not, and between if both are alike.
    fn by_frequency(&self) -> f64 {
        let [fitting, unfitting] = self.counts;
        match fitting.cmp(&unfitting) {
            Ordering::Greater => 1.0,
            Ordering::Equal => 0.5,
            Ordering::Less => 0.0,
        }
    }
}

/// What is told of all frames together.
#[derive(Debug, Serialize, Deserialize)]
struct Summary {
    frames: usize,
    /// Frames in which the word that doesn't fit surprises more.
    expected: usize,
    share: f64,
    /// The same, if words are judged by how frequent they are. Where both are alike, it is half a frame.
    by_frequency: f64,
    /// Bits that the word that doesn't fit surprises more.
    difference: Spread,
    /// Over frames drawn from the frames again and again: how many of them come out as expected, on average.
    resampled: Spread,
    /// Between these two, in so large a share of the times.
    interval: [f64; 2],
    confidence: f64,
    /// How often the rarest word is in what the model has read.
    rarest: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct Word {
    word: String,
    bits: f64,
}

impl Experiment for Surprisal {
    const NAME: &'static str = "surprisal";
    const SUMMARY: &'static str = "how much a word that doesn't fit surprises a language model, in bits";
    type Results = Results;
    const PARTS: &'static [fn(&Results, &mut Report)] = &[check, figures::add, tables::add];
    const BOOK: &'static [&'static str] = &["--seeds", "5"];

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let steps = self.steps;
        ensure!((1..=100_000).contains(&steps), "--steps is {steps}, but it must be from 1 to 100000");
        let frames = frames::read(self.frames.as_deref())?;
        let reader = Reader::open(&self.run, &lab.device)?;
        let counts = counted(&self.corpus, &frames)?;
        lab.progress.at(0.0, "asking for the words of every frame");
        let (measured, off) = asked(&reader, &frames, &counts, lab)?;
        let seeds = self.seeds.map(|seeds| seeds.starting_at(lab.seed));
        let small = seeds.map(|seeds| {
            let plan = Plan { corpus: &self.corpus, seeds: &seeds, steps };
            small(&plan, &reader, lab, |reader| Ok(asked(reader, &frames, &counts, lab)?.0))
        });
        let example = [
            words(&reader, &frames[0].context, &frames[0].fitting)?,
            words(&reader, &frames[0].context, &frames[0].unfitting)?,
        ];
        let mean = example[0].iter().map(|word| word.bits).sum::<f64>()
            / (reader.ids(&with(&frames[0].context, &frames[0].fitting))?.len() - 1) as f64;
        Ok(Results {
            run: self.run.display().to_string(),
            balanced: frames::is_balanced(&frames),
            summary: summary(lab, &measured),
            frames: measured,
            equal: EQUAL,
            equal_bits: equal_bits(lab),
            sum_off: off,
            example,
            perplexity: mean.exp2(),
            small: small.transpose()?,
        })
    }
}

fn check(results: &Results, report: &mut Report) {
    let Results { summary, equal_bits, sum_off, .. } = results;
    report.check(
        format!("bits of each of {} tokens if all are equally likely", results.equal),
        *equal_bits,
        Target::Near(3.459, 0.0005),
    );
    report.check("sum of the bits, and NLL / ln 2: difference as a part", *sum_off, Target::AtMost(1e-5));
    report.check(
        format!("frames of {} in which the word that doesn't fit surprises more", summary.frames),
        summary.expected as f64,
        Target::AtLeast(wanted(summary.frames)),
    );
    if results.balanced {
        report.check(
            "frames that come out so by the frequency of words alone, as a share",
            summary.by_frequency / summary.frames as f64,
            Target::Near(0.5, 0.0),
        );
    }
}

/// What a model makes of the frames, and how far the bits of a text are from its likelihood at most.
fn asked(
    reader: &Reader,
    frames: &[Frame],
    counts: &HashMap<String, usize>,
    lab: &Lab,
) -> Result<(Vec<Measured>, f64)> {
    let (mut measured, mut off) = (Vec::new(), 0.0);
    for frame in frames {
        let (bits, frame_off) = bits(reader, frame, lab).with_context(|| format!("{:?}", frame.context))?;
        off = largest([off, frame_off].into_iter());
        let Frame { context, fitting, unfitting } = frame.clone();
        let counts = [&fitting, &unfitting].map(|word| counts[&word.to_lowercase()]);
        measured.push(Measured { context, fitting, unfitting, bits, counts });
    }
    Ok((measured, off))
}

fn with(context: &str, word: &str) -> String {
    format!("{context} {word}")
}

/// The bits of both words of a frame, and how far the sum of all words' bits is from what training measures.
fn bits(reader: &Reader, frame: &Frame, lab: &Lab) -> Result<([f64; 2], f64)> {
    let (mut bits, mut off) = ([0.0; 2], 0.0);
    for (bits, word) in bits.iter_mut().zip([&frame.fitting, &frame.unfitting]) {
        let text = with(&frame.context, word);
        let words = reader.surprisals(&text)?;
        *bits = words.last().map_or(f64::NAN, |word| word.bits);
        let sum: f64 = words.iter().map(|word| word.bits).sum();
        let batch = Batch { src: vec![], tgt: vec![reader.ids(&text)?] };
        let (nll, tokens) = mean_nll(&reader.model, std::iter::once(Ok(batch)), reader.pad(), &lab.device)?;
        off = largest([off, (sum - nll * tokens as f64 / LN_2).abs() / sum].into_iter());
    }
    Ok((bits, off))
}

fn words(reader: &Reader, context: &str, word: &str) -> Result<Vec<Word>> {
    let words = reader.surprisals(&with(context, word))?.into_iter();
    Ok(words.map(|word| Word { word: word.word, bits: word.bits }).collect())
}

/// The bits of a token in a vocabulary of equals, as the model's own functions give them.
fn equal_bits(lab: &Lab) -> f64 {
    let log_p = log_softmax(Tensor::<2>::zeros([1, EQUAL], &lab.device), 1);
    -log_p.into_data().iter::<f64>().next().unwrap_or(f64::NAN) / LN_2
}

/// How often the frames' words are in the texts that a model learned from. Large and small letters are the same.
fn counted(corpus: &str, frames: &[Frame]) -> Result<HashMap<String, usize>> {
    let words = frames.iter().flat_map(|frame| [&frame.fitting, &frame.unfitting]);
    let mut counts: HashMap<String, usize> = words.map(|word| (word.to_lowercase(), 0)).collect();
    for text in training_texts(corpus)? {
        for word in text?.to_lowercase().split(|c: char| !c.is_alphabetic() && c != '\'') {
            if let Some(count) = counts.get_mut(word) {
                *count += 1;
            }
        }
    }
    Ok(counts)
}

fn summary(lab: &Lab, frames: &[Measured]) -> Summary {
    let expected: Vec<bool> = frames.iter().map(|frame| frame.difference() > 0.0).collect();
    let count = expected.iter().filter(|&&expected| expected).count();
    let mut random = lab.random(0);
    let mut resampled: Vec<f64> = (0..RESAMPLED)
        .map(|_| (0..frames.len()).filter(|_| expected[random.below(frames.len())]).count() as f64)
        .collect();
    resampled.sort_by(f64::total_cmp);
    let at = |share: f64| resampled[(share * (RESAMPLED - 1) as f64).round() as usize];
    Summary {
        frames: frames.len(),
        expected: count,
        share: count as f64 / frames.len() as f64,
        by_frequency: frames.iter().map(Measured::by_frequency).sum(),
        difference: Spread::of(frames.iter().map(Measured::difference)),
        interval: [at((1.0 - CONFIDENCE) / 2.0), at((1.0 + CONFIDENCE) / 2.0)],
        confidence: CONFIDENCE,
        resampled: Spread::of(resampled.iter().copied()),
        rarest: frames.iter().flat_map(|frame| frame.counts).min().unwrap_or(0),
    }
}
