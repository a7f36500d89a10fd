//! What is known of a value, from how the source came by it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::code::{Function, Lambda, Pattern, Type};
use super::library::Shelf;
use super::names::Name;

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
    pub(super) owner: Option<Name>,
    pub(super) file: Arc<str>,
    /// Equal for closures of the same code that see the same.
    identity: u64,
}

impl Closure {
    pub(super) fn new(
        lambda: Arc<Lambda>,
        sees: Vec<(String, Value)>,
        owner: Option<Name>,
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

    pub(super) fn named(name: &Name) -> Self {
        Self::typed(Type::Named(name.clone()))
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
    pub(super) fn name(&self) -> Option<&Name> {
        match &self.of {
            Type::Named(name) => Some(name),
            _ => None,
        }
    }

    /// A field of it.
    pub(super) fn field(&self, name: &str, shelf: &Shelf) -> Self {
        if let Some(part) = name.parse().ok().and_then(|place: usize| self.parts.get(place)) {
            return part.clone();
        }
        let of = self.name().and_then(|of| shelf.structure(of));
        let of = of.and_then(|of| of.fields.iter().find(|(field, _)| field == name));
        let value = of.map_or_else(Self::unknown, |(_, of)| Self::typed(of.clone()));
        Self { field: Some(name.into()), ..value }
    }
}

/// Gives the names of a pattern their values.
pub(super) fn bind(pattern: &Pattern, value: &Value, shelf: &Shelf, names: &mut Vec<(String, Value)>) {
    match pattern {
        Pattern::Other => {}
        Pattern::Name(name, Type::Unknown) => names.push((name.clone(), value.clone())),
        Pattern::Name(name, of) => {
            let declared = match of {
                Type::Scalar => true,
                Type::Named(name) => name.is_tensor() || shelf.declares(name),
                _ => false,
            };
            let kept = match value.callable.is_none() && (declared || !value.is_known()) {
                true => Value { field: value.field.clone(), ..Value::typed(of.clone()) },
                false => value.clone(),
            };
            names.push((name.clone(), kept));
        }
        Pattern::Variant(name, patterns) => {
            let enumerated = value.name().and_then(|of| shelf.variant(of, name)).or_else(|| {
                let of = name.path.rsplit_once("::")?.0;
                shelf.variant(&Name::new(of, &name.file), name)
            });
            let structure = enumerated.or_else(|| value.name().and_then(|name| shelf.structure(name)));
            // `Some(x)`, where containers are taken for what is in them.
            let is_wrapper = matches!(&*name.path, "Some" | "Ok" | "Err");
            match structure.filter(|_| !is_wrapper) {
                Some(of) => bind_fields(&of.fields, patterns, shelf, names),
                None => bind(&Pattern::Parts(patterns.clone()), value, shelf, names),
            }
        }
        Pattern::Parts(patterns) => {
            for (place, part) in patterns.iter().enumerate() {
                let of = match part {
                    _ if value.parts.len() == patterns.len() => value.parts[place].clone(),
                    _ if patterns.len() == 1 || value.is_scalar() => value.clone(),
                    _ => Value::unknown(),
                };
                bind(part, &of, shelf, names);
            }
        }
    }
}

/// Gives the fields of a value to names: by their own, or by their places.
fn bind_fields(
    fields: &[(String, Type)],
    patterns: &[Pattern],
    shelf: &Shelf,
    names: &mut Vec<(String, Value)>,
) {
    for (place, part) in patterns.iter().enumerate() {
        let named = fields.iter().find(|(field, _)| matches!(part, Pattern::Name(name, _) if name == field));
        let by_place = || fields.get(place).filter(|(name, _)| name.parse::<usize>().is_ok());
        let value = named.or_else(by_place).map_or_else(Value::unknown, |(name, of)| {
            let field = name.parse::<usize>().is_err().then(|| name.as_str().into());
            Value { field, ..Value::typed(of.clone()) }
        });
        bind(part, &value, shelf, names);
    }
}
