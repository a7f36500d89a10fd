//! In what two operations that correspond differ.

use std::collections::{HashMap, HashSet};

use super::outer::Outer;
use super::pairs::Pairs;
use super::side::{Side, sizes};
use crate::operation::{Operation, TensorType};

/// The differences of two operations, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facets {
    /// Kind, attributes, parameters.
    pub(super) own: Vec<String>,
    /// Shapes of the results.
    pub(super) shapes: Vec<String>,
}

impl Facets {
    pub(super) fn is_empty(&self) -> bool {
        self.own.is_empty() && self.shapes.is_empty()
    }
}

/// The differences of every pair, by the operation of the first graph; nothing where there are none.
pub(super) fn all(
    before: &Side<'_>,
    after: &Side<'_>,
    pairs: &Pairs,
    outer: &Outer,
) -> HashMap<usize, Facets> {
    let mut found = HashMap::new();
    let mut tied = Tied::default();
    let mut layers = HashSet::new();
    for &a in before.operations.iter().filter(|&&a| before.wiring.live[a]) {
        let Some(b) = pairs.after_of[a] else { continue };
        let mut facets = Facets::default();
        match (before.linear(a), after.linear(b)) {
            // A linear layer is one thing, however its rows are laid out for the product.
            (Some(layer), Some(twin)) => {
                if layers.insert(layer) {
                    let members = [before.members(layer), after.members(twin)];
                    facets.shapes = of_results(&members, [before, after], outer);
                    facets.own = of_parameters(&members, [before, after], &mut tied);
                }
            }
            _ => {
                facets = of_operations(before.operation(a), after.operation(b), outer);
                facets.own.extend(of_parameters(&[vec![a], vec![b]], [before, after], &mut tied));
            }
        }
        if !facets.is_empty() {
            found.insert(a, facets);
        }
    }
    found
}

/// The shape of what the last of the operations gives.
fn of_results(members: &[Vec<usize>; 2], sides: [&Side<'_>; 2], outer: &Outer) -> Vec<String> {
    let last = |place: usize| {
        let live = members[place].iter().rev().find(|&&number| sides[place].wiring.live[number]);
        live.and_then(|&number| sides[place].operation(number).outputs.first())
    };
    match (last(0), last(1)) {
        (Some(a), Some(b)) if !outer.is_same_type(a, b) => vec![changed(a, b)],
        _ => Vec::new(),
    }
}

fn of_parameters(members: &[Vec<usize>; 2], sides: [&Side<'_>; 2], tied: &mut Tied) -> Vec<String> {
    let [ours, theirs] = [0, 1].map(|place| -> Vec<usize> {
        members[place].iter().flat_map(|&number| sides[place].wiring.parameters(number)).collect()
    });
    let mut found = Vec::new();
    for (&p, &q) in ours.iter().zip(&theirs) {
        let (a, b) = (sides[0].captured.parameter(p), sides[1].captured.parameter(q));
        let name = a.paths.first().and_then(|path| path.rsplit('.').next()).unwrap_or("parameter");
        if sizes(&a.tensor) != sizes(&b.tensor) {
            found.push(format!("{name} {}", changed(&a.tensor, &b.tensor)));
        }
        if !tied.agree(p, q) {
            let path = |paths: &[String]| paths.first().cloned().unwrap_or_default();
            found.push(format!("shares {} -> {}", path(&a.paths), path(&b.paths)));
        }
    }
    if ours.len() != theirs.len() {
        found.push(format!("parameters {} -> {}", ours.len(), theirs.len()));
    }
    found
}

/// Which parameter of one graph is which of the other: what was one and is two now was tied.
#[derive(Default)]
struct Tied {
    after_of: HashMap<usize, usize>,
    before_of: HashMap<usize, usize>,
}

impl Tied {
    fn agree(&mut self, p: usize, q: usize) -> bool {
        *self.after_of.entry(p).or_insert(q) == q && *self.before_of.entry(q).or_insert(p) == p
    }
}

fn of_operations(a: &Operation, b: &Operation, outer: &Outer) -> Facets {
    let mut facets = Facets::default();
    if a.kind != b.kind {
        let mut labels = [a.label(), b.label()];
        if labels[0] == labels[1] {
            labels = [a.kind.clone(), b.kind.clone()];
        }
        facets.own.push(labels.join(" -> "));
    } else {
        facets.own.extend(attributes(a, b, outer));
        if a.inputs.len() != b.inputs.len() {
            facets.own.push(format!("arguments {} -> {}", a.inputs.len(), b.inputs.len()));
        }
    }
    for (ours, theirs) in a.outputs.iter().zip(&b.outputs) {
        if !outer.is_same_type(ours, theirs) {
            facets.shapes.push(changed(ours, theirs));
        }
    }
    if a.outputs.len() != b.outputs.len() {
        facets.own.push(format!("results {} -> {}", a.outputs.len(), b.outputs.len()));
    }
    facets
}

/// Two types, with the dtype where that differs.
pub(super) fn changed(a: &TensorType, b: &TensorType) -> String {
    match a.dtype == b.dtype {
        true => format!("{} -> {}", a.sizes(), b.sizes()),
        false => format!("{} -> {}", a.concrete(), b.concrete()),
    }
}

fn attributes(a: &Operation, b: &Operation, outer: &Outer) -> Vec<String> {
    let of = |operation: &Operation, name: &str| {
        operation.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in a.attributes.iter().chain(&b.attributes) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let shown = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
    let differing = names.into_iter().filter_map(|name| {
        let (ours, theirs) = (of(a, name), of(b, name));
        let same = match (&ours, &theirs) {
            (Some(ours), Some(theirs)) => is_same_text(ours, theirs, outer),
            _ => false,
        };
        (!same).then(|| format!("{name} {} -> {}", shown(ours), shown(theirs)))
    });
    differing.collect()
}

/// Whether two texts are the same, but for numbers that are sizes of the data.
fn is_same_text(a: &str, b: &str, outer: &Outer) -> bool {
    let parts = |text: &str| -> Vec<String> {
        let mut parts: Vec<String> = Vec::new();
        let mut digits = false;
        for letter in text.chars() {
            match parts.last_mut().filter(|_| letter.is_ascii_digit() == digits) {
                Some(part) => part.push(letter),
                None => parts.push(letter.to_string()),
            }
            digits = letter.is_ascii_digit();
        }
        parts
    };
    if a == b {
        return true;
    }
    // A size stands in a list. A number alone is an axis, and what follows a point is no size either.
    let lists = |text: &str| text.contains('[') && !text.contains('.') && !text.contains("e-");
    let (ours, theirs) = (parts(a), parts(b));
    lists(a)
        && lists(b)
        && ours.len() == theirs.len()
        && ours.iter().zip(&theirs).all(|(x, y)| match (x.parse::<usize>(), y.parse::<usize>()) {
            (Ok(x), Ok(y)) => outer.is_same_size(x, y),
            _ => x == y,
        })
}
