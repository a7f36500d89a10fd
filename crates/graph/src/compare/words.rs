//! A comparison in words: for a terminal, and as JSON.

use std::fmt;

use serde::Serialize;

use super::{Change, Comparison, Difference, OtherData};

impl Change {
    /// The sign before a line.
    fn sign(self) -> char {
        match self {
            Self::Removed => '-',
            Self::Added => '+',
            Self::Changed => '~',
            Self::Moved => '>',
            Self::Rewired => '*',
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Moved => "moved",
            Self::Rewired => "rewired",
        }
    }
}

/// One line: `changed ReLU, 6 times in encoder/layer.*/relu: ReLU -> GELU`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.change.word(), self.what)?;
        let times = self.before.len().max(self.after.len());
        if times > 1 {
            write!(f, ", {times} times")?;
        }
        let (before, after) = (common_path(&self.before), common_path(&self.after));
        let place = if matches!(self.what.as_str(), "input" | "output") { "" } else { "in " };
        match (before, after) {
            (Some(before), Some(after)) if before != after => write!(f, " {place}{before}, now {after}")?,
            (Some(path), _) | (None, Some(path)) => write!(f, " {place}{path}")?,
            (None, None) => {}
        }
        match self.details.as_slice() {
            [] => Ok(()),
            details => write!(f, ": {}", details.join("; ")),
        }
    }
}

/// Several paths as one, with a star where their numbers differ.
fn common_path(paths: &[String]) -> Option<String> {
    let (first, others) = paths.split_first()?;
    let part = |(place, part): (usize, &str)| {
        let same = others.iter().all(|path| path.split('/').nth(place) == Some(part));
        match part.rsplit_once('.') {
            Some((name, _)) if !same => format!("{name}.*"),
            _ => part.to_owned(),
        }
    };
    Some(first.split('/').enumerate().map(part).collect::<Vec<_>>().join("/")).filter(|path| !path.is_empty())
}

/// A line for each difference, with a sign before it as in a diff.
impl fmt::Display for Comparison<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (common, [before, after]) = self.counts();
        let (ours, theirs) = (self.before.graph.name(), self.after.graph.name());
        match self.differences.len() {
            0 => writeln!(f, "no difference: {common} operations")?,
            n => {
                let word = if n == 1 { "difference" } else { "differences" };
                writeln!(
                    f,
                    "{n} {word} between {ours} ({before} operations) and {theirs} ({after} operations), of which \
                     {common} correspond"
                )?;
            }
        }
        for difference in &self.differences {
            writeln!(f, "{} {difference}", difference.change.sign())?;
        }
        for OtherData { input, before, after } in &self.data {
            writeln!(f, "  other data, and no difference: {input} {before} -> {after}")?;
        }
        Ok(())
    }
}

impl Comparison<'_> {
    /// The comparison as JSON: the graphs' names, how many operations correspond, and all differences.
    #[must_use]
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Form<'a> {
            before: &'a str,
            after: &'a str,
            operations: [usize; 2],
            corresponding: usize,
            differences: &'a [Difference],
            other_data: &'a [OtherData],
        }
        let (corresponding, operations) = self.counts();
        let form = Form {
            before: self.before.graph.name(),
            after: self.after.graph.name(),
            operations,
            corresponding,
            differences: &self.differences,
            other_data: &self.data,
        };
        // Only maps with other keys than strings fail, and there are none.
        serde_json::to_string_pretty(&form).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_several_layers_are_one() {
        let paths =
            |paths: &[&str]| common_path(&paths.iter().map(|&path| path.to_owned()).collect::<Vec<_>>());
        assert_eq!(paths(&["a/b.0/c.1", "a/b.1/c.1"]).as_deref(), Some("a/b.*/c.1"));
        assert_eq!(paths(&["a/b.4"]).as_deref(), Some("a/b.4"));
        assert_eq!((paths(&[]), paths(&[""])), (None, None));
    }
}
