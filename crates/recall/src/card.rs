//! A question and its answer.

use std::fmt;

/// A card with two sides, in HTML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    id: String,
    front: String,
    back: String,
    tags: Vec<String>,
}

/// A card that can't be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// The id would not survive a table.
    #[error(
        "a card's id is {0:?}, but it must be 1 to 200 printable ASCII characters without blanks and quotation marks"
    )]
    Id(String),
    /// There is nothing to ask.
    #[error("the front of card {0:?} is empty")]
    Front(String),
    /// There is nothing to answer.
    #[error("the back of card {0:?} is empty")]
    Back(String),
    /// A tag would become two.
    #[error("a tag of card {id:?} is {tag:?}, but a tag has no blank and at least one letter")]
    Tag {
        /// The card's.
        id: String,
        /// As it was found.
        tag: String,
    },
}

impl Card {
    /// A card. Its id is what it is known by when the deck is imported again: it stays when the text changes.
    ///
    /// # Errors
    ///
    /// If the id is no word of ASCII letters, digits and signs, or a side is empty.
    pub fn new(
        id: impl Into<String>,
        front: impl Into<String>,
        back: impl Into<String>,
    ) -> Result<Self, CardError> {
        let (id, front, back) = (id.into(), front.into(), back.into());
        let is_plain = id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
        if id.is_empty() || id.len() > 200 || !is_plain {
            return Err(CardError::Id(id));
        }
        if front.trim().is_empty() {
            return Err(CardError::Front(id));
        }
        if back.trim().is_empty() {
            return Err(CardError::Back(id));
        }
        Ok(Self { id, front, back, tags: Vec::new() })
    }

    /// With another tag. In Anki, `::` is between a tag and one below it.
    ///
    /// # Errors
    ///
    /// If the tag is empty or has a blank in it.
    pub fn tagged(mut self, tag: impl Into<String>) -> Result<Self, CardError> {
        let tag = tag.into();
        if tag.is_empty() || tag.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(CardError::Tag { id: self.id, tag });
        }
        self.tags.push(tag);
        Ok(self)
    }

    /// What it is known by.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The question.
    #[must_use]
    pub fn front(&self) -> &str {
        &self.front
    }

    /// The answer.
    #[must_use]
    pub fn back(&self) -> &str {
        &self.back
    }

    /// The tags, in their order.
    #[must_use]
    pub fn tags(&self) -> &[String] {
        &self.tags
    }
}

/// The name of a picture that cards show. All pictures of a collection lie in one folder, so it should say whose it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaName(String);

/// A name that not every system and every page takes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a picture's name is {0:?}, but it must be ASCII letters, digits, '-', '_' and '.', begin with a letter, end with .svg or \
     .png, and have 120 characters at most"
)]
pub struct NoMediaName(pub String);

impl MediaName {
    /// Anki shortens names that are longer.
    const LONGEST: usize = 120;

    /// A name that every system and every page takes.
    ///
    /// # Errors
    ///
    /// If it isn't one.
    pub fn new(name: impl Into<String>) -> Result<Self, NoMediaName> {
        let name = name.into();
        let ends = [".svg", ".png"].iter().any(|end| name.len() > end.len() && name.ends_with(end));
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if ends && is_plain && begins && name.len() <= Self::LONGEST {
            Ok(Self(name))
        } else {
            Err(NoMediaName(name))
        }
    }

    /// The picture on a side of a card.
    #[must_use]
    pub fn image(&self, says: &str) -> String {
        format!("<img src=\"{}\" alt=\"{}\">", self.0, escape(says))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MediaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text as HTML.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            other => escaped.push(other),
        }
    }
    escaped
}
