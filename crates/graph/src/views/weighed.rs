//! From weights on a graph to weights on the boxes and edges of a view.

use std::collections::{BTreeSet, HashMap};

use super::builder::{Builder, Owner};
use super::depth;
use super::edges::Flow;
use super::ends::{Goal, Origin};
use super::labels::matches;
use super::nearest::{check_paths, nearest};
use super::options::ViewOptions;
use crate::fold::{Argument, What};
use crate::graph::ComputationGraph;
use crate::overlay::{Measured, Overlay, OverlayError, Spot};
use crate::program::{Node, Place};
use crate::view::{BoxId, View};

impl ComputationGraph {
    /// The view, and what was measured on its boxes and edges.
    ///
    /// # Errors
    ///
    /// If the view can't be made, a place is not there, a weight is not a number or not on its scale, or the tensors are those
    /// of a program that another graph was captured with.
    pub fn view_with_overlay(
        &self,
        options: &ViewOptions<'_>,
        measured: &Measured,
    ) -> Result<(View, Overlay), OverlayError> {
        let root = self.find(&options.root)?;
        check_paths(self, options)?;
        let spots = measured.checked()?;
        if let Some(program) = measured.program.filter(|&program| program != self.operation_count()) {
            let (graph, count) = (self.name().to_owned(), self.operation_count());
            return Err(OverlayError::OtherProgram { program, graph, count });
        }
        let (view, builder, flows) = self.built(options, root, depth::choose(self, options, root));
        let mut overlay = Overlay::new(&view, measured.scale().clone())?;
        let shown = Shown::new(self, &builder, &view, &flows);
        for (spot, weight) in spots {
            let Found { boxes, edges } = shown.find(spot)?;
            if boxes.is_empty() && edges.is_empty() {
                overlay.add_elsewhere();
            }
            boxes.into_iter().for_each(|id| overlay.add_to_box(id, weight));
            edges.into_iter().for_each(|edge| overlay.add_to_edge(edge, weight));
        }
        Ok((view, overlay))
    }
}

/// What stands for a place in a picture.
#[derive(Debug, Default)]
struct Found {
    boxes: BTreeSet<BoxId>,
    edges: BTreeSet<usize>,
}

/// What a path or a name may mean.
#[derive(Clone, Debug)]
enum Named {
    Box(BoxId),
    Operations(Vec<usize>),
    Input(usize),
    Output(usize),
}

struct Shown<'a> {
    graph: &'a ComputationGraph,
    builder: &'a Builder<'a>,
    view: &'a View,
    flows: &'a [Flow],
    /// The edges along which each tensor flows.
    carried: HashMap<Argument, Vec<usize>>,
    /// The places that have names, in the order in which a name is looked up.
    named: Vec<(String, Named)>,
    exactly: HashMap<String, Vec<usize>>,
}

