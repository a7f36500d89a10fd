//! What differs between two models, and nothing else.

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{gelu, relu, softmax};
use burn::tensor::{Device, Tensor};
use expect_test::expect;
use graph::{Change, CompareError, Comparison, ComputationGraph, Session, compare, compare_scopes};

use crate::model::{Shape, captured};

#[derive(Module, Debug)]
pub(crate) struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    inner: Linear,
    outer: Linear,
    first: LayerNorm,
    second: LayerNorm,
}

/// What a small Transformer of one tower is like.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) layers: usize,
    pub(crate) d_ff: usize,
    pub(crate) pre_norm: bool,
    pub(crate) gelu: bool,
}

pub(crate) const PLAIN: Form = Form { layers: 3, d_ff: 16, pre_norm: false, gelu: false };

const WIDTH: usize = 6;

impl Layer {
    fn new(form: Form, device: &Device) -> Self {
        let linear = |from, to| LinearConfig::new(from, to).init(device);
        let norm = || LayerNormConfig::new(WIDTH).init(device);
        Self {
            query: linear(WIDTH, WIDTH),
            key: linear(WIDTH, WIDTH),
            value: linear(WIDTH, WIDTH),
            inner: linear(WIDTH, form.d_ff),
            outer: linear(form.d_ff, WIDTH),
            first: norm(),
            second: norm(),
        }
    }

    #[tracing::instrument(name = "attention", skip_all)]
    fn attend(&self, x: Tensor<3>, cache: Option<[Tensor<3>; 2]>) -> Tensor<3> {
        let (mut key, mut value) = (self.key.forward(x.clone()), self.value.forward(x.clone()));
        if let Some([keys, values]) = cache {
            key = Tensor::cat(vec![keys, key], 1);
            value = Tensor::cat(vec![values, value], 1);
        }
        softmax(self.query.forward(x).matmul(key.transpose()) / 2.5, 2).matmul(value)
    }

    #[tracing::instrument(name = "feed_forward", skip_all)]
    fn widen(&self, x: Tensor<3>, form: Form) -> Tensor<3> {
        let x = self.inner.forward(x);
        self.outer.forward(if form.gelu { gelu(x) } else { relu(x) })
    }

    #[tracing::instrument(name = "layer", skip_all)]
    fn forward(&self, x: Tensor<3>, form: Form, cache: Option<[Tensor<3>; 2]>) -> Tensor<3> {
        if form.pre_norm {
            let x = x.clone() + self.attend(self.first.forward(x), cache);
            return x.clone() + self.widen(self.second.forward(x), form);
        }
        let x = self.first.forward(x.clone() + self.attend(x, cache));
        self.second.forward(x.clone() + self.widen(x, form))
    }
}

fn run(form: Form, length: usize, cached: usize) -> ComputationGraph {
    let run = |session: &Session| {
        let device = session.device();
        let layers: Vec<Layer> = (0..form.layers).map(|_| Layer::new(form, device)).collect();
        session.parameters(&layers);
        let mut x = session.input("x", Tensor::<3>::zeros([2, length, WIDTH], device));
        for (number, layer) in layers.iter().enumerate() {
            let kept = |name: &str| {
                session.input(&format!("{name} {number}"), Tensor::<3>::zeros([2, cached, WIDTH], device))
            };
            let cache = (cached > 0).then(|| [kept("keys"), kept("values")]);
            x = layer.forward(x, form, cache);
        }
        session.output("y", x);
        Ok(())
    };
    graph::capture("tower", run).unwrap()
}

pub(crate) fn tower(form: Form) -> ComputationGraph {
    run(form, 5, 0)
}

/// Change, what, and how often, of every difference.
pub(crate) fn found(comparison: &Comparison<'_>) -> Vec<(Change, String, usize)> {
    let times = |d: &graph::Difference| d.before.len().max(d.after.len());
    comparison.differences().iter().map(|d| (d.change, d.what.clone(), times(d))).collect()
}

pub(crate) fn is(change: Change, what: &str, times: usize) -> (Change, String, usize) {
    (change, what.to_owned(), times)
}

#[test]
fn the_same_model_does_not_differ() {
    for (a, b) in [(tower(PLAIN), tower(PLAIN)), (captured(&Shape::default()), captured(&Shape::default()))] {
        let comparison = compare(&a, &b).unwrap();
        assert!(comparison.is_same(), "{comparison}");
        assert_eq!(comparison.counts(), (a.operation_count(), [a.operation_count(); 2]));
    }
}

