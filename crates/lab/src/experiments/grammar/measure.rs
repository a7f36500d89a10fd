//! What a network prefers.

use std::f64::consts::LN_2;

use anyhow::{Context, Result};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use model::LanguageModel;
use train::data::batch::Batch;
use train::data::vocabulary::{BOS, PAD, Vocabulary};
use train::training::trainable::mean_nll;

use super::items::Item;

/// Questions that are asked at once.
const TOGETHER: usize = 128;

/// A question as a network reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Encoded {
    pub(super) ids: Vec<usize>,
    /// The verb that agrees, and the one that doesn't.
    pub(super) verbs: [usize; 2],
}

/// Tokens of some sentences, after the one that begins each.
pub(super) fn ids<'a>(
    vocabulary: &Vocabulary,
    sentences: impl Iterator<Item = &'a [&'static str]>,
) -> Result<Vec<Vec<usize>>> {
    let encoded = vocabulary.encode_all(sentences.map(|words| words.join(" ")).collect())?;
    Ok(encoded.into_iter().map(|ids| [&[BOS], &ids[..]].concat()).collect())
}

pub(super) fn encoded(vocabulary: &Vocabulary, items: &[Item]) -> Result<Vec<Encoded>> {
    let whole: Vec<Vec<&'static str>> =
        items.iter().map(|item| [&item.words[..], &item.verbs].concat()).collect();
    let split = |mut ids: Vec<usize>| -> Result<Encoded> {
        let [bad, good] = [ids.pop(), ids.pop()];
        Ok(Encoded { verbs: [good.context("no verb")?, bad.context("no verb")?], ids })
    };
    ids(vocabulary, whole.iter().map(Vec::as_slice))?.into_iter().map(split).collect()
}

/// Beginnings of one length, `[rows, length]`.
pub(super) fn together(items: &[&Encoded], device: &Device) -> Tensor<2, Int> {
    let ids: Vec<i64> = items.iter().flat_map(|item| &item.ids).map(|&id| id as i64).collect();
    let length = ids.len() / items.len();
    Tensor::from_data(TensorData::new(ids, [items.len(), length]), device)
}

// ANCHOR: log_p
/// The logarithms of the probabilities of both verbs, as what comes next
/// after beginnings of one length.
fn log_p(model: &LanguageModel, items: &[&Encoded], device: &Device) -> Vec<[f64; 2]> {
    let logits = model.forward(together(items, device)).output;
    let [rows, length, vocab] = logits.dims();
    let last = logits.slice([0..rows, length - 1..length]);
    let all = log_softmax(last.reshape([rows, vocab]), 1).into_data();
    let all: Vec<f32> = all.iter().collect();
    let both = |(row, item): (usize, &&Encoded)| item.verbs.map(|verb| f64::from(all[row * vocab + verb]));
    items.iter().enumerate().map(both).collect()
}
// ANCHOR_END: log_p

/// Asks questions of one length together, and gives what comes of each, in their order.
pub(super) fn each<T>(items: &[Encoded], ask: impl Fn(&[&Encoded]) -> Vec<T>) -> Vec<T> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|&n| items[n].ids.len());
    let mut found: Vec<(usize, T)> = Vec::new();
    for alike in order.chunk_by(|&a, &b| items[a].ids.len() == items[b].ids.len()) {
        for numbers in alike.chunks(TOGETHER) {
            let asked: Vec<&Encoded> = numbers.iter().map(|&n| &items[n]).collect();
            found.extend(numbers.iter().copied().zip(ask(&asked)));
        }
    }
    found.sort_by_key(|&(n, _)| n);
    found.into_iter().map(|(_, found)| found).collect()
}

/// The logarithms of the probabilities of both verbs of every question.
pub(super) fn log_probabilities(model: &LanguageModel, items: &[Encoded], device: &Device) -> Vec<[f64; 2]> {
    each(items, |asked| log_p(model, asked, device))
}

/// For each question whether the verb that agrees is the likelier one.
pub(super) fn right(model: &LanguageModel, items: &[Encoded], device: &Device) -> Vec<bool> {
    log_probabilities(model, items, device).into_iter().map(|[good, bad]| good > bad).collect()
}

/// Bits of all words of a text, its end not counted.
pub(super) fn bits(model: &LanguageModel, ids: Vec<usize>, device: &Device) -> Result<f64> {
    let batch = Batch { src: vec![], tgt: vec![ids] };
    let (nll, tokens) = mean_nll(model, std::iter::once(Ok(batch)), PAD, device)?;
    Ok(nll * tokens as f64 / LN_2)
}

#[cfg(test)]
mod tests {
    use model::LanguageModelConfig;
    use train::device::DeviceName;

    use super::super::words::all;
    use super::*;

    /// However questions are put together, each has what it has alone: the bits of the verb are what it adds to its beginning.
    #[test]
    fn a_verb_has_the_bits_that_it_adds() {
        let device = DeviceName::Flex.open().unwrap();
        let vocabulary = Vocabulary::of_words(&all()).unwrap();
        let config = LanguageModelConfig {
            n_layers: 1,
            d_model: 14,
            d_ff: 11,
            n_heads: 2,
            ..LanguageModelConfig::tiny(vocabulary.size())
        };
        let model = config.init(&device).unwrap();
        let item =
            |words: &[&'static str], verbs| Item { words: words.to_vec(), verbs, opposed: false, subject: 0 };
        let items = [
            item(&["the", "boy", "near", "the", "dogs"], ["opens", "open"]),
            item(&["anna"], ["sees", "see"]),
            item(&["the", "mice", "near", "the", "cat"], ["fill", "fills"]),
        ];
        let asked = encoded(&vocabulary, &items).unwrap();
        assert_eq!(asked[1].ids.len(), 2);
        let found = log_probabilities(&model, &asked, &device);
        for (item, both) in items.iter().zip(found) {
            for (verb, log_p) in item.verbs.iter().zip(both) {
                let whole = [&item.words[..], &[*verb]].concat();
                let text = ids(&vocabulary, [&item.words[..], &whole].into_iter()).unwrap();
                let [before, after] = [0, 1].map(|n| bits(&model, text[n].clone(), &device).unwrap());
                assert!((after - before + log_p / LN_2).abs() < 1e-4, "{verb}: {before} {after} {log_p}");
            }
        }
    }
}
