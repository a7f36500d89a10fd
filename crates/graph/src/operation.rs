//! Operations and tensors, read from what Burn recorded.

mod notes;
mod reader;
mod table;
mod words;

use std::fmt::{self, Write};

use burn::backend::ir::{OperationIr, TensorIr};
use burn::tensor::DType;
use serde::Serialize;

use crate::view::Source;
use reader::Value;

/// One axis of a shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Axis {
    /// The size when captured.
    pub size: usize,
    /// Its name, when the capture was symbolic: `batch`, or `batch·heads`.
    pub symbol: Option<String>,
}

/// A tensor's type: what flows along an edge.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct TensorType {
    /// The axes, outermost first.
    pub axes: Vec<Axis>,
    /// Element type: `f32`, `i64`, `bool`, ...
    pub dtype: String,
}

impl TensorType {
    pub(crate) fn new(tensor: &TensorIr) -> Self {
        let axes = tensor.shape.iter().map(|&size| Axis { size, symbol: None }).collect();
        Self { axes, dtype: dtype_name(tensor.dtype) }
    }

    /// Number of elements.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.axes.iter().map(|axis| axis.size).product()
    }

    /// The shape in numbers: `[2, 7, 512]`.
    #[must_use]
    pub fn sizes(&self) -> String {
        let mut text = String::with_capacity(5 * self.axes.len() + 2);
        // Writing to a string doesn't fail.
        _ = bracketed(&mut text, &self.axes, |text, axis| write!(text, "{}", axis.size));
        text
    }

    /// Shape in numbers and dtype, for a tooltip: `[2, 7, 512] f32`.
    #[must_use]
    pub fn concrete(&self) -> String {
        let mut text = self.sizes();
        text.push(' ');
        text.push_str(&self.dtype);
        text
    }
}

/// The shape, in symbols where there are some: `[batch, source, 512]`.
impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bracketed(f, &self.axes, |f, axis| match &axis.symbol {
            Some(symbol) => f.write_str(symbol),
            None => write!(f, "{}", axis.size),
        })
    }
}

fn bracketed<W: Write>(
    to: &mut W,
    axes: &[Axis],
    each: impl Fn(&mut W, &Axis) -> fmt::Result,
) -> fmt::Result {
    to.write_str("[")?;
    for (place, axis) in axes.iter().enumerate() {
        if place > 0 {
            to.write_str(", ")?;
        }
        each(to, axis)?;
    }
    to.write_str("]")
}

pub(crate) fn dtype_name(dtype: DType) -> String {
    match dtype {
        DType::Bool(_) => "bool".into(),
        DType::QFloat(_) => "quantized".into(),
        other => format!("{other:?}").to_lowercase(),
    }
}

/// One captured operation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Operation {
    /// What is done, as Burn calls it: `matmul`, `softmax`, `layer_norm`, ... `constant` is data given at the start.
    pub kind: String,
    /// Arguments that are not tensors, such as `dim = 3`.
    pub attributes: Vec<(String, String)>,
    /// Types of the arguments that are tensors.
    pub inputs: Vec<TensorType>,
    /// Types of the results.
    pub outputs: Vec<TensorType>,
    /// A digest of the values, if it is data given at the start: it tells one constant from another.
    #[serde(skip)]
    pub(crate) data: Option<u64>,
    /// The line that made it, where the source is at hand and leaves no doubt.
    pub source: Option<Source>,
    /// The calls that led there from the function of the scope that it is in, the outermost first.
    pub calls: Vec<Source>,
}

impl Operation {
    pub(crate) fn new(operation: &OperationIr) -> Self {
        let (kind, attributes) = describe(operation);
        Self {
            kind,
            attributes,
            inputs: operation.inputs().map(TensorType::new).collect(),
            outputs: operation.outputs().map(TensorType::new).collect(),
            data: None,
            source: None,
            calls: Vec::new(),
        }
    }
}

/// What is done, as Burn calls it.
pub(crate) fn kind(operation: &OperationIr) -> String {
    describe(operation).0
}

