//! All ways through a piece of code, as states with edges between them: what happens on the way, and on which line.

use std::sync::Arc;

use super::code::Function;
use super::shown::Place;
use super::value::{Callable, Field, Value};

/// A state, by number.
pub(super) type State = usize;
/// A line, and the calls that led to it, by number.
pub(super) type TraceId = usize;

/// A line that is reached by a call on another.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    pub(super) place: Place,
    pub(super) from: Option<TraceId>,
}

/// From one state to the next.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) to: State,
    pub(super) what: What,
}

/// What happens on an edge.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// Nothing, at a price.
    Free(u32),
    /// A word makes an operation: its number, where, and at what price.
    Word(usize, TraceId, u32),
    /// A call of something unknown makes an operation, or enters a span. If the operation's line is not `here`, it is
    /// that of something which is called from here. Operations with parameters are those of the `field`, and those that
    /// are called like the module's type are rather made by it than others: its name is a `word`.
    Any { price: u32, field: Option<Field>, word: Option<usize>, trace: TraceId, here: bool },
    /// A span is entered.
    Span(Arc<Entered>),
}

/// A span that is entered where the source says so.
#[derive(Debug)]
pub(super) struct Entered {
    pub(super) at: Place,
    /// The call that led to the function of that line.
    pub(super) led: Option<TraceId>,
    /// The function that has it, unless the span stands in a function's middle.
    pub(super) function: Option<Arc<Function>>,
    pub(super) arguments: Vec<Value>,
    pub(super) on: Value,
    /// What runs in it, if that is a closure.
    pub(super) body: Option<Callable>,
}

/// All ways from [`Net::start`] to [`Net::end`].
#[derive(Debug, Default)]
pub(super) struct Net {
    pub(super) edges: Vec<Vec<Edge>>,
    pub(super) traces: Vec<Trace>,
    /// Words, each once, and whether one side of it is a number.
    pub(super) words: Vec<(String, bool)>,
    pub(super) start: State,
    /// None: it may end anywhere.
    pub(super) end: Option<State>,
}

impl Net {
    pub(super) fn state(&mut self) -> State {
        self.edges.push(Vec::new());
        self.edges.len() - 1
    }

    pub(super) fn edge(&mut self, from: State, to: State, what: What) {
        self.edges[from].push(Edge { to, what });
    }

    pub(super) fn free(&mut self, from: State, to: State) {
        self.edge(from, to, What::Free(0));
    }

    pub(super) fn trace(&mut self, place: Place, from: Option<TraceId>) -> TraceId {
        self.traces.push(Trace { place, from });
        self.traces.len() - 1
    }

    pub(super) fn word(&mut self, name: &str, with_number: bool) -> usize {
        let known = self.words.iter().position(|(word, number)| word == name && *number == with_number);
        known.unwrap_or_else(|| {
            self.words.push((name.to_owned(), with_number));
            self.words.len() - 1
        })
    }

    /// A line with the calls that led to it, the outermost first.
    pub(super) fn chain(&self, trace: TraceId) -> Vec<Place> {
        let mut chain: Vec<Place> = std::iter::successors(Some(trace), |&trace| self.traces[trace].from)
            .map(|trace| self.traces[trace].place.clone())
            .collect();
        chain.reverse();
        chain
    }
}
