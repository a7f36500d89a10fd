//! Figures: diagrams, and the charts that lie beside the text.
//!
//! None is shown smaller than it is drawn, so that its text stays legible. What doesn't fit has a narrow picture in its
//! place. A chart that has none scrolls within its figure, and the browser test says so.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use plot::{PHONE, enlargement};

use super::html::escape;
use super::{lines, sources, whereabouts};
use crate::catalogue::Rendered;

/// Whoever reads by the tab key passes as many links of a picture without being offered to skip it.
const FEW: usize = 8;

/// A diagram as one block of HTML: without blank lines, at which Markdown would end it.
/// `all` are the diagrams of the book.
pub(crate) fn diagram(
    diagram: &Rendered,
    all: &[Rendered],
    up: &str,
    pages: &BTreeMap<String, String>,
) -> String {
    let Rendered { id, width, .. } = diagram;
    let picture = |svg: &str| relinked(&without_blank_lines(svg), up, pages);
    // The narrow picture has the same boxes.
    let wide = lines::marked(&picture(&diagram.svg), &diagram.boxes);
    let drawing = match &diagram.narrow {
        None => wide,
        Some(narrow) => {
            either("figure", &format!("figure-{id}"), *width, &wide, &without_style(&picture(&narrow.svg)))
        }
    };
    let skip = format!("<a class=\"skip\" href=\"#below-{id}\">Skip the picture</a>\n");
    let skip = if diagram.svg.matches("<a ").count() > FEW { skip } else { String::new() };
    let code = diagram.code.as_ref().and_then(|(href, place)| Some((sources::link(href, up)?, place)));
    let code = code.map(|(href, place)| format!(" Its code is at <a href=\"{href}\">{place}</a>."));
    format!(
        "<figure class=\"diagram\" id=\"figure-{id}\" style=\"--drawn:{width:.1}px\"{place}>\n\
         {skip}<div class=\"drawing\" tabindex=\"0\">\n{drawing}\n</div>\n\
         <figcaption id=\"below-{id}\"><b>{title}.</b> {description}{code}</figcaption>\n\
         <details><summary>This diagram in words</summary><div class=\"words\">{words}</div></details>\n</figure>\n",
        title = escape(&diagram.title),
        description = escape(&diagram.description),
        code = code.unwrap_or_default(),
        place = whereabouts::told(diagram.place.as_ref(), all),
        words = without_blank_lines(&diagram.text),
    )
}

/// A diagram's pictures without links and captions.
pub(super) fn alone(diagram: &Rendered) -> String {
    let picture = |svg: &str| unlinked(&without_blank_lines(svg));
    let wide = picture(&diagram.svg);
    let Some(narrow) = &diagram.narrow else { return wide };
    let id = format!("drawing-{}", diagram.id);
    let narrow = without_style(&picture(&narrow.svg));
    format!("<div id=\"{id}\">{}</div>", either("live", &id, diagram.width, &wide, &narrow))
}

/// Two pictures of the same: the wide one where `container` has room for it, and else the narrow one.
fn either(container: &str, id: &str, width: f64, wide: &str, narrow: &str) -> String {
    let room = width - 0.1;
    format!(
        "<style>@container {container} (max-width:{room:.1}px){{#{id} .wide{{display:none}}#{id} .narrow{{display:block}}}}</style>\n\
         <div class=\"wide\">\n{wide}\n</div>\n<div class=\"narrow\">\n{narrow}\n</div>"
    )
}

/// A picture that is styled by the one beside it: both have the same rules.
fn without_style(svg: &str) -> String {
    match (svg.split_once("<style>"), svg.split_once("</style>")) {
        (Some((before, _)), Some((_, after))) => format!("{before}{after}"),
        _ => svg.to_owned(),
    }
}

fn without_blank_lines(text: &str) -> String {
    text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// The links of a diagram's file in the repository as links within the book: from code to its listing, from diagram to
/// the page that shows it. Links to neither are taken out.
fn relinked(svg: &str, up: &str, pages: &BTreeMap<String, String>) -> String {
    const HREF: &str = " href=\"";
    let mut parts = svg.split(HREF);
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (href, rest) = part.split_once('"').unwrap_or((part, ""));
        let diagram =
            href.strip_suffix(".svg").and_then(|id| pages.get(id)).map(|page| format!("{up}{page}"));
        if let Some(link) = sources::link(href, up).or(diagram) {
            result += &format!("{HREF}{link}\"");
        }
        result += rest;
    }
    result
}

/// Groups instead of links: what was around a box, such as room for a finger, stays around it.
fn unlinked(svg: &str) -> String {
    let mut parts = svg.split("<a ");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        result += "<g class=\"around\">";
        result += part.split_once('>').map_or("", |(_, rest)| rest);
    }
    result.replace("</a>", "</g>")
}

/// What `{{#include FILE.svg}}` brings: the chart in a box that scrolls where it is too narrow; or there, in its place,
/// `FILE-narrow.svg`, if there is one, or the chart squeezed, if it can be; none if the line is another, or there is no
/// such file. mdBook itself includes all else, and complains of what is missing.
pub(crate) fn chart(folder: &Path, line: &str) -> Option<String> {
    let name = line.trim().strip_prefix("{{#include ")?.strip_suffix(".svg}}")?.trim();
    let read = |name: &str| fs::read_to_string(folder.join(format!("{name}.svg"))).ok();
    let svg = read(name)?;
    let (id, wide, width) = sized(&svg)?;
    // It is squeezed as it is drawn, before small text makes it larger.
    let narrow = read(&format!("{name}-narrow")).or_else(|| plot::narrowed(&svg, PHONE / enlargement(&svg)));
    let narrow = narrow.and_then(|svg| sized(&svg));
    let drawing = match narrow {
        None => wide,
        Some((_, narrow, _)) => either("content", &format!("drawing-{id}"), width, &wide, &narrow),
    };
    Some(format!(
        "<div class=\"drawing\" id=\"drawing-{id}\" tabindex=\"0\" style=\"--drawn:{width:.1}px\">\n{drawing}\n</div>"
    ))
}

