//! The corpora that come with the source code. They are read at run time and never compiled into the program.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, ensure};

/// The variable that says where the built-in corpora are.
const VARIABLE: &str = "TRAIN_BUILTIN_DATA";

/// The folder of the built-in corpora, whether it is there or not.
pub(crate) fn place() -> PathBuf {
    place_from(std::env::var_os(VARIABLE))
}

/// The folder of the built-in corpora: what `TRAIN_BUILTIN_DATA` names, or else where the program was compiled.
///
/// # Errors
///
/// If it isn't there, because the program was moved to another machine for example.
pub(crate) fn folder() -> Result<PathBuf> {
    existing(place())
}

fn place_from(variable: Option<OsString>) -> PathBuf {
    let given = variable.filter(|value| !value.is_empty());
    given.map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/data").into(), PathBuf::from)
}

fn existing(folder: PathBuf) -> Result<PathBuf> {
    ensure!(
        folder.is_dir(),
        "the built-in corpora are not there: {} is no folder; set {VARIABLE} to the folder crates/train/data of the \
         source code",
        folder.display()
    );
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::corpus::{Corpus, Split};

    #[test]
    fn the_variable_goes_before_the_source_code() {
        assert_eq!(place_from(Some("elsewhere".into())), PathBuf::from("elsewhere"));
        for unset in [None, Some(OsString::new())] {
            assert!(place_from(unset).ends_with("data"));
        }
    }

    #[test]
    fn a_missing_folder_is_named_with_the_remedy() {
        let message = existing("no/such/folder".into()).unwrap_err().to_string();
        assert!(message.contains("no/such/folder is no folder"), "{message}");
        assert!(message.contains("set TRAIN_BUILTIN_DATA"), "{message}");
    }

    #[test]
    fn ding_is_whole_and_its_splits_share_no_side() {
        let corpus = Corpus::open(&folder().unwrap().join("ding")).unwrap();
        let read = |split| corpus.pairs(split).unwrap().collect::<Result<Vec<_>>>().unwrap();
        let [train, valid, test] = Split::ALL.map(read);
        assert_eq!([train.len(), valid.len(), test.len()], [94_941, 1_000, 1_000]);
        assert_eq!(train[1], ("Ich zähle auf dich.".to_owned(), "I count on you.".to_owned()));
        for (one, other) in [(&train, &valid), (&train, &test), (&valid, &test)] {
            for (source, target) in other {
                assert!(!one.iter().any(|pair| pair.0 == *source || pair.1 == *target), "{source}: {target}");
            }
        }
    }

    #[test]
    fn austen_is_whole() {
        let corpus = Corpus::open(&folder().unwrap().join("austen")).unwrap();
        let lengths = Split::ALL.map(|split| corpus.texts(split).unwrap().map(Result::unwrap).count());
        assert_eq!(lengths, [9_034, 397, 518]);
    }
}
