//! Parts of files that stand deep inside them are shown from the left edge on.

use std::fs;
use std::path::{Path, PathBuf};

/// The file that `{{#include FILE:ANCHOR}}` is of, and the numbers of the lines that it brings; none if the line isn't one.
pub(crate) fn numbers(folder: &Path, line: &str) -> Option<(String, Vec<usize>)> {
    let (path, part) = target(folder, line)?;
    let text = fs::read_to_string(&path).ok()?;
    let numbers: Vec<usize> = lines(&text, part).iter().map(|(number, _)| *number).collect();
    (!numbers.is_empty()).then(|| (path.to_string_lossy().replace('\\', "/"), numbers))
}

/// File and anchor of `{{#include FILE:ANCHOR}}`.
fn target<'a>(folder: &Path, line: &'a str) -> Option<(PathBuf, &'a str)> {
    let target = line.trim().strip_prefix("{{#include ")?.strip_suffix("}}")?;
    let (file, part) = target.trim().split_once(':')?;
    Some((folder.join(file), part))
}

/// What `{{#include FILE:ANCHOR}}` brings, without the blanks that all its lines begin with; none if the line isn't one, or
/// there are none to take away. mdBook itself includes all else.
pub(crate) fn dedented(folder: &Path, line: &str) -> Option<String> {
    let (path, part) = target(folder, line)?;
    let text = fs::read_to_string(path).ok()?;
    let lines: Vec<&str> = lines(&text, part).into_iter().map(|(_, line)| line).collect();
    let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let common = lines.iter().filter(|line| !line.trim().is_empty()).map(|line| blanks(line)).min()?;
    (common > 0).then(|| {
        lines.iter().map(|line| line.get(common..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
    })
}

/// The lines of a part and their numbers, without those that mark parts.
fn lines<'a>(text: &'a str, part: &str) -> Vec<(usize, &'a str)> {
    let ends = |line: &str, mark: &str| line.trim_end().ends_with(&format!("{mark}: {part}"));
    let from = (1..).zip(text.lines()).skip_while(|(_, line)| !ends(line, "ANCHOR")).skip(1);
    let lines = from.take_while(|(_, line)| !ends(line, "ANCHOR_END"));
    lines.filter(|(_, line)| !line.contains("ANCHOR: ") && !line.contains("ANCHOR_END: ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_deep_inside_begins_at_the_edge() {
        let folder = tempfile::tempdir().unwrap();
        let code = "impl A {\n    // ANCHOR: f\n    fn f() {\n\n        // ANCHOR: b\n        b\n        // ANCHOR_END: b\n    }\n    \
                    // ANCHOR_END: f\n}\n// ANCHOR: g\nfn g() {}\n// ANCHOR_END: g\n";
        fs::write(folder.path().join("a.rs"), code).unwrap();
        let shown = |line: &str| dedented(folder.path(), line);
        assert_eq!(shown("{{#include a.rs:f}}").as_deref(), Some("fn f() {\n\n    b\n}"));
        assert_eq!(shown("{{#include a.rs:b}}").as_deref(), Some("b"));
        let numbers = |line: &str| numbers(folder.path(), line).map(|(_, numbers)| numbers);
        assert_eq!(numbers("{{#include a.rs:f}}"), Some(vec![3, 4, 6, 8]));
        assert_eq!((numbers("{{#include a.rs:none}}"), numbers("{{#include a.rs}}")), (None, None));
        for line in [
            "{{#include a.rs:g}}",
            "{{#include a.rs}}",
            "{{#include none.rs:f}}",
            "{{#include a.rs:none}}",
            "f",
        ] {
            assert_eq!(shown(line), None, "{line}");
        }
    }
}
