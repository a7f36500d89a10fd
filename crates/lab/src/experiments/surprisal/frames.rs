//! Frames: the beginning of a sentence, a word that fits, and one that doesn't.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

/// The frames that come with the experiment. Each word fits once, and once doesn't.
const BUILT_IN: &str = include_str!("frames.tsv");

/// A frame with both of its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) context: String,
    pub(super) fitting: String,
    pub(super) unfitting: String,
}

/// The frames of a file, or those that come with the experiment.
///
/// # Errors
///
/// If the file can't be read or has no frames, or a line isn't one.
pub(super) fn read(file: Option<&Path>) -> Result<Vec<Frame>> {
    let Some(file) = file else { return parsed(BUILT_IN) };
    let shown = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    parsed(&text).with_context(|| format!("{shown} can't be used"))
}

fn parsed(text: &str) -> Result<Vec<Frame>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let frames: Vec<Frame> = lines
        .map(|(n, line)| frame(line).with_context(|| format!("line {}", n + 1)))
        .collect::<Result<_>>()?;
    ensure!(!frames.is_empty(), "it has no frames");
    Ok(frames)
}

fn frame(line: &str) -> Result<Frame> {
    let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
    let [context, fitting, unfitting] = columns[..] else {
        bail!(
            "expected three columns with tabs between them (the beginning of a sentence, a word that fits, one that \
             doesn't), found {}",
            columns.len()
        )
    };
    ensure!(columns.iter().all(|column| !column.is_empty()), "a column is empty");
    for word in [fitting, unfitting] {
        ensure!(!word.contains(char::is_whitespace), "{word:?} is more than one word");
    }
    let [context, fitting, unfitting] = [context, fitting, unfitting].map(str::to_owned);
    Ok(Frame { context, fitting, unfitting })
}

// ANCHOR: balanced
/// Whether every frame has a partner with the same words the other way
/// round, so that how frequent each is cancels out.
pub(super) fn is_balanced(frames: &[Frame]) -> bool {
    let mut surplus: BTreeMap<[&str; 2], i32> = BTreeMap::new();
    for Frame { fitting, unfitting, .. } in frames {
        *surplus.entry([fitting, unfitting]).or_default() += 1;
        *surplus.entry([unfitting, fitting]).or_default() -= 1;
    }
    surplus.values().all(|&surplus| surplus == 0)
}
// ANCHOR_END: balanced

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frames_that_come_along_are_fifty_and_balanced() {
        let frames = read(None).unwrap();
        assert_eq!(frames.len(), 50);
        assert!(is_balanced(&frames) && !is_balanced(&frames[1..]));
        // Each word fits once and once doesn't, but by frequency two of three could come out right.
        assert!(!is_balanced(&parsed("a\tb\tc\na\tc\td\na\td\tb\n").unwrap()));
    }

    #[test]
    fn lines_that_are_no_frames_are_named() {
        let message = |text: &str| format!("{:#}", parsed(text).unwrap_err());
        assert_eq!(message("\n \n"), "it has no frames");
        assert!(message("a\tb\tc\n\nb\tc\n").starts_with("line 3: expected three columns"));
        assert_eq!(message("a\tb c\td"), "line 1: \"b c\" is more than one word");
        assert_eq!(message("a\t\td"), "line 1: a column is empty");
    }
}
