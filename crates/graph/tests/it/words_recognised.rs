//! Activations, gates, softmaxes, rotations and constants are recognised by what they compute, not by how.

use burn::nn::attention::{MhaInput, MultiHeadAttentionConfig};
use burn::nn::{Linear, LinearConfig, RotaryEncodingConfig, SwiGluConfig};
use burn::tensor::activation::{
    gelu, gelu_approximate, hard_swish, mish, quiet_softmax, relu, sigmoid, silu, softmax, softplus,
};
use burn::tensor::{Int, Tensor};
use graph::view::BoxKind;
use graph::{Activation, Pattern};

use crate::words::{graph, inner, texts, view};

type Form = fn(Tensor<2>) -> Tensor<2>;

/// What is shown of a function, between two operations that are no part of it.
fn shown(form: impl FnOnce(Tensor<2>) -> Tensor<2>) -> Vec<String> {
    let found = graph(|session| {
        let x = session.input("x", Tensor::<2>::zeros([3, 4], session.device()));
        session.output("y", form(x.cos()).sin());
    });
    let all = texts(&found);
    assert_eq!((all.first().map(String::as_str), all.last().map(String::as_str)), (Some("Cos"), Some("Sin")));
    all[1..all.len() - 1].to_vec()
}

#[test]
fn activations_are_known_by_their_values() {
    let forms: [(&str, Form); 16] = [
        ("SiLU", silu),
        ("SiLU", |x| x.clone() / (x.neg().exp() + 1.0)),
        ("SiLU", |x| sigmoid(x.clone()) * x),
        ("GELU", gelu),
        ("GELU", |x| x.clone() * 0.5 * ((x / 2_f32.sqrt()).erf() + 1.0)),
        ("GELU (tanh)", gelu_approximate),
        ("GELU (tanh)", |x| {
            let cubic = x.clone() * x.clone() * x.clone() * 0.044_715;
            let inner = (x.clone() + cubic) * (2.0 / std::f64::consts::PI).sqrt();
            x * (inner.tanh() * 0.5 + 0.5)
        }),
        ("GELU (sigmoid)", |x| x.clone() * sigmoid(x * 1.702)),
        ("Mish", mish),
        ("Mish", |x| x.clone() * (x.exp() + 1.0).log().tanh()),
        ("Softplus", |x| softplus(x, 1.0)),
        ("Hard Swish", hard_swish),
        ("Squared ReLU", |x| relu(x).square()),
        ("Sigmoid", |x| (x.neg().exp() + 1.0).recip()),
        ("Softsign", |x| x.clone() / (x.abs() + 1.0)),
        ("ELU", |x| {
            let negative = x.clone().lower_elem(0.0);
            x.clone().mask_where(negative, x.exp() - 1.0)
        }),
    ];
    for (number, (name, form)) in forms.into_iter().enumerate() {
        assert_eq!(shown(form), [name], "form {number}");
    }
    assert!(shown(|x| x.clone() * sigmoid(x * 2.0)).len() > 1, "of no known name");
    assert!(shown(|x| x.clone().flip([0]) * sigmoid(x)).len() > 1, "of two tensors");
}

#[test]
fn an_activation_of_several_operations_has_its_hue() {
    let found = graph(|session| {
        let x = session.input("x", Tensor::<2>::zeros([3, 4], session.device()));
        session.output("y", gelu_approximate(silu(x)));
    });
    assert_eq!(texts(&found), ["SiLU", "GELU (tanh)"]);
    assert!(inner(&view(&found)).iter().all(|b| b.kind == BoxKind::Activation));
    assert_eq!(found.recognised(Pattern::Activation(Activation::GeluTanh)), 1);
}

#[test]
fn what_is_read_elsewhere_is_not_swallowed() {
    let found = graph(|session| {
        let x = session.input("x", Tensor::<2>::zeros([3, 4], session.device()));
        let gate = sigmoid(x.clone());
        session.output("gate", gate.clone());
        session.output("y", x * gate);
    });
    assert_eq!(texts(&found), ["Sigmoid", "Multiply"]);
}

