//! Numbers of experiments in the text: `{{#result EXPERIMENT PATH [DECIMALS | DECIMALS%]}}`.
//!
//! They come from the `results.json` that the experiment wrote, so that text and run can't disagree. A path leads
//! through objects by names and through lists by numbers, counted from 0: `summary.counts.4`. Whole numbers and texts
//! need nothing more; other numbers need the decimals that they are to have, and a share is shown in percent with a
//! percent sign behind these.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::listings::Problem;

/// What begins an insertion.
const OPENING: &str = "{{#result ";

/// An insertion that can't be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ResultError {
    #[error("expected {{{{#result EXPERIMENT PATH}}}}, and behind that the decimals or nothing, found {0:?}")]
    Malformed(String),
    #[error("no experiment {name:?} has results; there are {known}")]
    UnknownExperiment { name: String, known: String },
    #[error("{file} can't be read: {reason}")]
    Unreadable { file: String, reason: String },
    #[error("{experiment} has no result {path:?}: {known}")]
    UnknownKey { experiment: String, path: String, known: String },
    #[error("{experiment} has no number and no text at {path:?}, but {found}")]
    NotOne { experiment: String, path: String, found: &'static str },
    #[error("{path:?} of {experiment} is {value}: say with how many decimals it is to be shown")]
    NoDecimals { experiment: String, path: String, value: String },
}

/// The results of all experiments that were asked for so far.
pub(crate) struct Results {
    /// Where each experiment has a folder.
    folder: PathBuf,
    read: BTreeMap<String, Value>,
}

impl Results {
    pub(crate) fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), read: BTreeMap::new() }
    }

    /// The chapter with its numbers, in as many lines, and what is wrong with it.
    pub(crate) fn inserted(&mut self, content: &str) -> (String, Vec<Problem>) {
        let (mut text, mut problems) = (String::with_capacity(content.len()), Vec::new());
        for (number, line) in content.lines().enumerate() {
            let mut rest = line;
            while let Some((before, argument, after)) = next(rest) {
                text += before;
                match self.one(argument) {
                    Ok(value) => text += &value,
                    Err(error) => problems.push(Problem { line: number + 1, text: error.to_string() }),
                }
                rest = after;
            }
            text += rest;
            text.push('\n');
        }
        (text, problems)
    }

    /// What stands for `EXPERIMENT PATH DECIMALS`.
    fn one(&mut self, argument: &str) -> Result<String, ResultError> {
        let words: Vec<&str> = argument.split_whitespace().collect();
        let malformed = || ResultError::Malformed(argument.to_owned());
        let (experiment, path, format) = match words[..] {
            [experiment, path] => (experiment, path, None),
            [experiment, path, format] => (experiment, path, Some(format)),
            _ => return Err(malformed()),
        };
        let format = format.map(|format| Format::of(format).ok_or_else(malformed)).transpose()?;
        let value = find(self.of(experiment)?, experiment, path)?;
        let not_one =
            |found| ResultError::NotOne { experiment: experiment.to_owned(), path: path.to_owned(), found };
        match value {
            Value::String(text) if format.is_none() && !text.contains('\n') => Ok(text.clone()),
            Value::String(_) => Err(not_one("a text of several lines, or one that is to have decimals")),
            Value::Number(number) => match (number.as_i64(), number.as_f64(), format) {
                (Some(whole), _, None) => Ok(whole_number(whole)),
                (_, Some(value), Some(format)) => Ok(format.shown(value)),
                _ => Err(ResultError::NoDecimals {
                    experiment: experiment.to_owned(),
                    path: path.to_owned(),
                    value: number.to_string(),
                }),
            },
            Value::Array(_) => Err(not_one("a list")),
            Value::Object(_) => Err(not_one("an object")),
            Value::Null => Err(not_one("nothing")),
            Value::Bool(_) => Err(not_one("true or false")),
        }
    }

    /// The results of an experiment.
    fn of(&mut self, experiment: &str) -> Result<&Value, ResultError> {
        if !self.read.contains_key(experiment) {
            let value = read(&self.folder, experiment)?;
            self.read.insert(experiment.to_owned(), value);
        }
        Ok(&self.read[experiment])
    }
}

/// What stands before the next insertion of a line, its argument, and what stands after it. Behind a backslash there is none.
fn next(line: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let at = from + line[from..].find(OPENING)?;
        let end = at + line[at..].find("}}")?;
        if !line[..at].ends_with('\\') {
            return Some((&line[..at], &line[at + OPENING.len()..end], &line[end + 2..]));
        }
        from = end;
    }
}

fn read(folder: &Path, experiment: &str) -> Result<Value, ResultError> {
    let unknown = || ResultError::UnknownExperiment { name: experiment.to_owned(), known: folders(folder) };
    if !experiment.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(unknown());
    }
    let file = folder.join(experiment).join("results.json");
    let text = fs::read_to_string(&file).map_err(|_| unknown())?;
    let unreadable = |reason: String| ResultError::Unreadable { file: crate::paths::shown(&file), reason };
    let mut record: Value = serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    let results = record.get_mut("results").map(Value::take);
    results.ok_or_else(|| unreadable("it has no results".to_owned()))
}

