//! The sources at hand: those of the crate that a line is in, and of the crates beside it that it depends on by path.
//!
//! Files are read as text, and parsed only when something in them is asked for.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::code::{Function, Struct};
use super::items::{Items, items};

/// The files that belong together.
pub(super) struct Shelf {
    files: Vec<Source>,
    /// Which files declare a function or a type of that name.
    declared: HashMap<String, Vec<usize>>,
}

struct Source {
    path: Arc<str>,
    text: String,
    items: OnceLock<Items>,
    /// Whether it is of the crate itself.
    own: bool,
}

/// The files around one. They are read once, whatever is captured afterwards.
pub(super) fn shelf(file: &str) -> Arc<Shelf> {
    static KNOWN: OnceLock<Mutex<HashMap<PathBuf, Arc<Shelf>>>> = OnceLock::new();
    let folder = Path::new(file).parent().unwrap_or(Path::new("")).to_owned();
    let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    known.entry(folder).or_insert_with(|| Arc::new(Shelf::around(Path::new(file)))).clone()
}

impl Shelf {
    fn around(file: &Path) -> Self {
        let mut own = BTreeSet::new();
        let mut beside = BTreeSet::new();
        if let Some(package) = file.ancestors().skip(1).find(|folder| folder.join("Cargo.toml").is_file()) {
            collect(&package.join("src"), &mut own);
            for dependency in path_dependencies(package) {
                collect(&dependency.join("src"), &mut beside);
            }
        }
        if !own.contains(file)
            && let Some(folder) = file.parent()
        {
            collect(folder, &mut own);
        }
        let this = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let files = own.iter().map(|path| (path, true)).chain(beside.difference(&own).map(|path| (path, false)));
        let files = files.filter(|(path, _)| !path.starts_with(&this)).filter_map(|(path, own)| {
            let text = fs::read_to_string(path).ok()?;
            Some(Source { path: path.to_str()?.into(), text, items: OnceLock::new(), own })
        });
        let files: Vec<Source> = files.collect();
        let mut declared: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, file) in files.iter().enumerate() {
            for name in ["fn ", "struct "].into_iter().flat_map(|word| names_after(&file.text, word)) {
                let places = declared.entry(name.to_owned()).or_default();
                if places.last() != Some(&number) && !places.contains(&number) {
                    places.push(number);
                }
            }
        }
        Self { files, declared }
    }

    fn items(&self, number: usize) -> &Items {
        let file = &self.files[number];
        file.items.get_or_init(|| items(&file.path, &file.text))
    }

    /// The functions of a file.
    pub(super) fn functions_in(&self, file: &str) -> &[Arc<Function>] {
        let number = self.files.iter().position(|found| &*found.path == file);
        number.map_or(&[], |number| &self.items(number).functions)
    }

    fn declaring(&self, name: &str) -> impl Iterator<Item = usize> + '_ {
        self.declared.get(name).into_iter().flatten().copied()
    }

    /// The functions of that name: of a type, if one is given, and of the crate itself, if it has any.
    pub(super) fn functions(&self, owner: Option<&str>, name: &str) -> Vec<Arc<Function>> {
        let all = |own: bool| -> Vec<Arc<Function>> {
            let files = self.declaring(name).filter(|&file| self.files[file].own == own);
            let named = files.flat_map(|file| &self.items(file).functions).filter(|f| f.name == name);
            named.filter(|f| owner.is_none() || f.owner.as_deref() == owner).cloned().collect()
        };
        let own = all(true);
        if own.is_empty() { all(false) } else { own }
    }

    /// The type of that name, if it is declared here.
    pub(super) fn structure(&self, name: &str) -> Option<&Struct> {
        let mut files: Vec<usize> = self.declaring(name).collect();
        files.sort_by_key(|&file| !self.files[file].own);
        files.into_iter().find_map(|file| self.items(file).structs.iter().find(|found| found.name == name))
    }
}

/// The names that stand after a word.
fn names_after<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(word).filter_map(move |(at, _)| {
        let rest = &text[at + word.len()..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        (end > 0).then(|| &rest[..end])
    })
}

fn collect(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.insert(path);
        }
    }
}

/// The folders of the packages that one depends on by a path, its own or the workspace's.
fn path_dependencies(package: &Path) -> Vec<PathBuf> {
    let read = |folder: &Path| fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let manifest = read(package);
    let workspace =
        package.ancestors().skip(1).find(|folder| read(folder).contains("[workspace.dependencies]"));
    let mut found = with_paths(&manifest).map(|(_, path)| package.join(path)).collect::<Vec<_>>();
    if let Some(workspace) = workspace {
        let text = read(workspace);
        let wanted = |name: &str| {
            manifest.lines().any(|line| {
                line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
                    && line.contains("workspace")
            })
        };
        found.extend(
            with_paths(&text).filter(|(name, _)| wanted(name)).map(|(_, path)| workspace.join(path)),
        );
    }
    found
}

/// The lines `name = { path = "folder" }` of a manifest.
fn with_paths(manifest: &str) -> impl Iterator<Item = (&str, &str)> {
    manifest.lines().filter_map(|line| {
        let (name, rest) = line.split_once('=')?;
        let (_, path) = rest.split_once("path = \"")?;
        Some((name.trim(), path.split_once('"')?.0))
    })
}
