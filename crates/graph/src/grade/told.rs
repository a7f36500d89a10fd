//! A grade in words.

use std::fmt;

use super::marks::{Grade, Share};

/// So many of a sort are named.
const NAMED: usize = 5;

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { right, drawn, there } = self;
        write!(
            f,
            "{right} of {there} are right, {drawn} were drawn: precision {:.2}, recall {:.2}, F1 {:.2}",
            self.precision(),
            self.recall(),
            self.f1()
        )
    }
}

/// The numbers, then what is missing, a line each, the ways around first.
impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Boxes: {}.", self.boxes)?;
        writeln!(f, "Lines: {}.", self.lines)?;
        if self.is_exact() {
            return writeln!(f, "It is an exact copy. Nothing is missing.");
        }
        for way in &self.missing_ways {
            let mut letters = way.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
            writeln!(f, "{first}{} is missing.", letters.as_str())?;
        }
        list(f, "Not drawn", self.missing_boxes.iter().cloned())?;
        list(f, "Not in the picture", self.extra_boxes.iter().map(|name| format!("{name:?}")))?;
        let lines = |lines: &[[String; 2]]| -> Vec<String> {
            lines.iter().map(|[from, to]| format!("from {from} to {to}")).collect()
        };
        list(f, "Lines that are missing", lines(&self.missing_lines).into_iter())?;
        list(f, "Lines that are not in the picture", lines(&self.extra_lines).into_iter())
    }
}

fn list(f: &mut fmt::Formatter<'_>, what: &str, names: impl ExactSizeIterator<Item = String>) -> fmt::Result {
    let more = names.len().saturating_sub(NAMED);
    let mut shown: Vec<String> = names.take(NAMED).collect();
    if shown.is_empty() {
        return Ok(());
    }
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    writeln!(f, "{what}: {}.", shown.join("; "))
}
