//! Which way through a [`Net`] explains best what was recorded.
//!
//! Words that made nothing cost a little, operations that nothing explains cost much. A line is believed only if every
//! way that is as cheap as the cheapest, or nearly, has it.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::net::{Edge, Entered, Net, State, TraceId, What};
use super::shown::Place;
use super::words;

/// An operation that nothing explains.
const STRAY: u32 = 30;
/// A span that nothing explains.
const STRAY_SPAN: u32 = 20;
/// A span that was entered from another line than the source says: an optimised program may have left a call out.
const OTHER_CALL: u32 = 5;
/// An operation with a parameter of another field.
const OTHER_FIELD: u32 = 8;
/// Ways that are so much dearer than the cheapest are given up.
const GIVEN_UP: u32 = 40;
/// Ways that are at most so much dearer than the cheapest are believed as much.
const MARGIN: u32 = 1;

/// What happened, as far as a way can tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Token {
    Operation { kind: Arc<str>, parameters: Vec<Arc<str>> },
    Span { own: Option<Place>, call: Option<Place> },
}

/// What is believed of a token.
#[derive(Clone, Debug, Default)]
pub(super) struct Belief {
    /// The calls that led to it, as far as they are sure; its own line is the last if `exact`.
    pub(super) chain: Vec<Place>,
    pub(super) exact: bool,
    /// Of a span: where the source enters it.
    pub(super) entered: Option<Rc<Entered>>,
    /// Of a span: the line that called its function, if that is sure.
    pub(super) called: Option<Place>,
}

/// The costs of the states that a way can be in, in the order of the states.
type Column = Vec<(State, u32)>;

/// What is believed of each token.
pub(super) fn align(net: &Net, tokens: &[Token]) -> Vec<Belief> {
    let aligner = Aligner { net, words: HashMap::new(), back: reversed(net) };
    aligner.beliefs(tokens)
}

struct Aligner<'a> {
    net: &'a Net,
    words: HashMap<(usize, Arc<str>), Option<u32>>,
    /// For each state, those from which it is reached for free or at a price.
    back: Vec<Vec<(State, u32)>>,
}

fn reversed(net: &Net) -> Vec<Vec<(State, u32)>> {
    let mut back = vec![Vec::new(); net.edges.len()];
    for (from, edges) in net.edges.iter().enumerate() {
        for edge in edges {
            if let What::Free(price) = edge.what {
                back[edge.to].push((from, price));
            }
        }
    }
    back
}

