//! `train score`: how likely a trained model finds a given target.

use std::f64::consts::LN_2;
use std::io::Write;

use anyhow::{Result, ensure};
use burn::tensor::Device;
use model::Transformer;
use model::decoding::score;
use serde::{Deserialize, Serialize};

use crate::data::lines::{answer_stdin, by_length, check_ids, ids_tensor, parse_json};
use crate::run::folder::RunFolder;
use crate::tasks::decoding::check_target;
use crate::words::counted;

/// Pairs scored side by side.
const BATCH_SIZE: usize = 32;

/// A line of input.
#[derive(Deserialize)]
struct Request {
    src: Vec<usize>,
    tgt: Vec<usize>,
}

/// A line of output.
#[derive(Serialize)]
struct Answer {
    /// Log-probability, in nats, of every token after BOS that is not padding.
    log_probs: Vec<f64>,
    /// The negative of their sum.
    nll: f64,
    /// The same in bits.
    bits: f64,
}

/// Scores a stream of pairs, in order: those that have come, whatever is still to come.
///
/// # Errors
///
/// If the run folder or the input is damaged.
pub(crate) fn run(folder: &RunFolder, json: bool, device: &Device, output: &mut impl Write) -> Result<()> {
    let config = folder.config()?;
    let vocab = config.transformer()?.src_vocab;
    let model = folder.model(&config, device)?;
    let pad = config.model.pad();
    let check = |pair: &Request| {
        check_ids(&pair.src, "src", vocab)?;
        check_target(&pair.tgt, &config)
    };
    let mut before = 0;
    answer_stdin(
        |line| parse_json(line, check),
        |pairs| {
            let answers = scored(&model, pairs, pad, device);
            for (number, log_probs) in (before + 1..).zip(answers) {
                write(log_probs, number, json, output)?;
            }
            before += pairs.len();
            Ok(output.flush()?)
        },
    )
}

/// The log-probabilities of each pair's target, computed in batches of similar length.
fn scored(model: &Transformer, pairs: &[Request], pad: usize, device: &Device) -> Vec<Vec<f64>> {
    let mut answers: Vec<Vec<f64>> = vec![Vec::new(); pairs.len()];
    let lengths: Vec<usize> = pairs.iter().map(|pair| pair.src.len() + pair.tgt.len()).collect();
    for batch in by_length(&lengths, BATCH_SIZE) {
        let rows = |side: fn(&Request) -> &Vec<usize>| -> Vec<Vec<usize>> {
            batch.iter().map(|&index| side(&pairs[index]).clone()).collect()
        };
        let (src, tgt) = (rows(|pair| &pair.src), rows(|pair| &pair.tgt));
        let found = score(model, ids_tensor(&src, pad, device), ids_tensor(&tgt, pad, device), pad);
        for (index, log_probs) in batch.into_iter().zip(found) {
            answers[index] = log_probs;
        }
    }
    answers
}

/// Writes what was found of the pair with a number.
fn write(log_probs: Vec<f64>, number: usize, json: bool, output: &mut impl Write) -> Result<()> {
    let nll = log_probs.iter().map(|log_prob| -log_prob).sum::<f64>() + 0.0; // not -0 for an empty sum
    ensure!(
        nll.is_finite(),
        "the NLL of pair {number} is {nll}: the model's weights are too large to be computed with"
    );
    let answer = Answer { nll, bits: nll / LN_2, log_probs };
    if json {
        writeln!(output, "{}", serde_json::to_string(&answer)?)?;
    } else {
        let tokens = counted(answer.log_probs.len(), "token");
        writeln!(output, "{:.4} nats  {:.4} bits  {tokens}", nll, answer.bits)?;
    }
    Ok(())
}
