//! What mdBook doesn't do itself: diagrams, formulas, source pages, and strict listings.
//!
//! `{{#diagram ID}}` on a line of its own becomes a figure with the SVG inside, so that it uses the theme's colours
//! and its links work. `{{#redraw ID}}` asks for it from memory. `{{#places}}` becomes the figures of all diagrams that no chapter names. `{{#result …}}` anywhere in
//! a line becomes a number that an experiment measured. All mistakes of all chapters are reported together.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use mdbook_preprocessor::book::{Book, BookItem, Chapter, SectionNumber};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, parse_input};

use super::listings::{Directive, Problem, Scanner};
use super::results::Results;
use super::{edition, figure, help, include, math, redraw, sources, typed};
use crate::catalogue::{self, Rendered};
use crate::paths;

/// The preprocessor `diagrams` of `docs/book.toml`.
pub(crate) struct Diagrams(Vec<Rendered>);

impl Diagrams {
    /// A preprocessor that knows these diagrams.
    pub(crate) fn new(rendered: impl IntoIterator<Item = Rendered>) -> Self {
        Self(rendered.into_iter().collect())
    }

    /// The page of each diagram: the first chapter that names it, or else the one that shows all others.
    fn pages(&self, book: &Book) -> Pages {
        let mut pages = Pages::default();
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
                        pages.of.entry(id.to_owned()).or_insert_with(|| format!("{page}#figure-{id}"));
                    }
                    Some(Directive::Places) => others = Some(page.clone()),
                    Some(
                        Directive::Edition | Directive::Help(_) | Directive::Redraw(_) | Directive::Sources,
                    )
                    | None => {}
                }
            }
        }
        if let Some(page) = others {
            let unnamed = self.0.iter().map(|diagram| &diagram.id).filter(|id| !pages.of.contains_key(*id));
            pages.others = unnamed.cloned().collect();
            pages.of.extend(pages.others.iter().map(|id| (id.clone(), format!("{page}#figure-{id}"))));
        }
        pages
    }

    fn get(&self, id: &str) -> Option<&Rendered> {
        self.0.iter().find(|diagram| diagram.id == id)
    }

    /// All diagrams that no chapter names, each part of a model under a heading.
    fn places(&self, up: &str, pages: &Pages) -> String {
        let mut parts: Vec<(&[String], Vec<&Rendered>)> = Vec::new();
        for diagram in self.0.iter().filter(|diagram| pages.others.contains(&diagram.id)) {
            match parts.iter_mut().find(|(above, _)| *above == diagram.above) {
                Some((_, diagrams)) => diagrams.push(diagram),
                None => parts.push((&diagram.above, vec![diagram])),
            }
        }
        parts.sort_by_key(|(above, _)| *above);
        let part = |(above, diagrams): &(&[String], Vec<&Rendered>)| {
            let figures: String =
                diagrams.iter().map(|diagram| figure::diagram(diagram, up, &pages.of) + "\n").collect();
            format!("### {}\n\n{figures}", above.join(" › "))
        };
        parts.iter().map(part).collect()
    }

    /// The chapter with figures for its directives, and what is wrong with it.
    fn expand(&self, chapter: &Chapter, folder: &Path, pages: &Pages) -> (String, Vec<Problem>) {
        let path = chapter.path.as_deref().unwrap_or(Path::new(""));
        let up = "../".repeat(path.components().count().saturating_sub(1));
        let folder = folder.join(path.parent().unwrap_or(Path::new("")));
        let mut scanner = Scanner::new(folder.clone());
        let (content, mut problems) = Results::new(paths::figures().join("lab")).inserted(&chapter.content);
        if typed::is_asked_of(path) {
            problems.extend(typed::typed(&chapter.content));
        }
        let (content, found) = math::formulas(&content);
        problems.extend(found);
        let mut expanded = String::with_capacity(content.len());
        for line in content.lines() {
            match scanner.line(line) {
                Some(Directive::Diagram(id)) => match self.get(id) {
                    Some(diagram) => expanded += &figure::diagram(diagram, &up, &pages.of),
                    None => {
                        scanner.problem(format!("there is no diagram {id:?}; there are {}", self.names()))
                    }
                },
                Some(Directive::Redraw(id)) => match self.get(id) {
                    // Its script covers the figure, which must be there.
                    Some(diagram) if chapter.content.contains(&format!("{{{{#diagram {id}}}}}")) => {
                        expanded += &redraw::asked(diagram);
                    }
                    Some(_) => {
                        scanner.problem(format!("this chapter has no {{{{#diagram {id}}}}} to redraw"))
                    }
                    None => {
                        scanner.problem(format!("there is no diagram {id:?}; there are {}", self.names()))
                    }
                },
                Some(Directive::Places) => expanded += &self.places(&up, pages),
                Some(Directive::Edition) => expanded += &edition::table(),
                Some(Directive::Help(program)) => match help::of(program) {
                    Ok(text) => expanded += &text,
                    Err(error) => scanner.problem(format!("{error:#}")),
                },
                Some(Directive::Sources) => expanded += &sources::list(),
                None => {
                    let own = figure::chart(&folder, line).or_else(|| include::dedented(&folder, line));
                    expanded += &own.unwrap_or_else(|| line.to_owned());
                }
            }
            expanded.push('\n');
        }
        problems.extend(scanner.finish());
        problems.sort_by_key(|problem| problem.line);
        (expanded, problems)
    }

    fn names(&self) -> String {
        let mut names: Vec<_> = self.0.iter().map(|diagram| diagram.id.as_str()).collect();
        names.sort_unstable();
        names.join(", ")
    }
}