#[test]
fn gated_linear_units_are_one_box_with_two_arrows() {
    let gated = |form: fn([Tensor<3>; 2]) -> Tensor<3>, fused: bool| {
        let found = graph(|session| {
            let device = session.device();
            let layers: Vec<Linear> = (0..2).map(|_| LinearConfig::new(8, 16).init(device)).collect();
            let whole = LinearConfig::new(8, 32).init(device);
            session.parameters(&(layers.clone(), whole.clone()));
            let x = session.input("x", Tensor::<3>::zeros([2, 5, 8], device));
            let parts = match fused {
                true => whole.forward(x).chunk(2, 2).try_into().expect("two parts"),
                false => [layers[0].forward(x.clone()), layers[1].forward(x)],
            };
            session.output("y", form(parts).exp());
        });
        let view = view(&found);
        let gate = view.boxes.iter().position(|b| b.label.ends_with("GLU"));
        let arrows = view.edges.iter().filter(|edge| Some(edge.to) == gate).count();
        (gate.map(|gate| view.boxes[gate].label.clone()), arrows)
    };
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(gated(|[a, b]| silu(a) * b, false), (name("SwiGLU"), 2));
    assert_eq!(gated(|[a, b]| b * gelu_approximate(a), false), (name("GEGLU"), 2));
    assert_eq!(gated(|[a, b]| sigmoid(a) * b, true), (name("GLU"), 2));
    assert_eq!(gated(|[a, b]| relu(a) * b.tanh(), false).0, None, "what is gated must be linear");
    let burns = graph(|session| {
        let glu = SwiGluConfig::new(8, 16).init(session.device());
        session.parameters(&glu);
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 8], session.device()));
        session.output("y", glu.forward(x).exp());
    });
    assert!(texts(&burns).contains(&"SwiGLU".to_owned()), "{:?}", texts(&burns));
}

#[test]
fn softmaxes_by_hand_and_quiet_ones_are_recognised() {
    let forms: [(&str, Form); 4] = [
        ("Quiet Softmax", |x| quiet_softmax(x, 1)),
        ("Quiet Softmax", |x| {
            let e = x.exp();
            e.clone() / (e.sum_dim(1) + 1.0)
        }),
        ("Softmax", |x| {
            let e = (x.clone() - x.max_dim(1)).exp();
            e.clone() / e.sum_dim(1)
        }),
        ("Softmax", |x| {
            let e = x.exp();
            e.clone() * e.sum_dim(1).recip()
        }),
    ];
    for (number, (name, form)) in forms.into_iter().enumerate() {
        assert_eq!(shown(form), [name], "form {number}");
    }
}

#[test]
fn attention_is_recognised_whatever_its_softmax() {
    let burns = graph(|session| {
        let device = session.device();
        let mha = MultiHeadAttentionConfig::new(8, 2).with_quiet_softmax(true).init(device);
        session.parameters(&mha);
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 8], device));
        session.output("y", mha.forward(MhaInput::self_attn(x)).context.exp());
    });
    assert_eq!(burns.recognised(Pattern::Attention), 1, "{}", burns.outline());
    let by_hand = graph(|session| {
        let [q, k, v] =
            ["q", "k", "v"].map(|name| session.input(name, Tensor::<3>::zeros([2, 5, 4], session.device())));
        let scores = q.matmul(k.swap_dims(1, 2)) * 0.5;
        let e = (scores.clone() - scores.max_dim(2)).exp();
        session.output("y", (e.clone() / e.sum_dim(2)).matmul(v).exp());
    });
    assert_eq!(by_hand.recognised(Pattern::Attention), 1, "{}", by_hand.outline());
}

/// Angles of `[length, half]`.
fn angles(length: i64, half: i64, device: &burn::tensor::Device) -> Tensor<2> {
    let positions = Tensor::<1, Int>::arange(0..length, device).float().unsqueeze_dim::<2>(1);
    let rates = (Tensor::<1, Int>::arange(0..half, device).float() * -0.5).exp().unsqueeze_dim::<2>(0);
    positions.matmul(rates)
}

