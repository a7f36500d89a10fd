//! What is so by construction: each bug, without any training.

use std::sync::LazyLock;

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor, TensorData};
use model::Transformer;
use model::decoding::greedy;
use model::feed_forward::FeedForward;
use model::linear::Linear;
use model::multi_head::MultiHeadAttention;
use train::data::batch::Batch;
use train::device::DeviceName;

use super::Start;
use super::bug::Bug;
use super::copies::{PAD, VOCAB, batch, parts};
use super::difference::{captured, difference};
use super::examination::written;
use super::forward::Patient;
use super::training::{config, gradients};
use crate::contract::random::Random;

fn device() -> Device {
    DeviceName::Flex.open().unwrap()
}

fn ids(rows: &[&[i64]]) -> Tensor<2, Int> {
    Tensor::from_data(TensorData::new(rows.concat(), [rows.len(), rows[0].len()]), &device())
}

/// One model for all tests: the device has one seed for all, and tests run side by side.
fn untrained() -> Transformer {
    static MODEL: LazyLock<Transformer> = LazyLock::new(|| Start::drawn(7, &device()).unwrap().model.valid());
    MODEL.clone()
}

/// The logits at each place of the only sequence.
fn logits(bug: Option<Bug>, src: &[i64], tgt: &[i64]) -> Vec<Vec<f32>> {
    let model = untrained();
    let logits = Patient { model: &model, bug }.forward(ids(&[src]), ids(&[tgt]));
    let values: Vec<f32> = logits.into_data().iter::<f32>().collect();
    values.chunks(VOCAB).map(<[f32]>::to_vec).collect()
}

/// Whether the logits of each place differ.
fn changed(before: &[Vec<f32>], after: &[Vec<f32>]) -> Vec<bool> {
    let far = |(a, b): (&Vec<f32>, &Vec<f32>)| a.iter().zip(b).any(|(a, b)| (a - b).abs() > 1e-4);
    before.iter().zip(after).map(far).collect()
}

const SRC: [i64; 7] = [1, 5, 9, 3, 11, 4, 8];
const TGT: [i64; 5] = [1, 5, 9, 3, 11];
/// The last token is another one.
const OTHER: [i64; 5] = [1, 5, 9, 3, 6];

#[test]
fn written_out_it_is_the_models_own_forward() {
    let model = untrained();
    let (src, tgt) = (ids(&[&SRC, &[1, 2, 3, 0, 0, 0, 0]]), ids(&[&TGT, &[1, 2, 3, 0, 0]]));
    let own = model.forward(src.clone(), tgt.clone()).logits.into_data();
    assert_eq!(Patient { model: &model, bug: None }.forward(src, tgt).into_data(), own);
}

/// Bugs that are not in the model leave its graph as it is, and so does what is written out.
#[test]
fn the_graph_is_the_models_but_for_the_bug() {
    let (own, written_out) = (captured(None).unwrap(), captured(Some(Bug::FirstAccumulation)).unwrap());
    let comparison = graph::compare(&own, &written_out).unwrap();
    assert!(comparison.is_same(), "{comparison}");
    let (common, [a, b]) = comparison.counts();
    assert_eq!((common, a), (a, b));
    for bug in Bug::ALL {
        let found = difference(bug).unwrap();
        let hidden = matches!(bug, Bug::FirstAccumulation | Bug::BosIsPad);
        assert_eq!(found.lines.is_empty(), hidden, "{bug:?}: {:?}", found.lines);
    }
}

#[test]
fn writing_is_the_models_own_greedy_decoding() {
    let (model, device) = (untrained(), device());
    let src = ids(&[&SRC, &[1, 7, 7, 2, 10, 3, 6]]);
    let own = greedy(&model, src.clone(), 1, None, &[5, 5]);
    let found = written(Patient { model: &model, bug: None }, src, 1, &device);
    assert_eq!(found, own.into_iter().map(|hypothesis| hypothesis.ids).collect::<Vec<_>>());
}

#[test]
fn only_with_a_leak_does_the_future_reach_the_past() {
    for (bug, expected) in [(None, [false, false, false, false, true]), (Some(Bug::CausalLeak), [true; 5])] {
        assert_eq!(changed(&logits(bug, &SRC, &TGT), &logits(bug, &SRC, &OTHER)), expected, "{bug:?}");
    }
    // All keys of the first token's row are masked, which is as if none were.
    let begins = |rest: [i64; 5]| [&[PAD as i64][..], &rest[1..]].concat();
    let bug = Some(Bug::BosIsPad);
    let (before, after) = (logits(bug, &SRC, &begins(TGT)), logits(bug, &SRC, &begins(OTHER)));
    assert_eq!(changed(&before, &after), [true, false, false, false, true]);
}

#[test]
fn without_positions_the_order_of_the_source_is_lost() {
    let turned: Vec<i64> = SRC.iter().rev().copied().collect();
    let all = |bug| changed(&logits(bug, &SRC, &TGT), &logits(bug, &turned, &TGT));
    assert_eq!((all(Some(Bug::NoPositions)), all(None)), (vec![false; 5], vec![true; 5]));
}

