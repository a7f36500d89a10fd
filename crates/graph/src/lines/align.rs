//! Which way through a [`Net`] explains best what was recorded.
//!
//! Words that made nothing cost a little, operations that nothing explains cost much. A line is believed only if every
//! way that is as cheap as the cheapest, or nearly, has it.

use std::collections::HashMap;
use std::sync::Arc;

use super::costs::{Column, Costs, Spreader};
use super::meaning;
use super::net::{Entered, Net, State, TraceId, What};
use super::packed::Packed;
use super::shown::Place;

/// An operation that nothing explains.
const STRAY: u32 = 30;
/// A span that nothing explains.
const STRAY_SPAN: u32 = 20;
/// A span that was entered from another line than the source says: an optimised program may have left a call out.
const OTHER_CALL: u32 = 5;
/// An operation with a parameter of another field.
const OTHER_FIELD: u32 = 8;
/// One with a parameter of a field of that name in another module.
const OTHER_MODULE: u32 = 2;
/// An operation without parameters that a module of this kind makes with some alone.
const NO_PARAMETER: u32 = 4;
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
    /// The calls that led to it, as far as they are sure; an operation's own line is the last if `exact`. To a span's
    /// own, or to `called`.
    pub(super) chain: Vec<Place>,
    pub(super) exact: bool,
    /// Of a span: where the source enters it.
    pub(super) entered: Option<Arc<Entered>>,
    /// Of a span: the line that called its function, if that is sure.
    pub(super) called: Option<Place>,
}

/// What is believed of each token.
pub(super) fn align(net: &Net, tokens: &[Token]) -> Vec<Belief> {
    let has_parameters =
        |token: &Token| matches!(token, Token::Operation { parameters, .. } if !parameters.is_empty());
    let is_told = tokens.iter().any(has_parameters);
    Aligner { net, packed: Packed::new(net), words: Words::new(net, tokens), is_told }.beliefs(tokens)
}

struct Aligner<'a> {
    net: &'a Net,
    packed: Packed<'a>,
    words: Words,
    /// Whether it is known of any operation which parameters it has.
    is_told: bool,
}

