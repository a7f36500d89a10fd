//! Who reads something else than before, although it stands where it stood.

use std::collections::HashSet;

use super::outer::{Outer, is_outer};
use super::pairs::Pairs;
use super::side::Side;
use crate::captured::Place;
use crate::fold::{Argument, is_residual};

/// So many operations are looked at on the way to what corresponds.
const STEPS: usize = 2_000;

/// An argument of two operations that correspond, coming from different sources.
#[derive(Clone, Debug)]
pub(super) struct Rewired {
    pub(super) before: usize,
    pub(super) after: usize,
    /// What is read in each graph.
    pub(super) sources: [Argument; 2],
}

struct Flow<'s, 'a> {
    before: &'s Side<'a>,
    after: &'s Side<'a>,
    pairs: &'s Pairs,
    outer: &'s Outer,
}

/// All of them.
///
/// What was added, removed or moved in the flow takes the flow around it along, and that is no difference of its own.
/// A residual connection is another matter: it begins at one place or at another.
pub(super) fn rewired(before: &Side<'_>, after: &Side<'_>, pairs: &Pairs, outer: &Outer) -> Vec<Rewired> {
    let flow = Flow { before, after, pairs, outer };
    let mut found = Vec::new();
    for &a in before.operations.iter().filter(|&&a| before.wiring.live[a] && !pairs.moved[a]) {
        if let Some(b) = pairs.after_of[a].filter(|&b| after.wiring.live[b]) {
            flow.compare(a, b, &mut found);
        }
    }
    found
}

/// Whether what `a` and `b` read from outside of `inside` corresponds.
pub(super) fn reads_the_same(
    before: &Side<'_>,
    after: &Side<'_>,
    pairs: &Pairs,
    outer: &Outer,
    (a, b): (usize, usize),
    inside: &HashSet<usize>,
) -> bool {
    let flow = Flow { before, after, pairs, outer };
    let (ours, theirs) = (data(before, a), data(after, b));
    let is_inside = |x: Argument| before.source(x).is_some_and(|source| inside.contains(&source));
    ours.len() == theirs.len()
        && ours.iter().zip(&theirs).all(|(&x, &y)| is_inside(x) || flow.corresponds(x, y))
}

/// The arguments that are no parameters.
fn data(side: &Side<'_>, number: usize) -> Vec<Argument> {
    let arguments = side.wiring.arguments[number].iter().copied();
    arguments.filter(|argument| !matches!(argument.place, Place::Parameter(_))).collect()
}

impl Flow<'_, '_> {
    fn corresponds(&self, x: Argument, y: Argument) -> bool {
        match (self.before.source(x), self.after.source(y)) {
            (Some(u), Some(v)) => self.pairs.after_of[u] == Some(v) && x.output == y.output,
            (None, None) => self.outer.corresponds(x, y),
            _ => false,
        }
    }

    fn compare(&self, a: usize, b: usize, found: &mut Vec<Rewired>) {
        let (mut ours, mut theirs) = (data(self.before, a), data(self.after, b));
        let all_correspond = |ours: &[Argument], theirs: &[Argument]| {
            ours.iter().zip(theirs).all(|(&x, &y)| self.corresponds(x, y))
        };
        if ours.len() != theirs.len() || all_correspond(&ours, &theirs) {
            return;
        }
        let kind = self.before.operation(a).kind.as_str();
        let commutes = matches!(kind, "add" | "mul") && ours.len() == 2;
        let skips = if commutes { [skip(self.before, a), skip(self.after, b)] } else { [None, None] };
        if commutes {
            // The residual connection first.
            if skips[0] == Some(1) {
                ours.reverse();
            }
            if skips[1] == Some(1) {
                theirs.reverse();
            }
            let turned: Vec<Argument> = theirs.iter().rev().copied().collect();
            if all_correspond(&ours, &turned) {
                return;
            }
        }
        for (slot, (&x, &y)) in ours.iter().zip(&theirs).enumerate() {
            let is_skip = slot == 0 && skips.iter().all(Option::is_some);
            let explained =
                if is_skip { self.goes_along((a, b), x, y) } else { self.leads_back_to_the_same(x, y) };
            if !self.corresponds(x, y) && !explained {
                found.push(Rewired { before: a, after: b, sources: [x, y] });
            }
        }
    }

    /// Whether another reader of the same tensor reads the other tensor now too: all of them follow something that was
    /// put in, or taken out, between.
    fn goes_along(&self, (a, b): (usize, usize), x: Argument, y: Argument) -> bool {
        let readers =
            self.before.readers(x).iter().filter(|&&reader| reader != a && !self.pairs.moved[reader]);
        let theirs: HashSet<usize> =
            self.after.readers(y).iter().copied().filter(|&reader| reader != b).collect();
        readers.filter_map(|&reader| self.pairs.after_of[reader]).any(|twin| theirs.contains(&twin))
    }

    /// Whether both come from the same, going back through what was added, removed or moved.
    fn leads_back_to_the_same(&self, x: Argument, y: Argument) -> bool {
        let ours = self.anchors(self.before, x, |u| self.pairs.after_of[u].is_some() && !self.pairs.moved[u]);
        let theirs = self
            .anchors(self.after, y, |v| self.pairs.before_of[v].is_some() && !self.pairs.is_moved_after(v));
        // What is made from nothing leads nowhere.
        let nothing = ours.is_empty() || theirs.is_empty();
        nothing || ours.iter().any(|&x| theirs.iter().any(|&y| self.corresponds(x, y)))
    }

    /// The nearest results before `start` that stay where they are.
    fn anchors(&self, side: &Side<'_>, start: Argument, stays: impl Fn(usize) -> bool) -> Vec<Argument> {
        let (mut found, mut open, mut seen) = (Vec::new(), vec![start], HashSet::from([start]));
        while let Some(argument) = open.pop() {
            match side.source(argument) {
                Some(source) if !stays(source) => {
                    let before = data(side, source).into_iter().filter(|&argument| seen.insert(argument));
                    open.extend(before.collect::<Vec<_>>());
                }
                Some(_) => found.push(argument),
                None if is_outer(side, argument) => found.push(argument),
                None => {}
            }
            if seen.len() > STEPS {
                break;
            }
        }
        found
    }
}

/// Which argument of an addition skips what the other comes from.
fn skip(side: &Side<'_>, number: usize) -> Option<usize> {
    if !is_residual(side.captured, side.wiring, number) {
        return None;
    }
    match *side.wiring.arguments[number].as_slice() {
        [x, y] => match (x.place, y.place) {
            (Place::Operation(u), Place::Operation(v)) => Some(usize::from(v < u)),
            (Place::Input(_), _) => Some(0),
            (_, Place::Input(_)) => Some(1),
            _ => None,
        },
        _ => None,
    }
}
