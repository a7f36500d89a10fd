//! Recording what a closure does on a capture device.

use std::any::Any;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use burn::backend::Capture;
use burn::backend::ir::{OperationIr, TensorId};
use burn::backend::tensor::FloatTensor;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{BackendPrimitive, Bool, Device, Int, Tensor, kind::Basic};

use crate::assemble::assemble;
use crate::error::CaptureError;
use crate::graph::ComputationGraph;
use crate::operation;
use crate::scopes::{Recorder, Scopes};

/// What a capture's closure may fail with: anything that `?` converts.
pub type ClosureError = Box<dyn Error + Send + Sync>;

/// A tensor kind whose tensors can be named: float, int and bool.
pub trait Kind: Basic + BackendPrimitive<Capture, Primitive = FloatTensor<Capture>> {}

impl<K: Basic + BackendPrimitive<Capture, Primitive = FloatTensor<Capture>>> Kind for K {}

/// A parameter as the module's visitor saw it.
#[derive(Clone, Debug)]
pub(crate) struct RecordedParameter {
    pub(crate) paths: Vec<String>,
    pub(crate) tensor: operation::Tensor,
}

/// A named input or output.
#[derive(Clone, Debug)]
pub(crate) struct Boundary {
    pub(crate) name: String,
    pub(crate) id: TensorId,
    pub(crate) tensor: operation::Tensor,
}

/// Everything known when the closure has returned.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) name: String,
    pub(crate) operations: Vec<OperationIr>,
    pub(crate) scopes: Scopes,
    /// In the order of the visit.
    pub(crate) parameters: Vec<(TensorId, RecordedParameter)>,
    pub(crate) inputs: Vec<Boundary>,
    pub(crate) outputs: Vec<Boundary>,
}

/// The closure's side of a capture: the device to run on, and names for what enters and leaves.
#[derive(Debug)]
pub struct Session {
    device: Device,
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    parameters: Vec<(TensorId, RecordedParameter)>,
    by_id: HashMap<TensorId, usize>,
    inputs: Vec<Boundary>,
    outputs: Vec<Boundary>,
    error: Option<CaptureError>,
}

impl State {
    /// Keeps the first error; it is reported when the closure has returned.
    fn fail(&mut self, error: CaptureError) {
        self.error.get_or_insert(error);
    }
}

impl Session {
    /// The device that records. Modules and inputs must be made on it.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Learns the parameters of `module` with their paths. Call it before the forward pass: parameters that are
    /// still to be initialised are initialised here, instead of in the middle of the operations of interest.
    pub fn parameters(&self, module: &impl Module) {
        module.visit(&mut Visitor { session: self, path: Vec::new() });
    }

    /// Names a tensor as an input of the graph, and returns it. How it was made is of no interest.
    pub fn input<const D: usize, K: Kind>(&self, name: &str, tensor: Tensor<D, K>) -> Tensor<D, K> {
        if let Some(boundary) = self.boundary(name, &tensor) {
            let mut state = self.state.borrow_mut();
            if state.inputs.iter().any(|input| input.name == name) {
                state.fail(CaptureError::DuplicateName { boundary: "input", tensor: name.into() });
            }
            state.inputs.push(boundary);
        }
        tensor
    }

    /// Names a tensor as an output of the graph. What contributes to no output is a dead end.
    pub fn output<const D: usize, K: Kind>(&self, name: &str, tensor: Tensor<D, K>) {
        if let Some(boundary) = self.boundary(name, &tensor) {
            let mut state = self.state.borrow_mut();
            if state.outputs.iter().any(|output| output.name == name) {
                state.fail(CaptureError::DuplicateName { boundary: "output", tensor: name.into() });
            }
            state.outputs.push(boundary);
        }
    }

    fn boundary<const D: usize, K: Kind>(&self, name: &str, tensor: &Tensor<D, K>) -> Option<Boundary> {
        match self.identify(tensor) {
            Some((id, tensor)) => Some(Boundary { name: name.to_owned(), id, tensor }),
            None => {
                self.state.borrow_mut().fail(CaptureError::OtherDevice { tensor: name.to_owned() });
                None
            }
        }
    }

