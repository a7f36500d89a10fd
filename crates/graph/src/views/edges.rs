//! Which boxes data flows between.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::builder::{Builder, Owner};
use super::ends::{Goal, Origin};
use super::labels::Visibility;
use crate::fold::{Argument, ItemId, Tree};
use crate::program::Place;
use crate::view::{BoxId, BoxKind, EdgeRole, View, ViewEdge};

/// Where data comes from, with the operation behind it if that is below the root.
type Sources = Rc<Vec<(Origin, Option<usize>)>>;

/// What flows along an edge.
#[derive(Default)]
struct Carried {
    tensors: Vec<Argument>,
    /// The operations that read it, with which of the tensors; of equal layers, those of the first.
    users: BTreeSet<(usize, usize)>,
}

impl Carried {
    fn take(&mut self, argument: Argument, user: Option<usize>) {
        let tensor = self.tensors.iter().position(|&known| known == argument).unwrap_or_else(|| {
            self.tensors.push(argument);
            self.tensors.len() - 1
        });
        self.users.extend(user.map(|user| (user, tensor)));
    }
}

#[derive(Default)]
struct Collected {
    edges: BTreeMap<(Origin, Goal), Carried>,
    /// What the steps of a recurrence hand on to the next.
    around: BTreeMap<(BoxId, BoxId), Carried>,
    /// Origins behind operations that are bridged.
    bridged: HashMap<usize, Sources>,
}

/// What an edge stands for.
pub(super) struct Flow {
    pub(super) origin: Origin,
    pub(super) goal: Goal,
    /// As its target reads it.
    pub(super) tensors: Vec<Argument>,
}

/// Edges with what each stands for.
pub(super) type Flows = Vec<(ViewEdge, Flow)>;

