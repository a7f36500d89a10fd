//! A picture for a narrow page, made of the wide one: what is plotted is squeezed, what is written is not.
//!
//! Whoever shows a chart may have no more of it than its SVG: the run that it tells of is not kept. So the picture is read
//! back, as [`Svg`](crate::Svg) has written it: an element a line.

use crate::squeeze::{attribute, squeezed, value, with};
use crate::svg::{escape, number};
use crate::text::{bold_width, shorten_bold, text_width, wrap_bold};

/// Right of the axes, for half of the last number.
const RIGHT: f64 = 22.0;
/// Where titles and legends begin, and how far lines of text are apart.
const LEFT: f64 = 8.0;
const LINE: f64 = 20.0;
/// From a sample in a legend to its name, and from there to the next sample.
const SAMPLE: f64 = 30.0;
const GAP: f64 = 16.0;
/// Between two numbers at an axis.
const APART: f64 = 5.0;

/// The picture squeezed to a width in pixels, with ids that end in `-narrow`; none if it is narrow already, or if it
/// has something that can't be squeezed (curves, circles that are no dots), or texts that would have no room.
#[must_use]
pub fn narrowed(svg: &str, width: f64) -> Option<String> {
    let narrow = of_lines(svg, width).or_else(|| squeezed(svg, width))?;
    let id = attribute(svg.lines().next()?, "id")?;
    let renamed = ["", "-title", "-desc"].iter().fold(narrow, |svg, end| {
        svg.replacen(&format!("\"{id}{end}\""), &format!("\"{id}-narrow{end}\""), 1)
    });
    let names = |id: &str| format!("\"{id}-title {id}-desc\"");
    Some(renamed.replacen(&names(id), &names(&format!("{id}-narrow")), 1))
}

/// A chart of lines and dots, whose legend gets as many rows as it needs.
fn of_lines(svg: &str, width: f64) -> Option<String> {
    let lines: Vec<&str> = svg.lines().filter(|line| !line.trim().is_empty()).collect();
    let [head, title, desc, body @ .., "</svg>"] = &lines[..] else { return None };
    let [old, height] = ["width", "height"].map(|name| value(head, name));
    let elements = body.iter().map(|line| Element::read(line)).collect::<Option<Vec<_>>>()?;
    let axis = elements.iter().find_map(Element::axis).filter(|_| old.is_some_and(|old| old > width))?;
    let mut page = Page {
        axis,
        width,
        down: 0.0,
        legend: None,
        in_head: false,
        title: (0.0, f64::NAN),
        last: Vec::new(),
        body: vec![],
    };
    elements.into_iter().for_each(|element| page.place(element));
    page.end_of_legend();
    let (w, h) = (number(width), number(height? + page.down));
    let head = with(&with(&with(head, "width", &w), "height", &h), "viewBox", &format!("0 0 {w} {h}"));
    let start = [&head[..], title, desc].map(str::to_owned);
    Some(start.into_iter().chain(page.body).chain(["</svg>".to_owned()]).map(|line| line + "\n").collect())
}

/// A line of the SVG with the places in it.
struct Element<'a> {
    line: &'a str,
    kind: Kind<'a>,
    points: Vec<(f64, f64)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind<'a> {
    Line,
    Dot,
    Text { anchor: &'a str, bold: bool, turned: bool, wide: f64 },
}

impl<'a> Element<'a> {
    fn read(line: &'a str) -> Option<Self> {
        let pair = |x: &str, y: &str| Some(vec![(value(line, x)?, value(line, y)?)]);
        let (kind, points) = if line.starts_with("<polyline ") {
            let point = |point: &str| {
                let (x, y) = point.split_once(',')?;
                Some((x.parse().ok()?, y.parse().ok()?))
            };
            (Kind::Line, attribute(line, "points")?.split(' ').map(point).collect::<Option<Vec<_>>>()?)
        } else if line.starts_with("<circle ") {
            (Kind::Dot, pair("cx", "cy")?)
        } else if line.starts_with("<text ") {
            let plain = content(line);
            let (size, bold) = (value(line, "font-size")?, attribute(line, "font-weight").is_some());
            let wide = if bold { bold_width(&plain, size) } else { text_width(&plain, size) };
            let turned = attribute(line, "transform").is_some();
            (Kind::Text { anchor: attribute(line, "text-anchor")?, bold, turned, wide }, pair("x", "y")?)
        } else {
            return None;
        };
        Some(Self { line, kind, points })
    }

    /// Both ends of a horizontal axis or a line of its grid.
    fn axis(&self) -> Option<(f64, f64)> {
        match (self.kind, &self.points[..]) {
            (Kind::Line, &[(left, y), (right, z)]) if y == z && right - left > 100.0 => Some((left, right)),
            _ => None,
        }
    }

    /// The line with other places.
    fn moved(&self, to: impl Fn((f64, f64)) -> (f64, f64)) -> String {
        let points: Vec<(f64, f64)> = self.points.iter().map(|&point| to(point)).collect();
        let (x, y) = points.first().copied().unwrap_or_default();
        let [x, y] = [x, y].map(number);
        match self.kind {
            Kind::Line => {
                let points = points.iter().map(|&(x, y)| format!("{},{}", number(x), number(y)));
                with(self.line, "points", &points.collect::<Vec<_>>().join(" "))
            }
            Kind::Dot => with(&with(self.line, "cx", &x), "cy", &y),
            Kind::Text { turned, .. } => {
                let line = with(&with(self.line, "x", &x), "y", &y);
                if turned { with(&line, "transform", &format!("rotate(-90 {x} {y})")) } else { line }
            }
        }
    }
}

