//! Files of weights: SafeTensors, read and written, and PyTorch's, read.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use burn::module::Module;
use burn::tensor::DType;
use burn_store::{FloatCastAdapter, ModuleStore, PytorchStore, SafetensorsStore, bridge};

use super::{Array, Precision, Weights};
use crate::files::write_atomically;

/// Reads a SafeTensors file.
///
/// # Errors
///
/// If the file is missing, damaged, or holds something else than numbers with a fraction.
pub(crate) fn read_safetensors(path: &Path) -> Result<Weights> {
    safetensors(std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?, path)
}

/// The same of bytes that were read from `path`.
///
/// # Errors
///
/// As [`read_safetensors`].
pub(crate) fn safetensors(bytes: Vec<u8>, path: &Path) -> Result<Weights> {
    read(SafetensorsStore::from_bytes(Some(bytes)), path, "a SafeTensors file")
}

/// Reads a PyTorch checkpoint (`torch.save` of a `state_dict`).
///
/// # Errors
///
/// As [`read_safetensors`].
pub(crate) fn read_pytorch(path: &Path) -> Result<Weights> {
    // Burn renumbers lists with gaps by default; names are to stay as they are in the file.
    read(PytorchStore::from_file(path).map_indices_contiguous(false), path, "a PyTorch checkpoint")
}

fn read<S: ModuleStore>(mut store: S, path: &Path, kind: &str) -> Result<Weights> {
    std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    let damaged = |error: &dyn std::fmt::Display| {
        let error = error.to_string().replace('\n', " ");
        anyhow!("{} is damaged: expected {kind}, found: {}", path.display(), error.trim())
    };
    let tensors = store.get_all_tensors().map_err(|error| damaged(&error))?;
    let mut weights = Weights::new();
    for (name, tensor) in tensors {
        if !matches!(tensor.dtype, DType::F64 | DType::F32 | DType::F16 | DType::BF16) {
            bail!(
                "{}: tensor {name} holds {:?}, but floating-point numbers are needed",
                path.display(),
                tensor.dtype
            );
        }
        let data = bridge::to_data(tensor).map_err(|error| damaged(&error))?;
        let shape = data.shape().iter().copied().collect();
        weights.insert(name.clone(), Array { shape, values: data.iter::<f32>().collect() });
    }
    Ok(weights)
}

/// Writes the model as a SafeTensors file in one go: afterwards there is the new file, or still the old one.
///
/// # Errors
///
/// If the file can't be written.
pub(crate) fn write_safetensors<M: Module>(
    module: &M,
    step: usize,
    precision: Precision,
    path: &Path,
) -> Result<()> {
    let bytes = safetensors_of(module, step, precision);
    write_atomically(path, &bytes.with_context(|| format!("cannot write {}", path.display()))?)
}

/// What a SafeTensors file of the model holds.
///
/// The number of training steps goes into the file's header, so that it can never disagree with the weights.
///
/// # Errors
///
/// If there is no such file.
pub(crate) fn safetensors_of<M: Module>(module: &M, step: usize, precision: Precision) -> Result<Vec<u8>> {
    let store = SafetensorsStore::from_bytes(None).clear_metadata().metadata("step", step.to_string());
    let mut store = match precision {
        Precision::Single => store,
        Precision::Half => store.with_to_adapter(FloatCastAdapter::to(DType::F16)),
    };
    let bytes = store.collect_from(module).and_then(|()| store.get_bytes());
    bytes.map_err(|error| anyhow!("{error}"))
}

/// Training steps taken when a file of weights was written; zero if they come from elsewhere. `path` is where its bytes
/// come from.
///
/// # Errors
///
/// If it is damaged.
pub(crate) fn step_of(bytes: &[u8], path: &Path) -> Result<usize> {
    let damaged = || format!("{} is damaged: expected a SafeTensors file", path.display());
    let (length, rest) = bytes.split_first_chunk().with_context(damaged)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX).min(rest.len());
    let header: serde_json::Value = serde_json::from_slice(&rest[..length]).with_context(damaged)?;
    let step = header.pointer("/__metadata__/step").and_then(serde_json::Value::as_str);
    step.map_or(Ok(0), |step| step.parse().with_context(damaged))
}
