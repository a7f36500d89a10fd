//! Corpora: pairs of sentences to translate, or text to go on with.
//!
//! A corpus is a folder:
//!
//! | file | content |
//! |---|---|
//! | `corpus.json` | what it is: a [`CorpusInfo`] |
//! | `train.de`, `train.en`, `valid.de`, ... | of pairs: the sentences of each language, aligned by line |
//! | `train.txt`, `valid.txt`, `test.txt` | of text: a paragraph a line |
//!
//! All text is UTF-8, and any of its files may be gzipped (`train.de.gz`). It is normalised when it is read
//! ([`crate::data::text`]), so a corpus that an older version added is read as one that is added today.

mod add;
mod ahead;
mod args;
mod builtin;
mod clean;
mod info;
mod input;
mod languages;
mod lines;
mod overlap;
mod quoted;
mod read;
mod split;
mod write;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use indicatif::ProgressBar;

use crate::files::beside::tidy;

use self::ahead::Ahead;
use self::lines::Lines;
use self::read::{Checked, Rows};

pub(crate) use self::builtin::{folder as built_in_folder, place as built_in_place};

pub(crate) use self::info::{CorpusInfo, Counts, Dropped, Kind, Split};

pub(crate) use self::add::add;
pub(crate) use self::args::AddArgs;
pub(crate) use self::overlap::warn_of_overlap;

/// The file that makes a folder a corpus.
const INFO: &str = "corpus.json";

/// A corpus on disk: a folder with `corpus.json` and its splits, a sentence or paragraph a line, UTF-8, gzipped or not.
#[derive(Clone, Debug)]
pub(crate) struct Corpus {
    folder: PathBuf,
    info: CorpusInfo,
}

