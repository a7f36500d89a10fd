//! Files that are there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use crate::paths;

/// Writes a file whole or not at all. Until it is whole it isn't beside the others, some of which are committed: a program
/// that is killed would leave it there.
pub(crate) fn persist(path: &Path, content: &str) -> Result<()> {
    let write = || -> Result<()> {
        let folder = path.parent().context("a file in no folder")?;
        let error = match written(unfinished()?, content)?.persist(path) {
            Ok(_) => return Ok(()),
            Err(error) => error.error,
        };
        if error.kind() != ErrorKind::CrossesDevices {
            return Err(error.into());
        }
        // From another disk nothing is moved in one step.
        written(folder, content)?.persist(path)?;
        Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// A file of no name that lasts.
fn written(folder: &Path, content: &str) -> Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(".unfinished-").tempfile_in(folder)?;
    file.write_all(content.as_bytes())?;
    // Temporary files are for their owner alone; committed ones are for everybody.
    #[cfg(unix)]
    file.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    Ok(file)
}

/// Where files are until they are whole. Each program that writes holds the folder's lock together with others that do.
fn unfinished() -> Result<&'static Path> {
    static FOLDER: OnceLock<(PathBuf, File)> = OnceLock::new();
    if let Some((folder, _)) = FOLDER.get() {
        return Ok(folder);
    }
    let folder = paths::root().join("target/unfinished");
    let lock = entered(&folder).with_context(|| format!("cannot prepare {}", folder.display()))?;
    Ok(&FOLDER.get_or_init(|| (folder, lock)).0)
}

/// Makes the folder, and clears away what killed programs left in it, if no other is at work.
fn entered(folder: &Path) -> Result<File> {
    fs::create_dir_all(folder)?;
    let name = folder.join("lock");
    let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&name)?;
    if lock.try_lock().is_ok() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path != name {
                fs::remove_file(&path)?;
            }
        }
        lock.unlock()?;
    }
    lock.lock_shared()?;
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_over_goes_once_nobody_writes() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("unfinished");
        let first = entered(&folder).unwrap();
        fs::write(folder.join(".unfinished-1"), "half").unwrap();
        let second = entered(&folder).unwrap();
        assert!(folder.join(".unfinished-1").exists(), "the first may be writing it");
        drop((first, second));
        drop(entered(&folder).unwrap());
        assert!(!folder.join(".unfinished-1").exists());
    }

    #[test]
    fn a_file_takes_the_place_of_another_and_can_be_read_by_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.svg");
        for text in ["<svg>1</svg>", "<svg>2</svg>"] {
            persist(&path, text).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions()) & 0o777,
            0o644
        );
        let error = persist(&folder.path().join("nowhere/a.svg"), "").unwrap_err().to_string();
        assert!(error.contains("nowhere/a.svg"), "{error}");
    }
}
