//! What a word makes, and what is made together with a module.

use std::sync::Arc;

use super::code::Function;
use super::names::Name;
use super::net::What;
use super::value::Value;
use super::walk::{DEEPEST, MOST_STATES, Making, Walker};

/// A word of a tensor that made nothing.
pub(super) const SKIPPED: u32 = 3;
/// The same where a module is made: most of what is made there is a parameter, and no operation.
const SKIPPED_IN_MAKING: u32 = 1;
/// A sign that made nothing: often it stands between numbers.
const SKIPPED_SIGN: u32 = 2;
/// One more operation of the same word: it must not take those of the words that follow.
const ANOTHER: u32 = 2;

impl Walker<'_> {
    /// A module, or whatever else has tensors that are made with it: a cache, a table.
    pub(super) fn made(&mut self, function: &Arc<Function>, arguments: &[Value], on: &Value) -> Value {
        let again = self.inside.contains(&Arc::as_ptr(function));
        if !again && self.inside.len() < DEEPEST && self.net.edges.len() < MOST_STATES {
            let making = self.making;
            self.making = making.or(Some(Making::Module));
            self.function(function, arguments, on);
            self.making = making;
        }
        Value::typed(function.returns.clone())
    }

    /// A word that makes operations.
    pub(super) fn word(&mut self, name: &str, several: bool, with_number: bool, line: u32) -> Value {
        if self.making == Some(Making::Given) {
            return Value::named(&Name::tensor());
        }
        let trace = self.net.trace(self.place(line), self.trace);
        let word = self.net.word(name, with_number);
        let (made, next) = (self.net.state(), self.net.state());
        self.net.edge(self.at, made, What::Word(word, trace, 0));
        if several {
            self.net.edge(made, made, What::Word(word, trace, ANOTHER));
        }
        self.net.free(made, next);
        let sign = !name.starts_with(char::is_alphabetic);
        let skipped = match self.making {
            Some(_) => SKIPPED_IN_MAKING,
            None if sign => SKIPPED_SIGN,
            None => SKIPPED,
        };
        self.net.edge(self.at, next, What::Free(skipped));
        self.at = next;
        Value::named(&Name::tensor())
    }
}
