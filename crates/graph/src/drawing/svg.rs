//! The picture as SVG.

use std::fmt::Write;

use super::geometry::{Point, Rect};
use super::kinds::{kind_class, kind_name};
use super::options::{BoxLinks, DrawOptions};
use super::picture::{Picture, Setting, Words};
use super::text::{escape, number};
use super::{marks, style};
use crate::digits::thousands;
use crate::view::{BoxId, BoxKind, View, ViewBox};

/// Radius of the corners of lines.
const CORNER: f64 = 6.0;

/// Writes the whole picture. (Writing to a string can't fail, so results of `write!` are dropped.)
pub(crate) fn write(view: &View, picture: &Picture, options: &DrawOptions<'_>) -> String {
    let id = options.id.as_str();
    let (w, h, top) =
        (number(picture.width), number(picture.height + picture.top()), number(-picture.top() + 0.0));
    let mut svg = String::new();
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"agd\" id=\"{id}\" viewBox=\"0 {top} {w} {h}\" width=\"{w}\" \
         height=\"{h}\" role=\"group\" aria-labelledby=\"{id}-title {id}-desc\" \
         font-family=\"DejaVu Sans,Verdana,sans-serif\"><title id=\"{id}-title\">{}</title>\
         <desc id=\"{id}-desc\">{}</desc><style>{}</style><defs><marker id=\"{id}-tip\" viewBox=\"0 0 8 8\" refX=\"7.4\" \
         refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"h\" \
         d=\"M0 .8 8 4 0 7.2z\"/></marker></defs><rect class=\"bg\" y=\"{top}\" width=\"{w}\" height=\"{h}\"/>",
        escape(&view.title),
        escape(&view.description),
        style::css(!picture.marks.is_empty()),
    );
    trail(&mut svg, picture, options);
    headings(&mut svg, picture);
    for child in &view.boxes[View::ROOT].children {
        self::node(&mut svg, view, picture, options, *child);
    }
    if view.is_leaf(View::ROOT) {
        leaf(&mut svg, view, picture, options, View::ROOT);
    }
    edges(&mut svg, view, picture, id);
    legend(&mut svg, picture);
    marks::write_legend(&mut svg, &picture.key);
    svg.push_str("</svg>");
    svg
}

/// Links to the levels above.
fn trail(svg: &mut String, picture: &Picture, options: &DrawOptions<'_>) {
    for (words, level) in &picture.trail {
        let link = level.and_then(|level| options.trail.get(level)).map(|(_, link)| link.as_str());
        open_link(svg, link);
        text(svg, words);
        close_link(svg, link);
    }
}

/// The names of pictures side by side, and the line between them.
fn headings(svg: &mut String, picture: &Picture) {
    picture.headings.iter().for_each(|words| text(svg, words));
    if let Some(x) = picture.divider {
        let bottom = picture.rects[View::ROOT].h;
        let _ = write!(svg, "<path class=\"d\" d=\"M{} 8V{}\"/>", number(x), number(bottom));
    }
}

/// The key of a box, escaped. In the second of two pictures, the same key stands for another box.
fn key(view: &View, picture: &Picture, id: BoxId) -> String {
    let prefix = if picture.second.is_some_and(|second| id >= second) { "after:" } else { "" };
    format!("{prefix}{}", escape(&view.boxes[id].key))
}

fn node(svg: &mut String, view: &View, picture: &Picture, options: &DrawOptions<'_>, id: BoxId) {
    if view.is_leaf(id) {
        return leaf(svg, view, picture, options, id);
    }
    let found = &view.boxes[id];
    let highlight = if found.highlight { " hl" } else { "" };
    let _ = write!(
        svg,
        "<g class=\"f{highlight}{}\" data-key=\"{}\"><title>{}</title>",
        picture.marks.class_of(id),
        key(view, picture, id),
        tooltip(found)
    );
    let link = (options.links)(found);
    rect(svg, picture.rects[id], 8.0, None);
    open_link(svg, link.down.as_deref());
    picture.words[id].iter().for_each(|words| text(svg, words));
    close_link(svg, link.down.as_deref());
    picture.marks.sign(svg, id, picture.rects[id]);
    svg.push_str("</g>");
    for child in &found.children {
        node(svg, view, picture, options, *child);
    }
}

