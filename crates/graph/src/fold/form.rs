//! What a copy is, apart from which parameters and which outer tensors it reads; and how the next one hangs on it.

use std::collections::{HashMap, HashSet};

use super::alike::Alike;
use super::tree::{ItemId, Tree, What};
use super::wiring::{Argument, Wiring};
use crate::captured::Place;

/// What a form is read off.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(super) wiring: &'a Wiring,
    pub(super) tree: &'a Tree,
    pub(super) alike: &'a Alike,
}

/// Operations with their places in a sequence.
struct Places(Vec<(usize, usize)>);

impl Places {
    fn new(operations: &[usize]) -> Self {
        let mut places: Vec<_> =
            operations.iter().enumerate().map(|(place, &number)| (number, place)).collect();
        places.sort_unstable();
        Self(places)
    }

    /// The place of an operation, if it is one of them.
    fn of(&self, operation: usize) -> Option<usize> {
        let found = self.0.binary_search_by_key(&operation, |&(number, _)| number);
        found.ok().map(|found| self.0[found].1)
    }
}

/// What some items are, in sequence.
pub(super) struct Form<'a> {
    pub(super) tokens: Vec<Token<'a>>,
    operations: Vec<usize>,
    /// What is read from outside, once for each time.
    outer: Vec<Argument>,
    /// The parameters in the order in which they are first read.
    pub(super) parameters: Vec<usize>,
    /// Slices: the place of the operation, and which reading from outside its first argument is, if it is one.
    slices: Vec<(usize, Option<usize>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Token<'a> {
    Open(&'a str),
    Close,
    Operation(usize),
    /// Argument from inside: which operation, which result.
    Inner(usize, usize),
    /// A parameter: its type, and the so manieth of the copy.
    Parameter(usize, usize),
    /// A tensor from outside.
    Outer,
}

/// How what one copy reads from outside relates to what the copy before read there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Relation {
    /// Both read the same tensor.
    Shared,
    /// The later one reads what this operation of the earlier one gives out.
    Chained(usize, usize),
}

/// How a copy hangs on the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Links {
    pub(super) outer: Vec<Relation>,
    /// For each parameter: whether both read the same.
    pub(super) shared: Vec<bool>,
    /// How far each slice moves on.
    moves: Vec<Vec<i64>>,
    /// Results that are gathered in one place: which operation's, by which operation, and how many places further.
    gathered: Vec<(usize, usize, isize)>,
}

impl Links {
    /// The number of tensors that are led from a copy to the next.
    pub(super) fn width(&self) -> usize {
        let chained = self.outer.iter().filter(|relation| matches!(relation, Relation::Chained(..)));
        chained.collect::<HashSet<_>>().len()
    }
}

impl<'a> Form<'a> {
    pub(super) fn new(ground: &Ground<'a>, items: &[ItemId]) -> Self {
        let operations: Vec<usize> = items.iter().flat_map(|&item| ground.tree.operations(item)).collect();
        let places = Places::new(&operations);
        let mut form = Self {
            tokens: Vec::new(),
            operations,
            outer: Vec::new(),
            parameters: Vec::new(),
            slices: Vec::new(),
        };
        for &item in items {
            form.write(ground, item, &places);
        }
        form
    }

    fn write(&mut self, ground: &Ground<'a>, id: ItemId, places: &Places) {
        let item = &ground.tree.items[id];
        let What::Operation(number) = item.what else {
            // What a pattern is called comes from its parameters, and those don't matter.
            self.tokens.push(Token::Open(match item.what {
                What::Pattern(pattern) => pattern.label(),
                _ => &item.name,
            }));
            item.children.iter().for_each(|&child| self.write(ground, child, places));
            self.tokens.push(Token::Close);
            return;
        };
        self.tokens.push(Token::Operation(ground.alike.descriptions[number]));
        if !ground.alike.positions[number].is_empty() {
            let first = ground.wiring.arguments[number].first();
            let inside = |place: Place| matches!(place, Place::Operation(n) if places.of(n).is_some());
            let reading = first.filter(|argument| !inside(argument.place)).map(|_| self.outer.len());
            self.slices.extend(places.of(number).map(|place| (place, reading)));
        }
        for &argument in &ground.wiring.arguments[number] {
            let token = match argument.place {
                Place::Parameter(parameter) => {
                    let slot = self.parameters.iter().position(|&known| known == parameter);
                    let slot = slot.unwrap_or_else(|| {
                        self.parameters.push(parameter);
                        self.parameters.len() - 1
                    });
                    Token::Parameter(ground.alike.parameter_types[parameter], slot)
                }
                Place::Operation(source) => {
                    places.of(source).map_or(Token::Outer, |place| Token::Inner(place, argument.output))
                }
                _ => Token::Outer,
            };
            if token == Token::Outer {
                self.outer.push(argument);
            }
            self.tokens.push(token);
        }
    }

