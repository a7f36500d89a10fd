//! Reading back. A file may have been cut off, edited, or written by another version: everything in it is checked
//! before anything is made of it.

use std::collections::{BTreeMap, HashSet};

use burn::backend::ir::{OperationIr, TensorIr, TensorStatus};
use burn::tensor::DType;
use serde_json::{Map, Value};

use super::error::ProgramError;
use super::file::{DIGEST, FORMAT, File, NamedEntry, TensorEntry, VERSION, digest};
use super::notation;
use super::program::{Program, TensorId};

/// No tensor has more elements than this.
const ELEMENTS: usize = 1 << 33;

impl Program {
    /// Reads what [`Program::to_json`] wrote. The values are still to be told: [`Program::set_safetensors`].
    ///
    /// ```
    /// use graph::Program;
    /// # use burn::tensor::Tensor;
    /// # let (_, program) = graph::capture_program("sum", |session| {
    /// #     let x = session.input("x", Tensor::<2>::zeros([3, 5], session.device()));
    /// #     session.output("y", x.clone() + x);
    /// #     Ok(())
    /// # })?;
    /// let (json, values) = (program.to_json()?, program.to_safetensors()?);
    /// let mut again = Program::from_json(&json)?;
    /// again.set_safetensors(&values)?;
    /// assert_eq!(again, program);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is no JSON, was cut off or edited, or is of another version.
    pub fn from_json(text: &str) -> Result<Self, ProgramError> {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            let (line, column, reason) = (error.line(), error.column(), error.to_string());
            let reason =
                reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason).to_owned();
            ProgramError::Json { line, column, reason }
        })?;
        let Value::Object(mut entries) = value else { return Err(ProgramError::Format) };
        check_head(&entries)?;
        entries.remove(DIGEST);
        let file: File = serde_json::from_value(Value::Object(entries))
            .map_err(|error| form("an entry", error.to_string()))?;
        program(file)
    }
}

/// Format and version come first: of another version, nothing else is known.
fn check_head(entries: &Map<String, Value>) -> Result<(), ProgramError> {
    let entry = |name: &str| entries.get(name).unwrap_or(&Value::Null);
    if entry("format") != FORMAT {
        return Err(ProgramError::Format);
    }
    if *entry("version") != VERSION {
        return Err(ProgramError::Version { found: entry("version").to_string(), expected: VERSION });
    }
    let found = digest(entries);
    match entry(DIGEST) {
        Value::String(expected) if *expected == found => Ok(()),
        Value::String(expected) => Err(ProgramError::Edited { found, expected: expected.clone() }),
        other => Err(ProgramError::Edited { found, expected: other.to_string() }),
    }
}

fn form(what: impl Into<String>, reason: impl Into<String>) -> ProgramError {
    ProgramError::Form { what: what.into(), reason: reason.into() }
}

fn program(file: File) -> Result<Program, ProgramError> {
    let tensors = file.tensors.iter().enumerate().map(|(number, entry)| tensor(number, entry));
    let tensors = tensors.collect::<Result<Vec<TensorIr>, _>>()?;
    let known = |what: &str, number: usize| {
        let id = TensorId::new(number);
        if number < tensors.len() { Ok(id) } else { Err(form(what, format!("there is no {id}"))) }
    };
    let named = |what: &'static str, entries: Vec<NamedEntry>| {
        let mut names = HashSet::new();
        let entries = entries.into_iter().map(|NamedEntry { name, tensor }| {
            let called = format!("the {what} `{name}`");
            let id = known(&called, tensor)?;
            if !names.insert(name.clone()) {
                return Err(form(called, "another has that name"));
            }
            Ok((name, id))
        });
        entries.collect::<Result<Vec<_>, ProgramError>>()
    };
    let (inputs, outputs) = (named("input", file.inputs)?, named("output", file.outputs)?);
    let parameters =
        file.parameters.into_iter().map(|entry| Ok((entry.paths, known("a parameter", entry.tensor)?)));
    let parameters: Vec<(Vec<String>, TensorId)> = parameters.collect::<Result<_, ProgramError>>()?;
    let constants =
        file.constants.into_iter().map(|entry| Ok((entry.name, known("a constant", entry.tensor)?)));
    let constants: Vec<(Option<String>, TensorId)> = constants.collect::<Result<_, ProgramError>>()?;
    let operations = file.operations.into_iter().enumerate().map(|(number, value)| {
        let what = || format!("step {number}");
        let operation = notation::read(value, &tensors).map_err(|reason| form(what(), reason))?;
        match operation {
            OperationIr::Init(_) | OperationIr::Drop(_) => Err(form(what(), "it computes nothing")),
            operation => Ok(operation),
        }
    });
    let operations = operations.collect::<Result<Vec<OperationIr>, _>>()?;
    let shown =
        file.shown.into_iter().map(|ids| ids.into_iter().map(|id| known("what is shown", id)).collect());
    let shown = shown.collect::<Result<_, _>>()?;
    let made_by = Program::makers(tensors.len(), &operations);
    let program = Program {
        name: file.name,
        tensors,
        inputs,
        parameters,
        constants,
        operations,
        outputs,
        shown,
        made_by,
        values: BTreeMap::new(),
    };
    check_order(&program)?;
    Ok(program)
}

fn tensor(number: usize, entry: &TensorEntry) -> Result<TensorIr, ProgramError> {
    let id = TensorId::new(number);
    let dtype: DType = serde_json::from_value(entry.dtype.clone())
        .map_err(|_| form(id.to_string(), format!("{} is no type of elements", entry.dtype)))?;
    // Axes of size 0 count as 1 here: what is multiplied may leave them out.
    let elements = entry.shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size.max(1)));
    if elements.is_none_or(|elements| elements > ELEMENTS) {
        return Err(form(id.to_string(), "it is absurdly large"));
    }
    let uninit = TensorIr::uninit(id.ir(), entry.shape.clone().into(), dtype);
    Ok(TensorIr { status: TensorStatus::ReadOnly, ..uninit })
}

/// Everything is made once, and before it is read.
fn check_order(program: &Program) -> Result<(), ProgramError> {
    let mut there: HashSet<TensorId> = HashSet::new();
    let given = program.inputs().map(|(_, tensor)| tensor);
    let given = given.chain(program.parameters().map(|(_, tensor)| tensor));
    let given: Vec<TensorId> = given.chain(program.constants().map(|(_, tensor)| tensor)).collect();
    for &tensor in given.iter().filter(|&&tensor| program.step_of(tensor).is_none()) {
        if !there.insert(tensor) {
            return Err(form(tensor.to_string(), "it is given twice"));
        }
    }
    for (number, operation) in program.operations.iter().enumerate() {
        let what = || format!("step {number}");
        if let Some(unknown) = operation.inputs().map(TensorId::of).find(|tensor| !there.contains(tensor)) {
            return Err(form(what(), format!("{unknown} is not there yet")));
        }
        for result in operation.outputs().map(TensorId::of) {
            if !there.insert(result) {
                return Err(form(what(), format!("{result} is there already")));
            }
        }
    }
    let read = program.outputs().map(|(_, tensor)| tensor).chain(program.shown.iter().flatten().copied());
    match { read }.find(|tensor| !there.contains(tensor)) {
        Some(unknown) => Err(form(unknown.to_string(), "nothing makes it")),
        None => Ok(()),
    }
}
