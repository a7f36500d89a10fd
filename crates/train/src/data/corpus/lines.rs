//! Reading lines of text files, plain or gzipped, one at a time.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use flate2::bufread::MultiGzDecoder;
use indicatif::ProgressBar;

/// What a gzipped file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// More than any sentence or paragraph. A file without line ends shall not fill the memory.
pub(super) const LONGEST_LINE: usize = 1 << 20;
const BUFFER: usize = 1 << 16;

/// The lines of a file without their ends.
pub(super) struct Lines {
    /// What messages call the file.
    pub(super) shown: String,
    input: Box<dyn BufRead + Send>,
    /// Lines read so far.
    pub(super) number: usize,
    failed: bool,
}

impl Lines {
    /// Opens a file. What is read of it moves the bar on.
    pub(super) fn open(path: &Path, bar: &ProgressBar) -> Result<Self> {
        Self::open_as(path, path.display().to_string(), bar)
    }

    /// The same for a file that messages call something else.
    pub(super) fn open_as(path: &Path, shown: String, bar: &ProgressBar) -> Result<Self> {
        let cannot_read = || format!("cannot read {shown}");
        ensure!(path.exists(), "{shown} does not exist; expected a text file, plain or gzipped");
        ensure!(path.is_file(), "{shown} is no regular file; expected a text file, plain or gzipped");
        let file = bar.wrap_read(File::open(path).with_context(cannot_read)?);
        let mut raw = BufReader::with_capacity(BUFFER, file);
        let gzipped = raw.fill_buf().with_context(cannot_read)?.starts_with(&GZIP);
        let input: Box<dyn BufRead + Send> = match gzipped {
            true => Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(raw))),
            false => Box::new(raw),
        };
        Ok(Self { shown, input, number: 0, failed: false })
    }

    /// Names the line read last.
    pub(super) fn place(&self) -> String {
        format!("line {} of {}", self.number, self.shown)
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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::PathBuf;

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
}