impl<'a> Shown<'a> {
    fn new(graph: &'a ComputationGraph, builder: &'a Builder<'a>, view: &'a View, flows: &'a [Flow]) -> Self {
        let mut carried: HashMap<Argument, Vec<usize>> = HashMap::new();
        for (edge, flow) in flows.iter().enumerate() {
            let mut known = HashMap::new();
            for &tensor in &flow.tensors {
                is_from(builder, tensor, flow.origin, &mut known);
            }
            for (tensor, _) in known.into_iter().filter(|(_, is_from)| *is_from) {
                carried.entry(tensor).or_default().push(edge);
            }
        }
        let named = named(graph, builder, view);
        let mut exactly: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, (name, _)) in named.iter().enumerate() {
            exactly.entry(name.clone()).or_default().push(place);
        }
        Self { graph, builder, view, flows, carried, named, exactly }
    }

    fn find(&self, spot: &Spot) -> Result<Found, OverlayError> {
        let mut found = Found::default();
        match spot {
            Spot::Path(path) => {
                for named in self.look_up(path)? {
                    found.boxes.extend(self.boxes_of(named));
                }
            }
            &Spot::Operation(number) => {
                self.check_operation(number)?;
                found.boxes.extend(self.leaf(number));
            }
            &Spot::Result { operation, output } => {
                self.check_operation(operation)?;
                found.boxes.extend(self.leaf(operation));
                self.carry(Argument { place: Place::Operation(operation), output }, &mut found);
            }
            Spot::Input(name) => {
                let number = self.input(name).ok_or_else(|| self.unknown(name))?;
                self.carry(Argument { place: Place::Input(number), output: 0 }, &mut found);
            }
            Spot::Parameter(path) => found.boxes = self.readers(path)?,
            Spot::Edge(from, to) => found = self.between(from, to)?,
            Spot::Unseen(_) => {}
            Spot::Unknown { tensor, program } => {
                return Err(OverlayError::UnknownTensor { tensor: *tensor, program: program.clone() });
            }
        }
        Ok(found)
    }

    /// The edges along which a tensor flows. Inputs and outputs that stand for it have its weight, too.
    fn carry(&self, tensor: Argument, found: &mut Found) {
        for &edge in self.carried.get(&tensor).into_iter().flatten() {
            found.edges.insert(edge);
            let (Flow { origin, goal, .. }, ends) = (&self.flows[edge], &self.view.edges[edge]);
            found.boxes.extend((!matches!(origin, Origin::Leaf(_))).then_some(ends.from));
            found.boxes.extend((!matches!(goal, Goal::Leaf(_))).then_some(ends.to));
        }
    }

    /// What a path means: the first of these that there is. A box by its key; scopes, layers and operations, as patterns do;
    /// a span; an input or an output.
    fn look_up(&self, path: &str) -> Result<Vec<&Named>, OverlayError> {
        let places: Vec<&Named> =
            self.exactly.get(path).into_iter().flatten().map(|&place| &self.named[place].1).collect();
        if let Some(first) = places.first() {
            let alike = |named: &&&Named| std::mem::discriminant(**named) == std::mem::discriminant(*first);
            return Ok(places.iter().filter(alike).copied().collect());
        }
        let fits =
            |(name, named): &&(String, Named)| matches!(named, Named::Operations(_)) && matches(path, name);
        let places: Vec<&Named> = self.named.iter().filter(fits).map(|(_, named)| named).collect();
        if places.is_empty() { Err(self.unknown(path)) } else { Ok(places) }
    }

    fn unknown(&self, path: &str) -> OverlayError {
        let known: Vec<String> = self.named.iter().map(|(name, _)| name.clone()).collect();
        let graph = self.graph.name().to_owned();
        OverlayError::UnknownPath { path: path.to_owned(), graph, nearest: nearest(path, &known) }
    }

    /// The box or the frame that stands for what is named; each of its boxes, if no frame does.
    fn boxes_of(&self, named: &Named) -> BTreeSet<BoxId> {
        let leaves = self.leaves_of(named);
        let (Named::Operations(operations), true) = (named, leaves.len() > 1) else {
            return match named {
                Named::Box(id) => BTreeSet::from([*id]),
                _ => leaves,
            };
        };
        let is_outside = |&number: &usize| self.builder.owners[number] == Owner::Outside;
        let frame = self.frame_around(&leaves).filter(|_| !operations.iter().any(is_outside));
        match frame {
            // All of the picture is no box of it.
            Some(View::ROOT) => BTreeSet::new(),
            Some(frame) => BTreeSet::from([frame]),
            None => leaves,
        }
    }

    /// The innermost frame around these boxes, if there is nothing else in it.
    fn frame_around(&self, leaves: &BTreeSet<BoxId>) -> Option<BoxId> {
        let is_around = |frame: BoxId, leaf: BoxId| self.view.ancestors(leaf).any(|id| id == frame);
        let first = *leaves.first()?;
        let frame = self.view.ancestors(first).find(|&id| leaves.iter().all(|&leaf| is_around(id, leaf)))?;
        let mut inside =
            (0..self.view.boxes.len()).filter(|&id| self.view.is_leaf(id) && is_around(frame, id));
        let is_all = inside.all(|id| leaves.contains(&id) || self.view.boxes[id].operations == 0);
        is_all.then_some(frame)
    }

    /// The closed boxes that stand for what is named.
    fn leaves_of(&self, named: &Named) -> BTreeSet<BoxId> {
        let ends = |fits: &dyn Fn(&Flow) -> bool, from: bool| -> BTreeSet<BoxId> {
            let edges = self.flows.iter().zip(&self.view.edges).filter(|(flow, _)| fits(flow));
            edges.map(|(_, edge)| if from { edge.from } else { edge.to }).collect()
        };
        match named {
            &Named::Box(id) => {
                let is_inside = |&leaf: &BoxId| self.view.ancestors(leaf).any(|around| around == id);
                (0..self.view.boxes.len()).filter(|&id| self.view.is_leaf(id)).filter(is_inside).collect()
            }
            Named::Operations(operations) => operations.iter().filter_map(|&n| self.leaf(n)).collect(),
            &Named::Input(input) => ends(&|flow| flow.origin == Origin::Input(input), true),
            &Named::Output(output) => ends(&|flow| flow.goal == Goal::Output(output), false),
        }
    }

    /// The closed box that stands for an operation.
    fn leaf(&self, operation: usize) -> Option<BoxId> {
        match self.builder.owners[operation] {
            Owner::Leaf(id) => Some(id),
            Owner::Outside | Owner::Hidden(_) | Owner::Bridged(_) => None,
        }
    }

    fn between(&self, from: &str, to: &str) -> Result<Found, OverlayError> {
        let leaves = |path: &str| -> Result<BTreeSet<BoxId>, OverlayError> {
            Ok(self.look_up(path)?.into_iter().flat_map(|named| self.leaves_of(named)).collect())
        };
        let (sources, targets) = (leaves(from)?, leaves(to)?);
        let fits = |&edge: &usize| {
            let edge = &self.view.edges[edge];
            sources.contains(&edge.from) && targets.contains(&edge.to)
        };
        let edges: BTreeSet<usize> = (0..self.view.edges.len()).filter(fits).collect();
        let both = || sources.intersection(&targets).copied().collect();
        let boxes: BTreeSet<BoxId> = if edges.is_empty() { both() } else { BTreeSet::new() };
        if edges.is_empty() && boxes.is_empty() && !sources.is_empty() && !targets.is_empty() {
            let graph = self.graph.name().to_owned();
            return Err(OverlayError::NoEdge { from: from.to_owned(), to: to.to_owned(), graph });
        }
        Ok(Found { boxes, edges })
    }

    /// The boxes that read a parameter, be it through a reshape that is not shown.
    fn readers(&self, path: &str) -> Result<BTreeSet<BoxId>, OverlayError> {
        let program = self.builder.program;
        let is_there = |paths: &[String]| paths.iter().any(|known| known == path);
        let Some(number) = program.parameters().position(|parameter| is_there(&parameter.paths)) else {
            let known: Vec<String> =
                program.parameters().flat_map(|parameter| parameter.paths.clone()).collect();
            let (path, graph) = (path.to_owned(), self.graph.name().to_owned());
            let nearest = nearest(&path, &known);
            return Err(OverlayError::UnknownParameter { path, graph, nearest });
        };
        let mut found = BTreeSet::new();
        let mut open = self.builder.wiring.readers[number].clone();
        while let Some(reader) = open.pop() {
            match self.builder.owners[reader] {
                Owner::Leaf(id) => _ = found.insert(id),
                Owner::Bridged(_) => open.extend(&self.builder.wiring.users[reader]),
                Owner::Outside | Owner::Hidden(_) => {}
            }
        }
        Ok(found)
    }

    fn input(&self, name: &str) -> Option<usize> {
        self.named.iter().find_map(|(known, named)| match named {
            &Named::Input(input) if known == name => Some(input),
            _ => None,
        })
    }

    fn check_operation(&self, operation: usize) -> Result<(), OverlayError> {
        let (graph, count) = (self.graph.name().to_owned(), self.graph.operation_count());
        match operation < count {
            true => Ok(()),
            false => Err(OverlayError::UnknownOperation { operation, graph, count }),
        }
    }
}

