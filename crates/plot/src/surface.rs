//! A function of two variables seen from above: filled levels, paths over them, arrows.

use crate::axis::{Axis, draw_axes};
use crate::contour::Grid;
use crate::frame::Frame;
use crate::heading;
use crate::legend::{self, Key};
use crate::mark::Mark;
use crate::panel::{Panel, Place};
use crate::svg::{Anchor, Colour, Stroke, Svg};
use crate::text::{decimal, scientific, shorten_bold, shorten_or_nothing, text_width};

/// A path over a surface, such as that of gradient descent: from a ring to an arrow's head, with dots at its points.
#[derive(Clone, Debug, PartialEq)]
pub struct Descent {
    /// Its name in the legend; if it is empty, the legend leaves it out.
    pub name: String,
    /// Its points in the units of the axes. Only what lies within the axes is seen.
    pub points: Vec<(f64, f64)>,
    /// Its colour.
    pub colour: Colour,
}

/// An arrow on a surface, such as a gradient. It is drawn if it begins within the axes, and ends with them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrow {
    /// Where it begins, in the units of the axes.
    pub from: (f64, f64),
    /// How far it goes, in the same units.
    pub by: (f64, f64),
    /// Its colour.
    pub colour: Colour,
}

/// A function of two variables.
#[derive(Clone, Debug, PartialEq)]
pub struct Surface {
    /// What it shows.
    pub title: String,
    /// Name of the horizontal axis.
    pub x_label: String,
    /// Name of the vertical axis.
    pub y_label: String,
    /// Name of the function's value.
    pub value: String,
    /// The horizontal axis' ends.
    pub x: (f64, f64),
    /// The vertical axis' ends.
    pub y: (f64, f64),
    /// The values by row and column, at equal distances, from the lower left corner of the axes to the upper right one.
    /// What is no number counts as above every level.
    pub values: Vec<Vec<f64>>,
    /// Where outlines are drawn. What is below a level is bluer than what is not, on
    /// light and on dark paper.
    pub levels: Vec<f64>,
    /// The paths.
    pub descents: Vec<Descent>,
    /// The arrows.
    pub arrows: Vec<Arrow>,
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels; rows of the legend after the first come on top of it.
    pub height: f64,
}

const SMALL: f64 = 12.0;
const MARGIN_LEFT: f64 = 58.0;
const MARGIN_RIGHT: f64 = 30.0;
/// Above the axes, without a legend.
const MARGIN_TOP: f64 = 34.0;
const MARGIN_BOTTOM: f64 = 46.0;
/// Axes are not made shorter than this.
const LEAST: f64 = 40.0;
/// Where the name of the vertical axis stands.
const NAME: f64 = 14.0;
/// Opacity of all levels on top of each other.
const DARKEST: f64 = 0.7;

/// A function's values by row and column on a grid of so many columns and rows over two ranges.
#[must_use]
pub fn evaluate(
    x: (f64, f64),
    y: (f64, f64),
    (columns, rows): (usize, usize),
    function: impl Fn(f64, f64) -> f64,
) -> Vec<Vec<f64>> {
    let (x, y) = (spread(x, columns), spread(y, rows));
    y.iter().map(|&y| x.iter().map(|&x| function(x, y)).collect()).collect()
}

/// So many numbers at equal distances.
fn spread((low, high): (f64, f64), count: usize) -> Vec<f64> {
    let step = (high - low) / count.saturating_sub(1).max(1) as f64;
    (0..count).map(|n| low + n as f64 * step).collect()
}

/// Twelve levels between the least and the largest value, the distances growing evenly: those of a bowl are equally far
/// from each other.
fn levels(values: &[Vec<f64>]) -> Vec<f64> {
    const COUNT: u32 = 12;
    let finite = values.iter().flatten().copied().filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
    if low >= high {
        return Vec::new();
    }
    (1..=COUNT).map(|n| low + (high - low) * (f64::from(n) / f64::from(COUNT + 1)).powi(2)).collect()
}

