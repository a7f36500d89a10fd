//! What comes next: a language model gives every token a probability, one is appended, and it is asked again.
//!
//! Beside it stands one query of the first layer, so that every printed number is that of a tensor, and the printed
//! arithmetic comes to the printed result.

mod arithmetic;
mod figures;
mod lines;
mod tables;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use burn::tensor::activation::softmax;
use model::decoding::{Sampling, sample};
use serde::{Deserialize, Serialize};
use train::run::reader::Reader;

use super::by_hand::asked::{Asked, ask};
use super::by_hand::{SINGLE, pencil, rows, vector, within};
use crate::contract::experiment::{Experiment, Lab};
use crate::contract::random::Random;
use crate::contract::report::{Report, Target, largest};
use crate::contract::spread::Spread;

/// Draws of a seed, and seeds.
const DRAWS: usize = 2_000;
const SEEDS: u64 = 10;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct NextWord {
    /// Run folder of a language model with pre-norm.
    #[arg(long, value_name = "RUN", default_value = "models/austen")]
    run: PathBuf,
    /// A prompt: the model goes on from here.
    #[arg(long, default_value = "She was very glad to")]
    text: String,
    /// Tokens to append.
    #[arg(long, default_value_t = 12)]
    append: usize,
    /// Of the likeliest tokens, so many are shown.
    #[arg(long, default_value_t = 10)]
    top: usize,
    /// The head of the first layer that is worked by hand, counted from 1.
    #[arg(long, default_value_t = 1)]
    head: usize,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    text: String,
    tokens: Vec<String>,
    /// Tokens that the model chooses among.
    vocab: usize,
    /// Numbers of a vector, of a head's query, and heads of a layer.
    d_model: usize,
    d_k: usize,
    heads: usize,
    steps: Vec<Step>,
    written: String,
    /// What the model writes by itself, when it always takes the likeliest token.
    by_itself: String,
    /// Furthest from 1 that the probabilities of a step add up to.
    sum_off: f64,
    draws: Draws,
    head: usize,
    asked: Asked,
}

/// One time that the model is asked.
#[derive(Debug, Serialize, Deserialize)]
struct Step {
    /// What it was given.
    given: String,
    /// The likeliest tokens, the first of which is appended.
    candidates: Vec<Candidate>,
    /// What all others share.
    rest: f64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Candidate {
    token: String,
    probability: f64,
}

/// What is appended if it is drawn instead.
#[derive(Debug, Serialize, Deserialize)]
struct Draws {
    draws: usize,
    seeds: u64,
    /// For each of the likeliest tokens after the prompt: its share of a seed's draws.
    shares: Vec<Spread>,
}

impl Experiment for NextWord {
    const NAME: &'static str = "next-word";
    const SUMMARY: &'static str = "what comes next: probabilities of all tokens, one is appended, and again";
    type Results = Results;

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let Self { ref run, ref text, append, top, head } = *self;
        let reader = Reader::open(run, &lab.device)?;
        ensure!(
            reader.model.layers.norm.is_some(),
            "{} holds a model with post-norm, but one with pre-norm is needed",
            run.display()
        );
        within("--append", append, 200)?;
        within("--top", top, 50)?;
        let begun = reader.ids(text)?;
        lab.progress.at(0.1, "reading the prompt");
        let Written { steps, ids, sum_off, first } = self.write(&reader, &begun)?;
        let sampling =
            Sampling { temperature: 0.0, top_k: None, top_p: None, eos: Some(reader.eos()), seed: 1 };
        let by_itself = sample(&reader.model, std::slice::from_ref(&begun), &sampling, append, &lab.device)?;
        lab.progress.at(0.9, "drawing");
        let input = reader.tensor(&begun);
        let heads = reader.model.forward(input.clone()).weights[0].dims()[1];
        within("--head", head, heads)?;
        let at = begun.len() - 1;
        let (_, given) = vector::made(&reader.model, &input, 0, at);
        let d_model = given.dims()[2];
        let attention = &reader.model.layers.layers[0].self_attn;
        Ok(Results {
            text: text.clone(),
            tokens: begun.iter().map(|&id| reader.piece(id)).collect(),
            vocab: first.len(),
            d_model,
            d_k: d_model / heads,
            heads,
            draws: draws(lab, &first, &order(&first)[..top.min(first.len())]),
            steps,
            written: reader.text(&ids)?,
            by_itself: reader.text(&[&begun[..], &by_itself.concat()].concat())?,
            sum_off,
            head,
            asked: ask(attention, &given, (heads, head - 1), at),
        })
    }

    fn report(results: &Results) -> Report {
        let mut report = Report::default();
        let lines = lines::of(results);
        check(results, &lines, &mut report);
        figures::add(results, &mut report);
        tables::add(results, &lines, &mut report);
        report
    }
}

