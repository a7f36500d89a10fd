//! Reading rows of text files, one at a time.

use std::path::PathBuf;

use anyhow::{Result, anyhow, bail, ensure};

use super::lines::Lines;
use super::{INFO, quoted};
use crate::data::text::normalise;
use crate::words::counted;

/// The sides of an example: source and target of a pair, or a text alone.
pub(crate) type Row = Vec<String>;

/// What a file of columns is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// Whether the target is the first column.
    pub(super) target_first: bool,
    /// Whether the first line names the columns.
    pub(super) header: bool,
    /// Whether fields may stand in double quotes.
    pub(super) quoted: bool,
}

/// The rows of a corpus, their sides normalised. A side may be empty.
pub(super) enum Rows {
    /// Two files, aligned by line.
    Aligned(Lines, Lines),
    /// A file whose first two columns are the sides, separated by tabs.
    Columns(Lines, Form),
    /// A file of text.
    Plain(Lines),
}

impl Rows {
    /// The rows of a file of columns, without the line that names them.
    pub(super) fn columns(mut lines: Lines, form: Form) -> Result<Self> {
        if form.header {
            lines.next().transpose()?;
        }
        Ok(Self::Columns(lines, form))
    }

    fn read(&mut self) -> Result<Option<Row>> {
        let row = match self {
            Self::Plain(lines) => lines.next().transpose()?.map(|line| vec![normal(&line)]),
            Self::Columns(lines, form) => match lines.next().transpose()? {
                Some(line) if form.quoted => {
                    let place = lines.place();
                    let fields = quoted::fields(&line, lines, &place)?;
                    Some(columns(fields.iter().map(String::as_str), form.target_first, || place)?)
                }
                Some(line) => Some(columns(line.split('\t'), form.target_first, || lines.place())?),
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

fn columns<'a>(
    mut fields: impl Iterator<Item = &'a str>,
    target_first: bool,
    place: impl FnOnce() -> String,
) -> Result<Row> {
    match (fields.next(), fields.next()) {
        (Some(target), Some(source)) if target_first => Ok(vec![normal(source), normal(target)]),
        (Some(source), Some(target)) => Ok(vec![normal(source), normal(target)]),
        // A blank line is no row that lacks its tab, but none at all.
        (line, _) if normalise(line.unwrap_or_default()).is_empty() => Ok(vec![String::new(); 2]),
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
        source.shown,
        counted(source.number, "line"),
        target.shown,
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
        let read = |line: &str, target_first| {
            columns(line.split('\t'), target_first, || "line 7 of x.tsv".to_owned())
        };
        assert_eq!(read(" Hallo \tHello\tCC", false).unwrap(), ["Hallo", "Hello"]);
        assert_eq!(read("Hello\tHallo", true).unwrap(), ["Hallo", "Hello"]);
        assert_eq!(read("\tHello", false).unwrap(), ["", "Hello"]);
        assert_eq!(read(" \u{feff}", false).unwrap(), ["", ""]);
        let message = read("Hallo Hello", false).unwrap_err().to_string();
        assert!(message.starts_with("line 7 of x.tsv has no tab"), "{message}");
    }

    #[test]
    fn a_line_that_names_the_columns_is_left_out_and_quotes_are_taken_off() {
        let folder = tempfile::tempdir().unwrap();
        let content = "\u{feff}\"de\"\t\"en\"\n\"Hallo, \"\"du\"\"\"\tHello\n\"zwei\nZeilen\"\ttwo\n\nohne\n";
        let path = file(&folder, "x.tsv", content.as_bytes());
        let read = |header, quoted| -> Vec<Result<Row>> {
            let lines = Lines::open(&path, &ProgressBar::hidden()).unwrap();
            Rows::columns(lines, Form { header, quoted, target_first: false }).unwrap().collect()
        };
        let rows = read(true, true);
        let whole: Vec<&Row> = rows.iter().flatten().collect();
        assert_eq!(whole, [&["Hallo, \"du\"", "Hello"], &["zwei Zeilen", "two"], &["", ""]]);
        let message = rows[3].as_ref().unwrap_err().to_string();
        assert!(message.starts_with("line 6 of") && message.contains("has no tab"), "{message}");
        assert_eq!(read(false, true)[0].as_ref().unwrap(), &["de", "en"]);
        assert_eq!(read(true, false)[0].as_ref().unwrap(), &["\"Hallo, \"\"du\"\"\"", "Hello"]);
    }
}
