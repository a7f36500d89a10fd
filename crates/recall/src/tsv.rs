//! A deck as text that Anki imports: a table with tabs between, after lines that say what it is.
//!
//! The lines at the top are those of Anki 2.1.54 and later (<https://docs.ankiweb.net/importing/text-files.html>). A row is a
//! card: its id, its two sides, its tags. Since Anki is told which column holds the id (`#guid column`), importing a newer deck
//! changes the cards that are there, and what was learned of them is kept. A field with a tab, a line break or a quotation mark
//! in it stands between quotation marks, and those in it are doubled.

use std::fmt::Write;

use crate::card::{Card, CardError};
use crate::deck::{Deck, DeckError};

/// What stands above the rows, but for the deck's name.
const ABOVE: [&str; 3] = ["#separator:tab", "#html:true", "#notetype:Basic"];
const DECK: &str = "#deck:";
/// What stands below the deck's name.
const COLUMNS: [&str; 3] = ["#columns:id\tFront\tBack\tTags", "#guid column:1", "#tags column:4"];

/// What is wrong with such a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TsvError {
    /// A line at the top is another.
    #[error("line {line} is {found:?}, but it must be {expected:?}")]
    Header {
        /// Counted from one.
        line: usize,
        /// What should stand there.
        expected: String,
        /// What does.
        found: String,
    },
    /// A row has too many fields, or too few.
    #[error("the row in line {line} has {found} fields, but it must have 4")]
    Fields {
        /// Counted from one.
        line: usize,
        /// How many there are.
        found: usize,
    },
    /// A field that begins with a quotation mark has none at its end, or goes on after it.
    #[error("a field of the row in line {line} begins with a quotation mark and doesn't end with one")]
    Quotation {
        /// Counted from one.
        line: usize,
    },
    /// A quotation mark stands in a field without being doubled.
    #[error("a field of the row in line {line} has a quotation mark in it, but doesn't begin with one")]
    Stray {
        /// Counted from one.
        line: usize,
    },
    /// A row is no card.
    #[error(transparent)]
    Card(#[from] CardError),
    /// The cards are no deck.
    #[error(transparent)]
    Deck(#[from] DeckError),
}

/// The deck as text.
#[must_use]
pub fn write(deck: &Deck) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    ABOVE.iter().for_each(|line| text += &format!("{line}\n"));
    let _ = writeln!(text, "{DECK}{}", deck.name());
    COLUMNS.iter().for_each(|line| text += &format!("{line}\n"));
    for card in deck.cards() {
        let tags = card.tags().join(" ");
        let fields = [card.id(), card.front(), card.back(), &tags];
        let _ = writeln!(text, "{}", fields.map(field).join("\t"));
    }
    text
}

/// A field, between quotation marks if it must be. A row that begins with `#` would be a remark.
fn field(text: &str) -> String {
    if text.contains(['\t', '\n', '\r', '"']) || text.starts_with('#') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Reads such a text, and only such a text.
///
/// # Errors
///
/// If anything in it is not as [`write()`] would have written it.
pub fn read(text: &str) -> Result<Deck, TsvError> {
    let mut lines = text.split('\n');
    let mut number = 0;
    let mut next = || {
        number += 1;
        (number, lines.next().unwrap_or_default())
    };
    for expected in ABOVE {
        is(expected, next())?;
    }
    let (line, found) = next();
    let name = found.strip_prefix(DECK).ok_or_else(|| header(line, DECK, found))?;
    for expected in COLUMNS {
        is(expected, next())?;
    }
    let head = ABOVE.len() + 1 + COLUMNS.len();
    let rows: usize = text.split_inclusive('\n').take(head).map(str::len).sum();
    let mut cards = Vec::new();
    let found: Result<Vec<_>, _> = Rows { rest: &text[rows..], line: head }.collect();
    for (line, fields) in found? {
        let [id, front, back, tags] =
            <[String; 4]>::try_from(fields).map_err(|found| TsvError::Fields { line, found: found.len() })?;
        let card = Card::new(id, front, back)?;
        cards.push(tags.split(' ').filter(|tag| !tag.is_empty()).try_fold(card, Card::tagged)?);
    }
    Ok(Deck::new(name, cards)?)
}

fn is(expected: &str, (line, found): (usize, &str)) -> Result<(), TsvError> {
    if found == expected { Ok(()) } else { Err(header(line, expected, found)) }
}

fn header(line: usize, expected: &str, found: &str) -> TsvError {
    TsvError::Header { line, expected: expected.to_owned(), found: found.to_owned() }
}

/// The rows that are left, with the line in which each begins.
struct Rows<'a> {
    rest: &'a str,
    /// Lines that were read.
    line: usize,
}

impl Iterator for Rows<'_> {
    type Item = Result<(usize, Vec<String>), TsvError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line + 1;
        let row = self.row(line);
        if row.is_err() {
            self.rest = "";
        }
        Some(row.map(|fields| (line, fields)))
    }
}

impl Rows<'_> {
    fn row(&mut self, line: usize) -> Result<Vec<String>, TsvError> {
        let mut fields = Vec::new();
        loop {
            let (field, ends) = self.field(line)?;
            fields.push(field);
            if ends {
                self.line += 1;
                return Ok(fields);
            }
        }
    }

    /// The next field, and whether it is the last of its row.
    fn field(&mut self, line: usize) -> Result<(String, bool), TsvError> {
        let Some(inside) = self.rest.strip_prefix('"') else {
            let end = self.rest.find(['\t', '\n']).unwrap_or(self.rest.len());
            let (field, rest) = self.rest.split_at(end);
            if field.contains('"') {
                return Err(TsvError::Stray { line });
            }
            self.rest = rest.get(1..).unwrap_or_default();
            return Ok((field.to_owned(), !rest.starts_with('\t')));
        };
        let (mut field, mut left) = (String::new(), inside);
        loop {
            let end = left.find('"').ok_or(TsvError::Quotation { line })?;
            field += &left[..end];
            left = &left[end + 1..];
            match left.strip_prefix('"') {
                Some(rest) => (field, left) = (field + "\"", rest),
                None => break,
            }
        }
        if !left.is_empty() && !left.starts_with(['\t', '\n']) {
            return Err(TsvError::Quotation { line });
        }
        self.line += field.matches('\n').count();
        self.rest = left.get(1..).unwrap_or_default();
        Ok((field, !left.starts_with('\t')))
    }
}
