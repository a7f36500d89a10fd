//! What the colours and marks of a picture mean.

use crate::heading;
use crate::mark::Mark;
use crate::panel::{Panel, Place};
use crate::svg::{Anchor, Colour, Svg};
use crate::text::{shorten, shorten_bold, text_width};

/// Size of the names.
const SIZE: f64 = 12.0;
/// Distance between the lines of names.
pub(crate) const LINE: f64 = 20.0;
/// Distance between a name and the next sample.
const GAP: f64 = 20.0;
/// Room for a name: a longer one is shortened.
const ROOM: f64 = 240.0;
/// Side of a filled square.
const SQUARE: f64 = 14.0;

/// A name and a sample of what it means.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    name: String,
    sample: Sample,
}

#[derive(Clone, Debug, PartialEq)]
enum Sample {
    Curve(Vec<Mark>, Colour),
    Square(Colour, f64),
}

impl Key {
    /// For a curve that is drawn with these marks, one over the other.
    #[must_use]
    pub fn curve(name: impl Into<String>, marks: &[Mark], colour: Colour) -> Self {
        Self { name: name.into(), sample: Sample::Curve(marks.to_vec(), colour) }
    }

    /// For what is filled with a colour at an opacity between 0 and 1.
    #[must_use]
    pub fn filled(name: impl Into<String>, colour: Colour, opacity: f64) -> Self {
        Self { name: name.into(), sample: Sample::Square(colour, opacity) }
    }

    /// Where the name begins, from the beginning of the sample.
    fn name_at(&self) -> f64 {
        match self.sample {
            Sample::Curve(..) => 33.0,
            Sample::Square(..) => SQUARE + 6.0,
        }
    }

    /// Draws it from `x` on, its name on the base line `y`.
    fn draw(&self, svg: &mut Svg, (x, y): (f64, f64), name: &str) {
        match &self.sample {
            Sample::Curve(marks, colour) => {
                let points = [3.0, 13.0, 23.0].map(|dx| (x + dx, y - 4.0));
                // Of several marks, what lies over a line is shown once.
                for (index, mark) in marks.iter().enumerate() {
                    mark.draw(svg, if index == 0 { &points } else { &points[1..2] }, *colour);
                }
            }
            Sample::Square(colour, opacity) => {
                svg.rectangles(&[(x, y - 11.5)], (SQUARE, SQUARE), *colour, *opacity);
            }
        }
        svg.text((x + self.name_at(), y), Anchor::Start, SIZE, name);
    }
}

/// A legend as a panel of its own, for panels that share one: a title and rows of keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Legend {
    /// What the picture shows.
    pub title: String,
    /// What its colours and marks mean.
    pub keys: Vec<Key>,
}

/// Width of a legend that is a panel.
const WIDTH: f64 = 680.0;

/// A legend that has only so many pixels from left to right.
struct Slim {
    legend: Legend,
    width: f64,
}

impl Legend {
    fn size_in(&self, width: f64, margin: f64) -> (f64, f64) {
        (width, 38.0 + rows(&self.keys, width - margin - 8.0) as f64 * LINE)
    }

    fn draw_in(&self, svg: &mut Svg, width: f64, place: Place) {
        svg.heading((place.x + 8.0, place.y + 18.0), 14.0, &shorten_bold(&self.title, 14.0, width - 16.0));
        draw_rows(svg, &self.keys, (place.x + place.margin, place.y + 40.0), width - place.margin - 8.0);
    }
}

impl Panel for Legend {
    fn margin(&self) -> f64 {
        8.0
    }

    fn size(&self, margin: f64) -> (f64, f64) {
        self.size_in(WIDTH, margin)
    }

    fn draw(&self, svg: &mut Svg, place: Place) {
        self.draw_in(svg, WIDTH, place);
    }

    /// More rows.
    fn narrowed(&self, room: f64) -> Option<Vec<Box<dyn Panel + '_>>> {
        (WIDTH > room).then(|| {
            let (above, title) = heading::split(&self.title, room - 16.0);
            heading::below(above, Slim { legend: Self { title, keys: self.keys.clone() }, width: room })
        })
    }
}

/// Its rows begin at the left edge, wherever the axes below it are.
impl Panel for Slim {
    fn margin(&self) -> f64 {
        8.0
    }

    fn size(&self, _: f64) -> (f64, f64) {
        self.legend.size_in(self.width, 8.0)
    }

    fn draw(&self, svg: &mut Svg, place: Place) {
        self.legend.draw_in(svg, self.width, Place { margin: 8.0, ..place });
    }
}

/// Lines that the keys fill in a room of so many pixels.
pub(crate) fn rows(keys: &[Key], room: f64) -> usize {
    arranged(keys, room).last().map_or(0, |((_, row), _)| row + 1)
}

/// Draws keys in rows, the first on the base line `y`.
pub(crate) fn draw_rows(svg: &mut Svg, keys: &[Key], (x, y): (f64, f64), room: f64) {
    for (key, ((dx, row), name)) in keys.iter().zip(arranged(keys, room)) {
        key.draw(svg, (x + dx, y + row as f64 * LINE), &name);
    }
}

/// Draws keys one below the other; the first square's upper left corner is at the point.
pub fn draw_column(svg: &mut Svg, keys: &[Key], (x, y): (f64, f64)) {
    for (index, key) in keys.iter().enumerate() {
        key.draw(svg, (x, y + 11.5 + index as f64 * 22.0), &shorten(&key.name, SIZE, ROOM));
    }
}

/// How far to the right and in which row each key is, and its name as it is written.
fn arranged(keys: &[Key], room: f64) -> Vec<((f64, usize), String)> {
    let (mut x, mut row) = (0.0, 0);
    let entry = |key: &Key| {
        let name = shorten(&key.name, SIZE, ROOM.min(room - key.name_at()));
        let width = key.name_at() + text_width(&name, SIZE);
        if x > 0.0 && x + width > room {
            (x, row) = (0.0, row + 1);
        }
        let at = (x, row);
        x += width + GAP;
        (at, name)
    };
    keys.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_find_no_room_begin_a_row() {
        let keys: Vec<Key> =
            (0..5).map(|n| Key::curve(format!("a run, {n}"), &[Mark::Line], Colour::First)).collect();
        let width = 33.0 + text_width("a run, 0", SIZE);
        let places: Vec<_> = arranged(&keys, 2.0 * width + GAP + 0.1).into_iter().map(|(at, _)| at).collect();
        let second = width + GAP;
        assert_eq!(places, [(0.0, 0), (second, 0), (0.0, 1), (second, 1), (0.0, 2)]);
        assert_eq!((rows(&keys, 1.0), rows(&keys, 1e6), rows(&[], 100.0)), (5, 1, 0));
    }

    #[test]
    fn long_names_are_shortened() {
        let keys = [Key::filled("a very long name, ".repeat(9), Colour::First, 0.5)];
        let (_, name) = arranged(&keys, 100.0).remove(0);
        assert!(name.ends_with('…') && text_width(&name, SIZE) <= 80.0, "{name}");
    }
}
