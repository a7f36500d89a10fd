//! The sources at hand: those of the crate that a line is in, and of the crates beside it that it depends on by path.
//!
//! Files are read as text, and parsed only when something in them is asked for.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::code::{Function, Struct};
use super::items::{Items, items};
use super::memo::Memo;
use super::names::{Home, Name, modules};

/// The files that belong together.
pub(super) struct Shelf {
    /// Each with whether it is of the crate itself.
    files: Vec<(Arc<Source>, bool)>,
    numbers: HashMap<Arc<str>, usize>,
    /// Which files declare a function or a type of that name.
    declared: HashMap<String, Vec<usize>>,
    /// Which files are a module of that name, by itself.
    pub(super) modules: HashMap<String, Vec<usize>>,
    /// The names of the crates that the files are of.
    pub(super) crates: HashSet<String>,
    /// What names stand for.
    pub(super) homes: Memo<Name, Home>,
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
        let mut crates = HashSet::new();
        if let Some(package) = file.ancestors().skip(1).find(|folder| folder.join("Cargo.toml").is_file()) {
            collect(&package.join("src"), &mut own);
            crates.extend(crate_name(package));
            for dependency in path_dependencies(package) {
                collect(&dependency.join("src"), &mut beside);
                crates.extend(crate_name(&dependency));
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
            for name in ["fn ", "struct ", "enum ", "trait ", "type "]
                .into_iter()
                .flat_map(|word| names_after(&file.text, word))
            {
                let places = declared.entry(name.to_owned()).or_default();
                if places.last() != Some(&number) && !places.contains(&number) {
                    places.push(number);
                }
            }
        }
        let numbers =
            files.iter().enumerate().map(|(number, (file, _))| (file.path.clone(), number)).collect();
        let mut by_module: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, (file, _)) in files.iter().enumerate() {
            if let Some(last) = modules(&file.path).last() {
                by_module.entry((*last).to_owned()).or_default().push(number);
            }
        }
        Self { files, numbers, declared, modules: by_module, crates, homes: Memo::new() }
    }

    pub(super) fn path(&self, number: usize) -> &str {
        &self.files[number].0.path
    }

    pub(super) fn number(&self, file: &str) -> Option<usize> {
        self.numbers.get(file).copied()
    }

    pub(super) fn items(&self, number: usize) -> &Items {
        self.files[number].0.items()
    }

    /// The functions of a file.
    pub(super) fn functions_in(&self, file: &str) -> &[Arc<Function>] {
        self.numbers.get(file).map_or(&[], |&number| &self.items(number).functions)
    }

    /// The files that declare something of that name, the nearest to one of them first, and whether it is the same,
    /// of the same crate, or of another.
    pub(super) fn declaring(&self, name: &str, near: &str) -> Vec<(usize, u8)> {
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

    fn of_name<'a>(&'a self, name: &'a str, near: &str) -> impl Iterator<Item = (&'a Arc<Function>, u8)> {
        let files = self.declaring(name, near).into_iter();
        files.flat_map(move |(file, distance)| {
            let named = self.items(file).functions.iter().filter(move |function| function.name == name);
            named.map(move |function| (function, distance))
        })
    }

    /// The functions of a type, as a file sees them: those of a trait only if that is in scope there, and only if the
    /// type has none of that name itself.
    pub(super) fn functions_of(&self, owner: &Name, name: &str, near: &Arc<str>) -> Vec<Arc<Function>> {
        let home = self.home(owner);
        let is_of = |function: &Function| function.owner.as_ref().is_some_and(|of| self.home(of).is(&home));
        let found = self.of_name(name, near).map(|(function, _)| function);
        let mut found: Vec<_> = found.filter(|function| is_of(function)).cloned().collect();
        self.keep_seen(&mut found, near);
        if found.iter().any(|function| function.of_trait.is_none()) {
            found.retain(|function| function.of_trait.is_none());
        }
        found
    }

    /// The methods of that name of any type, as a file sees them. Those of its crate hide all others.
    pub(super) fn methods(&self, name: &str, near: &Arc<str>) -> Vec<Arc<Function>> {
        let methods: Vec<_> =
            self.of_name(name, near).filter(|(function, _)| function.owner.is_some()).collect();
        let is_own = methods.iter().any(|&(_, distance)| distance < 2);
        let found = methods.into_iter().filter(|&(_, distance)| !is_own || distance < 2);
        let mut found = found.map(|(function, _)| function.clone()).collect();
        self.keep_seen(&mut found, near);
        found
    }

    fn keep_seen(&self, found: &mut Vec<Arc<Function>>, near: &Arc<str>) {
        found.retain(|function| function.of_trait.as_ref().is_none_or(|of| self.is_in_scope(of, near)));
    }

    /// The functions that a name stands for which are no methods.
    pub(super) fn free_functions(&self, name: &Name) -> Vec<Arc<Function>> {
        let Home::Here(file, name) = self.home(name) else { return Vec::new() };
        let functions = self.items(file).functions.iter();
        let is_it = |f: &&Arc<Function>| f.name == *name && f.owner.is_none() && f.of_trait.is_none();
        functions.filter(is_it).cloned().collect()
    }

    /// The type of that name, if it is declared here.
    pub(super) fn structure(&self, name: &Name) -> Option<&Struct> {
        let Home::Here(file, name) = self.home(name) else { return None };
        self.items(file).structs.iter().find(|found| found.name == *name)
    }

    /// One kind of a type that has several.
    pub(super) fn variant(&self, of: &Name, name: &Name) -> Option<&Struct> {
        let Home::Here(file, of) = self.home(of) else { return None };
        let last = name.last();
        let is_it = |found: &&Struct| match found.name.split_once("::") {
            Some((whole, kind)) => whole == &*of && kind == last,
            None => false,
        };
        self.items(file).structs.iter().find(is_it)
    }

    /// Whether a type is declared here.
    pub(super) fn declares(&self, name: &Name) -> bool {
        !self.home(name).is_foreign()
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

/// The name of a package, as its code is imported.
fn crate_name(package: &Path) -> Option<String> {
    let manifest = fs::read_to_string(package.join("Cargo.toml")).ok()?;
    let package = manifest.split_once("[package]")?.1;
    let name = package.lines().find_map(|line| line.strip_prefix("name")?.trim().strip_prefix('='))?;
    Some(name.trim().trim_matches('"').replace('-', "_"))
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
