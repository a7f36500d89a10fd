//! Which line of the source made an operation.
//!
//! Burn tells nobody when an operation is recorded, so what is known is the order: of the operations, and of the spans
//! with the lines that they were entered on, which the capture reads off the stack. Where the source is at hand,
//! it says in which order its calls are evaluated. Both orders are laid beside each other: [`read`] reads a file into
//! [`code`], [`names`] says which function or type it means by a name, [`walk`] makes of a function all ways through it,
//! [`align`] finds the one that explains best what was recorded. Where several explain it as well, nothing is claimed that
//! they don't agree on.

mod align;
mod calls;
mod code;
mod costs;
mod items;
mod library;
mod made;
mod meaning;
mod memo;
mod names;
mod net;
mod packed;
mod read;
mod resolve;
mod shown;
mod value;
mod walk;
mod words;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use align::{Belief, Token, align};
use code::{Code, Function, Lambda};
use library::{Shelf, shelf};
use memo::Memo;
use names::Name;
use net::{Entered, Net};
use value::{Callable, Closure, Value};
use walk::Walker;

use crate::view::Source;
pub(crate) use shown::Place;
use shown::Shown;

/// So many of the lines that led to a capture are looked at.
const ASKED: usize = 4;

/// Something that happened directly in a span, in order.
#[derive(Clone, Debug)]
pub(crate) enum Happened {
    /// An operation of that number, kind, and with those parameters.
    Made { number: usize, kind: Arc<str>, parameters: Vec<Arc<str>> },
    /// The span of that number was entered.
    Entered(usize),
}

/// Where a span was entered.
#[derive(Clone, Debug, Default)]
pub(crate) struct At {
    /// The line that entered it.
    pub(crate) own: Option<Place>,
    /// The line that called the function of that line.
    pub(crate) call: Option<Place>,
}

/// The lines of an operation, or of a span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    /// The one that made it, or called its function, if that is sure.
    pub(crate) own: Option<Source>,
    /// The calls that led there from the function of the span, the outermost first.
    pub(crate) calls: Vec<Source>,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// For each operation.
    pub(crate) operations: Vec<Lines>,
    /// For each span: the line that called its function, as its own, and the calls that led there, or to the line that
    /// entered it.
    pub(crate) spans: Vec<Lines>,
}

/// Finds the lines of all operations and spans. The first span is the whole capture; `asked` gives so many lines of those
/// that asked for it, the innermost first: each was called from the next. A span comes after the one it is in.
pub(crate) fn find(
    asked: &dyn Fn(usize) -> Vec<Place>,
    spans: &[At],
    happened: &[Vec<Happened>],
    operations: usize,
) -> Found {
    let mut found =
        Found { operations: vec![Lines::default(); operations], spans: vec![Lines::default(); spans.len()] };
    let mut shown = Shown::default();
    let mut sources = |places: &[Place]| {
        let mut sources: Vec<Source> = places.iter().map(|place| shown.source(place)).collect();
        // A closure on the line that it is given away on.
        sources.dedup();
        sources
    };
    let mut entered: HashMap<usize, Arc<Entered>> = HashMap::new();
    for (number, at) in spans.iter().enumerate() {
        let Some(events) = happened.get(number).filter(|events| !events.is_empty()) else { continue };
        let Some(body) = Body::of(number, at, asked, entered.get(&number)) else { continue };
        let beliefs = body.beliefs(events.iter().map(|event| token(event, spans)).collect());
        for (event, belief) in events.iter().zip(beliefs.iter()) {
            match event {
                Happened::Entered(span) => {
                    belief.entered.clone().map(|place| entered.insert(*span, place));
                    let own =
                        belief.called.as_ref().and_then(|place| sources(std::slice::from_ref(place)).pop());
                    found.spans[*span] = Lines { own, calls: sources(&belief.chain) };
                }
                Happened::Made { number, .. } => {
                    let mut calls = sources(&belief.chain);
                    let own = if belief.exact { calls.pop() } else { None };
                    found.operations[*number] = Lines { own, calls };
                }
            }
        }
    }
    found
}

fn token(event: &Happened, spans: &[At]) -> Token {
    match event {
        Happened::Made { kind, parameters, .. } => {
            Token::Operation { kind: kind.clone(), parameters: parameters.clone() }
        }
        Happened::Entered(span) => {
            let At { own, call } = spans.get(*span).cloned().unwrap_or_default();
            Token::Span { own, call }
        }
    }
}

/// The code that a span is around.
struct Body {
    shelf: Arc<Shelf>,
    file: Arc<str>,
    what: Runs,
    /// Equal for bodies that are the same code with the same closures, seen from the same place.
    key: u64,
}

enum Runs {
    Function(Arc<Function>, Vec<Value>, Value),
    Callable(Callable),
    /// What comes after a line of a function or closure.
    After(Arc<Function>, Option<Arc<Lambda>>, u32),
}

impl Body {
    /// What is believed of what happened in it. The same code in which the same happened is looked into once, whatever is
    /// captured afterwards: sources are not read anew either.
    fn beliefs(&self, tokens: Vec<Token>) -> Arc<[Belief]> {
        static KNOWN: Memo<(u64, Vec<Token>), Arc<[Belief]>> = Memo::new();
        KNOWN.get((self.key, tokens), |(_, tokens)| align(&self.net(), tokens).into())
    }

