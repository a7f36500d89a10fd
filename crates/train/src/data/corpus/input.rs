//! The files that a corpus is made of.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use indicatif::ProgressBar;

use super::lines::Lines;
use super::read::{Form, Row, Rows};

/// Stands for standard input where a file is named.
const STANDARD_INPUT: &str = "-";
/// Held-out rows are kept in memory while the files are read.
pub(super) const MOST_HELD_OUT: usize = 1_000_000;

/// A file to read, perhaps more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    path: PathBuf,
    /// What was read from standard input is in a file of another name.
    shown: String,
}

impl Source {
    /// The file of this name, or standard input.
    pub(super) fn new(path: &Path) -> Self {
        let is_input = path == Path::new(STANDARD_INPUT);
        let shown = if is_input { "standard input".to_owned() } else { path.display().to_string() };
        Self { path: path.to_owned(), shown }
    }

    fn is_input(&self) -> bool {
        self.path == Path::new(STANDARD_INPUT)
    }

    /// What it is called without its folder.
    fn name(&self) -> String {
        let name = self.path.file_name().filter(|_| !self.is_input());
        name.map_or_else(|| self.shown.clone(), |name| name.to_string_lossy().into_owned())
    }

    fn open(&self, bar: &ProgressBar) -> Result<Lines> {
        Lines::open_as(&self.path, self.shown.clone(), bar)
    }
}

/// The files to make a corpus of, or one of its splits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// Two, aligned by line.
    Aligned(Source, Source),
    /// One whose first two columns are the sides.
    Columns(Source, Form),
    /// One of text.
    Text(Source),
}

impl Input {
    pub(super) fn sources(&self) -> Vec<&Source> {
        match self {
            Self::Aligned(source, target) => vec![source, target],
            Self::Columns(source, _) | Self::Text(source) => vec![source],
        }
    }

    /// Other files of the same kind, which `flag` names.
    pub(super) fn of_files(&self, paths: &[PathBuf], flag: &str) -> Result<Option<Self>> {
        match (self, paths) {
            (_, []) => Ok(None),
            (Self::Aligned(..), [source, target]) => {
                Ok(Some(Self::Aligned(Source::new(source), Source::new(target))))
            }
            (Self::Aligned(..), _) => bail!(
                "{flag} names {}, but with --source and --target it is to name two: {flag} FILE {flag} FILE, the \
                 source first",
                crate::words::counted(paths.len(), "file")
            ),
            (Self::Columns(_, form), [path]) => Ok(Some(Self::Columns(Source::new(path), *form))),
            (Self::Text(_), [path]) => Ok(Some(Self::Text(Source::new(path)))),
            _ => bail!("{flag} names {} files, but one is expected here", paths.len()),
        }
    }

    /// The files as messages name them.
    pub(super) fn shown(&self) -> String {
        self.sources().iter().map(|source| source.shown.as_str()).collect::<Vec<_>>().join(" and ")
    }

    /// The files without their folders.
    pub(super) fn names(&self) -> String {
        self.sources().iter().map(|source| source.name()).collect::<Vec<_>>().join(" and ")
    }

    /// How many bytes they have, as far as that is known.
    pub(super) fn bytes(&self) -> u64 {
        // A file that isn't there is reported when it is opened.
        self.sources().iter().map(|source| fs::metadata(&source.path).map_or(0, |file| file.len())).sum()
    }

    /// What is said of one file, or of two.
    pub(super) fn told<'w>(&self, one: &'w str, two: &'w str) -> &'w str {
        if self.sources().len() == 1 { one } else { two }
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
        match self {
            Self::Aligned(source, target) => Ok(Rows::Aligned(source.open(bar)?, target.open(bar)?)),
            Self::Columns(source, form) => Rows::columns(source.open(bar)?, *form),
            Self::Text(source) => Ok(Rows::Plain(source.open(bar)?)),
        }
    }

    /// All rows, to be held out as they are, and how many others there are with an empty side.
    pub(super) fn held_out(&self) -> Result<(Vec<Row>, usize)> {
        let (mut rows, mut empty) = (Vec::new(), 0);
        for row in self.rows(&ProgressBar::hidden())? {
            let row = row?;
            if row.iter().any(String::is_empty) {
                empty += 1;
                continue;
            }
            ensure!(
                rows.len() < MOST_HELD_OUT,
                "{} {} more than {MOST_HELD_OUT} lines, but what is held out is kept in memory; give fewer",
                self.shown(),
                self.told("has", "have")
            );
            rows.push(row);
        }
        self.check_lines(rows.len() + empty, rows.len())?;
        Ok((rows, empty))
    }
}

/// Standard input can be read once, and files are read twice: keeps what comes from there in a file. At most one of all
/// sources may be it.
///
/// # Errors
///
/// If several are, or the file can't be written.
pub(super) fn keep_standard_input(
    inputs: &mut [&mut Option<Input>],
    file: &Path,
    input: &mut impl Read,
) -> Result<()> {
    let sources = inputs.iter_mut().filter_map(|input| input.as_mut()).flat_map(|input| match input {
        Input::Aligned(source, target) => vec![source, target],
        Input::Columns(source, _) | Input::Text(source) => vec![source],
    });
    let mut kept: Vec<&mut Source> = sources.filter(|source| source.is_input()).collect();
    ensure!(kept.len() < 2, "standard input (-) is named {} times, but can be read only once", kept.len());
    let Some(source) = kept.pop() else { return Ok(()) };
    let copied = File::create(file).and_then(|mut kept| io::copy(input, &mut kept));
    copied.with_context(|| format!("cannot keep standard input in {}", file.display()))?;
    source.path = file.to_owned();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str) -> Option<Input> {
        Some(Input::Text(Source::new(Path::new(path))))
    }

    #[test]
    fn standard_input_is_kept_once_and_named_as_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("input");
        let (mut first, mut second) = (text("-"), text("x/file"));
        keep_standard_input(&mut [&mut first, &mut second], &file, &mut &b"a\nb\n"[..]).unwrap();
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!((first.shown(), second.shown()), ("standard input".to_owned(), "x/file".to_owned()));
        assert_eq!((first.bytes(), second.names()), (4, "file".to_owned()));
        for _ in 0..2 {
            assert_eq!(first.held_out().unwrap().0, [["a"], ["b"]]);
        }
        fs::write(&file, b"a\n\xff\n").unwrap();
        let message = first.held_out().unwrap_err().to_string();
        assert!(message.starts_with("line 2 of standard input is not UTF-8"), "{message}");
        let (mut one, mut other) = (text("-"), text("-"));
        let message = keep_standard_input(&mut [&mut one, &mut other], &file, &mut &b""[..]).unwrap_err();
        assert!(message.to_string().contains("named 2 times"), "{message}");
    }
}
