//! A drawing is held against a picture: names first, then what is next to what.

use std::collections::HashMap;

use super::error::GradeError;
use super::labels::{alike, without_brackets};
use super::marks::{self, Grade};
use super::pairs;
use super::picture::Picture;
use super::redrawing::Redrawing;
use super::side::Side;

impl Picture {
    /// Holds a drawing against it.
    ///
    /// Boxes are paired by their names, whatever their case, hyphens and spaces, whether `&` or `and`, one or several.
    /// What stands in brackets may be left out. Boxes of the same name are told apart by their neighbours. A box without a
    /// name is none. A line is right if both its ends are, and if it is in the picture.
    ///
    /// # Errors
    ///
    /// If no name is drawn, or none of the picture's.
    pub fn grade(&self, drawing: &Redrawing) -> Result<Grade, GradeError> {
        let classes = Classes::new(self);
        let named: Vec<bool> = drawing.boxes.iter().map(|drawn| !drawn.label.trim().is_empty()).collect();
        if !named.contains(&true) {
            return Err(GradeError::Empty);
        }
        let theirs: Vec<Option<usize>> =
            drawing.boxes.iter().map(|drawn| classes.find(&drawn.label)).collect();
        if theirs.iter().all(Option::is_none) {
            let example = self.boxes.first().map_or_else(String::new, |asked| asked.label.clone());
            return Err(GradeError::NothingInCommon { example });
        }
        let place: HashMap<&str, usize> =
            self.boxes.iter().enumerate().map(|(n, asked)| (asked.key.as_str(), n)).collect();
        let mut fixed = vec![None; self.boxes.len()];
        let mut free = theirs.clone();
        for (drawn, of) in drawing.boxes.iter().enumerate() {
            if let Some(&asked) = of.of.as_deref().and_then(|key| place.get(key)) {
                // What stands in a place stands nowhere else.
                free[drawn] = None;
                if theirs[drawn] == Some(classes.of[asked]) && fixed[asked].is_none() {
                    fixed[asked] = Some(drawn);
                }
            }
        }
        let ours = Side::new(classes.of.iter().map(|&class| Some(class)), self.pairs());
        let theirs = Side::new(free.into_iter(), drawing.lines.iter().copied());
        let pairs = pairs::pairs(&ours, &theirs, fixed);
        Ok(marks::marks(self, drawing, &named, &pairs))
    }
}

/// Numbers for names: equal ones for names that are alike.
struct Classes {
    of: Vec<usize>,
    known: HashMap<String, usize>,
}

impl Classes {
    fn new(picture: &Picture) -> Self {
        let mut known = HashMap::new();
        let of = picture.boxes.iter().map(|asked| {
            let next = known.len();
            *known.entry(alike(&asked.label)).or_insert(next)
        });
        let of: Vec<usize> = of.collect();
        // Names without their brackets, where no two are the same.
        let mut shorter: HashMap<String, Option<usize>> = HashMap::new();
        for (asked, &class) in picture.boxes.iter().zip(&of) {
            let short = alike(&without_brackets(&asked.label));
            let entry = shorter.entry(short).or_insert(Some(class));
            *entry = entry.filter(|&other| other == class);
        }
        for (short, class) in shorter {
            if let Some(class) = class.filter(|_| !short.is_empty() && !known.contains_key(&short)) {
                known.insert(short, class);
            }
        }
        Self { of, known }
    }

    fn find(&self, label: &str) -> Option<usize> {
        let found = self.known.get(&alike(label));
        found.or_else(|| self.known.get(&alike(&without_brackets(label)))).copied()
    }
}
