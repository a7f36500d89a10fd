//! How many parameters a box has: of what is repeated, each and in all.

use crate::digits::thousands;
use crate::view::{BoxId, View};

/// Parameters and running statistics, as a reader is told.
pub(crate) fn parameters(view: &View, id: BoxId) -> Vec<String> {
    let found = &view.boxes[id];
    let mut told = Vec::new();
    if found.parameters > 0 {
        let (each, all) = (thousands(found.each), thousands(found.parameters));
        told.push(match found.repeat {
            0 | 1 => match shared_by(view, id) {
                Some(copies) => format!("{all} parameters, shared by all {copies}"),
                None => format!("{all} parameters{}", inside(view, id)),
            },
            n if found.each == found.parameters => format!("{all} parameters, shared by all {n}"),
            _ => format!("{each} parameters each, {all} in all"),
        });
    }
    if found.statistics > 0 {
        let all = if found.repeat > 1 { " in all".to_owned() } else { inside(view, id) };
        told.push(format!(
            "{} running statistics{all}, which are no parameters",
            thousands(found.statistics)
        ));
    }
    told
}

/// Tensor operations.
pub(crate) fn operations(view: &View, id: BoxId) -> Option<String> {
    let found = &view.boxes[id];
    let all = thousands(found.operations);
    match (found.operations, found.repeat) {
        (0 | 1, _) => None,
        (_, 0 | 1) => Some(format!("{all} tensor operations{}", inside(view, id))),
        (n, repeat) => Some(format!("{} tensor operations each, {all} in all", thousands(n / repeat))),
    }
}

/// How often what a box is in is repeated, if it has the same weights each time.
fn shared_by(view: &View, id: BoxId) -> Option<usize> {
    let around = view.ancestors(id).skip(1).map(|above| &view.boxes[above]);
    let repeated: Vec<_> = around.filter(|above| above.repeat > 1).collect();
    let is_shared = repeated.iter().all(|above| above.each == above.parameters);
    (is_shared && !repeated.is_empty()).then(|| repeated.iter().map(|above| above.repeat).product())
}

/// What is inside of something repeated stands for one of them.
fn inside(view: &View, id: BoxId) -> String {
    match view.ancestors(id).skip(1).map(|above| view.boxes[above].repeat).product::<usize>() {
        0 | 1 => String::new(),
        copies => format!(" in each of the {copies}"),
    }
}
