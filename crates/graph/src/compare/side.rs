//! One of two graphs, with what the alignment asks of it.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::captured::{Captured, Place};
use crate::fold::{Argument, Fold, ItemId, Pattern, Tree, What, Wiring};
use crate::graph::ComputationGraph;
use crate::operation::{Operation, TensorType};

/// One of two graphs, or a scope of it.
#[derive(Debug)]
pub(super) struct Side<'a> {
    pub(super) graph: &'a ComputationGraph,
    pub(super) captured: &'a Captured,
    pub(super) wiring: &'a Wiring,
    pub(super) tree: &'a Tree,
    pub(super) root: ItemId,
    /// The operations below the root, in program order.
    pub(super) operations: Vec<usize>,
    /// Whether each operation is below the root.
    pub(super) inside: Vec<bool>,
    /// What is known of the items below the root.
    summaries: HashMap<ItemId, Summary<'a>>,
    /// The operations below the root that read each result.
    readers: HashMap<Argument, Vec<usize>>,
}

/// What is in an item.
#[derive(Clone, Debug, Default)]
struct Summary<'a> {
    /// Equal for items with the same names, operations, attributes and shapes.
    hash: u64,
    /// How many operations there are of each kind.
    kinds: BTreeMap<&'a str, u32>,
    /// What the paths of the parameters share, without the parameter's own name.
    module: Option<Vec<&'a str>>,
    /// The same without the numbers of layers: where they stand is no name.
    named: Option<String>,
}

impl<'a> Side<'a> {
    pub(super) fn new(graph: &'a ComputationGraph, root: ItemId) -> Self {
        let Fold { wiring, tree, .. } = graph.fold();
        let captured = graph.captured();
        let mut operations = tree.operations(root);
        operations.sort_unstable();
        let mut inside = vec![false; captured.operation_count()];
        operations.iter().for_each(|&number| inside[number] = true);
        let mut readers: HashMap<Argument, Vec<usize>> = HashMap::new();
        for &number in &operations {
            for &argument in &wiring.arguments[number] {
                readers.entry(argument).or_default().push(number);
            }
        }
        let mut side = Self {
            graph,
            captured,
            wiring,
            tree,
            root,
            operations,
            inside,
            summaries: HashMap::new(),
            readers,
        };
        side.summarise();
        side
    }

