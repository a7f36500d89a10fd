//! The loss over two weights, and over the two numbers of an input, each with the path of gradient descent.

use plot::{Caption, Colour, Drawn, Surface, both, decimal};

use super::maths::{Pair, Regression};
use super::{Results, residual};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("weights", weights(results));
    report.figure("input", input(results));
}

fn weights(results: &Results) -> Drawn {
    let Results { regression, path, lowest, .. } = results;
    let loss = |a: f64, b: f64| Regression { w: [a, b], ..regression.clone() }.loss();
    let (x, y) = window(path[0], *lowest);
    let title = "The loss over the weights";
    let surface = Surface::new(title, ("w1", x), ("w2", y), ("loss", loss))
        .descent(format!("descent, rate {}", decimal(results.rate, 2)), points(path), Colour::Second)
        .sized(440.0, 460.0);
    let [greater, smaller] = results.eigenvalues;
    let description = format!(
        "A bowl, {:.1} times as steep one way as the other. Gradient descent goes down its steep side first, and \
         then along its floor to the lowest point at ({:.2}, {:.2}).",
        greater / smaller,
        lowest[0],
        lowest[1]
    );
    both(&[&surface], &Caption { id: "loss-over-weights", title, description: &description })
}

fn input(results: &Results) -> Drawn {
    let Results { regression, row, input_path, .. } = results;
    let loss = |a: f64, b: f64| {
        let mut moved = regression.clone();
        moved.x[*row] = [a, b];
        moved.loss()
    };
    let (begin, end) = (input_path[0], input_path[input_path.len() - 1]);
    let (x, y) = window(begin, end);
    let title = "The loss over an input";
    let surface = Surface::new(title, ("x1", x), ("x2", y), ("loss", loss))
        .descent(format!("descent over example {}", row + 1), points(input_path), Colour::Second)
        .sized(440.0, 460.0);
    let description = format!(
        "A valley with a straight floor, where the prediction equals the target. Gradient descent goes straight \
         down, along w, and the residual from {:.2} to {:.2}.",
        residual(results, begin),
        residual(results, end)
    );
    both(&[&surface], &Caption { id: "loss-over-an-input", title, description: &description })
}

pub(super) fn points(path: &[Pair]) -> Vec<(f64, f64)> {
    path.iter().map(|&[a, b]| (a, b)).collect()
}

/// Ranges of the axes, as long as each other, so that right angles are right: around where a descent begins and what
/// it heads for.
pub(super) fn window(from: Pair, to: Pair) -> ((f64, f64), (f64, f64)) {
    let apart = (0..2).map(|n| (to[n] - from[n]).abs()).fold(0.5, f64::max);
    let half = (0.7 * apart * 10.0).ceil() / 10.0;
    let range = |n: usize| {
        let middle = ((from[n] + to[n]) / 2.0 * 10.0).round() / 10.0;
        (middle - half, middle + half)
    };
    (range(0), range(1))
}
