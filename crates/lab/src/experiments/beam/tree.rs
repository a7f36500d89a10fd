//! The tree: from left to right where there is room, a line for each hypothesis where there is not.

use plot::{Anchor, Caption, Colour, Stroke, Svg, decimal, isolate, text_width};

use super::Results;
use super::search::{Fate, Node, best, path};
use crate::contract::report::Report;

/// Font size.
const SIZE: f64 = 12.0;
/// Height of a box, and from one row to the next.
const BOX: f64 = 34.0;
const ROW: f64 = 42.0;
/// Between a box and the next column.
const BETWEEN: f64 = 22.0;
const MARGIN: f64 = 10.0;
/// Of the narrow tree: its width, the height of a line, and how far one is shifted.
const NARROW: f64 = 330.0;
const LINE: f64 = 24.0;
const SHIFT: f64 = 17.0;

pub(super) fn add(results: &Results, report: &mut Report) {
    let tree = Tree::new(&results.nodes);
    report.figure("tree", tree.wide(results));
    report.figure("tree-narrow", tree.narrow(results));
}

/// The hypotheses in the order in which they are drawn.
struct Tree<'a> {
    nodes: &'a [Node<String>],
    /// Depth first, the likeliest first.
    order: Vec<usize>,
    /// The row of each node in the wide tree: a first child goes on in its parent's.
    row: Vec<usize>,
    best: Vec<usize>,
}

impl<'a> Tree<'a> {
    fn new(nodes: &'a [Node<String>]) -> Self {
        let best = best(nodes).map(|end| path(nodes, end)).unwrap_or_default();
        let mut tree = Self { nodes, order: Vec::new(), row: vec![0; nodes.len()], best };
        let mut next = 0;
        let mut waiting = tree.children(None);
        waiting.reverse();
        // The last row that a first child may share with its parent.
        let mut shared: Option<usize> = None;
        while let Some(node) = waiting.pop() {
            tree.row[node] = match nodes[node].parent {
                parent if parent.is_some() && parent == shared => tree.row[parent.unwrap_or(node)],
                _ => {
                    next += 1;
                    next - 1
                }
            };
            tree.order.push(node);
            let mut children = tree.children(Some(node));
            shared = (!children.is_empty()).then_some(node);
            children.reverse();
            waiting.extend(children);
        }
        tree
    }

    /// What goes on from a node. What was dropped comes last.
    fn children(&self, parent: Option<usize>) -> Vec<usize> {
        let mut children: Vec<usize> =
            (0..self.nodes.len()).filter(|&n| self.nodes[n].parent == parent).collect();
        children.sort_by_key(|&n| self.nodes[n].fate == Fate::Dropped);
        children
    }

    fn told(&self, node: usize) -> String {
        let Node { log_prob, score, fate, .. } = &self.nodes[node];
        match fate {
            Fate::Finished => format!("{} → {}", decimal(*log_prob, 2), decimal(*score, 2)),
            _ => decimal(*log_prob, 2),
        }
    }

    fn colour(&self, node: usize) -> Colour {
        match self.nodes[node].fate {
            Fate::Kept => Colour::First,
            Fate::Finished => Colour::Third,
            Fate::Dropped | Fate::Left => Colour::Grey,
        }
    }

    fn stroke(&self, node: usize) -> Stroke {
        let dashes = match self.nodes[node].fate {
            Fate::Kept | Fate::Finished => "",
            Fate::Dropped => "3 3",
            Fate::Left => "8 3",
        };
        let width = if self.best.contains(&node) { 2.6 } else { 1.3 };
        Stroke { colour: self.colour(node), width, opacity: 1.0, dashes }
    }

    /// Width of the columns, one for each step.
    fn columns(&self) -> Vec<f64> {
        let mut widths = vec![40.0_f64; self.nodes.iter().map(|node| node.step).max().unwrap_or(0)];
        for (n, node) in self.nodes.iter().enumerate() {
            let wide = text_width(&node.token, SIZE).max(text_width(&self.told(n), SIZE)) + 12.0;
            widths[node.step - 1] = widths[node.step - 1].max(wide);
        }
        widths
    }

