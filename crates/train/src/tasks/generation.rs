//! How a language model writes: token after token, drawn from what it finds likely.

use anyhow::Result;
use burn::tensor::Device;
use model::LanguageModel;
use model::decoding::{Sampling, sample};

use crate::data::vocabulary::{BOS, EOS, Vocabulary};

/// How to write.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Generation {
    /// Tokens to write.
    pub(crate) tokens: usize,
    /// Below one plays safe, above one takes risks, zero always takes the likeliest token.
    pub(crate) temperature: f64,
    /// Draw from the so many likeliest tokens alone.
    pub(crate) top_k: Option<usize>,
    /// Draw from the likeliest tokens that together have this probability.
    pub(crate) top_p: Option<f64>,
    /// Decides what is drawn.
    pub(crate) seed: u64,
    /// Texts to write.
    pub(crate) count: usize,
}

impl Default for Generation {
    fn default() -> Self {
        Self { tokens: 200, temperature: 0.8, top_k: None, top_p: None, seed: 1, count: 1 }
    }
}

/// What the model writes after `prompt`, on one line.
///
/// # Errors
///
/// If the settings leave nothing to draw.
pub(crate) fn continued(
    model: &LanguageModel,
    vocabulary: &Vocabulary,
    prompt: &str,
    generation: &Generation,
    device: &Device,
) -> Result<String> {
    let texts = texts(model, vocabulary, &begun(vocabulary, prompt)?, generation, device)?;
    Ok(texts.into_iter().next().unwrap_or_default().replace('\n', " ¶ "))
}

/// A text to go on with, as the model reads it: BOS, then its lines with EOS between them.
pub(crate) fn begun(vocabulary: &Vocabulary, prompt: &str) -> Result<Vec<usize>> {
    let mut ids = vec![BOS];
    for (number, line) in prompt.split('\n').enumerate() {
        if number > 0 {
            ids.push(EOS);
        }
        ids.extend(vocabulary.encode(line)?);
    }
    Ok(ids)
}

/// The end of a text that was [begun], in at most `most` tokens; the first is still BOS.
pub(crate) fn end_of(ids: &[usize], most: usize) -> Vec<usize> {
    let (first, others) = ids.split_at(1.min(ids.len()));
    let left_out = ids.len().saturating_sub(most).min(others.len());
    [first, &others[left_out..]].concat()
}

/// What the model writes after the tokens of a text. A line ends with EOS, so what is written goes on with the next line
/// after it.
pub(crate) fn texts(
    model: &LanguageModel,
    vocabulary: &Vocabulary,
    begun: &[usize],
    generation: &Generation,
    device: &Device,
) -> Result<Vec<String>> {
    let Generation { tokens, temperature, top_k, top_p, seed, count } = *generation;
    let sampling = Sampling { temperature, top_k, top_p, eos: None, seed };
    let written = sample(model, &vec![begun.to_vec(); count], &sampling, tokens, device)?;
    let text = |ids: &Vec<usize>| -> Result<String> {
        let lines = ids.split(|&id| id == EOS).map(|line| vocabulary.decode(line));
        Ok(lines.collect::<Result<Vec<String>>>()?.join("\n"))
    };
    written.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_text_still_begins_with_bos() {
        let ids = [BOS, 7, 8, 9];
        assert_eq!(end_of(&ids, 4), ids);
        assert_eq!(end_of(&ids, 99), ids);
        assert_eq!(end_of(&ids, 3), [BOS, 8, 9]);
        assert_eq!(end_of(&ids, 1), [BOS]);
        assert_eq!(end_of(&[BOS], 1), [BOS]);
    }
}
