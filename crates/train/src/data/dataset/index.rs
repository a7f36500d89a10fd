//! What is written beside token ids on disk: where each block is, and sums by which damage is told.

use std::fs;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::Encoded;
use crate::files::{sum, write_atomically};

/// Examples in a block at most.
pub(super) const BLOCK: usize = 1 << 18;

/// Where a block is, and how much is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) offset: u64,
    pub(super) bytes: u64,
    pub(super) examples: usize,
}

/// What is written beside a store that lasts.
#[derive(Serialize, Deserialize)]
pub(super) struct Index {
    pub(super) places: Vec<Place>,
    pub(super) encoded: Encoded,
    /// SHA-256 of the ids.
    pub(super) sum: String,
    /// What they were encoded from.
    pub(super) origin: String,
    /// SHA-256 of all this; older versions had none.
    #[serde(default)]
    pub(super) check: Option<String>,
}

impl Index {
    /// Nothing if it is missing or damaged; then the ids are encoded again.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let index: Self = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
        let is_whole = index.check.is_none() || index.check == index.own_sum().ok();
        is_whole.then_some(index)
    }

    pub(super) fn write(mut self, path: &Path) -> Result<()> {
        self.check = Some(self.own_sum()?);
        write_atomically(path, serde_json::to_string(&self)?.as_bytes())
    }

    fn own_sum(&self) -> Result<String> {
        let Self { places, encoded, sum, origin, check: _ } = self;
        Ok(sum::of_bytes(&serde_json::to_vec(&(places, encoded, sum, origin))?))
    }

    /// Whether the blocks follow one another to the end of a file of so many bytes, and none is larger than it can be:
    /// memory is taken for as much as is said here.
    pub(super) fn fits(&self, length: u64) -> bool {
        let end = self.places.iter().try_fold(0_u64, |end, place| {
            let least = (place.examples as u64).checked_mul(8)?; // Two lengths are in each.
            let is_right = place.offset == end
                && (1..=BLOCK).contains(&place.examples)
                && place.bytes >= least
                && place.bytes.is_multiple_of(4);
            end.checked_add(place.bytes).filter(|_| is_right)
        });
        end == Some(length)
    }
}
