//! `SHA256SUMS` of a folder: the sum of each of its files, as `sha256sum` writes and checks them.
//!
//! Two files can't be renamed at once. So a file is replaced in three steps: its new sum is written beside the old one,
//! then the file, then the new sum alone. Either sum is as good as the other, so whoever reads meanwhile, or after a
//! program was killed meanwhile, finds a file that fits.
//!
//! A folder without the file is one of an older version: nothing in it is checked.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::sum;
use super::write_atomically;

/// What the file is called.
pub(crate) const SUMS: &str = "SHA256SUMS";

/// Sums with the names of their files. A name that is being replaced has two.
type Lines = Vec<(String, String)>;

/// What is in a folder's file; nothing if there is none.
fn lines(folder: &Path) -> Result<Option<Lines>> {
    let path = folder.join(SUMS);
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let text = String::from_utf8_lossy(&bytes);
    let line = |line: &str| line.split_once("  ").map(|(sum, name)| (sum.to_owned(), name.to_owned()));
    Ok(Some(text.lines().filter_map(line).collect()))
}

fn put(folder: &Path, mut lines: Lines) -> Result<()> {
    lines.sort_by(|(_, one), (_, other)| one.cmp(other));
    let text: String = lines.iter().map(|(sum, name)| format!("{sum}  {name}\n")).collect();
    write_atomically(&folder.join(SUMS), text.as_bytes())
}

/// The sums that a file may have.
fn of<'a>(lines: &'a Lines, name: &str) -> impl Iterator<Item = &'a str> {
    lines.iter().filter(move |(_, named)| named == name).map(|(sum, _)| sum.as_str())
}

/// Whether a folder has sums.
#[must_use]
pub(crate) fn exist(folder: &Path) -> bool {
    folder.join(SUMS).exists()
}

/// Makes a folder one with sums, so far of no file.
///
/// # Errors
///
/// If it can't be written.
pub(crate) fn begin(folder: &Path) -> Result<()> {
    put(folder, Lines::new())
}

/// Writes the sums of files that are there. Nobody may be using the folder yet.
///
/// # Errors
///
/// If one can't be read, or the sums not be written.
pub(crate) fn seal(folder: &Path, names: &[&str]) -> Result<()> {
    let lines = names.iter().map(|&name| Ok((sum::of_file(&folder.join(name))?, name.to_owned())));
    put(folder, lines.collect::<Result<_>>()?)
}

/// The sum that a file is to have; nothing if the folder has none of it.
///
/// # Errors
///
/// If the sums can't be read.
pub(crate) fn expected(folder: &Path, name: &str) -> Result<Option<String>> {
    Ok(lines(folder)?.and_then(|lines| of(&lines, name).next().map(str::to_owned)))
}

/// Reads a file of a folder whose files all have sums. What comes back are the very bytes that were summed.
///
/// # Errors
///
/// If it can't be read, has no sum, or another one.
pub(crate) fn read_sealed(folder: &Path, name: &str) -> Result<Vec<u8>> {
    let sums = folder.join(SUMS);
    ensure!(sums.exists(), "cannot read {}: there is no such file", sums.display());
    checked(folder, name, "")
}

/// The same of a folder that may be of an older version.
///
/// # Errors
///
/// As [`read_sealed`], but a folder without sums is read unchecked.
pub(crate) fn read(folder: &Path, name: &str) -> Result<Vec<u8>> {
    checked(folder, name, "; put back what was written, or remove SHA256SUMS if you have changed it yourself")
}

