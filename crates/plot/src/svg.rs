//! A small SVG writer.
//!
//! Its pictures stand in a page as well as alone: text and axes take the colour of the surrounding text, everything
//! else takes the page's CSS variables `--plot-1` to `--plot-4` where it has them (each colour is written twice, since
//! programs other than browsers know no variables). There are no blank lines, which would end an HTML block in
//! Markdown, and no number has more digits than can be seen.

use std::fmt::Write as _;

/// A colour that is told from the others on white and on dark paper, and by the colour-blind (after Okabe & Ito 2008).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// That of the text.
    Text,
    /// Blue.
    First,
    /// Orange.
    Second,
    /// Green.
    Third,
    /// Purple.
    Fourth,
    /// White on any paper.
    White,
    /// Black on any paper.
    Black,
    /// A grey on which white and black are seen equally well, on any paper.
    Grey,
}

impl Colour {
    /// Paints a property, `fill` or `stroke`.
    fn paint(self, property: &str) -> String {
        let (number, plain) = match self {
            Self::Text => return format!(r#"{property}="currentColor""#),
            Self::White => return format!(r##"{property}="#ffffff""##),
            Self::Black => return format!(r##"{property}="#000000""##),
            Self::Grey => return format!(r##"{property}="#858585""##),
            Self::First => (1, "#2b83c6"),
            Self::Second => (2, "#d9660f"),
            Self::Third => (3, "#11916b"),
            Self::Fourth => (4, "#b565a2"),
        };
        format!(r#"{property}="{plain}" style="{property}: var(--plot-{number}, {plain})""#)
    }
}

/// Where a text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// It is centred there.
    Middle,
    /// It ends there.
    End,
}

/// What a picture is called, for those who can't see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caption<'a> {
    /// What all ids in it begin with, so that several pictures can share a page: letters, digits and hyphens.
    pub id: &'a str,
    /// Its name.
    pub title: &'a str,
    /// What is to be seen in it, in a sentence or two.
    pub description: &'a str,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Colour.
    pub colour: Colour,
    /// Width in pixels.
    pub width: f64,
    /// Opacity, from 0 to 1.
    pub opacity: f64,
    /// Dash pattern: lengths of dashes and gaps in pixels; empty for a solid line.
    pub dashes: &'static str,
}

impl Stroke {
    /// A solid line.
    #[must_use]
    pub fn solid(colour: Colour, width: f64) -> Self {
        Self { colour, width, opacity: 1.0, dashes: "" }
    }
}

/// A picture being drawn.
#[derive(Clone, Debug)]
pub struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    /// An empty picture of so many pixels.
    #[must_use]
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    /// A straight line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        self.polyline(&[from, to], stroke);
    }

    /// A line through all points; nothing if there are none.
    pub fn polyline(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        if points.is_empty() {
            return;
        }
        let points: Vec<String> =
            points.iter().map(|&(x, y)| format!("{},{}", number(x), number(y))).collect();
        let Stroke { colour, width, opacity, dashes } = stroke;
        let opacity =
            if opacity < 1.0 { format!(r#" stroke-opacity="{}""#, number(opacity)) } else { String::new() };
        let dashes =
            if dashes.is_empty() { String::new() } else { format!(r#" stroke-dasharray="{dashes}""#) };
        self.push(&format!(
            r#"<polyline points="{}" fill="none" stroke-width="{}" stroke-linejoin="round"{opacity}{dashes} {}/>"#,
            points.join(" "),
            number(width),
            colour.paint("stroke")
        ));
    }

    /// A filled dot.
    pub fn dot(&mut self, (x, y): (f64, f64), radius: f64, colour: Colour) {
        let (x, y, radius) = (number(x), number(y), number(radius));
        self.push(&format!(r#"<circle cx="{x}" cy="{y}" r="{radius}" {}/>"#, colour.paint("fill")));
    }

    /// Filled rectangles of one size, given their upper left corners.
    pub fn rectangles(
        &mut self,
        corners: &[(f64, f64)],
        (width, height): (f64, f64),
        colour: Colour,
        opacity: f64,
    ) {
        let (width, height, opacity) = (number(width), number(height), number(opacity));
        let one = |&(x, y): &(f64, f64)| format!("M{} {}h{width}v{height}h-{width}z", number(x), number(y));
        let path: String = corners.iter().map(one).collect();
        self.push(&format!(r#"<path d="{path}" fill-opacity="{opacity}" {}/>"#, colour.paint("fill")));
    }

    /// A circle: a dot that is not filled.
    pub fn ring(&mut self, (x, y): (f64, f64), radius: f64, colour: Colour) {
        let (x, y, radius, paint) = (number(x), number(y), number(radius), colour.paint("stroke"));
        self.push(&format!(
            r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke-width="1.5" {paint}/>"#
        ));
    }

    /// Fills everything that `draw` draws in a colour, unless it has one of its own. A thousand cells in one group are
    /// half as long as a thousand that name the colour each.
    pub fn group(&mut self, colour: Colour, draw: impl FnOnce(&mut Self)) {
        self.push(&format!("<g {}>", colour.paint("fill")));
        draw(self);
        self.push("</g>");
    }

    /// A rectangle in the colour of its group, with a text that is shown when the pointer rests on it.
    pub fn cell(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), opacity: f64, hint: &str) {
        let [x, y, width, height, opacity] = [x, y, width, height, opacity].map(number);
        self.push(&format!(
            r#"<path d="M{x} {y}h{width}v{height}h-{width}z" fill-opacity="{opacity}"><title>{}</title></path>"#,
            escape(hint)
        ));
    }

    /// Closed outlines, filled by the even-odd rule: an outline within another is a hole. `hint` is shown when the
    /// pointer rests on the area.
    pub fn area(
        &mut self,
        outlines: &[Vec<(f64, f64)>],
        colour: Colour,
        opacity: f64,
        edge: f64,
        hint: &str,
    ) {
        let outline = |points: &Vec<(f64, f64)>| {
            let points: Vec<String> =
                points.iter().map(|&(x, y)| format!("{} {}", number(x), number(y))).collect();
            format!("M{}z", points.join("L"))
        };
        let path: String = outlines.iter().map(outline).collect();
        let (opacity, edge) = (number(opacity), number(edge));
        let paint =
            [colour.paint("fill"), format!(r#"stroke="currentColor" stroke-opacity="{edge}""#)].join(" ");
        self.push(&format!(
            r#"<path d="{path}" fill-rule="evenodd" fill-opacity="{opacity}" {paint}><title>{}</title></path>"#,
            escape(hint)
        ));
    }

    /// An arrow from a point to another; nothing if they can't be told apart.
    pub fn arrow(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        if !(length > 0.01 && length.is_finite()) {
            return;
        }
        let head = (3.0 + 2.0 * stroke.width).min(length);
        let (dx, dy) = (dx / length * head, dy / length * head);
        self.line(from, to, stroke);
        let side = |sign: f64| (to.0 - dx - sign * dy / 2.0, to.1 - dy + sign * dx / 2.0);
        self.polyline(&[side(1.0), to, side(-1.0)], Stroke { dashes: "", ..stroke });
    }

    /// A text on one line.
    pub fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, size: f64, text: &str) {
        self.push(&label(number(x), number(y), anchor, size, "", text));
    }

    /// A text in bold.
    pub fn heading(&mut self, (x, y): (f64, f64), size: f64, text: &str) {
        self.push(&label(number(x), number(y), Anchor::Start, size, r#" font-weight="600""#, text));
    }

    /// A text that reads upwards, centred on its point.
    pub fn upward_text(&mut self, point: (f64, f64), size: f64, text: &str) {
        self.turned_text(point, Anchor::Middle, size, -90.0, text);
    }

    /// A text turned clockwise about its point by an angle in degrees.
    pub fn turned_text(&mut self, (x, y): (f64, f64), anchor: Anchor, size: f64, degrees: f64, text: &str) {
        let turn = format!(r#" transform="rotate({} {} {})""#, number(degrees), number(x), number(y));
        self.push(&label(number(x), number(y), anchor, size, &turn, text));
    }

    /// An element, in one line.
    pub(crate) fn push(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }

    /// The finished picture.
    #[must_use]
    pub fn finish(self, caption: &Caption<'_>) -> String {
        let Caption { id, title, description } = caption;
        let id = escape(id);
        let (width, height) = (number(self.width), number(self.height));
        let mut text = String::new();
        // Writing to a string can't fail.
        let _ = writeln!(
            text,
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="plot" id="{id}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="{id}-title {id}-desc" fill="currentColor" font-family="Helvetica, Arial, sans-serif" style="max-width: 100%; height: auto; font-family: var(--plot-font, system-ui, Helvetica, Arial, sans-serif)">"#
        );
        let _ = writeln!(text, r#"<title id="{id}-title">{}</title>"#, escape(title));
        let _ = writeln!(text, r#"<desc id="{id}-desc">{}</desc>"#, escape(description));
        text + &self.body + "</svg>\n"
    }
}

fn label(x: String, y: String, anchor: Anchor, size: f64, more: &str, text: &str) -> String {
    let anchor = match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let (size, text) = (number(size), escape(text));
    format!(r#"<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}"{more}>{text}</text>"#)
}

/// Two decimals at most, no trailing zeros, no negative zero, and nothing that is no number.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Escapes what has a meaning in XML. A line break becomes a space, so that there are no blank lines; the other
/// control characters, which XML does not allow, become replacement characters.
pub(crate) fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    text.replace(['\n', '\r', '\t'], " ")
        .replace(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'), "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!([1.0, 0.5, -0.001, 2.0 / 3.0, 120.0].map(number), ["1", "0.5", "0", "0.67", "120"]);
        assert_eq!([f64::NAN, f64::NEG_INFINITY].map(number), ["0", "0"]);
    }

    #[test]
    fn a_picture_has_a_name_a_description_and_no_blank_line() {
        let mut svg = Svg::new(10.0, 20.0);
        svg.text((1.0, 2.0), Anchor::Start, 12.0, "a < b & c\n\nd\0");
        svg.group(Colour::First, |svg| svg.cell((1.0, 2.0), (3.0, 4.0), 0.5, "a > b"));
        let text = svg.finish(&Caption { id: "loss", title: "Loss", description: "It \"falls\"" });
        for part in [
            r#"<title id="loss-title">Loss</title>"#,
            r#"<desc id="loss-desc">It &quot;falls&quot;</desc>"#,
            r#"aria-labelledby="loss-title loss-desc""#,
            "a &lt; b &amp; c  d\u{fffd}",
            r#"<path d="M1 2h3v4h-3z" fill-opacity="0.5"><title>a &gt; b</title></path>"#,
            "\n</g>\n",
        ] {
            assert!(text.contains(part), "{part} is missing from {text}");
        }
        assert!(text.lines().all(|line| !line.trim().is_empty()));
    }
}
