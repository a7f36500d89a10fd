//! Texts of a picture, and the room that each takes.

use super::geometry::{Point, Rect};
use super::text;

/// A text in the picture.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(crate) text: String,
    /// Middle (or, for titles, left end) of the base line.
    pub(crate) at: Point,
    pub(crate) size: f64,
    pub(crate) style: Setting,
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    Label,
    Note,
    Place,
    Title,
    Times,
}

/// The rectangle that a text takes.
pub(crate) fn extent(words: &Words) -> Rect {
    let bold = words.style == Setting::Times;
    let w =
        if bold { text::bold_width(&words.text, words.size) } else { text::width(&words.text, words.size) };
    let x = if words.style == Setting::Title { words.at.x } else { words.at.x - w / 2.0 };
    Rect { x, y: words.at.y - words.size * 0.76, w, h: words.size * 0.96 }
}
