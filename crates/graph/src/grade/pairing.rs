//! Which box of theirs each box of ours is, as far as that is known.

use super::side::Side;

/// Partners, as far as they are known.
pub(super) struct Pairing<'a> {
    pub(super) ours: &'a Side,
    pub(super) theirs: &'a Side,
    /// For each box of ours, the box of theirs.
    pub(super) of: Vec<Option<usize>>,
    /// Which of theirs have one of ours.
    pub(super) taken: Vec<bool>,
}

impl Pairing<'_> {
    pub(super) fn pair(&mut self, a: usize, b: usize) {
        self.of[a] = Some(b);
        self.taken[b] = true;
    }
}
