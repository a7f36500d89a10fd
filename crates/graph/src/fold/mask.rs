//! Operations that only make masks.

use super::attention::attention;
use super::cone::are_free;
use super::pattern::Pattern;
use super::softmax;
use super::tree::Tree;
use super::wiring::Wiring;
use crate::captured::{Captured, Place};

/// Groups what makes one mask, where it makes it.
pub(super) fn recognise(captured: &Captured, wiring: &Wiring, tree: &mut Tree) {
    let making = making_masks(captured, wiring);
    let parent = |tree: &Tree, number: usize| tree.items[tree.leaves[number]].parent;
    // Connected parts, each within one scope: every operation joins the group of the first argument that has one.
    let mut group_of: Vec<Option<usize>> = vec![None; making.len()];
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let readied = readied(captured, wiring, &making);
    for number in (0..making.len()).filter(|&number| making[number] && !readied[number]) {
        let sources = (0..wiring.arguments[number].len()).filter_map(|slot| wiring.producer(number, slot));
        let mut joined: Vec<usize> = sources
            .filter(|&source| parent(tree, source) == parent(tree, number))
            .filter_map(|source| group_of[source])
            .collect();
        joined.sort_unstable();
        joined.dedup();
        let home = joined.first().copied().unwrap_or_else(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        for &other in joined.iter().skip(1) {
            let moved = std::mem::take(&mut groups[other]);
            moved.iter().for_each(|&member| group_of[member] = Some(home));
            groups[home].extend(moved);
        }
        group_of[number] = Some(home);
        groups[home].push(number);
    }
    for members in groups.iter().filter(|members| !members.is_empty()) {
        let whole = parent(tree, members[0]).is_some_and(|p| tree.items[p].children.len() <= members.len());
        if (members.len() > 1 || whole) && are_free(tree, members) {
            tree.group(wiring, Pattern::Mask, "mask", members);
        }
    }
    tree.masks = making;
}

/// For each operation: whether it only brings a mask, by itself or with others in a row, into the form in which one of
/// several readers takes it. That is the reader's.
fn readied(captured: &Captured, wiring: &Wiring, making: &[bool]) -> Vec<bool> {
    let mut moves = vec![false; making.len()];
    for number in (0..making.len()).rev() {
        let ends = |&user: &usize| !making[user] || moves[user];
        let operation = captured.operation(number);
        moves[number] = making[number]
            && operation.is_movement()
            && !operation.joins()
            && wiring.users[number].iter().all(ends);
    }
    let mut readied = vec![false; making.len()];
    for number in (0..making.len()).filter(|&number| moves[number]) {
        readied[number] = wiring
            .producer(number, 0)
            .is_some_and(|source| readied[source] || (making[source] && wiring.users[source].len() > 1));
    }
    readied
}

/// For each operation: whether its results are read as masks only, directly or through other such operations.
fn making_masks(captured: &Captured, wiring: &Wiring) -> Vec<bool> {
    let n = captured.operation_count();
    // Sums between the scores and the softmax take a mask of zeros and minus infinities.
    let mut additive = vec![false; n];
    for softmax in softmax::find(captured, wiring) {
        let members = attention(captured, wiring, &softmax).unwrap_or_default();
        for member in members.into_iter().filter(|member| !softmax.members.contains(member)) {
            additive[member] = captured.operation(member).kind == "add";
        }
    }
    let mut making = vec![false; n];
    for number in (0..n).rev() {
        let as_mask = |&user: &usize| {
            let slot = wiring.arguments[user]
                .iter()
                .rposition(|argument| matches!(argument.place, Place::Operation(source) if source == number));
            match captured.operation(user).kind.as_str() {
                "mask_fill" | "mask_where" => slot == Some(1) || making[user],
                "attention" => slot.is_some_and(|slot| slot >= 3),
                _ => making[user] || additive[user],
            }
        };
        making[number] = !wiring.trained[number]
            && !wiring.users[number].is_empty()
            && wiring.users[number].iter().all(as_mask);
    }
    making
}
