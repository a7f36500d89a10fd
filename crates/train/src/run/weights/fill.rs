//! Putting weights into a model that they must fit.

use anyhow::{Result, bail, ensure};
use burn::module::{Module, ModuleMapper, Param, ParamId};
use burn::tensor::{Tensor, TensorData};

use super::{Array, Parameter, Weights, parameters};

/// Puts `weights` into `module`, which must fit exactly. `what` names their origin in errors.
///
/// # Errors
///
/// Names every tensor that is missing, unexpected, of another shape, or holds a number that is not finite.
pub(crate) fn fill<M: Module>(module: M, weights: Weights, what: &str) -> Result<M> {
    let parameters = parameters(&module);
    let mut problems = Vec::new();
    for Parameter { path, shape } in &parameters {
        match weights.get(path) {
            None => problems.push(format!("missing {path}")),
            Some(array) if array.shape != *shape => {
                problems.push(format!("{path} has shape {:?} instead of {shape:?}", array.shape));
            }
            Some(_) => {}
        }
    }
    let known = |name: &String| parameters.iter().any(|parameter| parameter.path == *name);
    problems.extend(weights.keys().filter(|name| !known(name)).map(|name| format!("unexpected {name}")));
    refuse(&problems, what)?;
    let odd = |(name, array): (&String, &Array)| {
        let odd = array.values.iter().find(|value| !value.is_finite())?;
        Some(format!("{name} holds {odd}"))
    };
    let odd: Vec<String> = weights.iter().filter_map(odd).collect();
    let are_finite = odd.is_empty();
    ensure!(are_finite, "{what} can't be used: {}, but all weights must be finite", odd.join(", "));
    Ok(module.map(&mut Filler { weights, path: Vec::new(), ids: 0 }))
}

/// Turns a list of tensors that don't fit into one error.
///
/// # Errors
///
/// If there is any problem.
pub(crate) fn refuse(problems: &[String], what: &str) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{what} does not fit the configured model: {}", problems.join(", "))
}

/// Every parameter must have an entry of its shape.
struct Filler {
    weights: Weights,
    path: Vec<String>,
    ids: u64,
}

impl ModuleMapper for Filler {
    fn enter_module(&mut self, name: &str, _container_type: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container_type: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.ids += 1;
        let Some(array) = self.weights.remove(&self.path.join(".")) else { return param };
        let device = param.lazy_device();
        let tensor = Tensor::from_data(TensorData::new(array.values, array.shape), &device);
        Param::initialized(ParamId::from(self.ids), tensor).set_require_grad(true)
    }
}
