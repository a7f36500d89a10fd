//! Norms are recognised, be they burn-nn's or written by hand.

use burn::module::{Module, Param};
use burn::nn::{GroupNormConfig, InstanceNormConfig, LayerNormConfig, RmsNorm, RmsNormConfig};
use burn::tensor::{Device, Tensor};
use graph::view::BoxKind;
use graph::{Norm, Pattern, ViewOptions};

use crate::words::{graph, inner, texts, view};

/// A scale and a shift for each of the last axis's elements.
#[derive(Module, Debug)]
struct Own {
    weight: Param<Tensor<1>>,
    shift: Param<Tensor<1>>,
}

impl Own {
    fn new(size: usize, device: &Device) -> Self {
        Self {
            weight: Param::from_tensor(Tensor::ones([size], device)),
            shift: Param::from_tensor(Tensor::zeros([size], device)),
        }
    }
}

#[derive(Module, Debug)]
struct Network {
    own: Own,
}

/// What is shown of a norm of `[2, 5, 8]` that is followed by an exponential.
fn shown(body: impl FnOnce(&Own, Tensor<3>) -> Tensor<3>) -> Vec<String> {
    let found = graph(|session| {
        let network = Network { own: Own::new(8, session.device()) };
        session.parameters(&network);
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 8], session.device()));
        session.output("y", body(&network.own, x).exp());
    });
    texts(&found)
}

#[test]
fn the_root_mean_square_norm_has_many_forms() {
    let forms: [fn(&Own, Tensor<3>) -> Tensor<3>; 5] = [
        |own, x| {
            let root = (x.clone().square().mean_dim(2) + 1e-5).sqrt();
            x / root * own.weight.val().unsqueeze()
        },
        |own, x| {
            let inverse = (x.clone() * x.clone()).mean_dim(2).add_scalar(1e-6).powf_scalar(-0.5);
            own.weight.val().unsqueeze::<3>() * (x * inverse)
        },
        |own, x| {
            let inverse = x.clone().powf_scalar(2.0).mean_dim(2).add_scalar(1e-6).sqrt().recip();
            x * inverse * (own.weight.val() + 1.0).unsqueeze()
        },
        |own, x| {
            let mean = x.clone().powi_scalar(2).sum_dim(2) / 8.0;
            x * own.weight.val().reshape([1, 1, 8]) / (mean + 1e-6).sqrt()
        },
        |own, x| {
            let [batch, length, width] = x.dims();
            let root = (x.clone().square().mean_dim(2) + 1e-5).sqrt().expand([batch, length, width]);
            (x / root) * own.weight.val().unsqueeze()
        },
    ];
    for (number, form) in forms.into_iter().enumerate() {
        assert_eq!(shown(form), ["RMS Norm (own)", "Exp"], "form {number}");
    }
    assert_eq!(shown(|_, x| x.clone() / (x.square().mean_dim(2) + 1e-5).sqrt()), ["RMS Norm", "Exp"]);
}

#[test]
fn the_layer_norm_by_hand_has_them_too() {
    let forms: [fn(&Own, Tensor<3>) -> Tensor<3>; 4] = [
        |own, x| {
            let centred = x.clone() - x.mean_dim(2);
            let variance = centred.clone().square().mean_dim(2);
            centred / (variance + 1e-5).sqrt() * own.weight.val().unsqueeze() + own.shift.val().unsqueeze()
        },
        |own, x| {
            let (variance, mean) = x.clone().var_mean_bias(2);
            (x - mean) / (variance + 1e-5).sqrt() * own.weight.val().unsqueeze() + own.shift.val().unsqueeze()
        },
        |own, x| {
            // As The Annotated Transformer does it: by the deviation, not by the root of a sum.
            let deviation = x.clone().var(2).sqrt();
            let centred = x.clone() - x.mean_dim(2);
            own.weight.val().unsqueeze::<3>() * centred / (deviation + 1e-6) + own.shift.val().unsqueeze()
        },
        |own, x| {
            let centred = x.clone() - x.mean_dim(2);
            let inverse = (centred.clone().powf_scalar(2.0).mean_dim(2) + 1e-5).powf_scalar(-0.5);
            centred * inverse * own.weight.val().unsqueeze() + own.shift.val().unsqueeze()
        },
    ];
    for (number, form) in forms.into_iter().enumerate() {
        assert_eq!(shown(form)[0].split(" (").next(), Some("Layer Norm"), "form {number}: {:?}", shown(form));
        assert_eq!(shown(form).len(), 2, "form {number}: {:?}", shown(form));
    }
}

#[test]
fn what_is_no_norm_is_none() {
    let length = shown(|_, x| x.clone() / (x.square().sum_dim(2) + 1e-5).sqrt());
    assert_eq!(length, ["L2 Norm", "Exp"], "a sum is no mean");
    let plain = shown(|_, x| x.clone() / (x.mean_dim(2) + 1e-5).sqrt());
    assert!(plain.len() > 2, "nothing is squared: {plain:?}");
    let centred = shown(|_, x| x.clone() - x.mean_dim(2));
    assert!(centred.iter().all(|text| !text.contains("Norm")), "{centred:?}");
    let other = shown(|_, x| x.clone().flip([0]) / (x.square().mean_dim(2) + 1e-5).sqrt());
    assert!(other.iter().all(|text| !text.contains("Norm")), "of another tensor: {other:?}");
}

#[derive(Module, Debug)]
struct Two {
    before: RmsNorm,
    behind: RmsNorm,
}

