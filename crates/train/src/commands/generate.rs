//! `train generate`: lets a language model go on with a text.

use std::io::Write;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;

use crate::data::text::normalise_lines;
use crate::run::folder::RunFolder;
use crate::run::vocabularies::{self, check_length};
use crate::tasks::generation::{Generation, begun, texts};

/// Texts that are written side by side, and tokens of each, at most: more are a slip of the finger.
const MOST_TEXTS: usize = 1_000;
const MOST_TOKENS: usize = 1 << 16;

/// Writes one or more texts that begin with `prompt`.
///
/// # Errors
///
/// If the run holds no language model, the prompt is far too long for it, or the settings leave nothing to draw.
pub(crate) fn run(
    folder: &RunFolder,
    prompt: &str,
    generation: &Generation,
    device: &Device,
    output: &mut impl Write,
) -> Result<()> {
    let prompt = &normalise_lines(prompt);
    let config = folder.config()?;
    let model = folder.language_model(&config, device)?;
    let vocabulary = vocabularies::open(folder, &config)?.target;
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
