//! Layers that are truly the same: equal operations, shapes and wiring, parameters apart, one after the other.

use std::collections::HashMap;
use std::ops::Range;

use super::tree::{Item, ItemId, Tree, What};
use super::wiring::{Argument, Wiring};
use crate::operation::{Operation, TensorType};
use crate::program::{Place, Program};

/// Children of one item, in sequence, that are the same; a single one if nothing repeats.
pub(crate) type Run = Range<usize>;

/// A number for everything that is distinct, so that comparing is cheap and exact.
#[derive(Clone, Debug)]
pub(crate) struct Alike {
    /// A number for each operation, equal for equal kind, attributes and types of the results.
    descriptions: Vec<usize>,
    /// A number for each parameter's type.
    parameter_types: Vec<usize>,
}

/// Finds repeats.
#[derive(Clone, Copy)]
pub(crate) struct Repeats<'a> {
    wiring: &'a Wiring,
    tree: &'a Tree,
    alike: &'a Alike,
}

/// What an item is, apart from which parameters and which outer tensors it reads.
struct Form {
    tokens: Vec<Token>,
    operations: Vec<usize>,
    outer: Vec<Argument>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Open(String),
    Close,
    Operation(usize),
    /// Argument from inside: which operation of the item, which result.
    Inner(usize, usize),
    /// A parameter of that type.
    Parameter(usize),
    /// The so manieth tensor from outside.
    Outer(usize),
}

/// How an outer tensor of one copy relates to that of the copy before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// Both read the same tensor.
    Shared,
    /// The later one reads what this operation of the earlier one gives out.
    Chained(usize, usize),
}

impl Alike {
    pub(crate) fn new(program: &Program) -> Self {
        type Description<'a> = (&'a str, &'a [(String, String)], &'a [TensorType]);
        let mut known: HashMap<Description<'_>, usize> = HashMap::new();
        let mut descriptions = Vec::with_capacity(program.operation_count());
        for Operation { kind, attributes, outputs, .. } in program.operations() {
            let next = known.len();
            descriptions.push(*known.entry((kind, attributes, outputs)).or_insert(next));
        }
        let mut types: HashMap<&TensorType, usize> = HashMap::new();
        let mut parameter_types = Vec::new();
        for parameter in program.parameters() {
            let next = types.len();
            parameter_types.push(*types.entry(&parameter.tensor).or_insert(next));
        }
        Self { descriptions, parameter_types }
    }
}

impl<'a> Repeats<'a> {
    pub(crate) fn new(wiring: &'a Wiring, tree: &'a Tree, alike: &'a Alike) -> Self {
        Self { wiring, tree, alike }
    }

    /// Splits the children of an item into runs of equal ones.
    pub(crate) fn runs(&self, children: &[ItemId]) -> Vec<Run> {
        let mut runs = Vec::new();
        let mut start = 0;
        while start < children.len() {
            let end = self.end_of_run(children, start);
            runs.push(start..end);
            start = end;
        }
        runs
    }

    fn end_of_run(&self, children: &[ItemId], start: usize) -> usize {
        let alike = |a: &Item, b: &Item| a.name == b.name && matches!(a.what, What::Scope(_) | What::Module);
        let item = |place: usize| &self.tree.items[children[place]];
        let mut end = start + 1;
        if end >= children.len() || !alike(item(start), item(end)) {
            return end;
        }
        let mut form = self.form(children[start]);
        let mut links: Option<Vec<Relation>> = None;
        while end < children.len() && alike(item(start), item(end)) {
            let next = self.form(children[end]);
            let Some(found) = self.links(&form, &next) else { break };
            if links.as_ref().is_some_and(|links| *links != found) {
                break;
            }
            links = Some(found);
            form = next;
            end += 1;
        }
        end
    }

    /// How `next` hangs on `form`, if it is an equal copy that follows it, and nothing else reads `form`.
    fn links(&self, form: &Form, next: &Form) -> Option<Vec<Relation>> {
        if form.tokens != next.tokens {
            return None;
        }
        let place: HashMap<usize, usize> = form.operations.iter().enumerate().map(|(i, &n)| (n, i)).collect();
        let link = |(before, after): (&Argument, &Argument)| {
            if before == after {
                return Some(Relation::Shared);
            }
            match after.place {
                Place::Operation(source) => Some(Relation::Chained(*place.get(&source)?, after.output)),
                _ => None,
            }
        };
        let links: Vec<Relation> = form.outer.iter().zip(&next.outer).map(link).collect::<Option<_>>()?;
        if !links.iter().any(|link| matches!(link, Relation::Chained(..))) {
            return None;
        }
        let following: HashMap<usize, ()> = next.operations.iter().map(|&n| (n, ())).collect();
        let stays = form.operations.iter().all(|&number| {
            let reader = |user: &usize| {
                place.contains_key(user) || following.contains_key(user) || !self.wiring.live[*user]
            };
            self.wiring.outputs[number].is_empty() && self.wiring.users[number].iter().all(reader)
        });
        stays.then_some(links)
    }

    fn form(&self, id: ItemId) -> Form {
        let operations = self.tree.operations(id);
        let places = operations.iter().enumerate().map(|(place, &number)| (number, place)).collect();
        let mut form = Form { tokens: Vec::new(), operations, outer: Vec::new() };
        self.write(id, &mut form, &places, &mut HashMap::new());
        // A name of its own does not make a copy different.
        if let Some(Token::Open(name)) = form.tokens.first_mut() {
            name.clear();
        }
        form
    }

    fn write(
        &self,
        id: ItemId,
        form: &mut Form,
        places: &HashMap<usize, usize>,
        slots: &mut HashMap<Argument, usize>,
    ) {
        let What::Operation(number) = self.tree.items[id].what else {
            // What a pattern is called comes from its parameters, and those don't matter.
            form.tokens.push(Token::Open(match self.tree.items[id].what {
                What::Pattern(pattern) => pattern.label().to_owned(),
                _ => self.tree.key(id),
            }));
            for &child in &self.tree.items[id].children {
                self.write(child, form, places, slots);
            }
            form.tokens.push(Token::Close);
            return;
        };
        form.tokens.push(Token::Operation(self.alike.descriptions[number]));
        for &argument in &self.wiring.arguments[number] {
            form.tokens.push(match argument.place {
                Place::Parameter(parameter) => Token::Parameter(self.alike.parameter_types[parameter]),
                Place::Operation(source) if places.contains_key(&source) => {
                    Token::Inner(places[&source], argument.output)
                }
                _ => {
                    let next = slots.len();
                    let slot = *slots.entry(argument).or_insert(next);
                    if slot == next {
                        form.outer.push(argument);
                    }
                    Token::Outer(slot)
                }
            });
        }
    }
}
