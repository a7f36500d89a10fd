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
    pub(super) field: Option<Field>,
}

/// A field of a value that may be a field itself. A module's field is a part of its parameters' paths.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Field {
    pub(super) name: Arc<str>,
    /// The field that the value was read from which has this one.
    pub(super) of: Option<Arc<str>>,
}

impl Field {
    /// How many parts of this field are in a parameter's path: none, its name, or the field around it, too, as far as that
    /// is known.
    pub(super) fn parts_in(&self, path: &str) -> usize {
        let (mut before, mut most) = (None, 0);
        for part in path.split('.') {
            if part == &*self.name {
                let fits = self.of.as_deref().zip(before).is_none_or(|(of, before)| of == before);
                most = most.max(1 + usize::from(fits));
            }
            before = Some(part);
        }
        most
    }
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
        let of = self.field.as_ref().map(|field| field.name.clone());
        Self { field: Some(Field { name: name.into(), of }), ..value }
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
                Some(of) => {
                    let around = value.field.as_ref().map(|field| field.name.clone());
                    // What is in one kind of a value is found by the kind's name.
                    let kind = enumerated.map(|_| Field { name: name.last().into(), of: around.clone() });
                    bind_fields(&of.fields, patterns, (around, kind), shelf, names);
                }
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

/// Gives the fields of a value to names: by their own, or by their places. Their fields are in the one `around`; those
/// without a name are in one `kind` of it.
fn bind_fields(
    fields: &[(String, Type)],
    patterns: &[Pattern],
    (around, kind): (Option<Arc<str>>, Option<Field>),
    shelf: &Shelf,
    names: &mut Vec<(String, Value)>,
) {
    for (place, part) in patterns.iter().enumerate() {
        let named = fields.iter().find(|(field, _)| matches!(part, Pattern::Name(name, _) if name == field));
        let by_place = || fields.get(place).filter(|(name, _)| name.parse::<usize>().is_ok());
        let found = named.or_else(by_place).map_or_else(Value::unknown, |(name, of)| {
            let field = match name.parse::<usize>() {
                Ok(_) => kind.clone(),
                Err(_) => Some(Field { name: name.as_str().into(), of: around.clone() }),
            };
            Value { field, ..Value::typed(of.clone()) }
        });
        bind(part, &found, shelf, names);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_looked_for_in_a_path_with_the_one_around_it() {
        let field = |name: &str, of: Option<&str>| Field { name: name.into(), of: of.map(Into::into) };
        let path = "features.dw.conv.weight";
        assert_eq!(field("conv", Some("dw")).parts_in(path), 2);
        assert_eq!(field("conv", None).parts_in(path), 2, "nothing is known of what is around");
        assert_eq!(field("features", Some("model")).parts_in(path), 2, "nothing is around");
        assert_eq!(field("conv", Some("pw")).parts_in(path), 1);
        assert_eq!(field("norm", Some("dw")).parts_in(path), 0);
    }
}
