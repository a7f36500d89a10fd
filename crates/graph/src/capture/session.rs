//! The closure's side of a capture.

use std::cell::RefCell;

use burn::backend::Capture;
use burn::backend::ir::TensorId;
use burn::backend::tensor::FloatTensor;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{BackendPrimitive, Bool, Device, Int, Tensor, kind::Basic};

use super::ids::IdMap;
use super::recording::{RecordedBoundary, RecordedParameter};
use crate::error::CaptureError;
use crate::operation::{Axis, TensorType, dtype_name};

/// A tensor kind whose tensors can be named: float, int and bool.
pub trait Kind: Basic + BackendPrimitive<Capture, Primitive = FloatTensor<Capture>> {}

impl<K: Basic + BackendPrimitive<Capture, Primitive = FloatTensor<Capture>>> Kind for K {}

/// The closure's side of a capture: the device to run on, and names for what enters and leaves.
#[derive(Debug)]
pub struct Session {
    name: String,
    device: Device,
    declared: RefCell<Declared>,
}

/// What the closure said of its tensors.
#[derive(Debug, Default)]
pub(super) struct Declared {
    /// In the order of the visit.
    pub(super) parameters: Vec<(TensorId, RecordedParameter)>,
    by_id: IdMap<usize>,
    pub(super) inputs: Vec<RecordedBoundary>,
    pub(super) outputs: Vec<RecordedBoundary>,
    pub(super) constants: Vec<RecordedBoundary>,
    pub(super) forgotten: Option<TensorId>,
    error: Option<CaptureError>,
}

impl Declared {
    /// Keeps the first error; it is reported when the closure has returned.
    fn fail(&mut self, error: CaptureError) {
        self.error.get_or_insert(error);
    }
}

impl Session {
    pub(super) fn new(name: &str, device: Device) -> Self {
        Self { name: name.to_owned(), device, declared: RefCell::default() }
    }

    /// What was declared, or the first error made in it.
    pub(super) fn into_declared(self) -> Result<Declared, CaptureError> {
        let mut declared = self.declared.into_inner();
        match declared.error.take() {
            Some(error) => Err(error),
            None => Ok(declared),
        }
    }

    /// The device that records. Modules and inputs must be made on it.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Learns the parameters of `module` with their paths. Call it before the forward pass: parameters that are
    /// still to be initialised are initialised here, instead of in the middle of the operations of interest.
    ///
    /// With more than one module, [`Session::parameters_of`] tells their parameters apart.
    pub fn parameters(&self, module: &impl Module) {
        module.visit(&mut Visitor { session: self, path: Vec::new() });
    }

    /// As [`Session::parameters`], with `name` before every path: with `critic`, the weight of its first layer is
    /// `critic.first.weight`.
    pub fn parameters_of(&self, name: &str, module: &impl Module) {
        self.require_name("a module", name);
        module.visit(&mut Visitor { session: self, path: vec![name.to_owned()] });
    }

    /// Names a tensor as an input of the graph, and returns it. How it was made is of no interest.
    pub fn input<const D: usize, K: Kind>(&self, name: &str, tensor: Tensor<D, K>) -> Tensor<D, K> {
        if let Some(boundary) = self.boundary(name, &tensor) {
            let mut declared = self.declared.borrow_mut();
            if declared.inputs.iter().any(|input| input.name == name) {
                declared.fail(CaptureError::DuplicateName { boundary: "input", tensor: name.into() });
            } else if let Some(known) = declared.inputs.iter().find(|input| input.id == boundary.id) {
                let first = known.name.clone();
                declared.fail(CaptureError::SameTensor { first, second: name.into() });
            }
            declared.inputs.push(boundary);
        }
        tensor
    }

