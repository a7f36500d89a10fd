//! From code back to pictures: which diagrams hold the lines of a file.

use std::collections::BTreeMap;

use super::html::escape;
use super::shown;
use crate::catalogue::Rendered;

/// The diagrams that hold lines of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Backlinks {
    /// Title, and where the book shows it.
    diagrams: Vec<(String, String)>,
    /// By line, numbers of diagrams; first those in which the least was made together with it.
    lines: BTreeMap<u32, Vec<usize>>,
}

impl Backlinks {
    /// Those of a file of the model, seen from a page that is `up` from the front page.
    pub(super) fn of(file: &str, all: &[Rendered], up: &str, pages: &BTreeMap<String, String>) -> Self {
        let mut diagrams = Vec::new();
        let mut lines: BTreeMap<u32, Vec<(usize, usize)>> = BTreeMap::new();
        for diagram in all {
            let Some(page) = pages.get(&diagram.id) else { continue };
            let mut held: BTreeMap<u32, usize> = BTreeMap::new();
            for made in &diagram.boxes {
                for source in made.own.iter().filter(|source| shown::name(&source.file) == Some(file)) {
                    let together = held.entry(source.line).or_insert(usize::MAX);
                    *together = made.all.len().min(*together);
                }
            }
            for (&line, &together) in &held {
                lines.entry(line).or_default().push((together, diagrams.len()));
            }
            if !held.is_empty() {
                diagrams.push((diagram.title.clone(), format!("{up}{page}")));
            }
        }
        let sorted = lines.into_iter().map(|(line, mut found)| {
            found.sort_unstable();
            (line, found.into_iter().map(|(_, number)| number).collect())
        });
        Self { diagrams, lines: sorted.collect() }
    }

    /// What a line of the page says of the diagrams that hold it.
    pub(super) fn attribute(&self, line: usize) -> String {
        let found = u32::try_from(line).ok().and_then(|line| self.lines.get(&line));
        let numbers = |found: &Vec<usize>| found.iter().map(usize::to_string).collect::<Vec<_>>().join(" ");
        found.map(|found| format!(" data-in=\"{}\"", numbers(found))).unwrap_or_default()
    }

    /// The list of the diagrams, if there are any.
    pub(super) fn list(&self) -> String {
        if self.diagrams.is_empty() {
            return String::new();
        }
        let entry =
            |(title, href): &(String, String)| format!("<li><a href=\"{href}\">{}</a></li>\n", escape(title));
        let entries: String = self.diagrams.iter().map(entry).collect();
        format!("\n## Diagrams of this file\n\n<ul class=\"holds\">\n{entries}</ul>\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Made;
    use graph::view::Source;

    fn diagram(id: &str, lines: &[&[u32]]) -> Rendered {
        let source = |&line: &u32| Source { file: "crates/model/src/attention.rs".to_owned(), line };
        let made = |lines: &&[u32]| {
            let all: std::collections::BTreeSet<_> = lines.iter().map(source).collect();
            Made { own: all.clone(), all, ..Made::default() }
        };
        Rendered {
            id: id.to_owned(),
            title: format!("<{id}>"),
            boxes: lines.iter().map(made).collect(),
            ..Rendered::default()
        }
    }

    #[test]
    fn a_line_leads_first_to_the_picture_that_shows_it_alone() {
        let all = [diagram("whole", &[&[1, 2, 3]]), diagram("inside", &[&[1, 2, 3], &[2], &[9]])];
        let pages = [("whole", "a.html#figure-whole"), ("inside", "b.html#figure-inside")];
        let pages = pages.map(|(id, page)| (id.to_owned(), page.to_owned())).into();
        let found = Backlinks::of("attention.rs", &all, "../", &pages);
        assert_eq!(found.attribute(2), " data-in=\"1 0\"");
        assert_eq!(
            (found.attribute(3), found.attribute(9)),
            (" data-in=\"0 1\"".to_owned(), " data-in=\"1\"".to_owned())
        );
        assert_eq!(found.attribute(4), "");
        assert!(
            found.list().contains("<li><a href=\"../b.html#figure-inside\">&lt;inside&gt;</a></li>"),
            "{}",
            found.list()
        );
        let none = Backlinks::of("linear.rs", &all, "../", &pages);
        assert_eq!((none.list(), none), (String::new(), Backlinks::default()));
    }
}