impl Surface {
    /// A function over two ranges, computed at 61 places each way, with twelve levels, 440 pixels wide and high.
    #[must_use]
    pub fn new(
        title: impl Into<String>,
        (x_label, x): (impl Into<String>, (f64, f64)),
        (y_label, y): (impl Into<String>, (f64, f64)),
        (value, function): (impl Into<String>, impl Fn(f64, f64) -> f64),
    ) -> Self {
        let values = evaluate(x, y, (61, 61), function);
        Self {
            title: title.into(),
            x_label: x_label.into(),
            y_label: y_label.into(),
            value: value.into(),
            x,
            y,
            levels: levels(&values),
            values,
            descents: Vec::new(),
            arrows: Vec::new(),
            width: 440.0,
            height: 440.0,
        }
    }

    /// Adds a path over it, from a ring to an arrow's head.
    #[must_use]
    pub fn descent(mut self, name: impl Into<String>, points: Vec<(f64, f64)>, colour: Colour) -> Self {
        self.descents.push(Descent { name: name.into(), points, colour });
        self
    }

    /// Adds an arrow `from` a point `by` so much, both in the units of the axes.
    #[must_use]
    pub fn arrow(mut self, from: (f64, f64), by: (f64, f64), colour: Colour) -> Self {
        self.arrows.push(Arrow { from, by, colour });
        self
    }

    /// Sets the width and the height in pixels.
    #[must_use]
    pub fn sized(self, width: f64, height: f64) -> Self {
        Self { width, height, ..self }
    }

    fn keys(&self) -> Vec<Key> {
        let named = self.descents.iter().filter(|descent| !descent.name.is_empty());
        named.map(|descent| Key::curve(&descent.name, &[Mark::Points], descent.colour)).collect()
    }

    /// What stands at the right of the title, or in its place if there is none.
    fn note(&self) -> String {
        if self.value.is_empty() { String::new() } else { format!("bluer: lower {}", self.value) }
    }

    /// Room for that, and for the title then.
    fn title_rooms(width: f64) -> (f64, f64) {
        (width * 0.4 - 24.0, width * 0.6 - 24.0)
    }

    fn legend_room(&self) -> f64 {
        self.width - 16.0
    }

    fn top(&self) -> f64 {
        MARGIN_TOP + legend::rows(&self.keys(), self.legend_room()) as f64 * legend::LINE
    }

    fn left(&self, margin: f64) -> f64 {
        margin.min(self.width - MARGIN_RIGHT - LEAST)
    }

    fn draw_levels(&self, svg: &mut Svg, across: &Axis, up: &Axis) {
        let columns = self.values.iter().map(Vec::len).max().unwrap_or(0);
        let places =
            |axis: &Axis, range, count| spread(range, count).iter().map(|&at| axis.place(at)).collect();
        let grid = Grid {
            x: places(across, self.x, columns),
            y: places(up, self.y, self.values.len()),
            values: self.values.clone(),
        };
        let opacity = 1.0 - (1.0 - DARKEST).powf(1.0 / self.levels.len().max(1) as f64);
        // The highest level first, so that the pointer finds the lowest.
        let mut levels: Vec<f64> = self.levels.iter().copied().filter(|level| level.is_finite()).collect();
        levels.sort_by(|a, b| b.total_cmp(a));
        for level in levels {
            let outlines = grid.below(level);
            if !outlines.is_empty() {
                let hint = format!("{} below {}", self.value, short(level));
                svg.area(&outlines, Colour::First, opacity, 0.3, &hint);
            }
        }
    }

    fn draw_names(&self, svg: &mut Svg, place: Place, (left, right): (f64, f64), (top, bottom): (f64, f64)) {
        let Place { x, y, .. } = place;
        let (beside, room) = Self::title_rooms(self.width);
        if self.title.is_empty() {
            let note = shorten_or_nothing(&self.note(), SMALL, self.width - 16.0);
            svg.text((x + 8.0, y + 18.0), Anchor::Start, SMALL, &note);
        } else {
            svg.heading((x + 8.0, y + 18.0), 14.0, &shorten_bold(&self.title, 14.0, room));
            svg.text((right, y + 18.0), Anchor::End, SMALL, &shorten_or_nothing(&self.note(), SMALL, beside));
        }
        legend::draw_rows(svg, &self.keys(), (x + 8.0, y + 38.0), self.legend_room());
        let name = shorten_or_nothing(&self.x_label, SMALL, right - left);
        svg.text(((left + right) / 2.0, bottom + MARGIN_BOTTOM - 8.0), Anchor::Middle, SMALL, &name);
        let name = shorten_or_nothing(&self.y_label, SMALL, bottom - top);
        svg.upward_text((x + NAME, (top + bottom) / 2.0), SMALL, &name);
    }
}

