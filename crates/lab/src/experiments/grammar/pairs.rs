//! Pairs of the reader's own: a good sentence and a bad one.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::words;

/// Two sentences, as they were written and as words of the grammar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) texts: [String; 2],
    pub(super) words: [Vec<&'static str>; 2],
}

/// The pairs of a file.
///
/// # Errors
///
/// If the file can't be read or has no pairs, or a line isn't one.
pub(super) fn read(file: &Path) -> Result<Vec<Pair>> {
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    parsed(&text).with_context(|| format!("{shown} can't be used"))
}

fn parsed(text: &str) -> Result<Vec<Pair>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let pairs: Vec<Pair> = lines
        .map(|(n, line)| pair(line).with_context(|| format!("line {}", n + 1)))
        .collect::<Result<_>>()?;
    ensure!(!pairs.is_empty(), "it has no pairs");
    Ok(pairs)
}

fn pair(line: &str) -> Result<Pair> {
    let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
    let [good, bad] = columns[..] else {
        bail!(
            "expected two columns with a tab between them (a good sentence, a bad one), found {}",
            columns.len()
        )
    };
    let both = [words::read(good)?, words::read(bad)?];
    ensure!(both.iter().all(|words| !words.is_empty()), "a column is empty");
    ensure!(both[0] != both[1], "both sentences are the same");
    Ok(Pair { texts: [good.to_owned(), bad.to_owned()], words: both })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_read_as_it_is_written() {
        let pairs = parsed("The boy opens.\tThe boy open.\n\n").unwrap();
        assert_eq!(pairs.len(), 1);
        assert_eq!(pairs[0].texts[1], "The boy open.");
        assert_eq!(pairs[0].words[0], ["the", "boy", "opens"]);
    }

    #[test]
    fn lines_that_are_no_pairs_are_named() {
        let message = |text: &str| format!("{:#}", parsed(text).unwrap_err());
        assert_eq!(message("\n \n"), "it has no pairs");
        assert!(message("the boy\tthe boys\n\nthe boy\n").starts_with("line 3: expected two columns"));
        assert!(message("the\tboy\topens").ends_with("found 3"));
        assert_eq!(message("the boy\t"), "line 1: a column is empty");
        assert_eq!(message("The boy\tthe boy."), "line 1: both sentences are the same");
        assert!(message("the tree\tthe trees").starts_with("line 1: the grammar has no word \"tree\""));
    }
}
