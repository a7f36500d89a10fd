//! `optimizer.bpk` of a checkpoint: the state of the optimiser while training rests.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use burn::optim::ModuleOptimizer;
use burn::tensor::Bytes;
use burn_store::burn_pack::{Error, Reader, Writer};

use super::weights::one_line;
use crate::files::write_atomically;

/// Writes the moments and the step counter of every parameter. Runs that are the same write the same bytes.
///
/// # Errors
///
/// If the file can't be written.
pub(crate) fn save(optimiser: &ModuleOptimizer, path: &Path) -> Result<()> {
    let bytes = optimiser.into_bytes().map_err(|error| one_line(&error));
    let bytes = bytes.and_then(|bytes| in_order(bytes).map_err(|error| anyhow!("{error:?}")));
    write_atomically(path, &bytes.with_context(|| format!("cannot write {}", path.display()))?)
}

/// Burn takes the parameters as a table with random hashes has them. Read back, they are in the order of their names.
fn in_order(bytes: Bytes) -> Result<Bytes, Error> {
    let reader = Reader::from_bytes(bytes)?;
    let (metadata, scalars) = (reader.metadata().clone(), reader.scalars().clone());
    let mut writer = Writer::new(reader.into_tensors()?);
    for (key, value) in &metadata {
        writer = writer.with_metadata(key, value);
    }
    for (key, value) in scalars {
        writer = writer.with_scalar(&key, value);
    }
    writer.into_bytes()
}

/// Gives a fresh optimiser the state that [`save`] wrote. `path` is where the bytes come from.
///
/// # Errors
///
/// If they are no such state.
pub(crate) fn load(bytes: Vec<u8>, path: &Path, fresh: ModuleOptimizer) -> Result<ModuleOptimizer> {
    let optimiser = fresh.from_bytes(Bytes::from_bytes_vec(bytes)).map_err(|error| one_line(&error));
    optimiser.with_context(|| format!("{} is damaged: expected the state of an optimiser", path.display()))
}