impl Corpus {
    /// Opens the corpus in a folder.
    ///
    /// # Errors
    ///
    /// If there is none, or it is damaged.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(INFO);
        ensure!(
            path.is_file(),
            "{} is no corpus: it has no {INFO}; `train data add` makes one",
            folder.display()
        );
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let info: CorpusInfo =
            serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))?;
        info.validate().with_context(|| format!("{} can't be used", path.display()))?;
        let corpus = Self { folder: folder.to_owned(), info };
        for split in Split::ALL {
            corpus.paths(split)?;
        }
        Ok(corpus)
    }

    /// Whether a folder is a corpus, whole or not.
    #[must_use]
    pub(crate) fn is_at(folder: &Path) -> bool {
        folder.join(INFO).is_file()
    }

    /// Finds a corpus: the folder `name`, or else a corpus of that name in the folder `data`, or else a built-in one.
    ///
    /// # Errors
    ///
    /// If there is none, or it is damaged.
    pub(crate) fn find(name: &str, data: &Path) -> Result<Self> {
        ensure!(
            !name.is_empty(),
            "expected the name or the folder of a corpus; `train data list` names them"
        );
        let named = Path::new(name);
        if named.join(INFO).is_file() || named.components().count() > 1 {
            return Self::open(named);
        }
        tidy(data, is_whole);
        let mut places = vec![data.join(name)];
        if !places[0].join(INFO).is_file() {
            places.push(builtin::folder().with_context(|| format!("found no corpus {name:?}"))?.join(name));
        }
        let found = places.iter().find(|place| place.join(INFO).is_file());
        let Some(folder) = found else {
            bail!(
                "found no corpus {name:?}: no such folder with a {INFO}, none in the folder {} and none built in; \
                 `train data list` names those there are, `train data add` makes one",
                data.display()
            );
        };
        Self::open(folder)
    }

    /// Opens a corpus that comes with the source code.
    ///
    /// # Errors
    ///
    /// If there is none of that name, or it is damaged.
    pub(crate) fn built_in(name: &str) -> Result<Self> {
        Self::open(&builtin::folder()?.join(name))
    }

    /// Where to find it again from anywhere on this machine; none if it is built in.
    ///
    /// # Errors
    ///
    /// If the present folder is gone.
    pub(crate) fn lasting_folder(&self) -> Result<Option<PathBuf>> {
        let built_in = self.folder.starts_with(builtin::place());
        Ok(if built_in { None } else { Some(std::path::absolute(&self.folder)?) })
    }

    /// What it is.
    #[must_use]
    pub(crate) fn info(&self) -> &CorpusInfo {
        &self.info
    }

    /// Where it is.
    #[must_use]
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads the pairs of a split, one at a time.
    ///
    /// # Errors
    ///
    /// If it holds no pairs. What can't be read later is named with its file and line.
    pub(crate) fn pairs(
        &self,
        split: Split,
    ) -> Result<impl Iterator<Item = Result<(String, String)>> + use<>> {
        let rows = self.rows(split, Kind::Pairs)?;
        Ok(rows.map(|row| {
            let mut sides = row?.into_iter();
            Ok((sides.next().unwrap_or_default(), sides.next().unwrap_or_default()))
        }))
    }

    /// Reads the lines of a split, one at a time.
    ///
    /// # Errors
    ///
    /// If it holds no text. What can't be read later is named with its file and line.
    pub(crate) fn texts(&self, split: Split) -> Result<impl Iterator<Item = Result<String>> + use<>> {
        let rows = self.rows(split, Kind::Text)?;
        Ok(rows.map(|row| Ok(row?.into_iter().next().unwrap_or_default())))
    }

    /// The rows of a split, as they are in its files.
    pub(crate) fn rows(&self, split: Split, kind: Kind) -> Result<Ahead> {
        let (shown, name) = (self.folder.display(), split.name());
        let Self { info, .. } = self;
        let (found, needed) = match info.kind {
            Kind::Pairs => ("pairs of sentences", "text is"),
            Kind::Text => ("text", "pairs of sentences are"),
        };
        ensure!(
            info.kind == kind,
            "{shown} holds {found}, but {needed} needed here; `train data list` shows which corpus is what"
        );
        let expected = info.counts.of(split);
        ensure!(expected > 0, "{shown} has no {name} split; add it again with a larger --{name}");
        let paths = self.paths(split)?;
        let mut lines = paths.iter().map(|path| Lines::open(path, &ProgressBar::hidden()));
        let rows = match (lines.next().transpose()?, lines.next().transpose()?) {
            (Some(source), Some(target)) => Rows::Aligned(source, target),
            (Some(lines), None) => Rows::Plain(lines),
            (None, _) => bail!("{shown} has no file for its {name} split"),
        };
        drop(lines);
        Ok(Ahead::new(Checked::new(rows, paths, expected)))
    }

    /// The files of a split as they are, gzipped or not.
    ///
    /// # Errors
    ///
    /// If one is missing.
    pub(crate) fn paths(&self, split: Split) -> Result<Vec<PathBuf>> {
        let find = |name: String| {
            let paths = [self.folder.join(&name), self.folder.join(format!("{name}.gz"))];
            let found = paths.into_iter().find(|path| path.is_file());
            found.with_context(|| {
                let folder = self.folder.display();
                format!("{folder} is no whole corpus: it has neither {name} nor {name}.gz; add it again")
            })
        };
        self.info.files(split).into_iter().map(find).collect()
    }
}

/// Whether a folder is a corpus, with all its files.
fn is_whole(folder: &Path) -> bool {
    Corpus::open(folder).is_ok()
}

/// All corpora: the built-in ones, if they are there, and those in the folder `data`. One that is damaged hides no
/// other.
///
/// # Errors
///
/// If a folder can't be read.
pub(crate) fn list(data: &Path) -> Result<Vec<Result<Corpus>>> {
    tidy(data, is_whole);
    let mut found = list_folder(&builtin::place())?;
    found.extend(list_folder(data)?);
    Ok(found)
}

/// The corpora in a folder, by name, each with what is wrong with it.
fn list_folder(folder: &Path) -> Result<Vec<Result<Corpus>>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let cannot_read = || format!("cannot read the folder {}", folder.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(cannot_read)? {
        let entry = entry.with_context(cannot_read)?;
        // What begins with a dot is about to be added.
        if !entry.file_name().to_string_lossy().starts_with('.') && entry.path().join(INFO).is_file() {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths.iter().map(|path| Corpus::open(path)).collect())
}

#[cfg(test)]
mod tests;
