//! All arithmetic that is printed of one query, and the decimals with which it holds.

use super::Results;
use super::arithmetic::{Line, broken, enough, rounded};
use crate::experiments::by_hand::asked::Asked;

/// Decimals of a score, of a weight, and of the output: what each table comes to.
pub(super) const RESULT: usize = 3;
/// Numbers of the output that are worked.
pub(super) const COLUMNS: usize = 3;

/// Decimals of every column, and how many lines there are.
pub(super) struct Lines {
    /// The key that the query looks at most.
    pub(super) best: usize,
    /// Of query and key, and of their products.
    pub(super) vectors: usize,
    pub(super) products: usize,
    /// Of scores, of scores over the root, of powers.
    pub(super) scores: usize,
    pub(super) scaled: usize,
    pub(super) powers: usize,
    /// Of weights and values in the weighted sum.
    pub(super) values: usize,
    count: usize,
    broken: usize,
}

impl Lines {
    pub(super) fn count(&self) -> usize {
        self.count
    }

    pub(super) fn broken(&self) -> usize {
        self.broken
    }
}

pub(super) fn of(results: &Results) -> Lines {
    let asked = &results.asked;
    let best = Asked::best(&asked.weights);
    let powers = powers(asked);
    let [product_lines, sum_line] = [products(asked, best), vec![score(asked, best)]];
    let weight_lines = weights(asked, &powers);
    let power_lines = power_lines(asked, &powers);
    let scaled_lines = scaled(asked);
    let value_lines: Vec<Line> = (0..COLUMNS.min(asked.output.len())).map(|n| column(asked, n)).collect();
    let products = enough(&sum_line, RESULT);
    let powers = enough(&weight_lines, RESULT);
    let scaled = enough(&power_lines, powers);
    let mut lines = Lines {
        best,
        vectors: enough(&product_lines, products),
        products,
        scores: enough(&scaled_lines, scaled),
        scaled,
        powers,
        values: enough(&value_lines, RESULT),
        count: 0,
        broken: 0,
    };
    for (group, operands, result) in [
        (&product_lines, lines.vectors, lines.products),
        (&sum_line, lines.products, RESULT),
        (&scaled_lines, lines.scores, lines.scaled),
        (&power_lines, lines.scaled, lines.powers),
        (&weight_lines, lines.powers, RESULT),
        (&value_lines, lines.values, RESULT),
    ] {
        lines.count += group.len();
        lines.broken += broken(group, operands, result);
    }
    lines
}

/// *e* to each scaled score.
pub(super) fn powers(asked: &Asked) -> Vec<f64> {
    asked.scaled.iter().map(|scaled| scaled.exp()).collect()
}

fn products(asked: &Asked, best: usize) -> Vec<Line> {
    let pairs = asked.query.iter().zip(&asked.keys[best]);
    pairs
        .map(|(&q, &k)| Line { operands: vec![q, k], result: q * k, compute: Box::new(|n| n[0] * n[1]) })
        .collect()
}

fn score(asked: &Asked, best: usize) -> Line {
    Line { operands: asked.products(best), result: asked.scores[best], compute: Box::new(|n| n.iter().sum()) }
}

fn scaled(asked: &Asked) -> Vec<Line> {
    let root = (asked.query.len() as f64).sqrt();
    let pairs = asked.scores.iter().zip(&asked.scaled);
    pairs
        .map(|(&score, &result)| Line {
            operands: vec![score],
            result,
            compute: Box::new(move |n| n[0] / root),
        })
        .collect()
}

fn power_lines(asked: &Asked, powers: &[f64]) -> Vec<Line> {
    let pairs = asked.scaled.iter().zip(powers);
    pairs
        .map(|(&scaled, &result)| Line { operands: vec![scaled], result, compute: Box::new(|n| n[0].exp()) })
        .collect()
}

/// The sum of the powers, and each power over the sum as it is printed.
fn weights(asked: &Asked, powers: &[f64]) -> Vec<Line> {
    let sum = Line {
        operands: powers.to_vec(),
        result: powers.iter().sum(),
        compute: Box::new(|n| n.iter().sum()),
    };
    let weight = |(at, &result): (usize, &f64)| Line {
        operands: powers.to_vec(),
        result,
        compute: Box::new(move |n| n[at] / rounded(n.iter().sum(), RESULT)),
    };
    std::iter::once(sum).chain(asked.weights.iter().enumerate().map(weight)).collect()
}

/// A number of the output: weights times values, added up.
fn column(asked: &Asked, column: usize) -> Line {
    let pairs = asked.weights.iter().zip(&asked.values);
    Line {
        operands: pairs.flat_map(|(&weight, value)| [weight, value[column]]).collect(),
        result: asked.output[column],
        compute: Box::new(|n| n.chunks(2).map(|pair| pair[0] * pair[1]).sum()),
    }
}
