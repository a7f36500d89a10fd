//! From a graph to a [`View`].

use super::builder::{Builder, Opening, Owner};
use super::depth;
use super::edges::Flow;
use super::labels::matches;
use super::nearest::check_paths;
use super::options::ViewOptions;
use super::roles;
use crate::digits::times;
use crate::error::ViewError;
use crate::fold::{ItemId, Tree, What};
use crate::graph::ComputationGraph;
use crate::view::{BoxId, BoxKind, View, ViewBox, ViewEdge};

impl ComputationGraph {
    /// What a diagram of this graph, or of one of its scopes, shows.
    ///
    /// # Errors
    ///
    /// If no scope matches the root's path, or nothing one that is to be opened, closed or highlighted.
    pub fn view(&self, options: &ViewOptions<'_>) -> Result<View, ViewError> {
        self.view_with_owners(options).map(|(view, _)| view)
    }

    /// The view, and for each operation the box that stands for it: the root's own operations alone have one. For an
    /// operation that is not shown it is the open box around it.
    ///
    /// # Errors
    ///
    /// If no scope matches the root's path, or nothing one that is to be opened, closed or highlighted.
    pub fn view_with_owners(
        &self,
        options: &ViewOptions<'_>,
    ) -> Result<(View, Vec<Option<BoxId>>), ViewError> {
        let root = self.find(&options.root)?;
        check_paths(self, options)?;
        Ok(self.opened(options, root, depth::choose(self, options, root)))
    }

    /// The same for one of two graphs that are shown alike: opened `depth` levels deep, unless the options say more.
    pub(crate) fn view_of_depth(
        &self,
        options: &ViewOptions<'_>,
        depth: usize,
    ) -> Result<(View, Vec<Option<BoxId>>), ViewError> {
        let root = self.find(&options.root)?;
        check_paths(self, options)?;
        Ok(self.opened(options, root, Opening::levels(options.depth.unwrap_or(depth))))
    }

    /// How many levels can be opened as a whole, so that the picture can be read; as many as the options say, if they do.
    pub(crate) fn readable_depth(&self, options: &ViewOptions<'_>) -> Result<usize, ViewError> {
        Ok(depth::whole_levels(self, options, self.find(&options.root)?))
    }

    fn opened(
        &self,
        options: &ViewOptions<'_>,
        root: ItemId,
        opening: Opening,
    ) -> (View, Vec<Option<BoxId>>) {
        let (view, builder, _) = self.built(options, root, opening);
        let owners = builder.owners.iter().map(|owner| match *owner {
            Owner::Outside => None,
            Owner::Leaf(id) | Owner::Hidden(id) | Owner::Bridged(id) => Some(id),
        });
        (view, owners.collect())
    }

    /// The view with what it was built of, and what each of its edges stands for.
    pub(super) fn built<'a>(
        &'a self,
        options: &'a ViewOptions<'a>,
        root: ItemId,
        opening: Opening,
    ) -> (View, Builder<'a>, Vec<Flow>) {
        let mut builder = Builder::new(self, options, root, opening);
        builder.boxes_of(root);
        let (edges, around) = builder.edges(root);
        let (edges, mut flows): (Vec<_>, Vec<_>) = edges.into_iter().unzip();
        let mut view = finished(&mut builder, edges);
        roles::assign(&mut view);
        // What closes a circle skips nothing.
        for (edge, flow) in around {
            view.edges.push(edge);
            flows.push(flow);
        }
        (view, builder, flows)
    }

    /// The first scope that matches a path.
    pub(crate) fn find(&self, path: &str) -> Result<ItemId, ViewError> {
        find_root(self, path)
    }
}

fn find_root(graph: &ComputationGraph, path: &str) -> Result<ItemId, ViewError> {
    let tree = &graph.fold().tree;
    if let Some(item) = at(tree, path) {
        return Ok(item);
    }
    let mut level: Vec<ItemId> = vec![Tree::ROOT];
    let mut open = vec![Tree::ROOT];
    // Depth first, in program order, so that a path without numbers means the first.
    while let Some(item) = open.pop() {
        if matches(path, &tree.path(item)) && !matches!(tree.items[item].what, What::Operation(_)) {
            return Ok(item);
        }
        open.extend(tree.items[item].children.iter().rev());
    }
    // Say what there is where the path goes astray.
    let parts: Vec<&str> = path.split('/').collect();
    for end in 1..parts.len() {
        let prefix = parts[..end].join("/");
        let deeper = (0..tree.items.len()).find(|&item| matches(&prefix, &tree.path(item)));
        match deeper {
            Some(item) => level = vec![item],
            None => break,
        }
    }
    let children = level.iter().flat_map(|&item| &tree.items[item].children);
    let scopes = children.filter(|&&child| !matches!(tree.items[child].what, What::Operation(_)));
    let mut candidates: Vec<_> = scopes.map(|&child| tree.path(child)).collect();
    candidates.truncate(12);
    Err(ViewError::UnknownScope { path: path.to_owned(), graph: graph.name().to_owned(), candidates })
}

