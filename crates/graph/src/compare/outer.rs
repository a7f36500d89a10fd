//! What enters from outside: which input of one graph is which of the other, and which sizes are those of the data.

use std::collections::{HashMap, HashSet};

use super::OtherData;
use super::pairs::Pairs;
use super::side::Side;
use crate::captured::{Boundary, Node, Place};
use crate::fold::Argument;
use crate::operation::{Axis, TensorType};

/// Tensors from outside that correspond to each other, and what is known of sizes.
#[derive(Debug, Default)]
pub(super) struct Outer {
    after_of: HashMap<Argument, Argument>,
    before_of: HashMap<Argument, Argument>,
    /// Names of axes that inputs have and parameters have not.
    symbols: HashSet<String>,
    /// Sizes of the data in each graph, where they are not the same in both.
    sizes: [HashSet<usize>; 2],
    /// The same, together.
    pairs: HashSet<(usize, usize)>,
    /// Sizes that parameters have in each graph.
    trained: [HashSet<usize>; 2],
}

impl Outer {
    pub(super) fn new(before: &Side<'_>, after: &Side<'_>, pairs: &Pairs) -> Self {
        let mut outer = Self::default();
        outer.match_inputs(before, after);
        let mut read: Vec<(Argument, Argument)> = Vec::new();
        for &a in &before.operations {
            let Some(b) = pairs.after_of[a] else { continue };
            let arguments = before.wiring.arguments[a].iter().zip(&after.wiring.arguments[b]);
            let arguments = arguments.map(|(&x, &y)| (x, y));
            read.extend(arguments.filter(|&(x, y)| is_outer(before, x) && is_outer(after, y)));
        }
        read.iter().for_each(|&(x, y)| outer.pair(x, y));
        // The data's sizes are also those of what is read now instead of something else.
        read.extend(outer.after_of.iter().map(|(&x, &y)| (x, y)));
        outer.find_sizes(before, after, &read);
        outer
    }

    fn pair(&mut self, x: Argument, y: Argument) {
        if !self.after_of.contains_key(&x) && !self.before_of.contains_key(&y) {
            self.after_of.insert(x, y);
            self.before_of.insert(y, x);
        }
    }

    /// Inputs of the same name.
    fn match_inputs(&mut self, before: &Side<'_>, after: &Side<'_>) {
        let theirs: HashMap<&str, usize> =
            inputs(after).enumerate().map(|(place, input)| (input.name.as_str(), place)).collect();
        for (place, input) in inputs(before).enumerate() {
            if let Some(&twin) = theirs.get(input.name.as_str()) {
                let argument = |place| Argument { place: Place::Input(place), output: 0 };
                self.pair(argument(place), argument(twin));
            }
        }
    }

    fn find_sizes(&mut self, before: &Side<'_>, after: &Side<'_>, read: &[(Argument, Argument)]) {
        let of_parameters = [before, after].map(|side| {
            let axes = side.captured.parameters().flat_map(|parameter| &parameter.tensor.axes);
            let (sizes, symbols): (HashSet<usize>, Vec<_>) =
                axes.map(|axis| (axis.size, axis.symbol.clone())).unzip();
            (sizes, symbols.into_iter().flatten().collect::<HashSet<String>>())
        });
        let is_known = |symbol: &&String| of_parameters.iter().any(|(_, known)| known.contains(*symbol));
        let inputs = inputs(before).chain(inputs(after)).flat_map(|input| &input.tensor.axes);
        self.symbols =
            inputs.filter_map(|axis| axis.symbol.as_ref()).filter(|s| !is_known(s)).cloned().collect();
        self.trained = of_parameters.map(|(sizes, _)| sizes);
        let mut differing = Vec::new();
        for &(x, y) in read {
            let (Some(ours), Some(theirs)) = (before.tensor(x), after.tensor(y)) else { continue };
            if ours.axes.len() == theirs.axes.len() {
                let sizes = ours.axes.iter().zip(&theirs.axes).map(|(a, b)| (a.size, b.size));
                differing.extend(sizes.filter(|(a, b)| a != b));
            }
        }
        // A width that a parameter has is no length of data, even where an input has it too.
        differing.retain(|&(a, b)| !self.is_trained(a, b));
        for &(a, b) in &differing {
            for (side, size) in [a, b].into_iter().enumerate() {
                if size > 1 && !self.trained[side].contains(&size) {
                    self.sizes[side].insert(size);
                }
            }
        }
        self.pairs.extend(differing);
    }

