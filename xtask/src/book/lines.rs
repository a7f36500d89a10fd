//! Which lines made which box, told to the scripts of a page by attributes: `attention.rs:63,65-67 linear.rs:3`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use graph::view::Source;

use super::html::{escape, unescape};
use super::{include, shown};
use crate::catalogue::Made;

/// The lines that are in files of the model, all others left out.
fn told(lines: &BTreeSet<Source>) -> String {
    let mut files: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for source in lines {
        if let Some(file) = shown::name(&source.file) {
            files.entry(file).or_default().push(source.line as usize);
        }
    }
    let told: Vec<_> = files.iter().map(|(file, lines)| format!("{file}:{}", ranges(lines))).collect();
    told.join(" ")
}

/// Ascending numbers: `63,65-67`.
pub(super) fn ranges(numbers: &[usize]) -> String {
    let pieces = numbers.chunk_by(|&one, &next| next == one + 1);
    let piece = |piece: &[usize]| match piece {
        [first, .., last] => format!("{first}-{last}"),
        _ => piece.iter().map(usize::to_string).collect(),
    };
    pieces.map(piece).collect::<Vec<_>>().join(",")
}

/// A picture whose boxes say which lines made them; frames, also which lines are their own.
pub(super) fn marked(svg: &str, boxes: &[Made]) -> String {
    const KEY: &str = " data-key=\"";
    let known: HashMap<&str, &Made> = boxes.iter().map(|made| (made.key.as_str(), made)).collect();
    let mut parts = svg.split(KEY);
    let mut marked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (key, rest) = part.split_once('"').unwrap_or((part, ""));
        marked += &format!("{KEY}{key}\"");
        if let Some(made) = known.get(&*unescape(key)) {
            let (all, own) = (told(&made.all), told(&made.own));
            if !all.is_empty() {
                marked += &format!(" data-lines=\"{}\"", escape(&all));
            }
            if own != all {
                marked += &format!(" data-own=\"{}\"", escape(&own));
            }
        }
        marked += rest;
    }
    marked
}

/// What opens the block around a listing of the model's code, which says what its lines are, if the lines of a chapter
/// begin with one: its fence, what it includes, and the end of the fence.
pub(super) fn listing(folder: &Path, lines: &[&str]) -> Option<String> {
    let [fence, included, end, ..] = lines else { return None };
    let is_listing = fence.starts_with("```rust") && end.trim_end() == "```";
    let (path, numbers) = include::numbers(folder, included).filter(|_| is_listing)?;
    let file = shown::name(&path)?;
    Some(format!(
        "<div class=\"listing\" data-source=\"{}\" data-lines=\"{}\">\n\n",
        escape(file),
        ranges(&numbers)
    ))
}

/// What closes it.
pub(super) const END_OF_LISTING: &str = "\n\n</div>\n";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths;

    fn sources(lines: &[(&str, u32)]) -> BTreeSet<Source> {
        lines.iter().map(|&(file, line)| Source { file: file.to_owned(), line }).collect()
    }

    #[test]
    fn lines_are_told_in_ranges_and_by_the_models_files() {
        assert_eq!(ranges(&[1, 2, 3, 5, 7, 8]), "1-3,5,7-8");
        let model = "crates/model/src";
        let lines = sources(&[
            (&format!("{model}/decoding/beam.rs"), 9),
            (&format!("{model}/attention.rs"), 63),
            (&format!("{model}/attention.rs"), 64),
            ("xtask/src/catalogue/captures.rs", 7),
        ]);
        assert_eq!(told(&lines), "attention.rs:63-64 decoding/beam.rs:9");
    }

    #[test]
    fn boxes_say_what_made_them() {
        let line = |line| sources(&[("crates/model/src/stack.rs", line)]);
        let both: BTreeSet<Source> = line(3).into_iter().chain(line(9)).collect();
        let boxes = [
            Made { key: "a&b".to_owned(), own: line(3), all: both, ..Made::default() },
            Made { key: "c".to_owned(), own: line(4), all: line(4), ..Made::default() },
        ];
        let svg = "<g data-key=\"a&amp;b\"><g data-key=\"c\"/><g data-key=\"d\"/>";
        assert_eq!(
            marked(svg, &boxes),
            "<g data-key=\"a&amp;b\" data-lines=\"stack.rs:3,9\" data-own=\"stack.rs:3\"><g data-key=\"c\" \
             data-lines=\"stack.rs:4\"/><g data-key=\"d\"/>"
        );
    }

    #[test]
    fn a_listing_of_the_model_says_what_its_lines_are() {
        let folder = paths::docs().join("src");
        let include = "{{#include ../../crates/model/src/attention.rs:attention}}";
        let opened = listing(&folder, &["```rust,ignore", include, "```", "text"]).unwrap();
        let text = std::fs::read_to_string(paths::root().join("crates/model/src/attention.rs")).unwrap();
        let first = text.lines().position(|line| line == "// ANCHOR: attention").unwrap() + 2;
        assert!(
            opened.starts_with(&format!(
                "<div class=\"listing\" data-source=\"attention.rs\" data-lines=\"{first}-"
            )),
            "{opened}"
        );
        for lines in [
            &["```text", include, "```"][..],
            &["```rust", include][..],
            &["```rust", include, include][..],
            &["```rust", "{{#include ../../crates/train/src/training/trainer.rs:training_step}}", "```"][..],
            &["text", include, "```"][..],
        ] {
            assert_eq!(listing(&folder, lines), None, "{lines:?}");
        }
    }
}
