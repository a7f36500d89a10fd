//! Boxes of one name change places where more lines are right then.

use std::collections::BTreeMap;

use super::side::Side;

/// How often all are gone through.
const ROUNDS: usize = 4;
/// How many changes are tried in all, each weighed by the lines that it touches.
const TRIES: usize = 400_000;

/// Changes partners as long as that makes more lines right.
pub(super) fn improve(
    ours: &Side,
    theirs: &Side,
    of: &mut [Option<usize>],
    is_fixed: &[bool],
    mut taken: Vec<bool>,
) {
    let mut classes: BTreeMap<usize, [Vec<usize>; 2]> = BTreeMap::new();
    for (which, side) in [ours, theirs].into_iter().enumerate() {
        for (id, class) in side.class.iter().enumerate() {
            let is_free = which == 1 || !is_fixed[id];
            if let Some(class) = class.filter(|_| is_free) {
                classes.entry(class).or_default()[which].push(id);
            }
        }
    }
    let mut tries = 0;
    for _ in 0..ROUNDS {
        let mut is_better = false;
        for [ids, others] in classes.values() {
            for (n, &a) in ids.iter().enumerate() {
                for &b in &ids[n + 1..] {
                    if tries > TRIES {
                        return;
                    }
                    is_better |= changed(ours, theirs, of, &mut tries, |of| of.swap(a, b), [a, b]);
                }
                // And those of theirs that nobody has.
                for &other in others {
                    if tries > TRIES {
                        return;
                    }
                    tries += 1;
                    let before = of[a];
                    if !taken[other]
                        && changed(ours, theirs, of, &mut tries, |of| of[a] = Some(other), [a, a])
                    {
                        before.into_iter().for_each(|id| taken[id] = false);
                        taken[other] = true;
                        is_better = true;
                    }
                }
            }
        }
        if !is_better {
            return;
        }
    }
}

/// Makes a change to the partners of two boxes, and takes it back unless it is for the better.
fn changed(
    ours: &Side,
    theirs: &Side,
    of: &mut [Option<usize>],
    tries: &mut usize,
    change: impl Fn(&mut [Option<usize>]),
    touched: [usize; 2],
) -> bool {
    let lines = |id: usize| ours.out[id].len() + ours.into[id].len();
    *tries += 2 * (lines(touched[0]) + lines(touched[1]) + 1);
    if *tries > TRIES {
        return false;
    }
    let kept = touched.map(|id| of[id]);
    let before = right(ours, theirs, of, touched);
    change(of);
    if right(ours, theirs, of, touched) > before {
        return true;
    }
    for (id, kept) in touched.into_iter().zip(kept) {
        of[id] = kept;
    }
    false
}

/// How many lines that begin or end at one of two boxes are right.
fn right(ours: &Side, theirs: &Side, of: &[Option<usize>], [a, b]: [usize; 2]) -> usize {
    let is_right = |from: usize, to: usize| match (of[from], of[to]) {
        (Some(from), Some(to)) => theirs.lines.contains(&(from, to)),
        _ => false,
    };
    let at = |id: usize, not: Option<usize>| {
        let out = ours.out[id].iter().filter(|&&to| Some(to) != not && is_right(id, to)).count();
        // A line to itself is among those that leave.
        let into =
            ours.into[id].iter().filter(|&&from| from != id && Some(from) != not && is_right(from, id));
        out + into.count()
    };
    if a == b { at(a, None) } else { at(a, None) + at(b, Some(a)) }
}
