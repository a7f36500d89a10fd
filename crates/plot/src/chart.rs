//! Line charts: axes with round numbers, light grid lines, a legend.

use crate::axis::{Axis, Scale, draw_axes};
use crate::heading;
use crate::legend::{self, Key};
use crate::mark::Mark;
use crate::panel::{Panel, Place};
use crate::svg::{Anchor, Colour, Svg};
use crate::text::{shorten_bold, shorten_or_nothing, text_width};

/// A curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name in the legend; if it is empty, the legend leaves it out.
    pub name: String,
    /// Its points, from left to right, in the units of the axes. Those that have no place on them are left out.
    pub points: Vec<(f64, f64)>,
    /// Its colour.
    pub colour: Colour,
    /// How it is drawn.
    pub mark: Mark,
}

impl Series {
    /// A curve with a name.
    #[must_use]
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>, colour: Colour, mark: Mark) -> Self {
        Self { name: name.into(), points, colour, mark }
    }
}

/// A chart of curves.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: String,
    /// What the title leaves unsaid, at the right.
    pub note: String,
    /// Name of the horizontal axis.
    pub x_label: String,
    /// Name of the vertical axis.
    pub y_label: String,
    /// How values are spread over the horizontal axis.
    pub x_scale: Scale,
    /// How values are spread over the vertical axis.
    pub y_scale: Scale,
    /// The curves.
    pub series: Vec<Series>,
    /// Makes the vertical axis begin at zero, if it is linear.
    pub from_zero: bool,
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels; rows of the legend after the first come on top of it.
    pub height: f64,
}

/// Left of the vertical axis, unless its numbers are long.
const MARGIN_LEFT: f64 = 66.0;
const MARGIN_RIGHT: f64 = 30.0;
/// Above the axes, with a legend of one row and with none.
const MARGIN_TOP: f64 = 52.0;
const MARGIN_TITLE: f64 = 34.0;
const MARGIN_BOTTOM: f64 = 46.0;
/// Axes are not made shorter than this.
const LEAST: f64 = 40.0;
const SMALL: f64 = 12.0;
/// Where the name of the vertical axis stands.
const NAME: f64 = 14.0;
/// Points of a curve that can be told apart at the width of a chart.
const POINTS: usize = 200;

impl Chart {
    /// An empty chart, 680 pixels wide and 300 high.
    #[must_use]
    pub fn new(title: impl Into<String>, x_label: impl Into<String>, y_label: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            note: String::new(),
            x_label: x_label.into(),
            y_label: y_label.into(),
            x_scale: Scale::Linear,
            y_scale: Scale::Linear,
            series: Vec::new(),
            from_zero: false,
            width: 680.0,
            height: 300.0,
        }
    }

    /// Adds a curve.
    #[must_use]
    pub fn series(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// Makes the vertical axis begin at zero.
    #[must_use]
    pub fn from_zero(self) -> Self {
        Self { from_zero: true, ..self }
    }

    /// Sets the width and the height in pixels.
    #[must_use]
    pub fn sized(self, width: f64, height: f64) -> Self {
        Self { width, height, ..self }
    }

    /// Sets how values are spread over the horizontal and the vertical axis.
    #[must_use]
    pub fn scales(self, x_scale: Scale, y_scale: Scale) -> Self {
        Self { x_scale, y_scale, ..self }
    }

    /// Says at the right what the title leaves unsaid.
    #[must_use]
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// Those points of a curve that have a place.
    fn placed<'a>(&'a self, series: &'a Series) -> impl Iterator<Item = (f64, f64)> + 'a {
        series.points.iter().copied().filter(|&(x, y)| self.x_scale.holds(x) && self.y_scale.holds(y))
    }

    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.series.iter().flat_map(|series| self.placed(series))
    }

    fn vertical_axis(&self, bottom: f64, top: f64) -> Axis {
        // Where there is nothing to show, an axis from zero is to end somewhere all the same.
        let zero =
            self.from_zero.then_some(if self.points().next().is_none() { [0.0, 1.0] } else { [0.0; 2] });
        let values = self.points().map(|point| point.1).chain(zero.into_iter().flatten());
        let ticks = f64::max(4.0, self.height / 75.0);
        Axis::scaled(self.y_scale, values, (bottom, top), ticks, true)
    }

    /// A single curve needs no legend.
    fn keys(&self) -> Vec<Key> {
        if self.series.len() < 2 {
            return Vec::new();
        }
        let named = self.series.iter().filter(|series| !series.name.is_empty());
        named.map(|series| Key::curve(&series.name, &[series.mark], series.colour)).collect()
    }

    /// Room above the axes.
    fn top(&self, margin: f64) -> f64 {
        if self.series.iter().all(|series| series.name.is_empty()) {
            return MARGIN_TITLE;
        }
        let more = legend::rows(&self.keys(), self.legend_room(margin)).saturating_sub(1);
        MARGIN_TOP + more as f64 * legend::LINE
    }

    /// Where the vertical axis stands: a wide margin leaves the axes their least length.
    fn left(&self, margin: f64) -> f64 {
        margin.min(self.width - MARGIN_RIGHT - LEAST)
    }

    fn legend_room(&self, margin: f64) -> f64 {
        self.width - self.left(margin) - 8.0
    }

    /// Room for a note at the right of a title, and for the title then.
    fn title_rooms(width: f64) -> (f64, f64) {
        (width / 2.0 - 40.0, width / 2.0 - 16.0)
    }

    /// A note without a title takes its place.
    fn draw_title(&self, svg: &mut Svg, Place { x, y, .. }: Place, right: f64) {
        if self.title.is_empty() && !self.note.is_empty() {
            let note = shorten_or_nothing(&self.note, SMALL, self.width - 16.0);
            return svg.text((x + 8.0, y + 18.0), Anchor::Start, SMALL, &note);
        }
        let (beside, left) = Self::title_rooms(self.width);
        let note = shorten_or_nothing(&self.note, SMALL, beside);
        let room = if note.is_empty() { self.width - 16.0 } else { left };
        svg.heading((x + 8.0, y + 18.0), 14.0, &shorten_bold(&self.title, 14.0, room));
        if !note.is_empty() {
            svg.text((right, y + 18.0), Anchor::End, SMALL, &note);
        }
    }

    fn draw_names(&self, svg: &mut Svg, place: Place, (left, right): (f64, f64), (top, bottom): (f64, f64)) {
        // It may be longer than the axis, but not reach the other's name.
        let (first, last) = (place.x + NAME + 8.0, place.x + self.width - 8.0);
        let name = shorten_or_nothing(&self.x_label, SMALL, last - first);
        let half = text_width(&name, SMALL) / 2.0;
        let at = ((left + right) / 2.0).min(last - half).max(first + half);
        svg.text((at, bottom + MARGIN_BOTTOM - 8.0), Anchor::Middle, SMALL, &name);
        let middle = (top + bottom) / 2.0;
        // It may be longer than the axis, but not reach the title.
        let room = 2.0 * f64::min(middle - place.y - 24.0, bottom + MARGIN_BOTTOM - 2.0 - middle);
        svg.upward_text((place.x + NAME, middle), SMALL, &shorten_or_nothing(&self.y_label, SMALL, room));
    }
}