impl<'a> Aligner<'a> {
    fn beliefs(&self, tokens: &[Token]) -> Vec<Belief> {
        let mut spreader = Spreader::new();
        let forward = self.forward(tokens, &mut spreader);
        let last = &forward[tokens.len()];
        let [mut inside, mut after, mut reached] = [(); 3].map(|()| Costs::new(self.packed.states));
        inside.load(last);
        match self.packed.end.filter(|&end| inside.get(end).is_some()) {
            Some(end) => _ = after.offer(end, 0),
            None => last.iter().for_each(|&(state, _)| _ = after.offer(state, 0)),
        }
        let within = |inside: &Costs, most: u32, state: State, rest: u32| {
            inside.get(state).is_some_and(|cost| cost + rest <= most)
        };
        let back = |state: State| self.packed.back(state);
        spreader.spread(&mut after, back, |state, rest| within(&inside, u32::MAX, state, rest));
        let mut beliefs = vec![Belief::default(); tokens.len()];
        let best = last.iter().filter_map(|&(state, cost)| Some(cost + after.get(state)?)).min();
        // What is dearer in all is not believed.
        let Some(most) = best.map(|best| best + MARGIN) else { return beliefs };
        for (place, token) in tokens.iter().enumerate().rev() {
            inside.load(&forward[place]);
            reached.clear();
            let mut found: Vec<Option<&'a What>> = Vec::new();
            for &(state, cost) in &forward[place] {
                let mut offer = |what: Option<&'a What>, rest: u32| {
                    if cost + rest <= most {
                        reached.offer(state, rest);
                        found.push(what);
                    }
                };
                if let Some(rest) = after.get(state) {
                    offer(None, rest + stray(token));
                }
                for &(to, what) in self.packed.acts(state) {
                    if let Some(rest) = after.get(to)
                        && let Some(price) = self.price(what, place, token)
                    {
                        offer(Some(what), price + rest);
                    }
                }
            }
            beliefs[place] = self.belief(&found, token);
            std::mem::swap(&mut after, &mut reached);
            spreader.spread(&mut after, back, |state, rest| within(&inside, most, state, rest));
        }
        beliefs
    }

    /// The columns before each token and after the last, from the start.
    fn forward(&self, tokens: &[Token], spreader: &mut Spreader) -> Vec<Column> {
        let mut columns = Vec::with_capacity(tokens.len() + 1);
        let [mut now, mut next] = [(); 2].map(|()| Costs::new(self.packed.states));
        now.offer(self.packed.start, 0);
        let mut spread = |costs: &mut Costs| {
            spreader.spread(costs, |state| self.packed.free(state), |_, _| true);
            costs.column()
        };
        columns.push(spread(&mut now));
        for (place, token) in tokens.iter().enumerate() {
            next.clear();
            for &(state, cost) in &columns[place] {
                next.offer(state, cost + stray(token));
                for &(to, what) in self.packed.acts(state) {
                    if let Some(price) = self.price(what, place, token) {
                        next.offer(to, cost + price);
                    }
                }
            }
            std::mem::swap(&mut now, &mut next);
            columns.push(spread(&mut now));
        }
        columns
    }

    /// What it costs that the token at a place happened on an edge.
    fn price(&self, what: &What, place: usize, token: &Token) -> Option<u32> {
        match (what, token) {
            (What::Word(word, _, price), Token::Operation { .. }) => {
                self.words.cost(place, *word).map(|cost| cost + price)
            }
            (What::Any { price, field, word, .. }, Token::Operation { parameters, .. }) => match field {
                Some(field) if !parameters.is_empty() => {
                    Some(match parameters.iter().map(|path| field.parts_in(path)).max() {
                        Some(0) | None => price + OTHER_FIELD,
                        Some(1) => OTHER_MODULE,
                        Some(_) => 0,
                    })
                }
                Some(_) if self.is_told && self.words.needs_parameters(place, *word) => {
                    Some(price + NO_PARAMETER)
                }
                _ => Some(if word.is_some_and(|word| self.words.cost(place, word).is_some()) {
                    0
                } else {
                    *price
                }),
            },
            (What::Any { .. }, Token::Span { .. }) => Some(1),
            (What::Span(entered), Token::Span { own, call }) => {
                let own = own.as_ref()?;
                let Some(function) = &entered.function else { return (*own == entered.at).then_some(0) };
                let (first, last) = function.head;
                let fits = (first..=last).contains(&own.line) && own.file == function.file;
                fits.then(|| match call {
                    Some(call) if *call == entered.at => 0,
                    Some(_) => OTHER_CALL,
                    None => MARGIN,
                })
            }
            _ => None,
        }
    }

    fn belief(&self, found: &[Option<&What>], token: &Token) -> Belief {
        let mut belief: Option<Belief> = None;
        let mut seen: Vec<(Option<TraceId>, *const Entered)> = Vec::new();
        let is_span = matches!(token, Token::Span { .. });
        // Of each way, the line that called, and the calls that led there.
        let mut ways: Vec<(Option<Place>, Vec<Place>)> = Vec::new();
        for what in found {
            let (trace, exact, entered) = match what {
                Some(What::Word(_, trace, _)) => (Some(*trace), true, None),
                Some(What::Any { trace, here, .. }) => (Some(*trace), *here, None),
                Some(What::Span(entered)) => (None, false, Some(entered)),
                _ => (None, false, None),
            };
            let key = (trace, entered.map_or(std::ptr::null(), Arc::as_ptr));
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            let led = entered.map_or(trace, |entered| entered.led);
            let mut chain = led.map(|trace| self.net.chain(trace)).unwrap_or_default();
            if is_span {
                // A span in the middle of a function is entered there, and not called.
                let called = match entered {
                    Some(entered) => entered.function.as_ref().map(|_| entered.at.clone()),
                    None => chain.pop(),
                };
                ways.push((called, chain.clone()));
            }
            let next = Belief { exact, chain, entered: entered.cloned(), called: None };
            belief = Some(match belief {
                None => next,
                Some(before) => before.agree(next),
            });
        }
        let mut belief = belief.unwrap_or_default();
        if let Token::Span { call, .. } = token {
            belief.called = called(call.as_ref(), ways.iter().map(|(place, _)| place.clone()));
            let right = ways.into_iter().filter(|(place, _)| *place == belief.called);
            belief.chain = right.map(|(_, chain)| chain).reduce(common).unwrap_or_default();
        }
        belief
    }
}