#[test]
fn the_sum_around_a_norm_stays_outside_and_joins_with_the_next() {
    let found = graph(|session| {
        let device = session.device();
        let norm = || RmsNormConfig::new(8).init(device);
        let two = Two { before: norm(), behind: norm() };
        session.parameters(&two);
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 8], device));
        let x = x.clone() + two.before.forward(x).tanh();
        session.output("y", two.behind.forward(x).exp());
    });
    assert_eq!(texts(&found), ["RMS Norm (before)", "Tanh", "Add & Norm (behind)", "Exp"]);
    assert_eq!((found.recognised(Pattern::Norm(Norm::Rms)), found.residual_additions()), (2, 1));
}

#[derive(Module, Debug)]
struct Images {
    group: burn::nn::GroupNorm,
    instance: burn::nn::InstanceNorm,
    plain: burn::nn::GroupNorm,
    layer: burn::nn::LayerNorm,
    root: RmsNorm,
}

#[test]
fn burns_own_norms_are_one_box_each() {
    let found = graph(|session| {
        let device = session.device();
        let images = Images {
            group: GroupNormConfig::new(2, 6).init(device),
            instance: InstanceNormConfig::new(6).init(device),
            plain: GroupNormConfig::new(3, 6).with_affine(false).init(device),
            layer: LayerNormConfig::new(4).init(device),
            root: RmsNormConfig::new(4).init(device),
        };
        session.parameters(&images);
        let x = session.input("x", Tensor::<4>::zeros([2, 6, 4, 4], device));
        let x = images.plain.forward(images.instance.forward(images.group.forward(x)));
        session.output("y", images.root.forward(images.layer.forward(x)).exp());
    });
    let expected = [
        "Group Norm (group · 2 groups)",
        "Instance Norm (instance)",
        "Group Norm (3 groups)",
        "Layer Norm (layer)",
        "RMS Norm (root)",
        "Exp",
    ];
    assert_eq!(texts(&found), expected, "{}", found.outline());
    let shown = view(&found);
    assert!(inner(&shown)[..5].iter().all(|b| b.kind == BoxKind::Norm));
    assert_eq!(inner(&shown)[0].parameters, 12);
}

/// What is shown of a norm of `[2, 6, 4, 4]`.
fn of_images(body: impl FnOnce(Tensor<4>, [Tensor<4>; 4]) -> Tensor<4>) -> Vec<String> {
    let found = graph(|session| {
        let device = session.device();
        let parameters: Vec<Param<Tensor<1>>> =
            (0..4).map(|_| Param::from_tensor(Tensor::ones([6], device))).collect();
        session.parameters(&parameters);
        let x = session.input("x", Tensor::<4>::zeros([2, 6, 4, 4], device));
        let of = |n: usize| parameters[n].val().reshape([1, 6, 1, 1]);
        session.output("y", body(x, [of(0), of(1), of(2), of(3)]).exp());
    });
    texts(&found).into_iter().map(|text| text.split(" (").next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn norms_of_images_by_hand_are_told_apart_by_their_axes() {
    let over = |axes: &'static [usize]| {
        of_images(move |x, [scale, shift, ..]| {
            let mean = |t: Tensor<4>| axes.iter().fold(t, |t, &axis| t.mean_dim(axis));
            let centred = x.clone() - mean(x);
            let variance = mean(centred.clone().square());
            centred / (variance + 1e-5).sqrt() * scale + shift
        })
    };
    assert_eq!(over(&[2, 3]), ["Instance Norm", "Exp"]);
    assert_eq!(over(&[0, 2, 3]), ["Batch Norm", "Exp"]);
    assert_eq!(over(&[1, 2, 3]), ["Layer Norm", "Exp"]);
    assert_eq!(over(&[1]), ["Layer Norm", "Exp"], "over the channels, as ConvNeXt does");
    let groups = of_images(|x, [scale, shift, ..]| {
        let x = x.reshape([2, 3, 2, 4, 4]);
        let mean = |t: Tensor<5>| t.mean_dim(2).mean_dim(3).mean_dim(4);
        let centred = x.clone() - mean(x);
        let variance = mean(centred.clone().square());
        (centred / (variance + 1e-5).sqrt()).reshape([2, 6, 4, 4]) * scale + shift
    });
    assert_eq!(groups, ["Group Norm", "Exp"]);
    let running =
        of_images(|x, [scale, shift, mean, variance]| (x - mean) / (variance + 1e-5).sqrt() * scale + shift);
    assert_eq!(running, ["Batch Norm", "Exp"], "with running statistics");
}

#[test]
fn a_scope_that_is_a_norm_is_closed_and_says_which() {
    let found = graph(|session| {
        let device = session.device();
        let norm = RmsNormConfig::new(8).init(device);
        session.parameters(&norm);
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 8], device));
        let y = tracing::info_span!("final").in_scope(|| norm.forward(x));
        session.output("y", y.exp());
    });
    let deep = found.view(&ViewOptions::new().depth(9)).expect("the root is there");
    let first = inner(&deep)[0];
    assert_eq!((first.label.as_str(), first.note.as_deref()), ("final", Some("RMS Norm")));
    assert_eq!((first.kind, first.children.len()), (BoxKind::Norm, 0));
    let all = found.view(&ViewOptions::new().depth(9).every_operation()).expect("the root is there");
    assert!(all.boxes.iter().any(|b| b.label == "Square"), "unless every operation is asked for");
}
