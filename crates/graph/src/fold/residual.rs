//! Residual additions.

use super::wiring::Wiring;
use crate::captured::{Captured, Place};

/// Whether the operation adds something to a result computed from it: `x + f(x)`, of equal shapes.
pub(crate) fn is_residual(captured: &Captured, wiring: &Wiring, number: usize) -> bool {
    let operation = captured.operation(number);
    let [a, b] = wiring.arguments[number].as_slice() else { return false };
    if operation.kind != "add" || operation.inputs.len() != 2 || operation.inputs[0] != operation.inputs[1] {
        return false;
    }
    match (a.place, b.place) {
        (Place::Operation(a), Place::Operation(b)) => a != b && wiring.reaches(a.min(b), a.max(b)),
        (Place::Input(input), Place::Operation(of)) | (Place::Operation(of), Place::Input(input)) => {
            reads_input(wiring, of, input)
        }
        _ => false,
    }
}

fn reads_input(wiring: &Wiring, number: usize, input: usize) -> bool {
    let mut seen = std::collections::HashSet::from([number]);
    let mut open = vec![number];
    while let Some(number) = open.pop() {
        for argument in &wiring.arguments[number] {
            match argument.place {
                Place::Input(found) if found == input => return true,
                Place::Operation(source) if seen.insert(source) => open.push(source),
                _ => {}
            }
        }
    }
    false
}
