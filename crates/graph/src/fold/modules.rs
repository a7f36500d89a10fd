//! The modules that hold the parameters which operations read.

use super::tree::{ItemId, Tree, What};
use super::wiring::Wiring;
use crate::captured::Captured;

/// Where a module is: `["encoder", "layers.0", "norm"]`. The numbers of a list are joined to its name.
pub(super) type Path = Vec<String>;

/// The module of each parameter.
pub(super) struct Modules<'a> {
    pub(super) wiring: &'a Wiring,
    paths: Vec<Path>,
    ranks: Vec<usize>,
}

impl<'a> Modules<'a> {
    pub(super) fn new(captured: &Captured, wiring: &'a Wiring) -> Self {
        let module = |paths: &[String]| paths.first().map(|path| module(path)).unwrap_or_default();
        let paths = captured.parameters().map(|parameter| module(&parameter.paths)).collect();
        let ranks = captured.parameters().map(|parameter| parameter.tensor.axes.len()).collect();
        Self { wiring, paths, ranks }
    }

    /// The module that holds a parameter.
    pub(super) fn path(&self, parameter: usize) -> &Path {
        &self.paths[parameter]
    }

    /// The number of a parameter's axes.
    pub(super) fn rank(&self, parameter: usize) -> usize {
        self.ranks[parameter]
    }

    /// The parameters that an item reads directly, each once.
    pub(super) fn parameters(&self, tree: &Tree, item: ItemId) -> Vec<usize> {
        let operations = tree.operations(item);
        let mut read: Vec<usize> = operations.iter().flat_map(|&n| self.wiring.parameters(n)).collect();
        read.sort_unstable();
        read.dedup();
        read
    }

    pub(super) fn has_parameters(&self, tree: &Tree, item: ItemId) -> bool {
        tree.operations(item).iter().any(|&number| self.wiring.parameters(number).next().is_some())
    }

    /// The module that holds all parameters that an item reads directly.
    pub(super) fn owner(&self, tree: &Tree, item: ItemId) -> Option<Path> {
        self.common(&self.parameters(tree, item))
    }

    /// The module that holds all those parameters.
    pub(super) fn common(&self, parameters: &[usize]) -> Option<Path> {
        parameters.iter().map(|&parameter| self.paths[parameter].clone()).reduce(|a, b| common(&a, &b))
    }

    /// What to call a group of items that is repeated, from two copies of it.
    pub(super) fn name_of(&self, tree: &Tree, one: &[ItemId], other: &[ItemId]) -> String {
        let read = |items: &[ItemId]| -> Vec<usize> {
            items.iter().flat_map(|&item| self.parameters(tree, item)).collect()
        };
        let scopes = |what: What| matches!(what, What::Scope(_) | What::Module);
        let mut named = one.iter().map(|&item| &tree.items[item]).filter(|item| scopes(item.what));
        let sole = named.next().filter(|_| named.next().is_none()).map(|item| item.name.clone());
        let (first, second) = (read(one), read(other));
        if first == second {
            // The same module, or none at all, again and again.
            return sole.unwrap_or_else(|| "step".to_owned());
        }
        let both: Vec<usize> = first.into_iter().chain(second).collect();
        let depth = self.common(&both).unwrap_or_default().len();
        let mut lists =
            both.iter().filter_map(|&parameter| self.paths[parameter].get(depth)).map(|p| list(p));
        let list = lists.next().filter(|&name| lists.all(|other| other == name));
        sole.or(list.map(str::to_owned)).unwrap_or_else(|| "block".to_owned())
    }
}

/// The path of the module that holds a parameter, with the numbers of a list joined to its name.
fn module(path: &str) -> Path {
    let mut parts: Path = Vec::new();
    for part in path.split('.').filter(|part| !is_variant(part)) {
        match parts.last_mut() {
            Some(list) if is_number(part) && !is_numbered(list) => {
                list.push('.');
                list.push_str(part);
            }
            _ => parts.push(part.to_owned()),
        }
    }
    parts.pop();
    parts
}

/// Whether a part is the variant of an enum that a field holds, such as `Basic` in `blocks.0.Basic.conv`: the module is the
/// field.
pub(super) fn is_variant(part: &str) -> bool {
    part.starts_with(|c: char| c.is_uppercase())
}

fn is_number(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a part is an element of a list.
pub(super) fn is_numbered(part: &str) -> bool {
    is_number(part) || part.contains('.')
}

/// What the list is called that a part is an element of; its own name if it is in none.
pub(super) fn list(part: &str) -> &str {
    let list = part.split_once('.').map_or(part, |(list, _)| list);
    if is_number(list) { "block" } else { list }
}

/// The number of a part in its list.
pub(super) fn number(part: &str) -> Option<usize> {
    part.rsplit('.').next().filter(|_| is_numbered(part))?.parse().ok()
}

pub(super) fn common(a: &[String], b: &[String]) -> Path {
    a.iter().zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a.clone()).collect()
}

/// Gives the units without parameters their place between those before and after.
pub(super) fn fill(placed: &[Option<Path>]) -> Vec<Path> {
    let mut next: Vec<Option<&Path>> = vec![None; placed.len()];
    let mut seen = None;
    for (place, path) in placed.iter().enumerate().rev() {
        next[place] = seen;
        seen = path.as_ref().or(seen);
    }
    let mut before: Option<&Path> = None;
    let mut paths = Vec::with_capacity(placed.len());
    for (path, next) in placed.iter().zip(next) {
        paths.push(match (path, before, next) {
            (Some(own), ..) => own.clone(),
            (None, Some(before), Some(next)) => common(before, next),
            (None, ..) => Path::new(),
        });
        before = path.as_ref().or(before);
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_a_list_are_called_by_it_however_often_they_are_called() {
        let parts = ["layers.3", "3", "layers", "critic.call1", "1.call1"];
        assert_eq!(parts.map(list), ["layers", "block", "layers", "critic", "block"]);
    }
}