impl Panel for Chart {
    /// What the vertical axis' name and numbers need, with eight units between each and the next.
    fn margin(&self) -> f64 {
        MARGIN_LEFT.max(NAME + SMALL / 3.0 + 8.0 + self.vertical_axis(0.0, 1.0).label_width() + 8.0)
    }

    fn size(&self, margin: f64) -> (f64, f64) {
        let top = self.top(margin);
        let more = (top - MARGIN_TOP).max(0.0);
        (self.width, (self.height + more).max(top + LEAST + MARGIN_BOTTOM))
    }

    fn draw(&self, svg: &mut Svg, place: Place) {
        let Place { x, y, margin } = place;
        let height = self.size(margin).1;
        let (left, right) = (x + self.left(margin), x + self.width - MARGIN_RIGHT);
        let (top, bottom) = (y + self.top(margin), y + height - MARGIN_BOTTOM);
        let values = self.points().map(|point| point.0);
        let ticks = f64::max(2.0, 6.0 * (right - left) / 584.0).min(6.0);
        let across = Axis::scaled(self.x_scale, values, (left, right), ticks, false);
        let up = self.vertical_axis(bottom, top);
        self.draw_title(svg, place, right);
        legend::draw_rows(svg, &self.keys(), (left, y + 38.0), self.legend_room(margin));
        draw_axes(svg, &across, &up);
        self.draw_names(svg, place, (left, right), (top, bottom));
        for series in &self.series {
            let points: Vec<(f64, f64)> =
                self.placed(series).map(|(a, b)| (across.place(a), up.place(b))).collect();
            series.mark.draw(svg, &points, series.colour);
        }
    }

    /// A shorter axis with fewer numbers, as high as before.
    fn narrowed(&self, room: f64) -> Option<Vec<Box<dyn Panel + '_>>> {
        (self.width > room).then(|| {
            let (beside, left) = Self::title_rooms(room);
            let has_room = text_width(&self.note, SMALL) <= beside;
            let fits = |title: f64| self.note.is_empty() || has_room && title <= left;
            let (above, title) = heading::split_with_note(&self.title, room - 16.0, fits);
            heading::below(above, Self { title, width: room, ..self.clone() })
        })
    }
}

/// Means of neighbours, drawn at the last of them, so that at most 200 points are left and the end stays the end. What
/// is no number is left out.
#[must_use]
pub fn thin(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let points: Vec<(f64, f64)> =
        points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect();
    let size = points.len().div_ceil(POINTS).max(1);
    let mean = |bundle: &[(f64, f64)]| bundle.iter().map(|point| point.1).sum::<f64>() / bundle.len() as f64;
    points.chunks(size).map(|bundle| (bundle[bundle.len() - 1].0, mean(bundle))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_curves_are_thinned_to_means() {
        let points: Vec<_> = (0..1_000).map(|n| (f64::from(n), 2.0 * f64::from(n))).collect();
        let thinned = thin(&points);
        assert_eq!((thinned.len(), thinned[0], thinned[199]), (200, (4.0, 4.0), (999.0, 1_994.0)));
    }

    #[test]
    fn what_has_no_place_is_left_out() {
        let points = vec![(1.0, f64::NAN), (f64::INFINITY, 1.0), (-1.0, 2.0), (3.0, 4.0), (5.0, 0.0)];
        let chart = Chart::new("t", "x", "y").series(Series::new("a", points, Colour::First, Mark::Line));
        assert_eq!(chart.points().collect::<Vec<_>>(), [(-1.0, 2.0), (3.0, 4.0), (5.0, 0.0)]);
        let chart = chart.scales(Scale::Log, Scale::Log);
        assert_eq!(chart.points().collect::<Vec<_>>(), [(3.0, 4.0)]);
    }
}
