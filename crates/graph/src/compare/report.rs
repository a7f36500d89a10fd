//! The list of differences.

use std::collections::HashMap;

use super::outer::{inputs, outputs};
use super::side::{Side, sizes};
use super::units::Unit;
use super::{Change, Comparison, Difference, facets, units};
use crate::captured::Boundary;
use crate::fold::Tree;

/// All differences; what is the same at several places is one of them.
pub(super) fn differences(comparison: &Comparison<'_>) -> Vec<Difference> {
    let Comparison { before, after, pairs, outer, .. } = comparison;
    let mut found: Vec<Unit> = Vec::new();
    let whole = before.root == Tree::ROOT && after.root == Tree::ROOT;
    if whole {
        found.extend(boundaries(comparison));
    }
    found.extend(units::all(comparison, &facets::all(before, after, pairs, outer)));
    together(found)
}

/// What two differences have in common that are shown as one: the change, what, the details, and the paths without numbers.
type Alike = (Change, String, Vec<String>, [Option<String>; 2]);

/// Puts together what differs only by the number of the layer that it is in.
fn together(units: Vec<Unit>) -> Vec<Difference> {
    let mut differences: Vec<Difference> = Vec::new();
    let mut known: HashMap<Alike, usize> = HashMap::new();
    for Unit { change, what, details, before, after } in units {
        let paths = [&before, &after].map(|path| path.as_deref().map(unnumbered));
        let place = *known.entry((change, what.clone(), details.clone(), paths)).or_insert(differences.len());
        if place == differences.len() {
            differences.push(Difference { change, what, details, before: Vec::new(), after: Vec::new() });
        }
        differences[place].before.extend(before);
        differences[place].after.extend(after);
    }
    differences
}

/// A path without the numbers of layers.
fn unnumbered(path: &str) -> String {
    let part = |part: &str| match part.rsplit_once('.') {
        Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
        _ => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Inputs and outputs.
fn boundaries(comparison: &Comparison<'_>) -> Vec<Unit> {
    let Comparison { before, after, outer, .. } = comparison;
    let (ours, theirs): (Vec<_>, Vec<_>) = (inputs(before).collect(), inputs(after).collect());
    let pairs = outer.inputs(before, after);
    let mut units = Vec::new();
    for &(a, b, same) in &pairs {
        if !same {
            units.push(unit("input", Some(ours[a]), Some(theirs[b])));
        }
    }
    let lacks = |number: usize, side: usize| !pairs.iter().any(|pair| [pair.0, pair.1][side] == number);
    units.extend((0..ours.len()).filter(|&a| lacks(a, 0)).map(|a| unit("input", Some(ours[a]), None)));
    units.extend((0..theirs.len()).filter(|&b| lacks(b, 1)).map(|b| unit("input", None, Some(theirs[b]))));
    units.extend(outputs_of(before, after));
    units
}

/// Outputs that only one has. Another shape is that of the operation behind it.
fn outputs_of(before: &Side<'_>, after: &Side<'_>) -> Vec<Unit> {
    let (ours, theirs): (Vec<_>, Vec<_>) = (outputs(before).collect(), outputs(after).collect());
    let lacks =
        |others: &[&Boundary], output: &&&Boundary| !others.iter().any(|other| other.name == output.name);
    let removed =
        ours.iter().filter(|output| lacks(&theirs, output)).map(|output| unit("output", Some(output), None));
    let added =
        theirs.iter().filter(|output| lacks(&ours, output)).map(|output| unit("output", None, Some(output)));
    removed.chain(added).collect()
}

fn unit(word: &str, before: Option<&Boundary>, after: Option<&Boundary>) -> Unit {
    let (change, details) = match (before, after) {
        (Some(a), Some(b)) if sizes(&a.tensor) == sizes(&b.tensor) => {
            (Change::Changed, vec!["name".to_owned()])
        }
        (Some(a), Some(b)) => (Change::Changed, vec![facets::changed(&a.tensor, &b.tensor)]),
        (Some(_), None) => (Change::Removed, Vec::new()),
        (None, _) => (Change::Added, Vec::new()),
    };
    let name = |boundary: Option<&Boundary>| boundary.map(|boundary| boundary.name.clone());
    Unit { change, what: word.to_owned(), details, before: name(before), after: name(after) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_layers_are_left_out() {
        assert_eq!(unnumbered("encoder/layer.3/norm"), "encoder/layer/norm");
        assert_eq!(unnumbered("a.b/v1.5x"), "a.b/v1.5x");
    }

    #[test]
    fn the_same_difference_in_two_layers_is_one() {
        let unit = |path: &str| Unit {
            change: Change::Removed,
            what: "norm".into(),
            details: Vec::new(),
            before: Some(path.into()),
            after: None,
        };
        let found = together(vec![unit("layer.0/norm"), unit("layer.1/norm"), unit("head/norm")]);
        let places: Vec<_> = found.iter().map(|difference| difference.before.len()).collect();
        assert_eq!(places, [2, 1]);
    }
}
