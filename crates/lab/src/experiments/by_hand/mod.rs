//! One query of a trained language model, worked by hand: what its token's vector is made of, its scores, the mask, the
//! softmax, the sum of values; and beside it what the layers add to that vector, and whom a changed token reaches.
//!
//! Every number is an element of a tensor that the model's own functions computed. The same is done once more with
//! nothing but sums, products and exponentials, and must come to the same.

pub(super) mod asked;
mod beside;
mod figures;
mod made;
pub(super) mod pencil;
pub(super) mod tables;
pub(super) mod vector;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use burn::tensor::Tensor;
use model::attention::Attended;
use serde::{Deserialize, Serialize};
use train::run::reader::Reader;

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::{Report, Target};

use asked::Asked;
use beside::{Leak, Passage};
use made::Made;
use vector::Vector;

/// How far single precision may be from what a pencil gives.
pub(super) const SINGLE: f64 = 1e-4;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct ByHand {
    /// Run folder of a language model with pre-norm.
    #[arg(long, value_name = "RUN", default_value = "models/austen")]
    run: PathBuf,
    /// A short sentence.
    #[arg(long, default_value = "She was very glad to see her")]
    text: String,
    /// The same sentence with another token in one place, to see whom the change reaches.
    #[arg(long, default_value = "She was very glad to see him")]
    other: String,
    /// The token that asks. The first is the one that begins every text.
    #[arg(long, default_value_t = 6)]
    token: usize,
    /// The layer, counted from 1.
    #[arg(long, default_value_t = 1)]
    layer: usize,
    /// The head, counted from 1.
    #[arg(long, default_value_t = 1)]
    head: usize,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    text: String,
    tokens: Vec<String>,
    ids: Vec<usize>,
    /// The token that asks, the layer and the head, counted from 1.
    token: usize,
    layer: usize,
    head: usize,
    vector: Vector,
    asked: Asked,
    /// How one number of the query is made.
    made: Made,
    /// The weights of all heads of the layer as the whole model gives them: by head, query and key.
    maps: Vec<Vec<Vec<f64>>>,
    stream: Vec<Passage>,
    /// How far the end of the stream is from what the model's own stack gives.
    stream_off: f64,
    leak: Leak,
}

impl Results {
    /// The token that asks, counted from 0: its position.
    fn at(&self) -> usize {
        self.token - 1
    }
}

impl Experiment for ByHand {
    const NAME: &'static str = "by-hand";
    const SUMMARY: &'static str = "one query of a trained language model, step by step, with all its numbers";
    type Results = Results;
    const PARTS: &'static [fn(&Results, &mut Report)] = &[check, tables::add, figures::add];

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let Self { ref run, token, layer, head, .. } = *self;
        let reader = Reader::open(run, &lab.device)?;
        ensure!(
            reader.model.layers.norm.is_some(),
            "{} holds a model with post-norm, but one with pre-norm is needed",
            run.display()
        );
        let ids = reader.ids(&self.text)?;
        let input = reader.tensor(&ids);
        lab.progress.at(0.1, "reading the sentence");
        let Attended { weights, .. } = reader.model.forward(input.clone());
        within("--layer", layer, weights.len())?;
        let [_, heads, length, _] = weights[layer - 1].dims();
        within("--head", head, heads)?;
        within("--token", token, length)?;
        let at = token - 1;
        let (vector, given) = vector::made(&reader.model, &input, layer - 1, at);
        let attention = &reader.model.layers.layers[layer - 1].self_attn;
        let asked = asked::ask(attention, &given, (heads, head - 1), at);
        let (stream, stream_off) = beside::stream(&reader.model, &input, at);
        Ok(Results {
            text: self.text.clone(),
            tokens: ids.iter().map(|&id| reader.piece(id)).collect(),
            token,
            layer,
            head,
            vector,
            made: Made::of(attention, &asked, head - 1),
            asked,
            maps: rows(weights[layer - 1].clone(), length).chunks(length).map(<[_]>::to_vec).collect(),
            stream,
            stream_off,
            leak: beside::leak(&reader, &ids, &self.other)?,
            ids,
        })
    }
}

/// What is counted from 1 up to `most`.
pub(super) fn within(name: &str, value: usize, most: usize) -> Result<()> {
    ensure!((1..=most).contains(&value), "{name} is {value}, but it must be from 1 to {most}");
    Ok(())
}

fn check(results: &Results, report: &mut Report) {
    let Results { vector, asked, made, leak, .. } = results;
    let mut same = |name: &str, off: f64| report.check(name, off, Target::AtMost(SINGLE));
    same("norm with a pencil, and the model's", pencil::norm_off(vector));
    same("a number of the query with a pencil, and the tensor's", made.off(&vector.given, &asked.query));
    same("scores with a pencil, and the tensor's", pencil::scores_off(asked));
    same("weights with a pencil, and the tensor's", pencil::weights_off(asked));
    same("output with a pencil, and the tensor's", pencil::output_off(asked));
    let whole = &results.maps[results.head - 1][results.at()];
    same("weights of this head alone, and in the whole model", pencil::furthest(&asked.weights, whole));
    same("stream passage by passage, and the model's stack", results.stream_off);
    let before = leak.changed - 1;
    let most = |changes: &[f64]| changes[..before].iter().copied().fold(0.0, f64::max);
    report.check("what a change does to earlier tokens", most(&leak.masked), Target::AtMost(0.0));
    report.check("the same without the mask", most(&leak.open), Target::AtLeast(0.1));
}

/// Numbers of a tensor, each with as many digits as single precision has.
pub(super) fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    let short = |value: f32| value.to_string().parse().unwrap_or(f64::from(value));
    tensor.into_data().iter::<f32>().map(short).collect()
}

/// The same in rows of a width.
pub(super) fn rows<const D: usize>(tensor: Tensor<D>, width: usize) -> Vec<Vec<f64>> {
    numbers(tensor).chunks(width).map(<[_]>::to_vec).collect()
}
