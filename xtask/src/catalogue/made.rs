//! The lines of code that made each box.

use std::collections::{BTreeSet, HashMap};

use anyhow::Result;
use graph::view::{BoxId, Source, View};
use graph::{ComputationGraph, ViewOptions};

/// A box of a diagram, and the code that made it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Made {
    /// As in the picture.
    pub(crate) key: String,
    pub(crate) label: String,
    /// The lines of what it stands for itself; of a frame, without those of the boxes in it.
    pub(crate) own: BTreeSet<Source>,
    /// With those of the boxes in it.
    pub(crate) all: BTreeSet<Source>,
}

/// The boxes of a view. A line has made a box if an operation of the box came from it, by the calls between, too: from the
/// function of the frame around the box down to the operation.
pub(super) fn boxes(graph: &ComputationGraph, options: &ViewOptions<'_>, before: &str) -> Result<Vec<Made>> {
    let (view, owners) = graph.view_with_owners(options)?;
    let scopes = Scopes::of(graph);
    let mut own: Vec<BTreeSet<Source>> = vec![BTreeSet::new(); view.boxes.len()];
    for (number, owner) in owners.iter().enumerate() {
        let Some(id) = *owner else { continue };
        let around = scopes.around(&view, if view.is_leaf(id) { view.boxes[id].parent } else { Some(id) });
        let scope = graph.scope_of(number);
        // The copies of a frame were made by the lines of the first.
        if is_within(&scopes.paths[scope], around) {
            let operation = graph.operation(number);
            own[id].extend(operation.calls.iter().chain(&operation.source).cloned());
            own[id].extend(scopes.calls(scope, around));
        }
    }
    for (id, found) in view.boxes.iter().enumerate().skip(1).filter(|(_, found)| found.operations > 0) {
        own[id].extend(found.source.clone());
        if let Some(&scope) = scopes.numbers.get(&found.key) {
            own[id].extend(scopes.calls(scope, scopes.around(&view, found.parent)));
        }
    }
    let mut all = own.clone();
    for id in (1..all.len()).rev() {
        if let Some(parent) = view.boxes[id].parent {
            let lines = all[id].clone();
            all[parent].extend(lines);
        }
    }
    let made = view.boxes.iter().zip(own).zip(all).skip(1);
    let made = made.map(|((found, own), all)| {
        let key = format!("{before}{}", found.key);
        Made { key, label: found.label.clone(), own, all }
    });
    Ok(made.collect())
}

/// The scopes of a graph, by their paths.
struct Scopes<'a> {
    graph: &'a ComputationGraph,
    paths: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl<'a> Scopes<'a> {
    fn of(graph: &'a ComputationGraph) -> Self {
        let paths: Vec<String> = (0..graph.scopes().len()).map(|scope| graph.path(scope)).collect();
        let numbers = paths.iter().cloned().zip(0..).collect();
        Self { graph, paths, numbers }
    }

    /// The path of the innermost scope that is a frame of the picture, from that one outwards; that of everything if
    /// there is none.
    fn around(&self, view: &View, frame: Option<BoxId>) -> &str {
        let mut frames = frame.into_iter().flat_map(|frame| view.ancestors(frame));
        let scope = frames.find_map(|frame| self.numbers.get(&view.boxes[frame].key));
        scope.map_or("", |&scope| &self.paths[scope])
    }

    /// The lines that led to the scope and to those around it, up to the function of a frame.
    fn calls(&self, scope: usize, around: &str) -> impl Iterator<Item = Source> {
        let scopes = std::iter::successors(Some(scope), |&scope| self.graph.scopes()[scope].parent);
        let inside = scopes.take_while(|&scope| !is_within(around, &self.paths[scope]));
        inside.flat_map(|scope| {
            let scope = &self.graph.scopes()[scope];
            scope.calls.iter().chain(&scope.called_at).cloned()
        })
    }
}

