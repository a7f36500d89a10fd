//! Heat maps: small tables of shades that share the names of their rows and columns.

use std::ops::Range;

use crate::heading;
use crate::panel::{Panel, Place};
use crate::svg::{Anchor, Colour, Svg};
use crate::text::{decimal, shorten, shorten_bold, shorten_or_nothing, text_width};

/// One map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatMap {
    /// Its name.
    pub name: String,
    /// Its values by row and column. What is missing or no number is left blank.
    pub values: Vec<Vec<f64>>,
}

/// Maps side by side and below each other: the stronger the colour, the larger the value. If the range of values begins
/// below zero, negative values have a colour of their own.
#[derive(Clone, Copy)]
pub struct HeatMaps<'a> {
    /// What they show.
    pub title: &'a str,
    /// The maps.
    pub maps: &'a [HeatMap],
    /// Names of the rows.
    pub rows: &'a [String],
    /// Names of the columns.
    pub columns: &'a [String],
    /// What the rows are, such as "← Query".
    pub row_axis: &'a str,
    /// What the columns are, such as "Key →".
    pub column_axis: &'a str,
    /// What the values are, for the legend.
    pub value: &'a str,
    /// The values of the faintest and of the strongest colour.
    pub range: (f64, f64),
    /// What is shown when the pointer rests on a cell, given its map, row, column and value.
    pub hint: &'a dyn Fn(usize, usize, usize, f64) -> String,
}

/// Size of the names, which is also the least distance between two of them.
const SIZE: f64 = 10.0;
/// Room for a name.
const ROOM: f64 = 54.0;
/// Least room for a map with its name.
const LEAST: f64 = 48.0;
/// Distance between two maps side by side.
const GAP: f64 = 12.0;
/// Where the maps begin: the title and the legend are above.
const TOP: f64 = 48.0;
/// Length of the name of the vertical axis.
const AXIS: f64 = 54.0;
/// Room for the name of a map.
const NAME: f64 = 20.0;
/// Up to so many rows and columns the picture is almost narrow enough for a telephone.
const FEW: usize = 14;
/// Width of a picture of few rows and columns, and of one of many.
const WIDTHS: (f64, f64) = (390.0, 720.0);
/// A picture is at least so wide, if it may.
const NARROWEST: f64 = 260.0;
/// Cells of a picture at most for those to be kept that are too faint to be seen: the file would grow for nothing.
const CELLS: usize = 5_000;
/// Shades in the legend, and the width of each.
const SHADES: usize = 11;
const SHADE: f64 = 12.0;
/// Opacity of what lies under the cells.
const GROUND: f64 = 0.07;

/// Where everything is, from the upper left corner of the panel.
struct Layout {
    /// Side of a cell.
    cell: f64,
    /// Maps side by side.
    across: usize,
    /// Left edge of the first map.
    left: f64,
    /// Height of the columns' names.
    band: f64,
    /// Size of a map.
    map: (f64, f64),
}

impl Layout {
    /// In a picture of so many pixels, the first map `left` of them from its edge.
    fn new(maps: &HeatMaps<'_>, width: f64, left: f64) -> Self {
        let (rows, columns) = (maps.rows.len(), maps.columns.len());
        let longest = rows.max(columns).max(1) as f64;
        let count = maps.maps.len().max(1);
        let space = width - 8.0 - left + GAP;
        let fit = (space / ((longest * (SIZE + 0.5)).max(LEAST) + GAP)).floor() as usize;
        // Of several maps, two are side by side at least: else sixty rows would make a column many screens high.
        let fit = fit.max(if width < WIDTHS.1 { 1 } else { 2 }).min(count);
        let across = count.div_ceil(count.div_ceil(fit));
        let cell = ((space / across as f64 - GAP) / longest).clamp(2.0, 24.0);
        let map = (columns as f64 * cell, rows as f64 * cell);
        Self { cell, across, left, band: room(maps.columns) + 6.0, map }
    }

    /// Distance between the left edges of two maps side by side.
    fn pitch(&self) -> f64 {
        self.map.0.max(LEAST) + GAP
    }

    fn row(&self) -> f64 {
        NAME + self.band + self.map.1.max(AXIS) + 16.0
    }

    /// Upper left corner of a map.
    fn corner(&self, index: usize, place: Place) -> (f64, f64) {
        let (column, row) = (index % self.across, index / self.across);
        let y = TOP + row as f64 * self.row() + NAME + self.band;
        (place.x + self.left + column as f64 * self.pitch(), place.y + y)
    }

    /// Those of so many names that have room, and the middles of their cells.
    fn named(&self, names: Range<usize>) -> impl Iterator<Item = (usize, f64)> {
        let step = (SIZE / self.cell).ceil().max(1.0) as usize;
        let cell = self.cell;
        names.step_by(step).map(move |index| (index, (index as f64 + 0.5) * cell))
    }
}

