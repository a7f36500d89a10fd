//! Saving.

use burn::backend::ir::OperationIr;
use serde::Serialize;
use serde_json::{Map, Value};

use super::error::ProgramError;
use super::file::{
    ConstantEntry, DIGEST, FORMAT, File, LISTS, NamedEntry, ParameterEntry, TensorEntry, VERSION, digest,
};
use super::notation;
use super::program::{Program, TensorId};

impl Program {
    /// The program as JSON, an entry a line, without its values: [`Program::to_safetensors`] has these.
    /// [`Program::from_json`] reads it back.
    ///
    /// `tensors` are types; all else refers to them by their place in this list. An entry of `operations` is what Burn's
    /// own `OperationIr` is as JSON, with `{"tensor": 4}` for a tensor, and scalars as `{"float": "0.125"}`, `{"int": 3}`,
    /// `{"uint": 3}` or `{"bool": true}`.
    ///
    /// # Errors
    ///
    /// If an operation can't be written down.
    pub fn to_json(&self) -> Result<String, ProgramError> {
        let operation = |(step, operation): (usize, &OperationIr)| {
            notation::write(operation).map_err(|reason| ProgramError::Unwritable { step, reason })
        };
        let tensors = self.tensors.iter().map(|tensor| TensorEntry {
            dtype: serde_json::to_value(tensor.dtype).unwrap_or_default(),
            shape: tensor.shape.to_vec(),
        });
        let named =
            |(name, tensor): (&str, TensorId)| NamedEntry { name: name.to_owned(), tensor: tensor.number() };
        let file = File {
            format: FORMAT.to_owned(),
            version: VERSION,
            name: self.name.clone(),
            tensors: tensors.collect(),
            inputs: self.inputs().map(named).collect(),
            parameters: self
                .parameters()
                .map(|(paths, tensor)| ParameterEntry { paths: paths.to_vec(), tensor: tensor.number() })
                .collect(),
            constants: self
                .constants()
                .map(|(name, tensor)| ConstantEntry {
                    name: name.map(str::to_owned),
                    tensor: tensor.number(),
                })
                .collect(),
            operations: self.operations.iter().enumerate().map(operation).collect::<Result<_, _>>()?,
            outputs: self.outputs().map(named).collect(),
            shown: self.shown.iter().map(|ids| ids.iter().map(|id| id.number()).collect()).collect(),
        };
        Ok(laid_out(&file))
    }
}

/// The head in one line, and then an entry a line.
fn laid_out(file: &File) -> String {
    let Value::Object(entries) = json(file) else { return String::new() };
    let head = [("format", json(&file.format)), ("version", json(&file.version))];
    let head = head.into_iter().chain([(DIGEST, json(&digest(&entries))), ("name", json(&file.name))]);
    let head: Vec<String> = head.map(|(name, value)| format!("\"{name}\":{value}")).collect();
    let lists = LISTS.map(|name| format!(",\n\"{name}\":[\n{}\n]", lines(&entries, name)));
    format!("{{{}{}}}\n", head.join(","), lists.concat())
}

fn lines(entries: &Map<String, Value>, name: &str) -> String {
    let items = entries.get(name).and_then(Value::as_array);
    items.into_iter().flatten().map(Value::to_string).collect::<Vec<_>>().join(",\n")
}

fn json(value: &impl Serialize) -> Value {
    // Only maps with other keys than strings fail, and there are none.
    serde_json::to_value(value).unwrap_or_default()
}
