//! From what is written to what is meant: `super::`, renamed imports and re-exports lead to the module that has the name.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{self, Names, Written};
use super::source::Source;

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Something in a module of the workspace.
    Inside { krate: String, module: Vec<String>, rest: Vec<String> },
    /// Something of another crate.
    Outside(Vec<String>),
}

/// A path in a file, and what it leads to.
#[derive(Debug)]
pub(crate) struct Mention {
    /// Index of the source file.
    pub(crate) source: usize,
    pub(crate) written: Written,
    pub(crate) place: Place,
}

/// All modules of all crates.
#[derive(Default)]
pub(crate) struct Modules {
    crates: BTreeMap<String, BTreeMap<Vec<String>, Names>>,
    /// The file in which a module begins.
    files: BTreeMap<(String, Vec<String>), String>,
    /// Those that only tests compile.
    tests: BTreeSet<(String, Vec<String>)>,
}

/// How many imports may lead from one to the next.
const DEPTH: usize = 12;

/// Reads all sources, and resolves every path in them.
pub(crate) fn mentions(sources: &[Source]) -> (Modules, Vec<Mention>) {
    let files: Vec<read::File> = sources.iter().map(read::read).collect();
    let mut modules = Modules::default();
    let libraries: BTreeSet<&str> = sources.iter().filter(|s| is_library(s)).map(|s| &s.krate[..]).collect();
    let tree = |source: &Source| {
        let own = source.beside || source.is_main() && libraries.contains(&source.krate[..]);
        if own { format!("{} ({})", source.krate, source.file) } else { source.krate.clone() }
    };
    let mut written = Vec::new();
    for (index, (source, file)) in sources.iter().zip(files).enumerate() {
        let tree = tree(source);
        // A folder is a module, whatever declares it.
        for length in 0..source.module.len() {
            let tree = modules.crates.entry(tree.clone()).or_default();
            tree.entry(source.module[..length].to_vec()).or_default();
        }
        for (module, names) in file.modules {
            modules.files.entry((tree.clone(), module.clone())).or_insert_with(|| source.file.clone());
            modules.crates.entry(tree.clone()).or_default().insert(module, names);
        }
        modules.tests.extend(file.tests.into_iter().map(|module| (tree.clone(), module)));
        written.extend(file.written.into_iter().map(|path| (index, tree.clone(), path)));
    }
    let resolved = written.into_iter().map(|(source, tree, mut written)| {
        written.test |= modules.is_test(&tree, &written.module);
        let place = modules.place(&tree, &written.module, &written.segments, None, DEPTH);
        Mention { source, written, place }
    });
    let resolved = resolved.collect();
    (modules, resolved)
}

fn is_library(source: &Source) -> bool {
    !source.beside && source.module.is_empty() && !source.is_main()
}

impl Modules {
    /// The file in which a module of a crate begins.
    pub(crate) fn file(&self, krate: &str, module: &[String]) -> &str {
        let key = (krate.to_owned(), module.to_vec());
        self.files.get(&key).map_or("an unknown file", String::as_str)
    }

    /// Whether only tests compile a module.
    pub(crate) fn is_test(&self, krate: &str, module: &[String]) -> bool {
        let up_to = |length| self.tests.contains(&(krate.to_owned(), module[..length].to_vec()));
        (1..=module.len()).any(up_to)
    }

    /// What a path means that stands in this module. `hidden` is a name that an import doesn't mean by itself.
    fn place(
        &self,
        krate: &str,
        module: &[String],
        path: &[String],
        hidden: Option<&str>,
        depth: usize,
    ) -> Place {
        let mut at = module.to_vec();
        let mut rest = path;
        match path.first().map(String::as_str) {
            Some("crate") => (at, rest) = (vec![], &path[1..]),
            Some("self" | "super") => {
                while let [first, after @ ..] = rest
                    && ["self", "super"].contains(&&first[..])
                {
                    if first == "super" {
                        at.pop();
                    }
                    rest = after;
                }
            }
            Some("") => return self.other_crate(&path[1..], depth),
            Some(name) if hidden != Some(name) && depth > 0 => {
                let found = self.named(krate, module, name, depth);
                if found.is_none() {
                    return self.other_crate(path, depth);
                }
            }
            _ => return self.other_crate(path, depth),
        }
        self.descend(krate, at, rest, depth)
    }

    /// A path whose first name is that of a crate.
    fn other_crate(&self, path: &[String], depth: usize) -> Place {
        match path.first() {
            Some(krate) if self.crates.contains_key(krate) => self.descend(krate, vec![], &path[1..], depth),
            _ => Place::Outside(path.to_vec()),
        }
    }

    fn descend(&self, krate: &str, mut at: Vec<String>, mut rest: &[String], depth: usize) -> Place {
        while let [name, after @ ..] = rest {
            match self.named(krate, &at, name, depth) {
                Some(Named::Module) => at.push(name.clone()),
                Some(Named::Alias { from, path }) if depth > 0 => {
                    let path = [&path[..], after].concat();
                    return self.place(krate, &from, &path, Some(name), depth - 1);
                }
                Some(Named::Elsewhere { krate, module }) if depth > 0 => {
                    return self.descend(&krate, module, rest, depth - 1);
                }
                _ => break,
            }
            rest = after;
        }
        Place::Inside { krate: krate.to_owned(), module: at, rest: rest.to_vec() }
    }

    /// What a name is in a module.
    fn named(&self, krate: &str, module: &[String], name: &str, depth: usize) -> Option<Named> {
        let tree = self.crates.get(krate)?;
        if tree.contains_key(&[module, &[name.to_owned()]].concat()) {
            return Some(Named::Module);
        }
        let names = tree.get(module)?;
        if names.defined.iter().any(|defined| defined == name) {
            return Some(Named::Defined);
        }
        if let Some(path) = names.aliases.get(name) {
            return Some(Named::Alias { from: module.to_vec(), path: path.clone() });
        }
        let through = |glob: &Vec<String>| {
            let place = self.place(krate, module, glob, Some(name), depth.checked_sub(1)?);
            let Place::Inside { krate, module, .. } = place else { return None };
            self.named(&krate, &module, name, depth - 1).map(|_| Named::Elsewhere { krate, module })
        };
        names.globs.iter().find_map(through)
    }
}

enum Named {
    Module,
    Defined,
    /// Brought by a `use` of the module `from`.
    Alias {
        from: Vec<String>,
        path: Vec<String>,
    },
    /// Brought by a glob.
    Elsewhere {
        krate: String,
        module: Vec<String>,
    },
}
