//! A model and its loss on a batch: all that the loop knows of it.

use std::fmt::{Debug, Display};

use anyhow::Result;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Int, Tensor};
use model::label_smoothing::{Loss, label_smoothing};
use model::{LanguageModel, Transformer};

use crate::data::batch::Batch;
use crate::data::lines::ids_tensor;

/// A model with a loss.
pub trait Trainable: Module + ModuleDisplay + Debug + Display + Send + Sync + 'static {
    /// The sums of the loss over all tokens of a batch.
    fn loss(&self, batch: &Batch, pad: usize, smoothing: f64, device: &Device) -> Loss;
}

impl Trainable for Transformer {
    fn loss(&self, batch: &Batch, pad: usize, smoothing: f64, device: &Device) -> Loss {
        let src = ids_tensor(&batch.src, pad, device);
        let (given, next) = shifted(ids_tensor(&batch.tgt, pad, device));
        label_smoothing(self.forward(src, given).logits, next, pad, smoothing)
    }
}

impl Trainable for LanguageModel {
    fn loss(&self, batch: &Batch, pad: usize, smoothing: f64, device: &Device) -> Loss {
        let (given, next) = shifted(ids_tensor(&batch.tgt, pad, device));
        label_smoothing(self.forward(given).output, next, pad, smoothing)
    }
}

/// What the decoder reads and what it is to predict: all tokens but the last, all but the first.
#[must_use]
pub fn shifted(tgt: Tensor<2, Int>) -> (Tensor<2, Int>, Tensor<2, Int>) {
    let [batch, length] = tgt.dims();
    (tgt.clone().slice([0..batch, 0..length - 1]), tgt.slice([0..batch, 1..length]))
}

/// The negative log-likelihood per token over many batches.
///
/// # Errors
///
/// If a batch can't be read.
pub fn mean_nll<M: Trainable>(
    model: &M,
    batches: impl Iterator<Item = Result<Batch>>,
    pad: usize,
    device: &Device,
) -> Result<(f64, usize)> {
    let (mut nll, mut tokens) = (0.0, 0);
    for batch in batches {
        let batch = batch?;
        tokens += batch.tokens(pad);
        nll += model.loss(&batch, pad, 0.0, device).nll.into_scalar::<f64>();
    }
    Ok((nll / tokens.max(1) as f64, tokens))
}