/// The scope with exactly that path, found without looking at all others.
fn at(tree: &Tree, path: &str) -> Option<ItemId> {
    let step = |item: ItemId, part: &str| {
        let found = |&&child: &&ItemId| {
            tree.key(child) == part && !matches!(tree.items[child].what, What::Operation(_))
        };
        tree.items[item].children.iter().find(found).copied()
    };
    path.split('/').filter(|part| !part.is_empty()).try_fold(Tree::ROOT, step)
}

/// The view of what was built.
fn finished(builder: &mut Builder<'_>, edges: Vec<ViewEdge>) -> View {
    let (options, boxes) = (builder.options, std::mem::take(&mut builder.boxes));
    let title = options.title.clone().unwrap_or_else(|| boxes[View::ROOT].label.clone());
    let description = options.description.clone().unwrap_or_else(|| sentence(&title, &boxes));
    View { title, description, boxes, edges }
}

/// A sentence for who can't see the diagram.
fn sentence(title: &str, boxes: &[ViewBox]) -> String {
    let of_kind = |kind: BoxKind| -> Vec<&str> {
        boxes.iter().filter(|b| b.kind == kind).map(|b| b.label.as_str()).collect()
    };
    let inner = boxes[View::ROOT].children.iter().map(|&id| &boxes[id]);
    let mut steps: Vec<String> = Vec::new();
    for step in inner.filter(|b| !matches!(b.kind, BoxKind::Input | BoxKind::Output)) {
        let text = match step.repeat {
            1 => step.label.clone(),
            n => format!("{} ({})", step.label, times(n)),
        };
        if steps.last() != Some(&text) {
            steps.push(text);
        }
    }
    let (inputs, outputs) = (of_kind(BoxKind::Input), of_kind(BoxKind::Output));
    let mut text = title.to_owned();
    if !inputs.is_empty() {
        text += &format!(" takes {}", inputs.join(", "));
    }
    if !outputs.is_empty() {
        text += &format!("{} gives {}", if inputs.is_empty() { "" } else { " and" }, outputs.join(", "));
    }
    match steps.len() {
        0 => text + ".",
        1..=12 => format!("{text}. Inside: {}.", steps.join(", ")),
        more => format!("{text}. Inside: {}, and {} more.", steps[..12].join(", "), more - 12),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captured::{Boundary, Captured, Counts, Node, Scope, Slots};
    use crate::fold::{FOLDS, Pattern};
    use crate::operation::{Axis, Operation, TensorType};
    use petgraph::graph::DiGraph;

    /// `y = exp(x)`.
    fn exponential() -> ComputationGraph {
        let tensor = TensorType { axes: vec![Axis { size: 3, symbol: None }], dtype: "f32".into() };
        let boundary = |name: &str| Boundary { name: name.into(), tensor: tensor.clone() };
        let exp = Operation {
            kind: "exp".into(),
            attributes: Vec::new(),
            inputs: vec![tensor.clone()],
            outputs: vec![tensor.clone()],
            data: None,
            source: None,
            calls: Vec::new(),
        };
        let mut graph = DiGraph::new();
        let nodes = [Node::Input(boundary("x")), Node::Operation(exp), Node::Output(boundary("y"))];
        let [x, exp, y] = nodes.map(|node| graph.add_node(node));
        graph.add_edge(x, exp, Slots { output: 0, input: 0 });
        graph.add_edge(exp, y, Slots { output: 0, input: 0 });
        let root = Scope {
            name: "exponential".into(),
            index: None,
            source: None,
            called_at: None,
            calls: Vec::new(),
            parent: None,
            children: Vec::new(),
            operations: vec![0],
        };
        ComputationGraph::new(Captured {
            name: "exponential".into(),
            graph,
            counts: Counts { inputs: 1, parameters: 0, operations: 1, outputs: 1 },
            scopes: vec![root],
            scope_of: vec![0],
        })
    }

    #[test]
    fn a_graph_is_folded_once() {
        FOLDS.set(0);
        let graph = exponential();
        assert_eq!((graph.count("exp"), FOLDS.get()), (1, 0), "counting operations needs no fold");
        let first = graph.view(&ViewOptions::new()).unwrap();
        assert_eq!((first.boxes.len(), FOLDS.get()), (4, 1));
        assert_eq!(graph.view(&ViewOptions::new()).unwrap(), first);
        assert!(graph.outline().contains("exp [3]"), "{}", graph.outline());
        assert_eq!((graph.recognised(Pattern::Linear), graph.residual_additions()), (0, 0));
        assert_eq!(graph.clone().view(&ViewOptions::new().depth(2)).unwrap(), first);
        assert_eq!(FOLDS.get(), 1, "views, counts, the outline and a clone share one fold");
    }
}
