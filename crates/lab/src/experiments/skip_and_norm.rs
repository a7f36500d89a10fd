//! What residual connections and layer normalisation are each for: a deep model that nothing has trained, with both,
//! with one of them, and with neither.
//!
//! The parameters are the same in all cases. Measured are how large the vectors become, how alike those of different
//! positions become, and what arrives of the gradient at each layer's second feed-forward matrix, as Xiong et al. (2020)
//! measure it.

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Int, Tensor, TensorData};
use model::label_smoothing::label_smoothing;
use model::layer_norm::LayerNorm;
use model::mask::causal_mask;
use model::{LanguageModel, LanguageModelConfig, NormOrder};
use plot::{Caption, Chart, Colour, Mark, Scale, Series, decimal, stack};
use serde::{Deserialize, Serialize};

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::{Report, Target};

const VOCAB: usize = 100;
/// Token that stands for nothing, and is never drawn.
const PAD: usize = 0;
const SEQUENCES: usize = 8;
const LENGTH: usize = 16;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct SkipAndNorm {
    /// Layers, of two sub-layers each.
    #[arg(long, default_value_t = 12)]
    layers: usize,
}

/// How a sub-layer is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Case {
    name: &'static str,
    skip: bool,
    norm: Option<NormOrder>,
    colour: Colour,
    mark: Mark,
}

const CASES: [Case; 5] = [
    Case {
        name: "post-norm",
        skip: true,
        norm: Some(NormOrder::Post),
        colour: Colour::First,
        mark: Mark::Line,
    },
    Case {
        name: "pre-norm",
        skip: true,
        norm: Some(NormOrder::Pre),
        colour: Colour::Second,
        mark: Mark::Line,
    },
    Case {
        name: "norm alone",
        skip: false,
        norm: Some(NormOrder::Pre),
        colour: Colour::Third,
        mark: Mark::Dashes,
    },
    Case { name: "residual alone", skip: true, norm: None, colour: Colour::Fourth, mark: Mark::Dashes },
    Case { name: "neither", skip: false, norm: None, colour: Colour::Text, mark: Mark::Dots },
];

/// What a case comes to: a number for each layer, first to last.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Measured {
    name: String,
    /// Before the first step of training, in nats per token.
    loss: f64,
    /// Root of the mean square of the numbers in a layer's output.
    sizes: Vec<f64>,
    /// Mean cosine between the vectors of two positions.
    alike: Vec<f64>,
    /// Length of the gradient of the second feed-forward matrix.
    gradients: Vec<f64>,
}

impl Experiment for SkipAndNorm {
    const NAME: &'static str = "skip-and-norm";
    const SUMMARY: &'static str =
        "what residual connections and layer norm are each for, in an untrained model";
    type Results = Vec<Measured>;

    fn measure(&self, lab: &Lab) -> Result<Vec<Measured>> {
        let layers = self.layers;
        ensure!((2..=64).contains(&layers), "--layers is {layers}, but it must be from 2 to 64");
        let device = lab.device.clone().autodiff();
        let ids = |stream: u64| {
            let mut random = lab.random(stream);
            let values = (0..SEQUENCES * LENGTH).map(|_| (1 + random.below(VOCAB - 1)) as i64).collect();
            Tensor::<2, Int>::from_data(TensorData::new(values, [SEQUENCES, LENGTH]), &device)
        };
        let (input, targets) = (ids(0), ids(1));
        let model = untrained(layers, lab.seed, &device)?;
        let case = |(n, case): (usize, &Case)| {
            lab.progress.at(n as f64 / CASES.len() as f64, case.name);
            measured(case, &model, &input, &targets)
        };
        CASES.iter().enumerate().map(case).collect()
    }

