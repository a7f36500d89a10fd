//! What makes two operations alike: a number for everything that is distinct, so that comparing is cheap and exact.

use std::borrow::Cow;
use std::collections::HashMap;

use super::wiring::Wiring;
use crate::captured::Captured;
use crate::operation::{Operation, TensorType};

type Attributes = [(String, String)];

/// Numbers for what is distinct in a program.
#[derive(Clone, Debug)]
pub(crate) struct Alike {
    /// A number for each operation, equal for equal kind, attributes, data and types of the results. Where a slice
    /// begins is left out.
    pub(super) descriptions: Vec<usize>,
    /// Where each slice begins, along every axis that it has a range for; nothing for other operations.
    pub(super) positions: Vec<Vec<i64>>,
    /// A number for each parameter's type.
    pub(super) parameter_types: Vec<usize>,
    /// How often each parameter is read.
    pub(super) reads: Vec<usize>,
    /// Whether each operation joins any number of tensors of one kind.
    pub(super) gathers: Vec<bool>,
}

impl Alike {
    pub(super) fn new(captured: &Captured, wiring: &Wiring) -> Self {
        type Description<'a> = (&'a str, Cow<'a, Attributes>, &'a [TensorType], Option<u64>);
        let mut known: HashMap<Description<'_>, usize> = HashMap::new();
        let mut descriptions = Vec::with_capacity(captured.operation_count());
        let mut positions = Vec::with_capacity(captured.operation_count());
        for Operation { kind, attributes, outputs, data, .. } in captured.operations() {
            let (attributes, begins) = match kind.as_str() {
                "slice" | "slice_assign" => without_places(attributes),
                _ => (Cow::Borrowed(attributes.as_slice()), Vec::new()),
            };
            let next = known.len();
            descriptions.push(*known.entry((kind, attributes, outputs, *data)).or_insert(next));
            positions.push(begins);
        }
        let mut types: HashMap<&TensorType, usize> = HashMap::new();
        let mut parameter_types = Vec::new();
        for parameter in captured.parameters() {
            let next = types.len();
            parameter_types.push(*types.entry(&parameter.tensor).or_insert(next));
        }
        let reads = wiring.readers.iter().map(Vec::len).collect();
        let gathers = captured.operations().map(|operation| operation.kind == "cat").collect();
        Self { descriptions, positions, parameter_types, reads, gathers }
    }
}

/// The attributes of a slice with lengths instead of places, and the places where it begins. What can't be read stays.
fn without_places(attributes: &Attributes) -> (Cow<'_, Attributes>, Vec<i64>) {
    let ranges = attributes.iter().find(|(name, _)| name == "ranges").and_then(|(_, text)| ranges(text));
    let Some(ranges) = ranges else { return (Cow::Borrowed(attributes), Vec::new()) };
    let lengths: Vec<String> = ranges.iter().map(|(_, length)| length.clone()).collect();
    let mut attributes = attributes.to_vec();
    for (_, text) in attributes.iter_mut().filter(|(name, _)| name == "ranges") {
        *text = lengths.join(", ");
    }
    (Cow::Owned(attributes), ranges.into_iter().map(|(begin, _)| begin).collect())
}

/// The begin of every range, and its length and step: `start 2 end 3 step 1` begins at 2.
fn ranges(text: &str) -> Option<Vec<(i64, String)>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    inner.split(", ").map(range).collect()
}

fn range(text: &str) -> Option<(i64, String)> {
    let words: Vec<&str> = text.split(' ').collect();
    let value = |name: &str| -> Option<i64> {
        words.chunks_exact(2).find(|pair| pair[0] == name).and_then(|pair| pair[1].parse().ok())
    };
    let (begin, step) = (value("start")?, value("step")?);
    let length = match value("end") {
        Some(end) => (end - begin).to_string(),
        None => "rest".to_owned(),
    };
    Some((begin, format!("{length} by {step}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_is_known_by_its_length() {
        let attributes = |text: &str| vec![("ranges".to_owned(), text.to_owned())];
        let (one, other) = (
            attributes("[start 0 end 2 step 1, start 3 end 4 step 1]"),
            attributes("[start 0 end 2 step 1, start 5 end 6 step 1]"),
        );
        let ((one, places), (other, others)) = (without_places(&one), without_places(&other));
        assert_eq!(one, other);
        assert_eq!((places, others), (vec![0, 3], vec![0, 5]));
        let longer = attributes("[start 0 end 2 step 1, start 5 end 7 step 1]");
        assert_ne!(without_places(&longer).0, one);
        let unread = attributes("[all]");
        assert_eq!(without_places(&unread), (Cow::Borrowed(unread.as_slice()), Vec::new()));
    }
}