    fn wide(&self, results: &Results) -> String {
        let columns = self.columns();
        let left = |step: usize| MARGIN + columns[..step].iter().map(|wide| wide + BETWEEN).sum::<f64>();
        let (top, rows) = (102.0, self.row.iter().max().map_or(0, |row| row + 1));
        let width = left(columns.len()) - BETWEEN + MARGIN;
        let width = width.max(NARROW);
        let mut svg = Svg::new(width, top + rows as f64 * ROW + MARGIN);
        svg.heading((MARGIN, 18.0), 14.0, &title(results));
        self.legend(&mut svg, width);
        for (step, wide) in columns.iter().enumerate() {
            let name = format!("token {}", step + 1);
            let name = if text_width(&name, SIZE) > wide + BETWEEN { (step + 1).to_string() } else { name };
            svg.text((left(step) + wide / 2.0, top - 10.0), Anchor::Middle, SIZE, &name);
        }
        for &n in &self.order {
            let node = &self.nodes[n];
            let (x, y) = (left(node.step - 1), top + self.row[n] as f64 * ROW);
            let (wide, middle) = (columns[node.step - 1], y + BOX / 2.0);
            if let Some(parent) = node.parent {
                let from = left(node.step - 2) + columns[node.step - 2];
                let (turn, height) = (from + BETWEEN / 2.0, top + self.row[parent] as f64 * ROW + BOX / 2.0);
                svg.polyline(&[(from, height), (turn, height), (turn, middle), (x, middle)], self.stroke(n));
            }
            svg.rectangles(
                &[(x, y)],
                (wide, BOX),
                self.colour(n),
                if self.best.contains(&n) { 0.22 } else { 0.08 },
            );
            let corners = [(x, y), (x + wide, y), (x + wide, y + BOX), (x, y + BOX), (x, y)];
            svg.polyline(&corners, self.stroke(n));
            svg.text((x + wide / 2.0, y + 14.0), Anchor::Middle, SIZE, &isolate(&node.token));
            svg.text((x + wide / 2.0, y + 28.0), Anchor::Middle, SIZE, &self.told(n));
        }
        svg.finish(&Caption { id: "beam-tree", title: &title(results), description: &description(results) })
    }

