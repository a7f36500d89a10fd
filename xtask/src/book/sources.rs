//! Pages with the model's source code, to which the boxes of diagrams link.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use mdbook_preprocessor::book::Chapter;

use super::backlinks::Backlinks;
use super::highlight;
use super::html::escape;
use super::shown;
use crate::catalogue::Rendered;
use crate::paths;

/// The chapter under which the pages go.
pub(crate) const INDEX: &str = "source.md";

/// The page for a source file, as seen from the book's front page; none if the file isn't shown.
fn page(file: &str) -> Option<String> {
    Some(format!("source/{}.html", shown::name(file)?.strip_suffix(".rs")?))
}

/// The link of a diagram to a line of code, `../crates/model/src/attention.rs#L7`, as one from a page that is `up` from
/// the book's front page; none if it isn't such a link.
pub(crate) fn link(href: &str, up: &str) -> Option<String> {
    let (file, line) = href.strip_prefix("../")?.split_once('#')?;
    Some(format!("{up}{}#{line}", page(file)?))
}

/// The list of all pages, in Markdown.
pub(crate) fn list() -> String {
    let entry = |path: &PathBuf| {
        let name = inside(path);
        let summary = summary(&fs::read_to_string(path).unwrap_or_default());
        format!("- [`{name}`](source/{}.md): {summary}\n", name.trim_end_matches(".rs"))
    };
    files().iter().map(entry).collect()
}

/// One chapter for each file. `diagrams` are all, and `pages` says where the book shows them.
pub(crate) fn chapters(diagrams: &[Rendered], pages: &BTreeMap<String, String>) -> Result<Vec<Chapter>> {
    files().iter().map(|path| chapter(path, diagrams, pages)).collect()
}

fn chapter(path: &Path, diagrams: &[Rendered], pages: &BTreeMap<String, String>) -> Result<Chapter> {
    let file = paths::shown(path);
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {file}"))?;
    let name = inside(path);
    let up = "../".repeat(name.split('/').count());
    let backlinks = Backlinks::of(&name, diagrams, &up, pages);
    let content = format!(
        "# `{name}`\n\nThe file `{file}`. Its line numbers can be linked to.\n\n{}{}",
        listing(&text, &backlinks),
        backlinks.list()
    );
    let mut chapter =
        Chapter::new(&name, content, Path::new("source").join(&name).with_extension("md"), vec![]);
    chapter.parent_names = vec!["The source code".to_owned()];
    chapter.source_path = None;
    Ok(chapter)
}

/// The code with an anchor on every line.
fn listing(text: &str, backlinks: &Backlinks) -> String {
    let mut listing = String::from("<pre class=\"source\">");
    for (index, line) in highlight::lines(text).iter().enumerate() {
        let held = backlinks.attribute(index + 1);
        listing += &format!("<span class=\"line\" id=\"L{}\"{held}>{line}</span>\n", index + 1);
    }
    listing + "</pre>\n"
}

/// The first sentence of a file's documentation.
fn summary(text: &str) -> String {
    let lines =
        text.lines().map_while(|line| line.strip_prefix("//!")).take_while(|line| !line.trim().is_empty());
    let paragraph = lines.map(str::trim).collect::<Vec<_>>().join(" ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
    escape(&paragraph[..end])
}

/// All files, in order.
fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&paths::root().join(shown::FOLDER), &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The name inside the folder that is shown.
fn inside(path: &Path) -> String {
    let text = paths::shown(path);
    text.strip_prefix(shown::FOLDER).unwrap_or(&text).trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_model_is_linked_to() {
        let link = |file: &str| link(&format!("../{file}#L7"), "../");
        assert_eq!(link("crates/model/src/attention.rs").as_deref(), Some("../source/attention.html#L7"));
        assert_eq!(
            link("crates/model/src/decoding/mod.rs").as_deref(),
            Some("../source/decoding/mod.html#L7")
        );
        assert_eq!(link("crates/graph/src/view.rs"), None);
    }

    #[test]
    fn every_line_has_an_anchor() {
        let listing = listing("fn a() {}\n\nfn b() {}\n", &Backlinks::default());
        for anchor in ["id=\"L1\"", "id=\"L2\"", "id=\"L3\""] {
            assert_eq!(listing.matches(anchor).count(), 1, "{listing}");
        }
        assert!(!listing.contains("L4"), "{listing}");
    }

    #[test]
    fn the_summary_is_the_first_sentence() {
        assert_eq!(
            summary("//! Attention (paper,\n//! section 3.2). More.\n//!\n//! Even more.\n"),
            "Attention (paper, section 3.2)."
        );
    }

    #[test]
    fn the_models_files_are_found() {
        let names: Vec<_> = files().iter().map(|path| inside(path)).collect();
        assert!(names.contains(&"attention.rs".to_owned()), "{names:?}");
        assert!(names.is_sorted(), "{names:?}");
    }
}
