//! The models: captured with their weights and their input, and computed directly.

use std::path::Path;

use anyhow::Result;
use burn::module::Module;
use burn::tensor::{Int, Tensor};
use graph::capture_program;
use model::{LanguageModel, Transformer, TransformerConfig};
use train::run::reader::Reader;
use train::run::translator::Translator;

use super::Replayed;
use super::compare::{Output, Outputs, compare, device};
use crate::contract::experiment::Lab;

/// Tokens of the base model's vocabulary, here.
const VOCAB: usize = 37;
/// Token that fills up what is shorter.
const PAD: i64 = 0;

/// The base model, post-norm and all, as nothing has trained it: six layers on either side, thinner ones.
pub(super) fn base(lab: &Lab) -> Result<Replayed> {
    let device = device();
    device.seed(lab.seed);
    let model = TransformerConfig { d_model: 44, d_ff: 89, n_heads: 4, ..TransformerConfig::base(VOCAB) };
    let model = model.init(&device)?;
    // Two sentences, of which the second is shorter than the first, and longer on the other side.
    let mut random = lab.random(0);
    let mut sentence = |tokens: usize, length: usize| -> Vec<i64> {
        let drawn = (0..tokens).map(|_| 1 + (random.uniform() * (VOCAB - 1) as f64) as i64);
        let mut ids: Vec<i64> = drawn.collect();
        ids.resize(length, PAD);
        ids
    };
    let [source, target] = [[11, 7], [5, 13]].map(|lengths: [usize; 2]| {
        let length = lengths[0].max(lengths[1]);
        let ids: Vec<i64> = lengths.iter().flat_map(|&tokens| sentence(tokens, length)).collect();
        Tensor::<2, Int>::from_data(burn::tensor::TensorData::new(ids, [2, length]), &device)
    });
    transformer("base", "the base model, thinner", &model, &source, &target)
}

/// A trained translator.
pub(super) fn translator(run: &Path, source: &str, target: &str) -> Result<Replayed> {
    let translator = Translator::open(run, &device())?;
    let source = translator.tensor(&[translator.source(source)?]);
    let target = translator.tensor(&[translator.target(target)?]);
    transformer("translator", "the translator", &translator.model, &source, &target)
}

/// A trained language model.
pub(super) fn language_model(run: &Path, text: &str) -> Result<Replayed> {
    let reader = Reader::open(run, &device())?;
    let ids = reader.tensor(&reader.ids(text)?);
    let forward = |model: &LanguageModel, ids: Tensor<2, Int>| -> Outputs {
        let attended = model.forward(ids);
        let logits = ("logits".to_owned(), Output::Vectors(attended.output));
        std::iter::once(logits).chain(weights("weights", attended.weights)).collect()
    };
    let (_, mut program) = capture_program("language model", |session| {
        let model = reader.model.clone().to_device(session.device());
        session.parameters(&model);
        let input = session.input("ids", Tensor::<2, Int>::zeros(ids.dims(), session.device()));
        forward(&model, input).into_iter().for_each(|(name, output)| output.declare(&name, session));
        Ok(())
    })?;
    program.set_input("ids", ids.try_to_data()?)?;
    compare("language-model", "the language model", &program, forward(&reader.model, ids))
}

fn transformer(
    name: &str,
    title: &str,
    model: &Transformer,
    source: &Tensor<2, Int>,
    target: &Tensor<2, Int>,
) -> Result<Replayed> {
    let forward = |model: &Transformer, source: Tensor<2, Int>, target: Tensor<2, Int>| -> Outputs {
        let output = model.forward(source, target);
        let vectors = [
            ("logits", output.logits),
            ("memory", output.encoder.output),
            ("decoded", output.decoder.output),
        ];
        let vectors = vectors.map(|(name, tensor)| (name.to_owned(), Output::Vectors(tensor)));
        let (own, cross): (Vec<_>, Vec<_>) =
            output.decoder.weights.into_iter().map(|layer| (layer.self_attn, layer.cross_attn)).unzip();
        let encoder = weights("encoder", output.encoder.weights);
        vectors
            .into_iter()
            .chain(encoder)
            .chain(weights("decoder", own))
            .chain(weights("cross", cross))
            .collect()
    };
    let (_, mut program) = capture_program(name, |session| {
        let model = model.clone().to_device(session.device());
        session.parameters(&model);
        let ids = |name: &str, like: &Tensor<2, Int>| {
            session.input(name, Tensor::<2, Int>::zeros(like.dims(), session.device()))
        };
        let outputs = forward(&model, ids("source", source), ids("target", target));
        outputs.into_iter().for_each(|(name, output)| output.declare(&name, session));
        Ok(())
    })?;
    program.set_input("source", source.try_to_data()?)?;
    program.set_input("target", target.try_to_data()?)?;
    compare(name, title, &program, forward(model, source.clone(), target.clone()))
}

/// The weights of each layer.
fn weights(of: &str, layers: Vec<Tensor<4>>) -> impl Iterator<Item = (String, Output)> {
    let layers = layers.into_iter().enumerate();
    layers.map(move |(layer, weights)| (format!("{of} {}", layer + 1), Output::Weights(weights)))
}