#[test]
fn what_was_resized_is_found_and_nothing_else() {
    let (old, new) = (tower(PLAIN), tower(Form { d_ff: 32, ..PLAIN }));
    expect![[r#"
        3 differences between tower (93 operations) and tower (93 operations), of which 93 correspond
        ~ changed Linear, 3 times in layer.*/feed_forward/inner: weight [6, 16] -> [6, 32]; bias [16] -> [32]; [2, 5, 16] -> [2, 5, 32]
        ~ changed ReLU, 3 times in layer.*/feed_forward/relu: [2, 5, 16] -> [2, 5, 32]
        ~ changed Linear, 3 times in layer.*/feed_forward/outer: weight [16, 6] -> [32, 6]
    "#]]
    .assert_eq(&compare(&old, &new).unwrap().to_string());
}

#[test]
fn another_activation_is_one_difference_a_layer() {
    let (old, new) = (tower(PLAIN), tower(Form { gelu: true, ..PLAIN }));
    expect![[r#"
        1 difference between tower (93 operations) and tower (93 operations), of which 93 correspond
        ~ changed ReLU, 3 times in layer.*/feed_forward/relu, now layer.*/feed_forward/gelu: ReLU -> GELU
    "#]]
    .assert_eq(&compare(&old, &new).unwrap().to_string());
}

#[test]
fn the_norms_moved_and_the_residual_starts_elsewhere() {
    let (post, pre) = (tower(PLAIN), tower(Form { pre_norm: true, ..PLAIN }));
    expect![[r#"
        2 differences between tower (93 operations) and tower (93 operations), of which 93 correspond
        > moved Layer Norm, 6 times in layer.*/layer_norm.*
        * rewired Add, 5 times in layer.*/add.*: reads Layer Norm -> Add
    "#]]
    .assert_eq(&compare(&post, &pre).unwrap().to_string());
    // The other way round, it is the same.
    let back = compare(&pre, &post).unwrap();
    assert!(back.differences().iter().all(|d| matches!(d.change, Change::Moved | Change::Rewired)), "{back}");
}

#[test]
fn the_cache_adds_what_it_adds() {
    let (uncached, cached) = (run(PLAIN, 9, 0), run(PLAIN, 1, 4));
    let comparison = compare(&uncached, &cached).unwrap();
    expect![[r#"
        7 differences between tower (93 operations) and tower (111 operations), of which 81 correspond
        + added input keys 0
        + added input values 0
        + added input keys 1
        + added input values 1
        + added input keys 2
        + added input values 2
        + added Concat, 6 times in layer.*/attention/cat.*
          other data, and no difference: x [2, 9, 6] f32 -> [2, 1, 6] f32
    "#]]
    .assert_eq(&comparison.to_string());
}

#[test]
fn of_equal_layers_one_more_or_less_is_one_difference() {
    let (three, four) = (tower(PLAIN), tower(Form { layers: 4, ..PLAIN }));
    let more = compare(&three, &four).unwrap();
    assert_eq!(found(&more), [is(Change::Added, "layer", 1)], "{more}");
    assert_eq!(more.differences()[0].after, ["layer.3"]);
    let fewer = compare(&four, &three).unwrap();
    assert_eq!(found(&fewer), [is(Change::Removed, "layer", 1)], "{fewer}");
}

fn chain(body: impl Fn(&Session, Tensor<2>) -> Tensor<2>) -> ComputationGraph {
    graph::capture("chain", |session| {
        let x = session.input("x", Tensor::<2>::zeros([3, 4], session.device()));
        session.output("y", body(session, x));
        Ok(())
    })
    .unwrap()
}

pub(crate) fn differences(a: &ComputationGraph, b: &ComputationGraph) -> Vec<(Change, String, usize)> {
    let comparison = compare(a, b).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&comparison.to_json()).is_ok());
    found(&comparison)
}

#[test]
fn the_order_of_the_program_alone_is_no_difference() {
    let a = chain(|_, x| {
        let (left, right) = (x.clone().exp().sin(), x.cos());
        left * right
    });
    let b = chain(|_, x| {
        let right = x.clone().cos();
        x.exp().sin() * right
    });
    assert_eq!(differences(&a, &b), []);
    let swapped = chain(|_, x| {
        let right = x.clone().cos();
        right * x.exp().sin()
    });
    assert_eq!(differences(&a, &swapped), [], "a product is the same either way");
}

#[test]
fn a_span_around_it_is_no_difference() {
    let bare = chain(|_, x| (x.exp() * 2.0).sin().cos());
    let spanned = chain(|_, x| tracing::info_span!("inside").in_scope(|| (x.exp() * 2.0).sin()).cos());
    assert_eq!(differences(&bare, &spanned), []);
    assert_eq!(differences(&spanned, &bare), []);
}

#[test]
fn attributes_are_compared() {
    let by = |factor: f32| chain(move |_, x| (x.exp() * factor).sin());
    let comparison_of = (by(2.0), by(3.0));
    let comparison = compare(&comparison_of.0, &comparison_of.1).unwrap();
    assert_eq!(found(&comparison).len(), 1, "{comparison}");
    assert!(comparison.differences()[0].details[0].contains("2 -> 3"), "{comparison}");
    let along = |dim: usize| chain(move |_, x| softmax(x.exp(), dim).sin());
    let (a, b) = (along(0), along(1));
    assert!(compare(&a, &b).unwrap().differences()[0].details[0].contains("0 -> 1"));
}

#[test]
fn a_line_that_leads_elsewhere_is_found() {
    let build = |early: bool| {
        chain(move |_, x| {
            let a = x.exp();
            let b = a.clone().sin();
            let c = b.clone().cos();
            c * if early { a } else { b }
        })
    };
    assert_eq!(differences(&build(true), &build(false)), [is(Change::Rewired, "Multiply", 1)]);
}

#[test]
fn a_residual_connection_that_is_gone_is_one_difference() {
    let build = |residual: bool| {
        chain(move |_, x| {
            let y = x.clone().exp().sin();
            if residual { (x + y).cos() } else { y.cos() }
        })
    };
    assert_eq!(differences(&build(true), &build(false)), [is(Change::Removed, "Add", 1)]);
    assert_eq!(differences(&build(false), &build(true)), [is(Change::Added, "Add", 1)]);
}

#[test]
fn what_is_put_between_takes_the_residual_along() {
    let build = |inserted: bool| {
        chain(move |_, x| {
            let x = x.exp();
            let x = if inserted { x.tanh() } else { x };
            (x.clone() + x.sin().cos()).log()
        })
    };
    assert_eq!(differences(&build(false), &build(true)), [is(Change::Added, "Tanh", 1)]);
}

#[test]
fn tied_parameters_are_told_from_two() {
    let build = |tied: bool| {
        graph::capture("tied", |session| {
            let device = session.device();
            let layers = [0, 1].map(|_| LinearConfig::new(4, 4).with_bias(false).init(device));
            session.parameters(&layers);
            let x = session.input("x", Tensor::<2>::zeros([3, 4], device));
            let second = &layers[usize::from(!tied)];
            session.output("y", second.forward(layers[0].forward(x).exp()));
            Ok(())
        })
        .unwrap()
    };
    let (tied, two) = (build(true), build(false));
    let comparison = compare(&tied, &two).unwrap();
    assert_eq!(found(&comparison), [is(Change::Changed, "Linear", 1)], "{comparison}");
    assert!(comparison.differences()[0].details[0].starts_with("shares"), "{comparison}");
}

#[test]
fn other_data_is_said_and_is_no_difference() {
    let (short, long) = (run(PLAIN, 5, 0), run(PLAIN, 11, 0));
    let comparison = compare(&short, &long).unwrap();
    assert!(comparison.is_same(), "{comparison}");
    assert_eq!(comparison.other_data().len(), 1);
    assert!(comparison.to_string().contains("x [2, 5, 6] f32 -> [2, 11, 6] f32"), "{comparison}");
}

#[test]
fn what_has_nothing_in_common_is_an_error() {
    let (a, b) = (chain(|_, x| x.exp()), chain(|_, x| x.cos().sin()));
    let error = compare(&a, &b).unwrap_err();
    assert!(matches!(error, CompareError::NothingInCommon { .. }), "{error}");
    let error = compare_scopes((&a, "no/such"), (&b, "")).unwrap_err();
    assert!(matches!(error, CompareError::View(_)), "{error}");
}
