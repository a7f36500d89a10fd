//! What a run learns from, if that is a corpus, and where to find it when both have moved.

use std::path::{Component, Path, PathBuf};

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use crate::data::corpus::Corpus;
use crate::data::dataset::{LONGEST_CONTEXT, content};

/// A task whose data are a corpus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorpusTask {
    /// The corpus's name.
    pub corpus: String,
    /// Its folder; none if it is a built-in one, which every machine has elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// The way to that folder from the run's, so that a project can be moved; none if they have no folder in common.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<PathBuf>,
    /// SHA-256 of what is in it (see `dataset::content`); none if it is built in, or an older version began the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Of a translation: the language to translate from.
    pub source: Option<String>,
    /// Of a translation: the language to translate into.
    pub target: Option<String>,
    /// Of a translation: tokens that a sentence may have, the end included; of text: tokens in a window.
    pub length: usize,
}

impl CorpusTask {
    /// To learn from a corpus, wherever the run is going to be.
    ///
    /// # Errors
    ///
    /// If the corpus can't be read.
    pub(crate) fn of(corpus: &Corpus, length: usize) -> Result<Self> {
        let (info, folder) = (corpus.info(), corpus.lasting_folder()?);
        Ok(Self {
            corpus: info.name.clone(),
            content: folder.as_ref().map(|_| content(corpus)).transpose()?,
            folder,
            beside: None,
            source: info.source.clone(),
            target: info.target.clone(),
            length,
        })
    }

    /// Checks how long a sequence may be, which was said by the flag of this name.
    ///
    /// # Errors
    ///
    /// If it is zero, or more than is allowed.
    pub(super) fn check(&self, flag: &str) -> Result<()> {
        let (length, most) = (self.length, LONGEST_CONTEXT);
        let rule = format!("it must be at least 1 and at most {most}");
        ensure!((1..=most).contains(&length), "length = {length} ({flag}), but {rule}");
        Ok(())
    }

    /// The same of a run that is, or is going to be, in the folder `run`.
    #[must_use]
    pub(crate) fn placed(&self, run: &Path) -> Self {
        let way = |folder: &PathBuf| way(&without_links(run)?, &without_links(folder)?);
        Self { beside: self.folder.as_ref().and_then(way), ..self.clone() }
    }

    /// The same of a run in the folder `run`, with its corpus where it is now.
    ///
    /// # Errors
    ///
    /// If the present folder is gone.
    pub(crate) fn found(&self, corpus: &Corpus, run: &Path) -> Result<Self> {
        Ok(Self { folder: corpus.lasting_folder()?, ..self.clone() }.placed(run))
    }

    /// The same of what is made of the run in the folder `from` in the folder `to`.
    #[must_use]
    pub(crate) fn carried(&self, from: &Path, to: &Path) -> Self {
        let beside = self.beside.as_ref().map(|beside| from.join(beside));
        let beside = beside.filter(|place| Corpus::is_at(place)).and_then(|place| without_links(&place));
        Self { folder: beside.or_else(|| self.folder.clone()), ..self.clone() }.placed(to)
    }

    /// Opens the corpus where it was when this was made: for a run that is about to begin, or whose corpus was just found.
    ///
    /// # Errors
    ///
    /// If it is no longer there, or damaged.
    pub(crate) fn open_there(&self) -> Result<Corpus> {
        self.folder.as_ref().map_or_else(|| Corpus::built_in(&self.corpus), |folder| Corpus::open(folder))
    }

    /// Opens the corpus of the run in the folder `run`: the one beside the run, or else where it was when the run began.
    /// If there are both, and one of them has changed, it is the other.
    ///
    /// # Errors
    ///
    /// If it is no longer there, or damaged.
    pub(crate) fn open(&self, run: &Path) -> Result<Corpus> {
        let Some(folder) = &self.folder else { return Corpus::built_in(&self.corpus) };
        let beside =
            self.beside.as_ref().map(|beside| run.join(beside)).and_then(|path| path.canonicalize().ok());
        let mut places: Vec<&PathBuf> =
            beside.iter().chain([folder]).filter(|place| Corpus::is_at(place)).collect();
        ensure!(
            !places.is_empty(),
            "the corpus {:?} of {} is no longer in {}; if it has moved, give its folder with --corpus",
            self.corpus,
            run.display(),
            folder.display()
        );
        places.dedup();
        if places.len() > 1 {
            // A damaged one is opened only if there is no other.
            let is_same = |place: &&PathBuf| {
                Corpus::open(place)
                    .and_then(|corpus| content(&corpus))
                    .is_ok_and(|found| self.content == Some(found))
            };
            let same = places.iter().position(is_same).unwrap_or_default();
            return Corpus::open(places[same]);
        }
        Corpus::open(places[0])
    }
}

/// A path without links, as far as it is there.
fn without_links(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let (there, found) = path.ancestors().find_map(|there| Some((there, there.canonicalize().ok()?)))?;
    Some(found.join(path.strip_prefix(there).ok()?))
}

/// The way from one folder to another, both without links, if they have more in common than the root.
fn way(from: &Path, to: &Path) -> Option<PathBuf> {
    let common: Vec<Component<'_>> =
        from.components().zip(to.components()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect();
    if !common.iter().any(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let up = from.components().skip(common.len()).map(|_| Component::ParentDir);
    Some(up.chain(to.components().skip(common.len())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_between_folders_leads_over_what_they_have_in_common() {
        for (from, to, expected) in [
            ("/home/me/project/runs/a", "/home/me/project/data/mine", Some("../../data/mine")),
            ("/home/me/runs/a", "/home/me/runs/a/corpus", Some("corpus")),
            ("/home/me/runs", "/home/me/running", Some("../running")),
            ("/scratch/a", "/home/me/data/mine", None),
        ] {
            assert_eq!(way(Path::new(from), Path::new(to)), expected.map(PathBuf::from), "{from} {to}");
        }
    }

    #[test]
    fn what_an_older_version_wrote_is_read() {
        let text = r#"{"corpus":"mine","folder":"/data/mine","source":null,"target":null,"length":9}"#;
        let task: CorpusTask = serde_json::from_str(text).unwrap();
        assert_eq!((&task.beside, &task.content), (&None, &None));
        assert_eq!(serde_json::to_string(&task).unwrap(), text);
    }
}