    fn is_trained(&self, a: usize, b: usize) -> bool {
        self.trained[0].contains(&a) && self.trained[1].contains(&b)
    }

    pub(super) fn corresponds(&self, x: Argument, y: Argument) -> bool {
        self.after_of.get(&x) == Some(&y)
    }

    /// Whether two sizes are the same, or differ as the data does.
    pub(super) fn is_same_size(&self, a: usize, b: usize) -> bool {
        a == b || self.sizes[0].contains(&a) || self.sizes[1].contains(&b) || self.is_multiple(a, b)
    }

    /// Whether two sizes are in the ratio of the data's: rows of all sentences in one matrix.
    fn is_multiple(&self, a: usize, b: usize) -> bool {
        let product = |a: usize, b: usize| a as u128 * b as u128;
        let multiple = |&(p, q): &(usize, usize)| p > 0 && q > 0 && product(a, q) == product(b, p);
        !self.is_trained(a, b) && self.pairs.iter().any(multiple)
    }

    fn is_same_axis(&self, a: &Axis, b: &Axis) -> bool {
        let of_data = |axis: &Axis| {
            axis.symbol.as_ref().is_some_and(|name| name.split('·').any(|part| self.symbols.contains(part)))
        };
        self.is_same_size(a.size, b.size) || of_data(a) || of_data(b)
    }

    /// Whether two types are the same, but for the sizes of the data.
    pub(super) fn is_same_type(&self, a: &TensorType, b: &TensorType) -> bool {
        a.dtype == b.dtype
            && a.axes.len() == b.axes.len()
            && a.axes.iter().zip(&b.axes).all(|(a, b)| self.is_same_axis(a, b))
    }

    /// Pairs of inputs, by their numbers, and whether their types are the same but for the sizes of the data.
    pub(super) fn inputs(&self, before: &Side<'_>, after: &Side<'_>) -> Vec<(usize, usize, bool)> {
        let pair = |(place, input): (usize, &Boundary)| {
            let twin = self.after_of.get(&Argument { place: Place::Input(place), output: 0 })?;
            let Place::Input(number) = twin.place else { return None };
            let same = self.is_same_type(&input.tensor, after.tensor(*twin)?);
            Some((place, number, same))
        };
        inputs(before).enumerate().filter_map(pair).collect()
    }

    /// Inputs whose sizes alone differ.
    pub(super) fn other_data(&self, before: &Side<'_>, after: &Side<'_>) -> Vec<OtherData> {
        let (ours, theirs): (Vec<_>, Vec<_>) = (inputs(before).collect(), inputs(after).collect());
        let pairs = self.inputs(before, after).into_iter().filter(|&(_, _, same)| same);
        let types = pairs.map(|(a, b, _)| OtherData {
            input: ours[a].name.clone(),
            before: ours[a].tensor.concrete(),
            after: theirs[b].tensor.concrete(),
        });
        types.filter(|data| data.before != data.after).collect()
    }
}

/// The declared inputs.
pub(super) fn inputs<'a>(side: &Side<'a>) -> impl Iterator<Item = &'a Boundary> + use<'a> {
    side.captured.nodes().filter_map(|node| match node {
        Node::Input(boundary) => Some(boundary),
        _ => None,
    })
}

/// The declared outputs.
pub(super) fn outputs<'a>(side: &Side<'a>) -> impl Iterator<Item = &'a Boundary> + use<'a> {
    side.captured.nodes().filter_map(|node| match node {
        Node::Output(boundary) => Some(boundary),
        _ => None,
    })
}

/// Whether an argument comes from outside, and is no parameter.
pub(super) fn is_outer(side: &Side<'_>, argument: Argument) -> bool {
    match argument.place {
        Place::Operation(source) => !side.inside[source],
        Place::Input(_) => true,
        Place::Parameter(_) | Place::Output(_) => false,
    }
}
