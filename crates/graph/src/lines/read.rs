//! From the syntax of an expression to [`Code`]: its calls in the order in which Rust evaluates them.

use std::sync::Arc;

use proc_macro2::Span;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{BinOp, Expr, GenericArgument, Member, Pat, PathArguments, Stmt, Token, UnOp};

use super::code::{Arm, Call, Code, Lambda, Pattern, Statement, Type};
use super::names::Name;

/// Containers and pointers that are taken for what is in them.
const WRAPPERS: [&str; 10] =
    ["Option", "Vec", "Box", "Arc", "Rc", "Param", "Result", "RefCell", "VecDeque", "Cow"];
const SCALARS: [&str; 17] = [
    "usize", "u8", "u16", "u32", "u64", "isize", "i8", "i16", "i32", "i64", "f32", "f64", "bool", "str",
    "String", "Range", "Shape",
];

/// Reads expressions. Items that are declared among them run when they are called, and not here.
pub(super) struct Reader<'f> {
    /// The file that is read.
    pub(super) file: &'f Arc<str>,
}

impl Reader<'_> {
    pub(super) fn block(&mut self, block: &syn::Block) -> Vec<Statement> {
        let mut statements = Vec::with_capacity(block.stmts.len());
        for statement in &block.stmts {
            match statement {
                Stmt::Local(local) => {
                    let init = local.init.as_ref();
                    let value = init.map_or(Code::Nothing, |init| self.code(&init.expr));
                    statements.push(Statement::Let(pattern(&local.pat, Type::Unknown, self.file), value));
                    if let Some((_, otherwise)) = init.and_then(|init| init.diverge.as_ref()) {
                        statements.push(Statement::Else(self.code(otherwise)));
                    }
                }
                Stmt::Item(_) => {}
                Stmt::Expr(expression, end) => {
                    statements.push(Statement::Run(self.code(expression)));
                    if end.is_some() {
                        statements.push(Statement::Run(Code::Nothing));
                    }
                }
                Stmt::Macro(of) => {
                    statements.push(Statement::Run(self.of_macro(&of.mac)));
                    if of.semi_token.is_some() {
                        statements.push(Statement::Run(Code::Nothing));
                    }
                }
            }
        }
        statements
    }

    fn boxed(&mut self, expression: &Expr) -> Box<Code> {
        Box::new(self.code(expression))
    }

    fn all<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expr>) -> Vec<Code> {
        expressions.into_iter().map(|expression| self.code(expression)).collect()
    }

    fn code(&mut self, expression: &Expr) -> Code {
        match expression {
            Expr::Lit(_) => Code::Scalar,
            Expr::Cast(cast) => {
                Code::Block(vec![Statement::Run(self.code(&cast.expr)), Statement::Run(Code::Scalar)])
            }
            Expr::Path(path) => match path.path.get_ident() {
                Some(name) => Code::Name(name.to_string()),
                None => Code::Name(segments(&path.path).join("::")),
            },
            Expr::Field(field) => {
                let name = match &field.member {
                    Member::Named(name) => name.to_string(),
                    Member::Unnamed(index) => index.index.to_string(),
                };
                Code::Field(self.boxed(&field.base), name)
            }
            Expr::Call(call) => self.call(call),
            Expr::MethodCall(call) => {
                let on = self.code(&call.receiver);
                let arguments = self.all(&call.args);
                called(vec![call.method.to_string()], Some(on), arguments, call.method.span())
            }
            Expr::Binary(binary) => self.binary(binary),
            Expr::Unary(unary) => {
                let of = self.code(&unary.expr);
                match &unary.op {
                    UnOp::Neg(sign) => called(vec!["neg".into()], Some(of), vec![], sign.spans[0]),
                    UnOp::Not(sign) => called(vec!["!".into()], Some(of), vec![], sign.spans[0]),
                    _ => of,
                }
            }
            Expr::Assign(assign) => {
                let parts = vec![self.code(&assign.right), self.code(&assign.left)];
                Code::Parts(None, parts)
            }
            Expr::Index(index) => {
                // An element is taken for the list that it is in.
                let (of, at) = (self.code(&index.expr), self.code(&index.index));
                Code::Block(vec![Statement::Run(at), Statement::Run(of)])
            }
            Expr::Closure(closure) => self.closure(closure),
            Expr::Block(block) => Code::Block(self.block(&block.block)),
            Expr::Unsafe(block) => Code::Block(self.block(&block.block)),
            Expr::If(of) => self.branch_if(of),
            Expr::Match(of) => self.branch_match(of),
            Expr::ForLoop(of) => {
                let body = Code::Block(self.block(&of.body));
                Code::Loop(self.boxed(&of.expr), pattern(&of.pat, Type::Unknown, self.file), Box::new(body))
            }
            Expr::While(of) => {
                let mut body = vec![Statement::Run(self.code(&of.cond))];
                body.extend(self.block(&of.body));
                Code::Loop(Box::new(Code::Nothing), Pattern::Other, Box::new(Code::Block(body)))
            }
            Expr::Loop(of) => {
                let body = Code::Block(self.block(&of.body));
                Code::Loop(Box::new(Code::Nothing), Pattern::Other, Box::new(body))
            }
            Expr::Return(of) => Code::Return(Box::new(self.optional(of.expr.as_deref()))),
            Expr::Break(_) | Expr::Continue(_) => Code::Break,
            Expr::Let(of) => self.code(&of.expr),
            _ => self.transparent(expression),
        }
    }

    fn optional(&mut self, expression: Option<&Expr>) -> Code {
        expression.map_or(Code::Nothing, |expression| self.code(expression))
    }

    /// What stands around other expressions and does nothing.
    fn transparent(&mut self, expression: &Expr) -> Code {
        match expression {
            Expr::Paren(of) => self.code(&of.expr),
            Expr::Group(of) => self.code(&of.expr),
            Expr::Reference(of) => self.code(&of.expr),
            Expr::Try(of) => self.code(&of.expr),
            Expr::Await(of) => self.code(&of.base),
            Expr::Tuple(of) => Code::Parts(None, self.all(&of.elems)),
            Expr::Array(of) => Code::Parts(None, self.all(&of.elems)),
            Expr::Repeat(of) => Code::Parts(None, vec![self.code(&of.expr)]),
            Expr::Range(of) => {
                let (start, end) = (self.optional(of.start.as_deref()), self.optional(of.end.as_deref()));
                let [start, end, range] = [start, end, Code::Scalar].map(Statement::Run);
                Code::Block(vec![start, end, range])
            }
            Expr::Struct(of) => {
                let mut parts = self.all(of.fields.iter().map(|field| &field.expr));
                parts.push(self.optional(of.rest.as_deref()));
                Code::Parts(Some(name_of(&of.path, self.file)), parts)
            }
            Expr::Macro(of) => self.of_macro(&of.mac),
            _ => Code::Nothing,
        }
    }

    fn call(&mut self, call: &syn::ExprCall) -> Code {
        let arguments = self.all(&call.args);
        match &*call.func {
            Expr::Path(path) => {
                let first = path.path.segments.first();
                let span = first.map_or_else(Span::call_site, |first| first.ident.span());
                // The line of a path that is broken is that of its last part, which says what is done.
                let span = path.path.segments.last().map_or(span, |last| last.ident.span());
                let mut names = segments(&path.path);
                if let Some(of) = &path.qself
                    && let Type::Named(name) = type_of(&of.ty, self.file)
                    && let Some(last) = names.pop()
                {
                    names = name.path.split("::").map(str::to_owned).chain([last]).collect();
                }
                called(names, None, arguments, span)
            }
            function => {
                // A closure in a field, or what a call gave.
                let mut parts = vec![self.code(function)];
                parts.extend(arguments);
                Code::Parts(None, parts)
            }
        }
    }

    fn binary(&mut self, binary: &syn::ExprBinary) -> Code {
        let (left, right) = (self.code(&binary.left), self.code(&binary.right));
        let (name, span) = match &binary.op {
            BinOp::Add(sign) => ("+", sign.spans[0]),
            BinOp::Sub(sign) => ("-", sign.spans[0]),
            BinOp::Mul(sign) => ("*", sign.spans[0]),
            BinOp::Div(sign) => ("/", sign.spans[0]),
            BinOp::Rem(sign) => ("%", sign.spans[0]),
            BinOp::AddAssign(sign) => ("+", sign.spans[0]),
            BinOp::SubAssign(sign) => ("-", sign.spans[0]),
            BinOp::MulAssign(sign) => ("*", sign.spans[0]),
            BinOp::DivAssign(sign) => ("/", sign.spans[0]),
            BinOp::RemAssign(sign) => ("%", sign.spans[0]),
            BinOp::BitAnd(sign) => ("&", sign.spans[0]),
            BinOp::BitOr(sign) => ("|", sign.spans[0]),
            BinOp::BitXor(sign) => ("^", sign.spans[0]),
            _ => {
                let [left, right, truth] = [left, right, Code::Scalar].map(Statement::Run);
                return Code::Block(vec![left, right, truth]);
            }
        };
        called(vec![name.into()], Some(left), vec![right], span)
    }

    fn closure(&mut self, closure: &syn::ExprClosure) -> Code {
        let first = closure.or1_token.spans[0].start().line as u32;
        let body = self.code(&closure.body);
        let last = match &*closure.body {
            Expr::Block(block) => block.block.brace_token.span.close().end().line as u32,
            _ => last_line(&body).max(closure.or2_token.spans[0].end().line as u32),
        };
        let parameters =
            closure.inputs.iter().map(|input| pattern(input, Type::Unknown, self.file)).collect();
        Code::Lambda(Arc::new(Lambda { parameters, body, lines: (first, last) }))
    }

    fn branch_if(&mut self, of: &syn::ExprIf) -> Code {
        let chosen = match &*of.cond {
            Expr::Let(condition) => pattern(&condition.pat, Type::Unknown, self.file),
            _ => Pattern::Other,
        };
        let condition = self.boxed(&of.cond);
        let then = Arm { pattern: chosen, guard: None, body: Code::Block(self.block(&of.then_branch)) };
        let otherwise = self.optional(of.else_branch.as_ref().map(|(_, otherwise)| &**otherwise));
        Code::Branch(condition, vec![then, Arm { pattern: Pattern::Other, guard: None, body: otherwise }])
    }

    fn branch_match(&mut self, of: &syn::ExprMatch) -> Code {
        let on = self.boxed(&of.expr);
        let arm = |arm: &syn::Arm| Arm {
            pattern: pattern(&arm.pat, Type::Unknown, self.file),
            guard: arm.guard.as_ref().map(|(_, guard)| self.code(guard)),
            body: self.code(&arm.body),
        };
        Code::Branch(on, of.arms.iter().map(arm).collect())
    }

    /// The arguments of a macro that takes a list of expressions, as `vec!` does.
    fn of_macro(&mut self, of: &syn::Macro) -> Code {
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        match list.parse2(of.tokens.clone()) {
            Ok(expressions) => Code::Parts(None, self.all(&expressions)),
            Err(_) => Code::Nothing,
        }
    }
}

