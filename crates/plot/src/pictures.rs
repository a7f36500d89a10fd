//! Small pictures in shades of grey, in rows and columns.

use std::collections::BTreeMap;

use crate::heading;
use crate::panel::{Panel, Place};
use crate::svg::{Anchor, Colour, Stroke, Svg, escape, number};
use crate::text::{shorten, shorten_bold, shorten_or_nothing, text_width};

/// A small picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Picture {
    /// Shades from 0 (black) to 1 (white), by row and column. What is no number is left out.
    pub shades: Vec<Vec<f64>>,
    /// What is shown when the pointer rests on it.
    pub hint: String,
}

/// Pictures beside each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PictureRow {
    /// What they are of, above them at the left; may be empty.
    pub name: String,
    /// More about them, above them at the right; may be empty.
    pub note: String,
    /// The pictures.
    pub pictures: Vec<Picture>,
}

/// Rows of pictures that share the names of their columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Pictures {
    /// What they show.
    pub title: String,
    /// Names of the columns, above them; there may be fewer or none.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<PictureRow>,
    /// Side of a square of a picture in pixels. A whole number keeps all squares alike.
    pub side: f64,
}

const SIZE: f64 = 12.0;
/// Height of the title, of the columns' names and of a row's.
const TITLE: f64 = 28.0;
const LINE: f64 = 18.0;
/// At the edges of the panel.
const EDGE: f64 = 8.0;
/// Between two pictures.
const GAP: f64 = 6.0;

impl Pictures {
    /// Pictures with squares of two pixels.
    #[must_use]
    pub fn new(title: impl Into<String>, columns: Vec<String>, rows: Vec<PictureRow>) -> Self {
        Self { title: title.into(), columns, rows, side: 2.0 }
    }

    fn side(&self) -> f64 {
        if self.side.is_finite() { self.side.clamp(1.0, 50.0) } else { 2.0 }
    }

    /// Width and height of the largest picture.
    fn largest(&self) -> (f64, f64) {
        let pictures = self.rows.iter().flat_map(|row| &row.pictures).map(|picture| &picture.shades);
        pictures.fold((0.0, 0.0), |(width, height), shades| {
            let across = shades.iter().map(Vec::len).max().unwrap_or(0);
            (
                f64::max(width, across as f64 * self.side()),
                f64::max(height, shades.len() as f64 * self.side()),
            )
        })
    }

    /// From the left edge of a picture to that of the next. A name of a column needs no more than the column has.
    fn pitch(&self) -> f64 {
        self.largest().0 + GAP
    }

    fn count(&self) -> usize {
        self.rows.iter().map(|row| row.pictures.len()).max().unwrap_or(0)
    }

    /// Height of the names above a row.
    fn above(row: &PictureRow) -> f64 {
        if row.name.is_empty() && row.note.is_empty() { 0.0 } else { LINE }
    }

    fn top(&self) -> f64 {
        TITLE + if self.columns.is_empty() { 0.0 } else { LINE }
    }

    fn draw_row(&self, svg: &mut Svg, row: &PictureRow, (x, y): (f64, f64), width: f64) {
        let above = Self::above(row);
        let note = shorten_or_nothing(&row.note, SIZE, width);
        let room = width - text_width(&note, SIZE) - GAP;
        let name = shorten_or_nothing(&row.name, SIZE, room);
        for (x, anchor, text) in [(x, Anchor::Start, name), (x + width, Anchor::End, note)] {
            if !text.is_empty() {
                svg.text((x, y + 12.0), anchor, SIZE, &text);
            }
        }
        for (column, Picture { shades, hint }) in row.pictures.iter().enumerate() {
            let (left, top) = (x + column as f64 * self.pitch(), y + above);
            svg.push(&squares((left, top), self.side(), shades, hint));
            let across = shades.iter().map(Vec::len).max().unwrap_or(0) as f64 * self.side();
            let (right, bottom) = (left + across, top + shades.len() as f64 * self.side());
            // A black picture on a black page has an edge, too.
            let frame = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
            svg.polyline(&frame, Stroke { opacity: 0.4, ..Stroke::solid(Colour::Text, 1.0) });
        }
    }
}

impl Panel for Pictures {
    fn margin(&self) -> f64 {
        0.0
    }

    fn size(&self, _: f64) -> (f64, f64) {
        let width = (self.count() as f64 * self.pitch() - GAP).max(self.largest().0);
        let rows = self.rows.iter().map(|row| Self::above(row) + self.largest().1 + GAP);
        (width + 2.0 * EDGE, self.top() + rows.sum::<f64>() + EDGE)
    }

    fn draw(&self, svg: &mut Svg, place: Place) {
        let width = self.size(place.margin).0 - 2.0 * EDGE;
        let (x, mut y) = (place.x + EDGE, place.y + self.top());
        svg.heading((x, place.y + 18.0), 14.0, &shorten_bold(&self.title, 14.0, width));
        for (column, name) in self.columns.iter().take(self.count()).enumerate() {
            let middle = x + column as f64 * self.pitch() + self.largest().0 / 2.0;
            svg.text((middle, y - 6.0), Anchor::Middle, SIZE, &shorten(name, SIZE, self.pitch()));
        }
        for row in &self.rows {
            self.draw_row(svg, row, (x, y), width);
            y += Self::above(row) + self.largest().1 + GAP;
        }
    }

