//! `train translate-text`: lets a trained model translate, line by line.

use std::io::{self, BufRead, Write};

use anyhow::{Result, bail};
use burn::tensor::Device;
use model::Transformer;
use serde::Serialize;

use crate::cli::values::TooLong;
use crate::data::arriving::{Arriving, LONGEST, Line, Pace};
use crate::data::dataset::Vocabularies;
use crate::data::vocabulary::EOS;
use crate::run::config::RunConfig;
use crate::run::folder::RunFolder;
use crate::run::vocabularies::{self, excess, most_tokens};
use crate::tasks::decoding::{DecodePlan, decode};
use crate::tasks::translate::ended;

#[derive(Serialize)]
struct Answer<'a> {
    source: &'a str,
    output: &'a str,
    /// Log-probability in nats.
    score: f64,
}

/// Translates lines until the input ends: those that have come, whatever is still to come. On a terminal there is a
/// prompt for each.
///
/// # Errors
///
/// If the run folder is damaged, or a line is no UTF-8 or, unless `too_long` says otherwise, far too long for the model;
/// what comes before such a line is translated first.
pub(crate) fn run(
    folder: &RunFolder,
    plan: &DecodePlan,
    too_long: TooLong,
    device: &Device,
    input: impl BufRead + Send + 'static,
    output: &mut impl Write,
) -> Result<()> {
    plan.validate()?;
    let config = folder.config()?;
    let model = folder.model(&config, device)?;
    let vocabularies = vocabularies::open(folder, &config)?;
    let translator = Translator { plan, too_long, config, model, vocabularies, device };
    if let Some(text) = &plan.src {
        return translator.answer(&[Line::given("--text", text)], output);
    }
    let pace = Pace::of_stdin();
    let mut lines = Arriving::read(input, pace);
    loop {
        if pace == Pace::Single {
            let _ = write!(io::stderr(), "> ");
        }
        let block = lines.block()?;
        if block.is_empty() {
            return Ok(());
        }
        translator.answer(&block, output)?;
    }
}

/// A model, and how it is to translate.
struct Translator<'a> {
    plan: &'a DecodePlan,
    too_long: TooLong,
    config: RunConfig,
    model: Transformer,
    vocabularies: Vocabularies,
    device: &'a Device,
}

impl Translator<'_> {
    /// Translates lines, up to one that is refused.
    fn answer(&self, lines: &[Line], output: &mut impl Write) -> Result<()> {
        let (sources, refused) = self.sources(lines)?;
        let full: Vec<Vec<usize>> = sources.iter().filter(|source| !source.is_empty()).cloned().collect();
        let mut found = decode(self.plan, &self.config, &self.model, &full, self.device).into_iter();
        for (line, source) in lines.iter().zip(&sources) {
            let hypothesis = if source.is_empty() { None } else { found.next() };
            let (text, score) = match hypothesis {
                Some(found) => (self.vocabularies.target.decode(&found.ids)?, found.log_prob),
                None => (String::new(), 0.0),
            };
            if self.plan.json {
                let answer = Answer { source: &line.text, output: &text, score };
                writeln!(output, "{}", serde_json::to_string(&answer)?)?;
            } else {
                writeln!(output, "{text}")?;
            }
        }
        output.flush()?;
        refused.map_or(Ok(()), Err)
    }

    /// What the model is to read of lines, which is nothing where there is nothing to translate; if one is refused, of
    /// those before it, and why it is.
    fn sources(&self, lines: &[Line]) -> Result<(Vec<Vec<usize>>, Option<anyhow::Error>)> {
        // To take a line apart that is no sentence would take long.
        let is_needed = |line: &&Line| !line.is_cut || self.too_long == TooLong::Crop;
        let text = |line| Some(line).filter(is_needed).map_or(String::new(), |line| line.text.clone());
        let mut sources = ended(&self.vocabularies.source, lines.iter().map(text).collect())?;
        for (index, line) in lines.iter().enumerate() {
            if let Err(refused) = self.fit(line, &mut sources[index]) {
                sources.truncate(index);
                return Ok((sources, Some(refused)));
            }
        }
        Ok((sources, None))
    }

    /// Makes of a line's source one that the model can read.
    fn fit(&self, line: &Line, source: &mut Vec<usize>) -> Result<()> {
        let excess = match line.is_cut {
            true => Some(format!("it is longer than {LONGEST} bytes")),
            false => excess(source.len(), &self.config),
        };
        if let Some(excess) = excess {
            let (name, most) = (&line.name, most_tokens(&self.config));
            let done = match self.too_long {
                TooLong::Error => bail!(
                    "{name} can't be used: {excess}; cut it into shorter ones, or have it cropped with --too-long crop, \
                     or left empty with --too-long empty"
                ),
                TooLong::Crop if source.len() > most => {
                    source.truncate(most - 1);
                    source.push(EOS);
                    "it is cropped"
                }
                TooLong::Crop => "it is cropped",
                TooLong::Empty => {
                    source.clear();
                    "it is left empty"
                }
            };
            // A standard error that is closed is no reason to stop.
            let _ = writeln!(io::stderr(), "{name}: {excess}; {done}");
        }
        // An empty line has nothing to translate, and stays where it is.
        if line.text.is_empty() {
            source.clear();
        }
        Ok(())
    }
}