/// With as many places as there are in the source, a head is a quarter of the sequence.
#[test]
fn with_swapped_axes_a_quarter_sees_a_quarter() {
    let (src, tgt) = ([1, 5, 9, 3, 11, 4, 8, 2], [1, 5, 9, 3, 11, 4, 8, 6]);
    let other = [1, 5, 9, 3, 11, 7, 8, 2];
    let all = |bug| changed(&logits(bug, &src, &tgt), &logits(bug, &other, &tgt));
    assert_eq!(all(None), [true; 8]);
    assert_eq!(all(Some(Bug::SwappedAxes)), [false, false, false, false, true, true, false, false]);
}

/// The root of 63 / 64 is all that is left of it, but for epsilon.
#[test]
fn bessels_norm_is_the_norm_times_a_constant() {
    let before = logits(None, &SRC, &TGT).concat();
    let after = logits(Some(Bug::BesselNorm), &SRC, &TGT).concat();
    let worst = before.iter().zip(&after).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst > 1e-4 && worst < 0.2, "{worst}");
}

#[test]
fn parts_add_up_to_the_whole_unless_the_first_is_all_that_is_kept() {
    let start = Start::drawn(5, &device()).unwrap();
    let device = device().autodiff();
    let whole = batch(13, 1, &mut Random::new(3, 0));
    let slopes = |bug, parts: &[Batch]| {
        let (slopes, shown) = gradients(Patient { model: &start.model, bug }, parts, &device);
        let weight = &start.model.encoder.layers[0].feed_forward.inner.weight;
        let values: Vec<f64> = slopes.get::<2>(weight.id).unwrap().into_data().iter::<f64>().collect();
        (values, shown)
    };
    let off = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    let in_parts = parts(&whole, 4);
    let (all, shown) = slopes(None, std::slice::from_ref(&whole));
    let (sum, shown_in_parts) = slopes(None, &in_parts);
    let scale = all.iter().map(|slope| slope.abs()).fold(0.0, f64::max);
    assert!(off(&all, &sum) < 1e-4 * scale && (shown - shown_in_parts).abs() < 1e-5);
    let (first, shown_all_the_same) = slopes(Some(Bug::FirstAccumulation), &in_parts);
    assert!(off(&all, &first) > 0.1 * scale, "most of the gradient is missing");
    assert!((shown - shown_all_the_same).abs() < 1e-5, "the loss that is shown is that of all");
    // What is kept is the gradient of the first part alone, over the tokens of all.
    let (alone, _) = slopes(None, &in_parts[..1]);
    let tokens = |parts: &[Batch]| -> f64 {
        parts.iter().flat_map(|part| &part.tgt).map(|row| row.len() as f64 - 1.0).sum()
    };
    let share = tokens(&in_parts[..1]) / tokens(&in_parts);
    let expected: Vec<f64> = alone.iter().map(|slope| slope * share).collect();
    assert!(off(&first, &expected) < 1e-4 * scale);
}

/// To weights that were learned with the other order, they are other positions. To weights whose rows and columns are put
/// into the same order, nothing has happened.
#[test]
fn positions_in_halves_are_the_same_in_another_order() {
    let (halves, model) = (Some(Bug::PositionsInHalves), untrained());
    let healthy = logits(None, &SRC, &TGT);
    assert_eq!(changed(&healthy, &logits(halves, &SRC, &TGT)), [true; 5]);
    let model = relabelled(model);
    let found = Patient { model: &model, bug: halves }.forward(ids(&[&SRC]), ids(&[&TGT]));
    let found: Vec<f32> = found.into_data().iter::<f32>().collect();
    let worst = healthy.concat().iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1e-4, "{worst}");
}

/// The same model, with the dimensions between its sub-layers in another order: even ones first.
fn relabelled(mut model: Transformer) -> Transformer {
    let width = config().d_model as i64;
    let order: Vec<i64> = (0..width).step_by(2).chain((1..width).step_by(2)).collect();
    let order = Tensor::<1, Int>::from_data(TensorData::new(order, [width as usize]), &device());
    let rows = |linear: &mut Linear| {
        linear.weight = linear.weight.clone().map(|weight| weight.select(0, order.clone()));
    };
    let columns = |linear: &mut Linear| {
        linear.weight = linear.weight.clone().map(|weight| weight.select(1, order.clone()));
        linear.bias = linear.bias.take().map(|bias| bias.map(|bias| bias.select(0, order.clone())));
    };
    let attention = |of: &mut MultiHeadAttention| {
        [&mut of.query, &mut of.key, &mut of.value].into_iter().for_each(rows);
        columns(&mut of.output);
    };
    let feed_forward = |of: &mut FeedForward| {
        rows(&mut of.inner);
        columns(&mut of.outer);
    };
    for layer in &mut model.encoder.layers {
        attention(&mut layer.self_attn);
        feed_forward(&mut layer.feed_forward);
    }
    for layer in &mut model.decoder.layers {
        attention(&mut layer.self_attn);
        attention(&mut layer.cross_attn);
        feed_forward(&mut layer.feed_forward);
    }
    for embeddings in model.src_embed.iter_mut().chain([&mut model.tgt_embed]) {
        let table = &mut embeddings.table.weight;
        *table = table.clone().map(|table| table.select(1, order.clone()));
    }
    model.generator.proj.as_mut().into_iter().for_each(rows);
    // Gains are ones and biases zeros, as nothing has trained them.
    model
}

#[test]
fn the_model_is_one_that_can_be_built() {
    config().validate().unwrap();
}
