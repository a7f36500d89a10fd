//! A diagram is a program: what was captured of a model is carried out, operation by operation, and comes to what the
//! model itself computes.
//!
//! Compared are all outputs that a forward pass has (logits, vectors, the attention weights of every layer) with what the
//! model computes directly; and every tensor with that of a second backend, which shares no code with the first.

mod compare;
mod models;

use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::{Report, Target, largest};

/// How far single precision may be from itself when sums are added up in another order.
const SINGLE: f64 = 1e-5;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct Replay {
    /// Run folder of a translator.
    #[arg(long, value_name = "RUN", default_value = "models/ding")]
    translator: PathBuf,
    /// Run folder of a language model.
    #[arg(long, value_name = "RUN", default_value = "models/austen")]
    language_model: PathBuf,
    /// A sentence to translate.
    #[arg(long, default_value = "Das Buch erscheint im November.")]
    source: String,
    /// Its translation.
    #[arg(long, default_value = "The book will be published in November.")]
    target: String,
    /// A text for the language model.
    #[arg(long, default_value = "She was very glad to see her")]
    text: String,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    models: Vec<Replayed>,
}

/// A model that was captured and carried out.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Replayed {
    /// A name as pieces of the book have it.
    name: String,
    /// The same in words.
    title: String,
    /// Operations that were carried out.
    operations: usize,
    /// Outputs that were compared with the direct forward pass, and numbers in them.
    outputs: usize,
    numbers: usize,
    /// The largest difference between these numbers.
    largest: f64,
    /// Tensors that were compared with those of another backend, inputs and parameters included.
    tensors: usize,
    /// The largest difference there, over the largest number of its tensor if that is above 1.
    between: f64,
}

impl Experiment for Replay {
    const NAME: &'static str = "replay";
    const SUMMARY: &'static str = "what was captured of a model is carried out, and compared with the model";
    type Results = Results;

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let mut models = Vec::new();
        lab.progress.at(0.0, "the base model at small sizes");
        models.push(models::base(lab)?);
        lab.progress.at(0.3, "the translator");
        models.push(models::translator(&self.translator, &self.source, &self.target)?);
        lab.progress.at(0.7, "the language model");
        models.push(models::language_model(&self.language_model, &self.text)?);
        Ok(Results { models })
    }

    fn report(results: &Results) -> Report {
        let mut report = Report::default();
        let models = &results.models;
        for model in models {
            let Replayed { title, operations, outputs, largest, tensors, between, .. } = model;
            report.check(format!("{title}: largest difference"), *largest, Target::AtMost(SINGLE));
            report.check(
                format!("{title}: largest difference of backends"),
                *between,
                Target::AtMost(SINGLE),
            );
            report.check(format!("{title}: operations"), *operations as f64, Target::AtLeast(1.0));
            report.say(format!(
                "{}: {operations} operations replayed, largest difference {} in {outputs} outputs; {} in {tensors} tensors \
                 on another backend.",
                title,
                short(*largest),
                short(*between)
            ));
        }
        for (model, piece) in models.iter().zip(PIECES) {
            report.piece(piece, line(model.operations, model.largest));
        }
        let operations = models.iter().map(|model| model.operations).sum();
        report.piece("all", line(operations, largest(models.iter().map(|model| model.largest))));
        report.piece("table", table(models));
        report
    }
}

/// The models' names, in their order.
const PIECES: [&str; 3] = ["base", "translator", "language-model"];

/// What stands below a diagram.
fn line(operations: usize, largest: f64) -> String {
    format!("{operations} operations replayed, largest difference {}\n", short(largest))
}

fn table(models: &[Replayed]) -> String {
    let head = "| model | operations | outputs | largest difference | tensors | between two backends |\n\
                |---|--:|--:|--:|--:|--:|\n";
    let row = |model: &Replayed| {
        let Replayed { title, operations, outputs, largest, tensors, between, .. } = model;
        let (largest, between) = (short(*largest), short(*between));
        format!("| {title} | {operations} | {outputs} | {largest} | {tensors} | {between} |\n")
    };
    format!("{head}{}", models.iter().map(row).collect::<String>())
}

/// Two digits, and a power of ten.
fn short(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { format!("{value:.1e}") }
}
