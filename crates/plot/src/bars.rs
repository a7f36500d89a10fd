//! Bars: a value for each name, from top to bottom.

use crate::axis::Axis;
use crate::heading;
use crate::legend::{self, Key};
use crate::panel::{Panel, Place};
use crate::svg::{Anchor, Colour, Stroke, Svg};
use crate::text::{decimal, shorten, shorten_bold, shorten_or_nothing, text_width};

/// A bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Its name, at its left.
    pub name: String,
    /// Its length in the units of the axis. What is no number has no bar, and an infinite one goes to the axis' end.
    pub value: f64,
    /// What is shown when the pointer rests on it.
    pub hint: String,
    /// Its colour.
    pub colour: Colour,
}

impl Bar {
    /// A bar in the first colour whose hint is its name and its value.
    #[must_use]
    pub fn new(name: impl Into<String>, value: f64) -> Self {
        let name = name.into();
        let hint = format!("{name}: {value}");
        Self { name, value, hint, colour: Colour::First }
    }
}

/// Horizontal bars below each other, with their values at their ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// What they show.
    pub title: String,
    /// Name of the axis, with its unit.
    pub label: String,
    /// The bars, from top to bottom.
    pub bars: Vec<Bar>,
    /// What the colours mean, if there are several.
    pub keys: Vec<Key>,
    /// Digits after the point of the values.
    pub decimals: usize,
    /// The axis goes at least from 0 to here, so that much is not made of nothing.
    pub at_least: f64,
    /// Width in pixels.
    pub width: f64,
}

const SIZE: f64 = 12.0;
/// Height of a bar's row.
const ROW: f64 = 20.0;
/// Where the first row begins, if there is no legend.
const TOP: f64 = 34.0;
/// Room for a name.
const ROOM: f64 = 120.0;
/// Least room for the number at a bar's end.
const NUMBER: f64 = 40.0;
/// At the edges of the panel.
const EDGE: f64 = 8.0;

impl Bars {
    /// Bars with one decimal, 420 pixels wide.
    #[must_use]
    pub fn new(title: impl Into<String>, label: impl Into<String>, bars: Vec<Bar>) -> Self {
        Self {
            title: title.into(),
            label: label.into(),
            bars,
            keys: Vec::new(),
            decimals: 1,
            at_least: 1.0,
            width: 420.0,
        }
    }

    fn names(&self) -> impl Iterator<Item = String> {
        self.bars.iter().map(|bar| shorten(&bar.name, SIZE, ROOM))
    }

    fn number(&self, value: f64) -> String {
        decimal(value, self.decimals)
    }

    fn top(&self) -> f64 {
        TOP + legend::rows(&self.keys, self.width - 16.0) as f64 * legend::LINE
    }

    /// The axis; at its right there is room for every number.
    fn axis(&self, place: Place) -> Axis {
        let values = self.bars.iter().map(|bar| bar.value).chain([0.0, self.at_least]);
        let widths = self.bars.iter().map(|bar| text_width(&self.number(bar.value), SIZE) + 9.0);
        let right = (self.width - widths.fold(NUMBER, f64::max)).max(place.margin + 20.0);
        let ticks = ((right - place.margin) / 61.0).clamp(1.0, 5.0);
        Axis::new(values, place.x + place.margin, place.x + right, ticks, true)
    }

    fn draw_axis(&self, svg: &mut Svg, axis: &Axis, top: f64, bottom: f64) {
        let mut last = f64::NEG_INFINITY;
        for tick in axis.ticks() {
            let x = axis.place(tick);
            let opacity = if tick == 0.0 { 0.6 } else { 0.15 };
            svg.line((x, top - 2.0), (x, bottom), Stroke { opacity, ..Stroke::solid(Colour::Text, 1.0) });
            let label = axis.label(tick);
            let half = text_width(&label, SIZE) / 2.0;
            if x - half > last + 6.0 {
                svg.text((x, bottom + 15.0), Anchor::Middle, SIZE, &label);
                last = x + half;
            }
        }
    }