/// Names of the folders in a folder.
fn folders(folder: &Path) -> String {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names.join(", ")
}

/// Goes along a path.
fn find<'a>(value: &'a Value, experiment: &str, path: &str) -> Result<&'a Value, ResultError> {
    let mut here = value;
    for key in path.split('.') {
        let next = match here {
            Value::Array(list) => key.parse::<usize>().ok().and_then(|at| list.get(at)),
            other => other.get(key),
        };
        here = next.ok_or_else(|| ResultError::UnknownKey {
            experiment: experiment.to_owned(),
            path: path.to_owned(),
            known: known(here, key),
        })?;
    }
    Ok(here)
}

/// What there is instead of a key.
fn known(value: &Value, key: &str) -> String {
    match value {
        Value::Object(map) => {
            let keys: Vec<&str> = map.keys().map(String::as_str).collect();
            format!("there is no {key:?} among {}", keys.join(", "))
        }
        Value::Array(list) => format!("there is no {key:?} in a list of {}", list.len()),
        _ => format!("there is nothing inside, so no {key:?}"),
    }
}

/// How a number is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Format {
    decimals: usize,
    percent: bool,
}

impl Format {
    /// `2`, or `0%`.
    fn of(text: &str) -> Option<Self> {
        let percent = text.ends_with('%');
        let decimals = text.strip_suffix('%').unwrap_or(text).parse().ok()?;
        (decimals <= 9).then_some(Self { decimals, percent })
    }

    fn shown(self, value: f64) -> String {
        let Self { decimals, percent } = self;
        let value = if percent { 100.0 * value } else { value };
        let text = plot::decimal(value, decimals);
        // The sign stays with its number.
        if percent { format!("{text}\u{a0}%") } else { text }
    }
}

/// With commas between thousands, and a minus sign that is one.
fn whole_number(value: i64) -> String {
    let sign = if value < 0 { "−" } else { "" };
    format!("{sign}{}", plot::thousands(value.unsigned_abs() as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(text: &str) -> (String, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let json =
            r#"{"results":{"a":{"share":0.7549,"counts":[3,12345],"name":"x","off":-0.001,"low":-2.5}}}"#;
        fs::create_dir(folder.path().join("trees")).unwrap();
        fs::write(folder.path().join("trees/results.json"), json).unwrap();
        let (text, problems) = Results::new(folder.path()).inserted(text);
        (text, problems.into_iter().map(|problem| format!("{}: {}", problem.line, problem.text)).collect())
    }

    fn shown(argument: &str) -> String {
        let (text, problems) = insert(&format!("<{OPENING}trees {argument}}}}}>"));
        assert_eq!(problems, [""; 0]);
        text.trim().trim_start_matches('<').trim_end_matches('>').to_owned()
    }

    #[test]
    fn numbers_and_texts_are_inserted() {
        let cases = [
            ("a.share 2", "0.75"),
            ("a.share 1%", "75.5\u{a0}%"),
            ("a.counts.0", "3"),
            ("a.counts.1", "12,345"),
            ("a.name", "x"),
            ("a.off 1", "0.0"),
            ("a.low 1", "−2.5"),
            ("a.counts.1 1", "12,345.0"),
        ];
        cases.into_iter().for_each(|(argument, expected)| assert_eq!(shown(argument), expected));
        let (text, problems) =
            insert("a {{#result trees a.name}} b {{#result trees a.name}}, \\{{#result c}}\nd");
        assert_eq!((text.as_str(), problems.len()), ("a x b x, \\{{#result c}}\nd\n", 0));
    }

    #[test]
    fn what_is_not_there_is_named_with_its_line() {
        let cases = [
            ("trees b", "1: trees has no result \"b\": there is no \"b\" among a"),
            ("trees a.counts.2", "1: trees has no result \"a.counts.2\": there is no \"2\" in a list of 2"),
            ("trees a.share.x", "1: trees has no result \"a.share.x\": there is nothing inside, so no \"x\""),
            ("tree a", "1: no experiment \"tree\" has results; there are trees"),
            ("../trees a", "1: no experiment \"../trees\" has results; there are trees"),
            ("trees a.counts", "1: trees has no number and no text at \"a.counts\", but a list"),
            (
                "trees a.share",
                "1: \"a.share\" of trees is 0.7549: say with how many decimals it is to be shown",
            ),
        ];
        for (argument, expected) in cases {
            assert_eq!(insert(&format!("{OPENING}{argument}}}}}")).1, [expected]);
        }
        for malformed in ["trees", "trees a.share two", "trees a.share 2 3", "trees a.share %"] {
            let problems = insert(&format!("\n{OPENING}{malformed}}}}}")).1;
            assert!(problems.len() == 1 && problems[0].starts_with("2: expected {{#result"), "{problems:?}");
        }
    }
}