    /// What the next copy reads of this one.
    pub(super) fn given(&self, links: &Links) -> Vec<Argument> {
        let mut given = Vec::new();
        for relation in &links.outer {
            let Relation::Chained(place, output) = *relation else { continue };
            let argument = Argument { place: Place::Operation(self.operations[place]), output };
            if !given.contains(&argument) {
                given.push(argument);
            }
        }
        given
    }

    /// What this copy takes a piece of and the next one the next.
    pub(super) fn gone_through(&self, links: &Links) -> Vec<Argument> {
        let mut sources = Vec::new();
        for (&(_, reading), moves) in self.slices.iter().zip(&links.moves) {
            let Some(reading) = reading.filter(|_| moves.iter().any(|&by| by != 0)) else { continue };
            if links.outer[reading] == Relation::Shared && !sources.contains(&self.outer[reading]) {
                sources.push(self.outer[reading]);
            }
        }
        sources
    }

    /// How `next` hangs on this copy, if it is an equal one that follows it, and nothing else reads this one. Says too
    /// whether this one reads one tensor where `next` reads several.
    pub(super) fn links(&self, ground: &Ground<'_>, next: &Self) -> Option<(Links, bool)> {
        if self.tokens != next.tokens {
            return None;
        }
        let place = Places::new(&self.operations);
        let relation = |(before, after): (&Argument, &Argument)| {
            if before == after {
                return Some(Relation::Shared);
            }
            match after.place {
                Place::Operation(source) => Some(Relation::Chained(place.of(source)?, after.output)),
                _ => None,
            }
        };
        let outer: Vec<Relation> = self.outer.iter().zip(&next.outer).map(relation).collect::<Option<_>>()?;
        if !outer.iter().any(|relation| matches!(relation, Relation::Chained(..))) {
            return None;
        }
        let merged = self.reads_alike(next)?;
        let shared = self.weights(ground, next)?;
        let moves = self.moves(ground, next, &outer)?;
        let gathered = self.gathered(ground, next, &place)?;
        Some((Links { outer, shared, moves, gathered }, merged))
    }

    /// No answer if this copy reads several tensors where `next` reads one. The other way round is a first copy, whose
    /// states may begin as one tensor.
    fn reads_alike(&self, next: &Self) -> Option<bool> {
        let (mut there, mut here) = (HashMap::new(), HashMap::new());
        let mut merged = false;
        for (&before, &after) in self.outer.iter().zip(&next.outer) {
            if *there.entry(after).or_insert(before) != before {
                return None;
            }
            merged |= *here.entry(before).or_insert(after) != after;
        }
        Some(merged)
    }

    /// For each parameter whether it is the same in both; no answer if it is used elsewhere in only one of them.
    fn weights(&self, ground: &Ground<'_>, next: &Self) -> Option<Vec<bool>> {
        let reads = &ground.alike.reads;
        let both = || self.parameters.iter().zip(&next.parameters);
        let alike = both().all(|(&one, &other)| reads[one] == reads[other]);
        alike.then(|| both().map(|(one, other)| one == other).collect())
    }

    /// How far each slice moves on: only what comes from outside, the same for both or led from one to the other, can
    /// be gone through so.
    fn moves(&self, ground: &Ground<'_>, next: &Self, outer: &[Relation]) -> Option<Vec<Vec<i64>>> {
        let positions = &ground.alike.positions;
        let mut moves = Vec::with_capacity(self.slices.len());
        for &(place, reading) in &self.slices {
            let (here, there) = (self.operations[place], next.operations[place]);
            let by: Vec<i64> =
                positions[here].iter().zip(&positions[there]).map(|(here, there)| there - here).collect();
            if by.iter().any(|&by| by != 0) {
                let relation = outer[reading?];
                let writes = ground.wiring.arguments[here].len() > 1;
                if relation != Relation::Shared && !writes {
                    return None;
                }
            }
            moves.push(by);
        }
        Some(moves)
    }

    /// What of this copy is gathered elsewhere as the same of `next` is; no answer if something else reads this copy.
    fn gathered(
        &self,
        ground: &Ground<'_>,
        next: &Self,
        place: &Places,
    ) -> Option<Vec<(usize, usize, isize)>> {
        let wiring = ground.wiring;
        let following = Places::new(&next.operations);
        let mut gathered = Vec::new();
        for (j, &number) in self.operations.iter().enumerate() {
            if !wiring.outputs[number].is_empty() {
                return None;
            }
            for &user in &wiring.users[number] {
                if place.of(user).is_some() || following.of(user).is_some() || !wiring.live[user] {
                    continue;
                }
                if !ground.alike.gathers[user] {
                    return None;
                }
                let slot = |number: usize| {
                    let is = |argument: &Argument| argument.place == Place::Operation(number);
                    wiring.arguments[user].iter().position(is)
                };
                let by = slot(next.operations[j])? as isize - slot(number)? as isize;
                gathered.push((j, user, by));
            }
        }
        Some(gathered)
    }
}
