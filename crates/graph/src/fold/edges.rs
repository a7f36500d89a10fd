//! What stands at the edges of a block: operations without parameters that belong to it all the same, such as the sum
//! that ends a residual block and the activation after it.

use super::flow::{Block, Flow, Lists};
use super::modules::{Modules, Path, is_numbered, list};
use super::{early, joins, kin};

/// Gives children without parameters the module that they belong to, where the data or what else is of its kind says
/// so. Says too which children belong before which others: they were made long before.
pub(super) fn place(
    flow: &Flow<'_>,
    modules: &Modules<'_>,
    placed: &mut [Option<Path>],
) -> Vec<(usize, usize)> {
    let mut early = Vec::new();
    let mut known = kin::Ends::new();
    let deepest = placed.iter().flatten().map(Vec::len).max().unwrap_or(0);
    for depth in (1..=deepest).rev() {
        kin::place(flow, modules, blocks(flow, placed, depth), &mut known, placed);
        for blocks in lists(flow, placed, depth).into_values() {
            place_ends(flow, &blocks, placed);
        }
        for blocks in lists(flow, placed, depth).into_values().filter(|blocks| blocks.len() > 1) {
            place_heads(flow, &blocks, placed);
        }
        early.extend(early::place(flow, lists(flow, placed, depth), placed));
    }
    joins::place(flow, placed);
    (1..=deepest).for_each(|depth| part(flow, depth, placed));
    early
}

/// Calls of one module that have nothing to do with each other stand apart, as if they were of two: what is between them is
/// in neither.
fn part(flow: &Flow<'_>, depth: usize, placed: &mut [Option<Path>]) {
    let units: Vec<usize> = (0..placed.len()).filter(|&unit| placed[unit].is_some()).collect();
    let mut apart: Vec<(usize, usize)> = Vec::new();
    {
        let prefix = |unit: usize| placed[unit].as_ref().and_then(|path| path.get(..depth));
        for stretch in units.chunk_by(|&a, &b| prefix(a) == prefix(b)).filter(|s| prefix(s[0]).is_some()) {
            let calls = flow.calls(stretch);
            let mut number = 0;
            for pair in calls.windows(2) {
                number += usize::from(!flow.follows(pair[0], pair[1]));
                apart.extend(pair[1].iter().map(|&unit| (unit, number)));
            }
        }
    }
    for (unit, number) in apart.into_iter().filter(|&(_, number)| number > 0) {
        if let Some(part) = placed[unit].as_mut().and_then(|path| path.get_mut(depth - 1)) {
            // What comes after a dot is no part of the name.
            part.push_str(&format!(".call{number}"));
        }
    }
}

/// The stretches of children whose paths are so long, parted where their module is called again. Says of each whether it
/// is.
fn calls(flow: &Flow<'_>, placed: &[Option<Path>], depth: usize) -> Vec<(Block, bool)> {
    let units: Vec<usize> = (0..placed.len()).filter(|&unit| placed[unit].is_some()).collect();
    let prefix = |unit: usize| placed[unit].as_ref().and_then(|path| path.get(..depth));
    let mut found = Vec::new();
    for stretch in units.chunk_by(|&a, &b| prefix(a) == prefix(b)) {
        let Some(path) = prefix(stretch[0]) else { continue };
        let calls = flow.calls(stretch);
        let again = calls.len() > 1;
        let block =
            |call: &[usize]| Block { first: call[0], last: call[call.len() - 1], path: path.to_vec() };
        found.extend(calls.into_iter().map(|call| (block(call), again)));
    }
    found
}

fn blocks(flow: &Flow<'_>, placed: &[Option<Path>], depth: usize) -> Vec<Block> {
    calls(flow, placed, depth).into_iter().map(|(block, _)| block).collect()
}

/// The blocks whose paths are so long, by list.
fn lists(flow: &Flow<'_>, placed: &[Option<Path>], depth: usize) -> Lists {
    let mut lists = Lists::new();
    for (block, again) in calls(flow, placed, depth) {
        let own = &block.path[depth - 1];
        if again || is_numbered(own) {
            let key = (block.path[..depth - 1].to_vec(), list(own).to_owned());
            lists.entry(key).or_default().push(block);
        }
    }
    lists
}

/// A sum of what a block gives out and what it reads is its end; so is an activation after it, and whatever all blocks
/// of the list have after them.
fn place_ends(flow: &Flow<'_>, blocks: &[Block], placed: &mut [Option<Path>]) {
    let after: Vec<_> = blocks.iter().map(|block| flow.after(block, placed)).collect();
    let rest = |(tail, joined): &(Vec<usize>, usize)| -> Vec<String> {
        tail[*joined..].iter().map(|&unit| flow.kind(unit).to_owned()).collect()
    };
    let shared = match blocks {
        [_] => after[0].0[after[0].1..].iter().take_while(|&&unit| flow.is_end(unit)).count(),
        _ => after.iter().map(rest).reduce(shorter).map_or(0, |kinds| kinds.len()),
    };
    // Two calls may have the same loss after them, and that is not of the module.
    let shared = match is_apart(flow, blocks) {
        true => after[0].0[after[0].1..].iter().take(shared).take_while(|&&unit| flow.is_end(unit)).count(),
        false => shared,
    };
    for (block, (tail, joined)) in blocks.iter().zip(&after) {
        let last = joined.checked_sub(1).map_or(block.last, |last| tail[last]);
        let count = joined + shared.max(flow.activations(last, &tail[*joined..]));
        tail[..count].iter().for_each(|&unit| placed[unit] = Some(block.path.clone()));
    }
}

/// Whether these are calls of one module that don't go on with what the one before gave.
fn is_apart(flow: &Flow<'_>, blocks: &[Block]) -> bool {
    let units = |block: &Block| (block.first..=block.last).collect::<Vec<_>>();
    let is_apart =
        |pair: &[Block]| pair[0].path == pair[1].path && !flow.follows(&units(&pair[0]), &units(&pair[1]));
    blocks.windows(2).any(is_apart)
}

/// What all blocks of a list have before them, and nothing else reads.
fn place_heads(flow: &Flow<'_>, blocks: &[Block], placed: &mut [Option<Path>]) {
    let before: Vec<Vec<usize>> = blocks.iter().map(|block| flow.before(block, placed)).collect();
    let kinds = |heads: &Vec<usize>| -> Vec<String> {
        heads.iter().map(|&unit| flow.kind(unit).to_owned()).collect()
    };
    let shared = before.iter().map(kinds).reduce(shorter).map_or(0, |kinds| kinds.len());
    for (block, heads) in blocks.iter().zip(&before) {
        heads[..shared].iter().for_each(|&unit| placed[unit] = Some(block.path.clone()));
    }
}

/// What both begin with.
fn shorter(a: Vec<String>, b: Vec<String>) -> Vec<String> {
    a.into_iter().zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}
