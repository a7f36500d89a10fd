//! A file that a command writes for whoever asked for it: there whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{folder_of, stream, sync_folder, unfinished};

/// A file that takes its place when all is written. Until then it has no name, so a program that is stopped leaves
/// nothing behind, and a file that was there before stays as it is. What is no file but a device or a pipe is written to
/// at once.
#[derive(Debug)]
pub(crate) struct Output {
    path: PathBuf,
    file: BufWriter<File>,
    is_stream: bool,
}

impl Output {
    /// Begins a file, which replaces what is at `path` unless that is `kept`.
    ///
    /// # Errors
    ///
    /// If there is a folder, or what is to be kept, or the file or its folder can't be written: now, and not when everything
    /// is done.
    pub(crate) fn begin(path: &Path, kept: &[&Path]) -> Result<Self> {
        let shown = path.display();
        if let Some(kept) = kept.iter().find(|kept| is_same(kept, path)) {
            bail!("cannot write {shown}: it would replace {}, which is still needed", kept.display());
        }
        let opened = stream::open(path).and_then(|stream| match stream {
            Some(stream) => Ok((stream, true)),
            None => tempfile::tempfile_in(folder_of(path)).map(|file| (file, false)),
        });
        let (file, is_stream) = opened.with_context(|| format!("cannot write {shown}"))?;
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file), is_stream })
    }

    /// Puts the file into its place. When this returns, it is on the disk, or has gone where the stream leads.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    pub(crate) fn finish(self) -> Result<()> {
        let Self { path, file, is_stream } = self;
        let place = || -> io::Result<()> {
            let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            if is_stream {
                return Ok(());
            }
            file.rewind()?;
            let mut whole = unfinished(&path)?;
            io::copy(&mut file, &mut whole)?;
            whole.as_file().sync_all()?;
            whole.persist(&path).map_err(|error| error.error)?;
            sync_folder(folder_of(&path))
        };
        place().with_context(|| format!("cannot write {}", path.display()))
    }
}

impl Output {
    /// Nobody but the file knows its name.
    fn named(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("cannot write {}: {error}", self.path.display()))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes).map_err(|error| self.named(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush().map_err(|error| self.named(&error))
    }
}

/// Whether two names lead to one file.
fn is_same(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_as_it_was_until_all_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for before in [None, Some("before")] {
            before.map_or(Ok(()), |text| fs::write(&path, text)).unwrap();
            let names = || fs::read_dir(folder.path()).unwrap().count();
            let left = names();
            let mut output = Output::begin(&path, &[]).unwrap();
            output.write_all(&b"x".repeat(100_000)).unwrap();
            output.flush().unwrap();
            assert_eq!(names(), left, "nothing has a name yet");
            drop(output);
            assert_eq!(fs::read_to_string(&path).ok().as_deref(), before);
        }
        let mut output = Output::begin(&path, &[]).unwrap();
        output.write_all("after".repeat(9_999).as_bytes()).unwrap();
        output.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "after".repeat(9_999));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_file_or_is_needed_is_refused_before_anything_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "text").unwrap();
        let refused = |path: &Path| Output::begin(path, &[&folder.path().join("file")]).unwrap_err();
        for (path, reason) in [
            (folder.path(), "no regular file"),
            (&folder.path().join("none/file"), "cannot write"),
            (&path, "it would replace"),
            (&folder.path().join("./file"), "it would replace"),
        ] {
            let message = format!("{:#}", refused(path));
            assert!(message.contains(reason), "{message}");
        }
        assert!(Output::begin(&folder.path().join("other"), &[&path]).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_what_is_needed_is_refused_too() {
        let folder = tempfile::tempdir().unwrap();
        let [path, link] = ["file", "link"].map(|name| folder.path().join(name));
        fs::write(&path, "text").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(Output::begin(&link, &[&path]).is_err());
    }
}
