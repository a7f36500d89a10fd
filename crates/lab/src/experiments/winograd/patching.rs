//! Patching: the "large" sentence is run with one tensor taken from the run of the "small" one, one tensor after the
//! other. How much of the way from the one pronoun to the other does each of them bring?

use anyhow::{Context, Result, ensure};
use burn::backend::{Flex, FlexDevice};
use burn::tensor::TensorData;
use graph::{ComputationGraph, Edit, Program, Replayed, Run, TensorId};
use model::TransformerConfig;
use serde::{Deserialize, Serialize};

use super::asked::Translator;
use super::nouns::{Gender, Role};
use super::program::{Place, attentions, captured, decoder, encoder};
use super::sentences::{Sentence, Twins};
use super::sets::one_each;
use super::words::tensor;

/// What came of it in one network: parts of the way from one pronoun to the other, which is 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Patched {
    /// How far the right pronoun's logit is above the other noun's, on average, with the adjective that means the thing
    /// and with the other: there, it is below.
    pub(super) large: f64,
    pub(super) small: f64,
    /// Sentences.
    pub(super) rows: usize,
    /// Tensors that aren't the same in both runs, by their numbers in the program, and what each brings.
    pub(super) tensors: Vec<usize>,
    pub(super) brings: Vec<f64>,
    /// What a place brings at one position: for each place of the encoder and word that is read.
    pub(super) encoder: Vec<Vec<f64>>,
    /// The same for the decoder and what is written.
    pub(super) decoder: Vec<Vec<f64>>,
    /// What each head of each attention brings.
    pub(super) heads: Vec<Vec<f64>>,
}

/// Both runs of a program, and what is asked of a run.
struct Pair<'p> {
    program: &'p Program,
    large: Run<'p>,
    /// All tensors of either run.
    runs: [Replayed<Flex>; 2],
    /// For each row, the ids of the pronoun of the thing and of that of the container.
    pronouns: Vec<[usize; 2]>,
    /// What a run with the one adjective comes to, and one with the other.
    ends: [f64; 2],
}

/// Patches the sentences of these twins, which are of one kind.
///
/// # Errors
///
/// If there are none, or the program can't be carried out.
pub(super) fn patched(
    translator: &Translator,
    sizes: &TransformerConfig,
    twins: &[Twins],
    mut told: impl FnMut(f64),
) -> Result<Patched> {
    let fitting: Vec<&Twins> = one_each(twins).collect();
    ensure!(!fitting.is_empty(), "there is no sentence to patch");
    let rows = |it: Role| -> Result<Vec<Vec<usize>>> {
        fitting.iter().map(|twins| translator.source(&twins.sentence(it).english)).collect()
    };
    let sentences: Vec<Sentence> = fitting.iter().map(|twins| twins.sentence(Role::Thing)).collect();
    let written: Vec<Vec<usize>> =
        sentences.iter().map(|sentence| translator.beginning(sentence.beginning())).collect::<Result<_>>()?;
    let read = [rows(Role::Thing)?, rows(Role::Container)?];
    let shape = [written.len(), read[0][0].len(), written[0].len()];
    let (graph, program) = captured(Some(&translator.model), sizes, shape)?;
    let ids = |rows: &[Vec<usize>]| tensor(rows, &translator.device).into_data();
    let pronoun = |gender: Gender| translator.german.id(gender.pronoun());
    let pronouns = sentences.iter().map(|s| Ok([pronoun(s.gender)?, pronoun(s.other)?]));
    let pair = Pair::new(
        &program,
        [ids(&read[0]), ids(&read[1])],
        &ids(&written),
        pronouns.collect::<Result<_>>()?,
    )?;
    let tensors = pair.different(&graph)?;
    let mut brings = Vec::new();
    for (n, &tensor) in tensors.iter().enumerate() {
        told(n as f64 / tensors.len() as f64);
        brings.push(pair.brings(tensor, None)?);
    }
    let layers = sizes.n_layers;
    let by_part = |places: Vec<Place>, axis: usize, parts: usize| -> Result<Vec<Vec<f64>>> {
        let of_place = |place: Place| {
            let tensor = pair.leaving(&graph, &place.path)?;
            (0..parts).map(|part| pair.brings(tensor, Some((axis, part)))).collect::<Result<_>>()
        };
        places.into_iter().map(of_place).collect()
    };
    Ok(Patched {
        large: digits(pair.ends[0]),
        small: digits(pair.ends[1]),
        rows: shape[0],
        encoder: by_part(encoder(layers), 1, shape[1])?,
        decoder: by_part(decoder(layers), 1, shape[2])?,
        heads: by_part(attentions(layers), 1, sizes.n_heads)?,
        tensors: tensors.iter().map(|tensor| tensor.number()).collect(),
        brings,
    })
}

/// All of a tensor, or one place along an axis.
type Part = Option<(usize, usize)>;

