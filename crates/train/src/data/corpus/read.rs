//! Reading lines and rows of text files, plain or gzipped, one at a time.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use flate2::bufread::MultiGzDecoder;
use indicatif::ProgressBar;

use super::INFO;
use crate::data::text::normalise;
use crate::words::counted;

/// What a gzipped file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// More than any sentence or paragraph. A file without line ends shall not fill the memory.
const LONGEST_LINE: usize = 1 << 20;
const BUFFER: usize = 1 << 16;

/// The sides of an example: source and target of a pair, or a text alone.
pub(crate) type Row = Vec<String>;

/// The lines of a file without their ends.
pub(super) struct Lines {
    path: PathBuf,
    input: Box<dyn BufRead + Send>,
    number: usize,
    failed: bool,
}

impl Lines {
    /// Opens a file. What is read of it moves the bar on.
    pub(super) fn open(path: &Path, bar: &ProgressBar) -> Result<Self> {
        let shown = path.display();
        let cannot_read = || format!("cannot read {}", path.display());
        ensure!(path.exists(), "{shown} does not exist; expected a text file, plain or gzipped");
        ensure!(path.is_file(), "{shown} is no regular file; expected a text file, plain or gzipped");
        let file = bar.wrap_read(File::open(path).with_context(cannot_read)?);
        let mut raw = BufReader::with_capacity(BUFFER, file);
        let gzipped = raw.fill_buf().with_context(cannot_read)?.starts_with(&GZIP);
        let input: Box<dyn BufRead + Send> = match gzipped {
            true => Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(raw))),
            false => Box::new(raw),
        };
        Ok(Self { path: path.to_owned(), input, number: 0, failed: false })
    }

    /// Names the line read last.
    fn place(&self) -> String {
        format!("line {} of {}", self.number, self.path.display())
    }

    fn read(&mut self) -> Result<Option<String>> {
        let mut bytes = Vec::new();
        self.number += 1;
        let mut limited = (&mut self.input).take(LONGEST_LINE as u64 + 1);
        let read = limited.read_until(b'\n', &mut bytes);
        if read.with_context(|| format!("cannot read {}", self.place()))? == 0 {
            self.number -= 1;
            return Ok(None);
        }
        let ended = bytes.pop_if(|byte| *byte == b'\n').is_some();
        if ended {
            bytes.pop_if(|byte| *byte == b'\r');
        }
        ensure!(
            bytes.len() <= LONGEST_LINE,
            "{} is longer than {LONGEST_LINE} bytes; expected a sentence or a paragraph a line",
            self.place()
        );
        let line = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to() + 1;
            anyhow!(
                "{} is not UTF-8 (byte {at} of the line); convert the file first, with iconv for example",
                self.place()
            )
        })?;
        Ok(Some(line))
    }
}

impl Iterator for Lines {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let line = self.read().transpose();
        self.failed = matches!(line, Some(Err(_)));
        line
    }
}

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
    use std::io::Write;

    use super::*;

    fn file(folder: &tempfile::TempDir, name: &str, content: &[u8]) -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn lines(path: &Path) -> Result<Vec<String>> {
        Lines::open(path, &ProgressBar::hidden())?.collect()
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn plain_and_gzipped_files_read_alike() {
        let folder = tempfile::tempdir().unwrap();
        let content = "eins\r\nzwei  drei\n\n fünf".as_bytes();
        let plain = lines(&file(&folder, "plain", content)).unwrap();
        assert_eq!(plain, ["eins", "zwei  drei", "", " fünf"]);
        let mut parts = gzip(&content[..9]);
        parts.extend(gzip(&content[9..]));
        assert_eq!(lines(&file(&folder, "gzipped", &parts)).unwrap(), plain, "two members in one file");
    }

    #[test]
    fn the_unreadable_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let message =
            |name: &str, content: &[u8]| format!("{:#}", lines(&file(&folder, name, content)).unwrap_err());
        let latin = message("latin", b"one\ncaf\xe9\n");
        assert!(latin.contains("line 2 of") && latin.contains("latin is not UTF-8 (byte 4"), "{latin}");
        let long = message("long", &vec![b'x'; LONGEST_LINE + 1]);
        assert!(long.contains("line 1 of") && long.contains("longer than 1048576 bytes"), "{long}");
        let whole = gzip(b"one\ntwo\n");
        let cut = message("cut.gz", &whole[..whole.len() - 4]);
        assert!(cut.contains("cannot read line 3 of") && cut.contains("cut.gz"), "{cut}");
        let missing = lines(&folder.path().join("none")).err().unwrap().to_string();
        assert!(missing.contains("none does not exist"), "{missing}");
        let folder = lines(folder.path()).err().unwrap().to_string();
        assert!(folder.contains("is no regular file"), "{folder}");
    }

    #[test]
    fn a_line_of_the_greatest_length_is_read_whatever_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        for end in ["", "\n"] {
            let content = format!("{}{end}", "x".repeat(LONGEST_LINE));
            let found = lines(&file(&folder, "long", content.as_bytes())).unwrap();
            assert_eq!(found.iter().map(String::len).collect::<Vec<_>>(), [LONGEST_LINE]);
        }
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
