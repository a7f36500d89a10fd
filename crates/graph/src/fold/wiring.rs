//! What feeds what, in dense tables: the form in which recognisers look at a program.

use crate::captured::{Captured, Edge, Place};

/// An argument: result `output` of `place`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Argument {
    pub(crate) place: Place,
    pub(crate) output: usize,
}

/// The wiring of a program's operations, by number in program order.
#[derive(Clone, Debug)]
pub(crate) struct Wiring {
    /// Arguments of each operation, by slot.
    pub(crate) arguments: Vec<Vec<Argument>>,
    /// Operations that read some result of each operation, once each, in program order.
    pub(crate) users: Vec<Vec<usize>>,
    /// Operations that read each parameter, in program order.
    pub(crate) readers: Vec<Vec<usize>>,
    /// Declared outputs that are a result of each operation, as (output, result).
    pub(crate) outputs: Vec<Vec<(usize, usize)>>,
    /// Whether a result of the operation reaches a declared output.
    pub(crate) live: Vec<bool>,
    /// Whether some parameter is behind the operation.
    pub(crate) trained: Vec<bool>,
    /// Whether some input is behind the operation.
    pub(crate) fed: Vec<bool>,
}

impl Wiring {
    pub(crate) fn new(captured: &Captured) -> Self {
        let n = captured.operation_count();
        let mut wiring = Self {
            arguments: vec![Vec::new(); n],
            users: vec![Vec::new(); n],
            readers: vec![Vec::new(); captured.counts.parameters],
            outputs: vec![Vec::new(); n],
            live: vec![false; n],
            trained: vec![false; n],
            fed: vec![false; n],
        };
        for number in 0..n {
            let edges = captured.incoming(captured.node_of(number)).into_iter();
            let argument = |edge: Edge| Argument { place: captured.place(edge.from), output: edge.output };
            wiring.arguments[number] = edges.map(argument).collect();
            for index in 0..wiring.arguments[number].len() {
                wiring.connect(number, wiring.arguments[number][index].place);
            }
        }
        wiring.find_outputs(captured);
        wiring
    }

    fn connect(&mut self, number: usize, place: Place) {
        match place {
            Place::Operation(source) => {
                if self.users[source].last() != Some(&number) {
                    self.users[source].push(number);
                }
                self.trained[number] |= self.trained[source];
                self.fed[number] |= self.fed[source];
            }
            Place::Parameter(parameter) => {
                self.readers[parameter].push(number);
                self.trained[number] = true;
            }
            Place::Input(_) => self.fed[number] = true,
            Place::Output(_) => {}
        }
    }

    fn find_outputs(&mut self, captured: &Captured) {
        for edge in captured.edges() {
            if let (Place::Operation(source), Place::Output(output)) =
                (captured.place(edge.from), captured.place(edge.to))
            {
                self.outputs[source].push((output, edge.output));
            }
        }
        for number in (0..self.users.len()).rev() {
            let used = self.users[number].iter().any(|&user| self.live[user]);
            self.live[number] = used || !self.outputs[number].is_empty();
        }
    }

    /// The operation behind argument `slot` of `number`, if it is one.
    pub(crate) fn producer(&self, number: usize, slot: usize) -> Option<usize> {
        match self.arguments[number].get(slot)?.place {
            Place::Operation(source) => Some(source),
            _ => None,
        }
    }

    /// The one operation that reads `number`, if it is the only one and no declared output is among the readers.
    pub(crate) fn only_user(&self, number: usize) -> Option<usize> {
        match (self.users[number].as_slice(), self.outputs[number].is_empty()) {
            ([user], true) => Some(*user),
            _ => None,
        }
    }

    /// Whether the operation depends on nothing but data given at the start.
    pub(crate) fn is_constant(&self, number: usize) -> bool {
        !self.trained[number] && !self.fed[number]
    }

    /// Parameters that the operation reads directly.
    pub(crate) fn parameters(&self, number: usize) -> impl Iterator<Item = usize> + '_ {
        self.arguments[number].iter().filter_map(|argument| match argument.place {
            Place::Parameter(parameter) => Some(parameter),
            _ => None,
        })
    }

    /// Whether `to` can be reached from `from`, looking only at the operations between them.
    pub(crate) fn reaches(&self, from: usize, to: usize) -> bool {
        let mut seen = std::collections::HashSet::new();
        let mut open = vec![to];
        while let Some(number) = open.pop() {
            if number == from {
                return true;
            }
            let sources = (0..self.arguments[number].len()).filter_map(|slot| self.producer(number, slot));
            open.extend(sources.filter(|&source| source >= from && seen.insert(source)));
        }
        false
    }
}
