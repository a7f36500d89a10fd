//! The picture as SVG.

use std::fmt::Write;

use super::caption::SMALL;
use super::counts;
use super::geometry::Rect;
use super::kinds::{kind_class, kind_name};
use super::link::{self, FINGER, Link};
use super::options::{BoxLinks, DrawOptions};
use super::pen::{circled_plus, outline, rect, rounded, text};
use super::picture::{Picture, Setting, Words};
use super::text::{escape, number, width};
use super::{cover, marks, overlay, style};
use crate::view::{BoxId, BoxKind, View, ViewBox};

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
        escape(&overlay::described(view, options)),
        style::css(!picture.marks.is_empty()) + &overlay::css(options),
    );
    trail(&mut svg, picture, options);
    headings(&mut svg, picture);
    for child in &view.boxes[View::ROOT].children {
        self::node(&mut svg, view, picture, options, *child);
    }
    if view.is_leaf(View::ROOT) {
        leaf(&mut svg, view, picture, options, View::ROOT);
    }
    edges(&mut svg, view, picture, options);
    picture.tags.iter().for_each(|words| text(&mut svg, words));
    legend(&mut svg, picture);
    marks::write_legend(&mut svg, &picture.key);
    overlay::write(&mut svg, picture);
    svg.push_str("</svg>");
    svg
}

/// Links to the levels above.
fn trail(svg: &mut String, picture: &Picture, options: &DrawOptions<'_>) {
    if picture.trail.is_empty() {
        return;
    }
    svg.push_str("<g aria-label=\"Where this is\">");
    for (words, level) in &picture.trail {
        let level = level.and_then(|level| options.trail.get(level));
        let says = level.map(|(name, _)| format!("up to {name}")).unwrap_or_default();
        let link = level.map(|(_, href)| Link { href, says: &says, small: false });
        // All of the row's height, and half of what stands between two names.
        let w = width(&words.text, words.size) + 16.0;
        let middle = FINGER / 2.0 - picture.top();
        link::open(svg, link, Rect { x: words.at.x - 8.0, y: middle, w, h: 0.0 });
        text(svg, words);
        link::close(svg, link);
    }
    svg.push_str("</g>");
}

/// The names of two pictures, and the line between them.
fn headings(svg: &mut String, picture: &Picture) {
    picture.headings.iter().for_each(|words| text(svg, words));
    if let Some(ends) = &picture.divider {
        let _ = write!(svg, "<path class=\"d\" d=\"{}\"/>", rounded(ends));
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
    let links = (options.links)(found);
    let says = named(&says(found, &links), &found.label, &picture.words[id].iter().collect::<Vec<_>>());
    let link = links.down.as_deref().map(|href| Link { href, says: &says, small: false });
    link::open(svg, link, picture.rects[id]);
    let _ = write!(
        svg,
        "<g class=\"f{highlight}{}{} data-key=\"{}\"><title>{}</title>",
        picture.marks.class_of(id),
        overlay::dress(options, view, id),
        key(view, picture, id),
        tooltip(view, options, id)
    );
    rect(svg, picture.rects[id], 8.0, None);
    picture.words[id].iter().for_each(|words| text(svg, words));
    picture.marks.sign(svg, id, picture.rects[id]);
    svg.push_str("</g>");
    link::close(svg, link);
    for child in &found.children {
        node(svg, view, picture, options, *child);
    }
}

fn leaf(svg: &mut String, view: &View, picture: &Picture, options: &DrawOptions<'_>, id: BoxId) {
    let found = &view.boxes[id];
    let place = picture.rects[id];
    if options.covered.as_ref() == Some(&found.key) {
        return cover::write(svg, found, place);
    }
    let links = (options.links)(found);
    // With a link of its own, the line number stands outside of the box's.
    let both = links.source.is_some() && links.down.is_some();
    let (apart, within): (Vec<&Words>, Vec<&Words>) =
        picture.words[id].iter().partition(|words| words.style == Setting::Place && both);
    let says = named(&says(found, &links), &found.label, &within);
    let code = match apart.first() {
        Some(place) => format!("{}: the code of {}", place.text, found.label),
        None => named(&format!("{}: its code", found.label), &found.label, &within),
    };
    let source = links.source.as_deref().map(|href| Link { href, says: &code, small: true });
    let down = links.down.as_deref().map(|href| Link { href, says: &says, small: false });
    // What has nothing inside leads to its code as a whole.
    let whole = down.or(source.map(|source| Link { small: false, ..source }));
    let source = source.filter(|_| down.is_some());
    link::open(svg, whole, place);
    let highlight = if found.highlight { " hl" } else { "" };
    let focus = if whole.is_some() { "" } else { " tabindex=\"0\"" };
    let _ = write!(
        svg,
        "<g class=\"b {}{highlight}{}{} data-key=\"{}\"{focus}><title>{}</title>",
        kind_class(found.kind),
        picture.marks.class_of(id),
        overlay::dress(options, view, id),
        key(view, picture, id),
        tooltip(view, options, id)
    );
    outline(svg, found.kind, place);
    within.into_iter().for_each(|words| text(svg, words));
    picture.marks.sign(svg, id, place);
    svg.push_str("</g>");
    link::close(svg, whole);
    for words in apart {
        link::open(svg, source, place);
        text(svg, words);
        link::close(svg, source);
    }
}

/// What a link is called, beginning with what is written in it: who speaks to a machine says what is to be seen.
fn named(says: &str, label: &str, words: &[&Words]) -> String {
    let seen = words.iter().map(|words| words.text.as_str()).collect::<Vec<_>>().join(" ");
    match says.strip_prefix(label) {
        _ if seen.is_empty() || says.starts_with(&seen) => says.to_owned(),
        Some(rest) if seen.contains(label) => format!("{seen}{rest}"),
        _ => format!("{seen}: {says}"),
    }
}

/// What a click on a box or a frame does.
fn says(found: &ViewBox, links: &BoxLinks) -> String {
    links.says.clone().unwrap_or_else(|| format!("{}: what is inside", found.label))
}

/// Escaped text for the pointer that rests on a box.
fn tooltip(view: &View, options: &DrawOptions<'_>, id: BoxId) -> String {
    let found = &view.boxes[id];
    let mut lines = vec![found.label.clone()];
    lines.extend(overlay::said_of_box(options, id));
    lines.extend(found.note.clone());
    if found.repeat > 1 {
        lines.push(format!("{} equal ones in sequence", found.repeat));
    }
    lines.extend(found.detail.iter().cloned());
    lines.extend(counts::parameters(view, id));
    lines.extend(counts::operations(view, id));
    lines.extend(found.source.as_ref().map(|source| format!("{}:{}", source.file, source.line)));
    lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("&#10;")
}

fn edges(svg: &mut String, view: &View, picture: &Picture, options: &DrawOptions<'_>) {
    let id = &options.id;
    // What is wide lies below what is thin.
    overlay::bands(svg, picture, options);
    for (number, (edge, line)) in view.edges.iter().zip(&picture.lines).enumerate() {
        if line.len() < 2 {
            continue;
        }
        let arrows = &picture.arrows[number];
        let tip = format!(" marker-end=\"url(#{id}-tip)\"");
        let weight = overlay::said_of_edge(options, number);
        let hint = edge.shape.iter().chain(&edge.detail).chain(&weight);
        let hint: Vec<String> = hint.map(|part| escape(part)).collect();
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
            "<text class=\"l\" x=\"{x}\" y=\"{y}\" font-size=\"{SMALL}\">{}</text></g>",
            kind_name(kind)
        );
    }
    svg.push_str("</g>");
}
