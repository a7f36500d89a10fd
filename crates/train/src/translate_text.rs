//! `train translate-text`: lets a trained model translate, line by line.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, Result};
use burn::tensor::Device;
use serde::Serialize;

use crate::decode::{DecodePlan, decode};
use crate::run_folder::RunFolder;
use crate::translate::sources;

/// Lines that are translated side by side when nobody waits for the first.
const TOGETHER: usize = 64;

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
/// If the run folder is damaged or a line is no UTF-8.
pub fn run(
    folder: &RunFolder,
    plan: &DecodePlan,
    device: &Device,
    input: impl BufRead,
    output: &mut impl Write,
) -> Result<()> {
    plan.validate()?;
    let config = folder.config()?;
    let model = folder.model(&config, device)?;
    let [source, target] = folder.vocabularies()?;
    let interactive = std::io::stdin().is_terminal() && plan.src.is_none();
    let together = if interactive { 1 } else { TOGETHER };
    let answer = |lines: &[String], output: &mut dyn Write| -> Result<()> {
        // An empty line has nothing to translate, and stays where it is.
        let full: Vec<String> = lines.iter().filter(|line| !line.trim().is_empty()).cloned().collect();
        let mut found = decode(plan, &config, &model, &sources(&source, full)?, device).into_iter();
        for line in lines {
            let (text, score) = match found.next_if_full(line) {
                Some(hypothesis) => (target.decode(&hypothesis.ids)?, hypothesis.log_prob),
                None => (String::new(), 0.0),
            };
            if plan.json {
                let answer = Answer { source: line, output: &text, score };
                writeln!(output, "{}", serde_json::to_string(&answer)?)?;
            } else {
                writeln!(output, "{text}")?;
            }
        }
        Ok(output.flush()?)
    };
    if let Some(text) = &plan.src {
        return answer(std::slice::from_ref(text), output);
    }
    let mut waiting = Vec::new();
    let mut lines = input.lines();
    for number in 1.. {
        if interactive {
            eprint!("> ");
        }
        let Some(line) = lines.next() else { break };
        let expected = || format!("line {number} of standard input can't be read; UTF-8 is expected");
        waiting.push(line.with_context(expected)?);
        if waiting.len() == together {
            answer(&waiting, output)?;
            waiting.clear();
        }
    }
    answer(&waiting, output)
}

/// Takes the next item only for a line with something in it.
trait NextIfFull<T> {
    fn next_if_full(&mut self, line: &str) -> Option<T>;
}

impl<T, I: Iterator<Item = T>> NextIfFull<T> for I {
    fn next_if_full(&mut self, line: &str) -> Option<T> {
        if line.trim().is_empty() { None } else { self.next() }
    }
}
