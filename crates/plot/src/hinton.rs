//! Hinton diagrams: a square for each number, its area the magnitude, its colour the sign.

use crate::heading;
use crate::panel::{Panel, Place};
use crate::svg::{Anchor, Colour, Svg};
use crate::text::{decimal, shorten, shorten_bold, text_width};

/// The colours of a Hinton diagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// White squares for positive numbers and black ones for negative numbers, on grey.
    #[default]
    WhiteBlack,
    /// Two colours on the page's own paper: the first for positive numbers, the second for negative ones.
    Colours,
}

/// A matrix as squares.
#[derive(Clone, Debug, PartialEq)]
pub struct Hinton {
    /// What it shows.
    pub title: String,
    /// Its numbers by row and column. What is missing or no number has no square, infinity has a full one.
    pub values: Vec<Vec<f64>>,
    /// Names of the rows, at their left; there may be fewer or none.
    pub rows: Vec<String>,
    /// Names of the columns, above them and upright; there may be fewer or none.
    pub columns: Vec<String>,
    /// The magnitude that fills its cell, so that diagrams can be compared; 0 stands for the largest of its own.
    pub largest: f64,
    /// Its colours.
    pub ink: Ink,
    /// Side of a cell in pixels.
    pub cell: f64,
}

const SIZE: f64 = 11.0;
/// Room for a name.
const ROOM: f64 = 90.0;
/// Height of the title.
const TITLE: f64 = 28.0;
/// At the edges of the panel.
const EDGE: f64 = 8.0;
/// How much of its cell the largest square fills.
const FULL: f64 = 0.92;
/// A title is given so much more room than it needs.
const LOOSE: f64 = 1.1;

impl Hinton {
    /// Squares in white and black, 18 pixels each, the largest filling its cell.
    #[must_use]
    pub fn new(title: impl Into<String>, values: Vec<Vec<f64>>) -> Self {
        Self {
            title: title.into(),
            values,
            rows: Vec::new(),
            columns: Vec::new(),
            largest: 0.0,
            ink: Ink::default(),
            cell: 18.0,
        }
    }

    /// Names the rows and the columns.
    #[must_use]
    pub fn named(self, rows: Vec<String>, columns: Vec<String>) -> Self {
        Self { rows, columns, ..self }
    }

    /// Sets the colours.
    #[must_use]
    pub fn ink(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    fn count(&self) -> (usize, usize) {
        (self.values.len(), self.values.iter().map(Vec::len).max().unwrap_or(0))
    }

    /// Size of the cells together.
    fn area(&self) -> (f64, f64) {
        let (rows, columns) = self.count();
        (columns as f64 * self.side(), rows as f64 * self.side())
    }

    fn side(&self) -> f64 {
        if self.cell.is_finite() { self.cell.clamp(2.0, 200.0) } else { 18.0 }
    }

    /// Every which name is written, so that they don't touch.
    fn step(&self) -> usize {
        ((SIZE + 0.5) / self.side()).ceil().max(1.0) as usize
    }

    /// Height of the columns' names.
    fn band(&self) -> f64 {
        let widths = self.columns.iter().map(|name| text_width(&shorten(name, SIZE, ROOM), SIZE) + 6.0);
        widths.fold(0.0, f64::max)
    }

    /// Sides of the squares as shares of a cell: their areas are proportional to the magnitudes.
    fn share(&self, value: f64, largest: f64) -> f64 {
        let share = if value.is_infinite() { 1.0 } else { value.abs() / largest };
        if share.is_finite() { FULL * share.min(1.0).sqrt() } else { 0.0 }
    }

    fn magnitude(&self) -> f64 {
        let finite = self.values.iter().flatten().map(|value| value.abs()).filter(|value| value.is_finite());
        if self.largest > 0.0 { self.largest } else { finite.fold(0.0, f64::max) }
    }

    fn draw_squares(&self, svg: &mut Svg, (x, y): (f64, f64), negative: bool) {
        let (side, largest) = (self.side(), self.magnitude());
        for (row, values) in self.values.iter().enumerate() {
            for (column, &value) in values.iter().enumerate() {
                let square = side * self.share(value, largest);
                if square > 0.0 && (value < 0.0) == negative {
                    let corner = |index: usize| index as f64 * side + (side - square) / 2.0;
                    svg.cell(
                        (x + corner(column), y + corner(row)),
                        (square, square),
                        1.0,
                        &self.hint(row, column, value),
                    );
                }
            }
        }
    }

    fn hint(&self, row: usize, column: usize, value: f64) -> String {
        let decimals = if value.abs() < 0.01 { 5 } else { 3 };
        let names = [self.rows.get(row), self.columns.get(column)].into_iter().flatten().map(String::as_str);
        let names = names.collect::<Vec<_>>().join(", ");
        let number = decimal(value, decimals);
        if names.is_empty() { number } else { format!("{names}: {number}") }
    }
}

impl Panel for Hinton {
    fn margin(&self) -> f64 {
        let widths = self.rows.iter().map(|name| text_width(&shorten(name, SIZE, ROOM), SIZE) + 6.0);
        EDGE + widths.fold(0.0, f64::max)
    }