impl<'p> Pair<'p> {
    fn new(
        program: &'p Program,
        [large, small]: [TensorData; 2],
        written: &TensorData,
        pronouns: Vec<[usize; 2]>,
    ) -> Result<Self> {
        let run = |read| program.run().input("English", read)?.input("German", written.clone());
        let (large, small) = (run(large)?, run(small)?);
        let runs = [large.replay::<Flex>(&FlexDevice)?, small.replay::<Flex>(&FlexDevice)?];
        let mut pair = Self { program, large, runs, pronouns, ends: [0.0; 2] };
        pair.ends = [pair.above(&pair.runs[0])?, pair.above(&pair.runs[1])?];
        Ok(pair)
    }

    /// How far the thing's pronoun is above the container's, on average.
    fn above(&self, run: &Replayed<Flex>) -> Result<f64> {
        let logits = run.output("logits")?;
        let [rows, length, vocab] = logits.shape()[..] else { anyhow::bail!("logits have three axes") };
        let numbers: Vec<f32> = logits.iter::<f32>().collect();
        let last = |row: usize, word: usize| f64::from(numbers[(row * length + length - 1) * vocab + word]);
        let sum: f64 =
            self.pronouns.iter().enumerate().map(|(n, [own, other])| last(n, *own) - last(n, *other)).sum();
        Ok(sum / rows as f64)
    }

    // ANCHOR: brings
    /// Runs the "large" sentences with one tensor of the "small" ones,
    /// or a part of it: a position, a head. 0 is no effect; 1 is as if
    /// all sentences had been the others.
    ///
    /// # Errors
    ///
    /// If the program can't be carried out.
    fn brings(&self, tensor: TensorId, part: Part) -> Result<f64> {
        let edit = Edit::value(tensor, self.runs[1].value(tensor)?);
        let edit = match part {
            Some((axis, place)) => edit.part(axis, place..place + 1),
            None => edit,
        };
        let run = self.large.clone().edit(edit)?.keep([]);
        let patched = self.above(&run.replay::<Flex>(&FlexDevice)?)?;
        let [large, small] = self.ends;
        Ok(digits((large - patched) / (large - small)))
    }
    // ANCHOR_END: brings

    /// The numbers that are computed in the graph and aren't the same in both runs, but for what comes out.
    fn different(&self, graph: &ComputationGraph) -> Result<Vec<TensorId>> {
        let all = (0..graph.operation_count()).flat_map(|number| self.program.results(number));
        let mut different = Vec::new();
        for &tensor in all {
            let values = self.runs.each_ref().map(|run| run.value(tensor));
            let [large, small] = values;
            let (large, small) = (large?, small?);
            if large.dtype().is_float() && large.as_bytes() != small.as_bytes() {
                different.push(tensor);
            }
        }
        Ok(different)
    }

    /// The tensor that leaves a place.
    fn leaving(&self, graph: &ComputationGraph, path: &str) -> Result<TensorId> {
        let found = self.program.leaving(graph, path)?;
        found.last().copied().with_context(|| format!("nothing leaves {path}"))
    }
}

/// As many digits as are worth being kept.
fn digits(value: f64) -> f64 {
    let digits = format!("{value:.4}").parse().unwrap_or(value);
    if digits == 0.0 { 0.0 } else { digits }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::contract::random::Random;
    use crate::experiments::winograd::sets::{Kind, Sets};
    use crate::experiments::winograd::training::sizes;
    use crate::experiments::winograd::words::Words;

    /// A network that nothing has trained, and what to ask it.
    fn untrained() -> (Translator, TransformerConfig, Vec<Twins>) {
        let sets = Sets::drawn(&mut Random::new(2, 1));
        let english = Words::of(sets.training.iter().map(|(english, _)| english.as_str()));
        let german = Words::of(sets.training.iter().map(|(_, german)| german.as_str()));
        let sizes =
            TransformerConfig { d_model: 12, d_ff: 17, n_heads: 3, ..sizes(english.size(), german.size()) };
        let device = Device::flex();
        device.seed(5);
        let model = sizes.init(&device).unwrap();
        (Translator { model, english, german, device }, sizes, sets.asked[&Kind::Unseen][..150].to_vec())
    }

    /// What is read differs in one position; whatever all of it flows through brings everything, whatever the weights.
    #[test]
    fn what_all_flows_through_brings_everything() {
        let (translator, sizes, twins) = untrained();
        let found = patched(&translator, &sizes, &twins, |_| ()).unwrap();
        assert_eq!((found.rows, found.tensors.len()), (10, found.brings.len()));
        let close =
            |value: f64, expected: f64| assert!((value - expected).abs() < 2e-3, "{value} is not {expected}");
        let adjective = 11;
        for (position, &value) in found.encoder[0].iter().enumerate() {
            close(value, if position == adjective { 1.0 } else { 0.0 });
        }
        found.decoder[0].iter().for_each(|&value| close(value, 0.0));
        close(*found.decoder.last().unwrap().last().unwrap(), 1.0);
        close(found.brings[0], 1.0);
        close(*found.brings.last().unwrap(), 1.0);
        assert_eq!([found.encoder.len(), found.decoder.len(), found.heads.len()], [5, 7, 6]);
        assert!(found.heads.iter().all(|heads| heads.len() == 3));
        assert!(found.tensors.windows(2).all(|two| two[0] < two[1]));
    }
}
