//! Where things are.

use std::path::{Path, PathBuf};

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let own = own.filter(|own| own.ends_with("xtask")).unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    own.parent().map(Path::to_owned).unwrap_or(own)
}

/// The committed diagrams.
pub(crate) fn diagrams() -> PathBuf {
    root().join("diagrams")
}

/// The model's graph, as it was last announced.
pub(crate) fn architecture() -> PathBuf {
    diagrams().join("architecture.json")
}

/// The book's sources.
pub(crate) fn docs() -> PathBuf {
    root().join("docs")
}

/// The stories of diagrams, a file each.
pub(crate) fn stories() -> PathBuf {
    docs().join("stories")
}

/// The book's figures, which `train` and `lab` write.
pub(crate) fn figures() -> PathBuf {
    docs().join("src/figures")
}

/// The built book.
pub(crate) fn book() -> PathBuf {
    root().join("target/book")
}

/// `path` as seen from the workspace's folder, with forward slashes, for messages.
pub(crate) fn shown(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

/// The deck of cards, and the pictures on them.
pub(crate) fn cards() -> PathBuf {
    root().join("target/cards")
}
