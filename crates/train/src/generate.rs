//! `train generate`: lets a language model go on with a text.

use std::io::Write;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use model::LanguageModel;
use model::decoding::{Sampling, sample};

use crate::dataset::{Vocabularies, check_length};
use crate::run_folder::RunFolder;
use crate::vocabulary::{BOS, EOS, Vocabulary};

/// Texts that are written side by side, and tokens of each, at most: more are a slip of the finger.
const MOST_TEXTS: usize = 1_000;
const MOST_TOKENS: usize = 1 << 16;

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
/// If the run holds no language model, the prompt is far too long for it, or the settings leave nothing to draw.
pub fn run(
    folder: &RunFolder,
    prompt: &str,
    generation: &Generation,
    device: &Device,
    output: &mut impl Write,
) -> Result<()> {
    let config = folder.config()?;
    let model = folder.language_model(&config, device)?;
    let vocabulary = Vocabularies::open(folder, &config)?.target;
    let Generation { count, tokens, .. } = *generation;
    ensure!(
        (1..=MOST_TEXTS).contains(&count),
        "--count = {count}, but it must be at least 1 and at most {MOST_TEXTS}"
    );
    ensure!(tokens <= MOST_TOKENS, "--tokens = {tokens}, but it must be at most {MOST_TOKENS}");
    check_length(begun(&vocabulary, prompt)?.len(), &config).context("--prompt can't be used")?;
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

/// A text to go on with, as the model reads it: BOS, then its lines with EOS between them.
fn begun(vocabulary: &Vocabulary, prompt: &str) -> Result<Vec<usize>> {
    let mut ids = vec![BOS];
    for (number, line) in prompt.split('\n').enumerate() {
        if number > 0 {
            ids.push(EOS);
        }
        ids.extend(vocabulary.encode(line)?);
    }
    Ok(ids)
}

/// A line ends with EOS, so what is written goes on with the next line after it.
fn texts(
    model: &LanguageModel,
    vocabulary: &Vocabulary,
    prompt: &str,
    generation: &Generation,
    device: &Device,
) -> Result<Vec<String>> {
    let ids = begun(vocabulary, prompt)?;
    let Generation { tokens, temperature, top_k, top_p, seed, count } = *generation;
    let sampling = Sampling { temperature, top_k, top_p, eos: None, seed };
    let written = sample(model, &vec![ids; count], &sampling, tokens, device)?;
    let text = |ids: &Vec<usize>| -> Result<String> {
        let lines = ids.split(|&id| id == EOS).map(|line| vocabulary.decode(line));
        Ok(lines.collect::<Result<Vec<String>>>()?.join("\n"))
    };
    written.iter().map(text).collect()
}
