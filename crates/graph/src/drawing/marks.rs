//! Marks of what differs: a colour, a line style and a sign each, so that none of them is needed to tell them apart.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::caption::SMALL;
use super::geometry::{Point, Rect};
use super::lettering::{Setting, Words};
use super::text::{self, number};
use crate::view::BoxId;

/// Radius of the disc with the sign.
const DISC: f64 = 7.0;
/// What an entry of the legend takes beside its text.
const SWATCH: f64 = 26.0;
const GAP: f64 = 18.0;
/// Height of a row of the legend.
const ROW: f64 = 20.0;

/// How something differs from its counterpart in the other picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Mark {
    Removed,
    Added,
    Changed,
    Moved,
}

/// Where the first of two pictures stands: beside the second one, or above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sides {
    Beside,
    Above,
}

impl Mark {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Removed => "m-removed",
            Self::Added => "m-added",
            Self::Changed => "m-changed",
            Self::Moved => "m-moved",
        }
    }

    /// What it says, as a text has it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Moved => "moved",
        }
    }

    fn meaning(self, sides: Sides) -> &'static str {
        match (self, sides) {
            (Self::Removed, Sides::Beside) => "removed: only left",
            (Self::Removed, Sides::Above) => "removed: only above",
            (Self::Added, Sides::Beside) => "added: only right",
            (Self::Added, Sides::Above) => "added: only below",
            (Self::Changed, _) => "changed",
            (Self::Moved, _) => "moved, or starts elsewhere",
        }
    }

    /// The sign, as a path around `middle`.
    fn sign(self, middle: Point) -> String {
        let Point { x, y } = middle;
        let at = |dx: f64, dy: f64| format!("{} {}", number(x + dx), number(y + dy));
        match self {
            Self::Removed => format!("M{}h7", at(-3.5, 0.0)),
            Self::Added => format!("M{}h7M{}v7", at(-3.5, 0.0), at(0.0, -3.5)),
            Self::Changed => {
                format!("M{}h7M{}h7M{}L{}", at(-3.5, -1.6), at(-3.5, 1.6), at(2.0, -4.0), at(-2.0, 4.0))
            }
            Self::Moved => format!(
                "M{}v8M{}l2.2-2.2 2.2 2.2M{}l2.2 2.2 2.2-2.2",
                at(0.0, -4.0),
                at(-2.2, -1.8),
                at(-2.2, 1.8)
            ),
        }
    }
}

/// The marks of a view's boxes and, by number, of its edges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) boxes: BTreeMap<BoxId, Mark>,
    pub(crate) edges: BTreeMap<usize, Mark>,
}

impl Marks {
    pub(super) fn is_empty(&self) -> bool {
        self.boxes.is_empty() && self.edges.is_empty()
    }

    /// Each mark that there is, once.
    pub(super) fn kinds(&self) -> Vec<Mark> {
        let mut kinds: Vec<Mark> = self.boxes.values().chain(self.edges.values()).copied().collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// The class of a box, after a blank.
    pub(super) fn class_of(&self, id: BoxId) -> String {
        self.boxes.get(&id).map(|mark| format!(" {}", mark.class())).unwrap_or_default()
    }

    /// The class of an edge, after a blank.
    pub(super) fn class_of_edge(&self, edge: usize) -> String {
        self.edges.get(&edge).map(|mark| format!(" {}", mark.class())).unwrap_or_default()
    }

    /// Draws the sign of a box in its upper right corner.
    pub(super) fn sign(&self, svg: &mut String, id: BoxId, place: Rect) {
        if let Some(&mark) = self.boxes.get(&id) {
            disc(svg, mark, Point { x: place.right(), y: place.y });
        }
    }
}

fn disc(svg: &mut String, mark: Mark, middle: Point) {
    // Writing to a string can't fail.
    let _ = write!(
        svg,
        "<g class=\"g {}\"><circle cx=\"{}\" cy=\"{}\" r=\"{DISC}\"/><path d=\"{}\"/></g>",
        mark.class(),
        number(middle.x),
        number(middle.y),
        mark.sign(middle)
    );
}

/// An entry of the legend: the mark, where its line begins, and what it means.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    mark: Mark,
    at: Point,
    words: Words,
}

/// Entries for the marks that there are, in rows from `top` on, and the height that they take.
pub(super) fn legend(marks: &Marks, sides: Sides, width: f64, top: f64) -> (Vec<Entry>, f64) {
    let mut rows: Vec<(Vec<(Mark, f64)>, f64)> = Vec::new();
    for mark in marks.kinds() {
        let wide = SWATCH + text::width(mark.meaning(sides), SMALL) + GAP;
        match rows.last_mut().filter(|(_, used)| used + wide < width - 20.0) {
            Some((row, used)) => {
                row.push((mark, wide));
                *used += wide;
            }
            None => rows.push((vec![(mark, wide)], wide)),
        }
    }
    let mut entries = Vec::new();
    for (number, (row, used)) in rows.iter().enumerate() {
        let mut x = (width - used + GAP) / 2.0;
        let y = top + 10.0 + ROW * number as f64;
        for &(mark, wide) in row {
            let words = Words {
                text: mark.meaning(sides).to_owned(),
                at: Point { x: x + SWATCH, y: y + 3.8 },
                size: SMALL,
                style: Setting::Title,
            };
            entries.push(Entry { mark, at: Point { x, y }, words });
            x += wide;
        }
    }
    (entries, ROW * rows.len() as f64)
}

/// Draws the legend: the line, the sign on it, and the words.
pub(super) fn write_legend(svg: &mut String, entries: &[Entry]) {
    for Entry { mark, at, words } in entries {
        let (x, y) = (number(at.x), number(at.y));
        let _ = write!(svg, "<path class=\"e {}\" d=\"M{x} {y}h20\"/>", mark.class());
        disc(svg, *mark, Point { x: at.x + 10.0, y: at.y });
        let (x, y) = (number(words.at.x), number(words.at.y));
        let _ =
            write!(svg, "<text class=\"l\" x=\"{x}\" y=\"{y}\" font-size=\"{SMALL}\">{}</text>", words.text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_differ_by_more_than_their_colour() {
        let all = [Mark::Removed, Mark::Added, Mark::Changed, Mark::Moved];
        let middle = Point { x: 0.0, y: 0.0 };
        for (place, a) in all.iter().enumerate() {
            for b in &all[place + 1..] {
                assert_ne!(a.sign(middle), b.sign(middle), "{a:?} {b:?}");
                for sides in [Sides::Beside, Sides::Above] {
                    assert_ne!(a.meaning(sides), b.meaning(sides), "{a:?} {b:?}");
                }
            }
        }
    }

    #[test]
    fn the_legend_breaks_where_there_is_no_room() {
        let all = [Mark::Removed, Mark::Added, Mark::Changed, Mark::Moved];
        let marks = Marks { boxes: all.into_iter().enumerate().collect(), edges: BTreeMap::new() };
        let (wide, one_row) = legend(&marks, Sides::Beside, 900.0, 0.0);
        let (narrow, rows) = legend(&marks, Sides::Beside, 200.0, 0.0);
        assert_eq!((wide.len(), narrow.len(), one_row, rows), (4, 4, ROW, 4.0 * ROW));
        assert_eq!(legend(&Marks::default(), Sides::Above, 200.0, 0.0).1, 0.0);
    }
}