/// Kind and attributes: the innermost enum variant that wraps the operation's fields, and those fields.
fn describe(operation: &OperationIr) -> (String, Vec<(String, String)>) {
    match operation {
        OperationIr::Init(_) => return ("constant".into(), Vec::new()),
        OperationIr::Custom(custom) => return (custom.id.clone(), Vec::new()),
        _ => {}
    }
    let mut kind = "operation";
    let mut value = Value::read(operation);
    let fields = loop {
        value = match value {
            Value::Variant(name, inner) => {
                kind = name;
                *inner
            }
            // A family with its dtype: the operation is what comes last.
            Value::List(mut items) if !items.is_empty() => items.pop().unwrap_or(Value::Skip),
            Value::Fields(fields) => break fields,
            Value::List(_) | Value::Text(_) | Value::Skip => break Vec::new(),
        };
    };
    let mut attributes = Vec::new();
    for (name, value) in fields {
        flatten(name, &value, &mut attributes);
    }
    (snake_case(kind), attributes)
}

/// Appends `value` as readable attributes; a nested options struct becomes several.
fn flatten(name: &str, value: &Value, attributes: &mut Vec<(String, String)>) {
    match value {
        Value::Fields(fields) if name == "options" => {
            fields.iter().for_each(|(name, value)| flatten(name, value, attributes));
        }
        value => {
            if let Some(text) = plain(value) {
                attributes.push((name.to_owned(), text));
            }
        }
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Skip => None,
        Value::Text(text) => Some(text.clone()),
        Value::List(items) => {
            let parts: Vec<_> = items.iter().filter_map(plain).collect();
            (!parts.is_empty()).then(|| format!("[{}]", parts.join(", ")))
        }
        // A slice reads as start..end.
        Value::Fields(fields) => {
            let parts: Vec<_> =
                fields.iter().filter_map(|(name, value)| Some(format!("{name} {}", plain(value)?))).collect();
            (!parts.is_empty()).then(|| parts.join(" "))
        }
        Value::Variant(name, inner) => Some(plain(inner).unwrap_or_else(|| snake_case(name))),
    }
}

/// `MaxPool2d` becomes `max_pool2d`.
fn snake_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for (i, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && i > 0 {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::backend::ir::{
        ActivationOperationIr, BaseOperationIr, DimOpIr, MaskFillOpIr, NumericOperationIr, ScalarIr,
        ScalarOpIr, TensorId,
    };

    fn tensor(id: u64, shape: &[usize]) -> TensorIr {
        TensorIr::uninit(TensorId::new(id), shape.to_vec().into(), DType::F32)
    }

    #[test]
    fn an_operation_is_read_with_its_attributes() {
        let softmax = OperationIr::Activation(ActivationOperationIr::Softmax(DimOpIr {
            input: tensor(0, &[2, 3]),
            out: tensor(1, &[2, 3]),
            axis: 1,
        }));
        let operation = Operation::new(&softmax);
        assert_eq!(operation.kind, "softmax");
        assert_eq!(operation.attributes, [("axis".to_owned(), "1".to_owned())]);
        assert_eq!(operation.outputs[0].concrete(), "[2, 3] f32");
    }

    #[test]
    fn infinite_scalars_and_families_with_a_dtype_are_read() {
        let scale = OperationIr::NumericFloat(
            DType::F32,
            NumericOperationIr::DivScalar(ScalarOpIr {
                lhs: tensor(0, &[1]),
                rhs: ScalarIr::Float(8.0),
                out: tensor(1, &[1]),
            }),
        );
        let scale = Operation::new(&scale);
        assert_eq!((scale.kind.as_str(), scale.attributes[0].1.as_str()), ("div_scalar", "8"));
        let fill = OperationIr::BaseFloat(BaseOperationIr::MaskFill(MaskFillOpIr {
            tensor: tensor(0, &[1]),
            mask: tensor(1, &[1]),
            value: ScalarIr::Float(f64::NEG_INFINITY),
            out: tensor(2, &[1]),
        }));
        assert_eq!(Operation::new(&fill).attributes, [("value".to_owned(), "-inf".to_owned())]);
    }
}