    /// As many columns as there is room for, with all rows; then the others.
    fn narrowed(&self, room: f64) -> Option<Vec<Box<dyn Panel + '_>>> {
        if self.size(0.0).0 <= room {
            return None;
        }
        let room = room - 2.0 * EDGE;
        let most = (((room + GAP) / self.pitch()).floor() as usize).max(1);
        let each = self.count().div_ceil(self.count().div_ceil(most).max(1)).max(1);
        let (above, title) = heading::split(&self.title, room.min(each as f64 * self.pitch() - GAP));
        let part = |first: usize| {
            let of = |row: &PictureRow| {
                let pictures = row.pictures.iter().skip(first).take(each).cloned().collect();
                PictureRow { pictures, ..row.clone() }
            };
            Self {
                title: if first == 0 { title.clone() } else { String::new() },
                columns: self.columns.iter().skip(first).take(each).cloned().collect(),
                rows: self.rows.iter().map(of).collect(),
                side: self.side,
            }
        };
        let others = (each..self.count()).step_by(each).map(|first| Box::new(part(first)) as Box<dyn Panel>);
        Some(heading::below(above, part(0)).into_iter().chain(others).collect())
    }
}

/// One picture, as an element. There are 16 shades, and neighbours in a row that have the same are one stroke, since a
/// rectangle for each square would be ten times as long.
fn squares((x, y): (f64, f64), side: f64, shades: &[Vec<f64>], hint: &str) -> String {
    let level = |shade: &f64| shade.is_finite().then(|| (15.0 * shade.clamp(0.0, 1.0)).round() as u8);
    let mut strokes = BTreeMap::<u8, String>::new();
    for (row, shades) in shades.iter().enumerate() {
        let mut column = 0;
        for run in shades.chunk_by(|a, b| level(a) == level(b)) {
            if let Some(level) = level(&run[0]) {
                *strokes.entry(level).or_default() += &format!("M{column} {row}h{}", run.len());
            }
            column += run.len();
        }
    }
    let path = |(level, path): (&u8, &String)| {
        format!(r##"<path stroke="#{level:x}{level:x}{level:x}" d="{path}"/>"##)
    };
    format!(
        r#"<g transform="translate({} {}) scale({})" fill="none" shape-rendering="crispEdges"><title>{}</title>{}</g>"#,
        number(x),
        number(y + side / 2.0),
        number(side),
        escape(hint),
        strokes.iter().map(path).collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Caption, stack};

    fn picture(rows: usize, columns: usize) -> Picture {
        Picture { shades: vec![vec![0.5; columns]; rows], hint: "grey".into() }
    }

    #[test]
    fn five_pictures_of_28_squares_fit_a_phone() {
        let row = PictureRow { name: "cat".into(), note: "0.97".into(), pictures: vec![picture(28, 28); 5] };
        let pictures = Pictures::new("Cats", vec!["step 500".into(); 5], vec![row; 3]);
        let (width, height) = pictures.size(0.0);
        assert!(width <= 345.0 && (height - 294.0).abs() < 1e-9, "{width} {height}");
        let svg = stack(&[&pictures], &Caption { id: "cats", title: "Cats", description: "" });
        assert_eq!((svg.matches("<g ").count(), svg.matches(">step 500<").count()), (15, 5), "{svg}");
    }

    #[test]
    fn columns_that_find_no_room_stand_below() {
        let columns: Vec<String> = (0..7).map(|n| format!("step {n}")).collect();
        let row = PictureRow { name: "cat".into(), note: String::new(), pictures: vec![picture(28, 28); 7] };
        let pictures = Pictures::new("Cats", columns.clone(), vec![row; 2]);
        let parts = pictures.narrowed(345.0).unwrap();
        assert_eq!(parts.len(), 2);
        let parts: Vec<&dyn Panel> = parts.iter().map(|part| &**part).collect();
        let svg = stack(&parts, &Caption { id: "cats", title: "Cats", description: "" });
        assert_eq!((svg.matches("<g ").count(), svg.matches("\">Cats</text>").count()), (14, 1), "{svg}");
        assert!(columns.iter().all(|name| svg.contains(&format!(">{name}<"))), "{svg}");
        assert!(parts.iter().all(|part| part.size(0.0).0 <= 345.0));
        assert!(pictures.narrowed(800.0).is_none());
    }

    #[test]
    fn neighbours_of_one_shade_are_one_stroke() {
        let shades = [vec![0.0, 0.02, 1.0, 0.0], vec![f64::NAN, 0.5, 0.5, 7.0]];
        let paths = r##"<path stroke="#000" d="M0 0h2M3 0h1"/><path stroke="#888" d="M1 1h2"/><path stroke="#fff" d="M2 0h1M3 1h1"/>"##;
        let group = r#"<g transform="translate(1 4) scale(4)" fill="none" shape-rendering="crispEdges"><title>a &lt; b</title>"#;
        assert_eq!(squares((1.0, 2.0), 4.0, &shades, "a < b"), format!("{group}{paths}</g>"));
    }

    #[test]
    fn what_is_missing_takes_no_place() {
        let rows = vec![PictureRow { pictures: vec![picture(2, 3)], ..PictureRow::default() }];
        let pictures = Pictures { side: f64::NAN, ..Pictures::new("", vec![], rows) };
        assert_eq!(pictures.size(0.0), (6.0 + 16.0, 28.0 + 4.0 + 6.0 + 8.0));
        let none = Pictures::new("", vec!["a".into()], vec![]);
        let svg = stack(&[&none], &Caption { id: "none", title: "", description: "" });
        assert!(none.size(0.0).0 >= 16.0 && !svg.contains(">a<"), "{svg}");
    }
}
