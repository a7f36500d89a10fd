//! Where an inner picture is in the picture of the whole: the whole's boxes as rectangles, told once a page, and those that
//! each figure is in, told by their numbers. Scripts draw the small map.

use std::collections::{BTreeMap, BTreeSet};

use super::html::{escape, unescape};
use crate::catalogue::{Rendered, Whereabouts};

/// A box of the whole, and its place: left, top, width, height.
type Placed = (String, [f64; 4]);

/// The attributes of a figure that lies in a whole.
pub(super) fn told(place: Option<&Whereabouts>, all: &[Rendered]) -> String {
    let Some(Whereabouts { whole, keys }) = place else { return String::new() };
    let Some(whole) = all.iter().find(|diagram| diagram.id == *whole) else { return String::new() };
    let boxes = boxes(&whole.svg);
    let numbers = (0..boxes.len()).filter(|&number| keys.contains(&boxes[number].0));
    let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
    format!(" data-whole=\"{}\" data-place=\"{}\"", whole.id, numbers.join(" "))
}

/// The wholes that the figures of a page lie in, not to be seen.
pub(super) fn wholes(
    ids: &BTreeSet<&str>,
    all: &[Rendered],
    up: &str,
    pages: &BTreeMap<String, String>,
) -> String {
    let whole = |diagram: &Rendered| {
        let boxes: Vec<_> = boxes(&diagram.svg)
            .iter()
            .map(|(_, [x, y, w, h])| format!("{x:.0},{y:.0},{w:.0},{h:.0}"))
            .collect();
        let page = pages.get(&diagram.id).map(|page| format!("{up}{page}")).unwrap_or_default();
        let size = view_box(&diagram.svg).unwrap_or_default().map(|number| format!("{number:.0}")).join(",");
        format!(
            "<div data-whole-picture=\"{}\" data-title=\"{}\" data-href=\"{page}\" data-size=\"{size}\" data-boxes=\"{}\"></div>",
            diagram.id,
            escape(&diagram.title),
            boxes.join(" ")
        )
    };
    let wholes: String = all.iter().filter(|diagram| ids.contains(&*diagram.id)).map(whole).collect();
    if wholes.is_empty() { wholes } else { format!("\n<div hidden>{wholes}</div>\n") }
}

fn view_box(svg: &str) -> Option<[f64; 4]> {
    let numbers = svg.split_once(" viewBox=\"")?.1.split('"').next()?;
    let numbers: Vec<f64> = numbers.split(' ').filter_map(|number| number.parse().ok()).collect();
    numbers.try_into().ok()
}

/// The boxes of a picture, in its order: each has its shape behind its key.
fn boxes(svg: &str) -> Vec<Placed> {
    let found = svg.split(" data-key=\"").skip(1).filter_map(|part| {
        let key = unescape(part.split('"').next()?);
        let group = part.split("</g>").next()?;
        let shape = group.split('<').find(|tag| tag.starts_with("rect ") || tag.starts_with("circle "))?;
        let number = |name: &str| -> Option<f64> {
            shape.split_once(&format!(" {name}=\""))?.1.split('"').next()?.parse().ok()
        };
        let place = match (number("cx"), number("cy"), number("r")) {
            (Some(x), Some(y), Some(r)) => [x - r, y - r, 2.0 * r, 2.0 * r],
            _ => [number("x")?, number("y")?, number("width")?, number("height")?],
        };
        Some((key, place))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_read_from_the_picture() {
        let svg = "<svg viewBox=\"0 -36 78 70\"><g class=\"f\" data-key=\"a&amp;b\"><title>A</title><rect x=\"1\" y=\"2.5\" \
                   width=\"3\" height=\"4\" rx=\"8\"/></g><g data-key=\"c\"><circle class=\"r\" cx=\"10\" cy=\"20\" r=\"4\"/></g></svg>";
        let expected = [("a&b".to_owned(), [1.0, 2.5, 3.0, 4.0]), ("c".to_owned(), [6.0, 16.0, 8.0, 8.0])];
        assert_eq!(boxes(svg), expected);
        assert_eq!(view_box(svg), Some([0.0, -36.0, 78.0, 70.0]));
        assert_eq!((boxes("<svg></svg>"), view_box("<svg></svg>")), (vec![], None));
    }
}