    fn report(results: &Vec<Measured>) -> Report {
        let mut report = Report::default();
        let [post, pre, norm, residual, neither] = &results[..] else { return report };
        let spread =
            |of: &Measured| most(&of.gradients) / of.gradients.iter().copied().fold(f64::MAX, f64::min);
        report.check("pre-norm: largest gradient / smallest", spread(pre), Target::AtMost(5.0));
        report.check(
            "neither: gradient of the first layer / of the last",
            share(neither),
            Target::AtMost(0.1),
        );
        let favoured = share(pre) / share(post);
        report.check(
            "post-norm favours the last layers, compared with pre-norm",
            favoured,
            Target::AtLeast(1.5),
        );
        report.check(
            "norm alone: cosine of two positions at the end",
            last(&norm.alike),
            Target::AtLeast(0.99),
        );
        let grown = last(&residual.sizes) / last(&pre.sizes);
        report.check("residual alone: size at the end / with pre-norm", grown, Target::AtLeast(3.0));
        report.figure("gradients", chart(results, &GRADIENTS));
        report.figure("alike", chart(results, &ALIKE));
        report.piece("cases", table(results));
        report.say(format!(
            "With neither, the first of {} layers gets {:.4} of the last one's gradient; with pre-norm {:.2}.",
            pre.gradients.len(),
            share(neither),
            share(pre)
        ));
        report
    }
}

fn last(values: &[f64]) -> f64 {
    values.last().copied().unwrap_or(f64::NAN)
}

fn most(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::MIN, f64::max)
}

/// The first layer's gradient divided by the last one's.
fn share(of: &Measured) -> f64 {
    of.gradients.first().copied().unwrap_or(f64::NAN) / last(&of.gradients)
}

/// A model with norms, which not every case uses.
fn untrained(layers: usize, seed: u64, device: &Device) -> Result<LanguageModel> {
    device.seed(seed);
    let sizes = LanguageModelConfig { n_layers: layers, dropout: 0.0, ..LanguageModelConfig::tiny(VOCAB) };
    let model = sizes.init(device)?;
    // Parameters are drawn when they are first used; all cases are to use the same.
    model.forward(Tensor::<2, Int>::ones([1, 1], device));
    Ok(model)
}

fn measured(
    case: &Case,
    model: &LanguageModel,
    input: &Tensor<2, Int>,
    targets: &Tensor<2, Int>,
) -> Result<Measured> {
    let (outputs, logits) = forward(case, model, input);
    let loss = label_smoothing(logits, targets.clone(), PAD, 0.0).mean();
    let gradients = loss.clone().backward();
    let of = |layer: &model::stack::Layer| -> Result<f64> {
        let weight = layer.feed_forward.outer.weight.val();
        Ok(length(&numbers(weight.grad(&gradients).context("autodiff gave no gradient")?)))
    };
    let outputs: Vec<Vec<f64>> = outputs.into_iter().map(numbers).collect();
    let size = |values: &Vec<f64>| digits(length(values) / (values.len() as f64).sqrt());
    Ok(Measured {
        name: case.name.to_owned(),
        loss: digits(loss.into_scalar()),
        sizes: outputs.iter().map(size).collect(),
        alike: outputs.iter().map(|values| digits(alike(values))).collect(),
        gradients: model.layers.layers.iter().map(|layer| of(layer).map(digits)).collect::<Result<_>>()?,
    })
}