fn check(results: &Results, lines: &lines::Lines, report: &mut Report) {
    let Results { asked, draws, steps, .. } = results;
    report.check("sum of all probabilities, from 1", results.sum_off, Target::AtMost(SINGLE));
    let other = if results.written == results.by_itself { 0.0 } else { 1.0 };
    report.check("texts that the model writes otherwise by itself", other, Target::AtMost(0.0));
    let mut same = |name: &str, off: f64| report.check(name, off, Target::AtMost(SINGLE));
    same("scores with a pencil, and the tensor's", pencil::scores_off(asked));
    same("weights with a pencil, and the tensor's", pencil::weights_off(asked));
    same("output with a pencil, and the tensor's", pencil::output_off(asked));
    report.check(
        "printed lines that don't come to the printed result",
        lines.broken() as f64,
        Target::AtMost(0.0),
    );
    let first = steps.first().map_or(&[][..], |step| &step.candidates);
    let off =
        first.iter().zip(&draws.shares).map(|(candidate, share)| (share.mean - candidate.probability).abs());
    report.check("share of the draws, furthest from the probability", largest(off), Target::AtMost(0.02));
}

/// What came of appending.
struct Written {
    steps: Vec<Step>,
    ids: Vec<usize>,
    sum_off: f64,
    /// The probabilities after the prompt.
    first: Vec<f64>,
}

// ANCHOR: append
impl NextWord {
    /// Asks what comes next, appends the likeliest token, asks again.
    fn write(&self, reader: &Reader, ids: &[usize]) -> Result<Written> {
        let (mut ids, mut steps) = (ids.to_vec(), Vec::new());
        let (mut sums, mut first) = (Vec::new(), Vec::new());
        let end = reader.eos();
        while steps.len() < self.append && ids.last() != Some(&end) {
            let probabilities = next(reader, &ids);
            let order = order(&probabilities);
            let likeliest = &order[..self.top.min(order.len())];
            steps.push(step(reader, &ids, &probabilities, likeliest)?);
            sums.push((probabilities.iter().sum::<f64>() - 1.0).abs());
            ids.push(order[0]);
            if first.is_empty() {
                first = probabilities;
            }
        }
        let sum_off = largest(sums.into_iter());
        Ok(Written { steps, ids, sum_off, first })
    }
}

/// For every token of the vocabulary, how likely it comes next.
fn next(reader: &Reader, ids: &[usize]) -> Vec<f64> {
    let logits = reader.model.forward(reader.tensor(ids)).output;
    let [_, length, vocab] = logits.dims();
    let last = logits.slice([0..1, length - 1..length, 0..vocab]);
    rows(softmax(last, 2), vocab).swap_remove(0)
}
// ANCHOR_END: append

/// Numbers of the tokens, the likeliest first.
fn order(probabilities: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..probabilities.len()).collect();
    order.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
    order
}

fn step(reader: &Reader, ids: &[usize], probabilities: &[f64], likeliest: &[usize]) -> Result<Step> {
    let candidate = |&id: &usize| Candidate { token: reader.piece(id), probability: probabilities[id] };
    let told: f64 = likeliest.iter().map(|&id| probabilities[id]).sum();
    Ok(Step {
        given: reader.text(ids)?,
        candidates: likeliest.iter().map(candidate).collect(),
        rest: probabilities.iter().sum::<f64>() - told,
    })
}

/// Draws tokens after the prompt, with some seeds.
fn draws(lab: &Lab, probabilities: &[f64], likeliest: &[usize]) -> Draws {
    let drawn = |seed: u64| {
        let mut random = Random::new(lab.seed.wrapping_add(seed), 0);
        let mut counts = vec![0.0; probabilities.len()];
        (0..DRAWS).for_each(|_| counts[draw(probabilities, &mut random)] += 1.0);
        counts
    };
    let counts: Vec<Vec<f64>> = (0..SEEDS).map(drawn).collect();
    let shares = |&id: &usize| Spread::of(counts.iter().map(|counts| counts[id] / DRAWS as f64));
    Draws { draws: DRAWS, seeds: SEEDS, shares: likeliest.iter().map(shares).collect() }
}

/// One of them, each as often as it is likely.
fn draw(probabilities: &[f64], random: &mut Random) -> usize {
    let mut left = random.uniform() * probabilities.iter().sum::<f64>();
    let passed = |probability: &f64| {
        left -= probability;
        left < 0.0
    };
    probabilities.iter().position(passed).unwrap_or(probabilities.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_likely_is_drawn_often_and_what_is_impossible_never() {
        let mut random = Random::new(1, 0);
        let mut counts = [0; 4];
        (0..10_000).for_each(|_| counts[draw(&[0.0, 0.7, 0.0, 0.3], &mut random)] += 1);
        assert!(counts[0] == 0 && counts[2] == 0 && (6_800..7_200).contains(&counts[1]), "{counts:?}");
        assert_eq!(order(&[0.1, 0.6, 0.3]), [1, 2, 0]);
    }
}
