//! Sampling from the language model: temperature, top-k (Fan et al.
//! 2018) and top-p (Holtzman et al. 2020).

use burn::tensor::Device;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::{column, numbers};
use crate::cache::Rows;
use crate::language_model::LanguageModel;

/// How to draw the next token.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampling {
    /// Divides the logits: below one sharpens, above one flattens, zero
    /// takes the likeliest token.
    pub temperature: f64,
    /// Only the `k` likeliest tokens may be drawn.
    pub top_k: Option<usize>,
    /// Only the fewest likeliest tokens that together have at least
    /// this probability may be drawn.
    pub top_p: Option<f64>,
    /// The token that ends a text.
    pub eos: Option<usize>,
    /// Seed of the random numbers. Each text draws from a stream of its
    /// own, so a batch changes nothing.
    pub seed: u64,
}

/// Settings that can't be sampled with.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SamplingError {
    /// The temperature is negative or not a number.
    #[error("temperature = {0}, but it must be zero or more")]
    Temperature(f64),
    /// Nothing may be drawn.
    #[error("top_k = 0, but at least one token must be left to draw")]
    TopK,
    /// Not a probability.
    #[error("top_p = {0}, but a probability in (0, 1] is needed")]
    TopP(f64),
    /// There is nothing to go on from.
    #[error("prompt {0} is empty, but it needs at least one token")]
    EmptyPrompt(usize),
}

impl Sampling {
    fn validate(&self) -> Result<(), SamplingError> {
        if !(self.temperature >= 0.0 && self.temperature.is_finite()) {
            return Err(SamplingError::Temperature(self.temperature));
        }
        if self.top_k == Some(0) {
            return Err(SamplingError::TopK);
        }
        match self.top_p {
            Some(p) if !(p > 0.0 && p <= 1.0) => {
                Err(SamplingError::TopP(p))
            }
            _ => Ok(()),
        }
    }

    // ANCHOR: sample
    /// The tokens that may be drawn, likeliest first, each with its
    /// probability; they sum to one.
    #[must_use]
    pub fn candidates(&self, logits: &[f32]) -> Vec<(usize, f64)> {
        let mut order: Vec<usize> = (0..logits.len()).collect();
        order.sort_by(|&a, &b| {
            logits[b].total_cmp(&logits[a]).then(a.cmp(&b))
        });
        if self.temperature == 0.0 {
            order.truncate(1);
        }
        order.truncate(self.top_k.unwrap_or(order.len()));
        let Some(&first) = order.first() else { return Vec::new() };
        let temperature = if self.temperature == 0.0 {
            1.0
        } else {
            self.temperature
        };
        let weight = |&id: &usize| {
            ((f64::from(logits[id]) - f64::from(logits[first]))
                / temperature)
                .exp()
        };
        let weights: Vec<f64> = order.iter().map(weight).collect();
        let total: f64 = weights.iter().sum();
        let enough = self.top_p.unwrap_or(1.0) * total;
        let before = weights
            .iter()
            .scan(0.0, |sum, w| Some(std::mem::replace(sum, *sum + w)));
        let kept = if self.top_p.is_some() {
            before.take_while(|&sum| sum < enough).count()
        } else {
            weights.len()
        };
        let total: f64 = weights[..kept].iter().sum();
        order
            .into_iter()
            .zip(weights)
            .take(kept)
            .map(|(id, w)| (id, w / total))
            .collect()
    }

    fn draw(&self, logits: &[f32], rng: &mut ChaCha8Rng) -> usize {
        let candidates = self.candidates(logits);
        let mut left: f64 = rng.random();
        for &(id, probability) in &candidates {
            left -= probability;
            if left < 0.0 {
                return id;
            }
        }
        // Rounding: the probabilities sum to a little less than one.
        candidates.last().map_or(0, |&(id, _)| id)
    }
    // ANCHOR_END: sample
}

