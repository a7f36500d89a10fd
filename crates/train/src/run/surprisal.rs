//! How surprised a language model is by each word of a text.

use std::f64::consts::LN_2;

use anyhow::Result;
use burn::tensor::Device;
use burn::tensor::activation::log_softmax;
use model::LanguageModel;

use crate::data::lines::ids_tensor;
use crate::data::vocabulary::{BOS, PAD, Vocabulary};

/// A word and its surprisal: the negative logarithm to base 2 of the probability that the model gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct WordSurprisal {
    /// The word.
    pub word: String,
    /// Its surprisal in bits.
    pub bits: f64,
}

// ANCHOR: surprisals
/// The bits of every word of a text, given as pieces: the sum over
/// them of `-log2 p(piece | everything before)`.
///
/// # Errors
///
/// If a piece can't be written.
pub(crate) fn surprisals(
    model: &LanguageModel,
    vocabulary: &Vocabulary,
    ids: &[usize],
    device: &Device,
) -> Result<Vec<WordSurprisal>> {
    let given = [&[BOS], &ids[..ids.len() - 1]].concat();
    let given = ids_tensor(&[given], PAD, device);
    let logits = model.forward(given).output; // [1, length, vocab]
    let [_, length, vocab] = logits.dims();
    let log_p = log_softmax(logits, 2).reshape([length * vocab]);
    let log_p: Vec<f32> = log_p.into_data().iter::<f32>().collect();
    let mut words: Vec<(Vec<usize>, f64)> = Vec::new();
    for (position, &id) in ids.iter().enumerate() {
        let bits = -f64::from(log_p[position * vocab + id]) / LN_2;
        match words.last_mut() {
            Some(word) if !vocabulary.begins_word(id) => {
                word.0.push(id);
                word.1 += bits;
            }
            _ => words.push((vec![id], bits)),
        }
    }
    let word = |(ids, bits): (Vec<usize>, f64)| {
        let word = vocabulary.decode(&ids)?.trim().to_owned();
        Ok(WordSurprisal { word, bits })
    };
    words.into_iter().map(word).collect()
}
// ANCHOR_END: surprisals
