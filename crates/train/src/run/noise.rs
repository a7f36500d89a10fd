//! The gradient noise scale: how many tokens a batch should have before more bring little (McCandlish et al. 2018,
//! appendix A.1). Accumulation yields a small and a big batch, so it costs two norms a step.

use serde::{Deserialize, Serialize};

/// Weight of the past in the running means.
const MEMORY: f64 = 0.95;

/// Running means of the two estimates, whose quotient is the noise scale. They are averaged before they are divided:
/// the quotient of two noisy numbers is biased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NoiseMeter {
    /// The squared norm of the true gradient.
    #[serde(with = "crate::run::exact")]
    squared_norm: f64,
    /// The trace of the gradient's covariance over single tokens.
    #[serde(with = "crate::run::exact")]
    trace: f64,
    /// The weights in the two sums, which begin at zero.
    #[serde(with = "crate::run::exact")]
    weight: f64,
}

impl NoiseMeter {
    /// Notes the squared norms of the gradient of small batches, their mean, and of the big batch that they make.
    pub(crate) fn note(&mut self, (small, small_norm): (f64, f64), (big, big_norm): (f64, f64)) {
        if big <= small || small <= 0.0 {
            return;
        }
        let squared_norm = (big * big_norm - small * small_norm) / (big - small);
        let trace = (small_norm - big_norm) / (1.0 / small - 1.0 / big);
        self.squared_norm = MEMORY * self.squared_norm + (1.0 - MEMORY) * squared_norm;
        self.trace = MEMORY * self.trace + (1.0 - MEMORY) * trace;
        self.weight = MEMORY * self.weight + (1.0 - MEMORY);
    }

    /// The noise scale in tokens, once it means something.
    #[must_use]
    pub(crate) fn scale(&self) -> Option<f64> {
        (self.weight > 0.4 && self.squared_norm > 0.0 && self.trace > 0.0)
            .then(|| self.trace / self.squared_norm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// A standard normal number (Box & Muller 1958).
    fn normal(random: &mut ChaCha8Rng) -> f64 {
        let (a, b): (f64, f64) = (random.random(), random.random());
        (-2.0 * (1.0 - a).ln()).sqrt() * (2.0 * std::f64::consts::PI * b).cos()
    }

    /// Linear regression with a known answer: squared norm 4, trace 20, scale 5, for two inputs, noise 1 and weights
    /// that are off by 1.
    #[test]
    fn the_scale_of_a_linear_regression_is_known() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let mut gradient = || {
            let x = [normal(&mut random), normal(&mut random)];
            let residual = x[0] + normal(&mut random);
            x.map(|x| 2.0 * residual * x)
        };
        let mean = |all: &[[f64; 2]]| {
            let sum = all.iter().fold([0.0; 2], |sum, g| [sum[0] + g[0], sum[1] + g[1]]);
            sum.map(|s| s / all.len() as f64)
        };
        let squared = |g: [f64; 2]| g[0] * g[0] + g[1] * g[1];
        let (mut norms, mut traces) = (0.0, 0.0);
        let trials = 4_000;
        for _ in 0..trials {
            let all: Vec<[f64; 2]> = (0..64).map(|_| gradient()).collect();
            let small: f64 = all.chunks(8).map(|part| squared(mean(part))).sum::<f64>() / 8.0;
            let mut meter = NoiseMeter::default();
            meter.note((8.0, small), (64.0, squared(mean(&all))));
            norms += meter.squared_norm / (1.0 - MEMORY);
            traces += meter.trace / (1.0 - MEMORY);
        }
        let (norm, trace) = (norms / f64::from(trials), traces / f64::from(trials));
        assert!((norm - 4.0).abs() < 0.2 && (trace - 20.0).abs() < 1.0, "{norm} {trace}");
        assert!((trace / norm - 5.0).abs() < 0.4, "{}", trace / norm);
    }

    #[test]
    fn nothing_is_said_too_early() {
        let mut meter = NoiseMeter::default();
        meter.note((8.0, 3.0), (64.0, 1.0));
        assert_eq!(meter.scale(), None);
        (0..20).for_each(|_| meter.note((8.0, 3.0), (64.0, 1.0)));
        assert!(meter.scale().is_some());
        meter.note((8.0, 3.0), (8.0, 3.0)); // Without accumulation there is nothing to compare.
    }
}
