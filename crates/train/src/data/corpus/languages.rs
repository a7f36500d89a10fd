//! What the two languages of a corpus of pairs are called.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Result, ensure};

/// The languages of a corpus of pairs, such as `de-en`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Languages {
    pub(super) source: String,
    pub(super) target: String,
}

impl Languages {
    /// Checks that both can be endings of file names, and different ones.
    pub(super) fn new(source: &str, target: &str) -> Result<Self> {
        let plain =
            |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        ensure!(
            plain(source) && plain(target) && !source.eq_ignore_ascii_case(target),
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

impl FromStr for Languages {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (source, target) = text
            .split_once('-')
            .with_context(|| format!("expected two languages such as de-en, found {text:?}"))?;
        Self::new(source, target)
    }
}