impl Panel for Surface {
    fn margin(&self) -> f64 {
        let axis = Axis::exactly(self.y, 0.0, 1.0, 5.0);
        MARGIN_LEFT.max(NAME + SMALL / 3.0 + 8.0 + axis.label_width() + 8.0)
    }

    fn size(&self, _: f64) -> (f64, f64) {
        let more = (self.top() - MARGIN_TOP - legend::LINE).max(0.0);
        (self.width, (self.height + more).max(self.top() + LEAST + MARGIN_BOTTOM))
    }

    fn draw(&self, svg: &mut Svg, place: Place) {
        let Place { x, y, margin } = place;
        let (left, right) = (x + self.left(margin), x + self.width - MARGIN_RIGHT);
        let (top, bottom) = (y + self.top(), y + self.size(margin).1 - MARGIN_BOTTOM);
        let (across, up) = (Axis::exactly(self.x, left, right, 5.0), Axis::exactly(self.y, bottom, top, 5.0));
        self.draw_names(svg, place, (left, right), (top, bottom));
        self.draw_levels(svg, &across, &up);
        draw_axes(svg, &across, &up);
        let frame = Frame { left, right, top, bottom };
        let corners = [(left, bottom), (left, top), (right, top), (right, bottom)];
        svg.polyline(&corners, Stroke { opacity: 0.6, ..Stroke::solid(Colour::Text, 1.0) });
        let placed = |&(a, b): &(f64, f64)| (across.place(a), up.place(b));
        for descent in &self.descents {
            let finite = descent.points.iter().filter(|(a, b)| a.is_finite() && b.is_finite());
            frame.draw_path(svg, &finite.map(placed).collect::<Vec<_>>(), descent.colour);
        }
        for Arrow { from, by, colour } in &self.arrows {
            let (from, to) = (placed(from), placed(&(from.0 + by.0, from.1 + by.1)));
            if let Some((start, end)) = frame.clip(from, to).filter(|(start, _)| *start == from) {
                svg.arrow(start, end, Stroke::solid(*colour, 2.0));
            }
        }
    }

    /// Smaller in both directions alike, so that what was a right angle still is one.
    fn narrowed(&self, room: f64) -> Option<Vec<Box<dyn Panel + '_>>> {
        (self.width > room).then(|| {
            let margin = self.margin();
            let (beside, left) = Self::title_rooms(room);
            let has_room = text_width(&self.note(), SMALL) <= beside;
            let (above, title) =
                heading::split_with_note(&self.title, room - 16.0, |title| has_room && title <= left);
            let mut slim = Self { title, width: room, ..self.clone() };
            let across = |surface: &Self| surface.width - MARGIN_RIGHT - surface.left(margin);
            let axis = self.size(margin).1 - MARGIN_BOTTOM - self.top();
            let height = slim.top() + axis * across(&slim) / across(self) + MARGIN_BOTTOM;
            slim.height = height - (slim.top() - MARGIN_TOP - legend::LINE).max(0.0);
            heading::below(above, slim)
        })
    }
}

/// A level with three digits or so.
fn short(level: f64) -> String {
    let size = level.abs();
    if size > 0.0 && !(0.01..1e7).contains(&size) {
        return format!("{}{}", if level < 0.0 { "−" } else { "" }, scientific(size, 2));
    }
    decimal(
        level,
        if size < 1.0 {
            3
        } else if size < 100.0 {
            2
        } else {
            0
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_a_bowl_are_equally_far_from_each_other() {
        let bowl = evaluate((0.0, 1.0), (0.0, 0.0), (101, 2), |x, _| x * x);
        let found: Vec<f64> = levels(&bowl).into_iter().map(f64::sqrt).collect();
        assert_eq!(found.len(), 12);
        assert!(found.windows(2).all(|pair| (pair[1] - pair[0] - 1.0 / 13.0).abs() < 1e-9), "{found:?}");
        assert!(levels(&[vec![1.0, 1.0]]).is_empty() && levels(&[]).is_empty());
    }
}
