//! Markdown of chapters as HTML for cards: formulas as Anki writes them, and no links to pages that aren't there.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use recall::card::escape;

/// The HTML, in one line where it has no listing.
pub(super) fn html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_MATH;
    // Within the book, a link leads to a page; on a card its words are left. A list, since links may hold images.
    let mut open = Vec::new();
    let events = Parser::new_ext(markdown, options).filter_map(|event| match event {
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            let is_kept = dest_url.starts_with("http");
            open.push(is_kept);
            is_kept.then_some(event)
        }
        Event::End(TagEnd::Link) => open.pop().unwrap_or(true).then_some(event),
        Event::InlineMath(latex) => Some(formula("\\(", &latex, "\\)")),
        Event::DisplayMath(latex) => Some(formula("\\[", &latex, "\\]")),
        other => Some(other),
    });
    let mut text = String::new();
    html::push_html(&mut text, events);
    let text = text.trim();
    if text.contains("<pre") { text.to_owned() } else { text.split('\n').collect::<Vec<_>>().join(" ") }
}

/// Between the signs that Anki's MathJax looks for. Two braces would be a field of Anki's.
fn formula<'a>(opens: &str, latex: &str, closes: &str) -> Event<'a> {
    let latex = latex.trim().replace("{{", "{ {").replace("}}", "} }");
    Event::InlineHtml(CowStr::from(format!("{opens}{}{closes}", escape(&latex))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html_that_stands_alone() {
        for (markdown, expected) in [
            ("a *b* `c < d`", "<p>a <em>b</em> <code>c &lt; d</code></p>"),
            ("[a](b.md#c) and [d](https://e.org)", "<p>a and <a href=\"https://e.org\">d</a></p>"),
            ("root $\\sqrt{d_k}$, $5", "<p>root \\(\\sqrt{d_k}\\), $5</p>"),
            ("$$a < \\frac{1}{{b}}$$", "<p>\\[a &lt; \\frac{1}{ {b} }\\]</p>"),
            ("one\n\ntwo", "<p>one</p> <p>two</p>"),
            ("what must <i>f</i> give", "<p>what must <i>f</i> give</p>"),
        ] {
            assert_eq!(html(markdown), expected);
        }
        assert!(html("```text\na\nb\n```").contains("a\nb"));
    }
}
