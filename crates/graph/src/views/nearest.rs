//! Paths that name nothing are a mistake in writing: the names most like them are told.

use super::labels::matches;
use super::options::ViewOptions;
use crate::error::ViewError;
use crate::fold::What;
use crate::graph::ComputationGraph;
use crate::program::Node;

/// So many names are told.
const TOLD: usize = 3;

/// Errs if something is to be opened, closed or highlighted that is not there.
pub(super) fn check_paths(graph: &ComputationGraph, options: &ViewOptions<'_>) -> Result<(), ViewError> {
    let wanted = [("open", &options.open), ("close", &options.close), ("highlight", &options.highlight)];
    if wanted.iter().all(|(_, paths)| paths.is_empty()) {
        return Ok(());
    }
    let tree = &graph.fold().tree;
    let scopes = (0..tree.items.len()).filter(|&item| !matches!(tree.items[item].what, What::Operation(_)));
    let scopes: Vec<String> = scopes.map(|item| tree.path(item)).collect();
    let mut boxes = Vec::new();
    if !options.highlight.is_empty() {
        boxes.extend((0..tree.items.len()).map(|item| tree.path(item)));
        boxes.extend(scopes.iter().map(|path| format!("{path}/add_norm")));
        boxes.extend(graph.nodes().filter_map(|node| match node {
            Node::Input(boundary) | Node::Output(boundary) => Some(boundary.name.clone()),
            Node::Operation(_) | Node::Parameter(_) => None,
        }));
    }
    for (option, paths) in wanted {
        let known = if option == "highlight" { &boxes } else { &scopes };
        if let Some(path) = paths.iter().find(|path| !known.iter().any(|known| matches(path, known))) {
            let nearest = nearest(path, known);
            return Err(ViewError::NoMatch {
                option,
                path: path.clone(),
                graph: graph.name().to_owned(),
                nearest,
            });
        }
    }
    Ok(())
}

/// The known paths that are most like `path`, the most like first, without numbers unless it has one.
pub(super) fn nearest(path: &str, known: &[String]) -> Vec<String> {
    let parts = |text: &str| -> Vec<String> {
        text.split('/').filter(|part| !part.is_empty() && *part != "**").map(plain).collect()
    };
    let wanted = parts(path);
    let mut found: Vec<(usize, Vec<String>)> = Vec::new();
    for known in known {
        let all = parts(known);
        // A pattern may begin anywhere.
        let end = all.len().saturating_sub(wanted.len());
        let part = all[if path.starts_with("**") { end } else { 0 }..].to_vec();
        let distance = distance(&wanted.join("/"), &part.join("/"));
        if !part.is_empty() && !found.iter().any(|(_, other)| *other == part) {
            found.push((distance, part));
        }
    }
    found.sort();
    let begin = if path.starts_with("**/") { "**/" } else { "" };
    found.into_iter().take(TOLD).map(|(_, part)| format!("{begin}{}", part.join("/"))).collect()
}

/// A name without its number.
fn plain(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => name.to_owned(),
        _ => name.to_owned(),
    }
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, other) in b.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        let counted =
            [("", "abc"), ("layer", "layre"), ("atn", "attn"), ("same", "same")].map(|(a, b)| distance(a, b));
        assert_eq!(counted, [3, 2, 1, 0]);
    }

    #[test]
    fn the_most_alike_comes_first_and_once() {
        let known =
            ["encoder", "encoder/layer.0", "encoder/layer.1", "encoder/layer.0/attn", "decoder/layer.0/attn"];
        let known = known.map(str::to_owned);
        assert_eq!(nearest("encoder/layre", &known)[0], "encoder/layer");
        assert_eq!(nearest("**/atn", &known)[0], "**/attn");
        assert_eq!(nearest("decoder/layer/atn", &known).len(), 3);
        assert!(nearest("x", &[]).is_empty());
    }
}
