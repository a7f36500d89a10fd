//! What a name in a file stands for: through the file's own items, its `use`, and the modules that these lead to.

use std::sync::Arc;

use super::library::Shelf;
use super::names::{Home, Name, last, modules};

/// Names that lead to names lead no further than that.
const FARTHEST: usize = 8;
/// A module whose names are all imported counts for so many.
const BY_GLOB: usize = 3;
/// The beginnings of paths within a crate.
const WITHIN: [&str; 3] = ["crate", "self", "super"];

impl Shelf {
    /// What a name stands for.
    pub(super) fn home(&self, name: &Name) -> Home {
        self.homes.get(name.clone(), |name| match self.number(&name.file) {
            Some(file) => self.resolve(&name.path, file, 0),
            None => Home::Foreign(name.path.clone()),
        })
    }

    /// A name with its whole path, if it is that of something foreign.
    pub(super) fn full(&self, name: &Name) -> Name {
        match self.home(name) {
            Home::Here(..) => name.clone(),
            Home::Foreign(path) => Name { path, file: name.file.clone() },
        }
    }

    /// Whether a trait's methods can be called in a file: it is declared, imported or bound there. Traits of other crates
    /// are taken for imported.
    pub(super) fn is_in_scope(&self, of_trait: &Name, file: &Arc<str>) -> bool {
        let home = self.home(of_trait);
        let Home::Here(declared_in, name) = &home else { return true };
        let Some(number) = self.number(file) else { return false };
        let items = self.items(number);
        let leads_there = |path: &str| self.resolve(path, number, 0) == home;
        number == *declared_in
            || items.uses.values().any(|path| last(path) == &**name && leads_there(path))
            || items.bounds.iter().any(|path| leads_there(path))
            || items.globs.iter().any(|glob| self.in_glob(glob, name, number, 0) == Some(home.clone()))
    }

    fn resolve(&self, path: &str, file: usize, depth: usize) -> Home {
        let foreign = || Home::Foreign(path.into());
        if depth > FARTHEST {
            return foreign();
        }
        if path.contains("::") {
            return self.imported(path, file, depth);
        }
        let items = self.items(file);
        if let Some(of) = items.aliases.get(path).filter(|of| &***of != path) {
            return self.resolve(of, file, depth + 1);
        }
        if items.declares.contains(path) {
            return Home::Here(file, path.into());
        }
        if let Some(full) = items.uses.get(path) {
            return self.imported(full, file, depth);
        }
        let mut found = items.globs.iter().filter_map(|glob| self.in_glob(glob, path, file, depth));
        found.next().unwrap_or_else(foreign)
    }

    /// What a path that begins in a file leads to.
    fn imported(&self, path: &str, file: usize, depth: usize) -> Home {
        let found = match self.inside(path, file) {
            Some(inside) => self.search(&inside, file, depth),
            None => None,
        };
        found.unwrap_or_else(|| Home::Foreign(path.into()))
    }

    /// What a name is in the module of a `use module::*`, if it is there.
    fn in_glob(&self, glob: &str, name: &str, file: usize, depth: usize) -> Option<Home> {
        let inside = self.inside(glob, file)?;
        self.in_modules(&inside, name, file, depth + BY_GLOB)
    }

    /// A path without the crate that it begins in, if that is one of those at hand.
    fn inside(&self, path: &str, file: usize) -> Option<Vec<String>> {
        let items = self.items(file);
        let mut parts: Vec<String> = path.split("::").map(str::to_owned).collect();
        for _ in 0..FARTHEST {
            let first = parts.first()?.clone();
            let full = items.uses.get(&first).filter(|full| full.split("::").next() != Some(&first));
            let Some(full) = full else { break };
            parts.splice(..1, full.split("::").map(str::to_owned));
        }
        let first = parts.first()?.as_str();
        let is_within = |first: &str| WITHIN.contains(&first);
        let is_ours = is_within(first) || items.modules.contains(first);
        if !is_ours && self.crates.contains(first) {
            parts.remove(0);
        } else if !is_ours {
            return None;
        }
        parts.retain(|part| !is_within(part));
        Some(parts)
    }

    /// What is declared at the end of a path of modules.
    fn search(&self, path: &[String], near: usize, depth: usize) -> Option<Home> {
        let (name, wanted) = path.split_last()?;
        if let Some(found) = self.in_modules(wanted, name, near, depth + 1) {
            return Some(found);
        }
        // A file may be a module of another name, or stand in a file.
        let declaring = self.declaring(name, self.path(near)).into_iter().map(|(file, _)| file);
        let declaring = declaring.filter(|&file| self.items(file).declares.contains(name));
        let [file] = self.nearest(declaring, near)[..] else { return None };
        Some(self.resolve(name, file, depth + 1))
    }

    /// What a name is in the nearest module of that path.
    fn in_modules(&self, wanted: &[String], name: &str, near: usize, depth: usize) -> Option<Home> {
        let here = modules(self.path(near));
        let files: Vec<usize> = match wanted.last() {
            Some(last) => {
                let named = self.modules.get(last).into_iter().flatten().copied();
                named.filter(|&file| ends_with(&modules(self.path(file)), wanted)).collect()
            }
            // A module around this one.
            None => (1..=here.len())
                .filter_map(|end| Some((end, self.modules.get(here[end - 1])?)))
                .flat_map(|(end, files)| files.iter().map(move |&file| (end, file)))
                .filter(|&(end, file)| file != near && modules(self.path(file)) == here[..end])
                .map(|(_, file)| file)
                .chain([near])
                .collect(),
        };
        let found =
            files.into_iter().filter(|&file| file != near || self.items(file).declares.contains(name));
        let found: Vec<(usize, Home)> = found
            .map(|file| (file, self.resolve(name, file, depth)))
            .filter(|(_, home)| !home.is_foreign())
            .collect();
        let nearest = self.nearest(found.iter().map(|&(file, _)| file), near);
        let mut homes = found.into_iter().filter(|(file, _)| nearest.contains(file)).map(|(_, home)| home);
        let first = homes.next()?;
        homes.all(|home| home == first).then_some(first)
    }

    /// Those of some files that share most folders with another, in the fewest of their own.
    fn nearest(&self, files: impl Iterator<Item = usize>, near: usize) -> Vec<usize> {
        let here = modules(self.path(near));
        let rank = |file: usize| {
            let there = modules(self.path(file));
            let together = here.iter().zip(&there).take_while(|(a, b)| a == b).count();
            (together, std::cmp::Reverse(there.len()))
        };
        let mut ranked: Vec<_> = files.map(|file| (rank(file), file)).collect();
        let best = ranked.iter().map(|&(rank, _)| rank).max();
        ranked.retain(|&(rank, _)| Some(rank) == best);
        ranked.into_iter().map(|(_, file)| file).collect()
    }
}

fn ends_with(path: &[&str], end: &[String]) -> bool {
    path.len() >= end.len() && path[path.len() - end.len()..].iter().zip(end).all(|(a, b)| a == b)
}
