//! Putting a whole folder in the place of another.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Puts the folder `new` into `place`. What stands there is in `new` or in `old` afterwards.
///
/// Where the system can let two names change places, that is one step. Elsewhere what stands there is first moved to
/// `old`; whoever is killed right then leaves it there.
///
/// # Errors
///
/// If it can't be moved. Then what stood there stands there again.
pub(super) fn swap(new: &Path, place: &Path, old: &Path) -> io::Result<()> {
    if place.symlink_metadata().is_err() {
        return fs::rename(new, place);
    }
    if exchanged(new, place)? {
        return Ok(());
    }
    fs::rename(place, old)?;
    fs::rename(new, place).inspect_err(|_| {
        let _ = fs::rename(old, place); // The first error is what matters.
    })
}

/// Lets two names change places, and says whether that is possible here.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchanged(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;

    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        // The system is too old, or the file system has no such thing.
        Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP | Errno::PERM) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchanged(_one: &Path, _other: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Waits until nobody else puts anything into a folder, for as long as what it returns is kept.
///
/// Where a folder can't be locked, as on some disks of other machines, nobody waits.
pub(super) fn lock(folder: &Path) -> Option<File> {
    let file = File::open(folder).ok()?;
    file.lock().ok()?;
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(folder: &Path, content: &str) {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("file"), content).unwrap();
    }

    #[test]
    fn the_new_folder_is_there_and_the_old_one_is_not_lost() {
        let around = tempfile::tempdir().unwrap();
        let [new, place, old] = ["new", "place", "old"].map(|name| around.path().join(name));
        make(&new, "1");
        swap(&new, &place, &old).unwrap();
        assert!(!new.exists() && !old.exists());
        make(&new, "2");
        swap(&new, &place, &old).unwrap();
        assert_eq!(fs::read_to_string(place.join("file")).unwrap(), "2");
        let kept = if old.exists() { old } else { new };
        assert_eq!(fs::read_to_string(kept.join("file")).unwrap(), "1");
    }

    #[test]
    fn what_cannot_be_replaced_stays() {
        let around = tempfile::tempdir().unwrap();
        let [none, place, old] = ["none", "place", "old"].map(|name| around.path().join(name));
        make(&place, "1");
        assert!(swap(&none, &place, &old).is_err());
        assert_eq!(fs::read_to_string(place.join("file")).unwrap(), "1");
    }
}
