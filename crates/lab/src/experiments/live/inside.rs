//! The numbers of one sentence: what else could have been written, where a head looks, and how long the vectors are.

use anyhow::{Context, Result, bail};
use burn::backend::{Flex, FlexDevice};
use burn::module::Module;
use burn::tensor::activation::softmax;
use burn::tensor::{Int, Tensor};
use graph::{ComputationGraph, Program, Replayed, capture_program};
use train::run::reader::Reader;
use train::run::translator::Translator;

use super::written::read;
use super::{Attention, Candidate, Norms, Shown, Step, Written};

/// Tokens that are told of a step.
const TOLD: usize = 5;

/// A translation.
pub(super) fn translator(translator: &Translator, written: &Written) -> Result<Shown> {
    let target = read(translator.bos(), &written.output);
    let rows = [written.ids.clone(), target.clone()];
    let [source, given] = rows.map(|ids| translator.tensor(&[ids]));
    let output = translator.model.forward(source.clone(), given.clone());
    let cross = output.decoder.weights.last().map(|weights| weights.cross_attn.clone());
    let queries: Vec<String> = target.iter().map(|&id| translator.piece(id)).collect();
    let keys: Vec<String> = written.ids.iter().map(|&id| translator.source_piece(id)).collect();
    let layers = output.decoder.weights.len();
    let attention = attention(cross, layers, "cross-attention", [queries.clone(), keys.clone()])?;
    let (graph, mut program) = capture_program("translator", |session| {
        let model = translator.model.clone().to_device(session.device());
        session.parameters(&model);
        let ids = |name: &str, like: &Tensor<2, Int>| {
            session.input(name, Tensor::<2, Int>::zeros(like.dims(), session.device()))
        };
        session.output("logits", model.forward(ids("src", &source), ids("tgt", &given)).logits);
        Ok(())
    })?;
    program.set_input("src", source.try_into_data()?)?;
    program.set_input("tgt", given.try_into_data()?)?;
    let run = Carried::out(&graph, &program)?;
    let norms = vec![
        run.norms("encoder", "transformer/embeddings.0", "transformer/stack", layers, &keys)?,
        run.norms("decoder", "transformer/embeddings.1", "transformer/decoder", layers, &queries)?,
    ];
    let steps = steps(output.logits, 0, |id| translator.piece(id))?;
    Ok(Shown { text: written.text.clone(), written: written.written.clone(), steps, attention, norms })
}

/// A continuation.
pub(super) fn language_model(reader: &Reader, written: &Written) -> Result<Shown> {
    let before = &written.output[..written.output.len().saturating_sub(1)];
    let all: Vec<usize> = [&written.ids[..], before].concat();
    let given = reader.tensor(&all);
    let output = reader.model.forward(given.clone());
    let tokens: Vec<String> = all.iter().map(|&id| reader.piece(id)).collect();
    let layers = output.weights.len();
    let last = output.weights.last().cloned();
    let attention = attention(last, layers, "self-attention", [tokens.clone(), tokens.clone()])?;
    let (graph, mut program) = capture_program("language model", |session| {
        let model = reader.model.clone().to_device(session.device());
        session.parameters(&model);
        let ids = session.input("ids", Tensor::<2, Int>::zeros(given.dims(), session.device()));
        session.output("logits", model.forward(ids).output);
        Ok(())
    })?;
    program.set_input("ids", given.try_into_data()?)?;
    let run = Carried::out(&graph, &program)?;
    let (embeddings, stack) = ("language_model/embeddings", "language_model/stack");
    let norms = vec![run.norms("language model", embeddings, stack, layers, &tokens)?];
    let steps = steps(output.output, written.ids.len() - 1, |id| reader.piece(id))?;
    Ok(Shown { text: written.text.clone(), written: written.written.clone(), steps, attention, norms })
}

