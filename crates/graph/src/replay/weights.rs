//! Values as a SafeTensors file. Parameters are called by their paths in it, so that a checkpoint of the module is such
//! a file, too; the names of all else have a slash, which no path has.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use burn::backend::BoolStore;
use burn::tensor::{DType, TensorData};
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};

use super::error::{ValueError, name};
use super::halves;
use super::program::{Program, TensorId};

impl Program {
    /// All values as a SafeTensors file: parameters by their first path, constants as `constants/7` with the number of
    /// their tensor, inputs as `inputs/x` if they have a value.
    ///
    /// # Errors
    ///
    /// If a value is of a type that SafeTensors doesn't have, such as a quantised one.
    pub fn to_safetensors(&self) -> Result<Vec<u8>, ValueError> {
        self.file(|_| None)
    }

    /// As [`Program::to_safetensors`], in half the room where nothing is lost: tensors of `f32` are written as `f16` if each
    /// of their numbers comes back bit for bit. [`Program::set_safetensors`] widens them again.
    ///
    /// # Errors
    ///
    /// As [`Program::to_safetensors`].
    pub fn to_small_safetensors(&self) -> Result<Vec<u8>, ValueError> {
        self.file(halves::narrowed)
    }

    fn file(&self, narrowed: impl Fn(&TensorData) -> Option<Vec<u8>>) -> Result<Vec<u8>, ValueError> {
        let narrowed: Vec<_> = self.values.values().map(|value| narrowed(value)).collect();
        let mut views: Vec<(String, TensorView<'_>)> = Vec::new();
        for ((tensor, value), narrowed) in self.values.iter().zip(&narrowed) {
            let refused =
                || ValueError::Unwritable { tensor: self.called(*tensor), found: name(value.dtype()) };
            let (dtype, bytes) = match narrowed {
                Some(halves) => (Dtype::F16, halves.as_slice()),
                None => (stored(value.dtype()).ok_or_else(refused)?, value.as_bytes()),
            };
            let view = TensorView::new(dtype, value.shape().to_vec(), bytes);
            views.push((self.file_name(*tensor), view.map_err(|_| refused())?));
        }
        serialize(views, None).map_err(damaged)
    }

    /// Takes values from a SafeTensors file: what [`Program::to_safetensors`] wrote, or a checkpoint of the module in the
    /// precision that was captured, or with `f16` where that is `f32`. Values that the file doesn't have stay as they are, so a checkpoint will do where
    /// constants are there already.
    ///
    /// # Errors
    ///
    /// If the file is damaged or cut off; if it has a tensor that the program doesn't know, or one of another shape or type;
    /// if a parameter or constant that is read has no value then. In each case nothing is changed.
    pub fn set_safetensors(&mut self, bytes: &[u8]) -> Result<(), ValueError> {
        let file = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let names = self.file_names();
        // In the order of names, so that of several errors it is always the same that is told.
        let tensors: BTreeMap<String, TensorView<'_>> = file.tensors().into_iter().collect();
        let mut values = self.values.clone();
        for (name, view) in &tensors {
            let tensor = *names.get(name).ok_or_else(|| self.unknown("tensor", name))?;
            values.insert(tensor, Arc::new(self.read(tensor, view)?));
        }
        let before = std::mem::replace(&mut self.values, values);
        let inputs: Vec<String> = self.inputs().map(|(_, tensor)| self.called(tensor)).collect();
        match self.missing().into_iter().find(|tensor| !inputs.contains(tensor)) {
            Some(tensor) => {
                self.values = before;
                Err(ValueError::Missing { tensor })
            }
            None => Ok(()),
        }
    }

    fn read(&self, tensor: TensorId, view: &TensorView<'_>) -> Result<TensorData, ValueError> {
        let Some(known) = self.ir(tensor) else {
            return Err(self.unknown("tensor", &tensor.number().to_string()));
        };
        let (expected, found) = (known.shape.to_vec(), view.shape().to_vec());
        if expected != found {
            return Err(ValueError::Shape { tensor: self.called(tensor), expected, found });
        }
        if known.dtype == DType::F32 && view.dtype() == Dtype::F16 {
            return TensorData::try_from_bytes_vec(halves::widened(view.data()), found, known.dtype)
                .map_err(damaged);
        }
        if stored(known.dtype) != Some(view.dtype()) {
            let found = format!("{:?}", view.dtype()).to_lowercase();
            return Err(ValueError::dtype(self.called(tensor), known.dtype, found));
        }
        if known.dtype.is_bool() && view.data().iter().any(|&byte| byte > 1) {
            return Err(ValueError::Damaged {
                reason: format!("{} is neither true nor false", self.called(tensor)),
            });
        }
        TensorData::try_from_bytes_vec(view.data().to_vec(), found, known.dtype).map_err(damaged)
    }

    fn file_name(&self, tensor: TensorId) -> String {
        if let Some((name, _)) = self.inputs().find(|(_, known)| *known == tensor) {
            return format!("inputs/{name}");
        }
        let parameter = self.parameters().find(|(_, known)| *known == tensor);
        match parameter.and_then(|(paths, _)| paths.first()) {
            Some(path) => path.clone(),
            None => format!("constants/{}", tensor.number()),
        }
    }

    /// All names that a file may have for the tensors that are given.
    fn file_names(&self) -> HashMap<String, TensorId> {
        let inputs = self.inputs().map(|(name, tensor)| (format!("inputs/{name}"), tensor));
        let constants = self.constants().filter(|(_, tensor)| self.step_of(*tensor).is_none());
        let constants = constants.map(|(_, tensor)| (format!("constants/{}", tensor.number()), tensor));
        let parameters = self.parameters();
        let parameters =
            parameters.flat_map(|(paths, tensor)| paths.iter().map(move |path| (path.clone(), tensor)));
        inputs.chain(constants).chain(parameters).collect()
    }
}

fn damaged(error: impl ToString) -> ValueError {
    ValueError::Damaged { reason: error.to_string() }
}

/// How SafeTensors calls a type of elements.
fn stored(dtype: DType) -> Option<Dtype> {
    Some(match dtype {
        DType::F64 => Dtype::F64,
        DType::F32 => Dtype::F32,
        DType::F16 => Dtype::F16,
        DType::BF16 => Dtype::BF16,
        DType::I64 => Dtype::I64,
        DType::I32 => Dtype::I32,
        DType::I16 => Dtype::I16,
        DType::I8 => Dtype::I8,
        DType::U64 => Dtype::U64,
        DType::U32 => Dtype::U32,
        DType::U16 => Dtype::U16,
        DType::U8 => Dtype::U8,
        DType::Bool(BoolStore::Native | BoolStore::U8) => Dtype::BOOL,
        _ => return None,
    })
}
