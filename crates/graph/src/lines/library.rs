//! The sources at hand: those of the crate that a line is in, and of the crates beside it that it depends on by path.
//!
//! Files are read as text, and parsed only when something in them is asked for.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::code::{Function, Struct};
use super::items::{Items, items};
use super::memo::Memo;

/// The files that belong together.
pub(super) struct Shelf {
    /// Each with whether it is of the crate itself.
    files: Vec<(Arc<Source>, bool)>,
    numbers: HashMap<Arc<str>, usize>,
    /// Which files declare a function or a type of that name.
    declared: HashMap<String, Vec<usize>>,
}

/// A file. It is read and parsed once, on however many shelves it stands.
struct Source {
    path: Arc<str>,
    text: String,
    items: OnceLock<Items>,
}

impl Source {
    fn of(path: &Path) -> Option<Arc<Self>> {
        static KNOWN: Memo<PathBuf, Option<Arc<Source>>> = Memo::new();
        KNOWN.get(path.to_owned(), |path| {
            let text = fs::read_to_string(path).ok()?;
            Some(Arc::new(Self { path: path.to_str()?.into(), text, items: OnceLock::new() }))
        })
    }

    fn items(&self) -> &Items {
        self.items.get_or_init(|| items(&self.path, &self.text))
    }
}

/// The files around one. They are read once, whatever is captured afterwards.
pub(super) fn shelf(file: &str) -> Arc<Shelf> {
    static KNOWN: Memo<PathBuf, Arc<Shelf>> = Memo::new();
    let folder = Path::new(file).parent().unwrap_or(Path::new("")).to_owned();
    KNOWN.get(folder, |_| Arc::new(Shelf::around(Path::new(file))))
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
        let files =
            own.iter().map(|path| (path, true)).chain(beside.difference(&own).map(|path| (path, false)));
        let files = files.filter(|(path, _)| !path.starts_with(&this));
        let files: Vec<_> = files.filter_map(|(path, own)| Some((Source::of(path)?, own))).collect();
        let mut declared: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, (file, _)) in files.iter().enumerate() {
            for name in ["fn ", "struct "].into_iter().flat_map(|word| names_after(&file.text, word)) {
                let places = declared.entry(name.to_owned()).or_default();
                if places.last() != Some(&number) && !places.contains(&number) {
                    places.push(number);
                }
            }
        }
        let numbers =
            files.iter().enumerate().map(|(number, (file, _))| (file.path.clone(), number)).collect();
        Self { files, numbers, declared }
    }

    fn items(&self, number: usize) -> &Items {
        self.files[number].0.items()
    }

    /// The functions of a file.
    pub(super) fn functions_in(&self, file: &str) -> &[Arc<Function>] {
        self.numbers.get(file).map_or(&[], |&number| &self.items(number).functions)
    }

    /// Whether a name is one of Burn's in that file.
    pub(super) fn is_of_burn(&self, file: &str, name: &str) -> bool {
        name == "burn" || self.numbers.get(file).is_some_and(|&file| self.items(file).of_burn.contains(name))
    }

    /// The files that declare something of that name, the nearest to one of them first, and whether it is the same,
    /// of the same crate, or of another.
    fn declaring(&self, name: &str, near: &str) -> Vec<(usize, u8)> {
        let distance = |file: usize| match &self.files[file] {
            (source, _) if *source.path == *near => 0,
            (_, true) => 1,
            (_, false) => 2,
        };
        let files = self.declared.get(name).into_iter().flatten();
        let mut files: Vec<(usize, u8)> = files.map(|&file| (file, distance(file))).collect();
        files.sort_by_key(|&(_, distance)| distance);
        files
    }

    /// The functions of that name as seen from a file: of a type, if one is given. Those of the file hide those of its
    /// crate, and those of its crate all others.
    pub(super) fn functions(&self, owner: Option<&str>, name: &str, near: &str) -> Vec<Arc<Function>> {
        let mut found: Vec<Arc<Function>> = Vec::new();
        for group in self.declaring(name, near).chunk_by(|a, b| a.1 == b.1) {
            let named = group.iter().flat_map(|&(file, _)| &self.items(file).functions);
            let named = named.filter(|f| f.name == name && (owner.is_none() || f.owner.as_deref() == owner));
            found.extend(named.cloned());
            // Without a type nothing is hidden within a crate: `forward` is the name of many.
            let is_same_file = group.first().is_some_and(|&(_, distance)| distance == 0);
            let hides = owner.is_some() || !is_same_file;
            if hides && !found.is_empty() {
                break;
            }
        }
        found
    }

    /// The type of that name as seen from a file, if it is declared here.
    pub(super) fn structure(&self, name: &str, near: &str) -> Option<&Struct> {
        let files = self.declaring(name, near).into_iter();
        let mut found =
            files.filter_map(|(file, _)| self.items(file).structs.iter().find(|found| found.name == name));
        found.next()
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
        found
            .extend(with_paths(&text).filter(|(name, _)| wanted(name)).map(|(_, path)| workspace.join(path)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_in_a_manifest_are_found() {
        let manifest = "[dependencies]\nmodel = { path = \"../model\", features = [] }\nserde = \"1\"\n";
        assert_eq!(with_paths(manifest).collect::<Vec<_>>(), [("model", "../model")]);
    }

    #[test]
    fn names_are_found_behind_a_word() {
        let text = "pub fn one<T>() {}\nfn two_b(x: u8) {}\nlet f: fn (u8);";
        assert_eq!(names_after(text, "fn ").collect::<Vec<_>>(), ["one", "two_b"]);
    }
}