/// What a line of text says.
fn content(line: &str) -> String {
    let content = line.trim_end_matches("</text>").rsplit_once('>').map_or("", |(_, content)| content);
    content.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// The line with another text.
fn with_content(line: &str, text: &str) -> String {
    let head = line.trim_end_matches("</text>").rsplit_once('>').map_or("", |(head, _)| head);
    format!("{head}>{}</text>", escape(text))
}

/// A legend that is being laid out.
struct Legend<'a> {
    /// Samples whose name is still to come.
    samples: Vec<Element<'a>>,
    /// Where the first row was, and how many rows there were.
    top: f64,
    rows: Vec<f64>,
    /// Where the next sample goes.
    x: f64,
    row: f64,
}

/// The narrow chart.
struct Page<'a> {
    axis: (f64, f64),
    width: f64,
    /// By how much all that is still to come has moved down.
    down: f64,
    legend: Option<Legend<'a>>,
    /// Whether the next lines and dots are samples of a legend: there is no axis yet below the last title.
    in_head: bool,
    /// Right end and height of the last title.
    title: (f64, f64),
    /// Right end and height of the last number at each axis.
    last: Vec<(f64, f64)>,
    body: Vec<String>,
}

impl<'a> Page<'a> {
    fn squeezed(&self, x: f64) -> f64 {
        let (left, right) = self.axis;
        if x <= left { x } else { left + (x - left) * (self.width - RIGHT - left) / (right - left) }
    }

    fn place(&mut self, element: Element<'a>) {
        let (x, y) = element.points.first().copied().unwrap_or_default();
        let in_legend = self.legend.as_ref().is_some_and(|legend| !legend.samples.is_empty());
        self.in_head &= element.axis().is_none();
        match element.kind {
            Kind::Dot | Kind::Line if self.in_head => return self.sample(element, y),
            Kind::Text { anchor: "start", wide, .. } if in_legend => return self.name(&element, wide),
            _ => self.end_of_legend(),
        }
        match element.kind {
            Kind::Text { bold: true, wide, .. } if x + wide > self.width => {
                return self.lines_of_title(&element);
            }
            Kind::Text { bold: true, wide, .. } => (self.title, self.in_head) = ((x + wide, y), true),
            // What the title leaves unsaid goes below it where there is no room at its right.
            Kind::Text { anchor: "end", wide, .. }
                if y == self.title.1 && self.squeezed(x) - wide < self.title.0 + GAP =>
            {
                self.down += LINE;
                let line = with(&element.moved(|_| (LEFT, y + self.down)), "text-anchor", "start");
                return self.body.push(line);
            }
            Kind::Text { anchor: "middle", turned: false, wide, .. } => {
                let (left, right) = (self.squeezed(x) - wide / 2.0, self.squeezed(x) + wide / 2.0);
                if self.last.iter().any(|&(end, at)| at == y && left < end + APART) {
                    return;
                }
                self.last.push((right, y));
                if right > self.width {
                    let by = right - (self.width - LEFT);
                    return self.body.push(element.moved(|(x, y)| (self.squeezed(x) - by, y + self.down)));
                }
            }
            _ => {}
        }
        let line = element.moved(|(x, y)| (self.squeezed(x), y + self.down));
        self.body.push(line);
    }

    /// A title that has no room in one line takes more of them, and all that follows moves down.
    fn lines_of_title(&mut self, element: &Element<'a>) {
        let (Some((x, y)), Some(size)) = (element.points.first().copied(), value(element.line, "font-size"))
        else {
            return;
        };
        let room = self.width - LEFT - x;
        for (n, line) in wrap_bold(&content(element.line), size, room).iter().enumerate() {
            self.down += if n > 0 { LINE } else { 0.0 };
            let line = shorten_bold(line, size, room);
            self.title = (x + bold_width(&line, size), y);
            self.body.push(with_content(&element.moved(|(x, y)| (x, y + self.down)), &line));
        }
        self.in_head = true;
    }

    fn sample(&mut self, element: Element<'a>, y: f64) {
        let new = || Legend { samples: Vec::new(), top: y, rows: Vec::new(), x: LEFT, row: 0.0 };
        self.legend.get_or_insert_with(new).samples.push(element);
    }

    /// Sets the samples that wait, and their name, in the row that has room for them.
    fn name(&mut self, element: &Element<'a>, wide: f64) {
        let Some(legend) = &mut self.legend else { return };
        let (x, y) = element.points[0];
        if legend.x > LEFT && legend.x + SAMPLE + wide > self.width - LEFT {
            (legend.x, legend.row) = (LEFT, legend.row + 1.0);
        }
        if !legend.rows.contains(&y) {
            legend.rows.push(y);
        }
        // All keep their distance from the name.
        let right = legend.x + SAMPLE - x;
        let down = legend.top - legend.samples[0].points[0].1 + legend.row * LINE + self.down;
        let to = |(x, y): (f64, f64)| (x + right, y + down);
        self.body.extend(legend.samples.drain(..).map(|sample| sample.moved(to)));
        self.body.push(element.moved(to));
        legend.x += SAMPLE + wide + GAP;
    }

    fn end_of_legend(&mut self) {
        if let Some(legend) = self.legend.take() {
            self.down += (legend.row + 1.0 - legend.rows.len() as f64) * LINE;
        }
    }
}

#[cfg(test)]
mod tests;
