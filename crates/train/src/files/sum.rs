//! SHA-256, by which what was written is told from what has been damaged or changed since.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// The sum of a file, in hexadecimal digits.
///
/// # Errors
///
/// If it can't be read.
pub(crate) fn of_file(path: &Path) -> Result<String> {
    let sum = || -> std::io::Result<String> {
        let (mut file, mut digest, mut chunk) = (File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
        loop {
            match file.read(&mut chunk)? {
                0 => return Ok(finished(digest)),
                count => digest.update(&chunk[..count]),
            }
        }
    };
    sum().with_context(|| format!("cannot read {}", path.display()))
}

/// The sum of bytes, in hexadecimal digits.
#[must_use]
pub(crate) fn of_bytes(bytes: &[u8]) -> String {
    finished(Sha256::new_with_prefix(bytes))
}

/// What a digest has come to, in hexadecimal digits.
#[must_use]
pub(crate) fn finished(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The sum of several texts, each told from its neighbours.
#[must_use]
pub(crate) fn of_texts(texts: &[String]) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text);
    }
    finished(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_sha256sum_prints() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of_file(&path).unwrap(), expected);
        assert_eq!(of_bytes(b"abc"), expected);
        assert!(of_file(&folder.path().join("none")).unwrap_err().to_string().contains("cannot read"));
    }

    #[test]
    fn texts_are_told_apart() {
        let sum = |texts: &[&str]| of_texts(&texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
        assert_ne!(sum(&["ab", "c"]), sum(&["a", "bc"]));
        assert_eq!(sum(&["ab", "c"]), sum(&["ab", "c"]));
    }
}
