//! A box whose words are covered, for who is to name it.

use std::fmt::Write;

use super::geometry::{Point, Rect};
use super::kinds::kind_class;
use super::lettering::{Setting, Words};
use super::pen::{outline, text};
use crate::view::{BoxKind, ViewBox};

const SIZE: f64 = 20.0;
/// From the middle of a letter to its base line, as a part of its size.
const MIDDLE: f64 = 0.36;

/// Writes the box with a question mark, and without anything that would give it away.
pub(super) fn write(svg: &mut String, found: &ViewBox, place: Rect) {
    // Without its sign, a sum is a box like any other.
    let kind = if found.kind == BoxKind::Add { BoxKind::Other } else { found.kind };
    // Writing to a string can't fail.
    let _ = write!(svg, "<g class=\"b {} hl\">", kind_class(kind));
    outline(svg, kind, place);
    let Point { x, y } = place.middle();
    let at = Point { x, y: y + SIZE * MIDDLE };
    text(svg, &Words { text: "?".to_owned(), at, size: SIZE.min(place.h), style: Setting::Times });
    svg.push_str("</g>");
}
