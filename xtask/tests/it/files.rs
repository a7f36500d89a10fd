//! Files are short, and ARCHITECTURE's map shows what is there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::rooms::source::root;

/// A file of code has fewer lines than this.
const LINES: usize = 350;
/// What people write and machines run. Tables of data and what is generated have other endings.
const CODE: [&str; 6] = ["rs", "js", "mjs", "css", "py", "sh"];

/// All files of the repository but what is hidden, and what its list of files to ignore has.
fn files() -> Vec<PathBuf> {
    let root = root();
    let ignored = fs::read_to_string(root.join(".gitignore")).unwrap();
    let is_ignored = |path: &Path, name: &str| {
        ignored.lines().any(|line| line.trim_end_matches('/') == name)
            || ignored.lines().any(|line| line.strip_prefix('/').is_some_and(|line| path == root.join(line)))
    };
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy();
            if path.is_file() {
                found.push(path);
            } else if path.is_dir() && !name.starts_with('.') && !is_ignored(&path, &name) {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Files of too many lines, with how many they have.
fn too_long<'a>(texts: impl Iterator<Item = (&'a Path, String)>) -> Vec<String> {
    let lengths = texts.map(|(path, text)| (path, text.lines().count()));
    lengths.filter(|(_, lines)| *lines >= LINES).map(|(path, n)| format!("{}: {n}", path.display())).collect()
}

#[test]
fn every_file_of_code_is_short() {
    let files = files();
    let code = |path: &&PathBuf| path.extension().is_some_and(|end| CODE.iter().any(|code| end == *code));
    let code: Vec<&PathBuf> = files.iter().filter(code).collect();
    assert!(code.len() > 150, "only {} files are found", code.len());
    let texts = code.iter().map(|path| (path.as_path(), fs::read_to_string(path).unwrap()));
    let long = too_long(texts);
    assert!(long.is_empty(), "these have {LINES} lines or more, and are to be divided:\n{}", long.join("\n"));
}

#[test]
fn a_long_file_is_found() {
    let texts = [("a.rs", 349), ("b.rs", 350)].map(|(name, lines)| (Path::new(name), "x\n".repeat(lines)));
    assert_eq!(too_long(texts.into_iter()), ["b.rs: 350"]);
}

/// Words of the map that look like names of files and are those of other people's crates.
const ELSEWHERE: [&str; 1] = ["burn-nn"];

/// What each row of the map names: files and folders on the left, and on the right names of what is in them.
fn map(text: &str) -> Vec<(Vec<String>, Vec<String>)> {
    let map = text.split("## Map").nth(1).unwrap_or_default().split("\n## ").next().unwrap_or_default();
    let rows = map.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" | "));
    let spans = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let row = |(left, right): (&str, &str)| (places(&spans(&format!("`{left}"))), spans(right));
    rows.map(row).collect()
}

/// `a/{b,c}.rs` is two files; `d` after it lies in the same folder.
fn places(spans: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for span in spans {
        let folder =
            found.first().and_then(|first| first.rsplit_once('/')).map(|(folder, _)| folder.to_owned());
        let span = match folder {
            Some(folder) if !span.contains('/') => format!("{folder}/{span}"),
            _ => span.clone(),
        };
        match span.split_once('{').and_then(|(start, rest)| Some((start, rest.split_once('}')?))) {
            Some((start, (names, end))) => {
                found.extend(names.split(',').map(|name| format!("{start}{}{end}", name.trim())));
            }
            None => found.push(span),
        }
    }
    found
}

/// What the map names that is not there.
fn missing(root: &Path, map: &[(Vec<String>, Vec<String>)]) -> Vec<String> {
    let mut missing = Vec::new();
    for (places, names) in map {
        missing.extend(places.iter().filter(|place| !root.join(place).exists()).cloned());
        // Commands have a space in them. A crate is named without its folder.
        for name in
            names.iter().filter(|name| !name.contains([' ', '=', ':']) && !ELSEWHERE.contains(&&name[..]))
        {
            let is_path =
                [name.clone(), format!("crates/{name}")].iter().any(|path| root.join(path).exists());
            if !is_path && !places.iter().any(|place| has(&root.join(place), name.trim_end_matches('/'))) {
                missing.push(format!("{name} in {}", places.join(", ")));
            }
        }
    }
    missing
}

/// Whether a folder has, at some depth, a file or a folder of this name, with or without its ending.
fn has(folder: &Path, name: &str) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.into_iter().any(|path| {
        let is_it = path.file_name().is_some_and(|own| own == name)
            || path.file_stem().is_some_and(|own| own == name);
        is_it || path.is_dir() && has(&path, name)
    })
}

#[test]
fn the_map_shows_what_is_there() {
    let root = root();
    let map = map(&fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap());
    assert!(map.len() > 10, "the map has only {} rows", map.len());
    let missing = missing(&root, &map);
    assert!(missing.is_empty(), "ARCHITECTURE's map names what is not there:\n{}", missing.join("\n"));
    for entry in fs::read_dir(root.join("crates")).unwrap() {
        let folder = format!("crates/{}", entry.unwrap().file_name().to_string_lossy());
        let is_in = |place: &String| Path::new(place).starts_with(&folder);
        assert!(map.iter().any(|(places, _)| places.iter().any(is_in)), "ARCHITECTURE's map lacks {folder}");
    }
}

#[test]
fn a_place_that_is_not_there_is_found() {
    let text = "## Map\n\n| Where | What |\n|---|---|\n| `a/{b,c}.rs`, `d` | `cargo x y` of `e` and `f/` |\n\n## Next\n| `z` | |";
    let map = map(text);
    let row = |left: &[&str], right: &[&str]| {
        (left.iter().map(|s| s.to_string()).collect(), right.iter().map(|s| s.to_string()).collect())
    };
    assert_eq!(map, [row(&["a/b.rs", "a/c.rs", "a/d"], &["cargo x y", "e", "f/"])]);
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("a/d/f")).unwrap();
    fs::write(folder.path().join("a/b.rs"), "").unwrap();
    assert_eq!(missing(folder.path(), &map), ["a/c.rs", "e in a/b.rs, a/c.rs, a/d"]);
    fs::write(folder.path().join("a/c.rs"), "").unwrap();
    fs::write(folder.path().join("a/d/e.rs"), "").unwrap();
    assert_eq!(missing(folder.path(), &map), [""; 0]);
}
