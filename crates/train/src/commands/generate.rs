//! `train generate`: lets a language model go on with a text.

use std::io::{self, Write};

use anyhow::{Result, ensure};
use burn::tensor::Device;

use crate::data::text::normalise_lines;
use crate::run::folder::RunFolder;
use crate::run::vocabularies::{self, excess, most_tokens};
use crate::tasks::generation::{Generation, begun, end_of, texts};
use crate::words::counted;

/// Texts that are written side by side, and tokens of each, at most: more are a slip of the finger.
const MOST_TEXTS: usize = 1_000;
const MOST_TOKENS: usize = 1 << 16;

/// Writes one or more texts that begin with `prompt`. Of one that is far too long, the model reads the end.
///
/// # Errors
///
/// If the run holds no language model, or the settings leave nothing to draw.
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
    let mut read = begun(&vocabulary, prompt)?;
    if let Some(excess) = excess(read.len(), &config) {
        read = end_of(&read, most_tokens(&config));
        // A standard error that is closed is no reason to stop. The first token is the one that begins every text.
        let kept = counted(read.len() - 1, "token");
        let _ = writeln!(io::stderr(), "--prompt: {excess}; it goes on from the last {kept}");
    }
    for (number, text) in texts(&model, &vocabulary, &read, generation, device)?.iter().enumerate() {
        if number > 0 {
            writeln!(output, "\n---\n")?;
        }
        writeln!(output, "{prompt}{text}")?;
    }
    Ok(())
}
