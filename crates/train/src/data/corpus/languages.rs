//! What the languages of a corpus are called.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail, ensure};

/// The languages of a corpus of pairs, such as `de-en`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Languages {
    pub(super) source: String,
    pub(super) target: String,
}

impl Languages {
    /// Checks that both can be endings of file names, and different ones.
    pub(super) fn new(source: &str, target: &str) -> Result<Self> {
        ensure!(
            is_name(source) && is_name(target) && !source.eq_ignore_ascii_case(target),
            "expected two different languages such as de-en, found {source:?} and {target:?}"
        );
        Ok(Self { source: source.to_owned(), target: target.to_owned() })
    }

    /// Whether English, the first column of every file of Tatoeba's, is the language to translate into.
    pub(super) fn english_is_target(&self) -> Result<bool> {
        let english = |name: &str| ["en", "eng"].iter().any(|known| name.eq_ignore_ascii_case(known));
        ensure!(
            english(&self.source) || english(&self.target),
            "a file of Tatoeba's has English in its first column; expected --languages such as de-en or en-de, found \
             {self} (--tsv takes other pairs, the source first)"
        );
        Ok(english(&self.target))
    }
}

impl fmt::Display for Languages {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.source, self.target)
    }
}

/// Whether a language can be the ending of a file name.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What `--languages` says: two for pairs, one for a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Such as `en`.
    One(String),
    /// Such as `de-en`.
    Two(Languages),
}

impl Said {
    /// The languages of pairs: German and English if nothing is said.
    pub(super) fn of_pairs(said: Option<&Self>) -> Result<Languages> {
        match said {
            None => Languages::new("de", "en"),
            Some(Self::Two(languages)) => Ok(languages.clone()),
            Some(Self::One(name)) => bail!(
                "pairs have two languages, but --languages {name} names one; give both, first the one to translate \
                 from, such as --languages de-en (a corpus of one language is added with --text)"
            ),
        }
    }

    /// The language of a text, if it is said.
    pub(super) fn of_text(said: Option<&Self>) -> Result<Option<String>> {
        match said {
            None => Ok(None),
            Some(Self::One(name)) => Ok(Some(name.clone())),
            Some(Self::Two(languages)) => bail!(
                "a text has one language, but --languages {languages} names two; give one, such as --languages {}, or \
                 leave it out",
                languages.source
            ),
        }
    }
}

impl FromStr for Said {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.split_once('-') {
            Some((source, target)) => Languages::new(source, target).map(Self::Two),
            None if is_name(text) => Ok(Self::One(text.to_owned())),
            None => {
                bail!("expected two languages such as de-en, or for a text one such as en, found {text:?}")
            }
        }
    }
}
