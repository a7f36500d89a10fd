//! `train surprisal`: how surprised a language model is by each word of a text.

use std::f64::consts::LN_2;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use burn::tensor::activation::log_softmax;
use model::LanguageModel;

use super::surprisal_plot::{WordSurprisal, surprisal_plot};
use crate::data::lines::ids_tensor;
use crate::data::text::normalise;
use crate::data::vocabulary::{BOS, PAD, Vocabulary};
use crate::files::write_atomically;
use crate::run::folder::RunFolder;
use crate::run::vocabularies::{self, check_length};

/// Prints the bits of every word, and draws them if asked to.
///
/// # Errors
///
/// If the run holds no language model, or the text is empty or far too long for it.
pub(crate) fn run(
    folder: &RunFolder,
    text: &str,
    json: bool,
    plot: Option<&Path>,
    device: &Device,
    output: &mut impl Write,
) -> Result<()> {
    let config = folder.config()?;
    let model = folder.language_model(&config, device)?;
    let vocabulary = vocabularies::open(folder, &config)?.target;
    let ids = vocabulary.encode(&normalise(text))?;
    ensure!(!ids.is_empty(), "--text is empty, so nothing in it can surprise");
    check_length(ids.len(), &config).context("--text can't be used")?;
    let words = surprisals(&model, &vocabulary, &ids, device)?;
    let total: f64 = words.iter().map(|word| word.bits).sum();
    if json {
        let words: Vec<_> =
            words.iter().map(|word| serde_json::json!({ "word": word.word, "bits": word.bits })).collect();
        writeln!(output, "{}", serde_json::json!({ "words": words, "bits": total }))?;
    } else {
        for WordSurprisal { word, bits } in &words {
            writeln!(output, "{bits:7.2}  {word}")?;
        }
        writeln!(output, "{total:7.2}  bits in all")?;
    }
    if let Some(path) = plot {
        write_atomically(path, surprisal_plot(&words, "surprisal", "Surprisal").as_bytes())?;
        if !json {
            writeln!(output, "wrote {}", path.display())?;
        }
    }
    Ok(())
}

/// The bits of every word of a text, given as pieces: the sum over them of `-log2 p(piece | everything before)`.
///
/// # Errors
///
/// If a piece can't be written.
fn surprisals(
    model: &LanguageModel,
    vocabulary: &Vocabulary,
    ids: &[usize],
    device: &Device,
) -> Result<Vec<WordSurprisal>> {
    let given = [&[BOS], &ids[..ids.len() - 1]].concat();
    let logits = model.forward(ids_tensor(&[given], PAD, device)).output; // [1, length, vocab]
    let [_, length, vocab] = logits.dims();
    let log_p: Vec<f32> =
        log_softmax(logits, 2).reshape([length * vocab]).into_data().iter::<f32>().collect();
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
        Ok(WordSurprisal { word: vocabulary.decode(&ids)?.trim().to_owned(), bits })
    };
    words.into_iter().map(word).collect()
}