/// What the longest name needs.
fn room(names: &[String]) -> f64 {
    names.iter().map(|name| text_width(&shorten(name, SIZE, ROOM), SIZE)).fold(24.0, f64::max)
}

impl HeatMaps<'_> {
    /// Pixels from left to right that it takes at most.
    fn width(&self) -> f64 {
        if self.rows.len().max(self.columns.len()) <= FEW { WIDTHS.0 } else { WIDTHS.1 }
    }

    fn is_signed(&self) -> bool {
        self.range.0 < 0.0
    }

    /// Opacity of a value's colour.
    fn shade(&self, value: f64) -> f64 {
        let (low, high) = self.range;
        let share =
            if self.is_signed() { value.abs() / high.abs().max(-low) } else { (value - low) / (high - low) };
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The ends of the range as they are written.
    fn ends(&self) -> [String; 2] {
        let (low, high) = self.range;
        let largest = high.abs().max(-low);
        let ends = if self.is_signed() { [-largest, largest] } else { [low, high] };
        ends.map(|end| decimal(end, if end.fract() == 0.0 { 0 } else { 2 }))
    }

    /// Where the shades of the legend begin and where they end, from the left edge of the maps.
    fn shades(&self) -> (f64, f64) {
        let start = f64::max(10.0, text_width(&self.ends()[0], SIZE) + 3.0);
        (start, start + SHADES as f64 * SHADE)
    }

    fn draw_legend(&self, svg: &mut Svg, (left, y): (f64, f64), room: f64) {
        let [low, high] = self.ends();
        svg.text(
            (left - 8.0, y + 39.0),
            Anchor::End,
            SIZE,
            &shorten_or_nothing(self.value, SIZE, room - 10.0),
        );
        svg.text((left, y + 39.0), Anchor::Start, SIZE, &low);
        let (start, end) = self.shades();
        svg.rectangles(&[(left + start, y + 30.0)], (end - start, 11.0), Colour::Text, GROUND);
        for index in 0..SHADES {
            let share = if self.is_signed() { index as f64 / 5.0 - 1.0 } else { index as f64 / 10.0 };
            let colour = if share < 0.0 { Colour::Second } else { Colour::First };
            if share != 0.0 {
                let x = left + start + index as f64 * SHADE;
                svg.rectangles(&[(x, y + 30.0)], (SHADE, 11.0), colour, share.abs());
            }
        }
        svg.text((left + end + 5.0, y + 39.0), Anchor::Start, SIZE, &high);
    }

    fn draw_map(&self, svg: &mut Svg, layout: &Layout, place: Place, index: usize) {
        let (x, y) = layout.corner(index, place);
        let name = shorten_bold(&self.maps[index].name, 11.0, layout.pitch() - GAP);
        svg.heading((x, y - layout.band - 5.0), 11.0, &name);
        svg.rectangles(&[(x, y)], layout.map, Colour::Text, GROUND);
        svg.group(Colour::First, |svg| self.draw_cells(svg, layout, place, index, false));
        if self.is_signed() {
            svg.group(Colour::Second, |svg| self.draw_cells(svg, layout, place, index, true));
        }
        for (column, along) in layout.named(0..self.columns.len()) {
            let text = shorten(&self.columns[column], SIZE, ROOM);
            svg.turned_text((x + along + 3.5, y - 4.0), Anchor::Start, SIZE, -90.0, &text);
        }
        // The maps of a row share the rows' names.
        if index.is_multiple_of(layout.across) {
            let axis = shorten_or_nothing(self.column_axis, SIZE + 1.0, layout.left - 10.0);
            svg.text((x - 8.0, y - 5.0), Anchor::End, SIZE + 1.0, &axis);
            let (axis, middle) = (layout.map.1.max(AXIS), y + layout.map.1.max(AXIS) / 2.0);
            svg.upward_text(
                (place.x + 15.0, middle),
                SIZE + 1.0,
                &shorten_or_nothing(self.row_axis, SIZE + 1.0, axis),
            );
            for (row, along) in layout.named(0..self.rows.len()) {
                let text = shorten(&self.rows[row], SIZE, ROOM);
                svg.text((x - 5.0, y + along + 3.5), Anchor::End, SIZE, &text);
            }
        }
    }

    fn draw_cells(&self, svg: &mut Svg, layout: &Layout, place: Place, index: usize, negative: bool) {
        let (x, y) = layout.corner(index, place);
        let gap = if layout.cell >= 9.0 { 1.0 } else { 0.0 };
        let (x, y, side) = (x + gap / 2.0, y + gap / 2.0, layout.cell - gap);
        let all = self.maps.len() * self.rows.len() * self.columns.len() <= CELLS;
        for (row, values) in self.maps[index].values.iter().take(self.rows.len()).enumerate() {
            for (column, &value) in values.iter().take(self.columns.len()).enumerate() {
                let shade = self.shade(value);
                let other = self.is_signed() && (value < 0.0) != negative;
                if value.is_finite() && (all || shade >= 0.005) && !other {
                    let corner = (x + column as f64 * layout.cell, y + row as f64 * layout.cell);
                    svg.cell(corner, (side, side), shade, &(self.hint)(index, row, column, value));
                }
            }
        }
    }
}

