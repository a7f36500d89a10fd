//! `train translate-text`: lets a trained model translate, line by line.

use std::io::{BufRead, IsTerminal, Read, Write};

use anyhow::{Context, Result, anyhow, ensure};
use burn::tensor::Device;
use model::Transformer;
use serde::Serialize;

use crate::data::dataset::Vocabularies;
use crate::data::text::normalise;
use crate::run::config::RunConfig;
use crate::run::folder::RunFolder;
use crate::run::vocabularies;
use crate::tasks::decoding::{DecodePlan, decode};
use crate::tasks::translate::sources;

/// Lines that are translated side by side when nobody waits for the first.
const TOGETHER: usize = 64;
/// Bytes of a line at most. Input without line ends shall not fill the memory.
const LONGEST_LINE: usize = 1 << 20;

#[derive(Serialize)]
struct Answer<'a> {
    source: &'a str,
    output: &'a str,
    /// Log-probability in nats.
    score: f64,
}

/// Translates lines until the input ends; on a terminal, one at a time and with a prompt.
///
/// # Errors
///
/// If the run folder is damaged, or a line is no UTF-8 or far too long for the model; what comes before such a line is
/// translated first.
pub(crate) fn run(
    folder: &RunFolder,
    plan: &DecodePlan,
    device: &Device,
    mut input: impl BufRead,
    output: &mut impl Write,
) -> Result<()> {
    plan.validate()?;
    let config = folder.config()?;
    let model = folder.model(&config, device)?;
    let vocabularies = vocabularies::open(folder, &config)?;
    let translator = Translator { plan, config, model, vocabularies, device };
    if let Some(text) = &plan.src {
        let text = normalise(text).into_owned();
        return translator.answer(&[text], |_| "--text can't be used".to_owned(), output);
    }
    let interactive = std::io::stdin().is_terminal();
    let together = if interactive { 1 } else { TOGETHER };
    let mut before = 0;
    loop {
        if interactive {
            let _ = write!(std::io::stderr(), "> ");
        }
        let mut lines = Vec::new();
        let read = read_lines(&mut input, before, together, &mut lines);
        let place = |index| format!("line {} of standard input", before + index + 1);
        translator.answer(&lines, place, output)?;
        read?;
        before += lines.len();
        if lines.len() < together {
            return Ok(());
        }
    }
}

/// A model, and how it is to translate.
struct Translator<'a> {
    plan: &'a DecodePlan,
    config: RunConfig,
    model: Transformer,
    vocabularies: Vocabularies,
    device: &'a Device,
}

impl Translator<'_> {
    /// Translates lines, which `place` names by their index.
    fn answer(
        &self,
        lines: &[String],
        place: impl Fn(usize) -> String,
        output: &mut impl Write,
    ) -> Result<()> {
        let Vocabularies { source, target } = &self.vocabularies;
        // An empty line has nothing to translate, and stays where it is.
        let is_full = |(_, line): &(usize, &String)| !line.is_empty();
        let full = lines.iter().enumerate().filter(is_full).map(|(index, line)| (index, line.clone()));
        let (places, texts): (Vec<usize>, Vec<String>) = full.unzip();
        let read = sources(source, texts, &self.config, |index| place(places[index]))?;
        let mut found = decode(self.plan, &self.config, &self.model, &read, self.device).into_iter();
        for line in lines {
            let (text, score) = match found.next_if_full(line) {
                Some(hypothesis) => (target.decode(&hypothesis.ids)?, hypothesis.log_prob),
                None => (String::new(), 0.0),
            };
            if self.plan.json {
                let answer = Answer { source: line, output: &text, score };
                writeln!(output, "{}", serde_json::to_string(&answer)?)?;
            } else {
                writeln!(output, "{text}")?;
            }
        }
        Ok(output.flush()?)
    }
}

/// Reads up to `count` lines that come after `before` others.
fn read_lines(input: &mut impl BufRead, before: usize, count: usize, lines: &mut Vec<String>) -> Result<()> {
    while lines.len() < count {
        match read_line(input, before + lines.len() + 1)? {
            Some(line) => lines.push(line),
            None => break,
        }
    }
    Ok(())
}

/// Reads a line without its end and normalises it; nothing at the end of the input.
fn read_line(input: &mut impl BufRead, number: usize) -> Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = input.by_ref().take(LONGEST_LINE as u64 + 2).read_until(b'\n', &mut bytes);
    if read.with_context(|| format!("line {number} of standard input can't be read"))? == 0 {
        return Ok(None);
    }
    if bytes.pop_if(|byte| *byte == b'\n').is_some() {
        bytes.pop_if(|byte| *byte == b'\r');
    }
    ensure!(
        bytes.len() <= LONGEST_LINE,
        "line {number} of standard input is longer than {LONGEST_LINE} bytes; expected a sentence a line"
    );
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to() + 1;
        anyhow!("line {number} of standard input is not UTF-8 (byte {at} of the line); UTF-8 is expected")
    })?;
    Ok(Some(normalise(&text).into_owned()))
}

/// Takes the next item only for a line with something in it.
trait NextIfFull<T> {
    fn next_if_full(&mut self, line: &str) -> Option<T>;
}

impl<T, I: Iterator<Item = T>> NextIfFull<T> for I {
    fn next_if_full(&mut self, line: &str) -> Option<T> {
        if line.is_empty() { None } else { self.next() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_up_to_the_one_that_cannot_be() {
        let mut lines = Vec::new();
        let mut input = &b"\xef\xbb\xbfeins\r\n \n zwei\n\xff\n"[..];
        let message = read_lines(&mut input, 10, 9, &mut lines).unwrap_err().to_string();
        assert_eq!(lines, ["eins", "", "zwei"]);
        assert!(message.starts_with("line 14 of standard input is not UTF-8 (byte 1"), "{message}");
    }

    #[test]
    fn a_line_without_an_end_does_not_fill_the_memory() {
        let mut input = std::io::BufReader::new(std::io::repeat(b'x'));
        let message = read_line(&mut input, 3).unwrap_err().to_string();
        assert!(message.starts_with("line 3 of standard input is longer than 1048576 bytes"), "{message}");
        let longest = "x".repeat(LONGEST_LINE);
        for end in ["", "\n", "\r\n"] {
            let mut input = std::io::Cursor::new(format!("{longest}{end}"));
            assert_eq!(read_line(&mut input, 1).unwrap().unwrap().len(), LONGEST_LINE);
            assert!(read_line(&mut input, 2).unwrap().is_none());
        }
    }
}
