//! How an operation is written down: as Burn writes its `OperationIr`, with tensors as numbers in a list, and numbers with
//! a fraction as text, since JSON has no infinities and not every reader gives back the last digit.
//!
//! `{"BaseFloat":{"MaskFill":{"mask":{"tensor":4},"out":{"tensor":9},"tensor":{"tensor":8},"value":{"float":"-Infinity"}}}}`

use burn::backend::ir::{IrVisitorMut, OperationIr, ScalarIr, TensorIr, TensorStatus};
use serde_json::{Map, Number, Value, json};

/// An operation as JSON.
pub(super) fn write(operation: &OperationIr) -> Result<Value, String> {
    let mut operation = operation.clone();
    let mut scalars = Vec::new();
    // Scalars are taken out before Burn writes them, and put in afterwards.
    operation.visit_mut(&mut Scalars(|scalar: &mut ScalarIr| {
        let number = scalars.len() as u64;
        scalars.push(std::mem::replace(scalar, ScalarIr::UInt(number)));
    }));
    let value = serde_json::to_value(&operation).map_err(|error| error.to_string())?;
    written(value, &scalars)
}

/// The operation that [`write`] wrote.
pub(super) fn read(value: Value, tensors: &[TensorIr]) -> Result<OperationIr, String> {
    let mut scalars = Vec::new();
    let value = readable(value, tensors, &mut scalars)?;
    let mut operation: OperationIr = serde_json::from_value(value).map_err(|error| error.to_string())?;
    let mut missing = false;
    operation.visit_mut(&mut Scalars(|scalar: &mut ScalarIr| {
        let number = scalar_number(scalar).and_then(|number| scalars.get(number));
        match number {
            Some(known) => *scalar = *known,
            None => missing = true,
        }
    }));
    if missing {
        return Err("a scalar is not as it should be".to_owned());
    }
    // The status of a result is another than that of what is read.
    let results: Vec<_> = operation.outputs().map(|tensor| tensor.id).collect();
    operation.visit_mut(&mut Tensors(|tensor: &mut TensorIr| {
        let is_result = results.contains(&tensor.id);
        tensor.status = if is_result { TensorStatus::NotInit } else { TensorStatus::ReadOnly };
    }));
    Ok(operation)
}

struct Scalars<F>(F);

impl<F: FnMut(&mut ScalarIr)> IrVisitorMut for Scalars<F> {
    fn visit_scalar_mut(&mut self, scalar: &mut ScalarIr) {
        (self.0)(scalar);
    }
}

struct Tensors<F>(F);

impl<F: FnMut(&mut TensorIr)> IrVisitorMut for Tensors<F> {
    fn visit_tensor_mut(&mut self, tensor: &mut TensorIr) {
        (self.0)(tensor);
    }
}

fn scalar_number(scalar: &ScalarIr) -> Option<usize> {
    match scalar {
        ScalarIr::UInt(number) => usize::try_from(*number).ok(),
        _ => None,
    }
}

/// The only member of an object, if it has but one.
fn only(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut members = object.iter();
    let (name, value) = members.next()?;
    members.next().is_none().then_some((name.as_str(), value))
}

fn written(value: Value, scalars: &[ScalarIr]) -> Result<Value, String> {
    match value {
        Value::Object(object) => {
            if let Some(tensor) = tensor(&object) {
                return Ok(json!({ "tensor": tensor }));
            }
            if let Some(("UInt", Value::Number(number))) = only(&object) {
                let known = number.as_u64().and_then(|number| scalars.get(usize::try_from(number).ok()?));
                return known.map(scalar).ok_or_else(|| "a scalar is out of place".to_owned());
            }
            // The order of members doesn't depend on how the reader of JSON keeps them.
            let mut members: Vec<(String, Value)> = object.into_iter().collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            let members = members.into_iter().map(|(name, value)| Ok((name, written(value, scalars)?)));
            members.collect::<Result<Map<_, _>, String>>().map(Value::Object)
        }
        Value::Array(items) => {
            let items = items.into_iter().map(|item| written(item, scalars));
            items.collect::<Result<_, _>>().map(Value::Array)
        }
        Value::Number(number) => Ok(match number.as_f64().filter(|_| number.is_f64()) {
            Some(real) => json!({ "real": text(real) }),
            None => Value::Number(number),
        }),
        other => Ok(other),
    }
}

/// The number of a tensor, if the object is one as Burn writes it.
fn tensor(object: &Map<String, Value>) -> Option<usize> {
    let members = ["dtype", "shape", "status"].iter().all(|name| object.contains_key(*name));
    let id = object.get("id").filter(|_| members && object.len() == 4)?;
    usize::try_from(id.get("value")?.as_u64()?).ok()
}

fn scalar(scalar: &ScalarIr) -> Value {
    match *scalar {
        ScalarIr::Float(value) => json!({ "float": text(value) }),
        ScalarIr::Int(value) => json!({ "int": value }),
        ScalarIr::UInt(value) => json!({ "uint": value }),
        ScalarIr::Bool(value) => json!({ "bool": value }),
    }
}

/// All digits, in a form that JavaScript reads, too.
fn text(value: f64) -> String {
    if value.is_finite() || value.is_nan() {
        format!("{value:?}")
    } else {
        format!("{}Infinity", if value < 0.0 { "-" } else { "" })
    }
}

