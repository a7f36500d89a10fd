//! Listings are included from code that is tested where it lives, never typed into the book.

use std::fs;
use std::path::{Path, PathBuf};

/// Columns of code that fit beside a diagram.
const COLUMNS: usize = 72;

/// A line that the preprocessor replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Directive<'a> {
    /// `{{#diagram ID}}`
    Diagram(&'a str),
    /// `{{#story ID}}`
    Story(&'a str),
    /// `{{#recognise ID}}`
    Recognise(&'a str),
    /// `{{#redraw ID}}`
    Redraw(&'a str),
    /// `{{#places}}`
    Places,
    /// `{{#questions ID SORT …}}`
    Questions(&'a str),
    /// `{{#edition}}`
    Edition,
    /// `{{#help PROGRAM}}`
    Help(&'a str),
    /// `{{#live NAME}}`
    Live(&'a str),
    /// `{{#sources}}`
    Sources,
}

/// A mistake in a chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Line, counted from one.
    pub(crate) line: usize,
    /// What was expected and found.
    pub(crate) text: String,
}

/// Reads a chapter line by line, finds directives and collects mistakes.
pub(crate) struct Scanner {
    folder: PathBuf,
    number: usize,
    fence: Option<Fence>,
    problems: Vec<Problem>,
}

/// The fence of an open code block.
struct Fence {
    marker: String,
    rust: bool,
    opened: usize,
}

impl Scanner {
    /// A scanner for a chapter in that folder.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, number: 0, fence: None, problems: Vec::new() }
    }

    /// Reads the next line.
    pub(crate) fn line<'a>(&mut self, line: &'a str) -> Option<Directive<'a>> {
        self.number += 1;
        for target in directives(line, "include") {
            if let Err(text) = check_include(&self.folder, target) {
                self.problem(text);
            }
        }
        let text = line.trim();
        if let Some(fence) = &self.fence {
            let closes = text.starts_with(&fence.marker) && text.chars().all(|c| fence.marker.starts_with(c));
            if closes {
                self.fence = None;
            } else if fence.rust && !text.is_empty() && !is_include(text) {
                self.problem(format!("Rust code must be an {{{{#include}}}} of tested code, found {text:?}"));
            }
            return None;
        }
        if let Some(marker) = fence_marker(text) {
            let rust = language(&text[marker.len()..]) == "rust";
            self.fence = Some(Fence { marker: marker.to_owned(), rust, opened: self.number });
            return None;
        }
        self.directive(text)
    }

    fn directive<'a>(&mut self, text: &'a str) -> Option<Directive<'a>> {
        for name in [
            "diagram",
            "edition",
            "help",
            "live",
            "places",
            "questions",
            "recognise",
            "redraw",
            "sources",
            "story",
        ] {
            let Some(&argument) = directives(text, name).first() else { continue };
            let alone = text.starts_with("{{#") && text.find("}}") == Some(text.len() - 2);
            match (name, alone) {
                ("diagram", true) => return Some(Directive::Diagram(argument)),
                ("story", true) => return Some(Directive::Story(argument)),
                ("recognise", true) => return Some(Directive::Recognise(argument)),
                ("redraw", true) => return Some(Directive::Redraw(argument)),
                ("places", true) => return Some(Directive::Places),
                ("questions", true) => return Some(Directive::Questions(argument)),
                ("edition", true) => return Some(Directive::Edition),
                ("help", true) => return Some(Directive::Help(argument)),
                ("live", true) => return Some(Directive::Live(argument)),
                ("sources", true) => return Some(Directive::Sources),
                _ => self.problem(format!("{{{{#{name}}}}} must stand on a line of its own, found {text:?}")),
            }
        }
        None
    }

    /// Whether the line that was read is in a code block, or opens one.
    pub(crate) fn is_in_code(&self) -> bool {
        self.fence.is_some()
    }

    /// Notes a mistake in the current line.
    pub(crate) fn problem(&mut self, text: String) {
        self.problems.push(Problem { line: self.number, text });
    }

    /// All mistakes, after the last line.
    pub(crate) fn finish(mut self) -> Vec<Problem> {
        if let Some(fence) = self.fence.take() {
            let text = format!("the code block opened with {} is never closed", fence.marker);
            self.problems.push(Problem { line: fence.opened, text });
        }
        self.problems
    }
}

/// The marker of a code block that this line opens, if it opens one.
pub(super) fn fence_marker(text: &str) -> Option<&str> {
    let marker = text.chars().next().filter(|c| ['`', '~'].contains(c))?;
    let length = text.chars().take_while(|&c| c == marker).count();
    (length >= 3).then(|| &text[..length])
}

/// `rust` of `rust,ignore`.
fn language(info: &str) -> &str {
    info.trim().split([',', ' ']).next().unwrap_or_default()
}

fn is_include(text: &str) -> bool {
    text.starts_with("{{#include ") && text.find("}}") == Some(text.len() - 2)
}

/// Arguments of all `{{#name ...}}` in a line; `\{{#name ...}}` is none.
fn directives<'a>(line: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!("{{{{#{name}");
    let starts = line.match_indices(&opening).filter(|&(at, _)| !line[..at].ends_with('\\'));
    let arguments = starts.filter_map(|(at, _)| {
        let rest = &line[at + opening.len()..];
        let argument = &rest[..rest.find("}}")?];
        (argument.is_empty() || argument.starts_with(' ')).then(|| argument.trim())
    });
    arguments.collect()
}

