//! Line charts: axes with round numbers, light grid lines, a legend.

use crate::axis::{Axis, draw_axes};
use crate::svg::{Anchor, Colour, Stroke, Svg};

/// A curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Series<'a> {
    /// Its name in the legend.
    pub name: &'a str,
    /// Its points, from left to right.
    pub points: Vec<(f64, f64)>,
    /// Its colour.
    pub colour: Colour,
    /// How it is drawn.
    pub mark: Mark,
}

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A solid line.
    Line,
    /// A dashed line.
    Dashes,
    /// A dotted line.
    Dots,
    /// Dots at the points, joined by a thin line.
    Points,
    /// Dots at the points alone.
    Spots,
}

/// A chart, one panel of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart<'a> {
    /// What it shows.
    pub title: &'a str,
    /// Name of the horizontal axis.
    pub x_label: &'a str,
    /// Name of the vertical axis.
    pub y_label: &'a str,
    /// The curves.
    pub series: Vec<Series<'a>>,
    /// Makes the vertical axis begin at zero.
    pub from_zero: bool,
}

/// Where a panel lies in its picture, and how much of it is left of its vertical axis.
#[derive(Clone, Copy)]
struct Frame {
    y: f64,
    width: f64,
    height: f64,
    margin: f64,
}

/// Left of the vertical axis, unless its numbers are long.
const MARGIN_LEFT: f64 = 66.0;
const MARGIN_RIGHT: f64 = 30.0;
const MARGIN_TOP: f64 = 52.0;
const MARGIN_BOTTOM: f64 = 46.0;
const SMALL: f64 = 12.0;
/// Where the name of the vertical axis stands.
const NAME: f64 = 14.0;

impl Chart<'_> {
    fn points(&self) -> impl Iterator<Item = &(f64, f64)> {
        self.series.iter().flat_map(|series| series.points.iter())
    }

    fn vertical_axis(&self, bottom: f64, top: f64) -> Axis {
        let zero = self.from_zero.then_some(0.0);
        Axis::new(self.points().map(|point| point.1).chain(zero), bottom, top, 4.0, true)
    }

    /// What the vertical axis' name and numbers need, with eight units between each and the next.
    fn left_margin(&self) -> f64 {
        NAME + SMALL / 3.0 + 8.0 + self.vertical_axis(0.0, 1.0).label_width() + 8.0
    }

    fn draw(&self, svg: &mut Svg, frame: Frame) {
        let (left, right) = (frame.margin, frame.width - MARGIN_RIGHT);
        let (top, bottom) = (frame.y + MARGIN_TOP, frame.y + frame.height - MARGIN_BOTTOM);
        let x = Axis::new(self.points().map(|point| point.0), left, right, 6.0, false);
        let y = self.vertical_axis(bottom, top);
        svg.heading((8.0, frame.y + 18.0), 14.0, self.title);
        self.draw_legend(svg, left, frame.y + 38.0);
        draw_axes(svg, &x, &y);
        svg.text(((left + right) / 2.0, frame.y + frame.height - 8.0), Anchor::Middle, SMALL, self.x_label);
        svg.upward_text((NAME, (top + bottom) / 2.0), SMALL, self.y_label);
        for series in &self.series {
            series.draw(svg, &x, &y);
        }
    }

    /// Swatches and names in a row; a single curve needs none.
    fn draw_legend(&self, svg: &mut Svg, left: f64, y: f64) {
        if self.series.len() < 2 {
            return;
        }
        let mut x = left;
        for series in &self.series {
            series.mark.draw(
                svg,
                &[(x + 3.0, y - 4.0), (x + 13.0, y - 4.0), (x + 23.0, y - 4.0)],
                series.colour,
            );
            svg.text((x + 33.0, y), Anchor::Start, SMALL, series.name);
            x += 33.0 + 6.3 * series.name.chars().count() as f64 + 20.0;
        }
    }
}

impl Series<'_> {
    fn draw(&self, svg: &mut Svg, x: &Axis, y: &Axis) {
        let finite = self.points.iter().filter(|(_, value)| value.is_finite());
        let points: Vec<(f64, f64)> = finite.map(|&(a, b)| (x.place(a), y.place(b))).collect();
        self.mark.draw(svg, &points, self.colour);
    }
}

impl Mark {
    fn draw(self, svg: &mut Svg, points: &[(f64, f64)], colour: Colour) {
        let line = Stroke::solid(colour, 2.0);
        match self {
            Self::Line => svg.polyline(points, line),
            Self::Dashes => svg.polyline(points, Stroke { dashes: "7 4", ..line }),
            Self::Dots => svg.polyline(points, Stroke { dashes: "2 3", ..line }),
            Self::Points => {
                svg.polyline(points, Stroke { width: 1.0, opacity: 0.6, ..line });
                Self::Spots.draw(svg, points, colour);
            }
            Self::Spots => points.iter().for_each(|&point| svg.dot(point, 3.0, colour)),
        }
    }
}

/// A picture of panels one below the other, their vertical axes too.
#[must_use]
pub fn stack(charts: &[Chart<'_>], height: f64, id: &str, title: &str, description: &str) -> String {
    const WIDTH: f64 = 680.0;
    let margin = charts.iter().map(Chart::left_margin).fold(MARGIN_LEFT, f64::max);
    let mut svg = Svg::new(WIDTH, height * charts.len() as f64);
    for (index, chart) in charts.iter().enumerate() {
        chart.draw(&mut svg, Frame { y: index as f64 * height, width: WIDTH, height, margin });
    }
    svg.finish(id, title, description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_curve_and_none_at_all_can_be_drawn() {
        for points in [vec![], vec![(1.0, 3.0), (2.0, 3.0)], vec![(1.0, f64::NAN)]] {
            let series = vec![Series { name: "a", points, colour: Colour::First, mark: Mark::Line }];
            let chart = Chart { title: "t", x_label: "x", y_label: "y", series, from_zero: false };
            let text = stack(&[chart], 200.0, "id", "t", "d");
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        }
    }
}
