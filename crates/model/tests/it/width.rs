//! The book shows the code beside diagrams, so it has to be narrow.

use std::path::{Path, PathBuf};

/// What fits beside a diagram.
const COLUMNS: usize = 72;

/// Every Rust file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let below = |path: PathBuf| {
        if path.is_dir() { files(&path) } else { vec![path] }
    };
    let all = paths.flat_map(below);
    all.filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect()
}

/// The formatter leaves comments and long texts as they are.
#[test]
fn every_line_fits_beside_a_diagram() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = files(&sources);
    assert!(files.contains(&sources.join("decoding/beam.rs")));
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        for (n, line) in text.lines().enumerate() {
            let columns = line.chars().count();
            assert!(
                columns <= COLUMNS,
                "{}:{} has {columns} columns",
                path.display(),
                n + 1
            );
        }
    }
}
