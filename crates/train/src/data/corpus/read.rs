//! Reading rows of text files, one at a time.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail, ensure};

use super::INFO;
use super::lines::Lines;
use crate::data::text::normalise;
use crate::words::counted;

/// The sides of an example: source and target of a pair, or a text alone.
pub(crate) type Row = Vec<String>;

/// The rows of a corpus, their sides normalised. A side may be empty.
pub(super) enum Rows {
    /// Two files, aligned by line.
    Aligned(Lines, Lines),
    /// A file whose first two columns are the sides, separated by tabs. The target may come first.
    Columns {
        /// The file.
        lines: Lines,
        /// Whether the target is the first column.
        target_first: bool,
    },
    /// A file of text.
    Plain(Lines),
}

impl Rows {
    fn read(&mut self) -> Result<Option<Row>> {
        let row = match self {
            Self::Plain(lines) => lines.next().transpose()?.map(|line| vec![normal(&line)]),
            Self::Columns { lines, target_first } => match lines.next().transpose()? {
                Some(line) => Some(columns(&line, *target_first, || lines.place())?),
                None => None,
            },
            Self::Aligned(source, target) => match (source.next().transpose()?, target.next().transpose()?) {
                (Some(one), Some(other)) => Some(vec![normal(&one), normal(&other)]),
                (None, None) => None,
                _ => return Err(unequal(source, target)),
            },
        };
        Ok(row)
    }
}

impl Iterator for Rows {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

fn normal(text: &str) -> String {
    normalise(text).into_owned()
}

fn columns(line: &str, target_first: bool, place: impl Fn() -> String) -> Result<Row> {
    let mut columns = line.split('\t');
    match (columns.next(), columns.next()) {
        (Some(target), Some(source)) if target_first => Ok(vec![normal(source), normal(target)]),
        (Some(source), Some(target)) => Ok(vec![normal(source), normal(target)]),
        // A blank line is no row that lacks its tab, but none at all.
        _ if normalise(line).is_empty() => Ok(vec![String::new(); 2]),
        _ => bail!("{} has no tab; expected two columns, separated by a tab", place()),
    }
}

/// One file has ended before the other. Both are read to the end so that the message can name their lengths.
fn unequal(source: &mut Lines, target: &mut Lines) -> anyhow::Error {
    for lines in [&mut *source, &mut *target] {
        if let Some(error) = lines.find_map(Result::err) {
            return error;
        }
    }
    anyhow!(
        "{} has {}, but {} has {}; expected as many, line N of one being the translation of line N of the other",
        source.path.display(),
        counted(source.number, "line"),
        target.path.display(),
        target.number
    )
}

/// The rows of a split, all of which `corpus.json` promised.
pub(crate) struct Checked {
    rows: Rows,
    paths: Vec<PathBuf>,
    number: usize,
    expected: usize,
    ended: bool,
}

impl Checked {
    /// Expects this many rows in these files.
    pub(super) fn new(rows: Rows, paths: Vec<PathBuf>, expected: usize) -> Self {
        Self { rows, paths, number: 0, expected, ended: false }
    }

    fn read(&mut self) -> Result<Option<Row>> {
        let Some(row) = self.rows.next().transpose()? else {
            let Self { number, expected, paths, .. } = self;
            ensure!(
                number == expected,
                "{} has {}, but {INFO} beside it counts {expected}; add the corpus again",
                paths[0].display(),
                counted(*number, "line")
            );
            return Ok(None);
        };
        self.number += 1;
        if let Some(side) = row.iter().position(String::is_empty) {
            bail!(
                "line {} of {} is empty; expected a sentence, add the corpus again",
                self.number,
                self.paths[side].display()
            );
        }
        Ok(Some(row))
    }
}

impl Iterator for Checked {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let row = self.read().transpose();
        self.ended = !matches!(row, Some(Ok(_)));
        row
    }
}

#[cfg(test)]
mod tests {
    use indicatif::ProgressBar;

    use super::*;

    fn file(folder: &tempfile::TempDir, name: &str, content: &[u8]) -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    #[test]
    fn both_lengths_of_unequal_files_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let (long, short) = (file(&folder, "long", b"1\n2\n3\n4\n"), file(&folder, "short", b"1\n2"));
        for (one, other) in [(&long, &short), (&short, &long)] {
            let open = |path| Lines::open(path, &ProgressBar::hidden()).unwrap();
            let message = Rows::Aligned(open(one), open(other)).find_map(Result::err).unwrap().to_string();
            assert!(message.contains("long has 4") && message.contains("short has 2"), "{message}");
        }
    }

    #[test]
    fn rows_are_normalised_and_stay_where_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let content = "\u{feff}Der  Ba\u{308}r \r\n\u{2028}\n\nein\u{2029}Bär";
        let path = file(&folder, "text", content.as_bytes());
        let open = || Lines::open(&path, &ProgressBar::hidden()).unwrap();
        let plain: Vec<Row> = Rows::Plain(open()).collect::<Result<_>>().unwrap();
        assert_eq!(plain, [["Der Bär"], [""], [""], ["ein Bär"]]);
        let aligned: Vec<Row> = Rows::Aligned(open(), open()).collect::<Result<_>>().unwrap();
        assert_eq!(aligned[3], ["ein Bär", "ein Bär"]);
    }

    #[test]
    fn columns_come_in_either_order_and_further_ones_are_ignored() {
        let place = || "line 7 of x.tsv".to_owned();
        assert_eq!(columns(" Hallo \tHello\tCC", false, place).unwrap(), ["Hallo", "Hello"]);
        assert_eq!(columns("Hello\tHallo", true, place).unwrap(), ["Hallo", "Hello"]);
        assert_eq!(columns("\tHello", false, place).unwrap(), ["", "Hello"]);
        assert_eq!(columns(" \u{feff}", false, place).unwrap(), ["", ""]);
        let message = columns("Hallo Hello", false, place).unwrap_err().to_string();
        assert!(message.starts_with("line 7 of x.tsv has no tab"), "{message}");
    }
}