/// Whether a tensor comes from there, be it through operations that are not shown. What was found out of all tensors on the
/// way is kept in `known`.
fn is_from(
    builder: &Builder<'_>,
    tensor: Argument,
    origin: Origin,
    known: &mut HashMap<Argument, bool>,
) -> bool {
    if let Some(&known) = known.get(&tensor) {
        return known;
    }
    let found = match tensor.place {
        Place::Input(input) => origin == Origin::Input(input),
        Place::Parameter(_) | Place::Output(_) => false,
        Place::Operation(number) => match builder.owners[number] {
            Owner::Leaf(id) => origin == Origin::Leaf(id),
            Owner::Outside => origin == Origin::Outside(number, tensor.output),
            Owner::Hidden(_) => false,
            Owner::Bridged(_) => {
                let behind = builder.wiring.arguments[number].iter();
                // All of them, and not only as far as the first.
                behind.filter(|&&argument| is_from(builder, argument, origin, known)).count() > 0
            }
        },
    };
    known.insert(tensor, found);
    found
}

/// All that has a name: boxes by their keys, what the program is folded into, spans, inputs and outputs.
fn named(graph: &ComputationGraph, builder: &Builder<'_>, view: &View) -> Vec<(String, Named)> {
    let tree = builder.tree;
    let boxes = view.boxes.iter().enumerate().skip(1);
    let mut named: Vec<(String, Named)> =
        boxes.map(|(id, found)| (found.key.clone(), Named::Box(id))).collect();
    let items = (1..tree.items.len()).filter(|&item| !tree.path(item).is_empty());
    named.extend(items.map(|item| {
        let operations = match tree.items[item].what {
            What::Operation(number) => vec![number],
            _ => tree.operations(item),
        };
        (tree.path(item), Named::Operations(operations))
    }));
    let known: BTreeSet<&String> = named.iter().map(|(name, _)| name).collect();
    let mut more: Vec<(String, Named)> = Vec::new();
    for scope in 1..graph.scopes().len() {
        let path = graph.path(scope);
        if !known.contains(&path) {
            more.push((path, Named::Operations(graph.operations_in(scope))));
        }
    }
    let (mut inputs, mut outputs) = (0, 0);
    for node in graph.nodes() {
        match node {
            Node::Input(boundary) => {
                more.push((boundary.name.clone(), Named::Input(inputs)));
                inputs += 1;
            }
            Node::Output(boundary) => {
                more.push((boundary.name.clone(), Named::Output(outputs)));
                outputs += 1;
            }
            Node::Operation(_) | Node::Parameter(_) => {}
        }
    }
    named.extend(more);
    named
}
