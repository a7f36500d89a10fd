//! Rotary position encoding: pairs of features are turned by an angle that grows with the position.
//!
//! Whatever its form, it is linear in the data: moves, signs, products with tables, and sums of these; and its tables are
//! made of sines and cosines.

use std::collections::HashSet;

use super::cone::{Cone, are_free, of_type, sizes};
use super::pattern::Pattern;
use super::tree::Tree;
use super::wiring::{Argument, Wiring};
use crate::captured::{Captured, Place};

/// No form of it takes more operations.
const LONGEST: usize = 24;
/// How far back a table's sines are looked for.
const TABLE: usize = 80;

/// Groups every rotation.
pub(super) fn recognise(captured: &Captured, wiring: &Wiring, tree: &mut Tree) {
    let kind = |number: usize| captured.operation(number).kind.as_str();
    // Sums first: the reshape behind one belongs to it only where it is needed.
    let sums = (0..captured.operation_count()).rev().filter(|&n| matches!(kind(n), "add" | "sub" | "cat"));
    let reshapes = (0..captured.operation_count()).rev().filter(|&n| kind(n) == "reshape");
    for root in sums.chain(reshapes) {
        let Some(members) = ending_at(captured, wiring, root) else { continue };
        if are_free(tree, &members) {
            tree.group(wiring, Pattern::Rotary, &Pattern::Rotary.key(), &members);
        }
    }
}

fn ending_at(captured: &Captured, wiring: &Wiring, root: usize) -> Option<Vec<usize>> {
    let shape = sizes(captured, root);
    let enters = |number: usize| {
        let operation = captured.operation(number);
        match operation.kind.as_str() {
            "add" | "sub" | "cat" | "neg" | "sum_dim" | "mul_scalar" => true,
            "mul" | "matmul" => table_of(wiring, number).is_some(),
            _ => operation.is_movement() && !operation.joins(),
        }
    };
    let follows = |number: usize, argument: Argument| table_of(wiring, number) != Some(argument);
    if wiring.is_constant(root) {
        return None;
    }
    let mut cone = Cone::new(captured, wiring, root, follows);
    while cone.members.len() < LONGEST && cone.step(enters, follows) {
        let whole = cone.source_type().is_some_and(|tensor| of_type(tensor) == shape);
        if whole && turns(captured, wiring, &cone) {
            let mut members = cone.list();
            members.extend(own_moves(captured, wiring, &cone));
            members.extend(reshapes(captured, wiring, &cone).into_iter().flatten());
            return cone.is_private().then_some(members);
        }
    }
    None
}

/// The argument of a product that is no data: it depends on no parameter, and the other one on more.
fn table_of(wiring: &Wiring, number: usize) -> Option<Argument> {
    let &[a, b] = wiring.arguments[number].as_slice() else { return None };
    // 0: known at the start; 1: of an input; 2: of a parameter.
    let weight = |argument: Argument| match argument.place {
        Place::Operation(source) if wiring.is_constant(source) => 0,
        Place::Operation(source) if !wiring.trained[source] => 1,
        Place::Input(_) => 1,
        _ => 2,
    };
    match (weight(a), weight(b)) {
        (a, b) if a == b => None,
        (smaller, larger) if smaller < larger => Some(a),
        _ => Some(b),
    }
}

/// Whether what it does is a rotation: two products with tables or more are added up, and the tables hold sines and
/// cosines. A table whose origin isn't known is taken for one if signs change too.
fn turns(captured: &Captured, wiring: &Wiring, cone: &Cone<'_>) -> bool {
    let of = |wanted: &[&str]| cone.kinds().any(|kind| wanted.contains(&kind));
    if !of(&["mul"]) || !of(&["add", "sub", "sum_dim"]) {
        return false;
    }
    let read: HashSet<Argument> = cone
        .members
        .iter()
        .filter(|&&number| matches!(captured.operation(number).kind.as_str(), "mul" | "matmul"))
        .filter_map(|&number| table_of(wiring, number))
        .collect();
    let tables: Vec<usize> = read
        .iter()
        .filter_map(|argument| match argument.place {
            Place::Operation(number) => Some(number),
            _ => None,
        })
        .collect();
    let (mut sine, mut cosine, mut unknown) = (false, false, read.len() > tables.len());
    for number in behind(wiring, &tables) {
        match captured.operation(number).kind.as_str() {
            "sin" => sine = true,
            "cos" => cosine = true,
            "constant" => unknown = true,
            _ => {}
        }
    }
    (sine && cosine) || (unknown && read.len() > 1 && of(&["neg", "sub", "matmul", "mul_scalar"]))
}

/// The operations behind tables.
fn behind(wiring: &Wiring, tables: &[usize]) -> HashSet<usize> {
    let mut seen: HashSet<usize> = tables.iter().copied().collect();
    let mut open = tables.to_vec();
    while let Some(number) = open.pop() {
        for source in (0..wiring.arguments[number].len()).filter_map(|slot| wiring.producer(number, slot)) {
            if seen.len() < TABLE && seen.insert(source) {
                open.push(source);
            }
        }
    }
    seen
}

/// The reshape that parts the pairs before, with the one that joins them again after it.
fn reshapes(captured: &Captured, wiring: &Wiring, cone: &Cone<'_>) -> Option<[usize; 2]> {
    let is_reshape = |&number: &usize| captured.operation(number).kind == "reshape";
    let before = match cone.source()?.place {
        Place::Operation(number) => Some(number).filter(is_reshape)?,
        _ => return None,
    };
    let after = wiring.only_user(cone.root).filter(is_reshape)?;
    let inside = wiring.users[before].iter().all(|user| cone.members.contains(user));
    let parted = captured.operation(before).inputs.first().map(of_type)?;
    (inside && wiring.outputs[before].is_empty() && sizes(captured, after) == parted)
        .then_some([before, after])
}

/// Moves that bring a table into place for this rotation alone.
fn own_moves(captured: &Captured, wiring: &Wiring, cone: &Cone<'_>) -> Vec<usize> {
    let mut found = Vec::new();
    for &number in &cone.members {
        let mut argument = table_of(wiring, number);
        while let Some(Place::Operation(move_)) = argument.map(|argument| argument.place) {
            let operation = captured.operation(move_);
            let ours = |user: &usize| cone.members.contains(user) || found.contains(user);
            let is_move = operation.is_movement() && !operation.joins() && !operation.inputs.is_empty();
            if !is_move || !wiring.users[move_].iter().all(ours) {
                break;
            }
            found.push(move_);
            argument = wiring.arguments[move_].first().copied();
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
