//! `train generate`: lets a language model go on with a text.

use std::io::Write;

use anyhow::{Result, ensure};
use burn::tensor::Device;
use model::LanguageModel;
use model::decoding::{Sampling, sample};

use crate::run_folder::RunFolder;
use crate::vocabulary::{BOS, EOS, Vocabulary};

/// How to write.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub struct Generation {
    /// Tokens to write.
    #[arg(long, default_value_t = 200)]
    pub tokens: usize,
    /// Below one plays safe, above one takes risks, zero always takes the likeliest token.
    #[arg(long, default_value_t = 0.8)]
    pub temperature: f64,
    /// Draw from the so many likeliest tokens alone.
    #[arg(long)]
    pub top_k: Option<usize>,
    /// Draw from the likeliest tokens that together have this probability.
    #[arg(long)]
    pub top_p: Option<f64>,
    /// Decides what is drawn.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Texts to write.
    #[arg(long, default_value_t = 1)]
    pub count: usize,
}

impl Default for Generation {
    fn default() -> Self {
        Self { tokens: 200, temperature: 0.8, top_k: None, top_p: None, seed: 1, count: 1 }
    }
}

/// Writes one or more texts that begin with `prompt`.
///
/// # Errors
///
/// If the run holds no language model, or the settings leave nothing to draw.
pub fn run(
    folder: &RunFolder,
    prompt: &str,
    generation: &Generation,
    device: &Device,
    output: &mut impl Write,
) -> Result<()> {
    let config = folder.config()?;
    let model = folder.language_model(&config, device)?;
    let [_, vocabulary] = folder.vocabularies()?;
    ensure!(generation.count > 0, "--count = 0, but it must be at least 1");
    for (number, text) in texts(&model, &vocabulary, prompt, generation, device)?.iter().enumerate() {
        if number > 0 {
            writeln!(output, "\n---\n")?;
        }
        writeln!(output, "{prompt}{text}")?;
    }
    Ok(())
}

/// What the model writes after `prompt`, on one line.
///
/// # Errors
///
/// If the settings leave nothing to draw.
pub fn continued(
    model: &LanguageModel,
    vocabulary: &Vocabulary,
    prompt: &str,
    generation: &Generation,
    device: &Device,
) -> Result<String> {
    let texts = texts(model, vocabulary, prompt, generation, device)?;
    Ok(texts.into_iter().next().unwrap_or_default().replace('\n', " ¶ "))
}

/// A line ends with EOS, so what is written goes on with the next line after it.
fn texts(
    model: &LanguageModel,
    vocabulary: &Vocabulary,
    prompt: &str,
    generation: &Generation,
    device: &Device,
) -> Result<Vec<String>> {
    let mut ids = vec![BOS];
    for (number, line) in prompt.split('\n').enumerate() {
        if number > 0 {
            ids.push(EOS);
        }
        ids.extend(vocabulary.encode(line)?);
    }
    let Generation { tokens, temperature, top_k, top_p, seed, count } = *generation;
    let sampling = Sampling { temperature, top_k, top_p, eos: None, seed };
    let written = sample(model, &vec![ids; count], &sampling, tokens, device)?;
    let text = |ids: &Vec<usize>| -> Result<String> {
        let lines = ids.split(|&id| id == EOS).map(|line| vocabulary.decode(line));
        Ok(lines.collect::<Result<Vec<String>>>()?.join("\n"))
    };
    written.iter().map(text).collect()
}
