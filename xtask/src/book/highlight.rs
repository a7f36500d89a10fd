//! Just enough highlighting for source pages, in the classes of the book's own themes.

use super::html::escape;

const KEYWORDS: &[&str] = &[
    "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum", "extern", "false",
    "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return",
    "self", "Self", "static", "struct", "super", "trait", "true", "type", "unsafe", "use", "where", "while",
];

/// Rust code as HTML, line by line; no element spans lines.
pub(crate) fn lines(code: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut rest = code.strip_suffix('\n').unwrap_or(code);
    while !rest.is_empty() {
        let (class, length) = token(rest);
        for (index, part) in rest[..length].split('\n').enumerate() {
            if index > 0 {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                *line += &element(class, part);
            }
        }
        rest = &rest[length..];
    }
    lines
}

fn element(class: &str, text: &str) -> String {
    if class.is_empty() || text.is_empty() {
        return escape(text);
    }
    format!("<span class=\"hljs-{class}\">{}</span>", escape(text))
}

/// Class and length of the token at the start of `text`, which isn't empty.
fn token(text: &str) -> (&'static str, usize) {
    let first = text.chars().next().unwrap_or(' ');
    let line = text.find('\n').unwrap_or(text.len());
    if text.starts_with("//") {
        return ("comment", line);
    }
    if text.starts_with("#[") || text.starts_with("#![") {
        return ("meta", attribute(&text[..line]));
    }
    if first == '"' {
        return ("string", string(text));
    }
    if first == '\'' {
        return character(text);
    }
    if first.is_ascii_digit() {
        return ("number", number(text));
    }
    if first.is_alphabetic() || first == '_' {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        return (word(&text[..end], text[end..].starts_with('!')), end);
    }
    ("", first.len_utf8())
}

fn word(word: &str, is_macro: bool) -> &'static str {
    if KEYWORDS.contains(&word) {
        "keyword"
    } else if is_macro {
        "built_in"
    } else if word.starts_with(|c: char| c.is_uppercase()) {
        "type"
    } else {
        ""
    }
}

/// Up to the bracket that closes it on the same line.
fn attribute(line: &str) -> usize {
    let mut depth = 0;
    for (at, character) in line.char_indices() {
        match character {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    line.len()
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A character literal, or else a lifetime.
fn character(text: &str) -> (&'static str, usize) {
    let mut characters = text.char_indices().skip(1);
    let (Some((_, first)), Some((second_at, second))) = (characters.next(), characters.next()) else {
        return ("", 1);
    };
    if first == '\\' {
        let end = text[second_at + second.len_utf8()..].find('\'');
        return ("string", end.map_or(1, |end| second_at + second.len_utf8() + end + 1));
    }
    if second == '\'' { ("string", second_at + 1) } else { ("", 1) }
}

fn number(text: &str) -> usize {
    let mut end = 0;
    for (at, character) in text.char_indices() {
        let follows = &text[at + character.len_utf8()..];
        let goes_on = match character {
            '.' => follows.starts_with(|c: char| c.is_ascii_digit()),
            '-' => text[..at].ends_with('e'),
            other => other.is_ascii_alphanumeric() || other == '_',
        };
        if !goes_on {
            break;
        }
        end = at + character.len_utf8();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text without its elements.
    fn plain(html: &str) -> String {
        let mut text = String::new();
        let mut inside = false;
        for character in html.chars() {
            match character {
                '<' => inside = true,
                '>' => inside = false,
                other if !inside => text.push(other),
                _ => {}
            }
        }
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    }

    #[test]
    fn nothing_is_lost() {
        for code in [
            include_str!("highlight.rs"),
            include_str!("links.rs"),
            "let c = '\\'';\nfn f<'a>(x: &'a str) -> f64 { 1e-9 + 0.5 + x.0.len() as f64 }\n",
            "\n\n\"a\nb\" // end",
            "\"open",
            "'",
            "",
        ] {
            let expected: Vec<_> = code.strip_suffix('\n').unwrap_or(code).split('\n').collect();
            assert_eq!(lines(code).iter().map(|line| plain(line)).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn tokens_have_their_classes() {
        assert_eq!(
            lines("pub fn f(x: Tensor<4>) -> f32 { 1e-9 } // why")[0],
            "<span class=\"hljs-keyword\">pub</span> <span class=\"hljs-keyword\">fn</span> f(x: \
             <span class=\"hljs-type\">Tensor</span>&lt;<span class=\"hljs-number\">4</span>&gt;) -&gt; f32 { \
             <span class=\"hljs-number\">1e-9</span> } <span class=\"hljs-comment\">// why</span>"
        );
        assert_eq!(
            lines("#[tracing::instrument(name = \"a\")]")[0],
            "<span class=\"hljs-meta\">#[tracing::instrument(name = &quot;a&quot;)]</span>"
        );
    }
}
