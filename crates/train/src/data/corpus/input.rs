//! The files that a corpus is made of.

use std::path::Path;

use anyhow::{Result, ensure};
use indicatif::ProgressBar;

use super::lines::Lines;
use super::read::Rows;

/// The files to make a corpus of.
pub(super) enum Input<'a> {
    /// Two, aligned by line.
    Aligned(&'a Path, &'a Path),
    /// One whose first two columns are the sides; the target may come first.
    Columns { path: &'a Path, target_first: bool },
    /// One of text.
    Text(&'a Path),
}

impl Input<'_> {
    pub(super) fn paths(&self) -> Vec<&Path> {
        match *self {
            Self::Aligned(source, target) => vec![source, target],
            Self::Columns { path, .. } | Self::Text(path) => vec![path],
        }
    }

    /// The files as messages name them.
    pub(super) fn shown(&self) -> String {
        self.paths().iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" and ")
    }

    /// What is said of one file, or of two.
    pub(super) fn told<'w>(&self, one: &'w str, two: &'w str) -> &'w str {
        if self.paths().len() == 1 { one } else { two }
    }

    /// Makes sure that there is a line to use among those that were read.
    pub(super) fn check_lines(&self, read: usize, usable: usize) -> Result<()> {
        let shown = self.shown();
        let (is, has) = (self.told("is", "are"), self.told("has", "have"));
        ensure!(read > 0, "{shown} {is} empty; expected a sentence or paragraph a line");
        let side = if matches!(self, Self::Text(_)) { "" } else { " on one side at least" };
        let lines = match read {
            1 => format!("the only line is empty{side}"),
            _ => format!("of {read} lines, all are empty{side}"),
        };
        ensure!(usable > 0, "{shown} {has} no usable line: {lines}");
        Ok(())
    }

    pub(super) fn rows(&self, bar: &ProgressBar) -> Result<Rows> {
        Ok(match *self {
            Self::Aligned(source, target) => {
                Rows::Aligned(Lines::open(source, bar)?, Lines::open(target, bar)?)
            }
            Self::Columns { path, target_first } => {
                Rows::Columns { lines: Lines::open(path, bar)?, target_first }
            }
            Self::Text(path) => Rows::Plain(Lines::open(path, bar)?),
        })
    }
}
