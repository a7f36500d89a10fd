//! The model against an independent float64 reference: see
//! `parity/README.md` for what the fixtures hold.

use crate::common::{Array, Fixture, assert_close, devices};
use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor};
use model::decoding::{greedy, score};
use model::label_smoothing::{Loss, label_smoothing};
use model::noam::noam_rate;
use model::{Transformer, annotated};

/// For log-probabilities and everything else that a forward pass gives.
const FORWARD: f32 = 1e-5;
/// For gradients and for parameters after training, relative to the
/// tensor's largest element.
const BACKWARD: f32 = 1e-4;

fn on_every_device_and_fixture(test: impl Fn(&str, &Fixture, &Device)) {
    for name in ["pre-norm", "post-norm"] {
        let fixture = Fixture::read(name);
        for (device_name, device) in devices() {
            test(
                &format!("{name} on {device_name}"),
                &fixture,
                &device,
            );
        }
    }
}

/// The decoder's input and the tokens to predict: all but the last, all
/// but the first.
fn shifted(tgt: Tensor<2, Int>) -> (Tensor<2, Int>, Tensor<2, Int>) {
    let [batch, length] = tgt.dims();
    (
        tgt.clone().slice([0..batch, 0..length - 1]),
        tgt.slice([0..batch, 1..length]),
    )
}

fn loss_of(
    fixture: &Fixture,
    model: &Transformer,
    device: &Device,
) -> Loss {
    let (given, next) = shifted(fixture.ids("tgt", device));
    let logits =
        model.forward(fixture.ids("src", device), given).logits;
    label_smoothing(
        logits,
        next,
        fixture.size("pad"),
        fixture.number("label_smoothing"),
    )
}

#[test]
fn the_forward_pass_agrees() {
    on_every_device_and_fixture(|case, fixture, device| {
        let model = fixture.model(device);
        let (given, _) = shifted(fixture.ids("tgt", device));
        let output = model.forward(fixture.ids("src", device), given);
        let check = |name: &str, found: Array| {
            let expected = fixture
                .expected
                .get(name)
                .unwrap_or_else(|| panic!("the fixture lacks {name}"));
            assert_close(
                &format!("{case}: {name}"),
                &found,
                expected,
                FORWARD,
                false,
            );
        };
        check("memory", Array::of(output.encoder.output));
        check("decoder_output", Array::of(output.decoder.output));
        check("log_probs", Array::of(log_softmax(output.logits, 2)));
        let mut maps = 0;
        for (n, weights) in
            output.encoder.weights.into_iter().enumerate()
        {
            check(
                &format!("attention.encoder.layers.{n}.self_attn"),
                Array::of(weights),
            );
            maps += 1;
        }
        for (n, weights) in
            output.decoder.weights.into_iter().enumerate()
        {
            check(
                &format!("attention.decoder.layers.{n}.self_attn"),
                Array::of(weights.self_attn),
            );
            check(
                &format!("attention.decoder.layers.{n}.src_attn"),
                Array::of(weights.cross_attn),
            );
            maps += 2;
        }
        assert_eq!(
            maps,
            fixture
                .expected
                .keys()
                .filter(|name| name.starts_with("attention."))
                .count()
        );
    });
}

#[test]
fn the_loss_and_every_gradient_agree() {
    on_every_device_and_fixture(|case, fixture, device| {
        let model = fixture.model(&device.clone().autodiff());
        let loss = loss_of(fixture, &model, &device.clone().autodiff());
        let first = &fixture.trace["steps"][0];
        for (name, found) in
            [("loss", loss.mean()), ("nll", loss.mean_nll())]
        {
            let (found, expected) = (
                found.into_scalar::<f32>(),
                first[name].as_f64().unwrap() as f32,
            );
            assert!(
                (found - expected).abs() < FORWARD,
                "{case}: {name} is {found}, not {expected}"
            );
        }
        let gradients = named_gradients(&model, loss.mean());
        assert_eq!(gradients.len(), fixture.params.len());
        for (name, gradient) in gradients {
            let expected = &fixture.expected[&format!("grad.{name}")];
            assert_close(
                &format!("{case}: grad.{name}"),
                &gradient,
                expected,
                BACKWARD,
                true,
            );
        }
    });
}

