//! What a name may lead to that is no file in a folder: a device, a pipe, a terminal. It is written to as it is, and never
//! replaced: whoever renamed a file over `/dev/null` would take it from every program of the machine.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::Path;

use super::folder_of;

/// Opens what a name leads to, unless that is a file in a folder, or nothing yet. A pipe is waited for until somebody reads
/// it.
///
/// # Errors
///
/// If there is a folder, or what can't be written to, such as a socket.
pub(super) fn open(path: &Path) -> io::Result<Option<File>> {
    let Ok(found) = fs::metadata(path) else { return Ok(None) };
    if found.is_dir() {
        let reason = "there is a folder, which is no regular file; give the name of a new file";
        return Err(io::Error::new(io::ErrorKind::IsADirectory, reason));
    }
    if found.is_file() && !is_among_devices(path) {
        return Ok(None);
    }
    own(&found).map_or_else(|| File::options().write(true).open(path), Ok).map(Some)
}

/// Whether a name stands where the system keeps its devices and what processes have opened, such as `/dev/stdout`, which
/// may lead to a file.
fn is_among_devices(path: &Path) -> bool {
    let is_system = |folder: &Path| folder == Path::new("/dev") || folder.starts_with("/proc");
    folder_of(path).canonicalize().is_ok_and(|folder| is_system(&folder))
}

/// Standard output or standard error, if it is that: opened again, it would be written from its beginning.
#[cfg(unix)]
fn own(found: &Metadata) -> Option<File> {
    use std::os::fd::AsFd;
    use std::os::unix::fs::MetadataExt;

    let all = [io::stdout().as_fd().try_clone_to_owned(), io::stderr().as_fd().try_clone_to_owned()];
    let is_it = |file: &File| {
        file.metadata().is_ok_and(|data| (data.dev(), data.ino()) == (found.dev(), found.ino()))
    };
    all.into_iter().flatten().map(File::from).find(is_it)
}

#[cfg(not(unix))]
fn own(_found: &Metadata) -> Option<File> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn files_and_what_is_not_there_are_no_streams_and_folders_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link, socket] = ["file", "link", "socket"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink(&file, &link).unwrap();
        for path in [&file, &link] {
            assert!(open(path).unwrap().is_none(), "there is nothing yet");
        }
        fs::write(&file, "text").unwrap();
        for path in [&file, &link] {
            assert!(open(path).unwrap().is_none());
        }
        assert_eq!(fs::read(&file).unwrap(), b"text");
        assert_eq!(open(folder.path()).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert!(open(&socket).is_err());
        assert!(open(Path::new("/dev/null")).unwrap().is_some());
    }
}
