//! Running a closure on a device that records.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use burn::backend::ir::OperationIr;
use burn::tensor::Device;

use super::assemble::assemble;
use super::ids::IdSet;
use super::reasons::{self, ClosureError};
use super::recording::Recording;
use super::scopes::Recorder;
use super::session::Session;
use crate::error::CaptureError;
use crate::graph::ComputationGraph;

/// Runs `closure` on a device that records instead of computing, and returns the graph of what it did.
///
/// Spans of the `tracing` crate that are entered meanwhile, on this thread, become the graph's scopes.
///
/// # Errors
///
/// If the closure fails or panics, runs nothing, declares no output, or uses another device.
pub fn capture<F>(name: &str, closure: F) -> Result<ComputationGraph, CaptureError>
where
    F: FnOnce(&Session) -> Result<(), ClosureError>,
{
    record(name, true, closure).and_then(assemble).map(ComputationGraph::new)
}

/// Runs the closure and checks what it declared. If `lines` are asked for, the stack is looked at when a span is entered.
pub(crate) fn record<F>(name: &str, lines: bool, closure: F) -> Result<Recording, CaptureError>
where
    F: FnOnce(&Session) -> Result<(), ClosureError>,
{
    let pooled = PooledDevice::take();
    let recorder = Recorder::new(pooled.0.clone(), lines);
    let session = Session::new(name, pooled.0.clone());
    if name.trim().is_empty() {
        return Err(CaptureError::NoName { capture: name.to_owned(), what: "the capture" });
    }
    let mut outcome = Ok(Ok(()));
    let captured = session.device().capture_scope(|scope| {
        outcome = recorder.record(|| catch_unwind(AssertUnwindSafe(|| closure(&session))));
        scope.complete([], [])
    });
    match outcome {
        Err(panic) => {
            let error = reasons::panicked(name, panic.as_ref());
            if matches!(error, CaptureError::ForeignTensor { .. }) {
                // If it was declared, its name is known.
                session.into_declared()?;
            }
            return Err(error);
        }
        Ok(Err(source)) => return Err(reasons::failed(name, source)),
        Ok(Ok(())) => {}
    }
    let declared = session.into_declared()?;
    let captured = captured.map_err(|error| reasons::refused(name, error.to_string()))?;
    let recording = Recording {
        name: name.to_owned(),
        operations: captured.graph.operations,
        values: captured.values,
        scopes: recorder.take(),
        lines,
        parameters: declared.parameters,
        inputs: declared.inputs,
        outputs: declared.outputs,
        constants: declared.constants,
        forgotten: declared.forgotten,
    };
    check(recording)
}

fn check(recording: Recording) -> Result<Recording, CaptureError> {
    let name = || recording.name.clone();
    let made: IdSet =
        recording.operations.iter().flat_map(|operation| operation.outputs().map(|t| t.id)).collect();
    let given: IdSet = recording.inputs.iter().map(|input| input.id).collect();
    let declared = recording.inputs.iter().chain(&recording.outputs);
    if let Some(unknown) = declared.into_iter().find(|t| !made.contains(&t.id) && !given.contains(&t.id)) {
        return Err(CaptureError::Unknown { tensor: unknown.name.clone() });
    }
    if let Some((_, parameter, input)) = recording.parameters.iter().find_map(|(id, parameter)| {
        let input = recording.inputs.iter().find(|input| input.id == *id)?;
        Some((id, parameter, input))
    }) {
        let first = parameter.paths.first().cloned().unwrap_or_default();
        return Err(CaptureError::SameTensor { first, second: input.name.clone() });
    }
    // Markers, data and what made the inputs are no operations yet.
    let is_operation = |operation: &&OperationIr| operation.inputs().next().is_some();
    if !recording.operations.iter().any(|operation| is_operation(&operation)) && recording.inputs.is_empty() {
        return Err(CaptureError::Empty { name: name() });
    }
    if recording.outputs.is_empty() {
        return Err(CaptureError::NoOutput { name: name() });
    }
    Ok(recording)
}

/// Burn numbers capture devices with 16 bits and never takes a number back, so they are used again.
struct PooledDevice(Device);

static POOL: Mutex<Vec<Device>> = Mutex::new(Vec::new());

impl PooledDevice {
    fn take() -> Self {
        let free = POOL.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Self(free.unwrap_or_else(Device::capture))
    }
}

impl Drop for PooledDevice {
    fn drop(&mut self) {
        POOL.lock().unwrap_or_else(PoisonError::into_inner).push(self.0.clone());
    }
}
