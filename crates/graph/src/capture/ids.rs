//! Maps by the ids of tensors. Burn counts those up, so that spreading them a little makes good hashes.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use burn::backend::ir::TensorId;

/// A map by ids.
pub(super) type IdMap<V> = HashMap<TensorId, V, BuildHasherDefault<IdHasher>>;

/// A set of ids.
pub(super) type IdSet = HashSet<TensorId, BuildHasherDefault<IdHasher>>;

/// Hashes an id.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(u64::from(byte)));
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = (self.0.rotate_left(5) ^ id).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::BuildHasher;

    #[test]
    fn neighbours_differ_at_both_ends() {
        let hash = |id: u64| BuildHasherDefault::<IdHasher>::default().hash_one(id);
        let low: HashSet<u64> = (0..128).map(|id| hash(id) % 128).collect();
        let high: HashSet<u64> = (0..128).map(|id| hash(id) >> 57).collect();
        assert_eq!(low.len(), 128);
        assert!(high.len() > 64, "{}", high.len());
    }
}
