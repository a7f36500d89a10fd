//! The legend of an overlay: what its numbers mean, and how each of some looks.

use std::fmt::Write;

use super::caption::{SMALL, SMALL_LINE};
use super::geometry::{Point, Rect};
use super::lettering::{Setting, Words};
use super::pen::{rect, text};
use super::shade;
use super::text::{self as letters, number};
use crate::overlay::Scale;

/// Font size of its title.
const TITLE: f64 = 13.0;
/// A sample of a box.
const SAMPLE: (f64, f64) = (28.0, 14.0);
/// From one sample to the next, at least.
const COLUMN: f64 = 46.0;
/// From a sample of a box to that of a line below it.
const BELOW: f64 = 12.0;
/// On both sides.
const MARGIN: f64 = 10.0;
/// A title, or what the ends mean, takes so many lines at most.
const LINES: usize = 3;

/// A weight in the picture.
#[derive(Debug)]
pub(crate) struct Number {
    pub(crate) words: Words,
    /// What it stands on, unless it stands beside a line.
    pub(crate) pill: Option<Rect>,
}

/// The legend.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    pub(crate) top: f64,
    samples: Vec<Sample>,
    pub(crate) words: Vec<Words>,
}

#[derive(Debug)]
struct Sample {
    class: String,
    border: f64,
    place: Rect,
    /// Where the line below it begins, if it has one, and its width.
    line: Option<(Point, Option<f64>)>,
}

/// What a picture has that its legend must explain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Needs {
    /// Lines with weights.
    pub(super) lines: bool,
    /// Boxes without.
    pub(super) unmeasured: bool,
}

impl Gauge {
    /// The legend of a scale from `top` on, in a picture that is `width` wide, and the height that it takes.
    pub(super) fn new(scale: &Scale, needs: Needs, width: f64, top: f64) -> (Self, f64) {
        let mut gauge = Self { top, ..Self::default() };
        let mut y = top + 10.0;
        let limit = width - 2.0 * MARGIN;
        // Bold letters are wider.
        let bold = letters::bold_width("n", TITLE) / letters::width("n", TITLE);
        y = gauge.write_lines(scale.title(), (TITLE, Setting::Times), limit / bold, width, y);
        y = gauge.samples(scale, needs, width, y + 8.0);
        if let Some(words) = scale.words() {
            y = gauge.write_lines(&words, (SMALL, Setting::Note), limit, width, y + 4.0);
        }
        if needs.unmeasured {
            y = gauge.unmeasured(width, y + 6.0);
        }
        (gauge, y + 12.0 - top)
    }

    /// Writes a text in as many lines as it takes, and gives back where it ends.
    fn write_lines(
        &mut self,
        said: &str,
        (size, style): (f64, Setting),
        limit: f64,
        width: f64,
        top: f64,
    ) -> f64 {
        let lines = letters::wrap(said, size, limit, LINES);
        for (n, line) in lines.iter().enumerate() {
            let at = Point { x: width / 2.0, y: top + size * 0.8 + SMALL_LINE * n as f64 };
            self.words.push(Words { text: line.clone(), at, size, style });
        }
        top + SMALL_LINE * lines.len() as f64
    }

    /// Boxes and lines as they look at some points of the scale, with the numbers below.
    fn samples(&mut self, scale: &Scale, needs: Needs, width: f64, top: f64) -> f64 {
        let mut points = scale.points();
        let wide = |weight: &f64| letters::width(&scale.told_short(*weight), SMALL) + 8.0;
        let column = points.iter().map(wide).fold(COLUMN, f64::max);
        if column * points.len() as f64 > width - 2.0 * MARGIN {
            points = points.into_iter().step_by(2).collect();
        }
        let below = if needs.lines { BELOW } else { 0.0 };
        let left = (width - column * points.len() as f64) / 2.0;
        for (n, &weight) in points.iter().enumerate() {
            let middle = left + column * (n as f64 + 0.5);
            let place = Rect { x: middle - SAMPLE.0 / 2.0, y: top, w: SAMPLE.0, h: SAMPLE.1 };
            let start = Point { x: place.x, y: place.top() + below };
            let line = needs.lines.then(|| (start, shade::band(scale, weight)));
            let (class, border) = (shade::class(scale, weight), shade::border(scale, weight));
            self.samples.push(Sample { class, border, place, line });
            let at = Point { x: middle, y: place.top() + below + 6.0 + SMALL };
            self.words.push(Words { text: scale.told_short(weight), at, size: SMALL, style: Setting::Label });
        }
        top + SAMPLE.1 + below + 6.0 + SMALL * 1.2
    }

    /// What has no weight.
    fn unmeasured(&mut self, width: f64, top: f64) -> f64 {
        let said = "not measured";
        let all = SAMPLE.0 + 8.0 + letters::width(said, SMALL);
        let place = Rect { x: (width - all) / 2.0, y: top, w: SAMPLE.0, h: SAMPLE.1 };
        self.samples.push(Sample { class: shade::UNMEASURED.to_owned(), border: 1.2, place, line: None });
        let at = Point { x: place.right() + 8.0 + (all - SAMPLE.0 - 8.0) / 2.0, y: top + 11.3 };
        self.words.push(Words { text: said.to_owned(), at, size: SMALL, style: Setting::Note });
        top + SAMPLE.1
    }

    /// Writes it.
    pub(super) fn write(&self, svg: &mut String) {
        svg.push_str("<g aria-label=\"Legend\">");
        for Sample { class, border, place, line } in &self.samples {
            // Writing to a string can't fail.
            let _ = write!(svg, "<g class=\"b ov {class}\" style=\"stroke-width:{}px\">", number(*border));
            rect(svg, *place, 3.0, Some("r"));
            svg.push_str("</g>");
            if let Some((Point { x, y }, band)) = line {
                let way = format!("M{} {}h{}", number(*x), number(*y), number(SAMPLE.0));
                if let Some(band) = band {
                    let wide = number(*band);
                    let _ = write!(
                        svg,
                        "<path class=\"o {class}\" style=\"stroke-width:{wide}px\" d=\"{way}\"/>"
                    );
                }
                let _ = write!(svg, "<path class=\"e\" d=\"{way}\"/>");
            }
        }
        self.words.iter().for_each(|words| text(svg, words));
        svg.push_str("</g>");
    }
}

impl Number {
    /// Writes it.
    pub(super) fn write(&self, svg: &mut String) {
        if let Some(pill) = self.pill {
            rect(svg, pill, pill.h / 2.0, Some("q"));
        }
        text(svg, &self.words);
    }
}