/// What each layer gives out, and the logits.
fn forward(case: &Case, model: &LanguageModel, input: &Tensor<2, Int>) -> (Vec<Tensor<3>>, Tensor<3>) {
    let mask = causal_mask(LENGTH, &input.device());
    let wrap = |x: Tensor<3>, norm: &LayerNorm, f: &dyn Fn(Tensor<3>) -> Tensor<3>| {
        let given = if case.norm == Some(NormOrder::Pre) { norm.forward(x.clone()) } else { x.clone() };
        let y = if case.skip { x + f(given) } else { f(given) };
        if case.norm == Some(NormOrder::Post) { norm.forward(y) } else { y }
    };
    let mut x = model.embed.forward(input.clone(), 0);
    let mut outputs = Vec::new();
    for layer in &model.layers.layers {
        x = wrap(x, &layer.self_attn_sublayer.norm, &|x| layer.self_attn.forward(x.clone(), x, &mask).output);
        x = wrap(x, &layer.feed_forward_sublayer.norm, &|x| layer.feed_forward.forward(x));
        outputs.push(x.clone());
    }
    if let (Some(norm), Some(NormOrder::Pre)) = (&model.layers.norm, case.norm) {
        x = norm.forward(x);
    }
    (outputs, model.generator.forward(x, &model.embed))
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

fn length(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// Five digits are enough for pictures, and the same on most machines.
fn digits(value: f64) -> f64 {
    format!("{value:.4e}").parse().unwrap_or(value)
}

/// The mean cosine between the vectors of two positions of a sequence.
fn alike(values: &[f64]) -> f64 {
    let width = values.len() / (SEQUENCES * LENGTH);
    let unit = |row: &[f64]| -> Vec<f64> { row.iter().map(|value| value / length(row)).collect() };
    let sequences = values.chunks(width * LENGTH).map(|sequence| {
        let rows: Vec<Vec<f64>> = sequence.chunks(width).map(unit).collect();
        let pairs = (0..LENGTH).flat_map(|a| (0..a).map(move |b| (a, b)));
        let cosines = pairs.map(|(a, b)| rows[a].iter().zip(&rows[b]).map(|(a, b)| a * b).sum::<f64>());
        cosines.sum::<f64>() / (LENGTH * (LENGTH - 1) / 2) as f64
    });
    sequences.sum::<f64>() / SEQUENCES as f64
}

/// A figure of one of the measures.
struct Shown {
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    scale: Scale,
    of: fn(&Measured) -> &Vec<f64>,
}

const GRADIENTS: Shown = Shown {
    id: "skip-and-norm-gradients",
    title: "What arrives of the gradient",
    unit: "length of the gradient",
    scale: Scale::Log,
    of: |measured| &measured.gradients,
};
const ALIKE: Shown = Shown {
    id: "skip-and-norm-alike",
    title: "How alike positions become",
    unit: "mean cosine",
    scale: Scale::Linear,
    of: |measured| &measured.alike,
};
fn chart(results: &[Measured], shown: &Shown) -> String {
    let mut chart = Chart::new(shown.title, "layer", shown.unit).scales(Scale::Linear, shown.scale);
    let mut ends = Vec::new();
    for (measured, case) in results.iter().zip(CASES) {
        let values = (shown.of)(measured);
        let points = values.iter().zip(1..).map(|(&value, layer)| (f64::from(layer), value)).collect();
        chart = chart.series(Series::new(case.name, points, case.colour, case.mark));
        let first = values.first().copied().unwrap_or(f64::NAN);
        ends.push(format!("{} from {} to {}", case.name, decimal(first, 3), decimal(last(values), 3)));
    }
    let chart = chart.sized(400.0, 300.0);
    let description = format!("From the first layer to the last: {}.", ends.join("; "));
    stack(&[&chart], &Caption { id: shown.id, title: shown.title, description: &description })
}

fn table(results: &[Measured]) -> String {
    let head = "| | gradient, first | last | cosine | size | loss |\n\
                |---|---:|---:|---:|---:|---:|\n";
    let row = |of: &Measured| {
        let first = of.gradients.first().copied().unwrap_or(f64::NAN);
        let numbers = [first, last(&of.gradients), last(&of.alike), last(&of.sizes), of.loss].map(short);
        format!("| {} | {} |\n", of.name, numbers.join(" | "))
    };
    head.to_owned() + &results.iter().map(row).collect::<String>()
}

/// Large numbers with fewer decimals than small ones.
fn short(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 0.1 => 2,
        _ => 4,
    };
    decimal(value, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_in_one_direction_are_alike_and_others_are_not() {
        let rows =
            |row: &dyn Fn(usize) -> [f64; 2]| -> Vec<f64> { (0..SEQUENCES * LENGTH).flat_map(row).collect() };
        assert!((alike(&rows(&|n| [n as f64 + 1.0, 2.0 * n as f64 + 2.0])) - 1.0).abs() < 1e-12);
        let turning = rows(&|n| if n % 2 == 0 { [1.0, 0.0] } else { [-1.0, 0.0] });
        assert!((alike(&turning) + 1.0 / 15.0).abs() < 1e-12, "{}", alike(&turning));
    }
}
