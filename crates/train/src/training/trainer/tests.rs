use super::super::optimiser::adam;
use super::super::trainable::mean_nll;
use super::*;
use crate::data::batch::Source;
use crate::data::copy::{CopyBatches, CopyTask};
use crate::run::training::tests::training;
use model::{Transformer, TransformerConfig};

const TASK: CopyTask = CopyTask { vocab: 7, length: 5 };

fn batches(parts: usize) -> CopyBatches {
    CopyBatches::new(TASK, 12, parts, 5, 3)
}

fn config() -> TransformerConfig {
    let tiny = TransformerConfig::tiny(7);
    TransformerConfig { n_layers: 1, d_model: 8, d_ff: 12, n_heads: 2, dropout: 0.0, ..tiny }
}

/// Tests in one process share Burn's generator: all trainers get the same parameters from one.
fn trainers(settings: [TrainingConfig; 2]) -> [Trainer<Transformer>; 2] {
    let devices = [Device::flex()];
    let first = Trainer::new(|device| Ok(config().init(device)?), &settings[0], (8, 0), &devices).unwrap();
    settings.map(|training| {
        let model = first.model().clone();
        Trainer::resume(model, adam(), State::default(), &training, (8, 0), &devices).unwrap()
    })
}

fn next(source: &mut CopyBatches, parts: usize) -> Vec<Batch> {
    (0..parts).map(|_| source.next().unwrap()).collect()
}

#[test]
fn parts_of_a_batch_add_up_to_the_whole() {
    let [mut whole, mut parts] = trainers([training(), TrainingConfig { accumulate: 4, ..training() }]);
    let (mut one, mut four) = (batches(1), batches(4));
    for step in 1..=4 {
        let a = whole.step(&next(&mut one, 1)).unwrap();
        let b = parts.step(&next(&mut four, 4)).unwrap();
        assert!((a.loss - b.loss).abs() < 1e-5, "step {step}: {} is not {}", b.loss, a.loss);
        assert!((a.nll - b.nll).abs() < 1e-5, "step {step}: {} is not {}", b.nll, a.nll);
        assert!((a.gradient_norm - b.gradient_norm).abs() < 1e-4, "step {step}");
    }
}

/// Burn's NdArray device is another implementation, so this compares two programs as well as several divisions of work.
#[test]
fn several_devices_give_the_gradients_of_one_on_the_same_batch() {
    let [alone, _] = trainers([training(), training()]);
    let (flex, ndarray) = (Device::flex(), crate::device::ndarray());
    let batch = next(&mut batches(1), 1);
    let tokens = batch[0].tokens(0);
    let one = alone.backward(&batch, tokens, 1).unwrap();
    let all =
        |trainer: &Trainer<Transformer>, gradients: &GradientsParams| flattened(trainer.model(), gradients);
    let expected = all(&alone, &one.gradients);
    assert!(!alone.has_several_devices() && expected.iter().any(|value| value.abs() > 1e-3));
    // Five devices get twelve sequences in unequal shares.
    let five = [&flex, &ndarray, &flex, &ndarray, &flex].map(Clone::clone);
    for devices in [&five[..2], &five[..3], &five] {
        let model = alone.model().clone();
        let state = State::default();
        let mut several = Trainer::resume(model, adam(), state, &training(), (8, 0), devices).unwrap();
        assert!(several.has_several_devices() && several.parts() == alone.parts());
        let found = several.backward(&batch, tokens, 1).unwrap();
        assert!((one.loss - found.loss).abs() < 1e-5 && (one.nll - found.nll).abs() < 1e-5);
        let found = all(&several, &found.gradients);
        assert_eq!(found.len(), expected.len());
        let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-6, "{worst}");
        let record = several.step(&batch).unwrap();
        assert!(record.loss.is_finite() && record.tokens == tokens && several.state.step == 1);
    }
}

/// There are fewer sequences than devices, and then than workers.
#[test]
fn devices_without_a_share_do_nothing() {
    let [alone, _] = trainers([training(), training()]);
    let mut batch = next(&mut batches(1), 1).remove(0);
    batch.src.truncate(2);
    batch.tgt.truncate(2);
    let tokens = batch.tokens(0);
    let expected = alone.backward(&[batch.clone()], tokens, 1).unwrap();
    let devices = [Device::flex(), Device::flex(), Device::flex()];
    let model = alone.model().clone();
    let several = Trainer::resume(model, adam(), State::default(), &training(), (8, 0), &devices).unwrap();
    let found = several.backward(&[batch], tokens, 1).unwrap();
    assert!((found.loss - expected.loss).abs() < 1e-5, "{} is not {}", found.loss, expected.loss);
    assert!((found.squared_norm - expected.squared_norm).abs() < 1e-4 * expected.squared_norm);
}

