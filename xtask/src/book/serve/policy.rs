//! What the pages of the book may do: run the book's own scripts, and ask nobody else for anything.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::book::links;
use crate::paths;

/// A policy for every page. Scripts that stand in a page itself are named by their hashes, so that none runs that was not
/// there when the book was built. Workers are made of the player's text, and pictures of buttons are in the styles. Styles
/// stand in pages and drawings alike, where they are too many to name.
pub(super) fn of(book: &Path) -> Result<String> {
    let mut scripts = BTreeSet::new();
    for path in links::html_files(book)? {
        let page =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", paths::shown(&path)))?;
        scripts.extend(inline(&page).map(hash));
    }
    let mut own = String::new();
    for hash in scripts {
        let _ = write!(own, " 'sha256-{hash}'");
    }
    Ok(format!(
        "default-src 'none'; script-src 'self'{own}; worker-src blob:; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; \
         base-uri 'none'; form-action 'none'"
    ))
}

/// The texts of scripts that stand in a page.
fn inline(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script>").skip(1).filter_map(|rest| Some(rest.split_once("</script>")?.0))
}

/// SHA-256 in base64, as browsers compare it.
fn hash(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let sum = Sha256::digest(text);
    let digits = |group: &[u8]| {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(*group.get(at).unwrap_or(&0)));
        let digit = move |at: usize| char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63]);
        let used = group.len() + 1;
        (0..4).map(move |at| if at < used { digit(at) } else { '=' })
    };
    sum.chunks(3).flat_map(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_in_pages_are_named_by_their_hashes() {
        let page = "<script src=\"a.js\"></script><script>\n one();\n</script><p><script>two()</script>";
        assert_eq!(inline(page).collect::<Vec<_>>(), ["\n one();\n", "two()"]);
        // printf abc | sha256sum | xxd -r -p | base64
        assert_eq!(hash("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("index.html"), "<script>abc</script>").unwrap();
        let policy = of(folder.path()).unwrap();
        assert!(
            policy.contains("script-src 'self' 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=';"),
            "{policy}"
        );
        let scripts = policy.split("; ").find(|part| part.starts_with("script-src")).unwrap();
        assert!(!scripts.contains("unsafe"), "{policy}");
    }
}
