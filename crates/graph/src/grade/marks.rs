//! What is right, missing and too much, once boxes are paired.

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;

use super::picture::Picture;
use super::redrawing::Redrawing;
use crate::view::EdgeRole;

/// How much of what was drawn is right, and how much of what is there was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Share {
    /// How many are right.
    pub right: usize,
    /// How many were drawn.
    pub drawn: usize,
    /// How many are there.
    pub there: usize,
}

impl Share {
    /// The part of what was drawn that is right; 1 if nothing was drawn, and nothing is there.
    #[must_use]
    pub fn precision(&self) -> f64 {
        self.part(self.drawn)
    }

    /// The part of what is there that was drawn; 1 if nothing is there, and nothing was drawn.
    #[must_use]
    pub fn recall(&self) -> f64 {
        self.part(self.there)
    }

    /// The harmonic mean of both: 1 if all is right, and nothing else was drawn.
    // ANCHOR: f1
    #[must_use]
    pub fn f1(&self) -> f64 {
        let all = self.drawn + self.there;
        let share = 2.0 * self.right as f64 / all as f64;
        if all == 0 { 1.0 } else { share }
    }
    // ANCHOR_END: f1

    fn part(&self, of: usize) -> f64 {
        match of {
            0 if self.drawn + self.there == 0 => 1.0,
            0 => 0.0,
            of => self.right as f64 / of as f64,
        }
    }
}

/// What came of holding a drawing against a picture. Its [`std::fmt::Display`] says it in sentences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Grade {
    pub(super) boxes: Share,
    pub(super) lines: Share,
    pub(super) missing_boxes: Vec<String>,
    pub(super) extra_boxes: Vec<String>,
    pub(super) missing_ways: Vec<String>,
    pub(super) missing_lines: Vec<[String; 2]>,
    pub(super) extra_lines: Vec<[String; 2]>,
}

impl Grade {
    /// Boxes.
    #[must_use]
    pub fn boxes(&self) -> Share {
        self.boxes
    }

    /// Lines.
    #[must_use]
    pub fn lines(&self) -> Share {
        self.lines
    }

    /// Whether nothing is missing, and nothing too much.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        [self.boxes, self.lines].iter().all(|of| of.right == of.drawn && of.right == of.there)
    }

    /// Boxes of the picture that were not drawn, by the names that tell them apart.
    #[must_use]
    pub fn missing_boxes(&self) -> &[String] {
        &self.missing_boxes
    }

    /// Boxes that were drawn and are not in the picture, each name once.
    #[must_use]
    pub fn extra_boxes(&self) -> &[String] {
        &self.extra_boxes
    }

    /// Residual connections that were not drawn, as in "the way around Feed Forward".
    #[must_use]
    pub fn missing_ways(&self) -> &[String] {
        &self.missing_ways
    }

    /// All other lines that were not drawn: from where to where.
    #[must_use]
    pub fn missing_lines(&self) -> &[[String; 2]] {
        &self.missing_lines
    }

    /// Lines that were drawn and are not in the picture, each once.
    #[must_use]
    pub fn extra_lines(&self) -> &[[String; 2]] {
        &self.extra_lines
    }
}

/// Counts, given which box of the drawing each box of the picture is.
pub(super) fn marks(
    picture: &Picture,
    drawing: &Redrawing,
    named: &[bool],
    pairs: &[Option<usize>],
) -> Grade {
    let lines: HashSet<(usize, usize)> = drawing.lines.iter().copied().collect();
    let mut grade = Grade {
        boxes: Share {
            right: pairs.iter().flatten().count(),
            drawn: named.iter().filter(|&&named| named).count(),
            there: pairs.len(),
        },
        lines: Share { right: 0, drawn: lines.len(), there: picture.lines.len() },
        missing_boxes: Vec::new(),
        extra_boxes: Vec::new(),
        missing_ways: Vec::new(),
        missing_lines: Vec::new(),
        extra_lines: Vec::new(),
    };
    let mut right = HashSet::new();
    for line in &picture.lines {
        let drawn = pairs[line.from].zip(pairs[line.to]).filter(|line| lines.contains(line));
        match (drawn, &line.way) {
            (Some(drawn), _) => {
                right.insert(drawn);
            }
            (None, Some(way)) if line.role == EdgeRole::Residual => grade.missing_ways.push(way.clone()),
            (None, _) => {
                grade.missing_lines.push([line.from, line.to].map(|id| picture.boxes[id].name.clone()));
            }
        }
    }
    grade.lines.right = right.len();
    let missing = pairs.iter().zip(&picture.boxes).filter(|(drawn, _)| drawn.is_none());
    grade.missing_boxes = missing.map(|(_, asked)| asked.name.clone()).collect();
    let mut asked: Vec<Option<usize>> = vec![None; drawing.boxes.len()];
    pairs
        .iter()
        .enumerate()
        .filter_map(|(n, drawn)| Some((n, (*drawn)?)))
        .for_each(|(n, drawn)| asked[drawn] = Some(n));
    // Where a box is known, its name tells which of several it is.
    let name = |drawn: usize| match asked[drawn] {
        Some(asked) => picture.boxes[asked].name.as_str(),
        None if named[drawn] => drawing.boxes[drawn].label.as_str(),
        None => "a box without a name",
    };
    let mut told = BTreeSet::new();
    for drawn in (0..named.len()).filter(|&drawn| named[drawn] && asked[drawn].is_none()) {
        if told.insert(name(drawn)) {
            grade.extra_boxes.push(name(drawn).to_owned());
        }
    }
    let mut told = HashSet::new();
    for &(from, to) in drawing.lines.iter().filter(|line| !right.contains(line)) {
        if told.insert((from, to)) {
            grade.extra_lines.push([name(from).to_owned(), name(to).to_owned()]);
        }
    }
    grade
}
