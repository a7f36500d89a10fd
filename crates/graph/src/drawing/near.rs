//! Which boxes come right before and after each other in the flow.

use crate::view::{BoxId, EdgeRole, View};

/// The boxes before and after each one; residual connections lead to no neighbours. A frame has those of what is in it.
/// Siblings are given as such, and what is in another frame by the box that the data comes from or goes to.
#[derive(Debug)]
pub(super) struct Near {
    pub(super) before: Vec<Vec<BoxId>>,
    pub(super) after: Vec<Vec<BoxId>>,
}

impl Near {
    pub(super) fn new(view: &View) -> Self {
        let none = vec![Vec::new(); view.boxes.len()];
        let mut near = Self { before: none.clone(), after: none };
        for edge in view.edges.iter().filter(|edge| edge.role != EdgeRole::Residual && edge.from != edge.to) {
            let (up, down) = (apart(view, edge.from, edge.to), apart(view, edge.to, edge.from));
            // Neither end is a frame around the other.
            let (Some(&source), Some(&target)) = (up.last(), down.last()) else { continue };
            for (place, &id) in up.iter().enumerate() {
                push(&mut near.after[id], if place + 1 == up.len() { target } else { edge.to });
            }
            for (place, &id) in down.iter().enumerate() {
                push(&mut near.before[id], if place + 1 == down.len() { source } else { edge.from });
            }
        }
        near
    }
}

/// A box and the frames around it that the other is not in.
fn apart(view: &View, id: BoxId, other: BoxId) -> Vec<BoxId> {
    let around: Vec<BoxId> = view.ancestors(other).collect();
    view.ancestors(id).take_while(|id| !around.contains(id)).collect()
}

fn push(list: &mut Vec<BoxId>, id: BoxId) {
    // With more than one, nobody asks which.
    if list.len() < 2 && !list.contains(&id) {
        list.push(id);
    }
}
