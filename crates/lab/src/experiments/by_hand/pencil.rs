//! The same once more, with nothing but sums, products, roots and exponentials.

use super::asked::Asked;
use super::vector::Vector;
use crate::contract::report::largest;

/// Added to the variance, as in the model.
const EPS: f64 = 1e-5;

/// The largest difference of two lists; no number if one is longer.
pub(in crate::experiments) fn furthest(a: &[f64], b: &[f64]) -> f64 {
    if a.len() != b.len() {
        return f64::NAN;
    }
    largest(a.iter().zip(b).map(|(a, b)| (a - b).abs()))
}

/// Mean and standard deviation, the latter with what is added to the variance.
pub(in crate::experiments) fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (mean, (variance + EPS).sqrt())
}

/// Layer normalisation before its gain and bias.
pub(in crate::experiments) fn normalised(values: &[f64]) -> Vec<f64> {
    let (mean, deviation) = moments(values);
    values.iter().map(|value| (value - mean) / deviation).collect()
}

/// Each exponential's share of all.
pub(in crate::experiments) fn softmax(scores: &[f64]) -> Vec<f64> {
    let powers: Vec<f64> = scores.iter().map(|score| score.exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

pub(in crate::experiments) fn norm_off(vector: &Vector) -> f64 {
    let normed = normalised(&vector.entering);
    let given = normed.iter().zip(&vector.gain).zip(&vector.bias);
    furthest(&given.map(|((x, gain), bias)| x * gain + bias).collect::<Vec<_>>(), &vector.given)
}

pub(in crate::experiments) fn scores_off(asked: &Asked) -> f64 {
    let scores: Vec<f64> = (0..asked.keys.len()).map(|key| asked.products(key).iter().sum()).collect();
    furthest(&scores, &asked.scores)
}

pub(in crate::experiments) fn weights_off(asked: &Asked) -> f64 {
    let root = (asked.query.len() as f64).sqrt();
    let masked = |(score, visible): (&f64, &bool)| if *visible { score / root } else { f64::NEG_INFINITY };
    let scores: Vec<f64> = asked.scores.iter().zip(&asked.visible).map(masked).collect();
    furthest(&softmax(&scores), &asked.weights)
}

pub(in crate::experiments) fn output_off(asked: &Asked) -> f64 {
    let sum = |n: usize| asked.weights.iter().zip(&asked.values).map(|(w, value)| w * value[n]).sum();
    furthest(&(0..asked.output.len()).map(sum).collect::<Vec<f64>>(), &asked.output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_norm_has_mean_zero_and_deviation_one() {
        let normed = normalised(&[1.0, 0.0, 0.0, 0.0]);
        assert!((normed[0] - 1.7320).abs() < 1e-4 && (normed[1] + 0.5773).abs() < 1e-4, "{normed:?}");
    }

    #[test]
    fn a_query_of_two_numbers_is_what_a_pencil_gives() {
        let root = 2f64.sqrt();
        let asked = Asked {
            query: vec![1.0, 2.0],
            keys: vec![vec![0.0, 0.0], vec![root * 3f64.ln(), 0.0], vec![5.0, 5.0]],
            values: vec![vec![4.0, 0.0], vec![0.0, 8.0], vec![9.0, 9.0]],
            scores: vec![0.0, root * 3f64.ln(), 15.0],
            scaled: vec![0.0, 3f64.ln(), 15.0 / root],
            visible: vec![true, true, false],
            weights: vec![0.25, 0.75, 0.0],
            open: vec![],
            output: vec![1.0, 6.0],
        };
        for off in [scores_off(&asked), weights_off(&asked), output_off(&asked)] {
            assert!(off < 1e-12, "{off}");
        }
        assert!(weights_off(&Asked { visible: vec![true; 3], ..asked }) > 0.5);
    }

    #[test]
    fn lists_of_different_lengths_are_not_near() {
        assert!(furthest(&[1.0], &[1.0, 2.0]).is_nan());
        assert_eq!(furthest(&[1.0, 5.0], &[1.5, 3.0]), 2.0);
    }
}
