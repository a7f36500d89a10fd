//! What a script is made of, from its beginning.

use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};

/// After these, a slash begins a regular expression.
const BEFORE_A_VALUE: &[&str] = &[
    "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "await", "yield",
];
/// Spaces and comments at the beginning of a text, and what follows them.
pub(super) fn skipped(text: &str) -> Result<(&str, &str)> {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let end = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(comment) = rest.strip_prefix("/*") {
            2 + comment.find("*/").context("a comment does not end")? + 2
        } else {
            return Ok(text.split_at(text.len() - rest.len()));
        };
        rest = &rest[end..];
    }
}

pub(super) fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

/// The token that a text begins with; nothing at its end.
pub(super) fn token<'a>(text: &'a str, before: &str) -> Result<&'a str> {
    let Some(first) = text.chars().next() else { return Ok("") };
    let length = match first {
        '\'' | '"' => quoted(text, first)?,
        '`' => parts(text)?.0,
        '/' if is_regex(before)? => regex(text)?,
        letter if is_word(letter) => text.find(|letter| !is_word(letter)).unwrap_or(text.len()),
        // One token, after which a statement may end.
        '+' | '-' if text[1..].starts_with(first) => 2,
        letter => letter.len_utf8(),
    };
    Ok(&text[..length])
}

/// Whether a slash after a token begins a regular expression.
fn is_regex(before: &str) -> Result<bool> {
    Ok(match before.chars().last() {
        Some('}') => bail!("a slash after `}}` may be a division or a regular expression"),
        Some(')' | ']' | '\'' | '"' | '`') => false,
        Some(letter) if is_word(letter) => BEFORE_A_VALUE.contains(&before),
        _ => !matches!(before, "++" | "--"),
    })
}

/// The length of a string in quotes.
fn quoted(text: &str, quote: char) -> Result<usize> {
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => _ = letters.next(),
            '\n' => break,
            letter if letter == quote => return Ok(at + 1),
            _ => {}
        }
    }
    bail!("a string does not end")
}

/// The length of a regular expression with its flags, which stand after it like a word.
fn regex(text: &str) -> Result<usize> {
    let mut in_class = false;
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => _ = letters.next(),
            '\n' => break,
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class => {
                let flags = text[at + 1..].find(|letter| !is_word(letter));
                return Ok(flags.map_or(text.len(), |flags| at + 1 + flags));
            }
            _ => {}
        }
    }
    bail!("a regular expression does not end")
}

/// The length of a template, and where in it something is put into it.
pub(super) fn parts(text: &str) -> Result<(usize, Vec<Range<usize>>)> {
    let (mut at, mut inside) = (1, Vec::new());
    loop {
        let rest = text.get(at..).unwrap_or_default();
        at += match rest.chars().next().context("a template does not end")? {
            '`' => return Ok((at + 1, inside)),
            '\\' => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            '$' if rest.starts_with("${") => {
                let length = inserted(&rest[2..])?;
                inside.push(at + 2..at + 2 + length);
                length + 3
            }
            letter => letter.len_utf8(),
        };
    }
}

/// The length of what is put into a template, up to its closing brace.
fn inserted(text: &str) -> Result<usize> {
    let (mut rest, mut before, mut depth) = (text, "{", 0_usize);
    loop {
        let found = skipped(rest)?.1;
        let token = token(found, before)?;
        ensure!(!token.is_empty(), "what is put into a template does not end");
        match token {
            "{" => depth += 1,
            "}" if depth == 0 => return Ok(text.len() - found.len()),
            "}" => depth -= 1,
            _ => {}
        }
        (before, rest) = (token, &found[token.len()..]);
    }
}
