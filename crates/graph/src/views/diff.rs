//! What differs between two views.

use crate::view::{BoxId, View};

/// Views with more boxes than this are not compared; a reader could not either.
const MOST_BOXES: usize = 2_000;

impl View {
    /// Highlights the boxes of `self` that have no counterpart in `other`: what is to be added, removed or moved to get
    /// from one to the other. Boxes correspond if they are in the same order and have the same label inside of frames
    /// of the same labels.
    pub fn highlight_differences(&mut self, other: &Self) {
        let (ours, theirs) = (self.leaves(), other.leaves());
        if ours.len() > MOST_BOXES || theirs.len() > MOST_BOXES {
            return;
        }
        let name = |view: &Self, id: BoxId| -> Vec<String> {
            view.ancestors(id)
                .map(|id| format!("{}×{}", view.boxes[id].label, view.boxes[id].repeat))
                .collect()
        };
        // The root's own label says nothing about what is in it.
        let names = |view: &Self, ids: &[BoxId]| -> Vec<Vec<String>> {
            ids.iter()
                .map(|&id| name(view, id))
                .map(|mut name| name.drain(..name.len() - 1).collect())
                .collect()
        };
        let common = common_subsequence(&names(self, &ours), &names(other, &theirs));
        for (&id, common) in ours.iter().zip(common) {
            self.boxes[id].highlight |= !common;
        }
    }

    /// All boxes without children, in program order.
    #[must_use]
    pub fn leaves(&self) -> Vec<BoxId> {
        let (mut leaves, mut open) = (Vec::new(), vec![Self::ROOT]);
        while let Some(id) = open.pop() {
            match self.boxes.get(id) {
                Some(found) if found.children.is_empty() => leaves.push(id),
                Some(found) => open.extend(found.children.iter().rev()),
                None => {}
            }
        }
        leaves
    }
}

/// For each of `a`, whether it is in a longest common subsequence of `a` and `b`.
fn common_subsequence<T: PartialEq>(a: &[T], b: &[T]) -> Vec<bool> {
    // longest[i][j]: of a[i..] and b[j..].
    let mut longest = vec![vec![0_u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i][j] = match a[i] == b[j] {
                true => longest[i + 1][j + 1] + 1,
                false => longest[i + 1][j].max(longest[i][j + 1]),
            };
        }
    }
    let mut common = vec![false; a.len()];
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            common[i] = true;
            (i, j) = (i + 1, j + 1);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_is_not_common() {
        let common = common_subsequence(&["norm", "attention", "add"], &["attention", "add", "norm"]);
        assert_eq!(common, [false, true, true]);
        assert_eq!(common_subsequence::<u8>(&[], &[1]), [false; 0]);
        assert_eq!(common_subsequence(&[1, 2], &[]), [false, false]);
    }
}