/// The noise is measured between batches, so it is the same whatever divides them, and there is none in one batch.
#[test]
fn several_devices_measure_the_noise_that_one_does() {
    let accumulating = || TrainingConfig { accumulate: 3, ..training() };
    let [one, two] = trainers([accumulating(), accumulating()]);
    let (model, devices) = (two.model().clone(), [Device::flex(), crate::device::ndarray()]);
    let two = Trainer::resume(model, adam(), State::default(), &accumulating(), (8, 0), &devices).unwrap();
    let parts = next(&mut batches(3), 3);
    let tokens = parts.iter().map(|part| part.tokens(0)).sum();
    let [one, two] = [&one, &two].map(|trainer| trainer.backward(&parts, tokens, 1).unwrap().part.unwrap());
    assert!((one.0 - two.0).abs() < 1e-9 && (one.1 - two.1).abs() < 1e-5 * one.1, "{two:?} is not {one:?}");
    let model = trainers([training(), training()])[0].model().clone();
    let alone = Trainer::resume(model, adam(), State::default(), &training(), (8, 0), &devices).unwrap();
    assert!(alone.backward(&parts[..1], tokens, 1).unwrap().part.is_none());
}

fn flattened(model: &Transformer, gradients: &GradientsParams) -> Vec<f32> {
    struct All<'a>(&'a GradientsParams, Vec<f32>);
    impl burn::module::ModuleVisitor for All<'_> {
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<burn::tensor::Tensor<D>>) {
            let gradient = self.0.get::<D>(param.id).unwrap();
            self.1.extend(gradient.into_data().iter::<f32>());
        }
    }
    let mut all = All(gradients, Vec::new());
    burn::module::Module::visit(model, &mut all);
    all.1
}

#[test]
fn clipping_shortens_the_step_and_not_the_record() {
    let clipped = TrainingConfig { clip: Some(1e-6), ..training() };
    let [mut free, mut clipped] = trainers([training(), clipped]);
    let batch = next(&mut batches(1), 1);
    let (a, b) = (free.step(&batch).unwrap(), clipped.step(&batch).unwrap());
    assert!((a.gradient_norm - b.gradient_norm).abs() < 1e-6 && a.gradient_norm > 1e-3);
    // Adam's first step has the same length whatever the gradient's; its moments tell.
    assert!(free.state == clipped.state);
    let Sums { gradients, squared_norm, .. } = clipped.backward(&batch, 1, 1).unwrap();
    let half = scaled(clipped.model(), gradients, 0.5);
    let (_, quarter) = add_up(clipped.model(), vec![half]);
    assert!((quarter - squared_norm / 4.0).abs() < 1e-4 * squared_norm);
}

#[test]
fn training_lowers_the_loss() {
    let [mut trainer, _] = trainers([training(), training()]);
    let mut source = batches(1);
    let valid = source.validation();
    let measure = |trainer: &Trainer<Transformer>| {
        let batches = std::iter::once(Ok(valid.clone()));
        mean_nll(&trainer.trained(), batches, 0, &Device::flex()).unwrap().0
    };
    let before = measure(&trainer);
    for _ in 0..40 {
        trainer.step(&next(&mut source, 1)).unwrap();
    }
    let after = measure(&trainer);
    assert!(after < before - 0.1, "{before} became {after}");
}

#[test]
fn what_is_no_number_updates_nothing() {
    let huge = TrainingConfig {
        schedule: crate::run::schedule::Schedule::Noam { factor: 1e30, warmup: 1 },
        ..training()
    };
    let [mut trainer, _] = trainers([huge, training()]);
    let mut source = batches(1);
    let mut last = 0;
    for _ in 0..20 {
        let record = trainer.step(&next(&mut source, 1)).unwrap();
        if !(record.loss + record.gradient_norm).is_finite() {
            assert_eq!((trainer.state.step, record.step), (last, last + 1));
            return;
        }
        last = trainer.state.step;
    }
    panic!("a rate of 1e30 must break the model");
}
