//! What is to be redrawn.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::drawing::Names;
use crate::view::{BoxId, EdgeRole, View};

/// The boxes and lines of a view, as somebody redraws them: without frames, and with one line where several lead from a
/// box to the same other.
///
/// # Examples
///
/// ```
/// use burn::tensor::Tensor;
/// use graph::{Picture, Redrawing, ViewOptions};
///
/// let graph = graph::capture("layer", |session| {
///     let x = session.input("x", Tensor::<2>::zeros([2, 3], session.device()));
///     session.output("y", x.clone().exp() + x);
///     Ok(())
/// })?;
/// let picture = Picture::of(&graph.view(&ViewOptions::new())?);
///
/// let drawing = Redrawing::from_dot("digraph { X -> exp -> \"+\" -> y }")?;
/// let grade = picture.grade(&drawing)?;
/// assert_eq!((grade.boxes().f1(), grade.lines().f1()), (1.0, 6.0 / 7.0));
/// assert_eq!(grade.missing_ways(), ["the way around Exp"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// Those of a frame together, in the order of the program.
    pub(super) boxes: Vec<Asked>,
    pub(super) lines: Vec<Line>,
}

/// A box that is to be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Asked {
    pub(super) key: String,
    pub(super) label: String,
    /// Its name, so that it can be told from others with the same label.
    pub(super) name: String,
}

/// A line that is to be drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) role: EdgeRole,
    /// Of a residual connection: what it goes around, as in "the way around Feed Forward".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) way: Option<String>,
}

/// A way around more boxes than this is told by its ends.
const NAMED: usize = 3;

impl Picture {
    /// What a view shows.
    #[must_use]
    pub fn of(view: &View) -> Self {
        let names = Names::new(view);
        let leaves = leaves(view);
        let number: HashMap<BoxId, usize> = leaves.iter().enumerate().map(|(n, &id)| (id, n)).collect();
        let asked = |&id: &BoxId| Asked {
            key: view.boxes[id].key.clone(),
            label: view.boxes[id].label.clone(),
            name: names.in_full(id),
        };
        let boxes: Vec<Asked> = leaves.iter().map(asked).collect();
        let mut lines: Vec<Line> = Vec::new();
        let mut known: HashMap<(usize, usize), usize> = HashMap::new();
        for edge in &view.edges {
            let (Some(&from), Some(&to)) = (number.get(&edge.from), number.get(&edge.to)) else { continue };
            let place = *known.entry((from, to)).or_insert(lines.len());
            if place == lines.len() {
                lines.push(Line { from, to, role: edge.role, way: None });
            } else if edge.role == EdgeRole::Residual {
                lines[place].role = edge.role;
            }
        }
        let mut picture = Self { boxes, lines };
        let ways: Vec<Option<String>> = picture.ways();
        for (line, way) in picture.lines.iter_mut().zip(ways) {
            line.way = way;
        }
        picture
    }

    /// What each residual connection goes around.
    fn ways(&self) -> Vec<Option<String>> {
        let [mut onward, mut back] = [vec![Vec::new(); self.boxes.len()], vec![Vec::new(); self.boxes.len()]];
        for line in self.lines.iter().filter(|line| line.role != EdgeRole::Residual) {
            onward[line.from].push(line.to);
            back[line.to].push(line.from);
        }
        let name = |id: usize| self.boxes[id].name.as_str();
        let way = |line: &Line| {
            let (after, before) = (reached(&onward, line.from), reached(&back, line.to));
            let mut between: Vec<usize> = after.intersection(&before).copied().collect();
            between.retain(|&id| id != line.from && id != line.to);
            between.sort_unstable();
            match between.as_slice() {
                [only] => format!("the way around {}", name(*only)),
                [first @ .., last] if between.len() <= NAMED => {
                    let first: Vec<&str> = first.iter().map(|&id| name(id)).collect();
                    format!("the way around {} and {}", first.join(", "), name(*last))
                }
                _ => format!("the way around from {} to {}", name(line.from), name(line.to)),
            }
        };
        self.lines.iter().map(|line| (line.role == EdgeRole::Residual).then(|| way(line))).collect()
    }

    /// How many boxes there are, and how many lines between them.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        (self.boxes.len(), self.lines.len())
    }

    /// Names of the boxes, as they stand in the picture.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.boxes.iter().map(|asked| asked.label.as_str())
    }

    /// What residual connections go around, as in "the way around Feed Forward".
    pub fn residual_ways(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().filter_map(|line| line.way.as_deref())
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        self.lines.iter().map(|line| (line.from, line.to))
    }
}

/// The boxes without frames, in the order in which [`View::to_dot`] writes them.
fn leaves(view: &View) -> Vec<BoxId> {
    let inside = |id: BoxId| view.boxes[id].children.iter().rev().copied();
    let mut open: Vec<BoxId> = inside(View::ROOT).collect();
    let mut found = Vec::new();
    while let Some(id) = open.pop() {
        if view.is_leaf(id) {
            found.push(id);
        }
        open.extend(inside(id));
    }
    found
}

/// What can be reached from a box, which is left out unless it is in a circle.
fn reached(next: &[Vec<usize>], from: usize) -> HashSet<usize> {
    let mut found = HashSet::new();
    let mut open = next[from].clone();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            open.extend(&next[id]);
        }
    }
    found
}
