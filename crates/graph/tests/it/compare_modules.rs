//! What differs between modules as they are published, and between scopes.

use burn::nn::activation::ActivationConfig;
use burn::nn::transformer::{TransformerEncoderConfig, TransformerEncoderInput};
use burn::tensor::Tensor;
use graph::{Change, compare, compare_scopes};

use crate::compare_graphs::{differences, found, is};
use crate::model::{Shape, captured};

#[test]
fn burn_nns_encoder_in_other_forms() {
    let encoder = |config: TransformerEncoderConfig| {
        graph::capture("encoder", |session| {
            let width = config.d_model;
            let encoder = config.init(session.device());
            session.parameters(&encoder);
            let x = session.input("x", Tensor::<3>::zeros([2, 5, width], session.device()));
            session.output("y", encoder.forward(TransformerEncoderInput::new(x)));
            Ok(())
        })
        .unwrap()
    };
    let config = |width| TransformerEncoderConfig::new(width, 24, 2, 4);
    let old = encoder(config(16).with_activation(ActivationConfig::Relu));
    let new = encoder(config(16).with_activation(ActivationConfig::Gelu));
    assert_eq!(differences(&old, &new), [is(Change::Changed, "ReLU", 4)]);
    let wide = encoder(config(32).with_activation(ActivationConfig::Relu));
    let comparison = compare(&old, &wide).unwrap();
    assert!(comparison.differences().iter().all(|d| d.change == Change::Changed), "{comparison}");
    assert!(comparison.differences().iter().any(|d| d.what == "input"), "{comparison}");
    assert!(comparison.differences().iter().all(|d| d.what != "ReLU"), "{comparison}");
    let pre = encoder(config(16).with_activation(ActivationConfig::Relu).with_norm_first(true));
    let moved = compare(&old, &pre).unwrap();
    let changes: Vec<_> = moved.differences().iter().map(|d| d.change).collect();
    assert!(changes.iter().all(|change| matches!(change, Change::Moved | Change::Rewired)), "{moved}");
    let norms = moved.differences().iter().filter(|d| d.change == Change::Moved);
    // The norm after the first sub-layer is the one before the second: it stays where it is.
    assert_eq!(norms.map(|d| d.before.len()).sum::<usize>(), 4, "{moved}");
}

#[test]
fn scopes_at_different_places_are_compared() {
    let graph = captured(&Shape::default());
    let comparison = compare_scopes((&graph, "encoder/layer.0/ff"), (&graph, "decoder/layer.2/ff")).unwrap();
    assert!(comparison.is_same(), "{comparison}");
    let comparison =
        compare_scopes((&graph, "decoder/layer.0/attn.1"), (&graph, "decoder/layer.0/attn.0")).unwrap();
    // Keys and values come from the memory in the one, and from what the queries come from in the other.
    let linear = || is(Change::Rewired, "Linear", 1);
    assert_eq!(found(&comparison), [linear(), linear(), is(Change::Added, "Mask", 1)], "{comparison}");
}
