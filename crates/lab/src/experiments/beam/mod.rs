//! The beam search of one sentence, drawn as the tree that it is: what was kept at each step, what was dropped, and what
//! came to its end.
//!
//! The search is done once more without a cache, every beginning read anew, and must find what the model's own finds.

mod search;
mod tree;
mod words;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;
use model::decoding::{EXTRA_LENGTH, Search, beam_search};
use serde::{Deserialize, Serialize};
use train::run::translator::Translator;

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::{Report, Target};

use search::{Node, best, explore, path};

/// How far single precision may be from itself, with and without a cache.
const SINGLE: f64 = 1e-3;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct Beam {
    /// Run folder of a translator.
    #[arg(long, value_name = "RUN", default_value = "models/ding")]
    run: PathBuf,
    /// A short sentence.
    #[arg(long, default_value = "Du kannst auf mich zählen.")]
    text: String,
    /// Hypotheses that are kept.
    #[arg(long, default_value_t = 4)]
    beam: usize,
    /// Strength of the length penalty.
    #[arg(long, default_value_t = 0.6)]
    alpha: f64,
    /// Of those that are dropped at each step, so many are shown, the likeliest.
    #[arg(long, default_value_t = 1)]
    dropped: usize,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    text: String,
    beam: usize,
    alpha: f64,
    nodes: Vec<Node<String>>,
    /// How far the logarithm of the best sentence is from what the model's own search gives; infinitely far, if that finds
    /// another sentence.
    off: Option<f64>,
}

impl Experiment for Beam {
    const NAME: &'static str = "beam";
    const SUMMARY: &'static str =
        "the beam search of one sentence, with all that it keeps and some that it drops";
    type Results = Results;

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let Self { beam, alpha, dropped, .. } = *self;
        ensure!((1..=10).contains(&beam), "--beam is {beam}, but it must be from 1 to 10");
        ensure!(dropped <= 10, "--dropped is {dropped}, but it must be at most 10");
        ensure!(alpha.is_finite() && alpha >= 0.0, "--alpha is {alpha}, but it must be zero or more");
        let translator = Translator::open(&self.run, &lab.device)?;
        let source = translator.source(&self.text)?;
        let search = Search { bos: translator.bos(), eos: translator.eos(), beam, alpha };
        let max_new = source.len() + EXTRA_LENGTH;
        let mut step = 0;
        let nodes = explore(&search, max_new, dropped, |beginnings| {
            step += 1;
            lab.progress.at(step as f64 / max_new as f64, "reading what was written");
            next(&translator, &source, beginnings)
        });
        let ids = |end| path(&nodes, end).into_iter().map(|node| nodes[node].token).collect::<Vec<_>>();
        let own = beam_search(&translator.model, translator.tensor(&[source]), &search, &[max_new]);
        let own = own.into_iter().flatten().next();
        let off = best(&nodes)
            .zip(own)
            .and_then(|(end, own)| (ids(end) == own.ids).then(|| (nodes[end].log_prob - own.log_prob).abs()));
        let named = |Node { parent, step, token, log_prob, score, fate }: Node<usize>| Node {
            token: translator.piece(token),
            log_prob: rounded(log_prob),
            score: rounded(score),
            parent,
            step,
            fate,
        };
        Ok(Results {
            text: self.text.clone(),
            beam,
            alpha,
            nodes: nodes.into_iter().map(named).collect(),
            off: off.map(rounded),
        })
    }

    fn report(results: &Results) -> Report {
        let mut report = Report::default();
        let off = results.off.unwrap_or(f64::INFINITY);
        report.check("best sentence here, and of the model's own search", off, Target::AtMost(SINGLE));
        tree::add(results, &mut report);
        words::add(results, &mut report);
        report
    }
}

/// The logarithms of the probabilities of every token after each beginning.
fn next(translator: &Translator, source: &[usize], beginnings: &[Vec<usize>]) -> Vec<Vec<f64>> {
    let begun = |ids: &Vec<usize>| [&[translator.bos()], &ids[..]].concat();
    let targets: Vec<Vec<usize>> = beginnings.iter().map(begun).collect();
    let sources = vec![source.to_vec(); targets.len()];
    let logits = translator.model.forward(translator.tensor(&sources), translator.tensor(&targets)).logits;
    let [batch, length, vocab] = logits.dims();
    // [batch, vocab]
    let last: Tensor<2> = logits.slice([0..batch, length - 1..length]).squeeze_dim(1);
    let numbers: Vec<f64> = log_softmax(last, 1).into_data().iter::<f64>().collect();
    numbers.chunks(vocab).map(<[_]>::to_vec).collect()
}

/// As many digits as single precision has to say of a sum.
fn rounded(value: f64) -> f64 {
    (value * 1e5).round() / 1e5
}
