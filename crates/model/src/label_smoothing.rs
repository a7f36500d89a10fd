//! Label smoothing (paper, section 5.4).
//!
//! Three conventions are in use for the mass `eps` taken from the
//! target. Szegedy et al. 2016 spread it over the whole vocabulary, the
//! target included (`eps / V`; Burn's `CrossEntropyLoss` does so too).
//! fairseq spreads it over all but the target (`eps / (V - 1)`).
//! OpenNMT-py up to 3.0.2, The Annotated Transformer, and this module
//! spread it over all but the target and padding: `eps / (V - 2)`, so
//! that no mass ever asks the model for padding.

use std::ops::Range;

use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor};

/// Log-probabilities are cut off here, so that a probability of zero
/// costs much, but not infinitely much, and 0 x log 0 is 0.
const LOG_ZERO: f32 = -1e4;

/// Sums over the tokens that are not padding. Sums, so that
/// micro-batches add up to exactly one big batch: divide by the number
/// of tokens of the whole.
#[derive(Clone, Debug)]
pub struct Loss {
    /// KL divergence of the prediction from the smoothed target, what
    /// training minimises: `[1]`, in nats.
    pub smoothed: Tensor<1>,
    /// Negative log-likelihood of the target, whatever the smoothing:
    /// `[1]`, in nats. It carries no gradient.
    pub nll: Tensor<1>,
    /// Number of tokens that count: `[1]`.
    pub tokens: Tensor<1>,
}

impl Loss {
    /// The smoothed loss per token; zero, not NaN, when there is no
    /// token.
    pub fn mean(&self) -> Tensor<1> {
        self.smoothed.clone() / self.tokens.clone().clamp_min(1.0)
    }

    /// The negative log-likelihood per token; zero, not NaN, when there
    /// is no token.
    pub fn mean_nll(&self) -> Tensor<1> {
        self.nll.clone() / self.tokens.clone().clamp_min(1.0)
    }
}

// ANCHOR: smoothed_targets
/// The distribution that training aims at: `1 - smoothing` on the
/// target, the rest spread evenly over all other tokens but padding. A
/// target that is padding gets no mass at all.
#[must_use]
pub fn smoothed_target(
    target: usize,
    vocab: usize,
    pad: usize,
    smoothing: f64,
) -> Vec<f64> {
    let others = spread(vocab, smoothing);
    let mass = |token: usize| match token {
        _ if target == pad || token == pad => 0.0,
        _ if token == target => 1.0 - smoothing,
        _ => others,
    };
    (0..vocab).map(mass).collect()
}
// ANCHOR_END: smoothed_targets

/// The mass of every token that is neither the target nor padding.
fn spread(vocab: usize, smoothing: f64) -> f64 {
    if vocab > 2 { smoothing / (vocab - 2) as f64 } else { 0.0 }
}

// ANCHOR: label_smoothing
/// `KL(q || p)` of the model's `p = softmax(logits)` from the smoothed
/// target `q` of [`smoothed_target`].
///
/// Written out, `KL = sum q log q - sum q log p`. The first sum is the
/// same for every token; the second needs only the target's
/// log-probability and the sum of all, so `q` is never built.
///
/// # Shapes
///
/// - `logits`: `[batch, target, vocab]`; `targets`: `[batch, target]`
#[tracing::instrument(name = "label_smoothing", skip_all)]
pub fn label_smoothing(
    logits: Tensor<3>,
    targets: Tensor<2, Int>,
    pad: usize,
    smoothing: f64,
) -> Loss {
    #[cfg(feature = "kernels")]
    if kernels::serve(&logits) {
        return fused(logits, targets, pad, smoothing);
    }
    // ANCHOR: nll
    let vocab = logits.dims()[2];
    // [batch, target]
    let padding = targets.clone().equal_elem(pad as i64);
    let tokens = padding.clone().bool_not().float().sum();

    // [batch, target, vocab]
    let log_p = log_softmax(logits, 2).clamp_min(LOG_ZERO);
    let of_target = log_p
        .clone()
        .gather(2, targets.unsqueeze_dim(2))
        .squeeze_dim::<2>(2); // [batch, target]
    let nll = -of_target.clone().mask_fill(padding.clone(), 0.0).sum();
    // ANCHOR_END: nll

    // ANCHOR: kl
    let others = spread(vocab, smoothing);
    let kept = 1.0 - smoothing;
    let entropy = entropy(vocab, smoothing); // sum q log q
    let mut expected = of_target.clone() * kept; // sum q log p
    if others > 0.0 {
        expected =
            expected + (sum_without(log_p, pad) - of_target) * others;
    }
    let smoothed = (-expected + entropy).mask_fill(padding, 0.0).sum();
    Loss { smoothed, nll: nll.detach(), tokens }
    // ANCHOR_END: kl
}
// ANCHOR_END: label_smoothing

/// The same by one operation.
#[cfg(feature = "kernels")]
fn fused(
    logits: Tensor<3>,
    targets: Tensor<2, Int>,
    pad: usize,
    smoothing: f64,
) -> Loss {
    let tokens = targets.clone().not_equal_elem(pad as i64).float();
    let vocab = logits.dims()[2];
    let smoothing = kernels::Smoothing {
        pad,
        target: (1.0 - smoothing) as f32,
        others: spread(vocab, smoothing) as f32,
        entropy: entropy(vocab, smoothing) as f32,
        log_zero: LOG_ZERO,
    };
    let (smoothed, nll) =
        kernels::label_smoothing(logits, targets, smoothing);
    Loss { smoothed, nll, tokens: tokens.sum() }
}