    fn summarise(&mut self) {
        let (mut order, mut open) = (Vec::new(), vec![self.root]);
        while let Some(item) = open.pop() {
            order.push(item);
            open.extend(&self.tree.items[item].children);
        }
        for &item in order.iter().rev() {
            let mut summary = match self.tree.items[item].what {
                What::Operation(number) => self.of_operation(number),
                _ => self.of_children(item),
            };
            summary.named = summary.module.as_ref().map(|module| {
                let named = module.iter().filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit()));
                named.copied().collect::<Vec<_>>().join(".")
            });
            self.summaries.insert(item, summary);
        }
    }

    fn of_operation(&self, number: usize) -> Summary<'a> {
        let Operation { kind, attributes, outputs, .. } = self.captured.operation(number);
        let mut hasher = DefaultHasher::new();
        (kind, attributes).hash(&mut hasher);
        outputs.iter().for_each(|tensor| sizes(tensor).hash(&mut hasher));
        for parameter in self.wiring.parameters(number) {
            sizes(&self.captured.parameter(parameter).tensor).hash(&mut hasher);
        }
        let module = self.parameter_path(number).map(|path| {
            let mut parts: Vec<&str> = path.split('.').collect();
            parts.pop();
            parts
        });
        Summary { hash: hasher.finish(), kinds: BTreeMap::from([(kind.as_str(), 1)]), module, named: None }
    }

    fn of_children(&self, item: ItemId) -> Summary<'a> {
        let mut hasher = DefaultHasher::new();
        self.name(item).hash(&mut hasher);
        let mut whole = Summary::default();
        for child in self.children(item) {
            let Some(part) = self.summaries.get(child) else { continue };
            part.hash.hash(&mut hasher);
            part.kinds.iter().for_each(|(&kind, &count)| *whole.kinds.entry(kind).or_default() += count);
            let Some(module) = &part.module else { continue };
            whole.module = Some(match &whole.module {
                None => module.clone(),
                Some(known) => {
                    known.iter().zip(module).take_while(|(a, b)| a == b).map(|(part, _)| *part).collect()
                }
            });
        }
        whole.hash = hasher.finish();
        whole
    }

    pub(super) fn children(&self, item: ItemId) -> &'a [ItemId] {
        &self.tree.items[item].children
    }

    /// The name of a scope without its number; what is recognised counts by what it is.
    pub(super) fn name(&self, item: ItemId) -> &'a str {
        match self.tree.items[item].what {
            What::Pattern(pattern) => pattern.label(),
            _ => &self.tree.items[item].name,
        }
    }

    pub(super) fn operation(&self, number: usize) -> &'a Operation {
        self.captured.operation(number)
    }

    /// The operation that an item is, if it is one.
    pub(super) fn as_operation(&self, item: ItemId) -> Option<usize> {
        match self.tree.items[item].what {
            What::Operation(number) => Some(number),
            _ => None,
        }
    }

    /// The linear layer that an operation is a part of.
    pub(super) fn linear(&self, number: usize) -> Option<ItemId> {
        let parent = self.tree.items[self.tree.leaves[number]].parent?;
        let item = &self.tree.items[parent];
        let is_linear =
            item.what == What::Pattern(Pattern::Linear) || item.recognised == Some(Pattern::Linear);
        is_linear.then_some(parent)
    }

    /// The operations of an item in program order.
    pub(super) fn members(&self, item: ItemId) -> Vec<usize> {
        let mut members = self.tree.operations(item);
        members.sort_unstable();
        members
    }

    pub(super) fn hash(&self, item: ItemId) -> u64 {
        self.summaries.get(&item).map_or(0, |summary| summary.hash)
    }

    /// The module whose parameters are in an item, without the numbers of its layers.
    pub(super) fn module(&self, item: ItemId) -> Option<&str> {
        self.summaries.get(&item)?.named.as_deref()
    }

    /// How many operations of the same kinds are in both items, and how many are in the larger one.
    pub(super) fn in_common(&self, item: ItemId, other: &Side<'_>, twin: ItemId) -> (u32, u32) {
        let (Some(a), Some(b)) = (self.summaries.get(&item), other.summaries.get(&twin)) else {
            return (0, 0);
        };
        let common = a.kinds.iter().map(|(kind, &n)| b.kinds.get(kind).map_or(0, |&m| n.min(m))).sum();
        (common, a.kinds.values().sum::<u32>().max(b.kinds.values().sum()))
    }

    /// The path of the first parameter that an operation reads.
    pub(super) fn parameter_path(&self, number: usize) -> Option<&'a str> {
        let parameter = self.wiring.parameters(number).next()?;
        self.captured.parameter(parameter).paths.first().map(String::as_str)
    }

    /// The operation below the root that gives an argument.
    pub(super) fn source(&self, argument: Argument) -> Option<usize> {
        match argument.place {
            Place::Operation(source) if self.inside[source] => Some(source),
            _ => None,
        }
    }

    /// The operations below the root that read a result.
    pub(super) fn readers(&self, argument: Argument) -> &[usize] {
        self.readers.get(&argument).map_or(&[], Vec::as_slice)
    }

    /// The type of an argument.
    pub(super) fn tensor(&self, argument: Argument) -> Option<&'a TensorType> {
        self.captured.tensor(self.captured.node(argument.place), argument.output)
    }
}

/// What of a type makes a difference: sizes and dtype, not what the axes are called.
pub(super) fn sizes(tensor: &TensorType) -> (Vec<usize>, &str) {
    (tensor.axes.iter().map(|axis| axis.size).collect(), &tensor.dtype)
}
