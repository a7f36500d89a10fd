//! Which drawings a page has, and which box leads to which.

use std::collections::{HashMap, HashSet, VecDeque};

use super::error::PageError;
use super::escaped::place;
use crate::drawing::{BoxLinks, DrawOptions, Drawing, draw};
use crate::error::ViewError;
use crate::fold::What;
use crate::graph::ComputationGraph;
use crate::replay::{BoxTensors, Program};
use crate::view::{BoxKind, View, ViewBox};
use crate::views::{Subject, ViewOptions};

/// What is higher than this becomes several columns, in pixels.
const HIGH: f64 = 2_000.0;
/// What is wider than this has another drawing for a narrow page.
const WIDE: f64 = 340.0;

/// A drawing with what it shows.
pub(super) struct Level {
    /// The path of the scope; that of the first is what was asked for, and mostly empty.
    pub(super) path: String,
    pub(super) view: View,
    /// What each box has of the program, if there is one.
    pub(super) tensors: Vec<BoxTensors>,
    /// The levels around it, the outermost first.
    pub(super) above: Vec<usize>,
    /// Where its boxes lead, by their keys.
    pub(super) inside: HashMap<String, usize>,
    pub(super) wide: Drawing,
    pub(super) narrow: Option<Drawing>,
}

/// A level that is not drawn yet.
struct Found {
    path: String,
    view: View,
    tensors: Vec<BoxTensors>,
    inside: HashMap<String, usize>,
}

/// All levels, the first one first, and then as one comes to them.
pub(super) fn all(
    graph: &ComputationGraph,
    views: &ViewOptions<'_>,
    program: Option<&Program>,
) -> Result<Vec<Level>, PageError> {
    let tree = &graph.fold().tree;
    let items = (0..tree.items.len()).filter(|&item| !matches!(tree.items[item].what, What::Operation(_)));
    let paths = items.map(|item| tree.path(item)).filter(|path| !path.is_empty()).collect();
    let mut search = Search { graph, views, program, paths, found: Vec::new(), known: HashMap::new() };
    let (view, tensors) = search.view(views)?;
    let path = tree.path(graph.find(&views.root)?);
    search.add(path, view, tensors);
    let mut next = 0;
    while next < search.found.len() {
        search.open(next)?;
        next += 1;
    }
    drawn(search.found)
}

struct Search<'a> {
    graph: &'a ComputationGraph,
    views: &'a ViewOptions<'a>,
    program: Option<&'a Program>,
    /// The paths of all that has an inside. Other keys are those of operations, inputs and outputs.
    paths: HashSet<String>,
    found: Vec<Found>,
    /// By path: the level of a scope, or none if a drawing of it would say nothing.
    known: HashMap<String, Option<usize>>,
}

impl Search<'_> {
    fn view(&self, options: &ViewOptions<'_>) -> Result<(View, Vec<BoxTensors>), ViewError> {
        match self.program {
            Some(program) => program.view(self.graph, options),
            None => Ok((self.graph.view(options)?, Vec::new())),
        }
    }

    fn add(&mut self, path: String, view: View, tensors: Vec<BoxTensors>) -> usize {
        let id = self.found.len();
        self.known.insert(path.clone(), Some(id));
        self.found.push(Found { path, view, tensors, inside: HashMap::new() });
        id
    }

    /// Finds the levels that the boxes of one lead to.
    fn open(&mut self, level: usize) -> Result<(), ViewError> {
        let boxes = self.found[level].view.boxes.iter().skip(1);
        let boxes: Vec<(String, String)> =
            boxes.map(|found| (found.key.clone(), found.label.clone())).collect();
        for (key, label) in boxes {
            if let Some(leads) = self.inside(&key, &label)?.filter(|&leads| leads != level) {
                self.found[level].inside.insert(key, leads);
            }
        }
        Ok(())
    }

    /// The level of what a box stands for, with the title that the box has. One in which there is but one box is that of
    /// this box.
    fn inside(&mut self, key: &str, label: &str) -> Result<Option<usize>, ViewError> {
        let mut passed = VecDeque::from([key.to_owned()]);
        let mut found = None;
        while let Some(path) = passed.back().filter(|&path| self.paths.contains(path)).cloned() {
            if let Some(&known) = self.known.get(&path) {
                found = known;
                break;
            }
            let (view, tensors) = self.view(&inner(self.views, &path, label))?;
            let mut boxes = view.boxes.iter().skip(1).filter(|found| !is_boundary(found));
            match (boxes.next(), boxes.next()) {
                (Some(_), Some(_)) => {
                    found = Some(self.add(path, view, tensors));
                    break;
                }
                (Some(only), None) if !passed.contains(&only.key) => passed.push_back(only.key.clone()),
                _ => break,
            }
        }
        self.known.extend(passed.into_iter().map(|path| (path, found)));
        Ok(found)
    }
}

/// The choices for the inside of a box: opened as far as it can be read, and else as the first.
fn inner<'a>(views: &'a ViewOptions<'a>, path: &str, title: &str) -> ViewOptions<'a> {
    ViewOptions {
        root: path.to_owned(),
        depth: None,
        open: Vec::new(),
        close: views.close.clone(),
        highlight: views.highlight.clone(),
        fold_repeats: views.fold_repeats,
        fold_add_norm: views.fold_add_norm,
        every_operation: views.every_operation,
        movement: views.movement,
        title: Some(title.to_owned()),
        description: None,
        labels: Box::new(|subject: &Subject<'_>| views.labels.style(subject)),
    }
}

fn is_boundary(found: &ViewBox) -> bool {
    matches!(found.kind, BoxKind::Input | BoxKind::Output)
}

fn drawn(found: Vec<Found>) -> Result<Vec<Level>, PageError> {
    let places: HashMap<String, usize> =
        found.iter().enumerate().map(|(id, level)| (level.path.clone(), id)).collect();
    let paths: Vec<String> = found.iter().map(|level| place(&level.path)).collect();
    let level = |(id, found): (usize, Found)| {
        let Found { path, view, tensors, inside } = found;
        let links = |found: &ViewBox| BoxLinks {
            down: inside.get(&found.key).map(|&level| format!("#{}", paths[level])),
            ..BoxLinks::default()
        };
        let options = |name: &str| DrawOptions::new(format!("level-{id}{name}")).legend(id == 0).links(links);
        let wide = draw(&view, &options("").columns(HIGH))?;
        let narrow = (wide.width > WIDE).then(|| draw(&view, &options("-narrow").narrow())).transpose()?;
        let above = above(&path, &places).into_iter().filter(|&level| level != id).collect();
        Ok(Level { path, above, wide, narrow, view, tensors, inside })
    };
    found.into_iter().enumerate().map(level).collect()
}

/// The levels of all scopes around a path, itself included; the first is around all.
fn above(path: &str, places: &HashMap<String, usize>) -> Vec<usize> {
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    let mut levels = vec![0];
    levels.extend(ends.filter_map(|end| places.get(&path[..end])).filter(|&&level| level != 0));
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_up_leads_over_what_has_a_level() {
        let places = [("", 0), ("a.0", 1), ("a.0/b/c", 2), ("a.0/b/c/d", 3)];
        let places = places.map(|(path, level)| (path.to_owned(), level)).into();
        assert_eq!(above("a.0/b/c/d", &places), [0, 1, 2, 3]);
        assert_eq!(above("a.0/x", &places), [0, 1]);
        assert_eq!(above("", &places), [0]);
    }
}