    fn size(&self, margin: f64) -> (f64, f64) {
        let title = text_width(&shorten_bold(&self.title, 14.0, 400.0), 14.0) * LOOSE;
        let width = (margin + self.area().0).max(if self.title.is_empty() { 0.0 } else { EDGE + title });
        (width + EDGE, TITLE + self.band() + self.area().1 + EDGE)
    }

    fn draw(&self, svg: &mut Svg, place: Place) {
        let (x, y) = (place.x + place.margin, place.y + TITLE + self.band());
        let width = self.size(place.margin).0;
        svg.heading((place.x + EDGE, place.y + 18.0), 14.0, &shorten_bold(&self.title, 14.0, width - EDGE));
        let (positive, negative) = match self.ink {
            Ink::WhiteBlack => (Colour::White, Colour::Black),
            Ink::Colours => (Colour::First, Colour::Second),
        };
        let (ground, opacity) =
            if self.ink == Ink::WhiteBlack { (Colour::Grey, 1.0) } else { (Colour::Text, 0.07) };
        svg.rectangles(&[(x, y)], self.area(), ground, opacity);
        svg.group(positive, |svg| self.draw_squares(svg, (x, y), false));
        svg.group(negative, |svg| self.draw_squares(svg, (x, y), true));
        let middle = |index: usize| (index as f64 + 0.5) * self.side();
        let (rows, columns) = self.count();
        for (row, name) in self.rows.iter().take(rows).enumerate().step_by(self.step()) {
            svg.text((x - 6.0, y + middle(row) + 4.0), Anchor::End, SIZE, &shorten(name, SIZE, ROOM));
        }
        for (column, name) in self.columns.iter().take(columns).enumerate().step_by(self.step()) {
            let name = shorten(name, SIZE, ROOM);
            svg.turned_text((x + middle(column) + 4.0, y - 5.0), Anchor::Start, SIZE, -90.0, &name);
        }
    }

    /// Smaller cells.
    fn narrowed(&self, room: f64) -> Option<Vec<Box<dyn Panel + '_>>> {
        let margin = self.margin();
        (self.size(margin).0 > room).then(|| {
            let (above, title) = heading::split(&self.title, (room - 2.0 * EDGE) / LOOSE);
            let columns = self.count().1.max(1) as f64;
            // What is rounded down to a tenth of a pixel fits in the end.
            let cell = ((room - margin - EDGE) / columns * 10.0).floor() / 10.0;
            heading::below(above, Self { title, cell: cell.min(self.side()), ..self.clone() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_magnitudes() {
        let hinton = Hinton::new("t", vec![vec![4.0, -1.0, 0.0], vec![f64::NAN, f64::INFINITY]]);
        let largest = hinton.magnitude();
        let area = |value: f64| hinton.share(value, largest).powi(2);
        assert!((area(4.0) / area(-1.0) - 4.0).abs() < 1e-12);
        assert_eq!(
            [0.0, f64::NAN, f64::INFINITY].map(|value| hinton.share(value, largest)),
            [0.0, 0.0, FULL]
        );
        let zeros = Hinton::new("t", vec![vec![0.0; 3]]);
        assert_eq!(zeros.share(0.0, zeros.magnitude()), 0.0);
    }
}