impl HeatMaps<'_> {
    fn size_in(&self, width: f64, margin: f64) -> (f64, f64) {
        let layout = Layout::new(self, width, margin);
        let maps = (layout.across - 1) as f64 * layout.pitch() + layout.map.0;
        let named = self.maps.iter().any(|map| !map.name.is_empty());
        let maps = if named { maps.max(layout.across as f64 * layout.pitch() - GAP) } else { maps };
        let legend = self.shades().1 + 5.0 + text_width(&self.ends()[1], SIZE);
        let height = TOP + self.maps.len().div_ceil(layout.across).max(1) as f64 * layout.row();
        ((margin + maps.max(legend) + 8.0).max(NARROWEST.min(width)), height)
    }

    fn draw_in(&self, svg: &mut Svg, width: f64, place: Place) {
        let layout = Layout::new(self, width, place.margin);
        let left = place.x + layout.left;
        let width = self.size_in(width, place.margin).0;
        svg.heading((place.x + 8.0, place.y + 18.0), 14.0, &shorten_bold(self.title, 14.0, width - 16.0));
        self.draw_legend(svg, (left, place.y), layout.left);
        for index in 0..self.maps.len() {
            self.draw_map(svg, &layout, place, index);
        }
        if self.maps.is_empty() {
            svg.text((left, place.y + TOP + 14.0), Anchor::Start, 12.0, "Nothing to show.");
        }
    }
}

impl Panel for HeatMaps<'_> {
    fn margin(&self) -> f64 {
        24.0 + room(self.rows) + 6.0
    }

    fn size(&self, margin: f64) -> (f64, f64) {
        self.size_in(self.width(), margin)
    }

    fn draw(&self, svg: &mut Svg, place: Place) {
        self.draw_in(svg, self.width(), place);
    }

    /// Fewer maps side by side, and smaller cells if need be.
    fn narrowed(&self, room: f64) -> Option<Vec<Box<dyn Panel + '_>>> {
        let margin = self.margin();
        (self.size(margin).0 > room).then(|| {
            let (above, title) = heading::split(self.title, self.size_in(room, margin).0 - 16.0);
            heading::below(above, Slim { maps: *self, title, width: room })
        })
    }
}

/// Maps that have only so many pixels from left to right.
struct Slim<'a> {
    maps: HeatMaps<'a>,
    /// The last line of their title.
    title: String,
    width: f64,
}

impl Panel for Slim<'_> {
    fn margin(&self) -> f64 {
        self.maps.margin()
    }

    fn size(&self, margin: f64) -> (f64, f64) {
        self.maps.size_in(self.width, margin)
    }

    fn draw(&self, svg: &mut Svg, place: Place) {
        HeatMaps { title: &self.title, ..self.maps }.draw_in(svg, self.width, place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_keep_to_their_width() {
        for (count, side, widest) in [(8, 12, 400.0), (4, 5, 400.0), (8, 60, 730.0), (1, 30, 730.0)] {
            let (names, maps) = (vec!["tokens".to_owned(); side], vec![HeatMap::default(); count]);
            let maps = HeatMaps { maps: &maps, rows: &names, columns: &names, ..example() };
            let width = maps.size(maps.margin()).0;
            assert!(width <= widest, "{side} rows: {width}");
            if side == 12 {
                assert_eq!(Layout::new(&maps, maps.width(), maps.margin()).across, 2);
            }
        }
    }

    #[test]
    fn shades_follow_the_range() {
        let plain = HeatMaps { range: (2.0, 4.0), ..example() };
        assert_eq!([1.0, 2.0, 3.0, 9.0, f64::NAN].map(|value| plain.shade(value)), [0.0, 0.0, 0.5, 1.0, 0.0]);
        let signed = HeatMaps { range: (-2.0, 1.0), ..example() };
        assert_eq!([-2.0, -1.0, 0.0, 1.0].map(|value| signed.shade(value)), [1.0, 0.5, 0.0, 0.5]);
        assert_eq!((signed.ends(), plain.ends()), (["−2".into(), "2".into()], ["2".into(), "4".into()]));
        assert_eq!(HeatMaps { range: (1.0, 1.0), ..example() }.shade(1.0), 0.0);
    }

    fn example() -> HeatMaps<'static> {
        HeatMaps {
            title: "t",
            maps: &[],
            rows: &[],
            columns: &[],
            row_axis: "",
            column_axis: "",
            value: "",
            range: (0.0, 1.0),
            hint: &|_, _, _, _| String::new(),
        }
    }
}
