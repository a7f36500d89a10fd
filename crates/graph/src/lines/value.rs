//! What is known of a value, from how the source came by it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::code::{Function, Lambda, Pattern, Type};
use super::library::Shelf;

/// Something that can be called.
#[derive(Clone, Debug)]
pub(super) enum Callable {
    Closure(Arc<Closure>),
    Functions(Arc<[Arc<Function>]>),
}

/// A closure and what it sees.
#[derive(Debug)]
pub(super) struct Closure {
    pub(super) lambda: Arc<Lambda>,
    pub(super) sees: Vec<(String, Value)>,
    pub(super) owner: Option<Arc<str>>,
    pub(super) file: Arc<str>,
    /// Equal for closures of the same code that see the same.
    identity: u64,
}

impl Closure {
    pub(super) fn new(
        lambda: Arc<Lambda>,
        sees: Vec<(String, Value)>,
        owner: Option<Arc<str>>,
        file: Arc<str>,
    ) -> Self {
        let mut hasher = DefaultHasher::new();
        Arc::as_ptr(&lambda).hash(&mut hasher);
        for (name, value) in &sees {
            name.hash(&mut hasher);
            value.identify(&mut hasher);
        }
        Self { lambda, sees, owner, file, identity: hasher.finish() }
    }
}

impl Callable {
    /// Equal for what is the same code and sees the same.
    pub(super) fn identify(&self, hasher: &mut DefaultHasher) {
        match self {
            Self::Closure(closure) => closure.identity.hash(hasher),
            Self::Functions(functions) => {
                functions.iter().for_each(|function| Arc::as_ptr(function).hash(hasher));
            }
        }
    }
}

/// A value.
#[derive(Clone, Debug, Default)]
pub(super) struct Value {
    pub(super) of: Type,
    pub(super) callable: Option<Callable>,
    /// Of a tuple.
    pub(super) parts: Vec<Value>,
    /// The field that it was read from.
    pub(super) field: Option<Arc<str>>,
}

impl Value {
    pub(super) fn unknown() -> Self {
        Self::default()
    }

    pub(super) fn scalar() -> Self {
        Self::typed(Type::Scalar)
    }

    pub(super) fn named(name: &str) -> Self {
        Self::typed(Type::Named(name.into()))
    }

    pub(super) fn typed(of: Type) -> Self {
        match of {
            Type::Tuple(parts) => Self::tuple(parts.into_iter().map(Self::typed).collect()),
            of => Self { of, ..Self::default() },
        }
    }

    pub(super) fn tuple(parts: Vec<Self>) -> Self {
        Self { parts, ..Self::default() }
    }

    pub(super) fn is_scalar(&self) -> bool {
        self.of == Type::Scalar
    }

    pub(super) fn is_known(&self) -> bool {
        self.of != Type::Unknown || self.callable.is_some() || !self.parts.is_empty()
    }

    /// Equal for what is known to be the same.
    pub(super) fn identify(&self, hasher: &mut DefaultHasher) {
        self.of.hash(hasher);
        self.field.hash(hasher);
        self.callable.iter().for_each(|callable| callable.identify(hasher));
        self.parts.len().hash(hasher);
        self.parts.iter().for_each(|part| part.identify(hasher));
    }

    /// The name of its type.
    pub(super) fn name(&self) -> Option<&str> {
        match &self.of {
            Type::Named(name) => Some(name),
            _ => None,
        }
    }

    /// A field of it.
    pub(super) fn field(&self, name: &str, shelf: &Shelf, near: &str) -> Self {
        if let Some(part) = name.parse().ok().and_then(|place: usize| self.parts.get(place)) {
            return part.clone();
        }
        let of = self.name().and_then(|of| shelf.structure(of, near));
        let of = of.and_then(|of| of.fields.iter().find(|(field, _)| field == name));
        let value = of.map_or_else(Self::unknown, |(_, of)| Self::typed(of.clone()));
        Self { field: Some(name.into()), ..value }
    }
}

/// Gives the names of a pattern their values.
pub(super) fn bind(
    pattern: &Pattern,
    value: &Value,
    shelf: &Shelf,
    near: &str,
    names: &mut Vec<(String, Value)>,
) {
    match pattern {
        Pattern::Other => {}
        Pattern::Name(name, Type::Unknown) => names.push((name.clone(), value.clone())),
        Pattern::Name(name, of) => {
            let declared = match of {
                Type::Scalar => true,
                Type::Named(name) => &**name == "Tensor" || shelf.structure(name, near).is_some(),
                _ => false,
            };
            let kept = match value.callable.is_none() && (declared || !value.is_known()) {
                true => Value { field: value.field.clone(), ..Value::typed(of.clone()) },
                false => value.clone(),
            };
            names.push((name.clone(), kept));
        }
        Pattern::Parts(patterns) => {
            let structure = value.name().and_then(|name| shelf.structure(name, near));
            for (place, part) in patterns.iter().enumerate() {
                let field = match part {
                    Pattern::Name(name, _) => {
                        structure.and_then(|of| of.fields.iter().find(|(field, _)| field == name))
                    }
                    _ => None,
                };
                let of = match field {
                    _ if value.parts.len() == patterns.len() => value.parts[place].clone(),
                    Some((name, of)) => {
                        Value { field: Some(name.as_str().into()), ..Value::typed(of.clone()) }
                    }
                    None if patterns.len() == 1 || value.is_scalar() => value.clone(),
                    None => Value::unknown(),
                };
                bind(part, &of, shelf, near, names);
            }
        }
    }
}