fn called(path: Vec<String>, on: Option<Code>, arguments: Vec<Code>, span: Span) -> Code {
    Code::Call(Box::new(Call { path, on, arguments, line: span.start().line as u32 }))
}

fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

/// The last line on which something is called.
fn last_line(code: &Code) -> u32 {
    let mut calls = Vec::new();
    super::code::calls(code, &mut calls);
    calls.iter().map(|call| call.line).max().unwrap_or(0)
}

/// The names in a pattern.
pub(super) fn pattern(of: &Pat, typed: Type, file: &Arc<str>) -> Pattern {
    let parts = |parts: &Punctuated<Pat, Token![,]>, typed: &Type| -> Vec<Pattern> {
        let of = |(place, part): (usize, &Pat)| {
            let typed = match typed {
                Type::Tuple(types) => types.get(place).cloned().unwrap_or_default(),
                typed => typed.clone(),
            };
            pattern(part, typed, file)
        };
        parts.iter().enumerate().map(of).collect()
    };
    match of {
        Pat::Ident(name) => Pattern::Name(name.ident.to_string(), typed),
        Pat::Type(of) => pattern(&of.pat, type_of(&of.ty, file), file),
        Pat::Reference(of) => pattern(&of.pat, typed, file),
        Pat::Paren(of) => pattern(&of.pat, typed, file),
        Pat::Tuple(of) => Pattern::Parts(parts(&of.elems, &typed)),
        Pat::TupleStruct(of) => Pattern::Variant(name_of(&of.path, file), parts(&of.elems, &typed)),
        Pat::Slice(of) => Pattern::Parts(parts(&of.elems, &typed)),
        Pat::Struct(of) => {
            let fields = of.fields.iter().map(|field| pattern(&field.pat, Type::Unknown, file));
            Pattern::Variant(name_of(&of.path, file), fields.collect())
        }
        Pat::Or(of) => of.cases.first().map_or(Pattern::Other, |case| pattern(case, typed, file)),
        _ => Pattern::Other,
    }
}