/// The id of a chart; the chart, as large as its text must be; and how wide that is.
fn sized(svg: &str) -> Option<(String, String, f64)> {
    let svg = without_blank_lines(svg);
    let head = &svg[..svg.find('>')?];
    let id = head.split(" id=\"").nth(1)?.split('"').next()?.to_owned();
    let [width, height] = [" width=\"", " height=\""].map(|name| numbers(head, name).next());
    let (width, height) = (width?, height?);
    let scale = enlargement(&svg);
    let mut sized = svg.clone();
    for (name, drawn) in [("width", width), ("height", height)] {
        let (old, new) = (format!(" {name}=\"{drawn}\""), format!(" {name}=\"{:.1}\"", drawn * scale));
        sized = sized.replacen(&old, &new, 1);
    }
    Some((id, sized, width * scale))
}

/// The numbers that stand between `before` and the next quotation mark.
fn numbers<'a>(svg: &'a str, before: &'a str) -> impl Iterator<Item = f64> + 'a {
    svg.split(before)
        .skip(1)
        .filter_map(|rest| rest.split('"').next()?.parse().ok())
        .filter(|number| *number > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Narrow;

    fn whole() -> Rendered {
        let text = |text: &str| text.to_owned();
        let svg = "<svg>\n\n<a href=\"../crates/model/src/attention.rs#L1\"/><a href=\"whole.svg\"/><a href=\"b.svg\"/></svg>\n";
        Rendered {
            id: text("whole"),
            title: text("The whole"),
            description: text("Left & right."),
            svg: text(svg),
            width: 518.6,
            narrow: Some(Narrow {
                svg: text("<svg><style>.a{}</style><a href=\"whole.svg\"/></svg>"),
                report: graph::Report::default(),
            }),
            text: text("<ul>\n\n<li>one</li></ul>"),
            code: Some((text("../crates/model/src/attention.rs#L3"), text("attention.rs:3"))),
            ..Rendered::default()
        }
    }

    #[test]
    fn a_diagram_is_one_block_of_html() {
        let pages = [("whole".to_owned(), "first.html#figure-whole".to_owned())].into();
        let block = diagram(&whole(), &[], "../", &pages);
        assert!(block.lines().all(|line| !line.trim().is_empty()), "{block}");
        for part in [
            "<figure class=\"diagram\" id=\"figure-whole\" style=\"--drawn:518.6px\">",
            "<a href=\"../source/attention.html#L1\"/>",
            "<a href=\"../first.html#figure-whole\"/><a/>",
            "Left &amp; right. Its code is at <a href=\"../source/attention.html#L3\">attention.rs:3</a>.",
            "<ul>\n<li>one</li></ul>",
            "(max-width:518.5px){#figure-whole .wide{display:none}",
            "<div class=\"narrow\">\n<svg><a href=\"../first.html#figure-whole\"/></svg>",
        ] {
            assert!(block.contains(part), "{part} is missing in {block}");
        }
        assert!(!diagram(&Rendered { narrow: None, ..whole() }, &[], "", &pages).contains("narrow"));
        // Few links are passed quickly; what has many can be skipped.
        assert!(!block.contains("Skip"));
        let many = Rendered { svg: "<svg><a href=\"x.svg\"/></svg>".repeat(FEW + 1), ..whole() };
        let block = diagram(&many, &[], "", &pages);
        assert!(block.contains("<a class=\"skip\" href=\"#below-whole\">"), "{block}");
        assert!(block.contains("<figcaption id=\"below-whole\">"), "{block}");
    }

    #[test]
    fn a_chart_is_as_large_as_its_text_must_be() {
        let folder = tempfile::tempdir().unwrap();
        let svg = |id: &str| {
            format!(
                "<svg id=\"{id}\" width=\"390\" height=\"100\">\n\n<text font-size=\"10\">a</text><text font-size=\"14\">b</text></svg>\n"
            )
        };
        fs::write(folder.path().join("a.svg"), svg("x")).unwrap();
        let shown = |line: &str| chart(folder.path(), line);
        let block = shown("{{#include a.svg}}").unwrap();
        let start = "<div class=\"drawing\" id=\"drawing-x\" tabindex=\"0\" style=\"--drawn:468.0px\">\n<svg id=\"x\" width=\"468.0\" height=\"120.0\">";
        assert!(block.starts_with(start), "{block}");
        assert!(!block.contains("\n\n") && !block.contains("narrow"), "{block}");
        fs::write(folder.path().join("a-narrow.svg"), svg("y")).unwrap();
        let block = shown("{{#include a.svg}}").unwrap();
        assert!(
            block.contains("@container content (max-width:467.9px){#drawing-x .wide{display:none}"),
            "{block}"
        );
        assert!(block.contains("<div class=\"narrow\">\n<svg id=\"y\""), "{block}");
        for line in ["{{#include none.svg}}", "{{#include a.rs}}", "{{#include a.rs:a}}", "text"] {
            assert_eq!(shown(line), None, "{line}");
        }
    }
}
