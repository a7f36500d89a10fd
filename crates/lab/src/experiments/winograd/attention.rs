//! Where the pronoun looks: *it*, while English is read, and what is about to write *sie* or *er*, in the English sentence
//! and in what is written already.

use anyhow::{Context, Result};
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::asked::Translator;
use super::nouns::{NOUNS, Noun, Role};
use super::sentences::Twins;
use super::sets::one_each;
use super::words::tensor;

/// Where they look in one sentence: for each layer and head, a weight for each word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Looks {
    pub(super) english: Vec<String>,
    pub(super) german: Vec<String>,
    /// *It*.
    pub(super) it: Vec<Vec<Vec<f64>>>,
    /// The last word before the pronoun, in the English sentence.
    pub(super) source: Vec<Vec<Vec<f64>>>,
    /// The same, in what is written.
    pub(super) own: Vec<Vec<Vec<f64>>>,
}

/// Means over sentences of what the weights are on, for each layer and head: the noun that is meant, the other one, and the
/// adjective. In what is written, nouns count with their articles, and the third is the article of what is meant alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Attended {
    pub(super) it: Vec<Vec<[f64; 3]>>,
    pub(super) source: Vec<Vec<[f64; 3]>>,
    pub(super) own: Vec<Vec<[f64; 3]>>,
}

/// Where the network looks in a sentence.
///
/// # Errors
///
/// If a word is unknown.
pub(super) fn looks(translator: &Translator, twins: &Twins, it: Role) -> Result<Looks> {
    let sentence = twins.sentence(it);
    let read = translator.source(&sentence.english)?;
    let written = translator.beginning(sentence.beginning())?;
    let at = sentence.english.split(' ').position(|word| word == "it").context("there is no \"it\"")?;
    let (length, last) = (read.len(), written.len() - 1);
    let german = ["<bos>"].into_iter().chain(sentence.beginning().split(' ')).map(str::to_owned).collect();
    let tensors = [tensor(&[read], &translator.device), tensor(&[written], &translator.device)];
    let [read, written] = tensors;
    let output = translator.model.forward(read, written);
    let of = |layers: Vec<Tensor<4>>, query: usize, keys: usize| -> Vec<Vec<Vec<f64>>> {
        layers.into_iter().map(|weights| of_query(weights, query, keys)).collect()
    };
    let layers = output.decoder.weights.into_iter();
    let (own, cross) = layers.map(|weights| (weights.self_attn, weights.cross_attn)).unzip();
    Ok(Looks {
        english: sentence.english.split(' ').chain(["<eos>"]).map(str::to_owned).collect(),
        german,
        it: of(output.encoder.weights, at, length),
        source: of(cross, last, length),
        own: of(own, last, last + 1),
    })
}

/// For each head, the weights of one query, in a batch of one.
fn of_query(weights: Tensor<4>, query: usize, keys: usize) -> Vec<Vec<f64>> {
    let [_, heads, _, _] = weights.dims();
    let row = weights.slice([0..1, 0..heads, query..query + 1, 0..keys]);
    let numbers: Vec<f64> = row.into_data().iter::<f64>().map(digits).collect();
    numbers.chunks(keys).map(<[f64]>::to_vec).collect()
}

fn digits(value: f64) -> f64 {
    format!("{value:.4}").parse().unwrap_or(value)
}

/// The means over sentences of the first frame.
///
/// # Errors
///
/// If a word is unknown, or there is no such sentence.
pub(super) fn attended(translator: &Translator, twins: &[Twins]) -> Result<Attended> {
    let (mut it, mut source, mut own, mut count) = (Vec::new(), Vec::new(), Vec::new(), 0.0);
    for twins in one_each(twins) {
        for role in Role::ALL {
            let looks = looks(translator, twins, role)?;
            let nouns = [NOUNS[twins.thing], NOUNS[twins.container]];
            let (meant, other) = (nouns[role as usize], nouns[1 - role as usize]);
            let place = |words: &[String], word: &str| words.iter().position(|one| one == word);
            let english = |word: &str| place(&looks.english, word).into_iter().collect::<Vec<_>>();
            let adjective = place(&looks.english, "too").map(|too| too + 1);
            let places = [english(meant.english), english(other.english), adjective.into_iter().collect()];
            add(&mut it, &looks.it, &places);
            add(&mut source, &looks.source, &places);
            let article = |noun: Noun| place(&looks.german, noun.german)?.checked_sub(1);
            let both = |noun: Noun| article(noun).into_iter().flat_map(|at| [at, at + 1]).collect::<Vec<_>>();
            let alone = article(meant).into_iter().collect();
            add(&mut own, &looks.own, &[both(meant), both(other), alone]);
            count += 1.0;
        }
    }
    let means = |sums: Vec<Vec<[f64; 3]>>| {
        let mean = |sums: [f64; 3]| sums.map(|sum| digits(sum / count));
        sums.into_iter().map(|heads| heads.into_iter().map(mean).collect()).collect()
    };
    Ok(Attended { it: means(it), source: means(source), own: means(own) })
}

/// Adds the weights on these places.
fn add(sums: &mut Vec<Vec<[f64; 3]>>, layers: &[Vec<Vec<f64>>], places: &[Vec<usize>; 3]) {
    sums.resize_with(layers.len(), Vec::new);
    for (sums, heads) in sums.iter_mut().zip(layers) {
        sums.resize(heads.len(), [0.0; 3]);
        for (sums, weights) in sums.iter_mut().zip(heads) {
            for (sum, places) in sums.iter_mut().zip(places) {
                *sum += places.iter().filter_map(|&place| weights.get(place)).sum::<f64>();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_on_places_are_added_up_for_each_head() {
        let mut sums = Vec::new();
        let layers = [vec![vec![0.5, 0.25, 0.25], vec![0.0, 1.0, 0.0]]];
        add(&mut sums, &layers, &[vec![1], vec![0, 2], vec![]]);
        add(&mut sums, &layers, &[vec![2], vec![0, 2], vec![7]]);
        assert_eq!(sums, [[[0.5, 1.5, 0.0], [1.0, 0.0, 0.0]]]);
    }

    #[test]
    fn a_row_of_each_head_is_taken() {
        let numbers: Vec<f32> = (0..2 * 3 * 5).map(|n| n as f32).collect();
        let data = burn::tensor::TensorData::new(numbers, [1, 2, 3, 5]);
        let weights = Tensor::<4>::from_data(data, &burn::tensor::Device::flex());
        let rows = of_query(weights, 1, 5);
        assert_eq!(rows, [[5.0, 6.0, 7.0, 8.0, 9.0], [20.0, 21.0, 22.0, 23.0, 24.0]]);
    }
}