/// A name that stands in a file.
pub(super) fn name_of(path: &syn::Path, file: &Arc<str>) -> Name {
    Name::new(&segments(path).join("::"), file)
}

/// What a type is, containers and references taken for what is in them.
pub(super) fn type_of(of: &syn::Type, file: &Arc<str>) -> Type {
    match of {
        syn::Type::Reference(of) => type_of(&of.elem, file),
        syn::Type::Paren(of) => type_of(&of.elem, file),
        syn::Type::Group(of) => type_of(&of.elem, file),
        syn::Type::Slice(of) => type_of(&of.elem, file),
        syn::Type::Array(of) => type_of(&of.elem, file),
        syn::Type::Tuple(of) => Type::Tuple(of.elems.iter().map(|of| type_of(of, file)).collect()),
        syn::Type::Path(of) => {
            let Some(last) = of.path.segments.last() else { return Type::Unknown };
            let name = last.ident.to_string();
            if WRAPPERS.contains(&name.as_str())
                && let PathArguments::AngleBracketed(arguments) = &last.arguments
            {
                let mut types = arguments.args.iter().filter_map(|argument| match argument {
                    GenericArgument::Type(of) => Some(type_of(of, file)),
                    _ => None,
                });
                return types.next().unwrap_or_default();
            }
            match name.as_str() {
                _ if SCALARS.contains(&name.as_str()) => Type::Scalar,
                // A type's parameter.
                _ if name.len() < 3 && name.chars().all(char::is_uppercase) => Type::Unknown,
                _ => Type::Named(name_of(&of.path, file)),
            }
        }
        _ => Type::Unknown,
    }
}
