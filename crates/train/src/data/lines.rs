//! Token ids in and out: JSON lines, plain lines, batches.

use std::io::BufRead;

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Int, Tensor, TensorData};
use serde::de::DeserializeOwned;

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

/// Reads a JSON object a line and checks it. Blank lines are passed over.
///
/// # Errors
///
/// Names the line that is no such object or fails the check.
pub(crate) fn read_json<T: DeserializeOwned>(
    input: impl BufRead,
    check: impl Fn(&T) -> Result<()>,
) -> Result<Vec<T>> {
    read(input, |line| {
        let parsed = serde_json::from_str(line)?;
        check(&parsed)?;
        Ok(parsed)
    })
}

/// Reads token ids separated by spaces, a sequence a line. Blank lines are passed over.
///
/// # Errors
///
/// Names the line that holds something else or fails the check.
pub(crate) fn read_ids(
    input: impl BufRead,
    check: impl Fn(&[usize]) -> Result<()>,
) -> Result<Vec<Vec<usize>>> {
    read(input, |line| {
        let ids = parse_ids(line)?;
        check(&ids)?;
        Ok(ids)
    })
}

fn read<T>(input: impl BufRead, parse: impl Fn(&str) -> Result<T>) -> Result<Vec<T>> {
    let mut found = Vec::new();
    for (index, line) in input.lines().enumerate() {
        let place = || format!("line {} of standard input", index + 1);
        let line = line.with_context(place)?;
        if !line.trim().is_empty() {
            found.push(parse(&line).with_context(place)?);
        }
    }
    Ok(found)
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

    #[test]
    fn the_bad_line_is_named() {
        let check = |ids: &Vec<usize>| check_ids(ids, "src", 5);
        let read = |text: &str| format!("{:#}", read_json(text.as_bytes(), check).unwrap_err());
        assert!(read("[1]\n\n[1, 5]").starts_with("line 3 of standard input: token 5 in src is outside"));
        assert!(read("[1]\n{").starts_with("line 2 of standard input: "));
        assert!(read("[]").contains("src is empty"));
        let message = format!("{:#}", read_ids("1 2\n1 x".as_bytes(), |_| Ok(())).unwrap_err());
        assert!(message.contains("line 2") && message.contains("\"x\""), "{message}");
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
