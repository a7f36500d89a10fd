//! Writing files whole, and so that they survive a crash of the machine.

pub(crate) mod beside;
pub(crate) mod output;
mod stream;
pub(crate) mod sum;
pub(crate) mod sums;
mod swap;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::{Builder, NamedTempFile, TempDir};

/// What the names of unfinished files begin with. It is what the crate `tempfile` uses by default, so all of ours do.
pub(crate) const UNFINISHED: &str = ".tmp";

/// Writes a file beside its place and renames it. When this returns, it is on the disk. A device or a pipe in its place
/// is written to as it is.
///
/// # Errors
///
/// If it can't be written.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<()> {
    let write = || -> io::Result<()> {
        if let Some(mut stream) = stream::open(path)? {
            return stream.write_all(content);
        }
        let mut file = unfinished(path)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        sync_folder(folder_of(path))
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// A file beside `path`, which is to become it.
pub(crate) fn unfinished(path: &Path) -> io::Result<NamedTempFile> {
    as_readable(&mut Builder::new(), 0o666).prefix(UNFINISHED).tempfile_in(folder_of(path))
}

/// A folder in `folder`, which is to get another name there. Until then, it begins with `prefix`.
pub(crate) fn unfinished_folder(folder: &Path, prefix: &str) -> io::Result<TempDir> {
    as_readable(&mut Builder::new(), 0o777).prefix(prefix).tempdir_in(folder)
}

/// By default, what is temporary is for its owner alone; what it becomes is as readable as the system makes any other. Of
/// `mode`, that leaves what the umask does.
#[cfg(unix)]
fn as_readable<'a, 'b, 'c>(builder: &'a mut Builder<'b, 'c>, mode: u32) -> &'a mut Builder<'b, 'c> {
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn as_readable<'a, 'b, 'c>(builder: &'a mut Builder<'b, 'c>, _mode: u32) -> &'a mut Builder<'b, 'c> {
    builder
}

/// Makes sure that what the files in a folder are called is on the disk: a rename alone may be lost in a crash.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(()); // Elsewhere a folder can't be opened.
    }
    match File::open(folder)?.sync_all() {
        // Some file systems have no such thing.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => {
            Ok(())
        }
        result => result,
    }
}

/// Makes a folder and those that it is in, and makes sure that they are on the disk. Returns those that were missing,
/// outermost first.
pub(crate) fn make_folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let missing = folder.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists());
    let mut missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
    missing.reverse();
    fs::create_dir_all(folder)?;
    missing.iter().try_for_each(|path| sync_folder(folder_of(path)))?;
    Ok(missing)
}

/// Removes files that programs which were killed have left unfinished. Only who has locked the folder may do that.
pub(crate) fn tidy(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _ = fs::remove_file(entry.path()); // It only takes room.
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write_atomically(&path, b"a longer first text").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let message = write_atomically(&path.join("below"), b"").unwrap_err().to_string();
        assert!(message.starts_with("cannot write"), "{message}");
    }

    #[test]
    fn what_was_left_unfinished_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write_atomically(&path, b"whole").unwrap();
        let (_, ours) = unfinished(&path).unwrap().keep().unwrap();
        let (_, default) = NamedTempFile::new_in(folder.path()).unwrap().keep().unwrap();
        tidy(folder.path());
        assert!(path.exists() && !ours.exists() && !default.exists());
        tidy(&folder.path().join("none"));
    }
}
