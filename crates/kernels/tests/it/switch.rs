//! What is served, and a whole model with and without.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::{DType, Device, Distribution, Int, Tensor, TensorData};
use model::dropout::seeded;
use model::label_smoothing::label_smoothing;
use model::{Transformer, TransformerConfig};

/// It is deprecated, and supported until it is gone.
#[expect(deprecated, reason = "tests compare with it")]
fn ndarray() -> Device {
    Device::ndarray()
}

/// The switch is one for all threads, so one test has it.
#[test]
fn a_model_computes_the_same_with_them_and_without() {
    only_what_they_are_for_is_served();
    let device = Device::flex().autodiff();
    device.seed(5);
    let sizes = TransformerConfig { d_model: 39, n_heads: 3, d_ff: 67, ..TransformerConfig::tiny(61) };
    for (name, config) in [
        ("with dropout", TransformerConfig { dropout: 0.3, ..sizes.clone() }),
        ("pre-norm", TransformerConfig { norm: model::NormOrder::Pre, dropout: 0.0, ..sizes.clone() }),
        ("post-norm", TransformerConfig { norm: model::NormOrder::Post, dropout: 0.1, ..sizes }),
    ] {
        let model = config.init(&device).expect("the sizes are right");
        let [fused, textbook] = [true, false].map(|enabled| {
            kernels::set_enabled(enabled);
            let found = seeded(7, || loss_and_gradients(&model, &device));
            kernels::set_enabled(true);
            found
        });
        assert!(
            (fused.0 - textbook.0).abs() < 2e-5 * textbook.0,
            "{name}: a loss of {} and of {}",
            fused.0,
            textbook.0
        );
        assert!(
            fused.1.len() > 40 && fused.1.len() == textbook.1.len(),
            "{name}: every parameter has a gradient"
        );
        for ((fused, textbook), index) in fused.1.iter().zip(&textbook.1).zip(0..) {
            let largest = textbook.iter().fold(1e-2_f32, |largest, x| largest.max(x.abs()));
            for (fused, textbook) in fused.iter().zip(textbook) {
                assert!(
                    (fused - textbook).abs() < 1e-4 * largest,
                    "{name}, parameter {index}: {fused} is not {textbook}, of up to {largest}"
                );
            }
        }
    }
}

fn only_what_they_are_for_is_served() {
    let on = |device: &Device| Tensor::<2>::random([2, 3], Distribution::Default, device);
    assert!(kernels::serve(&on(&Device::flex())));
    assert!(kernels::serve(&on(&Device::flex().autodiff())));
    assert!(!kernels::serve(&on(&ndarray())));
    assert!(!kernels::serve(&on(&ndarray().autodiff())));
    assert!(!kernels::serve(&on(&Device::flex()).cast(DType::F64)));
    kernels::set_enabled(false);
    assert!(!kernels::serve(&on(&Device::flex())));
    kernels::set_enabled(true);
    assert!(kernels::serve(&on(&Device::flex())));
}

fn ids(shape: [usize; 2], step: usize, device: &Device) -> Tensor<2, Int> {
    let ids: Vec<i64> = (0..shape[0] * shape[1]).map(|n| (n * n * step % 61) as i64).collect();
    Tensor::from_data(TensorData::new(ids, shape), device)
}

fn loss_and_gradients(model: &Transformer, device: &Device) -> (f32, Vec<Vec<f32>>) {
    let (source, target) = (ids([5, 13], 3, device), ids([5, 11], 7, device));
    let given = target.clone().narrow(1, 0, 10);
    let logits = model.forward(source, given).logits;
    let loss = label_smoothing(logits, target.narrow(1, 1, 10), 0, 0.1).smoothed;
    let gradients = GradientsParams::from_grads(loss.backward(), model);
    let mut found = Gradients { gradients, found: Vec::new() };
    model.visit(&mut found);
    (loss.into_scalar(), found.found)
}

struct Gradients {
    gradients: GradientsParams,
    found: Vec<Vec<f32>>,
}

impl ModuleVisitor for Gradients {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = self.gradients.get::<D>(param.id).expect("every parameter has a gradient");
        self.found.push(gradient.into_data().try_to_vec().unwrap());
    }
}
