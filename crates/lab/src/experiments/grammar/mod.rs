//! Agreement: *the boy near the dogs opens*, and not *open*, whatever stands between him and his verb.
//!
//! A language model learns sentences of a small grammar. Then it is asked for the verb of others: with frames in which it
//! has never seen this subject with this verb, or with those that it has never seen together anywhere. Nouns that stand between are as often of the
//! subject's number as not, so that whoever looks only at what is near is right in a half.

mod ask;
mod figures;
mod frame;
mod gaze;
mod items;
mod measure;
mod network;
mod pairs;
mod sentence;
mod summary;
mod tables;
mod trigram;
mod words;

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use burn::module::Module;
use serde::{Deserialize, Serialize};

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::{Report, Target};
use crate::contract::seeds::Seeds;

use ask::{Answer, Questions, Suitcase};
use gaze::Gaze;
use network::{BATCH, Place, Point};
use sentence::LEARNED;
use summary::Summary;

/// Nouns between subject and verb that are asked about, at most.
const ASKED: usize = 8;
/// What is wanted without a noun between, and with one.
const WANTED: [f64; 2] = [0.99, 0.95];

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct Grammar {
    /// Networks to train, each with the next seed: other weights, and other sentences.
    #[arg(long, default_value = "5")]
    seeds: Seeds<100>,
    /// Steps of training, each with sentences of its own.
    #[arg(long, default_value_t = 600)]
    steps: usize,
    /// Pairs of your own: lines of a good sentence and a bad one, with a tab between, in the words of the grammar.
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// Folder to keep the first network in, as a run that `train` can use.
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    corpus: Corpus,
    network: Network,
    steps: usize,
    /// Attractors in what was learned, at most, and in what was asked.
    learned: usize,
    asked: usize,
    summary: Summary,
    runs: Vec<Run>,
    /// What the sentences of the book's example are, and what came of them.
    suitcases: Vec<Suitcase>,
    /// How much networks look at the subject before the verb.
    gazes: Vec<Gaze>,
    /// Some of what the first network was asked.
    examples: Vec<String>,
    pairs: Option<Vec<Answer>>,
}

/// What there is to learn from.
#[derive(Debug, Serialize, Deserialize)]
struct Corpus {
    words: usize,
    nouns: usize,
    verbs: usize,
    /// Sentences that a network reads.
    sentences: usize,
    /// Questions of each row.
    items: usize,
    /// Pairs of a noun and a verb, and how many of them never meet.
    pairs: usize,
    strangers: usize,
    /// The share of frame, noun and verb that is kept for the test.
    kept: f64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Network {
    layers: usize,
    heads: usize,
    d_model: usize,
    parameters: usize,
}

/// What a network of a seed knows, and the trigram that has counted in the same sentences.
#[derive(Debug, Serialize, Deserialize)]
struct Run {
    seed: u64,
    /// The loss per token of its first batch, which it met as it was drawn, and that of sentences not learned from, at the end.
    first: f64,
    nll: f64,
    /// By the number of attractors: of subjects and verbs that were never seen together in this frame, and of those that were
    /// never seen together at all.
    unseen: Vec<Shares>,
    strangers: Vec<Shares>,
    /// Of a verb behind *and*, with an object between.
    second: Shares,
    points: Vec<Point>,
}

/// Of the questions of a row, the share that is answered right.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Shares {
    network: f64,
    trigram: f64,
    /// The same where all attractors have the other number; none where there are none.
    opposed: Option<[f64; 2]>,
}

impl Experiment for Grammar {
    const NAME: &'static str = "grammar";
    const SUMMARY: &'static str = "a verb agrees with its subject, whatever stands between them";
    type Results = Results;
    const PARTS: &'static [fn(&Results, &mut Report)] = &[check, figures::add, tables::add];

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let Self { seeds, steps, ref pairs, ref keep } = *self;
        ensure!((1..=100_000).contains(&steps), "--steps is {steps}, but it must be from 1 to 100000");
        let pairs = pairs.as_deref().map(pairs::read).transpose()?;
        let questions = Questions::new(lab, pairs.unwrap_or_default());
        let mut answers = Vec::new();
        let mut runs = Vec::new();
        let mut parameters = 0;
        for (number, seed) in seeds.starting_at(lab.seed).into_iter().enumerate() {
            let parent = tempfile::tempdir().context("cannot make a temporary folder")?;
            let path = match keep.as_deref().filter(|_| number == 0) {
                Some(folder) => folder.to_owned(),
                None => parent.path().join("grammar"),
            };
            let place = Place { number, of: seeds.count() };
            let network = network::trained(lab, seed, steps, &path, place)?;
            parameters = network.reader.model.num_params();
            let (run, answer) = questions.asked(lab, seed, steps, network)?;
            runs.push(run);
            answers.push(answer);
        }
        Ok(Results {
            corpus: ask::corpus(steps),
            network: ask::network(parameters),
            steps,
            learned: LEARNED,
            asked: ASKED,
            summary: Summary::of(&runs, &answers, &questions),
            suitcases: questions.suitcases(&answers),
            examples: questions.examples(),
            pairs: questions.pairs(&answers),
            gazes: answers.into_iter().map(|given| given.gaze).collect(),
            runs,
        })
    }
}

fn check(results: &Results, report: &mut Report) {
    let Summary { networks, rows, trigram_off, .. } = &results.summary;
    for (attractors, wanted) in WANTED.into_iter().enumerate() {
        report.check(
            format!("share right with attractors: {attractors}, on average over {networks} networks"),
            rows[attractors].network.mean,
            Target::AtLeast(wanted),
        );
    }
    report.check(
        "share right of the trigram where nouns stand between, where it is farthest from a half",
        0.5 + trigram_off,
        Target::Near(0.5, 0.05),
    );
    report.check("questions of a row", results.corpus.items as f64, Target::AtLeast(300.0));
}
