//! From code to a [`Net`]: functions without a span of their own are walked through where they are called.

use std::sync::Arc;

use super::code::{Arm, Code, Function, Pattern, Statement, Type};
use super::library::Shelf;
use super::names::Name;
use super::net::{Net, State, TraceId};
use super::shown::Place;
use super::value::{Callable, Closure, Value, bind};

/// No deeper into functions that call each other.
pub(super) const DEEPEST: usize = 12;
/// No more states than that; what is called beyond is taken for unknown.
pub(super) const MOST_STATES: usize = 10_000;

/// What is being made where the walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Making {
    /// A module: some of its tensors are operations, such as those of a cache.
    Module,
    /// A parameter, an input, a constant: nothing that makes it is an operation.
    Given,
}

/// Walks through code.
pub(super) struct Walker<'a> {
    pub(super) shelf: &'a Shelf,
    pub(super) net: Net,
    /// Where the walk is.
    pub(super) at: State,
    /// The names that are seen, the innermost last.
    pub(super) names: Vec<(String, Value)>,
    /// The type whose function this is.
    pub(super) owner: Option<Name>,
    pub(super) file: Arc<str>,
    /// The call that led here.
    pub(super) trace: Option<TraceId>,
    /// Where `return` leads.
    exits: Vec<State>,
    /// Where `break` leads, and to begin anew.
    loops: Vec<(State, State)>,
    /// The functions that are being walked through.
    pub(super) inside: Vec<*const Function>,
    /// A line on which a span is entered, after which the walk is said to start.
    pub(super) starts_after: Option<u32>,
    /// A line on which something is called with a closure, after the lines of the calls that lead there; and that
    /// closure.
    pub(super) watched: Vec<Place>,
    pub(super) seen: Option<Callable>,
    pub(super) making: Option<Making>,
}

impl<'a> Walker<'a> {
    pub(super) fn new(shelf: &'a Shelf, file: &Arc<str>) -> Self {
        let mut net = Net::default();
        let at = net.state();
        Self {
            shelf,
            net,
            at,
            names: Vec::new(),
            owner: None,
            file: file.clone(),
            trace: None,
            exits: Vec::new(),
            loops: Vec::new(),
            inside: Vec::new(),
            starts_after: None,
            watched: Vec::new(),
            seen: None,
            making: None,
        }
    }

    /// The net of what was walked through.
    pub(super) fn finish(mut self) -> Net {
        if self.starts_after.is_none() {
            self.net.end = Some(self.at);
        }
        self.net
    }

    /// A state that leads on.
    pub(super) fn step(&mut self) -> State {
        let next = self.net.state();
        self.net.free(self.at, next);
        self.at = next;
        next
    }

    pub(super) fn place(&self, line: u32) -> Place {
        Place { file: self.file.clone(), line }
    }

    /// Walks through a function's body.
    pub(super) fn function(&mut self, function: &Arc<Function>, arguments: &[Value], on: &Value) -> Value {
        let seen = std::mem::take(&mut self.names);
        let owner = std::mem::replace(&mut self.owner, function.owner.clone());
        let file = std::mem::replace(&mut self.file, function.file.clone());
        let loops = std::mem::take(&mut self.loops);
        self.inside.push(Arc::as_ptr(function));
        let this = function.owner.as_ref().map_or_else(Value::unknown, Value::named);
        self.names.push(("self".into(), Value { field: on.field.clone(), ..this }));
        // A method that is called as a function has itself as its first argument.
        let skipped = arguments.len().saturating_sub(function.parameters.len());
        let mut given = arguments[skipped..].iter();
        for parameter in &function.parameters {
            let value = given.next().cloned().unwrap_or_default();
            bind(parameter, &value, self.shelf, &mut self.names);
        }
        let value = self.body(&function.body);
        self.inside.pop();
        self.names = seen;
        self.owner = owner;
        self.file = file;
        self.loops = loops;
        let declared = match &function.returns {
            Type::Named(name) => self.shelf.declares(name) || name.is_tensor(),
            Type::Scalar => true,
            _ => false,
        };
        if (declared || !value.is_known()) && value.callable.is_none() {
            Value::typed(function.returns.clone())
        } else {
            value
        }
    }

    /// Walks through a closure's body.
    pub(super) fn closure(&mut self, closure: &Closure, arguments: &[Value]) -> Value {
        let seen = std::mem::replace(&mut self.names, closure.sees.clone());
        let owner = std::mem::replace(&mut self.owner, closure.owner.clone());
        let file = std::mem::replace(&mut self.file, closure.file.clone());
        let loops = std::mem::take(&mut self.loops);
        for (place, parameter) in closure.lambda.parameters.iter().enumerate() {
            let value = arguments.get(place).cloned().unwrap_or_default();
            bind(parameter, &value, self.shelf, &mut self.names);
        }
        let value = self.body(&closure.lambda.body);
        self.names = seen;
        self.owner = owner;
        self.file = file;
        self.loops = loops;
        value
    }

