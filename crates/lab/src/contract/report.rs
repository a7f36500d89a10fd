//! What an experiment tells: numbers that are checked, figures, sentences.

use std::fmt;

use plot::Drawn;
use serde::{Serialize, Serializer};

/// What follows from an experiment's results.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Numbers, and what they should be.
    pub checks: Vec<Check>,
    /// Pictures.
    pub figures: Vec<Figure>,
    /// Texts and tables for the book.
    pub pieces: Vec<Piece>,
    /// What came out, in plain words.
    pub sentences: Vec<String>,
}

impl Report {
    /// Compares a number with what it should be.
    pub fn check(&mut self, name: impl Into<String>, value: f64, target: Target) {
        let passed = target.is_met_by(value);
        self.checks.push(Check { name: name.into(), value, target, passed });
    }

    /// Adds a picture. Its name is that of its file without `.svg`: small letters, digits and hyphens. If it was drawn
    /// for a narrow page as well, there is a second file, with `-narrow` behind the name.
    pub fn figure(&mut self, name: &str, picture: impl Into<Drawn>) {
        let Drawn { wide, narrow } = picture.into();
        self.figures.push(Figure { name: name.to_owned(), svg: wide });
        self.figures.extend(narrow.map(|svg| Figure { name: format!("{name}-narrow"), svg }));
    }

    /// Adds a text or a table, in Markdown. Its name is that of its file without `.md`: small letters, digits and
    /// hyphens. It ends with a line break.
    pub fn piece(&mut self, name: &'static str, markdown: impl Into<String>) {
        self.pieces.push(Piece { name, markdown: markdown.into() });
    }

    /// Adds a sentence.
    pub fn say(&mut self, sentence: impl Into<String>) {
        self.sentences.push(sentence.into());
    }

    /// Whether all numbers are what they should be.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }
}

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Name of its file without `.svg`.
    pub name: String,
    /// The picture.
    pub svg: String,
}

/// A text or a table that a page of the book includes, so that its numbers are those that were measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Name of its file without `.md`.
    pub name: &'static str,
    /// The text.
    pub markdown: String,
}

/// A number, and what it should be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// What the number is.
    pub name: String,
    /// The number.
    pub value: f64,
    /// What it should be.
    pub target: Target,
    /// Whether it is.
    pub passed: bool,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, target, passed } = self;
        let passed = if *passed { "passed" } else { "MISSED" };
        write!(f, "{passed}: {name} is {} ({target})", Short(*value))
    }
}

/// What a number should be. One that is no number meets no target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
    /// The first number, or up to the second away from it.
    Near(f64, f64),
}

impl Target {
    fn is_met_by(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
            Self::Near(expected, distance) => (value - expected).abs() <= distance,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::AtLeast(least) => write!(f, "at least {}", Short(least)),
            Self::AtMost(most) => write!(f, "at most {}", Short(most)),
            Self::Near(expected, distance) => write!(f, "{} ± {}", Short(expected), Short(distance)),
        }
    }
}

/// In JSON, a target is what it is in words.
impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The largest of some numbers, at least 0; no number if one of them is none, so that it meets no target.
pub(crate) fn largest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |most, value| if value > most || value.is_nan() { value } else { most })
}

/// A number with four digits or so, and a power of ten where it is far from one.
struct Short(f64);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size != 0.0 && size.is_finite() && !(1e-3..1e6).contains(&size) {
            let text = format!("{:.2e}", self.0);
            return f.write_str(&text.replace(".00e", "e").replace("0e", "e"));
        }
        let decimals = if size >= 1_000.0 { 0 } else { 4 };
        let text = format!("{:.decimals$}", self.0);
        f.write_str(if decimals > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_include_their_ends_and_never_what_is_no_number() {
        let met = |target: Target, values: [f64; 3]| values.map(|value| target.is_met_by(value));
        assert_eq!(met(Target::AtLeast(2.0), [1.9, 2.0, f64::NAN]), [false, true, false]);
        assert_eq!(met(Target::AtMost(2.0), [2.1, 2.0, f64::NAN]), [false, true, false]);
        assert_eq!(met(Target::Near(2.0, 0.5), [1.4, 2.5, f64::NAN]), [false, true, false]);
    }

    #[test]
    fn a_report_has_passed_if_every_check_has() {
        let mut report = Report::default();
        assert!(report.passed());
        report.check("one", 1.0, Target::AtMost(1.0));
        assert!(report.passed());
        report.check("two", 2.0, Target::AtMost(1.0));
        assert!(!report.passed());
        assert_eq!(report.checks[1].to_string(), "MISSED: two is 2 (at most 1)");
    }

    #[test]
    fn a_picture_for_a_narrow_page_has_a_file_of_its_own() {
        let mut report = Report::default();
        report.figure("one", "<svg/>".to_owned());
        report.figure("two", Drawn { wide: "<svg/>".to_owned(), narrow: Some("<svg></svg>".to_owned()) });
        let names: Vec<&str> = report.figures.iter().map(|figure| figure.name.as_str()).collect();
        assert_eq!(names, ["one", "two", "two-narrow"]);
        assert_eq!(report.figures[2].svg, "<svg></svg>");
    }

    #[test]
    fn what_is_no_number_is_not_lost_among_others() {
        assert_eq!(largest([1.0, 3.0, 2.0].into_iter()), 3.0);
        assert!(
            largest([f64::NAN, 3.0].into_iter()).is_nan()
                && largest([3.0, f64::NAN, 4.0].into_iter()).is_nan()
        );
    }

    #[test]
    fn numbers_are_short() {
        let cases = [(0.5, "0.5"), (1e-5, "1e-5"), (2.5e-7, "2.5e-7"), (-12.34567, "-12.3457"), (0.0, "0")];
        for (value, text) in cases.into_iter().chain([(43_210.9, "43211"), (2e10, "2e10"), (f64::NAN, "NaN")])
        {
            assert_eq!(Short(value).to_string(), text);
        }
        let target = serde_json::to_string(&Target::Near(4.0, 0.2)).unwrap();
        assert_eq!(target, "\"4 ± 0.2\"");
    }
}
