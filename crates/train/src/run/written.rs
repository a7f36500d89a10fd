//! How much of a file that is added to was written, and its sum. A checkpoint keeps it of the metrics and the timings, so
//! that what has been damaged or shortened since is told from what was being written when the program was stopped.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::checkpoint::Checkpoint;
use super::state::{State, Written};
use crate::files::{sum, write_atomically};

impl Written {
    /// What of a file is this; nothing if its beginning is no longer what was written.
    #[must_use]
    pub(crate) fn of<'a>(&self, file: &'a [u8]) -> Option<&'a [u8]> {
        let beginning = file.get(..usize::try_from(self.bytes).ok()?)?;
        (sum::of_bytes(beginning) == self.sha256).then_some(beginning)
    }
}

/// A file where lines wait until they may take the place of older ones; see `Log`.
#[must_use]
pub(crate) fn waiting(path: &Path) -> PathBuf {
    path.with_extension("jsonl.new")
}

/// The content of a file of lines, and what of it a checkpoint says was written, if that is still so.
///
/// A program may have been killed when it had saved a checkpoint and had not yet put the new lines in their place.
///
/// # Errors
///
/// If it can't be read.
pub(crate) fn read(path: &Path, written: Option<&Written>) -> Result<(Vec<u8>, Option<usize>)> {
    let read = |path: &Path| match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.with_context(|| format!("cannot read {}", path.display())),
    };
    let file = read(path)?;
    let Some(written) = written else { return Ok((file, None)) };
    if let Some(beginning) = written.of(&file) {
        let length = beginning.len();
        return Ok((file, Some(length)));
    }
    let new = read(&waiting(path))?;
    match written.of(&new).map(<[u8]>::len) {
        Some(length) => Ok((new, Some(length))),
        None => Ok((file, None)),
    }
}

/// Says on standard error what has happened to a file of lines since a checkpoint was saved, and keeps a copy of it
/// before lines are left out.
///
/// # Errors
///
/// If the file can't be read, or the copy not be written.
pub(crate) fn check(path: &Path, written: Option<&Written>, step: usize) -> Result<()> {
    let (file, beginning) = read(path, written)?;
    let Some(written) = written.filter(|_| beginning.is_none()) else { return Ok(()) };
    let what = damage(path, &file, written, step);
    let kept = match copied(path, &file)? {
        Some(copy) => format!("the lines that can be read are used, and it is kept as {}", copy.display()),
        None => "its lines are lost".to_owned(),
    };
    tell(&format!("{what}; {kept}"));
    Ok(())
}

/// The content of a file that is only read, whoever may be writing it; and what to say if it is no longer what the newest
/// checkpoint says was written.
///
/// # Errors
///
/// If it can't be read.
pub(crate) fn read_beside(
    path: &Path,
    of: fn(&State) -> Option<&Written>,
) -> Result<(Vec<u8>, Option<String>)> {
    let mut before = None;
    loop {
        let folder = path.with_file_name("checkpoints");
        let newest = Checkpoint::list(&folder).unwrap_or_default().pop();
        // What is wrong with a checkpoint is no concern of who looks at the metrics.
        let state = newest.and_then(|newest| newest.state_alone().ok());
        let file = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let Some((written, step)) = state.as_ref().and_then(|state| Some((of(state)?, state.step))) else {
            return Ok((file, None));
        };
        let fits = written.of(&file).is_some() || read(path, Some(written))?.1.is_some();
        if !fits && before != state {
            before = state; // Whoever trains may have just put others in its place.
            continue;
        }
        let damage = (!fits).then(|| damage(path, &file, written, step));
        return Ok((file, damage));
    }
}

fn damage(path: &Path, file: &[u8], written: &Written, step: usize) -> String {
    let (shown, bytes) = (path.display(), written.bytes);
    let said = format!("the checkpoint of step {step} says were written");
    if (file.len() as u64) < bytes {
        format!("{shown} is damaged: it has {} of the {bytes} bytes that {said}", file.len())
    } else {
        format!("{shown} is damaged: its first {bytes} bytes are not those that {said}")
    }
}

/// A standard error that is closed is no reason to stop.
pub(crate) fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Copies a damaged file, unless there is such a copy or nothing to copy.
fn copied(path: &Path, file: &[u8]) -> Result<Option<PathBuf>> {
    if file.is_empty() {
        return Ok(None);
    }
    let name = |number: usize| match number {
        1 => path.with_extension("damaged.jsonl"),
        _ => path.with_extension(format!("damaged-{number}.jsonl")),
    };
    let mut number = 1;
    while name(number).exists() {
        if fs::read(name(number)).is_ok_and(|copy| copy == file) {
            return Ok(Some(name(number)));
        }
        number += 1;
    }
    write_atomically(&name(number), file)?;
    Ok(Some(name(number)))
}

/// Whether a file of a run folder is one that waited, or a copy of one that was damaged.
#[must_use]
pub(crate) fn is_beside(name: &str) -> bool {
    ["metrics", "timings"].iter().any(|log| {
        let rest = name.strip_prefix(log).unwrap_or_default();
        rest == ".jsonl.new" || rest.starts_with(".damaged")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Written {
        Written { bytes: text.len() as u64, sha256: sum::of_bytes(text.as_bytes()) }
    }

    #[test]
    fn what_was_added_later_is_no_damage_and_all_else_is() {
        let all = written("one\ntwo\n");
        assert_eq!(all.of(b"one\ntwo\nthr"), Some(&b"one\ntwo\n"[..]));
        for damaged in ["", "one\n", "one\ntwo", "one\ntwp\n", "two\none\n"] {
            assert_eq!(all.of(damaged.as_bytes()), None, "{damaged:?}");
        }
        assert_eq!(Written { bytes: u64::MAX, ..all }.of(b"one\ntwo\n"), None);
    }

    #[test]
    fn a_damaged_file_is_copied_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let names = || {
            let entries = fs::read_dir(folder.path()).unwrap();
            let mut names: Vec<_> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        let all = written("one\ntwo\n");
        check(&path, Some(&all), 2).unwrap();
        assert!(names().is_empty(), "of nothing there is no copy");
        for (content, count) in [("one\ntwo\nthree\n", 1), ("onf\ntwo\n", 2), ("onf\ntwo\n", 2), ("one\n", 3)]
        {
            fs::write(&path, content).unwrap();
            check(&path, Some(&all), 2).unwrap();
            assert_eq!(names().len(), count, "{content:?}");
        }
        assert_eq!(names(), ["metrics.damaged-2.jsonl", "metrics.damaged.jsonl", "metrics.jsonl"]);
        assert_eq!(fs::read(folder.path().join("metrics.damaged.jsonl")).unwrap(), b"onf\ntwo\n");
        assert_eq!(names().iter().filter(|name| is_beside(name)).count(), 2);
        assert!(is_beside("timings.jsonl.new") && !is_beside("notes.damaged"));
        fs::write(waiting(&path), "one\ntwo\nthree\n").unwrap();
        check(&path, Some(&all), 2).unwrap();
        assert_eq!(read(&path, Some(&all)).unwrap(), (b"one\ntwo\nthree\n".to_vec(), Some(8)));
        assert_eq!(names().len(), 4, "what only has not come to its place is no damage");
    }
}
