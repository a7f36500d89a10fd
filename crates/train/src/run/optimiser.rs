//! `optimizer.bpk` of a checkpoint: the state of the optimiser while training rests.

use std::path::Path;

use anyhow::{Context, Result};
use burn::optim::ModuleOptimizer;
use burn::tensor::Bytes;

use super::weights::one_line;
use crate::files::write_atomically;

/// Writes the moments and the step counter of every parameter.
///
/// # Errors
///
/// If the file can't be written.
pub(crate) fn save(optimiser: &ModuleOptimizer, path: &Path) -> Result<()> {
    let bytes = optimiser.into_bytes().map_err(|error| one_line(&error));
    write_atomically(path, &bytes.with_context(|| format!("cannot write {}", path.display()))?)
}

/// Gives a fresh optimiser the state that [`save`] wrote.
///
/// # Errors
///
/// If the file is missing or damaged.
pub(crate) fn load(path: &Path, fresh: ModuleOptimizer) -> Result<ModuleOptimizer> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let optimiser = fresh.from_bytes(Bytes::from_bytes_vec(bytes)).map_err(|error| one_line(&error));
    optimiser.with_context(|| format!("{} is damaged: expected the state of an optimiser", path.display()))
}