fn readable(value: Value, tensors: &[TensorIr], scalars: &mut Vec<ScalarIr>) -> Result<Value, String> {
    match value {
        Value::Object(object) => {
            if let Some((name, value)) = only(&object) {
                if let Some(scalar) = read_scalar(name, value)? {
                    scalars.push(scalar);
                    return Ok(json!({ "UInt": scalars.len() - 1 }));
                }
                if name == "real" {
                    let number = Number::from_f64(real(value)?).ok_or("a number is not finite")?;
                    return Ok(Value::Number(number));
                }
                // A tensor is a number; a field of that name is an object.
                if let ("tensor", Some(number)) = (name, value.as_u64()) {
                    let known = usize::try_from(number).ok().and_then(|number| tensors.get(number));
                    let known = known.ok_or_else(|| format!("there is no tensor {number}"))?;
                    return serde_json::to_value(known).map_err(|error| error.to_string());
                }
            }
            let members =
                object.into_iter().map(|(name, value)| Ok((name, readable(value, tensors, scalars)?)));
            members.collect::<Result<Map<_, _>, String>>().map(Value::Object)
        }
        Value::Array(items) => {
            let items = items.into_iter().map(|item| readable(item, tensors, scalars));
            items.collect::<Result<_, _>>().map(Value::Array)
        }
        other => Ok(other),
    }
}

fn read_scalar(name: &str, value: &Value) -> Result<Option<ScalarIr>, String> {
    let wrong = || format!("{value} is no {name}");
    Ok(Some(match name {
        "float" => ScalarIr::Float(real(value)?),
        "int" => ScalarIr::Int(value.as_i64().ok_or_else(wrong)?),
        "uint" => ScalarIr::UInt(value.as_u64().ok_or_else(wrong)?),
        "bool" => ScalarIr::Bool(value.as_bool().ok_or_else(wrong)?),
        _ => return Ok(None),
    }))
}

fn real(value: &Value) -> Result<f64, String> {
    let number = value.as_str().and_then(|text| text.parse().ok());
    number.ok_or_else(|| format!("{value} is no number as text"))
}

#[cfg(test)]
mod tests {
    use super::super::program::TensorId;
    use super::*;
    use burn::backend::ir::{
        BaseOperationIr, ClampOpIr, FloatOperationIr, MaskFillOpIr, NumericOperationIr, RandomOpIr,
        ReduceDimOpIr, ScalarOpIr,
    };
    use burn::backend::{DType, Distribution};

    fn tensors() -> Vec<TensorIr> {
        let tensor = |number: usize| TensorIr {
            status: TensorStatus::ReadOnly,
            ..TensorIr::uninit(TensorId::new(number).ir(), [number + 2, 3].into(), DType::F32)
        };
        (0..4).map(tensor).collect()
    }

    fn result(tensor: &TensorIr) -> TensorIr {
        TensorIr { status: TensorStatus::NotInit, ..tensor.clone() }
    }

    #[test]
    fn operations_come_back_to_the_last_digit() {
        let [a, b, c, d] = tensors().try_into().unwrap();
        let lhs = a.clone();
        let operations = [
            OperationIr::BaseFloat(BaseOperationIr::MaskFill(MaskFillOpIr {
                tensor: a.clone(),
                mask: b.clone(),
                value: ScalarIr::Float(f64::NEG_INFINITY),
                out: result(&c),
            })),
            OperationIr::NumericFloat(
                DType::F32,
                NumericOperationIr::Clamp(ClampOpIr {
                    tensor: a.clone(),
                    min: ScalarIr::Float(-0.353_553_390_593_273_8),
                    max: ScalarIr::Float(f64::INFINITY),
                    out: result(&c),
                }),
            ),
            OperationIr::NumericInt(
                DType::I64,
                NumericOperationIr::AddScalar(ScalarOpIr { lhs, rhs: ScalarIr::UInt(7), out: result(&d) }),
            ),
            OperationIr::Float(
                DType::F32,
                FloatOperationIr::Random(RandomOpIr {
                    out: result(&d),
                    distribution: Distribution::Uniform(-0.353_553_390_593_273_8, 0.1),
                }),
            ),
            OperationIr::NumericFloat(
                DType::F32,
                NumericOperationIr::SumDim(ReduceDimOpIr {
                    input: b,
                    out: result(&d),
                    axis: 1,
                    accumulator_len: 0,
                }),
            ),
        ];
        for operation in operations {
            let value = write(&operation).unwrap();
            let text = value.to_string();
            assert!(!text.contains("null") && !text.contains("status"), "{text}");
            let again = read(serde_json::from_str(&text).unwrap(), &tensors()).unwrap();
            assert_eq!(again, operation, "{text}");
        }
    }

    #[test]
    fn what_was_edited_into_nonsense_is_refused() {
        let read = |text: &str| read(serde_json::from_str(text).unwrap(), &tensors());
        let good = r#"{"NumericFloat":["F32",{"AddScalar":{"lhs":{"tensor":0},"out":{"tensor":1},"rhs":{"float":"1.5"}}}]}"#;
        read(good).unwrap();
        for (from, to) in [
            ("\"tensor\":0", "\"tensor\":9"),
            ("\"tensor\":0", "\"tensor\":-1"),
            ("\"tensor\":0", "\"tensor\":1.5"),
            ("1.5", "one"),
            ("\"1.5\"", "1.5"),
            ("float", "int"),
            ("{\"float\":\"1.5\"}", "{\"UInt\":3}"),
            ("{\"float\":\"1.5\"}", "null"),
            ("\"lhs\"", "\"left\""),
            ("AddScalar", "Melt"),
            ("F32", "F33"),
        ] {
            assert!(good.contains(from), "{from}");
            let text = good.replacen(from, to, 1);
            assert!(read(&text).is_err(), "{text}");
        }
    }
}
