//! Parts of files that stand deep inside them are shown from the left edge on.

use std::fs;
use std::path::Path;

/// What `{{#include FILE:ANCHOR}}` brings, without the blanks that all its lines begin with; none if the line isn't one, or
/// there are none to take away. mdBook itself includes all else.
pub(crate) fn dedented(folder: &Path, line: &str) -> Option<String> {
    let target = line.trim().strip_prefix("{{#include ")?.strip_suffix("}}")?;
    let (file, part) = target.trim().split_once(':')?;
    let text = fs::read_to_string(folder.join(file)).ok()?;
    let lines = lines(&text, part);
    let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let common = lines.iter().filter(|line| !line.trim().is_empty()).map(|line| blanks(line)).min()?;
    (common > 0).then(|| {
        lines.iter().map(|line| line.get(common..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
    })
}

/// The lines of a part, without those that mark parts.
fn lines<'a>(text: &'a str, part: &str) -> Vec<&'a str> {
    let ends = |line: &str, mark: &str| line.trim_end().ends_with(&format!("{mark}: {part}"));
    let from = text.lines().skip_while(|line| !ends(line, "ANCHOR")).skip(1);
    let lines = from.take_while(|line| !ends(line, "ANCHOR_END"));
    lines.filter(|line| !line.contains("ANCHOR: ") && !line.contains("ANCHOR_END: ")).collect()
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
