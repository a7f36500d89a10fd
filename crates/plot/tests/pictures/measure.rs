//! Measures pictures: is it XML, does all of it lie within the picture, do texts touch each other?

use plot::{bold_width, text_width};
use roxmltree::{Document, Node};

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug)]
struct Area {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Area {
    fn around(points: &[(f64, f64)], room: f64) -> Self {
        let none = Self {
            left: f64::INFINITY,
            right: f64::NEG_INFINITY,
            top: f64::INFINITY,
            bottom: f64::NEG_INFINITY,
        };
        points.iter().fold(none, |area, &(x, y)| Self {
            left: area.left.min(x - room),
            right: area.right.max(x + room),
            top: area.top.min(y - room),
            bottom: area.bottom.max(y + room),
        })
    }

    fn touches(&self, other: &Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

/// What is wrong with a picture; nothing if it is as it should be.
pub(crate) fn faults(svg: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if svg.lines().any(|line| line.trim().is_empty()) {
        faults.push("a blank line".to_owned());
    }
    let document = match Document::parse(svg) {
        Ok(document) => document,
        Err(error) => return vec![format!("no XML: {error}")],
    };
    let root = document.root_element();
    let size: Vec<f64> =
        root.attribute("viewBox").unwrap_or("").split(' ').filter_map(|part| part.parse().ok()).collect();
    let &[_, _, width, height] = size.as_slice() else { return vec!["no viewBox".to_owned()] };
    let mut texts: Vec<(Area, String)> = Vec::new();
    for node in root.descendants().filter(Node::is_element) {
        let Some(area) = extent(node) else { continue };
        let name = format!("{} {:?}", node.tag_name().name(), node.text().unwrap_or_default());
        // Half a pixel of an edge, or a hair of a number that was rounded, does no harm.
        if area.left < -0.6 || area.top < -0.6 || area.right > width + 0.6 || area.bottom > height + 0.6 {
            faults.push(format!("{name} leaves {width} x {height}: {area:?}"));
        }
        if node.has_tag_name("text") || node.tag_name().name() == "text" {
            texts.extend((area.right > area.left).then_some((area, name)));
        }
    }
    for (index, (area, name)) in texts.iter().enumerate() {
        let touched = texts[..index].iter().filter(|(other, _)| area.touches(other));
        faults.extend(touched.map(|(_, other)| format!("{name} touches {other}")));
    }
    faults
}

/// The texts of a picture.
pub(crate) fn texts(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).unwrap();
    let texts = document.descendants().filter(|node| node.tag_name().name() == "text");
    texts.map(|node| node.text().unwrap_or_default().to_owned()).collect()
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).and_then(|text| text.parse().ok()).unwrap_or(0.0)
}

fn numbers(text: &str) -> Vec<f64> {
    let split = text.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-')));
    split.filter_map(|part| part.parse().ok()).collect()
}

fn extent(node: Node<'_, '_>) -> Option<Area> {
    match node.tag_name().name() {
        "text" => Some(of_text(node)),
        "circle" => Some(Area::around(&[(number(node, "cx"), number(node, "cy"))], number(node, "r"))),
        "polyline" => Some(Area::around(&pairs(&numbers(node.attribute("points")?)), 0.0)),
        "path" => Some(Area::around(&of_path(node.attribute("d")?), 0.0)),
        _ => None,
    }
}

fn pairs(numbers: &[f64]) -> Vec<(f64, f64)> {
    numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect()
}

/// The corners of rectangles, `M1 2h3v4h-3z`, or of outlines, `M1 2L3 4z`.
fn of_path(path: &str) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    for part in path.split('M').filter(|part| !part.is_empty()) {
        let found = numbers(&part.replace("h-", "h"));
        if part.contains('h') {
            points.extend([(found[0], found[1]), (found[0] + found[2], found[1] + found[3])]);
        } else {
            points.extend(pairs(&found));
        }
    }
    points
}

/// What its letters cover, without what hangs below the line: 0.72 of the size is the height of capital letters.
fn of_text(node: Node<'_, '_>) -> Area {
    let (x, y, size) = (number(node, "x"), number(node, "y"), number(node, "font-size"));
    let text = node.text().unwrap_or_default();
    let width =
        if node.attribute("font-weight").is_some() { bold_width(text, size) } else { text_width(text, size) };
    let left = match node.attribute("text-anchor") {
        Some("middle") => x - width / 2.0,
        Some("end") => x - width,
        _ => x,
    };
    let (start, end) = (left - x, left + width - x);
    if node.attribute("transform").is_some_and(|turn| turn.starts_with("rotate(-90 ")) {
        return Area { left: x - 0.72 * size, right: x, top: y - end, bottom: y - start };
    }
    Area { left: x + start, right: x + end, top: y - 0.72 * size, bottom: y }
}

#[test]
fn faults_are_found() {
    let picture =
        |body: &str| format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50">{body}</svg>"#);
    let text = |x: u32, text: &str| format!(r#"<text x="{x}" y="20" font-size="10">{text}</text>"#);
    assert!(faults(&picture(&text(5, "well"))).is_empty());
    for (body, fault) in [
        (text(95, "well"), "leaves"),
        (text(5, "well") + &text(15, "touching"), "touches"),
        ("\n\n".to_owned(), "blank"),
        ("<g>".to_owned(), "no XML"),
        (r#"<circle cx="2" cy="9" r="3"/>"#.to_owned(), "leaves"),
        (r#"<path d="M1 2h300v4h-300z"/>"#.to_owned(), "leaves"),
        (r#"<path d="M1 2L3 -9L5 6z"/>"#.to_owned(), "leaves"),
        (
            r#"<text x="5" y="10" font-size="10" transform="rotate(-90 5 10)">long</text>"#.to_owned(),
            "leaves",
        ),
    ] {
        let found = faults(&picture(&body));
        assert!(found.len() == 1 && found[0].contains(fault), "{body}: {found:?}");
    }
}
