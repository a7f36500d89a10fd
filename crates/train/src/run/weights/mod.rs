//! Weights by name: reading them from a file, checking them against a model, putting them in.

mod file;
mod fill;

use std::collections::BTreeMap;

use anyhow::anyhow;
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::store::RecordError;
use burn::tensor::Tensor;

pub(crate) use file::{
    read_pytorch, read_safetensors, safetensors, safetensors_of, step_of, write_safetensors,
};
pub(crate) use fill::{fill, refuse};

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
        assert_eq!(step_of(&std::fs::read(&path).unwrap(), &path).unwrap(), 17);
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
    fn numbers_that_are_not_finite_are_refused_by_name() {
        let (_folder, path) = written();
        let weights = read_safetensors(&path).unwrap();
        let (query, bias) = ("encoder.layers.0.self_attn.query.weight", "generator.proj.bias");
        for (value, shown) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
            let mut wrong = weights.clone();
            for name in [query, bias] {
                *wrong.get_mut(name).unwrap().values.last_mut().unwrap() = value;
            }
            let message = fill(tiny(), wrong, "this file").unwrap_err().to_string();
            let expected = format!(
                "this file can't be used: {query} holds {shown}, {bias} holds {shown}, but all weights must be finite"
            );
            assert_eq!(message, expected);
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
