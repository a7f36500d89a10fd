//! What several test files need: devices, fixtures, and a way into a
//! model's parameters by name.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use burn::module::{
    Module, ModuleMapper, ModuleVisitor, Param, ParamId,
};
use burn::tensor::{Device, Int, Tensor, TensorData};
use model::{
    NormOrder, Transformer, TransformerConfig, Tying, annotated,
};

/// The devices that every numeric test runs on. LibTorch is one of them
/// after `eval "$(cargo xtask libtorch)"`, with `--features model/tch`.
#[allow(
    deprecated,
    reason = "NdArray and LibTorch are supported as long as this release of Burn has them"
)]
pub(crate) fn devices() -> Vec<(&'static str, Device)> {
    let mut devices =
        vec![("flex", Device::flex()), ("ndarray", Device::ndarray())];
    #[cfg(feature = "tch")]
    devices.push(("libtorch", Device::libtorch()));
    devices.shrink_to_fit();
    devices
}

/// A named array from a fixture.
#[derive(Clone, Debug)]
pub(crate) struct Array {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

impl Array {
    pub(crate) fn of<const D: usize>(tensor: Tensor<D>) -> Self {
        let data = tensor.into_data();
        Self {
            shape: data.shape().iter().copied().collect(),
            values: data.iter::<f32>().collect(),
        }
    }

    pub(crate) fn transposed(&self) -> Self {
        let [rows, columns] = self.shape[..] else {
            panic!("not a matrix: {:?}", self.shape)
        };
        let values = (0..columns)
            .flat_map(|c| {
                (0..rows).map(move |r| self.values[r * columns + c])
            })
            .collect();
        Self { shape: vec![columns, rows], values }
    }
}

/// Fails with the tensor's name and the largest difference. `tolerance`
/// is relative to the larger of 0.01 and the largest expected magnitude
/// if `relative`, absolute otherwise. (A key's bias has no gradient:
/// what is found there is single-precision rounding, whatever the
/// parameters.)
pub(crate) fn assert_close(
    what: &str,
    found: &Array,
    expected: &Array,
    tolerance: f32,
    relative: bool,
) {
    assert_eq!(found.shape, expected.shape, "{what}: shapes differ");
    let largest =
        expected.values.iter().fold(0f32, |m, v| m.max(v.abs()));
    let scale = if relative { largest.max(1e-2) } else { 1.0 };
    let differences = found
        .values
        .iter()
        .zip(&expected.values)
        .map(|(a, b)| (a - b).abs());
    let (index, worst) =
        differences.enumerate().fold((0, 0f32), |worst, (index, d)| {
            if d > worst.1 || d.is_nan() { (index, d) } else { worst }
        });
    assert!(
        worst <= tolerance * scale,
        "{what}: largest difference {worst:e} at element {index} ({} against {}), allowed {:e}",
        found.values[index],
        expected.values[index],
        tolerance * scale
    );
}

/// The tensors of a SafeTensors file by name.
pub(crate) fn read_safetensors(
    path: PathBuf,
) -> BTreeMap<String, Array> {
    let bytes = std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let array = |view: safetensors::tensor::TensorView<'_>| Array {
        shape: view.shape().to_vec(),
        values: view
            .data()
            .chunks(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
            .collect(),
    };
    file.tensors()
        .into_iter()
        .map(|(name, view)| (name, array(view)))
        .collect()
}

/// One of the fixture folders.
pub(crate) struct Fixture {
    pub(crate) spec: serde_json::Value,
    pub(crate) trace: serde_json::Value,
    pub(crate) params: BTreeMap<String, Array>,
    pub(crate) expected: BTreeMap<String, Array>,
}

impl Fixture {
    pub(crate) fn read(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("tests/parity")
            .join(name);
        let json = |file| {
            serde_json::from_str(
                &std::fs::read_to_string(folder.join(file)).unwrap(),
            )
            .unwrap()
        };
        Self {
            spec: json("spec.json"),
            trace: json("trace.json"),
            params: read_safetensors(folder.join("params.safetensors")),
            expected: read_safetensors(
                folder.join("expected.safetensors"),
            ),
        }
    }

    pub(crate) fn size(&self, key: &str) -> usize {
        self.spec[key]
            .as_u64()
            .unwrap_or_else(|| panic!("spec.json has no size {key:?}"))
            as usize
    }

