//! Gradients with respect to weights, and with respect to inputs: one loss, one rule, two kinds of places to put a
//! step.
//!
//! The loss of a linear regression is `L = mean((y - X w - b)^2)`. With `r = y - X w - b`, its gradients are
//! `dw = -(2/N) X^T r`, `db = -(2/N) sum r`, `dX = -(2/N) r w^T` and `dy = (2/N) r`. They are compared with Burn's
//! autodiff and with finite differences. Every row of `dX` is a multiple of `w`, so it has rank 1.
//!
//! How autodiff comes to its numbers is worked by hand on one neuron: see [`neuron`].

mod adam;
mod examples;
mod figures;
mod maths;
mod neuron;

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::{Report, Target, largest};

use adam::Adam;
use maths::{Gradients, Pair, Regression, dot, eigenvalues, singular_values};
use neuron::Neuron;

/// Examples.
const COUNT: usize = 12;
/// Steps of the descents.
const STEPS: usize = 30;
/// How far autodiff, which computes in single precision, may be from the formulas.
const SINGLE: f64 = 1e-5;
/// How far two ways of computing in double precision may be from each other.
const DOUBLE: f64 = 1e-9;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct WeightsAndInputs {
    /// Learning rate of the descents. Above 2 / the greatest eigenvalue of the Hessian they go astray.
    #[arg(long, default_value_t = 0.2)]
    rate: f64,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    #[serde(flatten)]
    regression: Regression,
    loss: f64,
    /// By their formulas.
    gradients: Gradients,
    autodiff: Gradients,
    finite_differences: Gradients,
    /// Of `dX` as autodiff gave it.
    singular_values: Pair,
    hessian: [Pair; 2],
    eigenvalues: Pair,
    rate: f64,
    /// The weights of the lowest loss, `b` being what it is.
    lowest: Pair,
    /// Where descent over the weights comes to by the formulas, and by autodiff.
    path: Vec<Pair>,
    autodiff_path: Vec<Pair>,
    /// The example whose numbers are descended over, and where it comes to.
    row: usize,
    input_path: Vec<Pair>,
    adam: Adam,
    neuron: Neuron,
}

impl Experiment for WeightsAndInputs {
    const NAME: &'static str = "weights-and-inputs";
    const SUMMARY: &'static str = "one loss, and its gradients with respect to weights and to inputs";
    type Results = Results;

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let rate = self.rate;
        ensure!(rate > 0.0 && rate <= 2.0, "rate = {rate}, but it must be above 0 and at most 2");
        let device = lab.device.clone().autodiff();
        let regression = drawn(lab);
        let row = steepest(&regression);
        let path = regression.descent_over_weights(rate, STEPS);
        lab.progress.at(0.2, "descending");
        let autodiff = autodiff(&regression, &device)?;
        let hessian = regression.hessian();
        Ok(Results {
            loss: regression.loss(),
            gradients: regression.gradients(),
            finite_differences: regression.finite_differences(),
            singular_values: singular_values(&autodiff.dx),
            autodiff,
            hessian,
            eigenvalues: eigenvalues(hessian),
            rate,
            lowest: regression.lowest(),
            adam: adam::measure(&regression, &path),
            path,
            autodiff_path: autodiff_path(&regression, rate, &device)?,
            row,
            // An input shares the mean with all others, so its slope is that of one example divided by their number.
            input_path: regression.descent_over_input(row, rate * COUNT as f64 / 2.0, STEPS),
            neuron: neuron::measure(lab, &device)?,
            regression,
        })
    }

    fn report(results: &Results) -> Report {
        let mut report = Report::default();
        let formulas = results.gradients.named();
        for (how, other, tolerance) in [
            ("autodiff", &results.autodiff, SINGLE),
            ("finite differences", &results.finite_differences, DOUBLE),
        ] {
            for ((name, formula), (_, other)) in formulas.iter().zip(other.named()) {
                report.check(
                    format!("{name} by its formula and by {how}"),
                    furthest(formula, &other),
                    Target::AtMost(tolerance),
                );
            }
        }
        let [first, second] = results.singular_values;
        report.check("second singular value of dX / the first", second / first, Target::AtMost(1e-6));
        report.check(
            "descent by formulas and by autodiff",
            distance(&results.path, &results.autodiff_path),
            Target::AtMost(SINGLE),
        );
        let steps = results.path.len() - 1;
        let predicted = results.regression.predicted(results.rate, steps);
        report.check(
            "end of the descent and what the Hessian says",
            distance(&results.path[steps..], &[predicted]),
            Target::AtMost(DOUBLE),
        );
        report.check("part of the input's descent that is across w", across(results), Target::AtMost(DOUBLE));
        figures::add(results, &mut report);
        report.piece("examples", examples::table(&results.regression));
        say(results, &mut report);
        adam::add(results, &mut report);
        neuron::add(&results.neuron, &mut report);
        report
    }
}

