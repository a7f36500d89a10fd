//! Remembering: when to ask again, cards to ask with, and what of a text was recalled.
//!
//! - [`schedule`] is SM-2 (Wozniak 1990): after how many days the same is asked again.
//! - [`card`] and [`deck`] hold questions and answers; [`tsv`] writes a deck as Anki imports it, and reads it back strictly.
//! - [`chapter`] finds in a chapter's text what it asks to be remembered: key facts, and questions with their answers.
//! - [`free`] compares what somebody wrote from memory with those facts, leniently.
//!
//! There are texts and whole numbers in here, and no file, no clock and no random number.
//!
//! ```
//! use recall::schedule::{Item, Quality};
//!
//! let good = Quality::new(4)?;
//! let after = |item: &Item| Some(item.after(good));
//! let days: Vec<u32> = std::iter::successors(Some(Item::new().after(good)), after).map(Item::interval).take(4).collect();
//! assert_eq!(days, [1, 6, 15, 38]);
//! # Ok::<(), recall::schedule::NoQuality>(())
//! ```

#![warn(missing_docs, unreachable_pub)]

pub mod card;
pub mod chapter;
pub mod deck;
pub mod free;
pub mod schedule;
pub mod tsv;
