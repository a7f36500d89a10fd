//! What is found out once, for all captures of a program.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Answers by their questions.
pub(super) struct Memo<K, V>(OnceLock<Mutex<HashMap<K, V>>>);

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    pub(super) const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// The answer, looked for if nobody has asked before. Meanwhile others may ask.
    pub(super) fn get(&self, key: K, find: impl FnOnce(&K) -> V) -> V {
        let known = || self.0.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = known().get(&key) {
            return value.clone();
        }
        let value = find(&key);
        // Whoever found it first is believed, so that all have the same.
        known().entry(key).or_insert(value).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_not_looked_for() {
        static LENGTHS: Memo<&str, usize> = Memo::new();
        assert_eq!(LENGTHS.get("abc", |text| text.len()), 3);
        assert_eq!(LENGTHS.get("abc", |_| 0), 3);
        assert_eq!(LENGTHS.get("", |_| LENGTHS.get("ab", |text| text.len())), 2);
    }
}