    /// The tensor's id and type, if it is on the recording device.
    fn identify<const D: usize, K: Kind>(
        &self,
        tensor: &Tensor<D, K>,
    ) -> Option<(TensorId, operation::Tensor)> {
        if tensor.device() != self.device {
            return None;
        }
        let primitive = tensor.clone().try_into_primitive::<Capture>().ok()?;
        let axes = tensor.dims().iter().map(|&size| operation::Axis { size, symbol: None }).collect();
        let dtype = operation::dtype_name(tensor.dtype());
        Some((primitive.id(), operation::Tensor { axes, dtype }))
    }
}

struct Visitor<'a> {
    session: &'a Session,
    path: Vec<String>,
}

impl Visitor<'_> {
    fn visit<const D: usize, K: Kind>(&mut self, tensor: &Tensor<D, K>) {
        let path = self.path.join(".");
        let identity = self.session.identify(tensor);
        let mut state = self.session.state.borrow_mut();
        let Some((id, tensor)) = identity else {
            return state.fail(CaptureError::OtherDevice { tensor: path });
        };
        match state.by_id.get(&id).copied() {
            Some(index) => {
                let paths = &mut state.parameters[index].1.paths;
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
            None => {
                let index = state.parameters.len();
                state.by_id.insert(id, index);
                state.parameters.push((id, RecordedParameter { paths: vec![path], tensor }));
            }
        }
    }
}

impl ModuleVisitor for Visitor<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.visit(&param.base());
    }
    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        self.visit(&param.base());
    }
    fn visit_bool<const D: usize>(&mut self, param: &Param<Tensor<D, Bool>>) {
        self.visit(&param.base());
    }
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
}

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
    record(name, closure).and_then(assemble)
}

/// Runs the closure and checks what it declared.
pub(crate) fn record<F>(name: &str, closure: F) -> Result<Recording, CaptureError>
where
    F: FnOnce(&Session) -> Result<(), ClosureError>,
{
    let pooled = PooledDevice::take();
    let recorder = Recorder::new(pooled.0.clone());
    let session = Session { device: pooled.0.clone(), state: RefCell::default() };
    let mut outcome = Ok(Ok(()));
    let captured = session.device.capture_scope(|scope| {
        outcome = recorder.record(|| catch_unwind(AssertUnwindSafe(|| closure(&session))));
        scope.complete([], [])
    });
    match outcome {
        Err(panic) => {
            return Err(CaptureError::Panicked { name: name.to_owned(), message: message(panic.as_ref()) });
        }
        Ok(Err(source)) => return Err(CaptureError::Closure { name: name.to_owned(), source }),
        Ok(Ok(())) => {}
    }
    let state = session.state.into_inner();
    if let Some(error) = state.error {
        return Err(error);
    }
    let captured =
        captured.map_err(|e| CaptureError::Burn { name: name.to_owned(), reason: e.to_string() })?;
    let recording = Recording {
        name: name.to_owned(),
        operations: captured.graph.operations,
        scopes: recorder.take(),
        parameters: state.parameters,
        inputs: state.inputs,
        outputs: state.outputs,
    };
    check(recording)
}

fn check(recording: Recording) -> Result<Recording, CaptureError> {
    let name = || recording.name.clone();
    let made: HashSet<TensorId> =
        recording.operations.iter().flat_map(|operation| operation.outputs().map(|t| t.id)).collect();
    let given: HashSet<TensorId> = recording.inputs.iter().map(|input| input.id).collect();
    let declared = recording.inputs.iter().chain(&recording.outputs);
    if let Some(unknown) = declared.into_iter().find(|t| !made.contains(&t.id) && !given.contains(&t.id)) {
        return Err(CaptureError::Unknown { tensor: unknown.name.clone() });
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

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
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
