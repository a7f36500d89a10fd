//! Where a network looks when the verb is to come: attention from the last word of a beginning.

use burn::tensor::Device;
use model::LanguageModel;
use serde::{Deserialize, Serialize};

use super::items::Item;
use super::measure::{Encoded, each, together};

/// How much goes to the subject, on average over all questions.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Gaze {
    /// By layer and head.
    pub(super) on_subject: Vec<Vec<f64>>,
    /// The largest of these, and in which layer and head it is, counted from 1.
    pub(super) most: f64,
    pub(super) layer: usize,
    pub(super) head: usize,
    /// What it would be if every word had the same weight.
    pub(super) even: f64,
}

/// The weights from the last word to all words, by layer and head.
type Weights = Vec<Vec<Vec<f64>>>;

fn weights(model: &LanguageModel, items: &[&Encoded], device: &Device) -> Vec<Weights> {
    let mut all: Vec<Weights> = items.iter().map(|_| Vec::new()).collect();
    for layer in model.forward(together(items, device)).weights {
        let [rows, heads, length, _] = layer.dims();
        let last = layer.slice([0..rows, 0..heads, length - 1..length]).into_data();
        let last: Vec<f64> = last.iter::<f32>().map(f64::from).collect();
        let layer = last.chunks(heads * length).map(|row| row.chunks(length).map(<[f64]>::to_vec).collect());
        all.iter_mut().zip(layer).for_each(|(all, layer)| all.push(layer));
    }
    all
}

impl Gaze {
    pub(super) fn of(model: &LanguageModel, items: &[Item], asked: &[Encoded], device: &Device) -> Self {
        let all = each(asked, |asked| weights(model, asked, device));
        let count = items.len() as f64;
        // One further, for the token that begins every text.
        let on = |layer: usize, head: usize| {
            all.iter().zip(items).map(|(all, item)| all[layer][head][item.subject + 1]).sum::<f64>() / count
        };
        let on_subject: Vec<Vec<f64>> = (0..all[0].len())
            .map(|layer| (0..all[0][layer].len()).map(|head| digits(on(layer, head))).collect())
            .collect();
        let heads = on_subject.iter().zip(1..).flat_map(|(heads, layer)| {
            heads.iter().zip(1..).map(move |(&weight, head)| (weight, layer, head))
        });
        let (most, layer, head) = heads.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default();
        let even = asked.iter().map(|item| 1.0 / item.ids.len() as f64).sum::<f64>() / count;
        Self { on_subject, most, layer, head, even }
    }
}

/// As many digits as are worth being kept.
fn digits(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use model::LanguageModelConfig;
    use train::data::vocabulary::Vocabulary;
    use train::device::DeviceName;

    use super::super::frame::Met;
    use super::super::items::row;
    use super::super::measure::encoded;
    use super::super::words::all;
    use super::*;
    use crate::contract::random::Random;

    /// The weights of a head add up to one, and those of a question are the same whatever is asked beside it.
    #[test]
    fn weights_are_those_of_the_question_alone() {
        let device = DeviceName::Flex.open().unwrap();
        let vocabulary = Vocabulary::of_words(&all()).unwrap();
        let sizes = LanguageModelConfig {
            n_layers: 3,
            d_model: 14,
            d_ff: 11,
            n_heads: 2,
            ..LanguageModelConfig::tiny(vocabulary.size())
        };
        let model = sizes.init(&device).unwrap();
        let items = row(2, Met::Elsewhere, &mut Random::new(3, 0))[..37].to_vec();
        let asked = encoded(&vocabulary, &items).unwrap();
        let gaze = Gaze::of(&model, &items, &asked, &device);
        assert_eq!((gaze.on_subject.len(), gaze.on_subject[0].len()), (3, 2));
        let mut sums = [[0.0; 2]; 3];
        for (item, asked) in items.iter().zip(&asked) {
            let alone = weights(&model, &[asked], &device).remove(0);
            for (layer, heads) in alone.iter().enumerate() {
                for (head, weights) in heads.iter().enumerate() {
                    assert_eq!(weights.len(), item.words.len() + 1);
                    assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-4);
                    sums[layer][head] += weights[item.subject + 1] / items.len() as f64;
                }
            }
        }
        for (found, sum) in gaze.on_subject.iter().flatten().zip(sums.as_flattened()) {
            assert!((found - sum).abs() < 1e-3, "{found} is not {sum}");
        }
        assert!((gaze.on_subject[gaze.layer - 1][gaze.head - 1] - gaze.most).abs() < 1e-9);
    }
}
