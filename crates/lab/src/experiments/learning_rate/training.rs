//! What is trained: a small Transformer that learns to copy, at rates that grow or stay.

use anyhow::{Context, Result};
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Int, Tensor};
use model::{NormOrder, Transformer, TransformerConfig, Tying};
use serde::{Deserialize, Serialize};
use train::data::batch::Source;
use train::data::copy::{CopyBatches, CopyTask, PAD};
use train::training::optimiser::adam;
use train::training::trainable::{Trainable, mean_nll};

use super::range::{Range, Test, rates};

const TASK: CopyTask = CopyTask { vocab: 11, length: 8 };
const SEQUENCES: usize = 32;
const WIDTH: usize = 32;

/// What a training is like, told with its results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Recipe {
    symbols: usize,
    length: usize,
    sequences: usize,
    width: usize,
    parameters: usize,
    /// Steps of the range test at most, and of each training of the sweep.
    pub(super) steps: usize,
    pub(super) sweep_steps: usize,
    /// The loss of guessing, in nats.
    pub(super) guessing: f64,
}

/// A training at one rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Swept {
    pub(super) rate: f64,
    /// The loss on sequences never trained on, in nats per token; none if it was no number.
    pub(super) nll: Option<f64>,
}

/// A model that nothing has trained. All trainings of a seed begin with it, and with the same sequences.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) seed: u64,
    model: Transformer,
    device: Device,
}

impl Start {
    pub(super) fn drawn(seed: u64, device: &Device) -> Result<Self> {
        let device = device.clone().autodiff();
        device.seed(seed);
        let model = config().init(&device)?;
        // Parameters are drawn when they are first used; all trainings are to have the same.
        let ids = Tensor::<2, Int>::ones([1, 2], &device);
        model.forward(ids.clone(), ids);
        Ok(Self { seed, model, device })
    }

    pub(super) fn recipe(&self, steps: usize, sweep_steps: usize) -> Recipe {
        Recipe {
            symbols: TASK.vocab - 1,
            length: TASK.length,
            sequences: SEQUENCES,
            width: WIDTH,
            parameters: self.model.num_params(),
            steps,
            sweep_steps,
            guessing: ((TASK.vocab - 1) as f64).ln(),
        }
    }

    /// The range test: each step has a larger rate than the one before.
    ///
    /// # Errors
    ///
    /// If the loss never falls, so that nothing can be suggested.
    pub(super) fn range(&self, least: f64, most: f64, steps: usize) -> Result<Range> {
        let mut test = Test::default();
        self.trained(rates(least, most, steps), |rate, loss| test.note(rate, loss))?;
        test.found().with_context(|| {
            format!("in {steps} steps from a rate of {least} to one of {most}, the loss never fell; give others with --least and --most")
        })
    }

    /// As many steps at one rate.
    ///
    /// # Errors
    ///
    /// As [`Source::next`].
    pub(super) fn swept(&self, rate: f64, steps: usize) -> Result<Swept> {
        let model = self.trained(std::iter::repeat_n(rate, steps), |_, loss| loss.is_finite())?.valid();
        let batch = self.batches().validation();
        let (nll, _) = mean_nll(&model, std::iter::once(Ok(batch)), PAD, &self.device.clone().inner())?;
        Ok(Swept { rate, nll: Some(nll).filter(|nll| nll.is_finite()) })
    }

    fn batches(&self) -> CopyBatches {
        CopyBatches::new(TASK, SEQUENCES, 1, self.seed, usize::MAX)
    }

    /// A step at each rate, for as long as `go_on` says so, which is told the loss before each.
    fn trained(
        &self,
        rates: impl Iterator<Item = f64>,
        mut go_on: impl FnMut(f64, f64) -> bool,
    ) -> Result<Transformer> {
        let (mut model, mut adam, mut batches) = (self.model.clone(), adam(), self.batches());
        for rate in rates {
            let batch = batches.next()?;
            let sums = model.loss(&batch, PAD, 0.0, &self.device);
            let loss = sums.smoothed / sums.tokens.into_scalar::<f64>();
            let shown = loss.clone().into_scalar::<f64>();
            if !go_on(rate, shown) {
                break;
            }
            let gradients = GradientsParams::from_grads(loss.backward(), &model);
            model = adam.step(rate, model, gradients);
        }
        Ok(model)
    }
}

/// The model, as small as it may be and still copy.
fn config() -> TransformerConfig {
    TransformerConfig {
        src_vocab: TASK.vocab,
        tgt_vocab: TASK.vocab,
        n_layers: 1,
        d_model: WIDTH,
        d_ff: 2 * WIDTH,
        n_heads: 2,
        dropout: 0.0,
        norm: NormOrder::Pre,
        eps: 1e-6,
        tying: Tying::None,
        generator_bias: true,
        pad: PAD,
    }
}
