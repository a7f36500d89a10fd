//! Where the ways through a module meet again, that is still the module: the sum at the end of a residual block, the
//! concatenation of its branches.

use std::collections::HashSet;

use super::flow::Flow;
use super::modules::{Path, common, fill};

/// More ways than this are not told apart.
const MOST_WAYS: usize = 16;

/// Gives what joins several results of one module its place in that module, if it would otherwise stand after it.
pub(super) fn place(flow: &Flow<'_>, placed: &mut [Option<Path>]) {
    let filled = fill(placed);
    let outermost = placed.iter().flatten().cloned().reduce(|a, b| common(&a, &b)).unwrap_or_default().len();
    // What has parts can do something with their results.
    let parted: HashSet<Path> =
        placed.iter().flatten().flat_map(|path| (0..path.len()).map(|end| path[..end].to_vec())).collect();
    // For each child: the children inside of modules from which it comes; none if something else is among them.
    let mut origins: Vec<Option<Vec<usize>>> = Vec::with_capacity(placed.len());
    let mut before: Option<usize> = None;
    for unit in 0..placed.len() {
        if placed[unit].is_none()
            && let Some(ways) = ways(flow, &origins, unit).filter(|ways| ways.len() > 1)
            && let Some(mut path) =
                ways.iter().map(|&way| at(placed, &filled, way)).reduce(|a, b| common(&a, &b))
        {
            // What joins the results of several calls of a module is not in it, but in what called it.
            while path.len() > filled[unit].len() && !is_one_call(flow, placed, &path, &ways) {
                path.pop();
            }
            let is_behind =
                before.and_then(|before| placed[before].as_ref()).is_some_and(|last| last.starts_with(&path));
            if path.len() > filled[unit].len() && parted.contains(&path) && is_behind {
                placed[unit] = Some(path);
            }
        }
        let inside = placed[unit].is_some() || filled[unit].len() > outermost;
        origins.push(if inside { Some(vec![unit]) } else { ways(flow, &origins, unit) });
        before = placed[unit].is_some().then_some(unit).or(before);
    }
}

fn at(placed: &[Option<Path>], filled: &[Path], unit: usize) -> Path {
    placed[unit].clone().unwrap_or_else(|| filled[unit].clone())
}

/// Whether results are of one call of a module. The steps of a recurrent net are: one comes directly after the other, and
/// goes on with what that gave.
fn is_one_call(flow: &Flow<'_>, placed: &[Option<Path>], path: &Path, ways: &[usize]) -> bool {
    let inside = |unit: &usize| placed[*unit].as_ref().is_some_and(|own| own.starts_with(path));
    let units: Vec<usize> = (0..placed.len()).filter(inside).collect();
    let calls = flow.calls(&units);
    let call = |&way: &usize| calls.iter().rposition(|call| call[0] <= way).unwrap_or(0);
    let (Some(first), Some(last)) = (ways.iter().map(call).min(), ways.iter().map(call).max()) else {
        return true;
    };
    calls[first..=last].windows(2).all(|pair| {
        let [one, next] = [pair[0], pair[1]];
        let between = one[one.len() - 1] + 1..next[0];
        placed[between].iter().all(Option::is_none) && flow.follows(one, next)
    })
}

/// The children inside of modules from which all comes that a child reads.
fn ways(flow: &Flow<'_>, origins: &[Option<Vec<usize>>], unit: usize) -> Option<Vec<usize>> {
    let mut ways = Vec::new();
    for argument in flow.reads[unit].iter().filter(|argument| !flow.is_constant(argument)) {
        let maker = flow.maker(argument).filter(|&maker| maker < unit)?;
        for &way in origins[maker].as_ref()? {
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        if ways.len() > MOST_WAYS {
            return None;
        }
    }
    Some(ways)
}
