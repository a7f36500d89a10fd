//! What mdBook doesn't do itself: diagrams, formulas, source pages, and strict listings.
//!
//! `{{#diagram ID}}` on a line of its own becomes a figure with the SVG inside, so that it uses the theme's colours
//! and its links work. `{{#story ID}}` below it becomes the story of that diagram, and `{{#recognise ID}}` a list of
//! names to be recognised. `{{#questions ID SORT …}}` asks what a picture answers, and `{{#redraw ID}}`
//! for the picture itself, from memory. `{{#places}}` becomes the figures of all diagrams that no chapter names. `{{#result …}}` anywhere in
//! a line becomes a number that an experiment measured, and `{{#predict …}}` what asks the reader for one. `[…](#box:DIAGRAM/NAME)` becomes a phrase that lights up boxes.
//! Boxes and listings say which lines of code they are of. All mistakes of all chapters are reported together.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use mdbook_preprocessor::book::{Book, BookItem, Chapter, SectionNumber};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, parse_input};

use super::listings::{Directive, Problem, Scanner};
use super::pages::Pages;
use super::results::Results;
use super::{
    edition, figure, help, include, lines, math, phrases, predict, questions, recognise, redraw, sources,
    story, typed, whereabouts,
};
use crate::catalogue::{self, Rendered};
use crate::{live, paths};

/// The preprocessor `diagrams` of `docs/book.toml`.
pub(crate) struct Diagrams(Vec<Rendered>);

impl Diagrams {
    /// A preprocessor that knows these diagrams.
    pub(crate) fn new(rendered: impl IntoIterator<Item = Rendered>) -> Self {
        Self(rendered.into_iter().collect())
    }

    fn get(&self, id: &str) -> Option<&Rendered> {
        self.0.iter().find(|diagram| diagram.id == id)
    }

    fn figure(&self, diagram: &Rendered, up: &str, pages: &Pages) -> String {
        figure::diagram(diagram, &self.0, up, &pages.at)
    }

    /// The diagrams that a chapter shows.
    fn shown(&self, content: &str, pages: &Pages) -> Vec<&Rendered> {
        let mut scanner = Scanner::new(PathBuf::new());
        let shown = content.lines().flat_map(|line| match scanner.line(line) {
            Some(Directive::Diagram(id)) => self.get(id).into_iter().collect(),
            Some(Directive::Places) => {
                self.0.iter().filter(|diagram| pages.others.contains(&diagram.id)).collect()
            }
            _ => Vec::new(),
        });
        shown.collect()
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
                diagrams.iter().map(|diagram| self.figure(diagram, up, pages) + "\n").collect();
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
        let (content, mut problems) = predict::marked(&chapter.content);
        let (content, found) = Results::new(paths::figures().join("lab")).inserted(&content);
        problems.extend(found);
        if typed::is_asked_of(path) {
            problems.extend(typed::typed(&chapter.content));
        }
        let (content, found) = math::formulas(&content);
        problems.extend(found);
        let shown = self.shown(&content, pages);
        let mut expanded = String::with_capacity(content.len());
        let text: Vec<&str> = content.lines().collect();
        let mut listing_ends = None;
        let mut above = BTreeSet::new();
        for (at, line) in text.iter().copied().enumerate() {
            if let Some(opening) = lines::listing(&folder, &text[at..]) {
                expanded += &opening;
                listing_ends = Some(at + 2);
            }
            match scanner.line(line) {
                Some(Directive::Diagram(id)) => match self.get(id) {
                    Some(diagram) => {
                        above.insert(id);
                        expanded += &self.figure(diagram, &up, pages);
                    }
                    None => {
                        scanner.problem(format!("there is no diagram {id:?}; there are {}", self.names()))
                    }
                },
                Some(Directive::Story(id)) => match self.get(id).filter(|_| above.contains(id)) {
                    Some(diagram) => match story::of(&paths::stories(), diagram) {
                        Ok(text) => expanded += &text,
                        Err(found) => found.into_iter().for_each(|text| scanner.problem(text)),
                    },
                    None => scanner.problem(format!("the story {id:?} has no diagram above it to light up")),
                },
                Some(Directive::Recognise(id)) => match self.recognise(id, &up, pages) {
                    Ok(text) => expanded += &text,
                    Err(text) => scanner.problem(text),
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
                Some(Directive::Questions(asked)) => {
                    match questions::folded(&self.0, asked, &up, &pages.at) {
                        Ok(text) => expanded += &text,
                        Err(text) => scanner.problem(text),
                    }
                }
                Some(Directive::Edition) => expanded += &edition::table(),
                Some(Directive::Help(program)) => match help::of(program) {
                    Ok(text) => expanded += &text,
                    Err(error) => scanner.problem(format!("{error:#}")),
                },
                Some(Directive::Sources) => expanded += &sources::list(),
                None if scanner.is_in_code() => {
                    expanded += &include::dedented(&folder, line).unwrap_or_else(|| line.to_owned());
                }
                None => {
                    let own = figure::chart(&folder, line).or_else(|| include::dedented(&folder, line));
                    let (linked, found) = phrases::linked(line, &shown, at + 1);
                    problems.extend(found);
                    expanded += &own.unwrap_or(linked);
                }
            }
            expanded += if listing_ends == Some(at) { lines::END_OF_LISTING } else { "\n" };
        }
        let places = shown.iter().filter_map(|diagram| diagram.place.as_ref());
        let wholes = places.map(|place| place.whole.as_str()).collect();
        expanded += &whereabouts::wholes(&wholes, &self.0, &up, &pages.at);
        problems.extend(scanner.finish());
        problems.sort_by_key(|problem| problem.line);
        (expanded, problems)
    }

    /// Names that are in a diagram and names that aren't, to be told apart.
    fn recognise(&self, id: &str, up: &str, pages: &Pages) -> Result<String, String> {
        let missing = || format!("there is no diagram {id:?}; there are {}", self.names());
        let diagram = self.get(id).ok_or_else(missing)?;
        let page = pages.at.get(id).map_or("", String::as_str);
        recognise::list(diagram, &self.0, &format!("{up}{page}"))
    }

    fn names(&self) -> String {
        let mut names: Vec<_> = self.0.iter().map(|diagram| diagram.id.as_str()).collect();
        names.sort_unstable();
        names.join(", ")
    }
}

impl Preprocessor for Diagrams {
    fn name(&self) -> &str {
        "diagrams"
    }

