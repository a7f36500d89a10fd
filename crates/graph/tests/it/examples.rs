//! The examples run, and their pictures are what they draw: `UPDATE_EXPECT=1 cargo test -p graph examples`
//! writes them anew.

#![allow(clippy::duplicate_mod, reason = "each example brings the part that they share")]

use expect_test::{ExpectFile, expect_file};
use graph::{ComputationGraph, Drawing};

#[allow(dead_code)]
#[path = "../../examples/burn_nn_encoder.rs"]
pub(crate) mod burn_nn_encoder;
#[allow(dead_code)]
#[path = "../../examples/convnet.rs"]
pub(crate) mod convnet;
#[allow(dead_code)]
#[path = "../../examples/large_tensors.rs"]
pub(crate) mod large_tensors;
#[allow(dead_code)]
#[path = "../../examples/mlp.rs"]
pub(crate) mod mlp;
#[allow(dead_code)]
#[path = "../../examples/replay.rs"]
pub(crate) mod replay;

fn check((graph, drawing): (ComputationGraph, Drawing), file: &ExpectFile) {
    assert_eq!((drawing.report.faults(), drawing.report.crossings), (0, 0), "{}", drawing.report);
    assert!(graph.operation_count() > 0);
    roxmltree::Document::parse(&drawing.svg).unwrap();
    file.assert_eq(&format!("{}\n", drawing.svg));
}

#[test]
fn a_perceptron_is_drawn() {
    check(mlp::drawn().unwrap(), &expect_file!["../../examples/mlp.svg"]);
}

#[test]
fn a_convolutional_net_is_drawn() {
    check(convnet::drawn().unwrap(), &expect_file!["../../examples/convnet.svg"]);
}

#[test]
fn burn_nns_encoder_is_drawn() {
    check(burn_nn_encoder::drawn().unwrap(), &expect_file!["../../examples/burn_nn_encoder.svg"]);
}

#[test]
fn large_tensors_are_seen() {
    let (graph, drawing) = large_tensors::drawn().unwrap();
    // The scores are as large as four texts: a number for each head and each pair of positions.
    assert!(drawing.text.contains("<li>4.00: "), "{}", drawing.text);
    check((graph, drawing), &expect_file!["../../examples/large_tensors.svg"]);
}

/// Before the first layer, only the token that differs brings anything, and it brings all. Later, what was carried on to
/// the last position is there already.
#[test]
fn a_difference_is_followed_through_the_layers() {
    let shares = replay::patched().unwrap();
    let first = &shares[0];
    assert!((first[1] - 1.0).abs() < 1e-5, "{first:?}");
    assert!([0, 2, 3, 4].iter().all(|&position| first[position].abs() < 1e-5), "{first:?}");
    for layers in shares.windows(2) {
        assert!(layers[1][4] > layers[0][4], "{shares:?}");
    }
}