    /// The name of the axis, at its middle, or as near as there is room for it.
    fn draw_label(&self, svg: &mut Svg, axis: &Axis, (left, y): (f64, f64)) {
        let (left, right) = (left + EDGE, left + self.width - EDGE);
        let name = shorten_or_nothing(&self.label, SIZE, right - left);
        let half = text_width(&name, SIZE) / 2.0;
        let middle = ((axis.start + axis.end) / 2.0).min(right - half).max(left + half);
        svg.text((middle, y), Anchor::Middle, SIZE, &name);
    }

    fn draw_bars(&self, svg: &mut Svg, axis: &Axis, top: f64) {
        let zero = axis.place(0.0);
        let mut index = 0;
        // Neighbours of one colour share a group.
        for run in self.bars.chunk_by(|a, b| a.colour == b.colour) {
            svg.group(run[0].colour, |svg| {
                for bar in run {
                    let end = axis.place(drawn(bar.value, axis));
                    let y = top + index as f64 * ROW + 3.0;
                    svg.cell((zero.min(end), y), ((end - zero).abs(), ROW - 5.0), 0.85, &bar.hint);
                    index += 1;
                }
            });
        }
    }
}

impl Panel for Bars {
    fn margin(&self) -> f64 {
        16.0 + self.names().map(|name| text_width(&name, SIZE)).fold(24.0, f64::max)
    }

    fn size(&self, margin: f64) -> (f64, f64) {
        let rows = self.bars.len().max(1) as f64;
        (self.width.max(margin + 20.0 + NUMBER), self.top() + rows * ROW + 48.0)
    }

    fn draw(&self, svg: &mut Svg, place: Place) {
        let top = place.y + self.top();
        let bottom = top + self.bars.len().max(1) as f64 * ROW + 4.0;
        let axis = self.axis(place);
        svg.heading(
            (place.x + 8.0, place.y + 18.0),
            14.0,
            &shorten_bold(&self.title, 14.0, self.width - 16.0),
        );
        legend::draw_rows(svg, &self.keys, (place.x + 8.0, place.y + 40.0), self.width - 16.0);
        self.draw_axis(svg, &axis, top, bottom);
        self.draw_label(svg, &axis, (place.x, bottom + 34.0));
        self.draw_bars(svg, &axis, top);
        for (index, (bar, name)) in self.bars.iter().zip(self.names()).enumerate() {
            let y = top + index as f64 * ROW + 14.5;
            let end = axis.place(drawn(bar.value, &axis).max(0.0));
            svg.text((axis.start - 7.0, y), Anchor::End, SIZE, &name);
            svg.text((end + 5.0, y), Anchor::Start, SIZE, &self.number(bar.value));
        }
    }

    /// Shorter bars.
    fn narrowed(&self, room: f64) -> Option<Vec<Box<dyn Panel + '_>>> {
        (self.width > room).then(|| {
            let (above, title) = heading::split(&self.title, room - 2.0 * EDGE);
            heading::below(above, Self { title, width: room, ..self.clone() })
        })
    }
}

/// What a bar shows of its value.
fn drawn(value: f64, axis: &Axis) -> f64 {
    let ticks = axis.ticks();
    let (low, high) = (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(0.0));
    if value.is_nan() { 0.0 } else { value.max(low).min(high) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_keep_to_their_axis() {
        let values = [2.26, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        let bars = Bars::new("t", "bits", values.map(|value| Bar::new("a", value)).into());
        let axis = bars.axis(Place { x: 0.0, y: 0.0, margin: 40.0 });
        let ends = values.map(|value| axis.place(drawn(value, &axis)));
        assert!(ends.iter().all(|end| (40.0..=380.0).contains(end)), "{ends:?}");
        assert_eq!((ends[3], ends[4], ends[2]), (axis.end, axis.start, axis.place(0.0)));
    }
}
