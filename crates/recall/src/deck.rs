//! Cards that belong together.

use std::collections::HashSet;

use crate::card::Card;

/// A deck of different cards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deck {
    name: String,
    cards: Vec<Card>,
}

/// A deck that can't be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeckError {
    /// The name would not survive a line.
    #[error("a deck's name is {0:?}, but it must be a line with a letter in it, without blanks around")]
    Name(String),
    /// One card would take the place of the other.
    #[error("two cards have the id {0:?}")]
    Id(String),
    /// Nobody could tell which answer is meant.
    #[error("the cards {0:?} and {1:?} have the same front")]
    Front(String, String),
}

impl Deck {
    /// A deck of cards. In Anki, `::` is between a deck and one below it.
    ///
    /// # Errors
    ///
    /// If the name is no line of text, or two cards have the same id or the same front.
    pub fn new(name: impl Into<String>, cards: Vec<Card>) -> Result<Self, DeckError> {
        let name = name.into();
        if name.trim() != name || name.is_empty() || name.contains(char::is_control) {
            return Err(DeckError::Name(name));
        }
        let mut ids = HashSet::new();
        if let Some(card) = cards.iter().find(|card| !ids.insert(card.id())) {
            return Err(DeckError::Id(card.id().to_owned()));
        }
        let mut fronts = std::collections::HashMap::new();
        for card in &cards {
            if let Some(other) = fronts.insert(card.front(), card.id()) {
                return Err(DeckError::Front(other.to_owned(), card.id().to_owned()));
            }
        }
        Ok(Self { name, cards })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The cards, in their order.
    #[must_use]
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }
}
