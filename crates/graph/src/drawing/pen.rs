//! What is written of a picture again and again: rectangles, texts, and lines with rounded corners.

use std::fmt::Write;

use super::geometry::{Point, Rect};
use super::lettering::{Setting, Words};
use super::text::{escape, number};
use crate::view::BoxKind;

/// Radius of the corners of lines.
const CORNER: f64 = 6.0;

/// A rectangle with rounded corners.
pub(super) fn rect(svg: &mut String, place: Rect, round: f64, class: Option<&str>) {
    let class = class.map(|class| format!("class=\"{class}\" ")).unwrap_or_default();
    let [x, y, w, h] = [place.x, place.y, place.w, place.h].map(number);
    let _ = write!(
        svg,
        "<rect {class}x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{}\"/>",
        number(round)
    );
}

/// The blank after it keeps words apart for who hears the page.
pub(super) fn text(svg: &mut String, words: &Words) {
    let class = match words.style {
        Setting::Label => "",
        Setting::Note => " class=\"n\"",
        Setting::Place => " class=\"s\"",
        Setting::Title => " class=\"t\"",
        Setting::Times => " class=\"x\"",
    };
    let (x, y, size) = (number(words.at.x), number(words.at.y), number(words.size));
    let _ =
        write!(svg, "<text{class} x=\"{x}\" y=\"{y}\" font-size=\"{size}\">{}</text> ", escape(&words.text));
}

/// The path through the corners, each of them rounded.
pub(super) fn rounded(points: &[Point]) -> String {
    let at = |p: Point| format!("{} {}", number(p.x), number(p.y));
    let mut path = format!("M{}", at(points[0]));
    for corner in points.windows(3) {
        let [a, b, c] = corner else { continue };
        let length = |p: &Point, q: &Point| (p.x - q.x).abs() + (p.y - q.y).abs();
        let radius = CORNER.min(length(a, b) / 2.0).min(length(b, c) / 2.0);
        let towards = |p: &Point| {
            let whole = length(b, p).max(1e-9);
            Point { x: b.x + (p.x - b.x) * radius / whole, y: b.y + (p.y - b.y) * radius / whole }
        };
        let _ = write!(path, "L{}Q{} {}", at(towards(a)), at(*b), at(towards(c)));
    }
    let _ = write!(path, "L{}", at(points[points.len() - 1]));
    path
}

/// The border of a box, which says by its corners what it is.
pub(super) fn outline(svg: &mut String, kind: BoxKind, place: Rect) {
    if kind == BoxKind::Add {
        return circled_plus(svg, place);
    }
    let round = match kind {
        BoxKind::Activation => place.h / 2.0,
        BoxKind::Input | BoxKind::Output => 3.0,
        BoxKind::Linear | BoxKind::Convolution | BoxKind::Movement => 1.5,
        _ => 6.0,
    };
    rect(svg, place, round.min(14.0), Some("r"));
}

/// The sign of a sum.
pub(super) fn circled_plus(svg: &mut String, place: Rect) {
    let Point { x, y } = place.middle();
    let (r, arm) = (place.w / 2.0, place.w / 4.0);
    if (place.w - place.h).abs() > 0.5 {
        // Wide or high enough for many arrows.
        rect(svg, place, place.w.min(place.h) / 2.0, Some("r"));
        let arm = place.w.min(place.h) / 4.0;
        let [x1, y1, long] = [x - arm, y - arm, 2.0 * arm].map(number);
        let _ = write!(svg, "<path class=\"p\" d=\"M{x1} {}h{long}M{} {y1}v{long}\"/>", number(y), number(x));
        return;
    }
    let _ = write!(
        svg,
        "<circle class=\"r\" cx=\"{}\" cy=\"{}\" r=\"{}\"/><path class=\"p\" d=\"M{} {}h{}M{} {}v{}\"/>",
        number(x),
        number(y),
        number(r),
        number(x - arm),
        number(y),
        number(2.0 * arm),
        number(x),
        number(y - arm),
        number(2.0 * arm)
    );
}