impl Aligner<'_> {
    fn beliefs(mut self, tokens: &[Token]) -> Vec<Belief> {
        let forward = self.forward(tokens);
        let last = &forward[tokens.len()];
        let finals: Column = match self.net.end {
            Some(end) if find(last, end).is_some() => vec![(end, 0)],
            _ => last.iter().map(|&(state, _)| (state, 0)).collect(),
        };
        let mut beliefs = vec![Belief::default(); tokens.len()];
        let mut after = self.backward(last, finals);
        let best = last.iter().filter_map(|&(state, cost)| Some(cost + find(&after, state)?)).min();
        let Some(best) = best else { return beliefs };
        for (place, token) in tokens.iter().enumerate().rev() {
            let column = &forward[place];
            let mut reached: HashMap<State, u32> = HashMap::new();
            let mut found: Vec<Option<&Edge>> = Vec::new();
            for &(state, cost) in column {
                let mut offer = |rest: u32| {
                    let known = reached.entry(state).or_insert(rest);
                    *known = rest.min(*known);
                    cost + rest <= best + MARGIN
                };
                if find(&after, state).is_some_and(|rest| offer(rest + stray(token))) {
                    found.push(None);
                }
                for edge in &self.net.edges[state] {
                    let price = price(self.net, &mut self.words, &edge.what, token);
                    if let (Some(price), Some(rest)) = (price, find(&after, edge.to))
                        && offer(price + rest)
                    {
                        found.push(Some(edge));
                    }
                }
            }
            beliefs[place] = self.belief(&found, token);
            let mut reached: Column = reached.into_iter().collect();
            reached.sort_unstable();
            after = self.backward(column, reached);
        }
        beliefs
    }

    /// The columns before each token and after the last, from the start.
    fn forward(&mut self, tokens: &[Token]) -> Vec<Column> {
        let mut columns = vec![self.spread(vec![(self.net.start, 0)])];
        for token in tokens {
            let mut next: HashMap<State, u32> = HashMap::new();
            for &(state, cost) in &columns[columns.len() - 1] {
                let mut offer = |to: State, cost: u32| {
                    let known = next.entry(to).or_insert(cost);
                    *known = cost.min(*known);
                };
                offer(state, cost + stray(token));
                for edge in &self.net.edges[state] {
                    if let Some(price) = price(self.net, &mut self.words, &edge.what, token) {
                        offer(edge.to, cost + price);
                    }
                }
            }
            columns.push(self.spread(next.into_iter().collect()));
        }
        columns
    }

    /// Adds what can be reached without a token.
    fn spread(&self, from: Column) -> Column {
        let free = |state: State| {
            self.net.edges[state].iter().filter_map(|edge| match edge.what {
                What::Free(price) => Some((edge.to, price)),
                _ => None,
            })
        };
        cheapest(from, free)
    }

    /// What is still to be paid from the states of a column, from what is to be paid after it.
    fn backward(&self, column: &Column, from: Column) -> Column {
        let inside = |&(state, _): &(State, u32)| find(column, state).is_some();
        cheapest(from, |state| self.back[state].iter().copied().filter(inside))
    }

    fn belief(&self, found: &[Option<&Edge>], token: &Token) -> Belief {
        let mut belief: Option<Belief> = None;
        let mut seen: Vec<(Option<TraceId>, *const Entered)> = Vec::new();
        let mut places: Vec<Option<Place>> = Vec::new();
        for edge in found {
            let (trace, exact, entered) = match edge.map(|edge| &edge.what) {
                Some(What::Word(_, trace, _)) => (Some(*trace), true, None),
                Some(What::Any { trace, here, .. }) => (Some(*trace), *here, None),
                Some(What::Span(entered)) => (None, false, Some(entered)),
                _ => (None, false, None),
            };
            let key = (trace, entered.map_or(std::ptr::null(), Rc::as_ptr));
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let chain = trace.map(|trace| self.net.chain(trace)).unwrap_or_default();
            // A span in the middle of a function is entered there, and not called.
            let called = match entered {
                Some(entered) => entered.function.as_ref().map(|_| &entered.at),
                None => chain.last(),
            };
            places.push(called.cloned());
            let next = Belief { exact, chain, entered: entered.cloned(), called: None };
            belief = Some(match belief {
                None => next,
                Some(before) => before.agree(next),
            });
        }
        let mut belief = belief.unwrap_or_default();
        if let Token::Span { call, .. } = token {
            belief.called = called(call.as_ref(), places);
        }
        belief
    }
}

/// The line that called a span's function: the one that the stack tells if the source has a call there too, and else
/// the only one that the source has. The stack alone is not enough. A compiler may make one of two equal functions,
/// and then either is called from where the other was.
fn called(stack: Option<&Place>, source: Vec<Option<Place>>) -> Option<Place> {
    if let Some(stack) = stack.filter(|stack| source.iter().flatten().any(|place| place == *stack)) {
        return Some(stack.clone());
    }
    let mut source = source.into_iter();
    let first = source.next()?;
    first.filter(|first| source.all(|other| other.as_ref() == Some(first)))
}

impl Belief {
    /// What two ways have in common.
    fn agree(self, other: Self) -> Self {
        let exact = self.exact && other.exact && self.chain.last() == other.chain.last();
        let own = self.chain.last().cloned();
        let common = self.chain.iter().zip(&other.chain).take_while(|(a, b)| a == b).count();
        let mut chain = self.chain;
        chain.truncate(common);
        if exact && common < other.chain.len() {
            chain.extend(own);
        }
        let same = |a: &Rc<Entered>, b: &Rc<Entered>| match (&a.function, &b.function) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        let entered = match (self.entered, other.entered) {
            (Some(a), Some(b)) if same(&a, &b) => Some(a),
            _ => None,
        };
        Self { chain, exact, entered, called: None }
    }
}

