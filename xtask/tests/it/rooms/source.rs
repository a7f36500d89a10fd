//! Source files: where they lie in the module tree, from disk or, for this checker's own tests, from memory.

use std::fs;
use std::path::{Path, PathBuf};

/// A Rust file of the workspace.
#[derive(Debug)]
pub(crate) struct Source {
    /// From the workspace's folder, with forward slashes.
    pub(crate) file: String,
    pub(crate) text: String,
    /// As paths name the crate.
    pub(crate) krate: String,
    /// Where the file lies below the crate's root; empty for the root itself.
    pub(crate) module: Vec<String>,
    /// What lies beside `src` is a crate of its own, which tests or shows this one.
    pub(crate) beside: bool,
}

impl Source {
    /// A file, which must lie in `crates/NAME` or in `xtask`.
    pub(crate) fn new(file: &str, text: &str) -> Self {
        let inside = file.strip_prefix("crates/").unwrap_or(file);
        let parts: Vec<&str> = inside.split('/').collect();
        let [krate, folder, module @ ..] = &parts[..] else { panic!("{file} lies in no crate") };
        let mut module: Vec<String> =
            module.iter().map(|part| part.trim_end_matches(".rs").to_owned()).collect();
        let is_root = module == ["lib"] || module == ["main"];
        if is_root || module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        let krate = krate.replace('-', "_");
        Self { file: file.to_owned(), text: text.to_owned(), krate, module, beside: *folder != "src" }
    }

    /// The room of the file, as the table names it: `lib` or `main` for a crate's root.
    pub(crate) fn room(&self) -> &str {
        let root = if self.is_main() { "main" } else { "lib" };
        self.module.first().map_or(root, String::as_str)
    }

    /// A program's root. Beside a library it is a crate of its own, in which `crate::` means itself.
    pub(crate) fn is_main(&self) -> bool {
        self.module.is_empty() && self.file.ends_with("/main.rs")
    }
}

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Every Rust file of the workspace's crates, in order.
pub(crate) fn workspace() -> Vec<Source> {
    let root = root();
    let mut crates: Vec<PathBuf> =
        fs::read_dir(root.join("crates")).unwrap().map(|entry| entry.unwrap().path()).collect();
    crates.push(root.join("xtask"));
    let mut files = Vec::new();
    for folder in crates {
        for part in ["src", "tests", "examples", "benches"] {
            rust_files(&folder.join(part), &mut files);
        }
    }
    files.sort();
    let source = |path: &PathBuf| {
        let shown = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        Source::new(&shown, &fs::read_to_string(path).unwrap())
    };
    files.iter().map(source).collect()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}