    pub(crate) fn number(&self, key: &str) -> f64 {
        self.spec[key].as_f64().unwrap_or_else(|| {
            panic!("spec.json has no number {key:?}")
        })
    }

    pub(crate) fn config(&self) -> TransformerConfig {
        TransformerConfig {
            src_vocab: self.size("src_vocab"),
            tgt_vocab: self.size("tgt_vocab"),
            n_layers: self.size("n_layers"),
            d_model: self.size("d_model"),
            d_ff: self.size("d_ff"),
            n_heads: self.size("n_heads"),
            dropout: 0.0,
            norm: if self.spec["norm"] == "pre" {
                NormOrder::Pre
            } else {
                NormOrder::Post
            },
            eps: self.number("eps"),
            tying: Tying::None,
            generator_bias: true,
            pad: self.size("pad"),
        }
    }

    /// The reference's model, its parameters loaded.
    pub(crate) fn model(&self, device: &Device) -> Transformer {
        let loaded = Cell::new(0);
        let model = fill(self.config().init(device).unwrap(), |path| {
            loaded.set(loaded.get() + 1);
            let name = annotated::name_of(path)
                .unwrap_or_else(|| panic!("{path} has no name there"));
            let array = self
                .params
                .get(&name)
                .unwrap_or_else(|| panic!("the fixture lacks {name}"));
            if annotated::is_transposed(path) {
                array.transposed()
            } else {
                array.clone()
            }
        });
        assert_eq!(
            loaded.get(),
            self.params.len(),
            "every tensor of the fixture must be used"
        );
        model
    }

    pub(crate) fn ids(
        &self,
        key: &str,
        device: &Device,
    ) -> Tensor<2, Int> {
        let rows: Vec<Vec<i64>> =
            serde_json::from_value(self.trace[key].clone()).unwrap();
        id_tensor(&rows, device)
    }
}

/// Rows of equal length as a tensor.
pub(crate) fn id_tensor(
    rows: &[Vec<i64>],
    device: &Device,
) -> Tensor<2, Int> {
    Tensor::from_data(
        TensorData::new(rows.concat(), [rows.len(), rows[0].len()]),
        device,
    )
}

/// Replaces every parameter of a module by what `array` gives for its
/// path.
pub(crate) fn fill<M: Module>(
    module: M,
    array: impl Fn(&str) -> Array,
) -> M {
    struct Fill<F> {
        array: F,
        path: Vec<String>,
    }
    impl<F: Fn(&str) -> Array> ModuleMapper for Fill<F> {
        fn enter_module(&mut self, name: &str, _container_type: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _container_type: &str) {
            self.path.pop();
        }
        fn map_float<const D: usize>(
            &mut self,
            param: Param<Tensor<D>>,
        ) -> Param<Tensor<D>> {
            let path = self.path.join(".");
            let array = (self.array)(&path);
            param.map(|tensor| {
                assert_eq!(
                    tensor.shape().iter().copied().collect::<Vec<_>>(),
                    array.shape,
                    "{path}"
                );
                let data = TensorData::new(
                    array.values.clone(),
                    array.shape.clone(),
                );
                Tensor::from_data(data, &tensor.device())
                    .set_require_grad(tensor.is_require_grad())
            })
        }
    }
    module.map(&mut Fill { array, path: Vec::new() })
}

/// Every float parameter of a module: path, id and value.
pub(crate) fn parameters<M: Module>(
    module: &M,
) -> Vec<(String, ParamId, Array)> {
    #[derive(Default)]
    struct Visitor {
        path: Vec<String>,
        found: Vec<(String, ParamId, Array)>,
    }
    impl ModuleVisitor for Visitor {
        fn enter_module(&mut self, name: &str, _container_type: &str) {
            self.path.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _container_type: &str) {
            self.path.pop();
        }
        fn visit_float<const D: usize>(
            &mut self,
            param: &Param<Tensor<D>>,
        ) {
            self.found.push((
                self.path.join("."),
                param.id,
                Array::of(param.val()),
            ));
        }
    }
    let mut visitor = Visitor::default();
    module.visit(&mut visitor);
    assert!(!visitor.found.is_empty());
    visitor.found
}