/// Every parameter's gradient, under the reference's names and in its
/// layout.
fn named_gradients(
    model: &Transformer,
    loss: Tensor<1>,
) -> Vec<(String, Array)> {
    let gradients = GradientsParams::from_grads(loss.backward(), model);
    let array = |id, dims: usize| match dims {
        1 => gradients.get::<1>(id).map(Array::of),
        _ => gradients.get::<2>(id).map(Array::of),
    };
    let named = |(path, id, value): (String, _, Array)| {
        let gradient = array(id, value.shape.len())
            .unwrap_or_else(|| panic!("{path} has no gradient"));
        in_their_layout(&path, gradient)
    };
    crate::common::parameters(model).into_iter().map(named).collect()
}

fn in_their_layout(path: &str, array: Array) -> (String, Array) {
    let name = annotated::name_of(path).unwrap();
    (
        name,
        if annotated::is_transposed(path) {
            array.transposed()
        } else {
            array
        },
    )
}

#[test]
fn three_steps_of_adam_agree() {
    on_every_device_and_fixture(|case, fixture, device| {
        let device = device.clone().autodiff();
        let mut model = fixture.model(&device);
        let mut adam = AdamConfig::new()
            .with_beta_1(0.9)
            .with_beta_2(0.98)
            .with_epsilon(1e-9)
            .init();
        let (d_model, warmup) =
            (fixture.size("d_model"), fixture.size("warmup"));
        for step in 1..=fixture.size("steps") {
            let rate = noam_rate(
                step,
                d_model,
                warmup,
                fixture.number("factor"),
            );
            let expected = &fixture.trace["steps"][step - 1];
            assert!(
                (rate - expected["lr"].as_f64().unwrap()).abs() < 1e-12,
                "{case}: rate of step {step}"
            );
            let loss = loss_of(fixture, &model, &device);
            let found = loss.mean().into_scalar::<f32>();
            let wanted = expected["loss"].as_f64().unwrap() as f32;
            assert!(
                (found - wanted).abs() < 1e-4,
                "{case}: loss of step {step} is {found}, not {wanted}"
            );
            let gradients = GradientsParams::from_grads(
                loss.mean().backward(),
                &model,
            );
            model = adam.step(rate, model, gradients);
        }
        let mut compared = 0;
        for (path, _, value) in
            crate::common::parameters(&model.valid())
        {
            let (name, value) = in_their_layout(&path, value);
            let expected = &fixture.expected[&format!("after.{name}")];
            let gradient = &fixture.expected[&format!("grad.{name}")];
            let (value, expected) = (
                without_rounding(&value, gradient),
                without_rounding(expected, gradient),
            );
            compared += value.values.len();
            assert_close(
                &format!("{case}: after.{name}"),
                &value,
                &expected,
                BACKWARD,
                false,
            );
        }
        assert!(
            compared * 100 > model.num_params() * 95,
            "{case}: {compared} of {}",
            model.num_params()
        );
    });
}

/// The elements whose gradient is more than single precision's
/// rounding.
///
/// A key's bias, for one, adds the same to all scores of a query, which
/// the softmax cancels: its gradient is zero but for rounding, and
/// Adam, which divides by the gradient's size, walks a whole step in a
/// direction that means nothing.
fn without_rounding(array: &Array, gradient: &Array) -> Array {
    let means_something = |g: &f32| g.abs() > 1e-7;
    let kept = array
        .values
        .iter()
        .zip(&gradient.values)
        .filter(|(_, g)| means_something(g));
    let values: Vec<f32> = kept.map(|(value, _)| *value).collect();
    Array { shape: vec![values.len()], values }
}

#[test]
fn greedy_decoding_agrees() {
    on_every_device_and_fixture(|case, fixture, device| {
        let model = fixture.model(device);
        let src = fixture.ids("src", device);
        let bos = fixture.size("bos");
        let expected: Vec<Vec<usize>> =
            serde_json::from_value(fixture.trace["greedy"].clone())
                .unwrap();
        let limits = vec![fixture.size("greedy_len"); expected.len()];
        for (found, expected) in greedy(&model, src, bos, None, &limits)
            .into_iter()
            .zip(expected)
        {
            assert_eq!(found.ids, expected[1..], "{case}");
        }
    });
}

#[test]
fn the_score_of_the_targets_agrees() {
    on_every_device_and_fixture(|case, fixture, device| {
        let model = fixture.model(device);
        let pad = fixture.size("pad");
        let found = score(
            &model,
            fixture.ids("src", device),
            fixture.ids("tgt", device),
            pad,
        );
        let nll = -found.iter().flatten().sum::<f64>()
            / found.iter().flatten().count() as f64;
        let expected =
            fixture.trace["steps"][0]["nll"].as_f64().unwrap();
        assert!(
            (nll - expected).abs() < f64::from(FORWARD),
            "{case}: {nll} is not {expected}"
        );
    });
}
