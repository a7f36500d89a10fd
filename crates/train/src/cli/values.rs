//! Values that flags take: what they are called, and what is refused by name.

use std::str::FromStr;

use model::NormOrder;
use serde::{Deserialize, Serialize};

use crate::data::corpus::Split;

/// A finite number: text such as `nan` and `1e400` is none, though Rust reads it as one.
pub(super) fn number(text: &str) -> Result<f64, String> {
    let found = f64::from_str(text).ok().filter(|number| number.is_finite());
    found.ok_or_else(|| format!("expected a finite number, found {text:?}"))
}

/// A number of things of which there must be one.
pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    let found = usize::from_str(text).ok().filter(|number| *number > 0);
    found.ok_or_else(|| format!("expected a whole number that is at least 1, found {text:?}"))
}

/// Where layer norm stands.
pub(super) fn norm_order(name: &str) -> Result<NormOrder, String> {
    match name {
        "pre" => Ok(NormOrder::Pre),
        "post" => Ok(NormOrder::Post),
        _ => Err(format!("expected pre or post, found {name:?}")),
    }
}

/// A part of a corpus.
pub(super) fn split(name: &str) -> Result<Split, String> {
    let found = Split::ALL.into_iter().find(|split| split.name() == name);
    found.ok_or_else(|| format!("expected train, valid or test, found {name:?}"))
}

/// What becomes of a text that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TooLong {
    /// It is refused.
    Error,
    /// Its beginning is used.
    Crop,
    /// It is taken for an empty one.
    Empty,
}

impl FromStr for TooLong {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "error" => Ok(Self::Error),
            "crop" => Ok(Self::Crop),
            "empty" => Ok(Self::Empty),
            _ => Err(format!("expected error, crop or empty, found {name:?}")),
        }
    }
}

/// How the learning rate goes up and down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ScheduleName {
    /// As in the paper.
    Noam,
    /// Along a cosine.
    Cosine,
}

impl FromStr for ScheduleName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "noam" => Ok(Self::Noam),
            "cosine" => Ok(Self::Cosine),
            _ => Err(format!("expected noam or cosine, found {name:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_finite_number_is_refused_by_name() {
        assert_eq!(number("-1.5e3").unwrap(), -1500.0);
        for text in ["nan", "NaN", "inf", "-infinity", "1e400", "", "one"] {
            let message = number(text).unwrap_err();
            assert!(message.contains("finite number") && message.contains(&format!("{text:?}")), "{message}");
        }
    }

    #[test]
    fn nothing_is_no_number_of_things() {
        assert_eq!(at_least_one("1").unwrap(), 1);
        for text in ["0", "-1", "1.5", "", "one", "99999999999999999999"] {
            let message = at_least_one(text).unwrap_err();
            assert!(message.contains("at least 1") && message.contains(&format!("{text:?}")), "{message}");
        }
    }
}
