//! Finds counterparts by the data that flows to and from what is matched already.

use super::pairs::Pairs;
use super::side::{Side, sizes};
use crate::captured::Place;
use crate::fold::Argument;

/// Pairs what is left over and reads, or is read by, counterparts in the same place.
pub(super) fn data(before: &Side<'_>, after: &Side<'_>, pairs: &mut Pairs) {
    for &a in &before.operations {
        if pairs.after_of[a].is_none()
            && let Some(b) = by_sources(before, after, pairs, a)
        {
            pairs.pair(a, b);
        }
    }
    for &a in before.operations.iter().rev() {
        if pairs.after_of[a].is_none()
            && let Some(b) = by_readers(before, after, pairs, a)
        {
            pairs.pair(a, b);
        }
    }
}

/// How well two operations fit.
fn fit(before: &Side<'_>, after: &Side<'_>, a: usize, b: usize) -> usize {
    let (a, b) = (before.operation(a), after.operation(b));
    let same_shape = a.outputs.iter().map(sizes).eq(b.outputs.iter().map(sizes));
    1 + usize::from(a.attributes == b.attributes) + usize::from(same_shape)
}

fn by_sources(before: &Side<'_>, after: &Side<'_>, pairs: &Pairs, a: usize) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (slot, &argument) in before.wiring.arguments[a].iter().enumerate() {
        let Some(source) = before.source(argument).and_then(|source| pairs.after_of[source]) else {
            continue;
        };
        let twin = Argument { place: Place::Operation(source), output: argument.output };
        for &b in after.readers(twin) {
            let fits = pairs.before_of[b].is_none()
                && after.operation(b).kind == before.operation(a).kind
                && after.wiring.arguments[b].get(slot) == Some(&twin);
            if fits {
                let found = fit(before, after, a, b);
                best = best.filter(|(known, _)| *known >= found).or(Some((found, b)));
            }
        }
    }
    best.map(|(_, b)| b)
}

fn by_readers(before: &Side<'_>, after: &Side<'_>, pairs: &Pairs, a: usize) -> Option<usize> {
    before.wiring.users[a].iter().filter(|&&user| before.inside[user]).find_map(|&user| {
        let twin = pairs.after_of[user]?;
        let slot = slot_of(before, user, a)?;
        let b = after.source(*after.wiring.arguments[twin].get(slot)?)?;
        let fits = pairs.before_of[b].is_none() && after.operation(b).kind == before.operation(a).kind;
        fits.then_some(b)
    })
}

/// Which argument of `user` the operation gives.
fn slot_of(side: &Side<'_>, user: usize, number: usize) -> Option<usize> {
    side.wiring.arguments[user].iter().position(|argument| argument.place == Place::Operation(number))
}

/// Pairs operations of different kinds that stand at the same place: one was put in the place of the other.
pub(super) fn replaced(before: &Side<'_>, after: &Side<'_>, pairs: &mut Pairs) {
    for &a in before.operations.iter().filter(|&&a| before.wiring.live[a]) {
        if pairs.after_of[a].is_some() {
            continue;
        }
        let twin = before.wiring.users[a].iter().filter(|&&user| before.inside[user]).find_map(|&user| {
            let twin = pairs.after_of[user]?;
            let b = after.source(*after.wiring.arguments[twin].get(slot_of(before, user, a)?)?)?;
            (pairs.before_of[b].is_none()).then_some(b)
        });
        let twin = twin.or_else(|| at_the_end(before, after, pairs, a));
        if let Some(b) = twin.filter(|&b| reads_alike(before, after, pairs, a, b)) {
            pairs.pair(a, b);
        }
    }
}

/// The operation that gives the same output of the whole.
fn at_the_end(before: &Side<'_>, after: &Side<'_>, pairs: &Pairs, a: usize) -> Option<usize> {
    let &(output, _) = before.wiring.outputs[a].first()?;
    let mut free = after.operations.iter().rev().filter(|&&b| pairs.before_of[b].is_none());
    free.find(|&&b| after.wiring.outputs[b].iter().any(|&(number, _)| number == output)).copied()
}

/// Whether what two operations read corresponds, parameters apart.
fn reads_alike(before: &Side<'_>, after: &Side<'_>, pairs: &Pairs, a: usize, b: usize) -> bool {
    let data = |side: &Side<'_>, number: usize| -> Vec<Argument> {
        let arguments = side.wiring.arguments[number].iter().copied();
        arguments.filter(|argument| !matches!(argument.place, Place::Parameter(_))).collect()
    };
    let (ours, theirs) = (data(before, a), data(after, b));
    ours.len() == theirs.len()
        && ours.iter().zip(&theirs).all(|(&x, &y)| match (before.source(x), after.source(y)) {
            (Some(u), Some(v)) => pairs.after_of[u] == Some(v) && x.output == y.output,
            (None, None) => true,
            _ => false,
        })
}
