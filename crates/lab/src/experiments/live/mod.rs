//! What the book's models say when they run in its pages: the sentences that the page must translate and go on with in the
//! same way, and the numbers of one sentence, which the book shows where no script runs.

mod figures;
mod inside;
mod tables;
mod written;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use train::run::reader::Reader;
use train::run::translator::Translator;

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::{Report, Target};

/// Two likeliest tokens that are closer than this may change places where sums are added up in another order.
const TIE: f64 = 1e-4;
/// Tokens of a source and of a target for which the page has room, with those that begin and end them; and of a text.
const ROOM: Room = Room { source: 32, target: 32, text: 24 };

/// How many tokens the page has room for.
struct Room {
    source: usize,
    target: usize,
    text: usize,
}

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct Live {
    /// Run folder of a translator.
    #[arg(long, value_name = "RUN", default_value = "models/ding")]
    translator: PathBuf,
    /// Run folder of a language model.
    #[arg(long, value_name = "RUN", default_value = "models/austen")]
    language_model: PathBuf,
    /// A sentence to look into while it is translated.
    #[arg(long, default_value = "Die Frau sieht den Mann.")]
    sentence: String,
    /// A text to look into while the language model goes on with it.
    #[arg(long, default_value = "She was very glad to see her")]
    text: String,
    /// Tokens that the language model writes.
    #[arg(long, default_value_t = 12)]
    tokens: usize,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    translator: Model,
    language_model: Model,
}

/// What is told of a model.
#[derive(Debug, Serialize, Deserialize)]
struct Model {
    /// What it is for readers.
    title: String,
    /// Sentences, and what it makes of them.
    written: Vec<Written>,
    /// One of them, looked into.
    shown: Shown,
}

/// A text, and what a model writes with the likeliest token each time: `train translate-text --beam 1` and
/// `train generate --temperature 0`.
#[derive(Debug, Serialize, Deserialize)]
struct Written {
    text: String,
    /// What the model reads: a source with its end, or the beginning of a text with the token that begins it.
    ids: Vec<usize>,
    /// What it writes, the token that ends a sentence included.
    output: Vec<usize>,
    /// The same as text.
    written: String,
    /// At each step, how much larger the best logit is than the second.
    gaps: Vec<f64>,
}

/// The numbers of one sentence.
#[derive(Debug, Serialize, Deserialize)]
struct Shown {
    text: String,
    written: String,
    /// For each token that is written, what else there was.
    steps: Vec<Step>,
    attention: Attention,
    norms: Vec<Norms>,
}

/// The likeliest tokens of a step, the best first.
#[derive(Debug, Serialize, Deserialize)]
struct Step {
    candidates: Vec<Candidate>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Candidate {
    token: String,
    probability: f64,
}

/// The weights of a head of the last layer: of its heads, the one that looks most at one place.
#[derive(Debug, Serialize, Deserialize)]
struct Attention {
    /// What looks at what.
    sort: String,
    layer: usize,
    head: usize,
    queries: Vec<String>,
    keys: Vec<String>,
    weights: Vec<Vec<f64>>,
}

/// How long the vectors of the residual stream are, on average over the tokens.
#[derive(Debug, Serialize, Deserialize)]
struct Norms {
    stack: String,
    /// After the embeddings, and after each layer.
    layers: Vec<f64>,
    /// Which token has the longest vector in the end, and how long this, the next and the shortest are.
    longest_token: String,
    longest: f64,
    next: f64,
    shortest: f64,
}

impl Experiment for Live {
    const NAME: &'static str = "live";
    const SUMMARY: &'static str =
        "what the models say that run in the book's pages, and the numbers of one sentence";
    type Results = Results;
    const PARTS: &'static [fn(&Results, &mut Report)] = &[check, figures::add, tables::add];

    fn measure(&self, lab: &Lab) -> Result<Results> {
        // On the processor, whatever else is asked for, since that is where a program is carried out.
        let device = Device::flex();
        ensure!(
            (1..=ROOM.text / 2).contains(&self.tokens),
            "--tokens is {}, but it must be from 1 to {}",
            self.tokens,
            ROOM.text / 2
        );
        lab.progress.at(0.0, "the translator");
        let translator = Translator::open(&self.translator, &device)?;
        let sentences = lines(include_str!("sentences.txt"), &self.sentence);
        let translated = written::translated(&translator, &sentences)?;
        let shown = inside::translator(&translator, &translated[0])?;
        let translator = Model { title: "the translator".to_owned(), written: translated, shown };
        lab.progress.at(0.6, "the language model");
        let reader = Reader::open(&self.language_model, &device)?;
        let prompts = lines(include_str!("prompts.txt"), &self.text);
        let continued = written::continued(&reader, &prompts, self.tokens)?;
        let shown = inside::language_model(&reader, &continued[0])?;
        let language_model = Model { title: "the language model".to_owned(), written: continued, shown };
        Ok(Results { translator, language_model })
    }
}

/// The text that is looked into, and all others.
fn lines(text: &str, first: &str) -> Vec<String> {
    let others = text.lines().filter(|line| *line != first).map(str::to_owned);
    std::iter::once(first.to_owned()).chain(others).collect()
}

/// No step may hang on the last digits.
fn check(results: &Results, report: &mut Report) {
    for Model { title, written, .. } in [&results.translator, &results.language_model] {
        let gaps = written.iter().flat_map(|written| &written.gaps).copied();
        let least = gaps.fold(f64::INFINITY, f64::min);
        report.check(format!("{title}: texts"), written.len() as f64, Target::AtLeast(20.0));
        report.check(format!("{title}: smallest gap"), least, Target::AtLeast(TIE));
        for tie in written.iter().filter(|written| written.gaps.iter().any(|gap| *gap < TIE)) {
            report.say(format!("{title}: two tokens are as good as equal in {:?}", tie.text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_twenty_of_each_and_none_is_there_twice() {
        for text in [include_str!("sentences.txt"), include_str!("prompts.txt")] {
            let first = text.lines().next().unwrap();
            let mut all = lines(text, first);
            assert_eq!((all.len(), all[0].as_str()), (20, first));
            all.sort();
            all.dedup();
            assert_eq!(all.len(), 20);
            assert_eq!(lines(text, "another").len(), 21);
        }
    }
}
