//! Places in files, and their paths as the compiler writes them.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::view::Source;

/// A line of a file on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// The whole path.
    pub(crate) file: Arc<str>,
    /// Counted from one.
    pub(crate) line: u32,
}

/// Paths from the folder in which Cargo calls the compiler, so that they are the same on every machine.
#[derive(Default)]
pub(crate) struct Shown {
    known: HashMap<Arc<str>, String>,
}

impl Shown {
    /// A place as `tracing` would report it.
    pub(crate) fn source(&mut self, place: &Place) -> Source {
        let file = self.known.entry(place.file.clone()).or_insert_with(|| shown(&place.file));
        Source { file: file.clone(), line: place.line }
    }
}

/// The path from the workspace, or from the package if that is in none.
fn shown(file: &str) -> String {
    let path = Path::new(file);
    let manifest = |folder: &&Path| folder.join("Cargo.toml").is_file();
    let is_workspace = |folder: &&Path| {
        fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|text| text.contains("[workspace]"))
    };
    let folders = || path.ancestors().skip(1).filter(manifest);
    let root = folders().find(is_workspace).or_else(|| folders().next());
    let inside = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
    inside.to_string_lossy().replace('\\', "/")
}
