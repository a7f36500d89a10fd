//! How one number of the query is made: of a column of the matrix, and a bias.

use model::multi_head::MultiHeadAttention;
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::numbers;

/// What makes one number of the query.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Made {
    /// Which number it is, counted from 1.
    pub(super) number: usize,
    /// The column of the matrix that it is made with.
    pub(super) column: Vec<f64>,
    pub(super) bias: f64,
}

impl Made {
    /// Takes the number that counts most, for or against, in the score of the key with the largest weight.
    pub(super) fn of(attention: &MultiHeadAttention, asked: &Asked, head: usize) -> Self {
        let products = asked.products(Asked::best(&asked.weights));
        let number = Asked::best(&products.iter().map(|product| product.abs()).collect::<Vec<_>>());
        let at = head * asked.query.len() + number;
        let weight = attention.query.weight.val();
        let [d_model, _] = weight.dims();
        Self {
            number: number + 1,
            column: numbers(weight.slice([0..d_model, at..at + 1])),
            bias: attention.query.bias.as_ref().map_or(0.0, |bias| numbers(bias.val())[at]),
        }
    }

    /// The products of a token's normalised vector with the column.
    pub(super) fn products(&self, given: &[f64]) -> Vec<f64> {
        given.iter().zip(&self.column).map(|(x, weight)| x * weight).collect()
    }

    /// What the number is in the query.
    pub(super) fn within(&self, query: &[f64]) -> f64 {
        query[self.number - 1]
    }

    /// How far the sum is from what the query has.
    pub(super) fn off(&self, given: &[f64], query: &[f64]) -> f64 {
        (self.products(given).iter().sum::<f64>() + self.bias - self.within(query)).abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_a_query_is_a_sum_of_products_and_a_bias() {
        let made = Made { number: 2, column: vec![1.0, -2.0], bias: 0.5 };
        assert_eq!(made.products(&[3.0, 1.0]), [3.0, -2.0]);
        assert_eq!(made.off(&[3.0, 1.0], &[9.0, 1.5]), 0.0);
        assert_eq!(made.off(&[3.0, 1.0], &[1.5, 9.0]), 7.5);
    }
}
