//! What mdBook doesn't do itself: diagrams, source pages, and strict listings.
//!
//! `{{#diagram ID}}` on a line of its own becomes a figure with the SVG inside, so that it uses the theme's colours
//! and its links work. All mistakes of all chapters are reported together.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use mdbook_preprocessor::book::{Book, BookItem, Chapter, SectionNumber};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, parse_input};

use super::html::escape;
use super::listings::{Directive, Problem, Scanner};
use super::sources;
use crate::catalogue::{self, Rendered};
use crate::paths;

/// A diagram wider than this scrolls on a phone instead of shrinking: its small print could not be read.
const WIDE: f64 = 530.0;

/// The preprocessor `diagrams` of `docs/book.toml`.
pub(crate) struct Diagrams(BTreeMap<String, Rendered>);

impl Diagrams {
    /// A preprocessor that knows these diagrams.
    pub(crate) fn new(rendered: impl IntoIterator<Item = Rendered>) -> Self {
        Self(rendered.into_iter().map(|diagram| (diagram.id.clone(), diagram)).collect())
    }

    /// The page of each diagram: the first chapter that shows it.
    fn pages(&self, book: &Book) -> BTreeMap<String, String> {
        let mut pages = BTreeMap::new();
        for item in book.iter() {
            let BookItem::Chapter(chapter) = item else { continue };
            // mdBook makes a folder's README its index.
            let page = chapter.path.as_deref().unwrap_or(Path::new("")).with_extension("html");
            let page = page.to_string_lossy().replace("README.html", "index.html");
            let mut scanner = Scanner::new(PathBuf::new());
            for line in chapter.content.lines() {
                if let Some(Directive::Diagram(id)) = scanner.line(line) {
                    pages.entry(id.to_owned()).or_insert_with(|| format!("{page}#figure-{id}"));
                }
            }
        }
        pages
    }

    /// The chapter with figures for its directives, and what is wrong with it.
    fn expand(
        &self,
        chapter: &Chapter,
        folder: &Path,
        pages: &BTreeMap<String, String>,
    ) -> (String, Vec<Problem>) {
        let path = chapter.path.as_deref().unwrap_or(Path::new(""));
        let up = "../".repeat(path.components().count().saturating_sub(1));
        let mut scanner = Scanner::new(folder.join(path.parent().unwrap_or(Path::new(""))));
        let mut expanded = String::with_capacity(chapter.content.len());
        for line in chapter.content.lines() {
            match scanner.line(line) {
                Some(Directive::Diagram(id)) => match self.0.get(id) {
                    Some(diagram) => expanded += &figure(diagram, &up, pages),
                    None => {
                        scanner.problem(format!("there is no diagram {id:?}; there are {}", self.names()))
                    }
                },
                Some(Directive::Sources) => expanded += &sources::list(),
                None => expanded += line,
            }
            expanded.push('\n');
        }
        (expanded, scanner.finish())
    }

    fn names(&self) -> String {
        self.0.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// A figure as one block of HTML: without blank lines, at which Markdown would end it.
fn figure(diagram: &Rendered, up: &str, pages: &BTreeMap<String, String>) -> String {
    let svg = diagram.svg.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n");
    let mut svg = relinked(&svg, up, pages);
    if diagram.width > WIDE {
        svg = svg.replacen("<svg ", "<svg data-wide ", 1);
    }
    let words = diagram.text.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n");
    format!(
        "<figure class=\"diagram\" id=\"figure-{id}\">\n<div class=\"drawing\" tabindex=\"0\">\n{svg}\n</div>\n\
         <figcaption><b>{title}.</b> {description}</figcaption>\n\
         <details><summary>This diagram in words</summary><div class=\"words\">{words}</div></details>\n</figure>\n",
        id = diagram.id,
        title = escape(&diagram.title),
        description = escape(&diagram.description),
    )
}

/// The links of a diagram's file in the repository as links within the book: from code to its listing, from diagram to
/// the page that shows it. Links to neither are taken out.
fn relinked(svg: &str, up: &str, pages: &BTreeMap<String, String>) -> String {
    const HREF: &str = " href=\"";
    let mut parts = svg.split(HREF);
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (href, rest) = part.split_once('"').unwrap_or((part, ""));
        let diagram =
            href.strip_suffix(".svg").and_then(|id| pages.get(id)).map(|page| format!("{up}{page}"));
        if let Some(link) = sources::link(href, up).or(diagram) {
            result += &format!("{HREF}{link}\"");
        }
        result += rest;
    }
    result
}

impl Preprocessor for Diagrams {
    fn name(&self) -> &str {
        "diagrams"
    }

    fn run(&self, context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let folder = context.root.join(&context.config.book.src);
        let pages = self.pages(&book);
        let hidden: Vec<&str> =
            self.0.keys().map(String::as_str).filter(|id| !pages.contains_key(*id)).collect();
        ensure!(
            hidden.is_empty(),
            "no chapter shows the diagram {} with {{{{#diagram ID}}}}",
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
            let book = Diagrams::new(catalogue::render_all()?).run(&context, book)?;
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
            svg: "<svg>\n\n<a href=\"../crates/model/src/attention.rs#L1\"/><a href=\"whole.svg\"/><a href=\"b.svg\"/></svg>\n"
                .to_owned(),
            text: "<ul>\n\n<li>one</li></ul>".to_owned(),
            report: graph::Report::default(),
            width: 100.0,
        }])
    }

    fn expand(content: &str, path: &str) -> (String, Vec<Problem>) {
        let chapter = Chapter::new("Chapter", content.to_owned(), path, Vec::new());
        let pages = [("whole".to_owned(), "first.html#figure-whole".to_owned())].into();
        diagrams().expand(&chapter, Path::new("docs/src"), &pages)
    }

    #[test]
    fn a_diagram_is_one_block_of_html() {
        let (text, problems) = expand("before\n\n{{#diagram whole}}\n\nafter\n", "deep/chapter.md");
        assert!(problems.is_empty(), "{problems:?}");
        let block = text.strip_prefix("before\n\n").unwrap().strip_suffix("\n\n\nafter\n").unwrap();
        assert!(block.lines().all(|line| !line.trim().is_empty()), "{block}");
        assert!(block.contains("<a href=\"../source/attention.html#L1\"/>"), "{block}");
        assert!(block.contains("<a href=\"../first.html#figure-whole\"/><a/>"), "{block}");
        assert!(block.contains("Left &amp; right."), "{block}");
        assert!(block.contains("<ul>\n<li>one</li></ul>"), "{block}");
    }

    #[test]
    fn an_unknown_diagram_is_named_with_its_line() {
        let (_, problems) = expand("\n{{#diagram hole}}\n", "chapter.md");
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].line, 2);
        assert_eq!(problems[0].text, "there is no diagram \"hole\"; there are whole");
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