impl Builder<'_> {
    /// Edges between leaves, and those on which the steps of a recurrence lead their state around. Adds boxes for inputs
    /// and outputs.
    pub(super) fn edges(&mut self, root: ItemId) -> (Flows, Flows) {
        let mut inside = self.tree.operations(root);
        inside.sort_unstable();
        let mut collected = Collected::default();
        for &number in &inside {
            if let Owner::Leaf(target) = self.owners[number] {
                for &argument in &self.wiring.arguments[number] {
                    self.connect(argument, number, Goal::Leaf(target), &mut collected);
                }
            }
            for (goal, argument) in self.leaving(number) {
                self.connect(argument, number, goal, &mut collected);
            }
        }
        self.pass_through(&mut collected);
        let order = self.reading_order(&inside);
        let edges = self.draw(collected.edges, &order);
        let around = collected.around.into_iter().map(|((from, to), carried)| {
            let edge = self.edge(from, to, &carried);
            (edge, Flow { origin: Origin::Leaf(from), goal: Goal::Leaf(to), tensors: carried.tensors })
        });
        (edges, around.collect())
    }

    /// Declared outputs that are inputs: nothing is done to them, but they are there.
    fn pass_through(&self, collected: &mut Collected) {
        if self.root != Tree::ROOT {
            return;
        }
        for edge in self.program.edges() {
            if let (place @ Place::Input(input), Place::Output(output)) =
                (self.program.place(edge.from), self.program.place(edge.to))
            {
                let flow = collected.edges.entry((Origin::Input(input), Goal::Output(output))).or_default();
                flow.tensors.push(Argument { place, output: 0 });
            }
        }
    }

    /// What comes from outside of the root, in the order in which results are written down: an operation's first
    /// argument with all that it needs comes before its second, so that the query of `Q K^T` comes before the key.
    fn reading_order(&self, inside: &[usize]) -> HashMap<Origin, usize> {
        let mut order = HashMap::new();
        let mut seen = HashSet::new();
        let mut stack: Vec<Argument> = Vec::new();
        for &number in inside.iter().filter(|&&number| !self.leaving(number).is_empty()) {
            stack.push(Argument { place: Place::Operation(number), output: 0 });
            while let Some(argument) = stack.pop() {
                let next = order.len();
                match argument.place {
                    Place::Operation(number) if self.owners[number] == Owner::Outside => {
                        order.entry(Origin::Outside(number, argument.output)).or_insert(next);
                    }
                    Place::Operation(number) if seen.insert(number) => {
                        stack.extend(self.wiring.arguments[number].iter().rev());
                    }
                    _ => {}
                }
            }
        }
        order
    }

    /// Adds the edges that end at `goal` for an argument of operation `user`.
    fn connect(&self, argument: Argument, user: usize, goal: Goal, collected: &mut Collected) {
        for &(origin, source) in self.sources(argument, collected).iter() {
            let same = matches!((origin, goal), (Origin::Leaf(a), Goal::Leaf(b)) if a == b);
            let ends_here = matches!(goal, Goal::Leaf(_));
            let run = source.filter(|_| ends_here).and_then(|source| self.between_copies(source, user));
            match (run, origin, goal) {
                (Some(run), Origin::Leaf(from), Goal::Leaf(to)) if self.recurrent.contains(&run) => {
                    collected.around.entry((from, to)).or_default().tensors.push(argument);
                }
                (None, ..) if !same => {
                    let flow = collected.edges.entry((origin, goal)).or_default();
                    flow.take(argument, self.is_in_first_copy(user).then_some(user));
                }
                _ => {}
            }
        }
    }

    fn sources(&self, argument: Argument, collected: &mut Collected) -> Sources {
        let one = |origin, source| Rc::new(vec![(origin, source)]);
        match argument.place {
            Place::Parameter(_) | Place::Output(_) => Rc::default(),
            Place::Input(input) => one(Origin::Input(input), None),
            Place::Operation(source) => match self.owners[source] {
                Owner::Leaf(id) => one(Origin::Leaf(id), Some(source)),
                Owner::Hidden(_) => Rc::default(),
                Owner::Outside if self.is_hidden_outside(source) => Rc::default(),
                Owner::Outside => one(Origin::Outside(source, argument.output), None),
                Owner::Bridged(_) => {
                    if let Some(known) = collected.bridged.get(&source) {
                        return known.clone();
                    }
                    let mut all = Vec::new();
                    for &argument in &self.wiring.arguments[source] {
                        for found in self.sources(argument, collected).iter() {
                            if !all.contains(found) {
                                all.push(*found);
                            }
                        }
                    }
                    let all = Rc::new(all);
                    collected.bridged.insert(source, all.clone());
                    all
                }
            },
        }
    }

    /// What of an operation's results leaves the root.
    fn leaving(&self, number: usize) -> Vec<(Goal, Argument)> {
        let place = Place::Operation(number);
        let declared = self.wiring.outputs[number].iter();
        let mut leaving: Vec<_> = declared
            .map(|&(output, result)| (Goal::Output(output), Argument { place, output: result }))
            .collect();
        for &user in &self.wiring.users[number] {
            let outside = self.owners[user] == Owner::Outside && self.wiring.live[user];
            if !outside || self.is_hidden_outside(user) {
                continue;
            }
            for &argument in self.wiring.arguments[user].iter().filter(|argument| argument.place == place) {
                let goal = (Goal::Outside(number, argument.output), argument);
                let declared = leaving.iter().any(|(_, known)| *known == argument);
                if !declared {
                    leaving.push(goal);
                }
            }
        }
        leaving
    }

    /// The folded run in different copies of which two operations are: an edge between them is inside of it.
    fn between_copies(&self, source: usize, user: usize) -> Option<ItemId> {
        if self.copies.is_empty() {
            return None;
        }
        let copies = |number: usize| {
            self.tree.ancestors(self.tree.leaves[number]).filter_map(|item| self.copies.get(&item).copied())
        };
        let apart = |&(run, copy): &(ItemId, usize)| {
            copies(source).any(|(other_run, other)| run == other_run && copy != other)
        };
        copies(user).find(apart).map(|(run, _)| run)
    }

    fn is_in_first_copy(&self, number: usize) -> bool {
        let mut around = self.tree.ancestors(self.tree.leaves[number]);
        self.copies.is_empty() || around.all(|item| self.copies.get(&item).is_none_or(|&(_, copy)| copy == 0))
    }

    /// Whether something outside of the root is in a scope that the labels hide.
    fn is_hidden_outside(&self, number: usize) -> bool {
        if let Some(&known) = self.hidden_outside.borrow().get(&number) {
            return known;
        }
        let above: Vec<_> = self.tree.ancestors(self.root).collect();
        let hidden = self
            .tree
            .ancestors(self.tree.leaves[number])
            .take_while(|item| !above.contains(item))
            .any(|item| self.style(item).visibility == Visibility::Hidden);
        self.hidden_outside.borrow_mut().insert(number, hidden);
        hidden
    }

    /// Makes the boxes for what enters and leaves, and the edges.
    fn draw(
        &mut self,
        collected: BTreeMap<(Origin, Goal), Carried>,
        order: &HashMap<Origin, usize>,
    ) -> Flows {
        let mut ends: BTreeMap<Origin, Option<BoxId>> = BTreeMap::new();
        let mut goals: BTreeMap<Goal, Option<BoxId>> = BTreeMap::new();
        // In the order in which they are read, so that what starts the flow comes first.
        let mut by_goal: Vec<_> = collected.iter().collect();
        by_goal.sort_by_key(|((origin, goal), _)| (*goal, *origin));
        by_goal.sort_by_key(|((origin, _), _)| order.get(origin).copied().unwrap_or(0));
        for (&(origin, goal), flow) in by_goal {
            ends.entry(origin).or_insert_with(|| self.origin_box(origin));
            goals.entry(goal).or_insert_with(|| self.goal_box(goal, &flow.tensors));
        }
        let is_input = |id: &BoxId| self.boxes[*id].kind == BoxKind::Input && self.boxes[*id].operations == 0;
        let (inputs, others): (Vec<_>, Vec<_>) =
            self.boxes[View::ROOT].children.iter().copied().partition(|id| is_input(id));
        self.boxes[View::ROOT].children = inputs.into_iter().chain(others).collect();
        let mut edges = Vec::new();
        for ((origin, goal), carried) in collected {
            let (Some(from), Some(to)) = (ends[&origin], goals[&goal]) else { continue };
            edges.push((self.edge(from, to, &carried), Flow { origin, goal, tensors: carried.tensors }));
        }
        edges.sort_by_key(|(edge, _)| (edge.from, edge.to));
        edges
    }

    fn edge(&self, from: BoxId, to: BoxId, carried: &Carried) -> ViewEdge {
        let detail = self.types(&carried.tensors);
        ViewEdge {
            from,
            to,
            role: EdgeRole::Flow,
            shape: carried.tensors.first().and_then(|&argument| self.shape(argument)),
            detail: (!detail.is_empty()).then(|| detail.join("; ")),
            uses: carried.users.len().max(1),
        }
    }
}
