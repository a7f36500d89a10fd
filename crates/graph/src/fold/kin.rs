//! Modules that hold the same parameters are of one kind. An activation or a pooling that all of them have after them is
//! theirs: a convolution with its norm and its activation is one module, wherever it stands.

use std::collections::{BTreeMap, BTreeSet};

use super::flow::{Block, Flow};
use super::modules::{Modules, Path, list};

/// The parameters of a module, as it calls them: where they are in it, and their numbers of axes.
type Holds = Vec<(Path, usize)>;

/// What ends the modules of a kind, as far as it is known.
pub(super) type Ends = BTreeMap<Holds, Vec<String>>;

/// Gives what ends all modules of a kind its place in them. `blocks` are the calls of modules of one depth. What is found
/// is `known` to those that stand alone at another depth.
pub(super) fn place(
    flow: &Flow<'_>,
    modules: &Modules<'_>,
    blocks: Vec<Block>,
    known: &mut Ends,
    placed: &mut [Option<Path>],
) {
    let mut kinds: BTreeMap<Holds, Vec<Block>> = BTreeMap::new();
    for block in blocks {
        let holds = holds(flow, modules, &block, placed);
        // A layer alone has no activation in it.
        let parts = holds.iter().map(|(path, _)| path).collect::<BTreeSet<_>>();
        if parts.len() > 1 && parts.iter().all(|path| !path.is_empty()) {
            kinds.entry(holds).or_default().push(block);
        }
    }
    for (holds, kind) in kinds {
        let ends = known.get(&holds).filter(|_| kind.len() == 1);
        if ends.is_some_and(|ends| place_known(flow, &kind, ends, placed)) {
            continue;
        }
        let ends = place_ends(flow, &kind, placed);
        if !ends.is_empty() {
            known.insert(holds, ends);
        } else {
            // Of those that are built alike, those of one name may still be used alike.
            let mut named: BTreeMap<String, Vec<Block>> = BTreeMap::new();
            for block in kind {
                named.entry(stem(&block.path)).or_default().push(block);
            }
            named.into_values().for_each(|kind| _ = place_ends(flow, &kind, placed));
        }
    }
}

/// Says whether all of them end like those of their kind at another depth.
fn place_known(flow: &Flow<'_>, kind: &[Block], known: &[String], placed: &mut [Option<Path>]) -> bool {
    let ends: Vec<Vec<usize>> = kind.iter().map(|block| flow.ends(block.last, placed)).collect();
    let fits = |ends: &Vec<usize>| {
        let mut kinds = ends.iter().map(|&unit| flow.kind(unit));
        known.iter().all(|kind| kinds.next() == Some(kind.as_str()))
    };
    let all = ends.iter().all(fits);
    for (block, ends) in kind.iter().zip(&ends).filter(|_| all) {
        ends[..known.len()].iter().for_each(|&unit| placed[unit] = Some(block.path.clone()));
    }
    all
}

/// Says what it was.
fn place_ends(flow: &Flow<'_>, kind: &[Block], placed: &mut [Option<Path>]) -> Vec<String> {
    if kind.len() < 2 {
        return Vec::new();
    }
    let ends: Vec<Vec<usize>> = kind.iter().map(|block| flow.ends(block.last, placed)).collect();
    let kinds = |ends: &Vec<usize>| ends.iter().map(|&unit| flow.kind(unit)).collect::<Vec<_>>();
    let alike =
        |a: Vec<_>, b: Vec<_>| a.into_iter().zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    let shared = ends.iter().map(kinds).reduce(alike).map_or(0, |kinds: Vec<&str>| kinds.len());
    for (block, ends) in kind.iter().zip(&ends) {
        ends[..shared].iter().for_each(|&unit| placed[unit] = Some(block.path.clone()));
    }
    ends[0][..shared].iter().map(|&unit| flow.kind(unit).to_owned()).collect()
}

fn holds(flow: &Flow<'_>, modules: &Modules<'_>, block: &Block, placed: &[Option<Path>]) -> Holds {
    let inside = |unit: &usize| placed[*unit].as_ref().is_some_and(|path| path.starts_with(&block.path));
    let read = (block.first..=block.last).filter(inside).flat_map(|unit| &flow.weights[unit]);
    let own = read.filter_map(|&parameter| {
        let path = modules.path(parameter).strip_prefix(block.path.as_slice())?;
        Some((path.to_vec(), modules.rank(parameter)))
    });
    let mut holds: Holds = own.collect();
    holds.sort_unstable();
    holds.dedup();
    holds
}

/// What a module is called without the number that tells it from others of its kind: `conv` for `conv2`.
fn stem(path: &Path) -> String {
    let name = path.last().map_or("", |name| list(name));
    name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_').to_owned()
}
