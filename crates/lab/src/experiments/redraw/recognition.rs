//! "Was it in the picture?": a list of names that were and names that were not, and what the answers tell.

use serde::{Deserialize, Serialize};

use crate::contract::random::Random;
use crate::contract::spread::Spread;

/// Lists for each seed and reader.
const LISTS: usize = 500;

/// Names that a reader may well think were in it. They are of other networks, or of what is around this one.
pub(super) const FOILS: [&str; 12] = [
    "Convolution",
    "Max Pooling",
    "Recurrent Cell",
    "Batch Norm",
    "Dropout",
    "Hidden State",
    "Forget Gate",
    "Sigmoid",
    "Encoder Memory",
    "Cross-Entropy",
    "Beam Search",
    "Word Vectors",
];

/// Readers: how often they say yes to what was in it, and to what wasn't.
const READERS: [(&str, f64, f64); 5] = [
    ("looked", 0.9, 0.1),
    ("glanced", 0.7, 0.3),
    ("guesses", 0.5, 0.5),
    ("nearly_always_yes", 0.9, 0.9),
    ("cautious", 0.4, 0.05),
];

/// What came of all lists.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Recognition {
    /// Names of either sort on a list.
    pub(super) names: usize,
    pub(super) lists: usize,
    pub(super) readers: std::collections::BTreeMap<String, Reader>,
}

/// A reader whose rates are known.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Reader {
    pub(super) hits: f64,
    pub(super) false_alarms: f64,
    /// The share of answers that are right.
    pub(super) right: f64,
    /// What d' is for these rates.
    pub(super) true_d: f64,
    /// What the corrected d' of a list is on average, by the binomial distribution.
    pub(super) expected: f64,
    /// What it was, list by list.
    pub(super) measured: Spread,
    /// How far its mean is from what is expected, in standard errors.
    pub(super) off: f64,
    /// The share of lists on which d' would be infinite without the correction, and what that is on average.
    pub(super) infinite: f64,
    pub(super) expected_infinite: f64,
}

/// How often somebody said yes.
#[derive(Clone, Copy)]
struct Yes {
    said: usize,
    asked: usize,
}

/// How well what was there is told from what wasn't: the distance of two bell curves, in their width. A half is added
/// to each count and one to each number, so that nobody is infinitely good.
// ANCHOR: d_prime
fn d_prime(hits: Yes, false_alarms: Yes) -> f64 {
    z(hits.share()) - z(false_alarms.share())
}

impl Yes {
    fn share(self) -> f64 {
        (self.said as f64 + 0.5) / (self.asked as f64 + 1.0)
    }
}
// ANCHOR_END: d_prime

/// The share of a bell curve below `x`.
pub(super) fn below(x: f64) -> f64 {
    // Without the curve's height: x + x³/3 + x⁵/(3·5) + …
    let (mut term, mut sum, mut n) = (x, 0.0, 1.0);
    while term.abs() > 1e-18 {
        sum += term;
        n += 2.0;
        term *= x * x / n;
    }
    0.5 + sum * (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// Where a share of a bell curve ends: the inverse of [`below`], for shares that are not too near to 0 and 1.
pub(super) fn z(share: f64) -> f64 {
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if below(middle) < share { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// The chance of each number of yes among `n`, if each has the chance `p`.
fn binomial(n: usize, p: f64) -> Vec<f64> {
    let mut chances = vec![1.0];
    for _ in 0..n {
        let mut next = vec![0.0; chances.len() + 1];
        for (yes, chance) in chances.iter().enumerate() {
            next[yes] += chance * (1.0 - p);
            next[yes + 1] += chance * p;
        }
        chances = next;
    }
    chances
}

/// Lets every reader answer list after list of `names` names that were in it and as many that weren't.
pub(super) fn recognition(names: usize, randoms: &mut [Random]) -> Recognition {
    let of: Vec<f64> = (0..=names).map(|said| z(Yes { said, asked: names }.share())).collect();
    let answered = |said: usize| Yes { said, asked: names };
    let lists = LISTS * randoms.len();
    // There are few different lists, and many that are answered.
    let d: Vec<Vec<f64>> = (0..=names)
        .map(|hits| (0..=names).map(|alarms| d_prime(answered(hits), answered(alarms))).collect())
        .collect();
    let readers = READERS.into_iter().map(|(name, hits, false_alarms)| {
        let chances = [hits, false_alarms].map(|rate| binomial(names, rate));
        let mean = |chances: &[f64]| chances.iter().zip(&of).map(|(chance, z)| chance * z).sum::<f64>();
        let inside = chances.each_ref().map(|chances| 1.0 - chances[0] - chances[names]);
        let expected = mean(&chances[0]) - mean(&chances[1]);
        let (mut found, mut infinite) = (Vec::new(), 0);
        for random in randoms.iter_mut() {
            for _ in 0..LISTS {
                let mut yes = |rate: f64| (0..names).filter(|_| random.uniform() < rate).count();
                let answers = (yes(hits), yes(false_alarms));
                infinite += usize::from([answers.0, answers.1].iter().any(|&yes| yes == 0 || yes == names));
                found.push(d[answers.0][answers.1]);
            }
        }
        let measured = Spread::of(found.iter().copied());
        let reader = Reader {
            hits,
            false_alarms,
            right: f64::midpoint(hits, 1.0 - false_alarms),
            true_d: z(hits) - z(false_alarms),
            expected,
            off: (measured.mean - expected) / (measured.deviation / (found.len() as f64).sqrt()),
            measured,
            infinite: infinite as f64 / found.len() as f64,
            expected_infinite: 1.0 - inside[0] * inside[1],
        };
        (name.to_owned(), reader)
    });
    Recognition { names, lists, readers: readers.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_the_bell_curve_are_those_of_the_tables() {
        for (share, expected) in
            [(0.5, 0.0), (0.975, 1.959_963_985), (0.05, -1.644_853_627), (0.999, 3.090_232_306)]
        {
            assert!((z(share) - expected).abs() < 1e-8, "{}", z(share));
            assert!((below(expected) - share).abs() < 1e-9);
        }
    }

    #[test]
    fn d_prime_is_what_a_pencil_gives() {
        let yes = |said: usize, asked: usize| Yes { said, asked };
        // 8 of 9 corrected is 8.5 of 10, 1 of 9 is 1.5 of 10.
        let expected = 2.0 * 1.036_433_389;
        assert!((d_prime(yes(8, 9), yes(1, 9)) - expected).abs() < 1e-8);
        assert_eq!(d_prime(yes(5, 12), yes(5, 12)), 0.0);
        let best = d_prime(yes(12, 12), yes(0, 12));
        let worst = d_prime(yes(0, 12), yes(12, 12));
        assert!(best.is_finite() && (best + worst).abs() < 1e-9, "{best} {worst}");
    }

    #[test]
    fn chances_add_up() {
        let chances = binomial(7, 0.3);
        assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((chances[2] - 21.0 * 0.3f64.powi(2) * 0.7f64.powi(5)).abs() < 1e-12);
    }
}
