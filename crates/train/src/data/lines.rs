//! Token ids in and out: JSON lines, plain lines, batches.

use std::io::{self, BufReader};

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Int, Tensor, TensorData};
use serde::de::DeserializeOwned;

use super::arriving::{Arriving, LONGEST, Line, Pace};

/// Rows of token ids as a tensor `[rows, longest]`, the shorter ones padded on the right.
#[must_use]
pub fn ids_tensor(rows: &[Vec<usize>], pad: usize, device: &Device) -> Tensor<2, Int> {
    let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
    let padded = rows.iter().flat_map(|row| {
        let padding = std::iter::repeat_n(pad, longest - row.len());
        row.iter().copied().chain(padding).map(|id| id as i64)
    });
    Tensor::from_data(TensorData::new(padded.collect(), [rows.len(), longest]), device)
}

/// Answers what stands in the lines of standard input, as [`answer_lines`] does. Of a pipe, that is what has come,
/// whatever is still to come; of a file, all at once; on a terminal, line by line.
///
/// # Errors
///
/// As [`answer_lines`].
pub(crate) fn answer_stdin<T>(
    parse: impl Fn(&str) -> Result<T>,
    answer: impl FnMut(&[T]) -> Result<()>,
) -> Result<()> {
    let pace = match Pace::of_stdin() {
        Pace::Full(_) => Pace::Full(usize::MAX),
        pace => pace,
    };
    let lines = Arriving::read(BufReader::new(io::stdin()), "standard input".to_owned(), pace);
    answer_lines(lines, parse, answer)
}

/// Takes requests from lines, one from each, and has those that came together answered together. Blank lines are passed
/// over.
///
/// # Errors
///
/// If a line is no request, and names it; those before it are answered.
fn answer_lines<T>(
    mut lines: Arriving,
    parse: impl Fn(&str) -> Result<T>,
    mut answer: impl FnMut(&[T]) -> Result<()>,
) -> Result<()> {
    let request = |line: &Line| {
        let Line { name, text, is_cut } = line;
        ensure!(!is_cut, "{name} is longer than {LONGEST} bytes");
        parse(text).with_context(|| name.clone())
    };
    loop {
        let block = lines.block()?;
        if block.is_empty() {
            return Ok(());
        }
        let mut requests = Vec::new();
        let mut refused = None;
        for line in block.iter().filter(|line| !line.text.trim().is_empty()) {
            match request(line) {
                Ok(request) => requests.push(request),
                Err(error) => {
                    refused = Some(error);
                    break;
                }
            }
        }
        if !requests.is_empty() {
            answer(&requests)?;
        }
        if let Some(error) = refused {
            return Err(error);
        }
    }
}

/// A JSON object in a line.
///
/// # Errors
///
/// If it is no such object, or fails the check.
pub(crate) fn parse_json<T: DeserializeOwned>(line: &str, check: impl Fn(&T) -> Result<()>) -> Result<T> {
    let parsed = serde_json::from_str(line)?;
    check(&parsed)?;
    Ok(parsed)
}

/// Token ids separated by spaces (or commas).
///
/// # Errors
///
/// Names what is no token id.
pub(crate) fn parse_ids(text: &str) -> Result<Vec<usize>> {
    let words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
    let id = |word: &str| {
        word.parse().with_context(|| format!("expected token ids such as 1 2 3, found {word:?}"))
    };
    words.map(id).collect()
}

/// Token ids separated by spaces.
#[must_use]
pub(crate) fn format_ids(ids: &[usize]) -> String {
    ids.iter().map(usize::to_string).collect::<Vec<_>>().join(" ")
}

/// Checks a sequence that a model is to read.
///
/// # Errors
///
/// If it is empty, or one of its tokens is outside the vocabulary.
pub(crate) fn check_ids(ids: &[usize], name: &str, vocab: usize) -> Result<()> {
    ensure!(!ids.is_empty(), "{name} is empty, but at least one token id is needed");
    match ids.iter().find(|&&id| id >= vocab) {
        None => Ok(()),
        Some(id) => {
            anyhow::bail!(
                "token {id} in {name} is outside the vocabulary: expected ids from 0 to {}",
                vocab - 1
            )
        }
    }
}

/// Splits the indices of `lengths` into batches of similar length, so that little of a batch is padding.
#[must_use]
pub(crate) fn by_length(lengths: &[usize], batch_size: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&index| lengths[index]);
    order.chunks(batch_size.max(1)).map(<[usize]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_padded_on_the_right() {
        let tensor = ids_tensor(&[vec![5], vec![1, 2, 3]], 9, &Device::flex());
        assert_eq!(tensor.dims(), [2, 3]);
        assert_eq!(tensor.into_data().iter::<i64>().collect::<Vec<_>>(), [5, 9, 9, 1, 2, 3]);
    }

    /// How often requests were answered, and what was wrong.
    fn answered<T>(text: &'static str, parse: impl Fn(&str) -> Result<T>) -> (Vec<usize>, String) {
        let lines = Arriving::read(text.as_bytes(), "standard input".to_owned(), Pace::Full(usize::MAX));
        let mut answered = Vec::new();
        let wrong = answer_lines(lines, parse, |requests| {
            answered.push(requests.len());
            Ok(())
        });
        (answered, wrong.err().map_or(String::new(), |error| format!("{error:#}")))
    }

    #[test]
    fn the_bad_line_is_named_and_those_before_it_are_answered() {
        let check = |ids: &Vec<usize>| check_ids(ids, "src", 5);
        let json = |text| answered(text, |line| parse_json(line, check));
        assert_eq!(json("[1]\n\n[2]\n"), (vec![2], String::new()));
        assert_eq!(json("\n"), (vec![], String::new()));
        let (before, message) = json("[1]\n\n[1, 5]\n[1]");
        assert!(message.starts_with("line 3 of standard input: token 5 in src is outside"), "{message}");
        assert_eq!(before, [1]);
        assert!(json("[1]\n{").1.starts_with("line 2 of standard input: "));
        assert!(json("[]").1.contains("src is empty"));
        let (before, message) = answered("1 2\n1 x", parse_ids);
        assert!(message.contains("line 2") && message.contains("\"x\""), "{message}");
        assert_eq!(before, [1]);
    }

    #[test]
    fn ids_survive_the_round_trip() {
        assert_eq!(parse_ids(" 1, 2  30\t4").unwrap(), [1, 2, 30, 4]);
        assert_eq!(format_ids(&[1, 2, 30, 4]), "1 2 30 4");
        assert!(parse_ids("-1").is_err());
    }

    #[test]
    fn batches_hold_similar_lengths_and_everything_once() {
        assert_eq!(by_length(&[9, 1, 8, 2, 7], 2), [vec![1, 3], vec![4, 2], vec![0]]);
    }
}