/// Where the book shows the diagrams.
#[derive(Debug, Default)]
struct Pages {
    of: BTreeMap<String, String>,
    /// Those that no chapter names.
    others: BTreeSet<String>,
}

impl Preprocessor for Diagrams {
    fn name(&self) -> &str {
        "diagrams"
    }

    fn run(&self, context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let folder = context.root.join(&context.config.book.src);
        let pages = self.pages(&book);
        let hidden: Vec<&str> = self
            .0
            .iter()
            .map(|diagram| diagram.id.as_str())
            .filter(|id| !pages.of.contains_key(*id))
            .collect();
        ensure!(
            hidden.is_empty(),
            "no chapter shows the diagram {} with {{{{#diagram ID}}}} or {{{{#places}}}}",
            hidden.join(", ")
        );
        let mut problems = Vec::new();
        book.for_each_chapter_mut(|chapter| {
            let (expanded, found) = self.expand(chapter, &folder, &pages);
            let file = chapter.source_path.as_deref().unwrap_or(Path::new("")).to_owned();
            problems.extend(found.into_iter().map(|problem| {
                format!("{}:{}: {}", paths::shown(&folder.join(&file)), problem.line, problem.text)
            }));
            chapter.content = expanded;
        });
        ensure!(problems.is_empty(), "the book has mistakes\n  {}", problems.join("\n  "));
        add_sources(&mut book)?;
        Ok(book)
    }
}

/// Puts the source pages under the chapter that lists them.
fn add_sources(book: &mut Book) -> Result<()> {
    let mut pages = Some(sources::chapters()?);
    book.for_each_chapter_mut(|chapter| {
        if chapter.path.as_deref() == Some(Path::new(sources::INDEX)) {
            // mdBook folds by numbers: a page without one would stand beside its parent.
            let parent = chapter.number.as_ref().map(|number| number.to_vec()).unwrap_or_default();
            for (place, mut page) in pages.take().unwrap_or_default().into_iter().enumerate() {
                page.number = Some(SectionNumber::new([&parent[..], &[place as u32 + 1]].concat()));
                chapter.sub_items.push(BookItem::Chapter(page));
            }
        }
    });
    ensure!(
        pages.is_none(),
        "no chapter {} in docs/src/SUMMARY.md, under which the sources go",
        sources::INDEX
    );
    Ok(())
}

/// The protocol of the mdbook program: `supports RENDERER`, or a book on standard input.
pub(crate) fn run_for_mdbook(arguments: &[String]) -> Result<()> {
    match arguments {
        [supports, _renderer] if supports == "supports" => Ok(()),
        [] => {
            let (context, book) = parse_input(io::stdin().lock())?;
            let book =
                Diagrams::new(catalogue::render_all(&catalogue::Graphs::new()?)?).run(&context, book)?;
            serde_json::to_writer(io::stdout().lock(), &book).context("cannot write the book")
        }
        _ => bail!("expected `supports RENDERER` or nothing, found {:?}", arguments.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagrams() -> Diagrams {
        Diagrams::new([Rendered {
            id: "whole".to_owned(),
            title: "The whole".to_owned(),
            description: "Left & right.".to_owned(),
            svg: "<svg></svg>".to_owned(),
            width: 100.0,
            narrow: None,
            text: "<ul><li>one</li></ul>".to_owned(),
            picture: graph::Picture::default(),
            report: graph::Report::default(),
            above: Vec::new(),
            code: None,
        }])
    }

    fn expand(content: &str, path: &str) -> (String, Vec<Problem>) {
        let chapter = Chapter::new("Chapter", content.to_owned(), path, Vec::new());
        let of = [("whole".to_owned(), "first.html#figure-whole".to_owned())].into();
        let pages = Pages { of, others: BTreeSet::new() };
        diagrams().expand(&chapter, Path::new("docs/src"), &pages)
    }

    #[test]
    fn an_unknown_diagram_is_named_with_its_line() {
        let (_, problems) = expand("\n{{#diagram hole}}\n", "chapter.md");
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].line, 2);
        assert_eq!(problems[0].text, "there is no diagram \"hole\"; there are whole");
    }

    #[test]
    fn only_what_a_chapter_shows_is_redrawn_there() {
        let (text, problems) = expand("{{#diagram whole}}\n\n{{#redraw whole}}\n", "chapter.md");
        assert!(problems.is_empty() && text.contains("data-figure=\"figure-whole\""), "{problems:?} {text}");
        let (_, problems) = expand("{{#redraw whole}}\n{{#redraw hole}}\n", "chapter.md");
        let texts: Vec<_> = problems.iter().map(|problem| problem.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "this chapter has no {{#diagram whole}} to redraw",
                "there is no diagram \"hole\"; there are whole"
            ]
        );
    }

    #[test]
    fn every_chapter_of_the_book_is_read() {
        let context = PreprocessorContext::new(paths::docs(), Default::default(), "html".to_owned());
        let chapter =
            |name: &str| Chapter::new(name, format!("{{{{#diagram {name}}}}}"), format!("{name}.md"), vec![]);
        let book = Book::new_with_items(vec![
            chapter("first").into(),
            chapter("second").into(),
            chapter("whole").into(),
        ]);
        let error = diagrams().run(&context, book).unwrap_err().to_string();
        assert!(error.contains("docs/src/first.md:1: there is no diagram \"first\""), "{error}");
        assert!(error.contains("docs/src/second.md:1: there is no diagram \"second\""), "{error}");
    }
}
