//! `train surprisal`: how surprised a language model is by each word of a text.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;

use super::surprisal_plot::surprisal_plot;
use crate::data::text::normalise;
use crate::files::write_atomically;
use crate::run::folder::RunFolder;
use crate::run::surprisal::{WordSurprisal, surprisals};
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
    ensure!(
        total.is_finite(),
        "the surprisal of --text is {total} bits: the model's weights are too large to be computed with"
    );
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
