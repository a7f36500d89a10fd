//! A redrawing in Graphviz's language.
//!
//! The readers that there are as crates are under another licence, or panic at what is no DOT, or go down into it by
//! recursion, so that a file with many braces ends the program. This one needs no more than the language's own grammar.

mod read;
mod words;

use thiserror::Error;

use super::redrawing::Redrawing;

impl Redrawing {
    /// Reads a drawing in Graphviz's language. A label is a box's name, and where there is none, its identifier; the
    /// attribute `box` says in place of which box of the picture it stands, by that box's key, where names alone leave
    /// it open. Frames, ports, colours and what is invisible don't matter.
    ///
    /// # Errors
    ///
    /// If the text is something else, with the line.
    pub fn from_dot(text: &str) -> Result<Self, DotError> {
        read::read(text)
    }
}

/// Why a text can't be read as a drawing.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum DotError {
    /// It isn't Graphviz's language at all.
    #[error("this is no DOT: it should begin with `digraph {{`, but it begins with {found:?}")]
    NoDot {
        /// What it begins with.
        found: String,
    },
    /// There is nothing in it.
    #[error("this is no DOT: there is nothing in it")]
    Empty,
    /// Its lines have no direction.
    #[error("line {line}: lines need a direction: write `digraph` for `graph`, and `->` for `--`")]
    Undirected {
        /// Where, counted from one.
        line: usize,
    },
    /// Something else should stand here.
    #[error("line {line}: expected {what}, found {found:?}")]
    Expected {
        /// Where, counted from one.
        line: usize,
        /// What should stand here.
        what: &'static str,
        /// What does.
        found: String,
    },
    /// No word begins so.
    #[error(
        "line {line}: no word of DOT begins with {found:?}; a name with such a letter needs quotation marks"
    )]
    Letter {
        /// Where, counted from one.
        line: usize,
        /// The letter.
        found: char,
    },
    /// Something has no end.
    #[error("line {line}: {what} has no end")]
    Open {
        /// Where it begins, or where the text ends.
        line: usize,
        /// What.
        what: &'static str,
    },
    /// Braces within braces within braces.
    #[error("line {line}: braces are nested more than {most} deep")]
    Deep {
        /// Where, counted from one.
        line: usize,
        /// How deep they may be.
        most: usize,
    },
    /// More than anybody draws.
    #[error("line {line}: there are more than {most} lines between boxes")]
    Many {
        /// Where, counted from one.
        line: usize,
        /// How many there may be.
        most: usize,
    },
}

/// A text, cut where it is long.
fn short(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
