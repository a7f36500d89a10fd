//! How a translator writes: greedily or by beam search, many sentences at a time.

use std::ops::Range;

use anyhow::{Result, bail, ensure};
use burn::tensor::Device;
use model::Transformer;
use model::decoding::{EXTRA_LENGTH, Hypothesis, Search, beam_search, greedy};

use crate::data::lines::{by_length, check_ids, ids_tensor};
use crate::device::parallel::in_parallel;
use crate::device::threads;
use crate::run::config::{RunConfig, Task};

/// Sentences decoded side by side.
const BATCH_SIZE: usize = 32;

/// Widths of a beam: a wider one is a slip of the finger.
const BEAMS: Range<usize> = 1..1_001;

/// What to decode, and how.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DecodePlan {
    /// Hypotheses kept alive; 1 is greedy decoding.
    pub(crate) beam: usize,
    /// Strength of beam search's length penalty.
    pub(crate) alpha: f64,
    /// Tokens to write at most; None for the task's own limit.
    pub(crate) max_new: Option<usize>,
    /// Write on after the token that ends a sentence.
    pub(crate) ignore_eos: bool,
    /// JSON lines instead of plain ids.
    pub(crate) json: bool,
    /// The source; None to read sources from standard input, one a line.
    pub(crate) src: Option<String>,
}

impl DecodePlan {
    /// The likeliest token each time.
    #[must_use]
    pub(crate) fn greedy() -> Self {
        Self { beam: 1, alpha: 0.6, max_new: None, ignore_eos: false, json: false, src: None }
    }

    /// Checks the numbers.
    ///
    /// # Errors
    ///
    /// Names the first that breaks a rule.
    pub(crate) fn validate(&self) -> Result<()> {
        let Range { start, end } = BEAMS;
        ensure!(
            BEAMS.contains(&self.beam),
            "beam = {}, but it must be from {start} (greedy) to {}",
            self.beam,
            end - 1
        );
        ensure!(
            self.alpha.is_finite() && self.alpha >= 0.0,
            "alpha = {}, but it must be zero or more",
            self.alpha
        );
        Ok(())
    }
}

/// Decodes every source, in batches of similar length; the answers come in the order of the sources.
pub(crate) fn decode(
    plan: &DecodePlan,
    config: &RunConfig,
    model: &Transformer,
    sources: &[Vec<usize>],
    device: &Device,
) -> Vec<Hypothesis> {
    let eos = if plan.ignore_eos { None } else { config.eos };
    let mut answers = vec![None; sources.len()];
    let lengths: Vec<usize> = sources.iter().map(Vec::len).collect();
    for batch in by_length(&lengths, BATCH_SIZE) {
        let rows: Vec<Vec<usize>> = batch.iter().map(|&index| sources[index].clone()).collect();
        let limits: Vec<usize> =
            rows.iter().map(|src| plan.max_new.unwrap_or_else(|| limit(config, src))).collect();
        let found: Vec<Option<Hypothesis>> = in_parallel(rows.len(), threads(device), |part| {
            let (src, limits) = (ids_tensor(&rows[part.clone()], config.model.pad(), device), &limits[part]);
            if plan.beam == 1 {
                return greedy(model, src, config.bos, eos, limits).into_iter().map(Some).collect();
            }
            let search = Search { bos: config.bos, eos, beam: plan.beam, alpha: plan.alpha };
            let found = beam_search(model, src, &search, limits);
            found.into_iter().map(|best| best.into_iter().next()).collect()
        });
        for (index, hypothesis) in batch.into_iter().zip(found) {
            answers[index] = hypothesis;
        }
    }
    answers.into_iter().flatten().collect()
}

/// How many tokens an answer may have: as many as there are to copy, or the paper's bound for a translation.
fn limit(config: &RunConfig, src: &[usize]) -> usize {
    match config.task {
        Task::Copy(_) => src.len() - 1,
        _ => src.iter().filter(|&&id| id != config.model.pad()).count() + EXTRA_LENGTH,
    }
}

/// Checks a target to score: it must begin with BOS.
pub(crate) fn check_target(tgt: &[usize], config: &RunConfig) -> Result<()> {
    check_ids(tgt, "tgt", config.model.tgt_vocab())?;
    if tgt[0] != config.bos {
        bail!("tgt begins with {}, but it must begin with BOS, which is {} in this run", tgt[0], config.bos);
    }
    Ok(())
}
