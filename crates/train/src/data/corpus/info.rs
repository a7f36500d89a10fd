//! What is known of a corpus: `corpus.json`.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::languages::{Languages, is_name};

/// What a corpus is, where it comes from and what may be done with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorpusInfo {
    /// What it is called.
    pub(crate) name: String,
    /// Whether it holds pairs or text.
    pub(crate) kind: Kind,
    /// Of pairs, the language to translate from; of text, its language, if it is known.
    pub(crate) source: Option<String>,
    /// Of pairs, the language to translate into.
    pub(crate) target: Option<String>,
    /// The terms under which it may be used.
    pub(crate) licence: String,
    /// Where it comes from.
    pub(crate) origin: String,
    /// The lines of each split.
    pub(crate) counts: Counts,
    /// What was left out when it was added.
    pub(crate) dropped: Dropped,
}

/// What the lines of a corpus are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Sentences and their translations.
    Pairs,
    /// Sentences or paragraphs of one language.
    Text,
}

/// The lines of each split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Counts {
    /// To learn from.
    pub(crate) train: usize,
    /// To watch learning by.
    pub(crate) valid: usize,
    /// To judge the result by.
    pub(crate) test: usize,
}

/// The lines left out of a corpus when it was added, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dropped {
    /// Empty lines, and pairs with an empty side.
    pub(crate) empty: usize,
    /// Lines or pairs that occurred before.
    pub(crate) duplicates: usize,
    /// Pairs for training that have their source or their target in common with a pair that is held out.
    pub(crate) shared_with_held_out: usize,
}

/// A part of a corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Split {
    /// To learn from.
    Train,
    /// To watch learning by.
    Valid,
    /// To judge the result by.
    Test,
}

impl Split {
    /// All of them, in the usual order.
    pub(crate) const ALL: [Self; 3] = [Self::Train, Self::Valid, Self::Test];

    /// What its files are called.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
            Self::Test => "test",
        }
    }
}

impl Counts {
    /// The lines of this split.
    #[must_use]
    pub(crate) const fn of(self, split: Split) -> usize {
        match split {
            Split::Train => self.train,
            Split::Valid => self.valid,
            Split::Test => self.test,
        }
    }
}

impl CorpusInfo {
    /// The languages of pairs, source first; of text, its language or nothing.
    #[must_use]
    pub(crate) fn languages(&self) -> Vec<&str> {
        [&self.source, &self.target].into_iter().flatten().map(String::as_str).collect()
    }

    /// The files of a split, unless they are gzipped.
    pub(super) fn files(&self, split: Split) -> Vec<String> {
        match self.kind {
            Kind::Text => vec![format!("{}.txt", split.name())],
            Kind::Pairs => {
                self.languages().iter().map(|language| format!("{}.{language}", split.name())).collect()
            }
        }
    }

    pub(super) fn validate(&self) -> Result<()> {
        match (self.kind, &self.source, &self.target) {
            (Kind::Text, None, None) => Ok(()),
            (Kind::Text, Some(language), None) if is_name(language) => Ok(()),
            (Kind::Pairs, Some(source), Some(target)) => Languages::new(source, target).map(drop),
            (Kind::Text, ..) => bail!("text has one language at most, but found {:?}", self.languages()),
            (Kind::Pairs, ..) => bail!("pairs need a source and a target, but found {:?}", self.languages()),
        }
    }
}

impl Kind {
    /// What it is made of.
    pub(crate) const fn unit(self) -> &'static str {
        match self {
            Self::Pairs => "pairs",
            Self::Text => "text",
        }
    }

    /// What a line of it is called.
    pub(super) const fn line(self) -> &'static str {
        match self {
            Self::Pairs => "pair",
            Self::Text => "line",
        }
    }
}

impl Counts {
    /// As text, for people.
    pub(crate) fn described(self) -> String {
        let Self { train, valid, test } = self;
        format!("train {train}, valid {valid}, test {test}")
    }
}

impl Dropped {
    /// As text, for people.
    pub(crate) fn described(self) -> String {
        let Self { empty, duplicates, shared_with_held_out } = self;
        format!(
            "{empty} empty, {duplicates} duplicate, {shared_with_held_out} sharing a side with a held-out line"
        )
    }
}
