//! Paths in what macros and attributes are given, which is no syntax tree but a row of tokens.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};

/// A path, and where it begins.
type Found = (Vec<String>, Span);

/// Every path of two names or more, every call of a macro, and, if `texts` are asked for, paths in quotation marks, as
/// serde's attributes have them.
pub(crate) fn paths(tokens: TokenStream, texts: bool) -> Vec<Found> {
    let mut found = Vec::new();
    collect(tokens, texts, &[], &mut found);
    found
}

/// `before` is what stands before a group: `a` of `a::{b, c}`.
fn collect(tokens: TokenStream, texts: bool, before: &[String], found: &mut Vec<Found>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if let Some((mut segments, span, end)) = path_at(&tokens, at) {
            segments.splice(0..0, before.iter().cloned());
            at = end;
            if let (true, Some(group)) = (are_colons(&tokens, at), braces(tokens.get(at + 2))) {
                collect(group, texts, &segments, found);
                at += 3;
                continue;
            }
            if is_sign(tokens.get(at), '!') && matches!(tokens.get(at + 1), Some(TokenTree::Group(_))) {
                segments.iter_mut().next_back().into_iter().for_each(|last| last.push('!'));
            }
            if segments.len() > 1 || segments[0].ends_with('!') {
                found.push((segments, span));
            }
            // `a::{b as c, d}`: what follows b is no path.
            while !before.is_empty() && at < tokens.len() && !is_sign(tokens.get(at), ',') {
                at += 1;
            }
            continue;
        }
        match &tokens[at] {
            TokenTree::Group(group) => collect(group.stream(), texts, &[], found),
            TokenTree::Literal(literal) if texts => {
                found.extend(quoted(&literal.to_string()).map(|path| (path, literal.span())));
            }
            _ => {}
        }
        at += 1;
    }
}

/// The path that begins here, and where it ends.
fn path_at(tokens: &[TokenTree], at: usize) -> Option<(Vec<String>, Span, usize)> {
    let leading = are_colons(tokens, at);
    let mut end = if leading { at + 2 } else { at };
    let TokenTree::Ident(first) = tokens.get(end)? else { return None };
    let mut segments = if leading { vec![String::new()] } else { vec![] };
    segments.push(first.to_string());
    end += 1;
    while let (true, Some(TokenTree::Ident(name))) = (are_colons(tokens, end), tokens.get(end + 2)) {
        segments.push(name.to_string());
        end += 3;
    }
    Some((segments, first.span(), end))
}

fn are_colons(tokens: &[TokenTree], at: usize) -> bool {
    is_sign(tokens.get(at), ':') && is_sign(tokens.get(at + 1), ':')
}

fn is_sign(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(found)) if found.as_char() == sign)
}

fn braces(token: Option<&TokenTree>) -> Option<TokenStream> {
    match token {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    }
}

/// The path that stands in a literal.
fn quoted(literal: &str) -> Option<Vec<String>> {
    let path = literal.strip_prefix('"')?.strip_suffix('"')?;
    let is_name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_');
    let names: Vec<String> = path.split("::").map(str::to_owned).collect();
    (names.len() > 1 && names.iter().all(|name| is_name(name))).then_some(names)
}