fn find(column: &Column, state: State) -> Option<u32> {
    column.binary_search_by_key(&state, |&(state, _)| state).ok().map(|place| column[place].1)
}

fn stray(token: &Token) -> u32 {
    match token {
        Token::Operation { .. } => STRAY,
        Token::Span { .. } => STRAY_SPAN,
    }
}

/// The cheapest way to every state that is not much dearer than the cheapest of all.
fn cheapest<I: Iterator<Item = (State, u32)>>(from: Column, next: impl Fn(State) -> I) -> Column {
    let best = from.iter().map(|&(_, cost)| cost).min().unwrap_or(0);
    let mut costs: HashMap<State, u32> = HashMap::with_capacity(2 * from.len());
    let mut open: BinaryHeap<Reverse<(u32, State)>> =
        from.into_iter().map(|(state, cost)| Reverse((cost, state))).collect();
    while let Some(Reverse((cost, state))) = open.pop() {
        if cost > best + GIVEN_UP {
            break;
        }
        if costs.contains_key(&state) {
            continue;
        }
        costs.insert(state, cost);
        let onward = next(state).filter(|(to, _)| !costs.contains_key(to));
        open.extend(onward.map(|(to, price)| Reverse((cost + price, to))));
    }
    let mut costs: Column = costs.into_iter().collect();
    costs.sort_unstable();
    costs
}

/// What it costs that a token happened on an edge.
fn price(
    net: &Net,
    words: &mut HashMap<(usize, Arc<str>), Option<u32>>,
    what: &What,
    token: &Token,
) -> Option<u32> {
    match (what, token) {
        (What::Word(word, _, price), Token::Operation { kind, .. }) => {
            let known = words.entry((*word, kind.clone()));
            let cost = *known.or_insert_with(|| {
                let (name, with_number) = &net.words[*word];
                let both = matches!(&**kind, "add" | "sub" | "mul" | "div" | "rem");
                words::cost(name, kind).filter(|_| !(both && *with_number))
            });
            cost.map(|cost| cost + price)
        }
        (What::Any { price, field, .. }, Token::Operation { parameters, .. }) => match field {
            Some(field) if !parameters.is_empty() => {
                let own = |path: &Arc<str>| path.split('.').any(|part| part == &**field);
                Some(if parameters.iter().any(own) { 0 } else { price + OTHER_FIELD })
            }
            _ => Some(*price),
        },
        (What::Any { .. }, Token::Span { .. }) => Some(1),
        (What::Span(entered), Token::Span { own, call }) => {
            let own = own.as_ref()?;
            let Some(function) = &entered.function else { return (*own == entered.at).then_some(0) };
            let (first, last) = function.head;
            let fits = own.file == function.file && (first..=last).contains(&own.line);
            fits.then(|| match call {
                Some(call) if *call == entered.at => 0,
                Some(_) => OTHER_CALL,
                None => MARGIN,
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_compiler_made_one_of_two_functions_the_source_says_who_called() {
        let place = |line| Place { file: "a.rs".into(), line };
        let (here, there) = (place(1), place(2));
        let found = |stack: Option<&Place>, source: &[Option<&Place>]| {
            called(stack, source.iter().map(|place| place.cloned()).collect())
        };
        assert_eq!(
            found(Some(&there), &[Some(&here)]),
            Some(here.clone()),
            "merged with what is called there"
        );
        assert_eq!(found(Some(&there), &[Some(&here), Some(&there)]), Some(there.clone()), "two calls");
        assert_eq!(found(None, &[Some(&here), Some(&here)]), Some(here.clone()));
        assert_eq!(found(Some(&place(3)), &[Some(&here), Some(&there)]), None, "in doubt");
        assert_eq!(found(None, &[Some(&here), None]), None, "something else may have called");
        assert_eq!(found(Some(&there), &[]), None, "nothing is known");
    }
}