/// Whether a path is another, or leads on from it.
pub(super) fn is_within(path: &str, around: &str) -> bool {
    around.is_empty()
        || path.strip_prefix(around).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::{Graphs, Rendered, render_all};

    fn lines(found: &BTreeSet<Source>) -> Vec<String> {
        let name = |source: &Source| source.file.rsplit('/').next().unwrap_or_default().to_owned();
        found.iter().map(|source| format!("{}:{}", name(source), source.line)).collect()
    }

    fn find<'a>(rendered: &'a [Rendered], id: &str, key: &str) -> &'a Made {
        let diagram = rendered.iter().find(|diagram| diagram.id == id).unwrap();
        diagram.boxes.iter().find(|made| made.key.ends_with(key)).unwrap()
    }

    #[test]
    fn what_was_done_has_lines_and_what_was_given_has_none() {
        let rendered = render_all(&Graphs::new().unwrap()).unwrap();
        // Burn's own encoder has no lines of ours.
        for diagram in rendered.iter().filter(|diagram| diagram.id != "relu-against-gelu") {
            let drawn = diagram.svg.split(" data-key=\"").skip(1).filter_map(|part| part.split('"').next());
            for key in drawn.map(|key| key.replace("&amp;", "&")) {
                assert!(diagram.boxes.iter().any(|made| made.key == key), "{key} in {}", diagram.id);
            }
            for made in &diagram.boxes {
                let given = ["input:", "output:"]
                    .iter()
                    .any(|side| made.key.trim_start_matches("after:").starts_with(side));
                assert_eq!(made.all.is_empty(), given, "{} in {}", made.key, diagram.id);
                assert!(made.all.is_superset(&made.own), "{} in {}", made.key, diagram.id);
            }
        }
        // An operation: the line that made it.
        let scores = find(&rendered, "scaled-dot-product-attention", "attention/matmul.0");
        let softmax = find(&rendered, "scaled-dot-product-attention", "/softmax");
        assert_eq!((lines(&scores.all).len(), lines(&softmax.all).len()), (1, 1));
        assert!(scores.all < softmax.all, "{scores:?} {softmax:?}");
        // A closed box: all of its inside.
        let attention = find(&rendered, "transformer", "stack/layer.0/sublayer.0/multi_head_attention");
        assert!(attention.all.is_superset(&scores.all), "{attention:?}");
        assert_eq!(attention.own, attention.all);
        // A frame: what is in its boxes is theirs.
        let layer = find(&rendered, "transformer", "stack/layer.0");
        assert!(layer.all.is_superset(&attention.all), "{layer:?}");
        assert!(layer.own.is_disjoint(&scores.all), "{layer:?}");
        assert!(lines(&layer.own).iter().any(|line| line.starts_with("stack.rs")), "{layer:?}");
    }

    #[test]
    fn what_is_called_by_way_of_others_lights_up_the_line_that_began_it() {
        let rendered = render_all(&Graphs::new().unwrap()).unwrap();
        // `Sublayer::forward`, which has no span, calls `attend`, which has.
        for (at, line) in
            [("sublayer.0/add_norm", ".attend(x, |x|"), ("sublayer.1/add_norm", ".forward(x, |x|")]
        {
            let made = find(&rendered, "encoder-layer", at);
            let code = |source: &Source| {
                let text = std::fs::read_to_string(crate::paths::root().join(&source.file)).unwrap();
                text.lines().nth(source.line as usize - 1).unwrap_or_default().to_owned()
            };
            let of_stack = |source: &&Source| source.file.ends_with("stack.rs");
            assert!(made.own.iter().filter(of_stack).any(|source| code(source).contains(line)), "{made:?}");
        }
    }

    #[test]
    fn an_inner_picture_knows_its_place_in_the_whole() {
        let rendered = render_all(&Graphs::new().unwrap()).unwrap();
        let place = |id: &str| {
            let diagram = rendered.iter().find(|diagram| diagram.id == id).unwrap();
            diagram.place.as_ref().map(|place| (place.whole.as_str(), place.keys.clone()))
        };
        let (whole, keys) = place("scaled-dot-product-attention").unwrap();
        assert_eq!((whole, keys.len()), ("transformer", 1));
        assert!(keys[0].ends_with("stack/layer.0/sublayer.0/multi_head_attention"), "{keys:?}");
        assert!(place("encoder-layer").unwrap().1.len() > 4, "{:?}", place("encoder-layer"));
        assert!(place("transformer").is_none() && place("pre-norm-against-post-norm").is_none());
    }

    #[test]
    fn paths_end_at_their_parts() {
        assert!(is_within("a/b", "a") && is_within("a", "a") && is_within("a", ""));
        assert!(!is_within("ab", "a") && !is_within("a", "a/b"));
    }
}