#[test]
fn rotations_are_recognised_in_every_form() {
    let forms: [fn(Tensor<4>) -> Tensor<4>; 3] = [
        |x| RotaryEncodingConfig::new(16, 8).init(&x.device()).forward(x),
        |x| {
            let angles = angles(5, 4, &x.device());
            let angles: Tensor<4> = Tensor::cat(vec![angles.clone(), angles], 1).unsqueeze();
            let (first, second) = (x.clone().narrow(3, 0, 4), x.clone().narrow(3, 4, 4));
            let turned = Tensor::cat(vec![second.neg(), first], 3);
            x * angles.clone().cos() + turned * angles.sin()
        },
        |x| {
            let angles: Tensor<4> = angles(5, 4, &x.device()).unsqueeze();
            let pairs = x.reshape([2, 3, 5, 4, 2]);
            let part = |n| pairs.clone().narrow(4, n, 1).squeeze_dim::<4>(4);
            let (cos, sin) = (angles.clone().cos(), angles.sin());
            let even = part(0) * cos.clone() - part(1) * sin.clone();
            let odd = part(0) * sin + part(1) * cos;
            Tensor::stack::<5>(vec![even, odd], 4).reshape([2, 3, 5, 8])
        },
    ];
    for (number, form) in forms.into_iter().enumerate() {
        let found = graph(|session| {
            let device = session.device();
            let linear = LinearConfig::new(8, 8).init(device);
            session.parameters(&linear);
            let x = session.input("x", Tensor::<4>::zeros([2, 3, 5, 8], device));
            session.output("y", form(linear.forward(x)).exp());
        });
        let all = texts(&found);
        let rotations = all.iter().filter(|text| *text == "Rotary Encoding").count();
        let others = all.iter().filter(|text| !text.starts_with("Constant")).count();
        assert_eq!((rotations, others), (1, 3), "form {number}: {all:?}\n{}", found.outline());
    }
}

#[test]
fn what_depends_on_nothing_is_one_constant() {
    let found = graph(|session| {
        let device = session.device();
        let x = session.input("x", Tensor::<2>::zeros([5, 4], device));
        let table = tracing::info_span!("positions").in_scope(|| angles(5, 4, device).sin() + 1.0);
        let grid = angles(5, 4, device).cos();
        session.output("y", (x * table).tanh() - grid);
    });
    assert_eq!(texts(&found), ["positions (Constant)", "Constant", "Multiply", "Tanh", "Subtract"]);
    let shown = view(&found);
    let hues: Vec<_> = inner(&shown).into_iter().filter(|b| b.kind == BoxKind::Constant).collect();
    assert_eq!(hues.len(), 2);
    assert!(hues.iter().all(|b| b.children.is_empty() && b.operations > 3));
}

#[test]
fn data_that_was_prepared_can_be_declared() {
    let found = graph(|session| {
        let device = session.device();
        let cache = session.constant("cache", angles(5, 4, device).sin());
        let x = session.input("x", Tensor::<2>::zeros([5, 4], device));
        session.output("y", (x.tanh() * cache.clone()).exp() - cache);
    });
    assert_eq!(texts(&found), ["Tanh", "Constant (cache)", "Multiply", "Exp", "Subtract"]);
    assert_eq!((found.count("sin"), found.operation_count()), (0, 5), "how it was made is forgotten");
}

#[test]
fn what_was_recorded_before_can_be_forgotten() {
    let found = graph(|session| {
        let device = session.device();
        let linear = LinearConfig::new(4, 4).init(device);
        let table = angles(5, 4, device).sin();
        session.parameters(&linear);
        session.forget();
        let x = session.input("x", Tensor::<2>::zeros([5, 4], device));
        session.output("y", linear.forward(x) * softmax(table, 1));
    });
    assert_eq!((found.count("sin"), found.count("constant"), found.parameters().count()), (0, 1, 2));
    assert_eq!(texts(&found), ["Linear", "Constant", "Multiply"]);
}

#[test]
fn a_constant_declared_twice_is_an_error() {
    let found = graph::capture("twice", |session| {
        let ones = Tensor::<2>::ones([2, 2], session.device());
        session.constant("table", ones.clone());
        session.constant("table", ones * 2.0);
        session.output("y", session.input("x", Tensor::<2>::zeros([2, 2], session.device())).exp());
        Ok(())
    });
    let message = found.expect_err("the name is there twice").to_string();
    assert_eq!(message, "two constants are named `table`: names must be unique");
}
