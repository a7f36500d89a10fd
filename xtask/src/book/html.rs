//! HTML: writing it, and reading what links need.

use std::cell::RefCell;
use std::collections::BTreeSet;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, StartTag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// Text as HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            other => escaped.push(other),
        }
    }
    escaped
}

/// The text of an attribute, as [`escape`] and the diagrams write it.
pub(crate) fn unescape(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

/// What a page offers to links, and where its own lead.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Page {
    /// Values of `id`, and of `name` on links.
    pub(crate) anchors: BTreeSet<String>,
    /// Anchors that occur more than once.
    pub(crate) repeated: BTreeSet<String>,
    /// Line and target of every `href`, `src` and SVG reference.
    pub(crate) links: Vec<(u64, String)>,
}

impl Page {
    /// Reads a page as a browser would.
    pub(crate) fn read(html: &str) -> Self {
        let tokenizer = Tokenizer::new(Collector::default(), TokenizerOpts::default());
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(html));
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.0.into_inner()
    }

    fn attribute(&mut self, tag: &str, name: &str, value: &str, line: u64) {
        match name {
            "id" if !self.anchors.insert(value.to_owned()) => {
                self.repeated.insert(value.to_owned());
            }
            "name" if tag == "a" => {
                self.anchors.insert(value.to_owned());
            }
            "href" | "xlink:href" | "src" => self.links.push((line, value.to_owned())),
            // Arrow heads, clips and the like: `url(#arrow)`.
            _ => {
                if let Some(target) = value.strip_prefix("url(").and_then(|rest| rest.strip_suffix(')')) {
                    self.links.push((line, target.trim_matches(['"', '\'']).to_owned()));
                }
            }
        }
    }
}

#[derive(Default)]
struct Collector(RefCell<Page>);

impl TokenSink for Collector {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let TagToken(tag) = token else { return TokenSinkResult::Continue };
        if tag.kind != StartTag {
            return TokenSinkResult::Continue;
        }
        for attribute in &tag.attrs {
            self.0.borrow_mut().attribute(&tag.name, &attribute.name.local, &attribute.value, line);
        }
        match &*tag.name {
            "script" => TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "noscript" | "iframe" => TokenSinkResult::RawData(RawKind::Rawtext),
            // In SVG, a title is an element like any other, and so is what follows; it never holds markup in ours.
            "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escape("a < b && \"c\""), "a &lt; b &amp;&amp; &quot;c&quot;");
    }

    #[test]
    fn anchors_and_links_are_read() {
        let page = Page::read(
            "<p id=one>\n<a href=\"x.html#L1\">x</a><a name='two'>\n<path marker-end=\"url(#tip)\"/><img src=a.png>\
             <script>let no = '<a href=\"no\">';</script><!-- <a href=\"no\"> --><b id=one>",
        );
        assert_eq!(page.anchors.iter().map(String::as_str).collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(page.repeated.iter().map(String::as_str).collect::<Vec<_>>(), ["one"]);
        let expected = [(2, "x.html#L1"), (3, "#tip"), (3, "a.png")];
        assert_eq!(page.links, expected.map(|(line, target)| (line, target.to_owned())));
    }
}