    fn narrow(&self, results: &Results) -> String {
        let top = 124.0;
        let mut svg = Svg::new(NARROW, top + self.order.len() as f64 * LINE + MARGIN);
        svg.heading((MARGIN, 18.0), 14.0, &title(results));
        self.legend(&mut svg, NARROW);
        let place =
            |at: usize, n: usize| (MARGIN + (self.nodes[n].step - 1) as f64 * SHIFT, top + at as f64 * LINE);
        let mut at = vec![0; self.nodes.len()];
        self.order.iter().enumerate().for_each(|(place, &n)| at[n] = place);
        for &n in &self.order {
            let node = &self.nodes[n];
            let (x, y) = place(at[n], n);
            if let Some(parent) = node.parent {
                let (from, above) = place(at[parent], parent);
                svg.polyline(&[(from + 5.0, above + 9.0), (from + 5.0, y), (x, y)], self.stroke(n));
            }
            svg.rectangles(
                &[(x, y - 5.0)],
                (10.0, 10.0),
                self.colour(n),
                if self.best.contains(&n) { 1.0 } else { 0.35 },
            );
            svg.polyline(
                &[(x, y - 5.0), (x + 10.0, y - 5.0), (x + 10.0, y + 5.0), (x, y + 5.0), (x, y - 5.0)],
                self.stroke(n),
            );
            svg.text((x + 16.0, y + 4.0), Anchor::Start, SIZE, &isolate(&node.token));
            svg.text((NARROW - MARGIN, y + 4.0), Anchor::End, SIZE, &self.told(n));
        }
        svg.finish(&Caption {
            id: "beam-tree-narrow",
            title: &title(results),
            description: &description(results),
        })
    }
    /// What numbers and boxes mean, in rows that are at most so wide.
    fn legend(&self, svg: &mut Svg, width: f64) {
        svg.text((MARGIN, 40.0), Anchor::Start, SIZE, "ln p of what is written so far → the score");
        let kinds = [
            ("kept", Some(Fate::Kept), Colour::First, ""),
            ("finished", Some(Fate::Finished), Colour::Third, ""),
            ("dropped", Some(Fate::Dropped), Colour::Grey, "3 3"),
            ("left over", Some(Fate::Left), Colour::Grey, "8 3"),
            ("on the way to the best", None, Colour::Text, ""),
        ];
        let (mut x, mut y) = (MARGIN, 62.0);
        for (name, fate, colour, dashes) in kinds {
            if fate.is_some_and(|fate| self.nodes.iter().all(|node| node.fate != fate)) {
                continue;
            }
            let wide = 26.0 + text_width(name, SIZE) + 16.0;
            if x + wide > width + 16.0 {
                (x, y) = (MARGIN, y + 22.0);
            }
            let line = Stroke { colour, width: if fate.is_some() { 1.3 } else { 2.6 }, opacity: 1.0, dashes };
            let (right, above, below) = (x + 20.0, y - 10.0, y + 3.0);
            svg.polyline(&[(x, above), (right, above), (right, below), (x, below), (x, above)], line);
            svg.text((x + 26.0, y), Anchor::Start, SIZE, name);
            x += wide;
        }
    }
}

fn title(results: &Results) -> String {
    format!("A beam of {}", results.beam)
}

fn description(results: &Results) -> String {
    let Results { nodes, text, .. } = results;
    let count = |fate| nodes.iter().filter(|node| node.fate == fate).count();
    let best = best(nodes).map(|end| path(nodes, end)).unwrap_or_default();
    let best: Vec<&str> = best.into_iter().map(|node| nodes[node].token.as_str()).collect();
    format!(
        "The hypotheses of a beam search for “{text}”: {} kept, {} finished, {} of those that were dropped. The best is “{}”.",
        count(Fate::Kept),
        count(Fate::Finished),
        count(Fate::Dropped),
        best.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results() -> Results {
        let node = |parent, step, token: &str, fate| Node {
            parent,
            step,
            token: token.to_owned(),
            log_prob: -(step as f64),
            score: -0.5,
            fate,
        };
        let nodes = vec![
            node(None, 1, "dropped", Fate::Dropped),
            node(None, 1, "one", Fate::Kept),
            node(None, 1, "two", Fate::Kept),
            node(Some(1), 2, "<eos>", Fate::Finished),
            node(Some(2), 2, "three", Fate::Left),
        ];
        Results { text: "text".to_owned(), beam: 2, alpha: 0.6, nodes, off: Some(0.0) }
    }

    #[test]
    fn a_first_child_goes_on_in_its_parents_row() {
        let results = results();
        let tree = Tree::new(&results.nodes);
        assert_eq!(tree.order, [1, 3, 2, 4, 0]);
        assert_eq!(tree.row, [2, 0, 1, 0, 1]);
        assert_eq!(tree.best, [1, 3]);
    }

    #[test]
    fn both_trees_tell_every_token_and_its_number() {
        let results = results();
        let tree = Tree::new(&results.nodes);
        for svg in [tree.wide(&results), tree.narrow(&results)] {
            for part in [
                ">one<",
                ">two<",
                ">three<",
                ">dropped<",
                ">&lt;eos&gt;<",
                ">−2.00 → −0.50<",
                ">A beam of 2<",
            ] {
                assert!(svg.contains(part), "{part} is missing in {svg}");
            }
        }
    }
}
