//! What `cargo tree` says: which crates there are, and which of them uses which.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};

/// Name with version, licence and repository of a crate, behind how deep it stands.
pub(super) const FORMAT: &str = "|{p}|{l}|{r}|";

/// Name and version: of one registry, these are never two crates.
pub(super) type Key = (String, String);

/// What Cargo knows of a crate.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Crate {
    /// As SPDX writes it; empty if the crate has a file instead.
    pub(super) license: String,
    pub(super) repository: String,
    /// What it uses.
    pub(super) uses: BTreeSet<Key>,
}

/// A program with all crates that it is made of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tree {
    pub(super) program: Key,
    pub(super) crates: BTreeMap<Key, Crate>,
}

impl Tree {
    /// Reads lines such as `2|libc v0.2.191|MIT OR Apache-2.0|https://…| (*)`, each below the one that uses it.
    pub(super) fn read(text: &str) -> Result<Self> {
        let mut tree = Self::default();
        let mut above: Vec<Key> = Vec::new();
        for line in text.lines().filter(|line| line.starts_with(|start: char| start.is_ascii_digit())) {
            let (depth, key, license, repository) =
                parts(line).with_context(|| format!("expected a crate in `cargo tree`, found {line:?}"))?;
            above.truncate(depth);
            if let Some(user) = above.last() {
                tree.crates.entry(user.clone()).or_default().uses.insert(key.clone());
            }
            let found = tree.crates.entry(key.clone()).or_default();
            // Long ago, a slash stood for "or".
            found.license = license.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ");
            repository.clone_into(&mut found.repository);
            above.push(key);
        }
        tree.program = above.into_iter().next().context("`cargo tree` shows no crate")?;
        Ok(tree)
    }
}

fn parts(line: &str) -> Option<(usize, Key, &str, &str)> {
    let mut parts = line.split('|');
    let depth = parts.next()?.parse().ok()?;
    let mut words = parts.next()?.split(' ');
    let key = (words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned());
    Some((depth, key, parts.next()?, parts.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_read_off_how_deep_lines_stand() {
        let text = "0|a v0.1.0 (/a)|MIT||\n1|b v2.0.0|MIT/Apache-2.0|https://b.org|\n2|c v1.0.0 (proc-macro)|||\n\
                    [build-dependencies]\n1|c v1.0.0 (proc-macro)||| (*)\n";
        let key = |name: &str, version: &str| (name.to_owned(), version.to_owned());
        let tree = Tree::read(text).unwrap();
        let [a, b, c] = [key("a", "0.1.0"), key("b", "2.0.0"), key("c", "1.0.0")];
        assert_eq!(tree.program, a);
        assert_eq!(tree.crates.len(), 3);
        assert_eq!(tree.crates[&a].uses, BTreeSet::from([b.clone(), c.clone()]));
        assert_eq!(tree.crates[&b].uses, BTreeSet::from([c.clone()]));
        assert_eq!(tree.crates[&b].license, "MIT OR Apache-2.0");
        assert_eq!((&tree.crates[&b].repository[..], &tree.crates[&c].license[..]), ("https://b.org", ""));
        for bad in ["", "1|b", "0|b 1.0.0|||"] {
            assert!(Tree::read(bad).is_err(), "{bad}");
        }
    }
}
