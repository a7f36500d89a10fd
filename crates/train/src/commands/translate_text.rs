//! `train translate-text`: lets a trained model translate, line by line.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use model::Transformer;
use model::decoding::Hypothesis;
use serde::Serialize;

use crate::cli::using::TranslateTextArgs;
use crate::cli::values::TooLong;
use crate::data::arriving::{Arriving, LONGEST, Line, Pace};
use crate::data::dataset::Vocabularies;
use crate::data::vocabulary::EOS;
use crate::files::output::Output;
use crate::run::config::RunConfig;
use crate::run::folder::RunFolder;
use crate::run::vocabularies::{self, excess, most_tokens};
use crate::tasks::decoding::{DecodePlan, check_score, decode_best};
use crate::tasks::translate::ended;

/// A line with its translation.
#[derive(Serialize)]
struct Answer<'a> {
    source: &'a str,
    output: &'a str,
    /// Log-probability in nats.
    score: f64,
}

/// A line with its best translations.
#[derive(Serialize)]
struct Answers<'a> {
    source: &'a str,
    outputs: Vec<Translation>,
}

/// One of them.
#[derive(Serialize)]
struct Translation {
    output: String,
    /// Log-probability in nats.
    score: f64,
    /// What beam search ranks by: the score over the length penalty.
    ranking: f64,
}