    /// Code that `return` leaves.
    fn body(&mut self, code: &Code) -> Value {
        let exit = self.net.state();
        self.exits.push(exit);
        let value = self.code(code);
        self.exits.pop();
        self.net.free(self.at, exit);
        self.at = exit;
        value
    }

    /// Walks through code.
    pub(super) fn code(&mut self, code: &Code) -> Value {
        match code {
            Code::Nothing => Value::unknown(),
            Code::Scalar => Value::scalar(),
            Code::Name(name) => self.name(name),
            Code::Field(of, name) => {
                let of = self.code(of);
                of.field(name, self.shelf)
            }
            Code::Call(call) => self.call(call),
            Code::Lambda(lambda) => {
                let (owner, file) = (self.owner.clone(), self.file.clone());
                let closure = Closure::new(lambda.clone(), self.names.clone(), owner, file);
                Value { callable: Some(Callable::Closure(Arc::new(closure))), ..Value::unknown() }
            }
            Code::Block(statements) => self.block(statements),
            Code::Branch(of, arms) => self.branch(of, arms),
            Code::Loop(over, pattern, body) => self.repeat(over, pattern, body),
            Code::Return(of) => {
                self.code(of);
                if let Some(&exit) = self.exits.last() {
                    self.net.free(self.at, exit);
                }
                self.at = self.net.state();
                Value::unknown()
            }
            Code::Break => {
                if let Some(&(again, out)) = self.loops.last() {
                    self.net.free(self.at, again);
                    self.net.free(self.at, out);
                }
                self.at = self.net.state();
                Value::unknown()
            }
            Code::Parts(name, parts) => {
                let parts: Vec<Value> = parts.iter().map(|part| self.code(part)).collect();
                match name {
                    Some(name) => {
                        self.type_of_path(&name.path).map_or_else(Value::unknown, |of| Value::named(&of))
                    }
                    None => Value::tuple(parts),
                }
            }
        }
    }

    fn name(&mut self, name: &str) -> Value {
        if let Some((_, value)) = self.names.iter().rev().find(|(known, _)| known == name) {
            return value.clone();
        }
        let last = name.rsplit("::").next().unwrap_or(name);
        if last.chars().all(|c| c.is_uppercase() || c.is_numeric() || c == '_') {
            return Value::scalar();
        }
        let functions = match name.rsplit_once("::").filter(|(of, _)| is_type(of)) {
            Some((of, _)) => {
                let of = self.type_of_path(of);
                of.map(|of| self.shelf.functions_of(&of, last, &self.file)).unwrap_or_default()
            }
            None => self.shelf.free_functions(&Name::new(name, &self.file)),
        };
        let callable = (!functions.is_empty()).then(|| Callable::Functions(functions.into()));
        Value { callable, ..Value::unknown() }
    }

    /// The type that a path names, itself or by one of its kinds.
    pub(super) fn type_of_path(&self, path: &str) -> Option<Name> {
        let of = path.rsplit_once("::").map(|(of, _)| of).filter(|of| is_type(of)).unwrap_or(path);
        match of {
            "Self" => self.owner.clone(),
            of => Some(Name::new(of, &self.file)),
        }
    }

    fn block(&mut self, statements: &[Statement]) -> Value {
        let seen = self.names.len();
        let mut value = Value::unknown();
        for statement in statements {
            match statement {
                Statement::Let(pattern, code) => {
                    let given = self.code(code);
                    bind(pattern, &given, self.shelf, &mut self.names);
                    value = Value::unknown();
                }
                Statement::Else(code) => {
                    let before = self.at;
                    self.step();
                    self.code(code);
                    let after = self.net.state();
                    self.net.free(before, after);
                    self.at = after;
                }
                Statement::Run(code) => value = self.code(code),
            }
        }
        self.names.truncate(seen);
        value
    }

    fn branch(&mut self, of: &Code, arms: &[Arm]) -> Value {
        let chosen_by = self.code(of);
        let (start, end) = (self.at, self.net.state());
        let mut value = Value::unknown();
        for arm in arms {
            self.at = start;
            self.step();
            let seen = self.names.len();
            bind(&arm.pattern, &chosen_by, self.shelf, &mut self.names);
            arm.guard.iter().for_each(|guard| _ = self.code(guard));
            let given = self.code(&arm.body);
            self.names.truncate(seen);
            self.net.free(self.at, end);
            if !value.is_known() {
                value = given;
            }
        }
        self.at = end;
        value
    }

    fn repeat(&mut self, over: &Code, pattern: &Pattern, body: &Code) -> Value {
        let over = self.code(over);
        let again = self.step();
        let out = self.net.state();
        self.net.free(again, out);
        self.loops.push((again, out));
        let seen = self.names.len();
        bind(pattern, &over, self.shelf, &mut self.names);
        self.step();
        self.code(body);
        self.names.truncate(seen);
        self.loops.pop();
        self.net.free(self.at, again);
        self.at = out;
        Value::unknown()
    }
}

/// Whether a path is that of a type, as it is written.
pub(super) fn is_type(path: &str) -> bool {
    path.rsplit("::").next().is_some_and(|last| last.starts_with(char::is_uppercase))
}
