//! Which files of source code the book shows.

/// The folder whose files are shown.
pub(crate) const FOLDER: &str = "crates/model/src";

/// The name of a source file inside the folder that is shown; none if it isn't shown.
pub(crate) fn name(file: &str) -> Option<&str> {
    file.split_once(FOLDER)?.1.strip_prefix('/')
}