/// The sum over the vocabulary, but for padding:
/// `[batch, target, vocab]` to `[batch, target]`. (To subtract padding
/// from the sum of all would leave rounding behind where its
/// probability is tiny.)
fn sum_without(log_p: Tensor<3>, pad: usize) -> Tensor<2> {
    let [batch, length, vocab] = log_p.dims();
    let sum = |tokens: Range<usize>| {
        log_p
            .clone()
            .slice([0..batch, 0..length, tokens])
            .sum_dim(2)
            .squeeze_dim(2)
    };
    let kept = [0..pad, pad + 1..vocab]
        .into_iter()
        .filter(|tokens| !tokens.is_empty());
    kept.map(sum).reduce(|a, b| a + b).unwrap_or_else(|| {
        Tensor::zeros([batch, length], &log_p.device())
    })
}

/// `sum q log q` over the tokens, for the target's distribution `q`.
fn entropy(vocab: usize, smoothing: f64) -> f64 {
    let others = vocab.saturating_sub(2) as f64;
    x_log_x(1.0 - smoothing)
        + others * x_log_x(spread(vocab, smoothing))
}

/// `x ln x`, and 0 at 0.
fn x_log_x(x: f64) -> f64 {
    if x > 0.0 { x * x.ln() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    fn loss(
        logits: &[[f32; 5]],
        targets: &[i64],
        smoothing: f64,
    ) -> (f32, f32, f32) {
        let device = Device::flex();
        let n = targets.len();
        let logits = Tensor::<3>::from_data(
            TensorData::new(logits.concat(), [1, n, 5]),
            &device,
        );
        let targets = Tensor::from_data(
            TensorData::new(targets.to_vec(), [1, n]),
            &device,
        );
        let loss = label_smoothing(logits, targets, 0, smoothing);
        (
            loss.smoothed.into_scalar(),
            loss.nll.into_scalar(),
            loss.tokens.into_scalar(),
        )
    }

    /// Settings and numbers of The Annotated Transformer: size 5,
    /// padding 0, smoothing 0.4, targets 2, 1, 0, 3, 3.
    #[test]
    fn targets_are_smoothed_as_in_the_reference() {
        let third = 0.4 / 3.0;
        assert_eq!(
            smoothed_target(2, 5, 0, 0.4),
            [0.0, third, 0.6, third, third]
        );
        assert_eq!(
            smoothed_target(0, 5, 0, 0.4),
            [0.0; 5],
            "padding asks for nothing"
        );
    }

    /// The sum that `label_smoothing` takes a short cut to.
    #[test]
    fn the_loss_is_the_kl_divergence_of_the_smoothed_target() {
        let logits = [
            [0.3, -1.2, 0.7, 2.1, -0.4],
            [1.0, 0.2, -0.3, 0.5, 0.9],
            [0.1, 0.2, 0.3, 0.4, 0.5],
        ];
        let (found, nll, tokens) = loss(&logits, &[2, 4, 0], 0.4);
        let (mut kl, mut expected_nll) = (0.0, 0.0);
        for (row, target) in logits.iter().zip([2, 4]) {
            let total: f64 =
                row.iter().map(|&x| f64::from(x).exp()).sum();
            let log_p = row.map(|x| f64::from(x) - total.ln());
            expected_nll -= log_p[target];
            for (q, log_p) in smoothed_target(target, 5, 0, 0.4)
                .into_iter()
                .zip(log_p)
            {
                kl += if q > 0.0 { q * (q.ln() - log_p) } else { 0.0 };
            }
        }
        assert!(
            (f64::from(found) - kl).abs() < 1e-5,
            "{found} is not {kl}"
        );
        assert!(
            (f64::from(nll) - expected_nll).abs() < 1e-5,
            "{nll} is not {expected_nll}"
        );
        assert_eq!(tokens, 2.0);
    }

    /// The curve of The Annotated Transformer: the prediction
    /// `[0, x/d, 1/d, 1/d, 1/d]` with `d = x + 3`, target 1, smoothing
    /// 0.1. Too much confidence is punished: the penalty vanishes at x
    /// = 27 and rises again.
    #[test]
    fn the_penalty_curve_has_its_minimum_at_27() {
        let penalty = |x: f32| {
            let logits = [[f32::NEG_INFINITY, x.ln(), 0.0, 0.0, 0.0]];
            loss(&logits, &[1], 0.1).0
        };
        assert!(penalty(27.0).abs() < 1e-6, "{}", penalty(27.0));
        assert!(
            (penalty(99.0) - 0.0544).abs() < 5e-5,
            "{}",
            penalty(99.0)
        );
        assert!(
            penalty(1.0) > penalty(26.0)
                && penalty(26.0) > penalty(27.0)
                && penalty(28.0) > penalty(27.0)
        );
    }

    #[test]
    fn nothing_becomes_nan() {
        let impossible =
            [[0.0, f32::NEG_INFINITY, 0.0, f32::NEG_INFINITY, 0.0]];
        for smoothing in [0.0, 0.1] {
            let (smoothed, nll, _) = loss(&impossible, &[1], smoothing);
            assert!(
                smoothed.is_finite()
                    && nll.is_finite()
                    && smoothed > 100.0,
                "{smoothed} {nll}"
            );
        }
        assert_eq!(
            loss(&[[0.0; 5]; 2], &[0, 0], 0.1),
            (0.0, 0.0, 0.0),
            "all padding"
        );
        let device = Device::flex();
        let none = label_smoothing(
            Tensor::zeros([1, 3, 5], &device),
            Tensor::zeros([1, 3], &device),
            0,
            0.1,
        );
        assert_eq!(none.mean().into_scalar::<f32>(), 0.0);
        assert_eq!(none.mean_nll().into_scalar::<f32>(), 0.0);
    }
}