/// The line that called a span's function: the one that the stack tells if the source has a call there too, and else
/// the only one that the source has. The stack alone is not enough. A compiler may make one of two equal functions,
/// and then either is called from where the other was.
fn called(stack: Option<&Place>, mut source: impl Iterator<Item = Option<Place>> + Clone) -> Option<Place> {
    if let Some(stack) = stack.filter(|stack| source.clone().flatten().any(|place| place == **stack)) {
        return Some(stack.clone());
    }
    let first = source.next()?;
    first.filter(|first| source.all(|other| other.as_ref() == Some(first)))
}

/// The beginning that two chains of calls share.
fn common(mut one: Vec<Place>, other: Vec<Place>) -> Vec<Place> {
    let same = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    one.truncate(same);
    one
}

impl Belief {
    /// What two ways have in common.
    fn agree(self, other: Self) -> Self {
        let exact = self.exact && other.exact && self.chain.last() == other.chain.last();
        let own = self.chain.last().cloned();
        let length = other.chain.len();
        let mut chain = common(self.chain, other.chain);
        if exact && chain.len() < length {
            chain.extend(own);
        }
        let same = |a: &Arc<Entered>, b: &Arc<Entered>| match (&a.function, &b.function) {
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

fn stray(token: &Token) -> u32 {
    match token {
        Token::Operation { .. } => STRAY,
        Token::Span { .. } => STRAY_SPAN,
    }
}

/// What it costs that a word made an operation, for each kind of operation among the tokens and each word of the net.
struct Words {
    /// For each token, which kind it is.
    kinds: Vec<usize>,
    /// For each kind, the costs of the words.
    costs: Vec<Vec<Option<u32>>>,
    /// For each kind, whether a module that is called like a word makes it with parameters alone.
    needs: Vec<Vec<bool>>,
}

impl Words {
    fn new(net: &Net, tokens: &[Token]) -> Self {
        let mut known: HashMap<&str, usize> = HashMap::new();
        let (mut costs, mut needs): (Vec<Vec<Option<u32>>>, Vec<Vec<bool>>) = Default::default();
        let kinds = tokens.iter().map(|token| {
            let Token::Operation { kind, .. } = token else { return 0 };
            *known.entry(kind).or_insert_with(|| {
                let cost = |(name, with_number): &(String, bool)| {
                    let both = matches!(&**kind, "add" | "sub" | "mul" | "div" | "rem");
                    // The number of a power says how often a tensor is multiplied with itself.
                    let with_number = *with_number && !name.starts_with("pow");
                    meaning::cost(name, kind).filter(|_| !(both && with_number))
                };
                costs.push(net.words.iter().map(cost).collect());
                needs.push(net.words.iter().map(|(name, _)| meaning::needs_parameters(name, kind)).collect());
                costs.len() - 1
            })
        });
        Self { kinds: kinds.collect(), costs, needs }
    }

    /// What it costs that a word made the operation at a place.
    fn cost(&self, place: usize, word: usize) -> Option<u32> {
        self.costs[self.kinds[place]][word]
    }

    /// Whether a module that is called like a word makes the operation at a place with parameters alone.
    fn needs_parameters(&self, place: usize, word: Option<usize>) -> bool {
        word.is_some_and(|word| self.needs[self.kinds[place]][word])
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
            called(stack, source.iter().map(|place| place.cloned()))
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
