//! Weights by name: reading them from a file, checking them against a model, putting them in.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::store::RecordError;
use burn::tensor::{DType, Tensor, TensorData};
use burn_store::{FloatCastAdapter, ModuleStore, PytorchStore, SafetensorsStore, bridge};

use crate::files::write_atomically;

/// Single-precision arrays by name.
pub(crate) type Weights = BTreeMap<String, Array>;

/// How numbers are stored. Whatever it is, [`read_safetensors`] gives single-precision ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    /// In 32 bits, as they were trained.
    Single,
    /// In 16 bits: eleven significant ones, and nothing above 65,504.
    Half,
}

/// One array, in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Array {
    /// Its shape.
    pub(crate) shape: Vec<usize>,
    /// Its values.
    pub(crate) values: Vec<f32>,
}

impl Array {
    /// Rows become columns. Anything but a matrix stays as it is.
    #[must_use]
    pub(crate) fn transposed(self) -> Self {
        let [rows, columns] = self.shape[..] else { return self };
        let values = (0..columns).flat_map(|c| (0..rows).map(move |r| r * columns + c));
        Self { values: values.map(|index| self.values[index]).collect(), shape: vec![columns, rows] }
    }
}

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

/// A parameter of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// Where it is, such as `encoder.layers.0.self_attn.query.weight`.
    pub(crate) path: String,
    /// Its shape.
    pub(crate) shape: Vec<usize>,
}

impl Parameter {
    /// Number of elements.
    #[must_use]
    pub(crate) fn count(&self) -> usize {
        self.shape.iter().product()
    }
}

/// Every parameter, in the order of the module's fields. Nothing is initialised by looking.
pub(crate) fn parameters<M: Module>(module: &M) -> Vec<Parameter> {
    #[derive(Default)]
    struct Collector {
        path: Vec<String>,
        found: Vec<Parameter>,
    }
    impl ModuleVisitor for Collector {
        fn enter_module(&mut self, name: &str, _container_type: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _name: &str, _container_type: &str) {
            self.path.pop();
        }

        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let shape = param.lazy_shape().iter().copied().collect();
            self.found.push(Parameter { path: self.path.join("."), shape });
        }
    }
    let mut collector = Collector::default();
    module.visit(&mut collector);
    collector.found
}

/// Puts `weights` into `module`, which must fit exactly. `what` names their origin in errors.
///
/// # Errors
///
/// Names every tensor that is missing, unexpected, or of another shape.
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

/// Initialises every parameter in the order of the module's fields and numbers them in that order.
///
/// Burn draws parameters on first use and gives them random ids. With this, one seed gives one model, and the state
/// that an optimiser saved for a parameter is found again by the next process.
pub(crate) fn initialise<M: Module>(module: M) -> M {
    module.map(&mut Numberer { ids: 0 })
}

struct Numberer {
    ids: u64,
}

impl ModuleMapper for Numberer {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.ids += 1;
        let (_, tensor, mapper) = param.consume();
        Param::from_mapped_value(ParamId::from(self.ids), tensor, mapper)
    }
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

/// Burn's record errors may span lines; ours don't.
pub(crate) fn one_line(error: &RecordError) -> anyhow::Error {
    anyhow!("{}", error.to_string().replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;
    use model::TransformerConfig;

    fn tiny() -> model::Transformer {
        TransformerConfig { n_layers: 1, d_model: 4, d_ff: 6, n_heads: 2, ..TransformerConfig::tiny(5) }
            .init(&Device::flex())
            .unwrap()
    }

    fn written() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        write_safetensors(&tiny(), 17, Precision::Single, &path).unwrap();
        (folder, path)
    }

    #[test]
    fn what_is_written_is_read_back_bit_by_bit() {
        let (folder, path) = written();
        let weights = read_safetensors(&path).unwrap();
        assert_eq!(step_of(&path).unwrap(), 17);
        let model = fill(tiny(), weights.clone(), "test").unwrap();
        let again = folder.path().join("again.safetensors");
        write_safetensors(&model, 17, Precision::Single, &again).unwrap();
        assert_eq!(std::fs::read(path).unwrap(), std::fs::read(again).unwrap());
        assert_eq!(weights.len(), parameters(&model).len());
    }

    #[test]
    fn every_tensor_that_does_not_fit_is_named() {
        let (_folder, path) = written();
        let mut weights = read_safetensors(&path).unwrap();
        let array = weights.remove("encoder.layers.0.self_attn.query.weight").unwrap();
        weights.insert("encoder.extra".into(), array.clone());
        weights.insert("generator.proj.bias".into(), array);
        let message = fill(tiny(), weights, "this file").unwrap_err().to_string();
        for part in [
            "this file does not fit",
            "missing encoder.layers.0.self_attn.query.weight",
            "unexpected encoder.extra",
            "generator.proj.bias has shape [4, 4] instead of [5]",
        ] {
            assert!(message.contains(part), "{part:?} is missing from {message:?}");
        }
    }

    #[test]
    fn damage_is_reported_wherever_the_file_is_cut() {
        let (folder, path) = written();
        let bytes = std::fs::read(&path).unwrap();
        let cut = folder.path().join("cut.safetensors");
        for length in [0, 5, 100, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&cut, &bytes[..length]).unwrap();
            let message = read_safetensors(&cut).unwrap_err().to_string();
            assert!(message.contains("is damaged") && !message.contains('\n'), "{length}: {message}");
        }
    }

    #[test]
    fn transposing_twice_changes_nothing() {
        let array = Array { shape: vec![2, 3], values: vec![1., 2., 3., 4., 5., 6.] };
        let transposed = array.clone().transposed();
        assert_eq!(transposed, Array { shape: vec![3, 2], values: vec![1., 4., 2., 5., 3., 6.] });
        assert_eq!(transposed.transposed(), array);
    }
}