    fn of(
        number: usize,
        at: &At,
        asked: &dyn Fn(usize) -> Vec<Place>,
        entered: Option<&Arc<Entered>>,
    ) -> Option<Self> {
        let innermost_asked = if number == 0 { asked(1).pop() } else { None };
        let own = if number == 0 { innermost_asked.as_ref()? } else { at.own.as_ref()? };
        let shelf = shelf(&own.file);
        let file = own.file.clone();
        let body = |what: Runs, key: u64| {
            let key = identity(|hasher| (key, Arc::as_ptr(&shelf) as usize).hash(hasher));
            Some(Self { shelf: shelf.clone(), file: file.clone(), what, key })
        };
        if number == 0 {
            let callable = captured(asked)?;
            let key = identity(|hasher| callable.identify(hasher));
            return body(Runs::Callable(callable), key);
        }
        if let Some(Entered { function: Some(function), arguments, on, .. }) =
            entered.map(|entered| &**entered)
        {
            let key = identity(|hasher| {
                Arc::as_ptr(function).hash(hasher);
                on.identify(hasher);
                arguments.iter().for_each(|argument| argument.identify(hasher));
            });
            return body(Runs::Function(function.clone(), arguments.clone(), on.clone()), key);
        }
        if let Some(Entered { body: Some(callable), .. }) = entered.map(|entered| &**entered) {
            return body(Runs::Callable(callable.clone()), identity(|hasher| callable.identify(hasher)));
        }
        let functions = shelf.functions_in(&own.file);
        let heads = functions.iter().filter(|f| f.has_span && (f.head.0..=f.head.1).contains(&own.line));
        if let Some(function) = heads.min_by_key(|f| f.head.1 - f.head.0) {
            let key = identity(|hasher| Arc::as_ptr(function).hash(hasher));
            return body(Runs::Function(function.clone(), Vec::new(), Value::unknown()), key);
        }
        let function = around(functions, own.line)?;
        let mut calls = Vec::new();
        code::calls(&function.body, &mut calls);
        let key = identity(|hasher| (Arc::as_ptr(function), own.line).hash(hasher));
        let closures = calls.iter().filter(|call| call.line == own.line && call.name() == "in_scope");
        let mut closures = closures.filter_map(|call| match call.arguments.first() {
            Some(Code::Lambda(lambda)) => Some(lambda.clone()),
            _ => None,
        });
        match closures.next() {
            Some(lambda) => body(Runs::Callable(Callable::Closure(Arc::new(blind(lambda, function)))), key),
            None => {
                let lambda = innermost(function, own.line);
                body(Runs::After(function.clone(), lambda, own.line), key)
            }
        }
    }

    fn net(&self) -> Net {
        let mut walker = Walker::new(&self.shelf, &self.file);
        match &self.what {
            Runs::Function(function, arguments, on) => _ = walker.function(function, arguments, on),
            Runs::Callable(Callable::Closure(closure)) => {
                _ = walker.closure(closure, &[Value::named(&Name::session())])
            }
            Runs::Callable(Callable::Functions(functions)) => {
                for function in functions.iter().take(1) {
                    walker.function(function, &[Value::named(&Name::session())], &Value::unknown());
                }
            }
            Runs::After(function, lambda, line) => {
                walker.starts_after = Some(*line);
                walker.start_in(function, lambda.clone());
            }
        }
        walker.finish()
    }
}

/// The closure that a capture runs. No more lines are asked for than it takes to find it.
fn captured(asked: &dyn Fn(usize) -> Vec<Place>) -> Option<Callable> {
    static KNOWN: Memo<Vec<Place>, Option<Callable>> = Memo::new();
    let at = |count: usize| Some(asked(count)).filter(|places| places.len() == count);
    (1..=ASKED).map_while(at).find_map(|places| KNOWN.get(places, |places| called_with(places)))
}

/// The closure that the first of these lines is given, as called from the second, and so on.
fn called_with(places: &[Place]) -> Option<Callable> {
    let at = places.last()?;
    let shelf = shelf(&at.file);
    let function = around(shelf.functions_in(&at.file), at.line)?;
    let mut walker = Walker::new(&shelf, &at.file);
    walker.watched = places.iter().rev().cloned().collect();
    walker.start_in(function, innermost(function, at.line));
    walker.seen
}

/// The innermost function around a line.
fn around(functions: &[Arc<Function>], line: u32) -> Option<&Arc<Function>> {
    let around = functions.iter().filter(|function| (function.head.0..=function.end).contains(&line));
    around.min_by_key(|function| function.end - function.head.0)
}

/// The innermost closure around a line that begins on an earlier one.
fn innermost(function: &Function, line: u32) -> Option<Arc<Lambda>> {
    let mut lambdas = Vec::new();
    code::lambdas(&function.body, &mut lambdas);
    let around = lambdas.into_iter().filter(|lambda| lambda.lines.0 < line && line <= lambda.lines.1);
    around.min_by_key(|lambda| lambda.lines.1 - lambda.lines.0).cloned()
}

/// A closure of which nobody knows what it sees.
fn blind(lambda: Arc<Lambda>, function: &Function) -> Closure {
    let (owner, file) = (function.owner.clone(), function.file.clone());
    let this = owner.as_ref().map(|owner| ("self".to_owned(), Value::named(owner)));
    Closure::new(lambda, this.into_iter().collect(), owner, file)
}

impl Walker<'_> {
    /// Walks through a function, or one of its closures, of whose callers nothing is known.
    fn start_in(&mut self, function: &Arc<Function>, lambda: Option<Arc<Lambda>>) {
        match lambda {
            Some(lambda) => _ = self.closure(&blind(lambda, function), &[]),
            None => _ = self.function(function, &[], &Value::unknown()),
        }
    }
}

/// A number that is equal for what is known to be the same.
fn identity(identify: impl FnOnce(&mut DefaultHasher)) -> u64 {
    let mut hasher = DefaultHasher::new();
    identify(&mut hasher);
    hasher.finish()
}
