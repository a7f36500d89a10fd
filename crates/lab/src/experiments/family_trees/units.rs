//! What the six units tell of a person.

use serde::{Deserialize, Serialize};

use super::tree::{self, FAMILY};

/// One of the six units that a person is told by.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Unit {
    /// A weight for each person.
    pub(super) weights: Vec<f64>,
    pub(super) opposite: usize,
    /// How much of the variance of the weights it explains to know somebody's family, generation, branch or sex.
    pub(super) family: f64,
    pub(super) generation: f64,
    pub(super) branch: f64,
    pub(super) sex: f64,
}

/// A unit by its weights.
pub(super) fn unit(weights: Vec<f64>) -> Unit {
    let [family, generation, branch, sex] = tree::features().map(|(_, values)| explained(&weights, &values));
    let pairs = weights[..FAMILY].iter().zip(&weights[FAMILY..]);
    let opposite = pairs.filter(|(a, b)| a.signum() != b.signum()).count();
    Unit { opposite, family, generation, branch, sex, weights }
}

/// The share of the variance of some numbers that is between groups: those whose feature is the same.
fn explained(numbers: &[f64], feature: &[f64]) -> f64 {
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    let whole = mean(numbers);
    let mut values = feature.to_vec();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let between = values.iter().map(|value| {
        let group: Vec<f64> =
            numbers.iter().zip(feature).filter(|(_, of)| *of == value).map(|(number, _)| *number).collect();
        group.len() as f64 * (mean(&group) - whole).powi(2)
    });
    between.sum::<f64>() / numbers.iter().map(|number| (number - whole).powi(2)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_explains_what_is_its_own() {
        let numbers = [1.0, 1.0, 3.0, 3.0];
        assert_eq!(explained(&numbers, &[-1.0, -1.0, 1.0, 1.0]), 1.0);
        assert_eq!(explained(&numbers, &[-1.0, 1.0, -1.0, 1.0]), 0.0);
        assert!((explained(&[1.0, 2.0, 3.0, 4.0], &[0.0, 0.0, 1.0, 1.0]) - 0.8).abs() < 1e-12);
    }

    #[test]
    fn signs_are_compared_pair_by_pair() {
        let weights: Vec<f64> = (0..24).map(|n| if n < 12 || n == 20 { -1.0 } else { 1.0 }).collect();
        let unit = unit(weights);
        assert_eq!(unit.opposite, 11);
        assert!(unit.family > 0.8 && unit.sex < 0.1);
    }
}