fn leaf(svg: &mut String, view: &View, picture: &Picture, options: &DrawOptions<'_>, id: BoxId) {
    let found = &view.boxes[id];
    let BoxLinks { down, source } = (options.links)(found);
    open_link(svg, down.as_deref());
    let highlight = if found.highlight { " hl" } else { "" };
    let focus = if down.is_some() { "" } else { " tabindex=\"0\"" };
    let _ = write!(
        svg,
        "<g class=\"b {}{highlight}{}\" data-key=\"{}\"{focus}><title>{}</title>",
        kind_class(found.kind),
        picture.marks.class_of(id),
        key(view, picture, id),
        tooltip(found)
    );
    let place = picture.rects[id];
    if found.kind == BoxKind::Add {
        circled_plus(svg, place);
    } else {
        let round = match found.kind {
            BoxKind::Activation => place.h / 2.0,
            BoxKind::Input | BoxKind::Output => 3.0,
            BoxKind::Linear | BoxKind::Movement => 1.5,
            _ => 6.0,
        };
        rect(svg, place, round.min(14.0), Some("r"));
        picture.words[id]
            .iter()
            .filter(|words| words.style != Setting::Place)
            .for_each(|words| text(svg, words));
    }
    picture.marks.sign(svg, id, place);
    svg.push_str("</g>");
    close_link(svg, down.as_deref());
    for words in picture.words[id].iter().filter(|words| words.style == Setting::Place) {
        open_link(svg, source.as_deref());
        text(svg, words);
        close_link(svg, source.as_deref());
    }
}

fn circled_plus(svg: &mut String, place: Rect) {
    let Point { x, y } = place.middle();
    let (r, arm) = (place.w / 2.0, place.w / 4.0);
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

fn rect(svg: &mut String, place: Rect, round: f64, class: Option<&str>) {
    let class = class.map(|class| format!("class=\"{class}\" ")).unwrap_or_default();
    let [x, y, w, h] = [place.x, place.y, place.w, place.h].map(number);
    let _ = write!(
        svg,
        "<rect {class}x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{}\"/>",
        number(round)
    );
}

fn text(svg: &mut String, words: &Words) {
    let class = match words.style {
        Setting::Label => "",
        Setting::Note => " class=\"n\"",
        Setting::Place => " class=\"s\"",
        Setting::Title => " class=\"t\"",
        Setting::Times => " class=\"x\"",
    };
    let (x, y, size) = (number(words.at.x), number(words.at.y), number(words.size));
    let _ =
        write!(svg, "<text{class} x=\"{x}\" y=\"{y}\" font-size=\"{size}\">{}</text>", escape(&words.text));
}

fn open_link(svg: &mut String, link: Option<&str>) {
    if let Some(link) = link {
        let _ = write!(svg, "<a href=\"{}\">", escape(link));
    }
}

fn close_link(svg: &mut String, link: Option<&str>) {
    if link.is_some() {
        svg.push_str("</a>");
    }
}

/// Escaped text for the pointer that rests on a box.
fn tooltip(found: &ViewBox) -> String {
    let mut lines = vec![found.label.clone()];
    lines.extend(found.note.clone());
    if found.repeat > 1 {
        lines.push(format!("{} equal ones in sequence", found.repeat));
    }
    lines.extend(found.detail.iter().cloned());
    if found.parameters > 0 {
        lines.push(format!("{} parameters", thousands(found.parameters)));
    }
    if found.operations > 1 {
        lines.push(format!("{} tensor operations", thousands(found.operations)));
    }
    lines.extend(found.source.as_ref().map(|source| format!("{}:{}", source.file, source.line)));
    lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("&#10;")
}

fn edges(svg: &mut String, view: &View, picture: &Picture, id: &str) {
    for (number, (edge, line)) in view.edges.iter().zip(&picture.lines).enumerate() {
        if line.len() < 2 {
            continue;
        }
        let arrows = &picture.arrows[number];
        let tip = format!(" marker-end=\"url(#{id}-tip)\"");
        let hint: Vec<String> = edge.shape.iter().chain(&edge.detail).map(|part| escape(part)).collect();
        let title =
            if hint.is_empty() { String::new() } else { format!("<title>{}</title>", hint.join("&#10;")) };
        let ends = [edge.from, edge.to].map(|end| key(view, picture, end));
        let mark = picture.marks.class_of_edge(number);
        let pieces = [(line, arrows.is_empty())].into_iter().chain(arrows.iter().map(|arrow| (arrow, true)));
        for (points, ends_here) in pieces {
            let _ = write!(
                svg,
                "<path class=\"e{mark}\" data-from=\"{}\" data-to=\"{}\"{} d=\"{}\">{title}</path>",
                ends[0],
                ends[1],
                if ends_here { tip.as_str() } else { "" },
                rounded(points)
            );
        }
    }
}

/// The path through the corners, each of them rounded.
fn rounded(points: &[Point]) -> String {
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

fn legend(svg: &mut String, picture: &Picture) {
    if picture.legend.is_empty() {
        return;
    }
    svg.push_str("<g aria-label=\"Legend\">");
    for &(kind, place) in &picture.legend {
        let _ = write!(svg, "<g class=\"b {}\">", kind_class(kind));
        if kind == BoxKind::Add {
            circled_plus(svg, place);
        } else {
            let round = if kind == BoxKind::Activation { 6.0 } else { 2.0 };
            rect(svg, place, round, Some("r"));
        }
        let (x, y) = (number(place.right() + 6.0), number(place.y + 10.0));
        let _ = write!(
            svg,
            "<text class=\"l\" x=\"{x}\" y=\"{y}\" font-size=\"10.5\">{}</text></g>",
            kind_name(kind)
        );
    }
    svg.push_str("</g>");
}
