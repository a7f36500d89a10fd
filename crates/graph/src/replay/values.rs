//! Numbers for a program: its inputs, and the parameters of a module that has some.

use std::collections::BTreeSet;
use std::sync::Arc;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::kind::Basic;
use burn::tensor::{Bool, DType, Int, Tensor, TensorData};

use super::error::ValueError;
use super::program::{Program, TensorId};

impl Program {
    /// Gives an input its value, of the shape that was captured. Integers and booleans may be of other sizes than those
    /// captured, as those of other devices are.
    ///
    /// # Errors
    ///
    /// If there is no such input, or the value has another shape or type.
    pub fn set_input(&mut self, name: &str, value: TensorData) -> Result<(), ValueError> {
        let tensor = self.input(name).ok_or_else(|| self.unknown("input", name))?;
        self.set(tensor, value)
    }

    /// Gives a parameter its value, by any of its paths.
    ///
    /// # Errors
    ///
    /// If there is no such parameter, or the value has another shape or type.
    pub fn set_parameter(&mut self, path: &str, value: TensorData) -> Result<(), ValueError> {
        let tensor = self.parameter(path).ok_or_else(|| self.unknown("parameter", path))?;
        self.set(tensor, value)
    }

    /// Gives the parameters the values that those of `module` have, which is on a device that computes. All others keep
    /// theirs.
    ///
    /// ```
    /// use burn::backend::{Flex, FlexDevice};
    /// use burn::nn::LayerNormConfig;
    /// use burn::tensor::{Device, Tensor};
    ///
    /// // Captured without weights, as one does for a picture.
    /// let (_, mut program) = graph::capture_program("norm", |session| {
    ///     let norm = LayerNormConfig::new(5).init(session.device());
    ///     session.parameters(&norm);
    ///     let x = session.input("x", Tensor::<2>::zeros([3, 5], session.device()));
    ///     session.output("y", norm.forward(x));
    ///     Ok(())
    /// })?;
    /// program.set_input("x", Tensor::<2>::ones([3, 5], &Device::flex()).into_data())?;
    /// assert_eq!(program.missing(), ["the parameter `gamma`", "the parameter `beta`"]);
    /// program.set_parameters(&LayerNormConfig::new(5).init(&Device::flex()))?;
    /// let y = program.replay::<Flex>(&FlexDevice)?.output("y")?;
    /// assert_eq!(y.to_vec::<f32>()?, [0.0; 15]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the module has a parameter that the program doesn't know, or one of another shape or type, or its device gives
    /// no values out. Then nothing is changed.
    pub fn set_parameters(&mut self, module: &impl Module) -> Result<(), ValueError> {
        self.fill(Vec::new(), module)
    }

    /// As [`Program::set_parameters`], for a module that was declared with [`crate::Session::parameters_of`].
    ///
    /// # Errors
    ///
    /// As [`Program::set_parameters`].
    pub fn set_parameters_of(&mut self, name: &str, module: &impl Module) -> Result<(), ValueError> {
        self.fill(vec![name.to_owned()], module)
    }

    /// What has to be given before the program can be carried out: inputs, parameters and constants that are read and have
    /// no value.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let read = self.operations.iter().flat_map(|operation| operation.inputs().map(TensorId::of));
        let read: BTreeSet<TensorId> = read.chain(self.outputs().map(|(_, tensor)| tensor)).collect();
        let lacks = |tensor: &TensorId| self.step_of(*tensor).is_none() && !self.values.contains_key(tensor);
        read.into_iter().filter(lacks).map(|tensor| self.called(tensor)).collect()
    }

    fn fill(&mut self, path: Vec<String>, module: &impl Module) -> Result<(), ValueError> {
        let mut filler = Filler { program: self, path, found: Vec::new(), error: None };
        module.visit(&mut filler);
        let Filler { found, error, .. } = filler;
        match error {
            Some(error) => Err(error),
            None => {
                self.values.extend(found);
                Ok(())
            }
        }
    }

    fn set(&mut self, tensor: TensorId, value: TensorData) -> Result<(), ValueError> {
        let value = self.fitting(tensor, value)?;
        self.values.insert(tensor, value);
        Ok(())
    }

    pub(super) fn unknown(&self, what: &'static str, name: &str) -> ValueError {
        ValueError::Unknown { program: self.name.clone(), what, name: name.to_owned() }
    }

    /// The value, if it may stand for a tensor of this program.
    pub(super) fn fitting(&self, tensor: TensorId, value: TensorData) -> Result<Arc<TensorData>, ValueError> {
        let Some(known) = self.ir(tensor) else {
            return Err(self.unknown("tensor", &tensor.number().to_string()));
        };
        let (expected, found) = (known.shape.to_vec(), value.shape().to_vec());
        if expected != found {
            return Err(ValueError::Shape { tensor: self.called(tensor), expected, found });
        }
        let (expected, found) = (known.dtype, value.dtype());
        let is_whole = |dtype: DType| dtype.is_int() || dtype.is_uint();
        if expected == found {
            Ok(Arc::new(value))
        } else if (is_whole(expected) && is_whole(found)) || (expected.is_bool() && found.is_bool()) {
            let converted = value.try_cast(expected);
            let refused = |_| ValueError::dtype(self.called(tensor), expected, super::error::name(found));
            Ok(Arc::new(converted.map_err(refused)?))
        } else {
            Err(ValueError::dtype(self.called(tensor), expected, super::error::name(found)))
        }
    }
}

/// Reads the parameters of a module.
struct Filler<'a> {
    program: &'a Program,
    path: Vec<String>,
    found: Vec<(TensorId, Arc<TensorData>)>,
    error: Option<ValueError>,
}

impl Filler<'_> {
    fn visit<const D: usize, K: Basic>(&mut self, tensor: Tensor<D, K>) {
        let path = self.path.join(".");
        let read = match self.program.parameter(&path) {
            None => Err(self.program.unknown("parameter", &path)),
            Some(id) => match tensor.try_into_data() {
                Ok(value) => self.program.fitting(id, value).map(|value| (id, value)),
                Err(reason) => Err(ValueError::Unreadable { path, reason: reason.to_string() }),
            },
        };
        match read {
            Ok(found) => self.found.push(found),
            Err(error) => _ = self.error.get_or_insert(error),
        }
    }
}

impl ModuleVisitor for Filler<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.visit(param.base());
    }
    fn visit_int<const D: usize>(&mut self, param: &Param<Tensor<D, Int>>) {
        self.visit(param.base());
    }
    fn visit_bool<const D: usize>(&mut self, param: &Param<Tensor<D, Bool>>) {
        self.visit(param.base());
    }
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.strip_prefix("r#").unwrap_or(name).to_owned());
    }
    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }
}
