//! The same descent with Adam's steps beside it (Kingma & Ba 2015, algorithm 1), with the constants of section 5.3 of
//! "Attention Is All You Need".

use plot::{Caption, Colour, Drawn, Surface, both, decimal};
use serde::{Deserialize, Serialize};

use super::Results;
use super::figures::{points, window};
use super::maths::{Pair, Regression};
use crate::contract::report::{Report, Target, largest};

/// How much of each mean is kept.
const KEPT: Pair = [0.9, 0.98];
const EPSILON: f64 = 1e-9;
/// Half the rate of the plain steps: with the same, it shoots past the lowest point.
const RATE: f64 = 0.1;

/// Where Adam comes to, and what is left of the loss.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Adam {
    rate: f64,
    path: Vec<Pair>,
    loss: f64,
    /// After as many plain steps.
    plain_loss: f64,
    lowest_loss: f64,
}

pub(super) fn measure(regression: &Regression, plain: &[Pair]) -> Adam {
    let loss = |w: Pair| Regression { w, ..regression.clone() }.loss();
    let path = descent(regression, RATE, plain.len() - 1);
    Adam {
        rate: RATE,
        loss: loss(path[path.len() - 1]),
        plain_loss: loss(plain[plain.len() - 1]),
        lowest_loss: loss(regression.lowest()),
        path,
    }
}

/// Where it begins, and each place that it comes to.
fn descent(regression: &Regression, rate: f64, steps: usize) -> Vec<Pair> {
    let (mut here, mut path) = (regression.clone(), vec![regression.w]);
    let (mut mean, mut square) = ([0.0; 2], [0.0; 2]);
    for step in 1..=steps {
        let gradient = here.gradients().dw;
        let missing = KEPT.map(|kept| 1.0 - kept.powi(i32::try_from(step).unwrap_or(i32::MAX)));
        for (n, g) in gradient.into_iter().enumerate() {
            mean[n] = KEPT[0] * mean[n] + (1.0 - KEPT[0]) * g;
            square[n] = KEPT[1] * square[n] + (1.0 - KEPT[1]) * g * g;
            here.w[n] -= rate * (mean[n] / missing[0]) / ((square[n] / missing[1]).sqrt() + EPSILON);
        }
        path.push(here.w);
    }
    path
}

pub(super) fn add(results: &Results, report: &mut Report) {
    let Adam { rate, path, loss, plain_loss, lowest_loss } = &results.adam;
    let off = path[1].iter().zip(path[0]).map(|(after, before)| ((after - before).abs() / rate - 1.0).abs());
    report.check("Adam's first step along each weight, against the rate", largest(off), Target::AtMost(1e-6));
    report.figure("adam", figure(results));
    report.say(format!(
        "{} steps of Adam with rate {rate} bring the loss to {loss:.4}, as many plain steps to {plain_loss:.4} (the lowest is \
         {lowest_loss:.4}).",
        path.len() - 1
    ));
}

fn figure(results: &Results) -> Drawn {
    let Results { regression, path, adam, lowest, .. } = results;
    let loss = |a: f64, b: f64| Regression { w: [a, b], ..regression.clone() }.loss();
    let (x, y) = window(path[0], *lowest);
    let title = "Plain steps and Adam's";
    let name = |how: &str, rate: f64, digits: usize| format!("{how}, rate {}", decimal(rate, digits));
    let surface = Surface::new(title, ("w1", x), ("w2", y), ("loss", loss))
        .descent(name("plain", results.rate, 2), points(path), Colour::Second)
        .descent(name("Adam", adam.rate, 2), points(&adam.path), Colour::Fourth)
        .sized(440.0, 460.0);
    let [first, second] = [0, 1].map(|n| (adam.path[1][n] - adam.path[0][n]).abs());
    let description = format!(
        "The valley of the loss over two weights, and {} steps of either kind. Plain steps go down its steep side first, and then \
         along its floor. Adam's first step changes both weights by as much, {first:.2} and {second:.2}.",
        path.len() - 1
    );
    both(&[&surface], &Caption { id: "adam-in-the-valley", title, description: &description })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_steps_give_what_a_pencil_gives() {
        // One weight alone: L = (1 - w)^2, whose gradient at 0 is -2. The first step is the rate, whatever the gradient is.
        let one = Regression { x: vec![[1.0, 0.0]], y: vec![1.0], w: [0.0, 0.0], b: 0.0 };
        let path = descent(&one, 0.5, 2);
        assert!((path[1][0] - 0.5).abs() < 1e-8 && path[1][1] == 0.0, "{path:?}");
        // Then the gradient is -1: m = .9 (-.2) - .1 = -.28, divided by .19; v = .98 (.08) + .02 = .0984, divided by .0396.
        let expected = 0.5 + 0.5 * (0.28 / 0.19) / (0.0984_f64 / 0.0396).sqrt();
        assert!((path[2][0] - expected).abs() < 1e-8, "{path:?}, expected {expected}");
    }
}
