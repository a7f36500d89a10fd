//! What a call in the source can have made.

use std::sync::Arc;

use super::code::{Call, Function};
use super::made::SKIPPED;
use super::meaning::{Meaning, meaning};
use super::names::Name;
use super::net::{Entered, What};
use super::shown::Place;
use super::value::{Callable, Value};
use super::walk::{DEEPEST, MOST_STATES, Making, Walker, is_type};

/// A span that should have been entered, and was not.
const SKIPPED_SPAN: u32 = 6;
/// An operation of a call of which nothing is known.
const UNKNOWN: u32 = 5;
/// An operation of a module of a foreign crate.
const FOREIGN: u32 = 2;
/// No more functions of one name are tried.
const MOST_OF_A_NAME: usize = 8;

impl Walker<'_> {
    pub(super) fn call(&mut self, call: &Call) -> Value {
        let on = call.on.as_ref().map(|on| self.code(on));
        let making = self.making;
        if call.makes_a_parameter() || on.as_ref().is_some_and(|on| self.declares_data(on, call)) {
            self.making = Some(Making::Given);
        }
        let arguments: Vec<Value> = call.arguments.iter().map(|argument| self.code(argument)).collect();
        self.making = making;
        let name = call.name();
        if self.seen.is_none() && self.is_watched(call.line) {
            self.seen = arguments.iter().rev().find_map(|argument| argument.callable.clone());
        }
        if on.is_none()
            && let [name] = &call.path[..]
            && let Some(value) = self.variable(name)
        {
            return self.variable_called(value, &arguments, call.line);
        }
        match on {
            Some(on) => self.method(name, on, &arguments, call.line),
            None => self.path(&call.path, &arguments, call.line),
        }
    }

    /// Whether a session is told that a tensor is given.
    fn declares_data(&self, on: &Value, call: &Call) -> bool {
        let is_session = || on.name().is_some_and(|of| self.shelf.home(of).is_session());
        matches!(call.name(), "input" | "constant") && is_session()
    }

    fn is_watched(&self, line: u32) -> bool {
        let Some((last, calls)) = self.watched.split_last() else { return false };
        let led = self.trace.map(|trace| self.net.chain(trace)).unwrap_or_default();
        *last == self.place(line) && led == calls
    }

    fn variable(&self, name: &str) -> Option<Value> {
        self.names.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn variable_called(&mut self, value: Value, arguments: &[Value], line: u32) -> Value {
        match value.callable {
            Some(callable) => self.within(line, |walker| walker.invoke(&callable, arguments)),
            // A closure that came from somewhere unknown.
            None => {
                self.within(line, |walker| walker.any(FOREIGN, None, false));
                Value::unknown()
            }
        }
    }

    /// Runs a walk as called from a line.
    fn within<T>(&mut self, line: u32, walk: impl FnOnce(&mut Self) -> T) -> T {
        let trace = self.net.trace(self.place(line), self.trace);
        let before = self.trace.replace(trace);
        let result = walk(self);
        self.trace = before;
        result
    }

    /// Walks through what is called, which is told the line by [`Walker::within`].
    fn invoke(&mut self, callable: &Callable, arguments: &[Value]) -> Value {
        match callable {
            Callable::Closure(closure) => self.closure(&closure.clone(), arguments),
            Callable::Functions(functions) => {
                let (start, end) = (self.at, self.net.state());
                let mut value = Value::unknown();
                for function in functions.iter().take(MOST_OF_A_NAME) {
                    self.at = start;
                    self.step();
                    let on = arguments.first().cloned().unwrap_or_default();
                    let given = self.function_or_span(function, arguments, &on);
                    self.net.free(self.at, end);
                    value = if value.is_known() { value } else { given };
                }
                self.at = end;
                value
            }
        }
    }

    fn function_or_span(&mut self, function: &Arc<Function>, arguments: &[Value], on: &Value) -> Value {
        if function.has_span {
            let trace = self.trace.map(|trace| &self.net.traces[trace]);
            let (at, led) = trace.map(|trace| (trace.place.clone(), trace.from)).unzip();
            self.enter(Entered {
                at: at.unwrap_or_else(|| self.place(function.line)),
                led: led.flatten(),
                function: Some(function.clone()),
                arguments: arguments.to_vec(),
                on: on.clone(),
                body: None,
            });
            return Value::typed(function.returns.clone());
        }
        if function.makes_a_module() {
            return self.made(function, arguments, on);
        }
        let again = self.inside.contains(&Arc::as_ptr(function));
        if again || self.inside.len() >= DEEPEST || self.net.edges.len() > MOST_STATES {
            self.any(UNKNOWN, None, false);
            return Value::typed(function.returns.clone());
        }
        self.function(function, arguments, on)
    }

    fn enter(&mut self, entered: Entered) {
        let next = self.net.state();
        self.net.edge(self.at, next, What::Span(Arc::new(entered)));
        self.net.edge(self.at, next, What::Free(SKIPPED_SPAN));
        self.at = next;
    }

    /// Any number of operations, on the line of the call that led here or of something that is called there.
    fn any(&mut self, price: u32, on: Option<&Value>, here: bool) {
        // Modules of foreign crates make their parameters when they are first asked for, which no line says.
        let Some(trace) = self.trace.filter(|_| self.making.is_none()) else { return };
        let field = on.and_then(|on| on.field.clone());
        let of = on.and_then(|on| on.name()).map(|of| snake_case(of.last()));
        // A module that is called like an operation makes it, and hardly another.
        let is_word = of.as_ref().is_some_and(|of| matches!(meaning(of), Meaning::Makes { .. }));
        let price = if is_word { UNKNOWN } else { price };
        let word = of.map(|of| self.net.word(&of, false));
        let what = What::Any { price, field, word, trace, here };
        let (made, next) = (self.net.state(), self.net.state());
        self.net.edge(self.at, made, what.clone());
        self.net.edge(made, made, what);
        self.net.free(made, next);
        self.net.edge(self.at, next, What::Free(if is_word { SKIPPED } else { 0 }));
        self.at = next;
    }

    /// A call of something that there is no source of. It may run the closures that it gets.
    fn unknown(&mut self, price: u32, on: Option<&Value>, arguments: &[Value], line: u32) -> Value {
        self.within(line, |walker| walker.any(price, on, true));
        self.run(on, arguments, line, false);
        Value::unknown()
    }

    /// Runs the closures among the arguments any number of times.
    fn run(&mut self, on: Option<&Value>, arguments: &[Value], line: u32, folds: bool) -> Value {
        let mut value = Value::unknown();
        for argument in arguments {
            let Some(callable) = &argument.callable else { continue };
            let element = on.cloned().unwrap_or_default();
            let given = match (folds, arguments.first()) {
                (true, Some(first)) => vec![first.clone(), element],
                _ => vec![element],
            };
            let again = self.step();
            let out = self.net.state();
            self.net.free(again, out);
            self.step();
            let made = self.within(line, |walker| walker.invoke(callable, &given));
            self.net.free(self.at, again);
            self.at = out;
            value = if value.is_known() { value } else { made };
        }
        value
    }

    fn path(&mut self, path: &[String], arguments: &[Value], line: u32) -> Value {
        let name = path.last().map_or("", String::as_str);
        let qualifier = path[..path.len().saturating_sub(1)].join("::");
        let of = if is_type(&qualifier) { self.type_of_path(&qualifier) } else { None };
        if name.starts_with(char::is_uppercase) {
            // `Some(x)`, a tuple with a name, or one kind of a type.
            let made = self.type_of_path(&path.join("::")).filter(|made| self.shelf.declares(made));
            return made
                .map_or_else(|| arguments.first().cloned().unwrap_or_default(), |made| Value::named(&made));
        }
        if matches!(
            of.as_ref().map(Name::last),
            Some("Arc" | "Rc" | "Box" | "Some" | "Option" | "Param" | "Vec" | "RefCell")
        ) {
            return arguments.first().cloned().unwrap_or_default();
        }
        let functions = match &of {
            Some(of) => self.shelf.functions_of(of, name, &self.file),
            None => self.shelf.free_functions(&Name::new(&path.join("::"), &self.file)),
        };
        if !functions.is_empty() {
            return self.functions(functions, None, arguments, line);
        }
        let is_tensor = of.as_ref().is_none_or(Name::is_tensor);
        match meaning(name) {
            Meaning::Makes { several } if is_tensor => self.word(name, several, false, line),
            Meaning::Silent => Value::scalar(),
            _ if of.is_some() && !is_tensor => {
                self.unknown(UNKNOWN, None, arguments, line);
                of.map_or_else(Value::unknown, |of| Value::named(&of))
            }
            _ => self.unknown(UNKNOWN, None, arguments, line),
        }
    }

    fn functions(
        &mut self,
        functions: Vec<Arc<Function>>,
        on: Option<&Value>,
        arguments: &[Value],
        line: u32,
    ) -> Value {
        if functions.len() > MOST_OF_A_NAME {
            self.within(line, |walker| walker.any(FOREIGN, None, false));
            return Value::unknown();
        }
        let on = on.cloned().unwrap_or_default();
        let mut value = Value::unknown();
        let (start, end) = (self.at, self.net.state());
        for function in functions {
            self.at = start;
            self.step();
            let given = self.within(line, |walker| walker.function_or_span(&function, arguments, &on));
            self.net.free(self.at, end);
            value = if value.is_known() { value } else { given };
        }
        self.at = end;
        value
    }

    fn method(&mut self, name: &str, on: Value, arguments: &[Value], line: u32) -> Value {
        let has_closure = arguments.iter().any(|argument| argument.callable.is_some());
        let known = meaning(name);
        match name {
            "in_scope" => return self.in_scope(arguments, line),
            "enter" | "entered" => return self.entered(line),
            "zip" => return Value::tuple(vec![on, arguments.first().cloned().unwrap_or_default()]),
            "enumerate" => return Value::tuple(vec![Value::scalar(), on]),
            "take" if !arguments.is_empty() && on.name().is_some_and(Name::is_tensor) => {
                return self.word(name, true, true, line);
            }
            _ => {}
        }
        let sign = !name.starts_with(char::is_alphabetic);
        if on.is_scalar() && arguments.iter().all(Value::is_scalar) {
            return Value::scalar();
        }
        let with_number = on.is_scalar() || (!arguments.is_empty() && arguments.iter().all(Value::is_scalar));
        if sign || name == "neg" {
            return self.word(name, false, with_number, line);
        }
        if known == Meaning::Silent {
            return Value::scalar();
        }
        if on.name().is_some_and(|of| self.shelf.home(of).is_session()) {
            // It gives back the tensor that it is told of, and makes nothing.
            return arguments.get(1).cloned().unwrap_or_else(Value::scalar);
        }
        // What the crate itself has of that name.
        let of = on.name().filter(|of| !of.is_tensor()).cloned();
        let mut functions = match on.name() {
            // Every module of another crate has a `forward`, and a type's own method comes before a trait's.
            Some(of) if name == "forward" && !of.is_tensor() && !self.shelf.declares(of) => Vec::new(),
            Some(of) => self.shelf.functions_of(of, name, &self.file),
            None if known != Meaning::Unknown => Vec::new(),
            None => self.shelf.methods(name, &self.file),
        };
        functions.retain(|function| function.parameters.len() == arguments.len());
        if !functions.is_empty() {
            return self.functions(functions, Some(&on), arguments, line);
        }
        let is_foreign = of.is_some();
        match known {
            _ if has_closure
                && (known == Meaning::Running
                    || known == Meaning::PassedOn
                    || name == "any"
                    || name == "all") =>
            {
                let value = self.run(Some(&on), arguments, line, name.contains("fold"));
                if value.is_known() { value } else { Value { callable: None, ..on } }
            }
            Meaning::PassedOn | Meaning::Running => on,
            Meaning::Makes { several } if !is_foreign => self.word(name, several, with_number, line),
            _ if is_foreign => {
                self.unknown(FOREIGN, Some(&on), arguments, line);
                // A configuration makes what it is named after.
                let Some(of) = of else { return Value::unknown() };
                match self.shelf.full(&of).path.strip_suffix("Config") {
                    Some(module) if name.starts_with("init") => Value::named(&Name::new(module, &of.file)),
                    Some(_) => Value::named(&of),
                    None => Value::unknown(),
                }
            }
            _ => self.unknown(if on.field.is_some() { FOREIGN } else { UNKNOWN }, Some(&on), arguments, line),
        }
    }

    fn in_scope(&mut self, arguments: &[Value], line: u32) -> Value {
        let body = arguments.first().and_then(|argument| argument.callable.clone());
        let at = self.place(line);
        self.enter_here(at, body);
        Value::unknown()
    }

    fn entered(&mut self, line: u32) -> Value {
        if self.starts_after == Some(line) && self.trace.is_none() {
            self.net.start = self.step();
        } else {
            let at = self.place(line);
            self.enter_here(at, None);
        }
        Value::unknown()
    }

    /// A span in the middle of a function.
    fn enter_here(&mut self, at: Place, body: Option<Callable>) {
        let (led, on) = (self.trace, Value::unknown());
        self.enter(Entered { at, led, function: None, arguments: Vec::new(), on, body });
    }
}

/// The name of a type as that of an operation is written.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 2);
    for (place, letter) in name.char_indices() {
        if place > 0 && letter.is_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