/// Goes on from each prompt for up to `max_new` tokens; returns what
/// was written after it, EOS included.
///
/// Prompts of different lengths share a batch: each is read token by
/// token, and written on from its own end.
///
/// # Errors
///
/// An empty prompt, or settings that leave nothing to draw.
pub fn sample(
    model: &LanguageModel,
    prompts: &[Vec<usize>],
    sampling: &Sampling,
    max_new: usize,
    device: &Device,
) -> Result<Vec<Vec<usize>>, SamplingError> {
    sampling.validate()?;
    if let Some(empty) = prompts.iter().position(Vec::is_empty) {
        return Err(SamplingError::EmptyPrompt(empty));
    }
    let stream = |text: usize| {
        let mut rng = ChaCha8Rng::seed_from_u64(sampling.seed);
        rng.set_stream(text as u64);
        rng
    };
    let mut rngs: Vec<ChaCha8Rng> =
        (0..prompts.len()).map(stream).collect();
    let mut texts = prompts.to_vec();
    // Texts still in the batch, in its order.
    let mut open: Vec<usize> = (0..prompts.len()).collect();
    let mut state = model.start();
    for position in 0.. {
        let is_open = |&text: &usize| {
            let written = &texts[text][prompts[text].len()..];
            written.len() < max_new
                && (written.is_empty()
                    || written.last().copied() != sampling.eos)
        };
        let going: Vec<usize> = (0..open.len())
            .filter(|&row| is_open(&open[row]))
            .collect();
        if going.is_empty() {
            break;
        }
        if going.len() < open.len() {
            state.select(&Rows::new(&going, device));
            open = going.iter().map(|&row| open[row]).collect();
        }
        let newest: Vec<usize> =
            open.iter().map(|&text| texts[text][position]).collect();
        // [batch, vocab]
        let logits = model.step(column(&newest, device), &mut state);
        let vocab = logits.dims()[1];
        for (&text, logits) in
            open.iter().zip(numbers(logits).chunks(vocab))
        {
            if texts[text].len() == position + 1 {
                let token = sampling.draw(logits, &mut rngs[text]);
                texts[text].push(token);
            }
        }
    }
    Ok(texts
        .into_iter()
        .zip(prompts)
        .map(|(text, prompt)| text[prompt.len()..].to_vec())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGITS: [f32; 4] = [0.0, 2.0, 1.0, -1.0];

    fn sampling() -> Sampling {
        Sampling {
            temperature: 1.0,
            top_k: None,
            top_p: None,
            eos: None,
            seed: 7,
        }
    }

    fn allowed(sampling: &Sampling) -> Vec<usize> {
        sampling
            .candidates(&LOGITS)
            .into_iter()
            .map(|(id, _)| id)
            .collect()
    }

    #[test]
    fn candidates_are_cut_by_rank_and_by_mass() {
        assert_eq!(allowed(&sampling()), [1, 2, 0, 3]);
        assert_eq!(
            allowed(&Sampling { top_k: Some(2), ..sampling() }),
            [1, 2]
        );
        assert_eq!(
            allowed(&Sampling { temperature: 0.0, ..sampling() }),
            [1]
        );
        // The probabilities are .6439, .2369, .0871 and .0321.
        assert_eq!(
            allowed(&Sampling { top_p: Some(0.64), ..sampling() }),
            [1]
        );
        assert_eq!(
            allowed(&Sampling { top_p: Some(0.65), ..sampling() }),
            [1, 2]
        );
        assert_eq!(
            allowed(&Sampling { top_p: Some(1.0), ..sampling() }),
            [1, 2, 0, 3]
        );
    }

    #[test]
    fn temperature_scales_the_logits_and_probabilities_sum_to_one() {
        for temperature in [0.5, 1.0, 3.0] {
            let p = Sampling { temperature, ..sampling() }
                .candidates(&LOGITS);
            assert!(
                (p.iter().map(|&(_, p)| p).sum::<f64>() - 1.0).abs()
                    < 1e-12
            );
            assert!(
                ((p[0].1 / p[1].1).ln() - 1.0 / temperature).abs()
                    < 1e-9
            );
        }
    }

    #[test]
    fn draws_follow_the_probabilities() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let settings = sampling();
        let mut counts = [0; 4];
        (0..20_000).for_each(|_| {
            counts[settings.draw(&LOGITS, &mut rng)] += 1
        });
        for (id, p) in settings.candidates(&LOGITS) {
            assert!(
                (f64::from(counts[id]) / 20_000.0 - p).abs() < 0.015,
                "{counts:?}"
            );
        }
    }

    #[test]
    fn settings_that_leave_nothing_are_refused() {
        let refused =
            |sampling: Sampling| sampling.validate().unwrap_err();
        assert_eq!(
            refused(Sampling { top_k: Some(0), ..sampling() }),
            SamplingError::TopK
        );
        assert_eq!(
            refused(Sampling { top_p: Some(0.0), ..sampling() }),
            SamplingError::TopP(0.0)
        );
        assert_eq!(
            refused(Sampling { temperature: -1.0, ..sampling() }),
            SamplingError::Temperature(-1.0)
        );
    }
}
