//! Groups by the paths of parameters, where there are no spans.
//!
//! An operation with parameters belongs to the module that holds them. One without belongs to the innermost module
//! that holds the operations before and after it: the activation between two layers of a network is the network's.

use super::tree::{ItemId, Tree, What};
use super::wiring::Wiring;
use crate::program::Program;

type Path = Vec<String>;

/// Groups the children of every scope that holds no other scope.
pub(super) fn recognise(program: &Program, wiring: &Wiring, tree: &mut Tree) {
    let modules: Vec<Path> = program
        .parameters()
        .map(|parameter| parameter.paths.first().map(|path| module(path)).unwrap_or_default())
        .collect();
    let scopes: Vec<ItemId> = (0..tree.items.len())
        .filter(|&id| matches!(tree.items[id].what, What::Scope(_)))
        .filter(|&id| {
            let child = |&child: &ItemId| matches!(tree.items[child].what, What::Scope(_));
            !tree.items[id].children.iter().any(child)
        })
        .collect();
    for scope in scopes {
        let units = tree.items[scope].children.clone();
        let owners: Vec<Option<Path>> =
            units.iter().map(|&unit| owner(wiring, tree, &modules, unit)).collect();
        let follows: Vec<bool> = units.iter().map(|&unit| follows(program, tree, unit)).collect();
        let mut paths = fill(&owners, &follows);
        strip_common(&mut paths, &owners);
        let units: Vec<_> = units.into_iter().zip(paths).collect();
        nest(tree, scope, &units, 0);
    }
}

/// The path of the module that holds a parameter, with the numbers of a list joined to its name.
fn module(path: &str) -> Path {
    let mut parts: Path = Vec::new();
    for part in path.split('.') {
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

fn is_number(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a part is an element of a list.
fn is_numbered(part: &str) -> bool {
    is_number(part) || part.contains('.')
}

fn common(a: &[String], b: &[String]) -> Path {
    a.iter().zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a.clone()).collect()
}

/// The module that holds all parameters which the unit reads directly.
fn owner(wiring: &Wiring, tree: &Tree, modules: &[Path], unit: ItemId) -> Option<Path> {
    let operations = tree.operations(unit);
    let read = operations.iter().flat_map(|&number| wiring.parameters(number));
    read.map(|parameter| modules[parameter].clone()).reduce(|a, b| common(&a, &b))
}

/// Whether the unit is an operation that commonly ends a block: an activation, a pooling.
fn follows(program: &Program, tree: &Tree, unit: ItemId) -> bool {
    match tree.items[unit].what {
        What::Operation(number) => {
            let operation = program.operation(number);
            operation.is_activation() || operation.kind.contains("pool")
        }
        _ => false,
    }
}

/// Gives the units without parameters their place between those before and after. Between two blocks of a list, what
/// ends a block belongs to the one before.
fn fill(owners: &[Option<Path>], follows: &[bool]) -> Vec<Path> {
    let mut next: Vec<Option<&Path>> = vec![None; owners.len()];
    let mut seen = None;
    for (place, owner) in owners.iter().enumerate().rev() {
        next[place] = seen;
        seen = owner.as_ref().or(seen);
    }
    let nothing = Path::new();
    let mut before: Option<&Path> = None;
    // Whether nothing but ends of a block came since the last unit with parameters.
    let mut ending = false;
    let mut paths = Vec::with_capacity(owners.len());
    for ((owner, next), &follows) in owners.iter().zip(next).zip(follows) {
        ending = owner.is_some() || (ending && follows);
        paths.push(match (owner, before) {
            (Some(own), _) => own.clone(),
            (None, None) => Path::new(),
            (None, Some(before)) => {
                let mut shared = common(before, next.unwrap_or(&nothing));
                let blocks = before[shared.len()..].iter().take_while(|part| ending && is_numbered(part));
                shared.extend(blocks.cloned());
                shared
            }
        });
        before = owner.as_ref().or(before);
    }
    paths
}

/// A part that all paths share tells nothing.
fn strip_common(paths: &mut [Path], owners: &[Option<Path>]) {
    let shared = owners.iter().flatten().cloned().reduce(|a, b| common(&a, &b)).unwrap_or_default().len();
    for path in paths {
        path.drain(..shared.min(path.len()));
    }
}

/// Makes an item of every run of at least two units in the same module, and goes on inside.
fn nest(tree: &mut Tree, parent: ItemId, units: &[(ItemId, Path)], depth: usize) {
    for run in units.chunk_by(|a, b| a.1.get(depth).is_some() && a.1.get(depth) == b.1.get(depth)) {
        let Some(name) = run[0].1.get(depth).filter(|_| run.len() > 1) else { continue };
        if run.len() == units.len() {
            return nest(tree, parent, run, depth + 1);
        }
        let members: Vec<_> = run.iter().map(|(unit, _)| *unit).collect();
        let name = if is_number(name) { "block" } else { name.split('.').next().unwrap_or(name) }.to_owned();
        let group = tree.adopt(parent, What::Module, &name, &members);
        nest(tree, group, run, depth + 1);
    }
}
