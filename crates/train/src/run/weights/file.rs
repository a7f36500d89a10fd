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
    read(SafetensorsStore::from_file(path), path, "a SafeTensors file")
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
/// The number of training steps goes into the file's header, so that it can never disagree with the weights.
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
    let store = SafetensorsStore::from_bytes(None).clear_metadata().metadata("step", step.to_string());
    let mut store = match precision {
        Precision::Single => store,
        Precision::Half => store.with_to_adapter(FloatCastAdapter::to(DType::F16)),
    };
    let bytes = store.collect_from(module).and_then(|()| store.get_bytes());
    write_atomically(path, &bytes.map_err(|error| anyhow!("cannot write {}: {error}", path.display()))?)
}

/// Training steps taken when the weights were written; zero if they come from elsewhere.
///
/// # Errors
///
/// If the file is missing or damaged.
pub(crate) fn step_of(path: &Path) -> Result<usize> {
    use std::io::Read;
    let context = || format!("{} is damaged: expected a SafeTensors file", path.display());
    let mut file = std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut length = [0; 8];
    file.read_exact(&mut length).with_context(context)?;
    let mut header = Vec::new();
    file.take(u64::from_le_bytes(length)).read_to_end(&mut header).with_context(context)?;
    let header: serde_json::Value = serde_json::from_slice(&header).with_context(context)?;
    let step = header.pointer("/__metadata__/step").and_then(serde_json::Value::as_str);
    step.map_or(Ok(0), |step| step.parse().with_context(context))
}
