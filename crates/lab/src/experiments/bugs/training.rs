//! How a model learns: a step, and all of them.

use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::Device;
use model::label_smoothing::{Loss, label_smoothing};
use model::noam::noam_rate;
use model::{NormOrder, Transformer, TransformerConfig, Tying};
use serde::{Deserialize, Serialize};
use train::data::batch::Batch;
use train::data::lines::ids_tensor;
use train::training::optimiser::adam;
use train::training::trainable::shifted;

use super::bug::Bug;
use super::copies::{LONGEST, PAD, SHORTEST, SYMBOLS, VOCAB, batch, begin, padding, parts};
use super::examination::{Examined, digits, examined};
use super::forward::{HEADS, Patient};
use crate::contract::random::Random;

/// Width of the model.
const WIDTH: usize = 64;
const LAYERS: usize = 1;
/// Steps of training.
const STEPS: usize = 250;
/// Steps between two looks at the model.
const BETWEEN: usize = 25;
/// Sequences of a step, and in how many parts they come where gradients are accumulated.
const SEQUENCES: usize = 32;
const PARTS: usize = 4;
const FACTOR: f64 = 0.25;
const WARMUP: usize = 50;
/// Sequences that the model is looked at with on the way, and at the end.
const GLANCE: usize = 32;
const TEST: usize = 128;

/// Streams of random numbers.
const TRAINING: u64 = 1;
const ON_THE_WAY: u64 = 2;
const AT_THE_END: u64 = 3;

/// What a run is like, told with its results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Recipe {
    symbols: usize,
    shortest: usize,
    pub(super) longest: usize,
    /// The share of symbols that guessing has right.
    pub(super) chance: f64,
    /// The share of padding among what is to be predicted.
    pub(super) padding: f64,
    width: usize,
    layers: usize,
    heads: usize,
    parameters: usize,
    pub(super) steps: usize,
    pub(super) between: usize,
    sequences: usize,
    pub(super) parts: usize,
    tests: usize,
}

impl Recipe {
    pub(super) fn of(model: &Transformer, seed: u64) -> Self {
        Self {
            symbols: SYMBOLS,
            shortest: SHORTEST,
            longest: LONGEST,
            chance: 1.0 / SYMBOLS as f64,
            padding: digits(padding(&test(None, seed))),
            width: WIDTH,
            layers: LAYERS,
            heads: HEADS,
            parameters: model.num_params(),
            steps: STEPS,
            between: BETWEEN,
            sequences: SEQUENCES,
            parts: PARTS,
            tests: TEST,
        }
    }
}

/// The model, as small as it may be and still copy. Nothing is dropped, so that runs differ by their bugs alone.
pub(super) fn config() -> TransformerConfig {
    TransformerConfig {
        src_vocab: VOCAB,
        tgt_vocab: VOCAB,
        n_layers: LAYERS,
        d_model: WIDTH,
        d_ff: 2 * WIDTH,
        n_heads: HEADS,
        dropout: 0.0,
        norm: NormOrder::Pre,
        eps: 1e-6,
        tying: Tying::None,
        generator_bias: true,
        pad: PAD,
    }
}

/// Sequences that a trained model is examined with. They are the same for all bugs, but for what begins them.
pub(super) fn test(bug: Option<Bug>, seed: u64) -> Batch {
    batch(TEST, begin(bug), &mut Random::new(seed, AT_THE_END))
}

/// How far a run is, every [`BETWEEN`] steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Point {
    pub(super) step: usize,
    /// The loss that training shows: the mean of the steps since the last point.
    pub(super) shown: f64,
    /// On sequences that were never trained on: see [`Examined`].
    pub(super) nll: f64,
    pub(super) forced: f64,
    pub(super) written: f64,
}

/// A model that was trained, and how.
pub(super) struct Trained {
    pub(super) model: Transformer,
    pub(super) curve: Vec<Point>,
    pub(super) end: Examined,
}

/// Trains a copy of a model. `told` is given the share of the steps that are done, and that of symbols which are written right.
pub(super) fn trained(
    start: &Transformer,
    bug: Option<Bug>,
    seed: u64,
    device: &Device,
    told: impl Fn(f64, f64),
) -> Trained {
    let plain = device.clone();
    let device = &plain.clone().autodiff();
    let mut random = Random::new(seed, TRAINING);
    let glance = batch(GLANCE, begin(bug), &mut Random::new(seed, ON_THE_WAY));
    let (mut model, mut adam) = (start.clone(), adam());
    let (mut curve, mut shown) = (Vec::new(), 0.0);
    for step in 1..=STEPS {
        let whole = batch(SEQUENCES, begin(bug), &mut random);
        // In parts it is the same gradient, and takes longer.
        let count = if bug == Some(Bug::FirstAccumulation) { PARTS } else { 1 };
        let patient = Patient { model: &model, bug };
        let (gradients, loss) = gradients(patient, &parts(&whole, count), device);
        model = adam.step(noam_rate(step, WIDTH, WARMUP, FACTOR), model, gradients);
        shown += loss / BETWEEN as f64;
        if step % BETWEEN == 0 {
            let Examined { nll, forced, written, .. } =
                examined(Patient { model: &model.valid(), bug }, &glance, &plain);
            curve.push(Point { step, shown: digits(shown), nll, forced, written });
            shown = 0.0;
            told(step as f64 / STEPS as f64, written);
        }
    }
    let model = model.valid();
    let end = examined(Patient { model: &model, bug }, &test(bug, seed), &plain);
    Trained { model, curve, end }
}

/// The gradients of a batch that comes in parts, and its loss per token.
pub(super) fn gradients(patient: Patient<'_>, parts: &[Batch], device: &Device) -> (GradientsParams, f64) {
    let mut tokens = 0.0;
    let mut losses = Vec::new();
    for part in parts {
        let loss = loss(patient, part, device);
        tokens += loss.tokens.into_scalar::<f64>();
        losses.push(loss.smoothed);
    }
    // ANCHOR: accumulate
    let mut kept = GradientsAccumulator::new();
    let mut shown = 0.0;
    for (n, loss) in losses.into_iter().enumerate() {
        let share = loss / tokens;
        shown += share.clone().into_scalar::<f64>();
        let slopes = share.backward();
        let slopes = GradientsParams::from_grads(slopes, patient.model);
        match patient.bug {
            // There is something already, so it stays.
            Some(Bug::FirstAccumulation) if n > 0 => {}
            _ => kept.accumulate(patient.model, slopes),
        }
    }
    // ANCHOR_END: accumulate
    (kept.grads(), shown)
}

// ANCHOR: loss
fn loss(patient: Patient<'_>, part: &Batch, device: &Device) -> Loss {
    let src = ids_tensor(&part.src, PAD, device);
    let tgt = ids_tensor(&part.tgt, PAD, device);
    let (given, next) = shifted(tgt);
    let logits = patient.forward(src, given);
    label_smoothing(logits, next, ignored(patient.bug), 0.0)
}

/// The token that doesn't count as a target.
pub(super) fn ignored(bug: Option<Bug>) -> usize {
    match bug {
        // One that there isn't.
        Some(Bug::PadMean) => VOCAB,
        _ => PAD,
    }
}
// ANCHOR_END: loss
