//! How a translator writes: greedily or by beam search, many sentences at a time.

use std::ops::Range;

use anyhow::{Result, bail, ensure};
use burn::tensor::Device;
use model::Transformer;
use model::decoding::{EXTRA_LENGTH, Hypothesis, Search, greedy, n_best_search};

use crate::data::lines::{by_length, check_ids, ids_tensor};
use crate::device::parallel::in_parallel;
use crate::device::threads;
use crate::run::config::{RunConfig, Task};

/// Sentences decoded side by side.
const BATCH_SIZE: usize = 32;

/// Widths of a beam: a wider one is a slip of the finger.
const BEAMS: Range<usize> = 1..1_001;

/// Tokens to write at most: more are a slip of the finger.
const MOST_TOKENS: usize = 1 << 16;

/// What to decode, and how.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DecodePlan {
    /// Hypotheses kept alive; 1 is greedy decoding.
    pub(crate) beam: usize,
    /// Strength of beam search's length penalty.
    pub(crate) alpha: f64,
    /// The best hypotheses that are wanted of each source, at most `beam`.
    pub(crate) n_best: usize,
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
        Self { beam: 1, alpha: 0.6, n_best: 1, max_new: None, ignore_eos: false, json: false, src: None }
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
        ensure!(
            (1..=self.beam).contains(&self.n_best),
            "--n-best = {}, but it must be at least 1 and at most {}, which is what --beam keeps",
            self.n_best,
            self.beam
        );
        let max_new = self.max_new.unwrap_or_default();
        ensure!(max_new <= MOST_TOKENS, "--max-new = {max_new}, but it must be at most {MOST_TOKENS}");
        Ok(())
    }
}

/// Makes sure that what was written has a score: where a model's weights are too large to be computed with, it is rubbish.
///
/// # Errors
///
/// If it has none.
pub(crate) fn check_score(found: &Hypothesis) -> Result<()> {
    ensure!(
        !found.log_prob.is_nan(),
        "what was written has no likelihood: the model's weights are too large to be computed with"
    );
    Ok(())
}

/// Decodes every source, in batches of similar length; the answers come in the order of the sources.
pub(crate) fn decode(
    plan: &DecodePlan,
    config: &RunConfig,
    model: &Transformer,
    sources: &[Vec<usize>],
    device: &Device,
) -> Vec<Hypothesis> {
    let best = decode_best(plan, config, model, sources, device);
    best.into_iter().filter_map(|found| found.into_iter().next()).collect()
}

/// The same, with the `plan.n_best` best hypotheses of each source, best first; there are fewer only if there are not so
/// many, as where nothing may be written.
pub(crate) fn decode_best(
    plan: &DecodePlan,
    config: &RunConfig,
    model: &Transformer,
    sources: &[Vec<usize>],
    device: &Device,
) -> Vec<Vec<Hypothesis>> {
    let eos = if plan.ignore_eos { None } else { config.eos };
    let mut answers = vec![Vec::new(); sources.len()];
    let lengths: Vec<usize> = sources.iter().map(Vec::len).collect();
    for batch in by_length(&lengths, BATCH_SIZE) {
        let rows: Vec<Vec<usize>> = batch.iter().map(|&index| sources[index].clone()).collect();
        let limits: Vec<usize> =
            rows.iter().map(|src| plan.max_new.unwrap_or_else(|| limit(config, src))).collect();
        let found: Vec<Vec<Hypothesis>> = in_parallel(rows.len(), threads(device), |part| {
            let (src, limits) = (ids_tensor(&rows[part.clone()], config.model.pad(), device), &limits[part]);
            if plan.beam == 1 {
                return greedy(model, src, config.bos, eos, limits)
                    .into_iter()
                    .map(|one| vec![one])
                    .collect();
            }
            let DecodePlan { beam, alpha, n_best: best, .. } = *plan;
            let search = Search { bos: config.bos, eos, beam, alpha };
            let mut found = n_best_search(model, src, &search, best, limits);
            found.iter_mut().for_each(|found| found.truncate(best));
            found
        });
        for (index, found) in batch.into_iter().zip(found) {
            answers[index] = found;
        }
    }
    answers
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
