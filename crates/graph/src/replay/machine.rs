//! Burn's interpreter, whose panics become errors.

use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::backend::ir::{BackendIr, HandleKind, OperationIr, TensorIr};
use burn::backend::{TensorMetadata, try_read_sync};
use burn::tensor::TensorData;
use burn_router::TensorInterpreter;

use super::edit::{Checked, With, pieces};
use super::program::TensorId;
use crate::capture::message;

/// What computes, with the tensors that are there.
pub(super) struct Machine<B: BackendIr>(TensorInterpreter<B>);

/// What went wrong, in the backend's words.
pub(super) type Outcome<T> = Result<T, String>;

impl<B: BackendIr> Machine<B> {
    pub(super) fn new(device: &B::Device) -> Self {
        Self(TensorInterpreter::new(device.clone()))
    }

    fn guarded<T>(&mut self, work: impl FnOnce(&mut TensorInterpreter<B>) -> T) -> Outcome<T> {
        catch_unwind(AssertUnwindSafe(|| work(&mut self.0))).map_err(|panic| message(panic.as_ref()))
    }

    /// Puts a value there. Devices store booleans each in their own way.
    pub(super) fn register(&mut self, id: TensorId, value: TensorData) -> Outcome<()> {
        self.guarded(|interpreter| {
            let is_foreign = value.dtype().is_bool() && interpreter.dtype_usage(value.dtype()).is_empty();
            let value = match is_foreign {
                true => value.try_cast(interpreter.device_settings().bool_dtype.into()),
                false => Ok(value),
            };
            let value = value.map_err(|error| error.to_string())?;
            interpreter.register_tensor_data_id(id.ir(), value);
            Ok(())
        })?
    }

    /// Carries an operation out.
    pub(super) fn compute(&mut self, operation: &OperationIr) -> Outcome<()> {
        self.guarded(|interpreter| interpreter.register_op(operation.clone()))
    }

    /// Forgets a tensor.
    pub(super) fn forget(&mut self, tensor: &TensorIr) -> Outcome<()> {
        self.guarded(|interpreter| interpreter.register_op(OperationIr::Drop(tensor.clone())))
    }

    /// What the backend holds of a tensor.
    pub(super) fn tensor(&mut self, tensor: &TensorIr) -> Outcome<HandleKind<B>> {
        self.guarded(|interpreter| interpreter.get_tensor(tensor))
    }

    /// Waits until all is computed.
    pub(super) fn finish(&mut self) -> Outcome<()> {
        let finished = self.guarded(|interpreter| interpreter.sync());
        finished?.map_err(|error| error.to_string())
    }

    /// Replaces a tensor that is there, or a part of it.
    pub(super) fn edit(&mut self, tensor: &TensorIr, edit: &Checked, from: Option<&TensorIr>) -> Outcome<()> {
        let Some(part) = &edit.part else {
            return match &edit.with {
                With::Zeros => self.register(edit.tensor, zeros(tensor)?),
                With::Value(value) => self.register(edit.tensor, value.as_ref().clone()),
                With::Tensor(from) => {
                    let (from, to) = (from.ir(), edit.tensor.ir());
                    self.guarded(|interpreter| interpreter.register_alias(to, from))
                }
            };
        };
        let old = read::<B>(self.tensor(tensor)?)?;
        let new = match (&edit.with, from) {
            (With::Value(value), _) => value.as_ref().clone(),
            (With::Tensor(_), Some(from)) => read::<B>(self.tensor(from)?)?,
            (With::Zeros | With::Tensor(_), _) => zeros(tensor)?,
        };
        let new = new.try_cast(old.dtype()).map_err(|error| error.to_string())?;
        let size = old.dtype().size();
        let (bytes, shape, dtype) = old.into_parts();
        let mut bytes = bytes.to_vec();
        for piece in pieces(&shape, part) {
            let piece = piece.start * size..piece.end * size;
            let (Some(old), Some(new)) = (bytes.get_mut(piece.clone()), new.as_bytes().get(piece)) else {
                return Err("its value has another size than its shape tells".to_owned());
            };
            old.copy_from_slice(new);
        }
        let value = TensorData::try_from_bytes_vec(bytes, shape, dtype).map_err(|error| error.to_string())?;
        self.register(edit.tensor, value)
    }
}

fn zeros(tensor: &TensorIr) -> Outcome<TensorData> {
    let bytes = tensor.shape.iter().product::<usize>() * tensor.dtype.size();
    TensorData::try_from_bytes_vec(vec![0; bytes], tensor.shape.clone(), tensor.dtype)
        .map_err(|error| error.to_string())
}

/// The shape that a tensor really has.
pub(super) fn shape<B: BackendIr>(tensor: &HandleKind<B>) -> Vec<usize> {
    match tensor {
        HandleKind::Float(tensor) => tensor.shape(),
        HandleKind::Int(tensor) => tensor.shape(),
        HandleKind::Bool(tensor) => tensor.shape(),
        HandleKind::Quantized(tensor) => tensor.shape(),
    }
    .to_vec()
}

/// The numbers of a tensor.
pub(super) fn read<B: BackendIr>(tensor: HandleKind<B>) -> Outcome<TensorData> {
    let read = catch_unwind(AssertUnwindSafe(|| match tensor {
        HandleKind::Float(tensor) => try_read_sync(B::float_into_data(tensor)),
        HandleKind::Int(tensor) => try_read_sync(B::int_into_data(tensor)),
        HandleKind::Bool(tensor) => try_read_sync(B::bool_into_data(tensor)),
        HandleKind::Quantized(tensor) => try_read_sync(B::q_into_data(tensor)),
    }));
    let read = read.map_err(|panic| message(panic.as_ref()))?;
    read.ok_or("this device can't be waited for")?.map_err(|error| error.to_string())
}