    /// Names a tensor that is given: a table, a mask or a cache that was made before the forward pass. It is one box
    /// "Constant" with that name, wherever it is read; how it was made is of no interest. A clone of a module's field
    /// will do. Nothing has to be declared: what depends on no input and no parameter is a constant anyhow, of no name.
    ///
    /// ```
    /// # use burn::tensor::Tensor;
    /// let graph = graph::capture("scaled", |session| {
    ///     let table = session.constant("table", Tensor::<2>::ones([4, 8], session.device()).cumsum(0));
    ///     let x = session.input("x", Tensor::<2>::zeros([4, 8], session.device()));
    ///     session.output("y", x * table);
    ///     Ok(())
    /// })?;
    /// assert_eq!((graph.count("constant"), graph.count("cum_sum")), (1, 0));
    /// # Ok::<(), graph::CaptureError>(())
    /// ```
    pub fn constant<const D: usize, K: Kind>(&self, name: &str, tensor: Tensor<D, K>) -> Tensor<D, K> {
        if let Some(boundary) = self.boundary(name, &tensor) {
            let mut declared = self.declared.borrow_mut();
            if declared.constants.iter().any(|constant| constant.name == name) {
                declared.fail(CaptureError::DuplicateName { boundary: "constant", tensor: name.into() });
            }
            declared.constants.push(boundary);
        }
        tensor
    }

    /// Forgets how everything was made so far. What is read of it later is a constant, but for the inputs and parameters
    /// that were declared. Call it after the module is built, if building it computes something that is of no interest,
    /// in fields which [`Session::constant`] can't be given.
    pub fn forget(&self) {
        let marker = Tensor::<1>::from_floats([0.0], &self.device);
        self.declared.borrow_mut().forgotten = self.identify(&marker).map(|(id, _)| id);
    }

    /// Names a tensor as an output of the graph. What contributes to no output is a dead end.
    pub fn output<const D: usize, K: Kind>(&self, name: &str, tensor: Tensor<D, K>) {
        if let Some(boundary) = self.boundary(name, &tensor) {
            let mut declared = self.declared.borrow_mut();
            if declared.outputs.iter().any(|output| output.name == name) {
                declared.fail(CaptureError::DuplicateName { boundary: "output", tensor: name.into() });
            }
            declared.outputs.push(boundary);
        }
    }

    fn boundary<const D: usize, K: Kind>(
        &self,
        name: &str,
        tensor: &Tensor<D, K>,
    ) -> Option<RecordedBoundary> {
        self.require_name("every input and output", name);
        match self.identify(tensor) {
            Some((id, tensor)) => Some(RecordedBoundary { name: name.to_owned(), id, tensor }),
            None => {
                self.declared.borrow_mut().fail(CaptureError::OtherDevice { tensor: name.to_owned() });
                None
            }
        }
    }

    fn require_name(&self, what: &'static str, name: &str) {
        if name.trim().is_empty() {
            let capture = self.name.clone();
            self.declared.borrow_mut().fail(CaptureError::NoName { capture, what });
        }
    }

    /// The tensor's id and type, if it is on the recording device.
    fn identify<const D: usize, K: Kind>(&self, tensor: &Tensor<D, K>) -> Option<(TensorId, TensorType)> {
        if tensor.device() != self.device {
            return None;
        }
        let primitive = tensor.clone().try_into_primitive::<Capture>().ok()?;
        let axes = tensor.dims().iter().map(|&size| Axis { size, symbol: None }).collect();
        let dtype = dtype_name(tensor.dtype());
        Some((primitive.id(), TensorType { axes, dtype }))
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
        let mut declared = self.session.declared.borrow_mut();
        let Some((id, tensor)) = identity else {
            return declared.fail(CaptureError::OtherDevice { tensor: path });
        };
        match declared.by_id.get(&id).copied() {
            Some(index) => {
                let paths = &mut declared.parameters[index].1.paths;
                if !paths.contains(&path) {
                    paths.push(path);
                }
            }
            None => {
                let index = declared.parameters.len();
                declared.by_id.insert(id, index);
                declared.parameters.push((id, RecordedParameter { paths: vec![path], tensor }));
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
        // A field that is called like a word of the language.
        self.path.push(name.strip_prefix("r#").unwrap_or(name).to_owned());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
}