/// Reads a file that whoever likes may have written; it is checked only if there is a sum of it beside it.
///
/// # Errors
///
/// If it can't be read, or has another sum.
pub(crate) fn read_beside(path: &Path) -> Result<Vec<u8>> {
    let (folder, name) = (super::folder_of(path), path.file_name().unwrap_or_default().to_string_lossy());
    if expected(folder, &name)?.is_some() {
        return checked(folder, &name, "; to change it, copy it to another folder");
    }
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn checked(folder: &Path, name: &str, way_on: &str) -> Result<Vec<u8>> {
    let path = folder.join(name);
    let shown = path.display();
    let mut before = lines(folder)?;
    loop {
        let bytes = fs::read(&path).with_context(|| format!("cannot read {shown}"))?;
        let Some(lines) = &before else { return Ok(bytes) };
        let found = sum::of_bytes(&bytes);
        if of(lines, name).any(|sum| sum == found) {
            return Ok(bytes);
        }
        let now = self::lines(folder)?;
        if now != before {
            before = now; // Whoever trains here has just replaced it.
            continue;
        }
        let sums = of(lines, name).collect::<Vec<_>>().join(" or ");
        ensure!(!sums.is_empty(), "{} is damaged: it has no sum of {name}", folder.join(SUMS).display());
        bail!("{shown} is damaged: its SHA-256 is {found}, expected {sums}{way_on}");
    }
}

/// Replaces a file and its sum, in a folder that has sums; else the file alone. Only who has locked the folder may do
/// that.
///
/// # Errors
///
/// If it can't be written; then the old file is whole.
pub(crate) fn write(folder: &Path, name: &str, content: &[u8]) -> Result<()> {
    let path = folder.join(name);
    let Some(lines) = lines(folder)? else { return write_atomically(&path, content) };
    let new = (sum::of_bytes(content), name.to_owned());
    let mut both = lines.clone();
    if !lines.contains(&new) {
        both.push(new.clone());
        put(folder, both.clone())?;
    }
    write_atomically(&path, content)?;
    both.retain(|line| line.1 != name || *line == new);
    if both.len() < lines.len() || lines.iter().any(|line| !both.contains(line)) {
        put(folder, both)?;
    }
    Ok(())
}

/// Removes the sums that a program which was killed while it replaced a file left behind. Only who has locked the folder
/// may do that.
pub(crate) fn tidy(folder: &Path) {
    let Ok(Some(lines)) = lines(folder) else { return };
    let fits = |(sum, name): &(String, String)| {
        let is_alone = of(&lines, name).count() == 1;
        is_alone || sum::of_file(&folder.join(name)).map_or(true, |found| found == *sum)
    };
    let fitting: Lines = lines.iter().filter(|line| fits(line)).cloned().collect();
    let has_lost_one = lines.iter().any(|(_, name)| of(&fitting, name).next().is_none());
    if fitting != lines && !has_lost_one {
        let _ = put(folder, fitting); // They do no harm.
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        lines(folder).unwrap().unwrap().into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn what_is_written_is_read_and_any_change_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        begin(folder).unwrap();
        for content in [&b"first"[..], b"second", b"second", b""] {
            write(folder, "file", content).unwrap();
            write(folder, "another", b"of it").unwrap();
            assert_eq!(read(folder, "file").unwrap(), content);
            assert_eq!(names(folder), ["another", "file"], "one sum each, in the order of their names");
        }
        let sums = fs::read(folder.join(SUMS)).unwrap();
        write(folder, "file", b"of the run").unwrap();
        fs::write(folder.join("file"), "of thf run").unwrap();
        let message = read(folder, "file").unwrap_err().to_string();
        assert!(
            message.contains("file is damaged: its SHA-256 is ") && message.contains("expected"),
            "{message}"
        );
        fs::write(folder.join(SUMS), &sums[..sums.len() / 2]).unwrap();
        let message = read(folder, "file").unwrap_err().to_string();
        assert!(message.contains("SHA256SUMS is damaged: it has no sum of file"), "{message}");
        fs::remove_file(folder.join(SUMS)).unwrap();
        assert_eq!(read(folder, "file").unwrap(), b"of thf run", "as in a folder of an older version");
        assert!(read_sealed(folder, "file").unwrap_err().to_string().contains("cannot read"));
        write(folder, "file", b"new").unwrap();
        assert!(!exist(folder), "which stays one");
    }

    #[test]
    fn wherever_a_replacement_is_cut_off_the_file_fits() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        begin(folder).unwrap();
        write(folder, "file", b"old").unwrap();
        let sum_of = |content: &[u8]| (sum::of_bytes(content), "file".to_owned());
        for (content, kept) in [(&b"old"[..], "old"), (b"new", "new")] {
            put(folder, vec![sum_of(b"old"), sum_of(b"new")]).unwrap();
            fs::write(folder.join("file"), content).unwrap();
            assert_eq!(read(folder, "file").unwrap(), content);
            tidy(folder);
            assert_eq!(lines(folder).unwrap().unwrap(), [sum_of(content)]);
            assert_eq!(read(folder, "file").unwrap(), kept.as_bytes());
        }
        put(folder, vec![sum_of(b"old"), sum_of(b"new")]).unwrap();
        fs::write(folder.join("file"), "neither").unwrap();
        tidy(folder);
        assert_eq!(names(folder).len(), 2, "damage is not made good by tidying");
        assert!(read(folder, "file").is_err());
        write(folder, "file", b"newer").unwrap();
        assert_eq!(lines(folder).unwrap().unwrap(), [sum_of(b"newer")]);
    }

    #[test]
    fn who_reads_while_another_writes_is_never_alarmed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        begin(folder).unwrap();
        write(folder, "file", &[0; 9_000]).unwrap();
        let mut seen = std::collections::BTreeSet::new();
        std::thread::scope(|scope| {
            let writer =
                scope.spawn(|| (1..150_u8).for_each(|n| write(folder, "file", &[n; 9_000]).unwrap()));
            while !writer.is_finished() {
                let bytes = read(folder, "file").unwrap();
                assert!(bytes.iter().all(|byte| *byte == bytes[0]));
                seen.insert(bytes[0]);
            }
        });
        assert!(seen.len() > 5, "{seen:?} were seen");
    }

    #[test]
    fn a_file_of_whoever_likes_is_checked_if_there_is_a_sum_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let [kept, mine] = ["kept", "mine"].map(|name| folder.path().join(name));
        begin(folder.path()).unwrap();
        write(folder.path(), "kept", b"a").unwrap();
        fs::write(&mine, "b").unwrap();
        assert_eq!(
            (read_beside(&kept).unwrap(), read_beside(&mine).unwrap()),
            (b"a".to_vec(), b"b".to_vec())
        );
        fs::write(&kept, "c").unwrap();
        assert!(read_beside(&kept).unwrap_err().to_string().contains("copy it to another folder"));
    }
}