/// Translates lines until the input ends: those that have come, whatever is still to come. On a terminal there is a
/// prompt for each. The exit code is 1 if lines were too long and did not stay whole.
///
/// # Errors
///
/// If the run folder is damaged, or a line is no UTF-8 or, unless `--too-long` says otherwise, far too long for the model;
/// what comes before such a line is translated first. If a file can't be read or written; one that is to be written is
/// there only if nothing else was wrong.
pub(crate) fn run(
    folder: &RunFolder,
    args: &TranslateTextArgs,
    device: &Device,
    output: &mut impl Write,
) -> Result<ExitCode> {
    let plan = DecodePlan {
        beam: args.beam,
        alpha: args.alpha,
        n_best: args.n_best.unwrap_or(1),
        max_new: args.max_new,
        json: args.json,
        src: args.text.clone(),
        ..DecodePlan::greedy()
    };
    plan.validate()?;
    let [input, written] =
        [&args.input, &args.output].map(|path| path.as_deref().filter(|path| *path != Path::new("-")));
    let config = folder.config()?;
    let model = folder.model(&config, device)?;
    let vocabularies = vocabularies::open(folder, &config)?;
    let translator = Translator { plan, args, config, model, vocabularies, device };
    let lines = || match input {
        Some(path) => {
            let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            let pace = Pace::of(&file);
            Ok((Arriving::read(BufReader::new(file), path.display().to_string(), pace), pace))
        }
        None => {
            let pace = Pace::of_stdin();
            Ok((Arriving::read(BufReader::new(io::stdin()), "standard input".to_owned(), pace), pace))
        }
    };
    let are_whole = match written {
        Some(path) => {
            let files = folder.files();
            let kept: Vec<&Path> = files.iter().map(AsRef::as_ref).chain(input).collect();
            let mut file = Output::begin(path, &kept)?;
            let are_whole = translator.translate(lines, &mut file)?;
            file.finish()?;
            are_whole
        }
        None => translator.translate(lines, output)?,
    };
    Ok(if are_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A model, and how it is to translate.
struct Translator<'a> {
    plan: DecodePlan,
    args: &'a TranslateTextArgs,
    config: RunConfig,
    model: Transformer,
    vocabularies: Vocabularies,
    device: &'a Device,
}

/// What the model is to read of some lines.
struct Sources {
    /// Nothing where there is nothing to translate.
    sources: Vec<Vec<usize>>,
    /// Whether none was cropped or left empty.
    are_whole: bool,
    /// Why the line after these was refused.
    refused: Option<anyhow::Error>,
}

impl Translator<'_> {
    /// Translates the text that was given, or all lines. Gives whether none had to be cropped or left empty.
    fn translate(
        &self,
        lines: impl FnOnce() -> Result<(Arriving, Pace)>,
        output: &mut impl Write,
    ) -> Result<bool> {
        if let Some(text) = &self.plan.src {
            return self.answer(&[Line::given("--text", text)], 1, output);
        }
        let (mut lines, pace) = lines()?;
        let (mut number, mut are_whole) = (1, true);
        loop {
            if pace == Pace::Single {
                let _ = write!(io::stderr(), "> ");
            }
            let block = lines.block()?;
            if block.is_empty() {
                return Ok(are_whole);
            }
            are_whole &= self.answer(&block, number, output)?;
            number += block.len();
        }
    }

    /// Translates lines, of which the first has this number, up to one that is refused.
    fn answer(&self, lines: &[Line], number: usize, output: &mut impl Write) -> Result<bool> {
        let Sources { sources, are_whole, refused } = self.sources(lines)?;
        let full: Vec<Vec<usize>> = sources.iter().filter(|source| !source.is_empty()).cloned().collect();
        let mut found = decode_best(&self.plan, &self.config, &self.model, &full, self.device).into_iter();
        for ((line, source), number) in lines.iter().zip(&sources).zip(number..) {
            let found = if source.is_empty() { None } else { found.next() };
            self.write(line, number, &found.unwrap_or_default(), output)?;
        }
        output.flush()?;
        refused.map_or(Ok(are_whole), Err)
    }

    /// Writes the translations of a line. Where there is nothing to translate, there is one that is empty.
    fn write(&self, line: &Line, number: usize, found: &[Hypothesis], output: &mut impl Write) -> Result<()> {
        let translation = |found: &Hypothesis| {
            check_score(found)?;
            let output = self.vocabularies.target.decode(&found.ids)?;
            Ok(Translation { output, score: found.log_prob, ranking: found.score })
        };
        let mut outputs = found.iter().map(translation).collect::<Result<Vec<Translation>>>()?;
        if outputs.is_empty() {
            outputs.push(Translation { output: String::new(), score: 0.0, ranking: 0.0 });
        }
        let source = &line.text;
        match (self.args.json, self.args.n_best) {
            (true, Some(_)) => writeln!(output, "{}", serde_json::to_string(&Answers { source, outputs })?)?,
            (true, None) => {
                let Translation { output: text, score, .. } = &outputs[0];
                let answer = Answer { source, output: text, score: *score };
                writeln!(output, "{}", serde_json::to_string(&answer)?)?;
            }
            (false, Some(_)) => {
                for Translation { output: text, score, ranking } in &outputs {
                    writeln!(output, "{number}\t{score}\t{ranking}\t{}", in_a_column(text))?;
                }
            }
            (false, None) => writeln!(output, "{}", in_a_column(&outputs[0].output))?,
        }
        Ok(())
    }

    /// What the model is to read of lines, up to one that is refused.
    fn sources(&self, lines: &[Line]) -> Result<Sources> {
        // To take a line apart that is no sentence would take long.
        let is_needed = |line: &&Line| !line.is_cut || self.args.too_long == TooLong::Crop;
        let text = |line| Some(line).filter(is_needed).map_or(String::new(), |line| line.text.clone());
        let mut sources = ended(&self.vocabularies.source, lines.iter().map(text).collect())?;
        let mut are_whole = true;
        for (index, line) in lines.iter().enumerate() {
            match self.fit(line, &mut sources[index]) {
                Ok(is_whole) => are_whole &= is_whole,
                Err(refused) => {
                    sources.truncate(index);
                    return Ok(Sources { sources, are_whole, refused: Some(refused) });
                }
            }
        }
        Ok(Sources { sources, are_whole, refused: None })
    }

    /// Makes of a line's source one that the model can read. Gives whether it is still whole.
    fn fit(&self, line: &Line, source: &mut Vec<usize>) -> Result<bool> {
        let excess = match line.is_cut {
            true => Some(format!("it is longer than {LONGEST} bytes")),
            false => excess(source.len(), &self.config),
        };
        let is_whole = excess.is_none();
        if let Some(excess) = excess {
            let (name, most) = (&line.name, most_tokens(&self.config));
            let done = match self.args.too_long {
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
        Ok(is_whole)
    }
}

/// A text without what ends a column or a line. No text that was learnt from has that, but a vocabulary may.
fn in_a_column(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_translation_stays_in_its_column() {
        assert_eq!(in_a_column("a\tb\r\nc  d"), "a b  c  d");
    }
}
