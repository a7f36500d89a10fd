//! Reads Burn's operations without naming each of their four hundred variants.
//!
//! `OperationIr` implements `Serialize`; this serializer keeps what a diagram needs (variant names, numbers, and which
//! fields hold tensors) and drops the tensors themselves, which `OperationIr::inputs` and `outputs` give anyway.

use serde::ser::{self, Impossible, Serialize};

/// A serialized value, tensors left out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A tensor, an absent option, or something that is not of interest.
    Skip,
    /// A number or a boolean or a string, as text.
    Text(String),
    /// A sequence or tuple.
    List(Vec<Value>),
    /// A struct's fields.
    Fields(Vec<(&'static str, Value)>),
    /// An enum variant with what it holds.
    Variant(&'static str, Box<Value>),
}

impl Value {
    /// Reads anything that serializes; what can't be read is skipped.
    pub(super) fn read(value: &impl Serialize) -> Self {
        value.serialize(Reader).unwrap_or(Self::Skip)
    }
}

struct Reader;

/// The reader never fails by itself; the type is required by serde.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct ReadError(String);

impl ser::Error for ReadError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Collects a sequence, a struct or a variant.
#[derive(Default)]
struct Collect {
    variant: Option<&'static str>,
    skip: bool,
    items: Vec<Value>,
    fields: Vec<(&'static str, Value)>,
}

impl Collect {
    fn variant(name: &'static str) -> Self {
        Self { variant: Some(name), ..Self::default() }
    }

    fn finish(self) -> Value {
        if self.skip {
            return Value::Skip;
        }
        let inner = if self.fields.is_empty() { Value::List(self.items) } else { Value::Fields(self.fields) };
        match self.variant {
            Some(name) => Value::Variant(name, Box::new(inner)),
            None => inner,
        }
    }
}

macro_rules! text {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<Value, ReadError> { Ok(Value::Text(value.to_string())) })*
    };
}

impl ser::Serializer for Reader {
    type Ok = Value;
    type Error = ReadError;
    type SerializeSeq = Collect;
    type SerializeTuple = Collect;
    type SerializeTupleStruct = Collect;
    type SerializeTupleVariant = Collect;
    type SerializeMap = Impossible<Value, ReadError>;
    type SerializeStruct = Collect;
    type SerializeStructVariant = Collect;

    text!(serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_f32: f32,
        serialize_char: char, serialize_str: &str);

    fn serialize_f64(self, value: f64) -> Result<Value, ReadError> {
        // Burn widens the scalars of f32 tensors; the shorter text is the one that was meant.
        let narrow = value as f32;
        let text = if f64::from(narrow) == value { narrow.to_string() } else { value.to_string() };
        Ok(Value::Text(text))
    }
    fn serialize_bytes(self, _: &[u8]) -> Result<Value, ReadError> {
        Ok(Value::Skip)
    }
    fn serialize_none(self) -> Result<Value, ReadError> {
        Ok(Value::Skip)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ReadError> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<Value, ReadError> {
        Ok(Value::Skip)
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, ReadError> {
        Ok(Value::Skip)
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<Value, ReadError> {
        Ok(Value::Variant(name, Box::new(Value::Skip)))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, ReadError> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<Value, ReadError> {
        Ok(Value::Variant(name, Box::new(value.serialize(Self)?)))
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Collect, ReadError> {
        Ok(Collect::default())
    }
    fn serialize_tuple(self, _: usize) -> Result<Collect, ReadError> {
        Ok(Collect::default())
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Collect, ReadError> {
        Ok(Collect::default())
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Collect, ReadError> {
        Ok(Collect::variant(name))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, ReadError> {
        Err(ReadError("maps are not read".into()))
    }
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Collect, ReadError> {
        Ok(Collect { skip: name == "TensorIr", ..Collect::default() })
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Collect, ReadError> {
        Ok(Collect::variant(name))
    }
}

macro_rules! collect {
    ($($trait:ident $method:ident),*) => {$(
        impl ser::$trait for Collect {
            type Ok = Value;
            type Error = ReadError;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ReadError> {
                self.items.push(value.serialize(Reader)?);
                Ok(())
            }
            fn end(self) -> Result<Value, ReadError> {
                Ok(self.finish())
            }
        }
    )*};
}
collect!(SerializeSeq serialize_element, SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field, SerializeTupleVariant serialize_field);

macro_rules! collect_fields {
    ($($trait:ident),*) => {$(
        impl ser::$trait for Collect {
            type Ok = Value;
            type Error = ReadError;
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), ReadError> {
                if !self.skip {
                    self.fields.push((key, value.serialize(Reader)?));
                }
                Ok(())
            }
            fn end(self) -> Result<Value, ReadError> {
                Ok(self.finish())
            }
        }
    )*};
}
collect_fields!(SerializeStruct, SerializeStructVariant);
