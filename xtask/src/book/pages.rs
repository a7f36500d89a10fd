//! Which page shows which diagram.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use mdbook_preprocessor::book::{Book, BookItem};

use super::listings::{Directive, Scanner};
use crate::live;

/// Where the book shows the diagrams.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    /// The figure of each diagram: its page and its place there.
    pub(crate) at: BTreeMap<String, String>,
    /// Those that no chapter names.
    pub(crate) others: BTreeSet<String>,
    /// Those whose story is told.
    pub(crate) told: BTreeSet<String>,
}

impl Pages {
    /// The page of each diagram: the first chapter that names it, or else the one that shows all others.
    pub(crate) fn of<'a>(book: &Book, diagrams: impl Iterator<Item = &'a str>) -> Self {
        let mut pages = Self::default();
        let mut others = None;
        for item in book.iter() {
            let BookItem::Chapter(chapter) = item else { continue };
            // mdBook makes a folder's README its index.
            let page = chapter.path.as_deref().unwrap_or(Path::new("")).with_extension("html");
            let page = page.to_string_lossy().replace("README.html", "index.html");
            let mut scanner = Scanner::new(PathBuf::new());
            for line in chapter.content.lines() {
                match scanner.line(line) {
                    Some(Directive::Diagram(id)) => {
                        pages.at.entry(id.to_owned()).or_insert_with(|| format!("{page}#figure-{id}"));
                    }
                    Some(Directive::Places) => others = Some(page.clone()),
                    Some(Directive::Story(id)) => {
                        pages.told.insert(id.to_owned());
                    }
                    Some(_) | None => {}
                }
            }
        }
        if let Some(page) = others {
            let missing = diagrams.filter(|id| !pages.at.contains_key(*id) && !live::is_live(id));
            pages.others = missing.map(str::to_owned).collect();
            pages.at.extend(pages.others.iter().map(|id| (id.clone(), format!("{page}#figure-{id}"))));
        }
        pages
    }
}