fn say(results: &Results, report: &mut Report) {
    let Results { regression, loss, eigenvalues: [greater, smaller], path, .. } = results;
    let end = Regression { w: path[path.len() - 1], ..regression.clone() }.loss();
    let lowest = Regression { w: results.lowest, ..regression.clone() }.loss();
    report.say(format!(
        "{} examples of two numbers; at w = ({}, {}), b = {} the loss is {loss:.4}.",
        regression.x.len(),
        regression.w[0],
        regression.w[1],
        regression.b
    ));
    report.say("dw, db, dX and dy are the same by their formulas, by autodiff and by finite differences.");
    let [first, second] = results.singular_values;
    report.say(format!(
        "dX has singular values {first:.4} and {second:.1e}: rank 1, each row a multiple of w."
    ));
    report.say(format!(
        "The Hessian over the weights has eigenvalues {greater:.3} and {smaller:.3}, so descent converges up to a \
         rate of {:.3}; {} steps with rate {} bring the loss to {end:.4} (the lowest is {lowest:.4}).",
        2.0 / greater,
        path.len() - 1,
        results.rate
    ));
    let input = results.input_path[results.input_path.len() - 1];
    let (before, after) = (residual(results, regression.x[results.row]), residual(results, input));
    report.say(format!(
        "Descent over example {} moves it along w until its residual has gone from {before:.3} to {after:.3}.",
        results.row + 1
    ));
}

/// What is missing to the target of the example that is descended over, were its numbers these.
fn residual(results: &Results, x: Pair) -> f64 {
    let Regression { y, w, b, .. } = &results.regression;
    y[results.row] - dot(x, *w) - b
}

/// Examples with two decimals, so that they can be copied by hand. What they are correlated by makes the valley
/// narrow.
fn drawn(lab: &Lab) -> Regression {
    let mut random = lab.random(0);
    let round = |value: f64| (value * 100.0).round() / 100.0;
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for _ in 0..COUNT {
        let (a, b) = (random.normal(), random.normal());
        let row = [round(a), round(0.6 * a + 0.8 * b)];
        x.push(row);
        y.push(round(dot(row, [1.5, -1.0]) + 0.5 + 0.3 * random.normal()));
    }
    Regression { x, y, w: [-1.0, 1.5], b: 0.5 }
}

/// The example with the largest residual.
fn steepest(regression: &Regression) -> usize {
    let residuals = regression.residuals();
    (0..residuals.len()).max_by(|&a, &b| residuals[a].abs().total_cmp(&residuals[b].abs())).unwrap_or(0)
}

/// The gradients by Burn's autodiff.
fn autodiff(regression: &Regression, device: &Device) -> Result<Gradients> {
    let Regression { x, y, w, b } = regression;
    let count = x.len();
    let single = |values: &[f64]| values.iter().map(|&value| value as f32).collect::<Vec<_>>();
    let flat: Vec<f64> = x.iter().flatten().copied().collect();
    let x = Tensor::<2>::from_data(TensorData::new(single(&flat), [count, 2]), device).require_grad();
    let y = Tensor::<2>::from_data(TensorData::new(single(y), [count, 1]), device).require_grad();
    let w = Tensor::<2>::from_data(TensorData::new(single(w), [2, 1]), device).require_grad();
    let b = Tensor::<2>::from_data(TensorData::new(single(&[*b]), [1, 1]), device).require_grad();
    let residuals = y.clone() - x.clone().matmul(w.clone()) - b.clone();
    let gradients = residuals.powf_scalar(2.0).mean().backward();
    let of = |tensor: &Tensor<2>| -> Result<Vec<f64>> {
        let gradient = tensor.grad(&gradients).context("autodiff gave no gradient")?;
        Ok(gradient.into_data().iter::<f64>().collect())
    };
    let pair = |values: &[f64]| -> Pair { [values[0], values[1]] };
    Ok(Gradients {
        dw: pair(&of(&w)?),
        db: of(&b)?[0],
        dx: of(&x)?.chunks(2).map(pair).collect(),
        dy: of(&y)?,
    })
}

fn autodiff_path(regression: &Regression, rate: f64, device: &Device) -> Result<Vec<Pair>> {
    let mut here = regression.clone();
    let mut path = vec![here.w];
    for _ in 0..STEPS {
        let dw = autodiff(&here, device)?.dw;
        here.w = [here.w[0] - rate * dw[0], here.w[1] - rate * dw[1]];
        path.push(here.w);
    }
    Ok(path)
}

/// The largest difference between two lists, measured by the largest number in the first where that is above 1.
fn furthest(a: &[f64], b: &[f64]) -> f64 {
    let size = largest(a.iter().map(|value| value.abs())).max(1.0);
    let off = largest(a.iter().zip(b).map(|(a, b)| (a - b).abs()));
    if a.len() == b.len() { off / size } else { f64::NAN }
}

fn distance(a: &[Pair], b: &[Pair]) -> f64 {
    furthest(a.as_flattened(), b.as_flattened())
}

/// How far the descent over an input strays from the line through its beginning along w.
fn across(results: &Results) -> f64 {
    let (w, path) = (results.regression.w, &results.input_path);
    let length = dot(w, w).sqrt();
    let strays =
        path.iter().map(|x| ((x[0] - path[0][0]) * w[1] - (x[1] - path[0][1]) * w[0]).abs() / length);
    largest(strays) / largest(path.iter().flatten().map(|value| value.abs())).max(1.0)
}