/// The likeliest tokens from position `first` on.
fn steps(logits: Tensor<3>, first: usize, piece: impl Fn(usize) -> String) -> Result<Vec<Step>> {
    let (best, places): (Tensor<3>, Tensor<3, Int>) = softmax(logits, 2).topk_with_indices(TOLD, 2);
    let best: Vec<f64> = best.try_into_data()?.iter::<f64>().collect();
    let places: Vec<i64> = places.try_into_data()?.iter::<i64>().collect();
    let step = |(best, places): (&[f64], &[i64])| {
        let candidates = best.iter().zip(places);
        let candidates =
            candidates.map(|(&probability, &id)| Candidate { token: piece(id as usize), probability });
        Step { candidates: candidates.collect() }
    };
    Ok(best.chunks(TOLD).zip(places.chunks(TOLD)).skip(first).map(step).collect())
}

/// Of the heads of the last layer, the one whose queries look most at one place.
fn attention(
    weights: Option<Tensor<4>>,
    layer: usize,
    sort: &str,
    [queries, keys]: [Vec<String>; 2],
) -> Result<Attention> {
    let weights: Vec<f64> =
        weights.context("the model has no layers")?.try_into_data()?.iter::<f64>().collect();
    let heads: Vec<&[f64]> = weights.chunks(queries.len() * keys.len()).collect();
    let pointed = |head: &[f64]| -> f64 {
        head.chunks(keys.len()).map(|row| row.iter().copied().fold(0.0, f64::max)).sum()
    };
    let best = (0..heads.len()).max_by(|&a, &b| pointed(heads[a]).total_cmp(&pointed(heads[b])));
    let best = best.context("the layer has no heads")?;
    Ok(Attention {
        sort: sort.to_owned(),
        layer,
        head: best + 1,
        weights: heads[best].chunks(keys.len()).map(<[f64]>::to_vec).collect(),
        queries,
        keys,
    })
}

/// A program that was carried out, so that every tensor is at hand.
struct Carried<'a> {
    graph: &'a ComputationGraph,
    program: &'a Program,
    run: Replayed<Flex>,
}

impl<'a> Carried<'a> {
    fn out(graph: &'a ComputationGraph, program: &'a Program) -> Result<Self> {
        Ok(Self { graph, program, run: program.replay::<Flex>(&FlexDevice)? })
    }

    /// How long the vectors are that leave the embeddings, and each layer of a stack.
    fn norms(
        &self,
        stack: &str,
        embeddings: &str,
        layers: &str,
        count: usize,
        tokens: &[String],
    ) -> Result<Norms> {
        let layer = |layer: usize| format!("{layers}/layer.{layer}");
        let places = std::iter::once(embeddings.to_owned()).chain((0..count).map(layer));
        let lengths = places.map(|place| self.lengths(&place)).collect::<Result<Vec<_>>>()?;
        let mean = |lengths: &Vec<f64>| lengths.iter().sum::<f64>() / lengths.len() as f64;
        let mut last: Vec<_> = lengths.last().into_iter().flatten().zip(tokens).collect();
        last.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let [(longest, token), (next, _), .., (shortest, _)] = last[..] else {
            bail!("{stack} has read {} tokens, expected three or more", last.len());
        };
        Ok(Norms {
            stack: stack.to_owned(),
            layers: lengths.iter().map(mean).collect(),
            longest_token: token.clone(),
            longest: *longest,
            next: *next,
            shortest: *shortest,
        })
    }

    /// The length of each token's vector there.
    fn lengths(&self, place: &str) -> Result<Vec<f64>> {
        let leaving = self.program.leaving(self.graph, place)?;
        let &tensor = leaving.first().with_context(|| format!("nothing leaves {place}"))?;
        let value = self.run.value(tensor)?;
        let width = value.shape().iter().last().copied().unwrap_or(1);
        let numbers: Vec<f64> = value.iter::<f64>().collect();
        let length = |row: &[f64]| row.iter().map(|number| number * number).sum::<f64>().sqrt();
        Ok(numbers.chunks(width).map(length).collect())
    }
}