    fn run(&self, context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let folder = context.root.join(&context.config.book.src);
        let pages = Pages::of(&book, self.0.iter().map(|diagram| diagram.id.as_str()));
        let hidden: Vec<&str> = self
            .0
            .iter()
            .map(|diagram| diagram.id.as_str())
            .filter(|id| !pages.at.contains_key(*id) && !live::is_live(id))
            .collect();
        ensure!(
            hidden.is_empty(),
            "no chapter shows the diagram {} with {{{{#diagram ID}}}} or {{{{#places}}}}",
            hidden.join(", ")
        );
        let mut problems = story::untold(&paths::stories(), &pages.told);
        book.for_each_chapter_mut(|chapter| {
            let (expanded, found) = self.expand(chapter, &folder, &pages);
            let file = chapter.source_path.as_deref().unwrap_or(Path::new("")).to_owned();
            problems.extend(found.into_iter().map(|problem| {
                format!("{}:{}: {}", paths::shown(&folder.join(&file)), problem.line, problem.text)
            }));
            chapter.content = expanded;
        });
        ensure!(problems.is_empty(), "the book has mistakes\n  {}", problems.join("\n  "));
        add_sources(&mut book, sources::chapters(&self.0, &pages.at)?)?;
        Ok(book)
    }
}

/// Puts the source pages under the chapter that lists them.
fn add_sources(book: &mut Book, chapters: Vec<Chapter>) -> Result<()> {
    let mut pages = Some(chapters);
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
            let mut figures = catalogue::render_all(&catalogue::Graphs::new()?)?;
            figures.extend(live::figures(&live::models()?)?);
            let book = Diagrams::new(figures).run(&context, book)?;
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
            text: "<ul><li>one</li></ul>".to_owned(),
            ..Rendered::default()
        }])
    }

    fn expand(content: &str, path: &str) -> (String, Vec<Problem>) {
        let chapter = Chapter::new("Chapter", content.to_owned(), path, Vec::new());
        let at = [("whole".to_owned(), "first.html#figure-whole".to_owned())].into();
        let pages = Pages { at, ..Pages::default() };
        diagrams().expand(&chapter, &paths::docs().join("src"), &pages)
    }

    #[test]
    fn an_unknown_diagram_is_named_with_its_line() {
        let (_, problems) = expand("\n{{#diagram hole}}\n", "chapter.md");
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].line, 2);
        assert_eq!(problems[0].text, "there is no diagram \"hole\"; there are whole");
    }

    #[test]
    fn listings_have_lines_and_phrases_name_boxes() {
        let include = "{{#include ../../crates/model/src/attention.rs:attention}}";
        let text = format!(
            "{{{{#diagram whole}}}}\n\n```rust,ignore\n{include}\n```\n\n```text\n[a](#box:whole/b)\n```\n\n[x](#box:whole/b)\n"
        );
        let (expanded, problems) = expand(&text, "chapter.md");
        assert!(
            expanded.contains("<div class=\"listing\" data-source=\"attention.rs\" data-lines=\""),
            "{expanded}"
        );
        assert!(expanded.contains("```\n\n</div>\n"), "{expanded}");
        assert!(expanded.contains("```text\n[a](#box:whole/b)\n```"), "{expanded}");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            problems[0].line == 11 && problems[0].text.starts_with("no box of the diagram whole"),
            "{problems:?}"
        );
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
    fn a_story_needs_its_diagram_above_it() {
        let (_, problems) =
            expand("{{#story whole}}\n{{#diagram whole}}\n{{#recognise hole}}\n", "chapter.md");
        let found: Vec<_> = problems.iter().map(|problem| (problem.line, problem.text.as_str())).collect();
        let expected = [
            (1, "the story \"whole\" has no diagram above it to light up"),
            (3, "there is no diagram \"hole\"; there are whole"),
        ];
        assert_eq!(found, expected);
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
