//! The same in words: a table of steps.

use plot::decimal;

use super::Results;
use super::search::{Fate, Node, best, path};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.piece("steps", steps(results));
    let Results { nodes, text, .. } = results;
    let count = |fate| nodes.iter().filter(|node| node.fate == fate).count();
    if let Some(end) = best(nodes) {
        report.say(format!(
            "Of “{text}”, {} beginnings were kept and {} sentences finished; the best is “{}”, with a score of {}.",
            count(Fate::Kept),
            count(Fate::Finished),
            written(nodes, end),
            decimal(nodes[end].score, 3)
        ));
    }
}

/// A row for each step: what was kept, finished, and dropped.
fn steps(results: &Results) -> String {
    let Results { nodes, .. } = results;
    let mut text = "| Step | Kept | Finished, with its score | Dropped |\n|---:|---|---|---|\n".to_owned();
    for step in 1..=nodes.iter().map(|node| node.step).max().unwrap_or(0) {
        let cell = |fates: &[Fate], told: &dyn Fn(&Node<String>) -> f64| {
            let of = |(place, node): (usize, &Node<String>)| {
                (node.step == step && fates.contains(&node.fate))
                    .then(|| format!("{} {}", escaped(&written(nodes, place)), decimal(told(node), 2)))
            };
            nodes.iter().enumerate().filter_map(of).collect::<Vec<_>>().join("<br>")
        };
        let kept = cell(&[Fate::Kept, Fate::Left], &|node| node.log_prob);
        let finished = cell(&[Fate::Finished], &|node| node.score);
        let dropped = cell(&[Fate::Dropped], &|node| node.log_prob);
        text += &format!("| {step} | {kept} | {finished} | {dropped} |\n");
    }
    text
}

/// All that was written up to a hypothesis.
fn written(nodes: &[Node<String>], end: usize) -> String {
    path(nodes, end).into_iter().map(|node| nodes[node].token.as_str()).collect::<Vec<_>>().join(" ")
}

/// For a cell in Markdown.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace('<', "\\<").replace('*', "\\*").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_a_row() {
        let node = |parent, step, token: &str, fate| Node {
            parent,
            step,
            token: token.to_owned(),
            log_prob: -1.0,
            score: -0.5,
            fate,
        };
        let nodes = vec![
            node(None, 1, "a|b", Fate::Kept),
            node(None, 1, "c", Fate::Dropped),
            node(Some(0), 2, "<eos>", Fate::Finished),
        ];
        let results = Results { text: String::new(), beam: 1, alpha: 0.6, nodes, off: None };
        let text = steps(&results);
        let rows: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(rows, ["| 1 | a\\|b −1.00 |  | c −1.00 |", "| 2 |  | a\\|b \\<eos> −0.50 |  |"]);
    }
}
