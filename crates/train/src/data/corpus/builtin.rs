//! The corpora that come with the source code. They are read at run time and never compiled into the program, since
//! their licences differ from that of the code.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The variable that says where the built-in corpora are.
const VARIABLE: &str = "TRAIN_BUILTIN_DATA";

/// The folder of the built-in corpora: the first that is there, or else where the program was compiled.
pub(crate) fn place() -> PathBuf {
    match first(present_places()) {
        Ok(found) => found,
        Err(mut places) => places.pop().unwrap_or_default(),
    }
}

/// The folder of the built-in corpora.
///
/// # Errors
///
/// If it isn't there, because the program was moved to another machine for example.
pub(crate) fn folder() -> Result<PathBuf> {
    existing(present_places())
}

fn present_places() -> Vec<PathBuf> {
    places(std::env::var_os(VARIABLE), std::env::current_exe().ok().as_deref())
}

/// Where the corpora may be. What `TRAIN_BUILTIN_DATA` names goes before all else. A program that was installed may have
/// them beside it (`bin/train-data`), or where a package puts them (`share/train/data`). Last comes the folder of the
/// source code where the program was compiled.
fn places(variable: Option<OsString>, program: Option<&Path>) -> Vec<PathBuf> {
    if let Some(given) = variable.filter(|value| !value.is_empty()) {
        return vec![given.into()];
    }
    let folder = program.and_then(Path::parent);
    let beside = folder.map(|folder| folder.join("train-data"));
    let shared = folder.and_then(Path::parent).map(|prefix| prefix.join("share/train/data"));
    let source = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/data"));
    beside.into_iter().chain(shared).chain([source]).collect()
}

/// The first of these folders that is there, or else all of them.
fn first(places: Vec<PathBuf>) -> Result<PathBuf, Vec<PathBuf>> {
    places.iter().find(|place| place.is_dir()).cloned().ok_or(places)
}

fn existing(places: Vec<PathBuf>) -> Result<PathBuf> {
    first(places).or_else(|places| {
        let places: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
        bail!(
            "the built-in corpora are not there: no folder {}; set {VARIABLE} to the folder crates/train/data of the \
             source code, or to a copy of it",
            places.join(" or ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::corpus::{Corpus, Split};

    #[test]
    fn the_variable_goes_before_an_installed_copy_and_that_before_the_source_code() {
        let source = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/data"));
        let program = Path::new("/usr/bin/train");
        assert_eq!(places(Some("elsewhere".into()), Some(program)), [PathBuf::from("elsewhere")]);
        for unset in [None, Some(OsString::new())] {
            let installed = ["/usr/bin/train-data", "/usr/share/train/data"].map(PathBuf::from);
            assert_eq!(
                places(unset, Some(program)),
                [&installed[..], std::slice::from_ref(&source)].concat()
            );
        }
        assert_eq!(places(None, None), [source]);
    }

    #[test]
    fn missing_folders_are_named_with_the_remedy() {
        let message = existing(vec!["no/such".into(), "nor/this".into()]).unwrap_err().to_string();
        assert!(message.contains("no folder no/such or nor/this;"), "{message}");
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