/// mdBook leaves a listing empty if its anchor is missing; here that is a mistake.
fn check_include(folder: &Path, target: &str) -> Result<(), String> {
    let (file, part) = target.split_once(':').unwrap_or((target, ""));
    let path = folder.join(file);
    let text = fs::read_to_string(&path).map_err(|error| format!("cannot include {file}: {error}"))?;
    if part.is_empty() || part.starts_with(':') || part.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(());
    }
    for mark in ["ANCHOR", "ANCHOR_END"] {
        let wanted = format!("{mark}: {part}");
        if !text.lines().any(|line| line.trim_end().ends_with(&wanted)) {
            return Err(format!("cannot include {target}: no line of {file} ends with \"{wanted}\""));
        }
    }
    match widest(&text, part) {
        Some(line) if file.ends_with(".rs") && line.chars().count() > COLUMNS => Err(format!(
            "{target} is a listing of more than {COLUMNS} columns, which is cut off beside a diagram: {:?}",
            line.trim()
        )),
        _ => Ok(()),
    }
}

/// The widest line of a part, without those that mark parts.
fn widest<'a>(text: &'a str, part: &str) -> Option<&'a str> {
    let ends = |line: &str, mark: &str| line.trim_end().ends_with(&format!("{mark}: {part}"));
    let lines =
        text.lines().skip_while(|line| !ends(line, "ANCHOR")).take_while(|line| !ends(line, "ANCHOR_END"));
    lines.filter(|line| !line.contains("// ANCHOR")).max_by_key(|line| line.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Vec<(usize, String)> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("code.rs"),
            format!(
                "// ANCHOR: one\nfn one() {{}}\n// ANCHOR_END: one\n// ANCHOR: two\n\
                 // ANCHOR: fits\n{0}\n// ANCHOR_END: fits\n// ANCHOR: wide\n{0}x\n// ANCHOR_END: wide\n",
                "ä".repeat(COLUMNS)
            ),
        )
        .unwrap();
        let mut scanner = Scanner::new(folder.path().to_owned());
        for line in text.lines() {
            scanner.line(line);
        }
        scanner.finish().into_iter().map(|problem| (problem.line, problem.text)).collect()
    }

    #[test]
    fn includes_with_anchors_are_fine() {
        let text = "```rust,ignore\n{{#include code.rs:one}}\n```\n\n```sh\nfn shell() {}\n```\n{{#include code.rs:1:2}}";
        assert_eq!(scan(text), []);
    }

    #[test]
    fn typed_rust_is_refused() {
        let problems = scan("text\n\n```rust\nlet x = 1;\n```\n~~~ rust\nlet y = 2;\n~~~\n");
        assert_eq!(problems.iter().map(|problem| problem.0).collect::<Vec<_>>(), [4, 7]);
        assert!(problems[0].1.ends_with("found \"let x = 1;\""), "{problems:?}");
    }

    #[test]
    fn missing_files_and_anchors_are_refused() {
        let problems = scan("{{#include none.rs}}\n{{#include code.rs:three}}\n{{#include code.rs:two}}\n");
        assert_eq!(problems.iter().map(|problem| problem.0).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(problems[0].1.starts_with("cannot include none.rs"), "{problems:?}");
        assert!(problems[1].1.ends_with("ends with \"ANCHOR: three\""), "{problems:?}");
        assert!(problems[2].1.ends_with("ends with \"ANCHOR_END: two\""), "{problems:?}");
    }

    #[test]
    fn a_listing_too_wide_for_the_page_is_refused() {
        let problems = scan("{{#include code.rs:fits}}\n{{#include code.rs:wide}}\n");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].0 == 2 && problems[0].1.contains("more than 72 columns"), "{problems:?}");
    }

    #[test]
    fn an_open_code_block_is_refused() {
        assert_eq!(scan("a\n```text\nb\n")[0].0, 2);
    }

    #[test]
    fn directives_stand_alone_and_outside_code() {
        let mut scanner = Scanner::new(PathBuf::new());
        assert_eq!(scanner.line("{{#diagram whole}}"), Some(Directive::Diagram("whole")));
        assert_eq!(scanner.line("  {{#sources}}"), Some(Directive::Sources));
        assert_eq!(scanner.line("{{#redraw whole}}"), Some(Directive::Redraw("whole")));
        assert_eq!(scanner.line("{{#help train}}"), Some(Directive::Help("train")));
        assert_eq!(scanner.line("{{#live translate}}"), Some(Directive::Live("translate")));
        assert_eq!(scanner.line("{{#edition}}"), Some(Directive::Edition));
        assert_eq!(scanner.line("{{#story whole}}"), Some(Directive::Story("whole")));
        assert_eq!(scanner.line("{{#recognise whole}}"), Some(Directive::Recognise("whole")));
        assert_eq!(scanner.line("{{#questions a next}}"), Some(Directive::Questions("a next")));
        assert_eq!(scanner.line("\\{{#diagram whole}}"), None);
        assert_eq!(scanner.line("```text"), None);
        assert_eq!(scanner.line("{{#diagram whole}}"), None);
        assert_eq!(scanner.line("```"), None);
        assert_eq!(scanner.line("see {{#diagram whole}}"), None);
        let problems = scanner.finish();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].line, 14);
    }
}
