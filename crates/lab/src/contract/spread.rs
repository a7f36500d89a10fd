//! What is told of some numbers when there are too many to tell each: a number for every seed, say.

use serde::{Deserialize, Serialize};

/// How numbers are spread.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// How many there are.
    pub count: usize,
    /// Their sum over their count.
    pub mean: f64,
    /// Their standard deviation, as that of a sample; 0 for a single number.
    pub deviation: f64,
    /// The smallest.
    pub least: f64,
    /// The one in the middle, or the mean of the two there.
    pub median: f64,
    /// The largest.
    pub most: f64,
}

impl Spread {
    /// Of some numbers; of none, or if one is no number, nothing is a number.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let count = values.len();
        let mean = values.iter().sum::<f64>() / count as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let at = |index: usize| if mean.is_nan() { f64::NAN } else { values[index.min(count - 1)] };
        Self {
            count,
            mean,
            deviation: if count == 1 { 0.0 } else { (squares / (count as f64 - 1.0)).sqrt() },
            least: at(0),
            median: f64::midpoint(at(count.saturating_sub(1) / 2), at(count / 2)),
            most: at(count.saturating_sub(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_what_a_pencil_gives() {
        let spread = Spread::of([4.0, 1.0, 3.0, 8.0]);
        assert_eq!((spread.mean, spread.median, spread.least, spread.most), (4.0, 3.5, 1.0, 8.0));
        assert!((spread.deviation.powi(2) - 26.0 / 3.0).abs() < 1e-12);
        assert_eq!(Spread::of([2.0, 9.0, 4.0]).median, 4.0);
        assert_eq!(Spread::of([7.0]).deviation, 0.0);
    }

    #[test]
    fn what_is_no_number_spreads() {
        assert!(Spread::of([]).mean.is_nan() && Spread::of([]).median.is_nan());
        let spread = Spread::of([1.0, f64::NAN]);
        assert!(spread.mean.is_nan() && spread.least.is_nan() && spread.most.is_nan());
    }
}
