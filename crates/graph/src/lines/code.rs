//! What a function does, as far as it matters for the order in which operations are made.
//!
//! It is read from the syntax alone. Of types there is what the source says in so many words.

use std::sync::Arc;

use super::names::Name;

/// An expression.
#[derive(Clone, Debug)]
pub(super) enum Code {
    /// Nothing that runs, and nothing known of its value.
    Nothing,
    /// A number, a word, a truth: no tensor.
    Scalar,
    /// A variable, or a function's name.
    Name(String),
    /// A field of a value, by name or number.
    Field(Box<Code>, String),
    /// A call of a function, a method, an operator.
    Call(Box<Call>),
    /// A closure. It doesn't run before it is called.
    Lambda(Arc<Lambda>),
    /// Statements; the value is that of the last.
    Block(Vec<Statement>),
    /// One of several ways, chosen by a value.
    Branch(Box<Code>, Vec<Arm>),
    /// A body that runs any number of times, over the elements of a value or not.
    Loop(Box<Code>, Pattern, Box<Code>),
    /// The function or closure is left with a value.
    Return(Box<Code>),
    /// The loop is left, or begins anew.
    Break,
    /// Evaluated in order: the fields of a value of the named type, if there is a name.
    Parts(Option<Name>, Vec<Code>),
}

/// A call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// The function's path, or a method's or operator's name alone.
    pub(super) path: Vec<String>,
    /// What a method is called on.
    pub(super) on: Option<Code>,
    pub(super) arguments: Vec<Code>,
    pub(super) line: u32,
}

impl Call {
    pub(super) fn name(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }

    /// Whether what it is given becomes a parameter or a running statistic of a module.
    pub(super) fn makes_a_parameter(&self) -> bool {
        let of = self.path.len().checked_sub(2).map(|place| self.path[place].as_str());
        self.on.is_none() && matches!(of, Some("Param" | "RunningState"))
    }
}

/// A closure.
#[derive(Clone, Debug)]
pub(super) struct Lambda {
    pub(super) parameters: Vec<Pattern>,
    pub(super) body: Code,
    /// First and last line.
    pub(super) lines: (u32, u32),
}

/// One way of a branch.
#[derive(Clone, Debug)]
pub(super) struct Arm {
    pub(super) pattern: Pattern,
    pub(super) guard: Option<Code>,
    pub(super) body: Code,
}

/// A statement.
#[derive(Clone, Debug)]
pub(super) enum Statement {
    Let(Pattern, Code),
    /// Runs if the pattern of a `let` before it doesn't fit.
    Else(Code),
    Run(Code),
}

/// What names a value is given.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    Other,
    Name(String, Type),
    /// The fields of a tuple, a struct or a list.
    Parts(Vec<Pattern>),
    /// The fields of one kind of a value, as `Shape::Circle(radius)`, or of a struct.
    Variant(Name, Vec<Pattern>),
}

/// What the source says of a type: containers and references are taken for what is in them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Type {
    #[default]
    Unknown,
    Scalar,
    Named(Name),
    Tuple(Vec<Type>),
}

/// A function.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    /// The type that it is a method or an associated function of.
    pub(super) owner: Option<Name>,
    /// The trait that it is declared or implemented for.
    pub(super) of_trait: Option<Name>,
    pub(super) file: Arc<str>,
    pub(super) parameters: Vec<Pattern>,
    pub(super) returns: Type,
    /// The lines of its attributes and signature.
    pub(super) head: (u32, u32),
    /// The line of its name.
    pub(super) line: u32,
    pub(super) end: u32,
    /// Whether it enters a span of its own.
    pub(super) has_span: bool,
    pub(super) body: Code,
}

impl Function {
    /// Whether it makes a module. What there is made by modules of foreign crates is no operation: parameters are made when
    /// they are first asked for.
    pub(super) fn makes_a_module(&self) -> bool {
        let named = self.name.starts_with("new") || self.name.starts_with("init") || self.name == "default";
        let is_module = matches!(&self.returns, Type::Named(name) if !name.is_tensor());
        named && is_module && !self.parameters.iter().any(Pattern::has_tensor)
    }
}

impl Pattern {
    fn has_tensor(&self) -> bool {
        match self {
            Self::Name(_, Type::Named(name)) => name.is_tensor(),
            Self::Parts(parts) | Self::Variant(_, parts) => parts.iter().any(Self::has_tensor),
            _ => false,
        }
    }
}

/// A type with fields, or one kind of a type that has several: `Shape::Circle`.
#[derive(Debug)]
pub(super) struct Struct {
    pub(super) name: String,
    pub(super) fields: Vec<(String, Type)>,
}

/// All closures in a piece of code, the outer before the inner.
pub(super) fn lambdas<'a>(code: &'a Code, found: &mut Vec<&'a Arc<Lambda>>) {
    visit(code, &mut |code| {
        if let Code::Lambda(lambda) = code {
            found.push(lambda);
        }
    });
}

/// All calls in a piece of code.
pub(super) fn calls<'a>(code: &'a Code, found: &mut Vec<&'a Call>) {
    visit(code, &mut |code| {
        if let Code::Call(call) = code {
            found.push(call);
        }
    });
}

fn visit<'a>(code: &'a Code, see: &mut impl FnMut(&'a Code)) {
    see(code);
    match code {
        Code::Nothing | Code::Scalar | Code::Name(_) | Code::Break => {}
        Code::Field(of, _) | Code::Return(of) => visit(of, see),
        Code::Call(call) => call.on.iter().chain(&call.arguments).for_each(|part| visit(part, see)),
        Code::Lambda(lambda) => visit(&lambda.body, see),
        Code::Block(statements) => {
            for Statement::Let(_, code) | Statement::Else(code) | Statement::Run(code) in statements {
                visit(code, see);
            }
        }
        Code::Branch(of, arms) => {
            visit(of, see);
            for arm in arms {
                arm.guard.iter().for_each(|guard| visit(guard, see));
                visit(&arm.body, see);
            }
        }
        Code::Loop(over, _, body) => {
            visit(over, see);
            visit(body, see);
        }
        Code::Parts(_, parts) => parts.iter().for_each(|part| visit(part, see)),
    }
}
