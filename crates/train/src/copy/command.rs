//! `train copy`: trains on the copy task and measures the result.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use burn::tensor::Device;
use model::{NormOrder, Transformer, TransformerConfig, Tying};

use crate::copy::{BOS, CopyBatches, CopyTask, PAD, count_exact_copies};
use crate::device::{DeviceName, joined, open_all};
use crate::resume::{Change, carry_out, resume, train};
use crate::run_config::{ModelConfig, RunConfig, Task, Versions};
use crate::run_folder::RunFolder;
use crate::training::{
    Batch, Ending, Examined, Examiner, Interval, STOPPED, Schedule, Trainer, TrainingConfig, mean_nll,
};

/// Fresh sequences that the trained model is asked to copy.
const TESTED: usize = 100;

/// Arguments of `train copy`.
#[derive(Debug, clap::Args)]
pub struct CopyArgs {
    /// Run folder to make.
    #[arg(long, value_name = "RUN", default_value = "runs/copy")]
    out: PathBuf,
    /// Replace the run that is there already.
    #[arg(long)]
    force: bool,
    /// Go on with a run that was stopped, with its own settings; --steps and --device may change.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["out", "force", "CopySettings"])]
    resume: Option<PathBuf>,
    /// Steps in all, instead of epochs.
    #[arg(long)]
    steps: Option<usize>,
    #[command(flatten)]
    settings: CopySettings,
}

/// What a new run can be told.
#[derive(Debug, clap::Args)]
struct CopySettings {
    /// Token ids: padding 0, BOS 1, and symbols up to this number.
    #[arg(long, default_value_t = 11, help_heading = "Task")]
    vocab: usize,
    /// Symbols in a sequence.
    #[arg(long, default_value_t = 10, help_heading = "Task")]
    length: usize,
    /// Layers in the encoder, and in the decoder (N).
    #[arg(long, default_value_t = 2, help_heading = "Model")]
    layers: usize,
    /// Width of the vectors between sub-layers.
    #[arg(long, default_value_t = 64, help_heading = "Model")]
    d_model: usize,
    /// Width inside the feed-forward network.
    #[arg(long, default_value_t = 256, help_heading = "Model")]
    d_ff: usize,
    /// Attention heads.
    #[arg(long, default_value_t = 4, help_heading = "Model")]
    heads: usize,
    /// Probability of dropping an element.
    #[arg(long, default_value_t = 0.1, help_heading = "Model")]
    dropout: f64,
    /// Layer norm before each sub-layer (pre) or after it (post, as in the paper).
    #[arg(long, default_value = "pre", value_parser = norm_order, help_heading = "Model")]
    norm: NormOrder,
    /// Sequences in a batch.
    #[arg(long, default_value_t = 40, help_heading = "Training")]
    batch_size: usize,
    /// Minutes of training after which it ends, if it hasn't ended before.
    #[arg(long, help_heading = "Training")]
    minutes: Option<f64>,
    /// Epochs [default: 25, unless --steps or --minutes is given].
    #[arg(long, conflicts_with = "steps", help_heading = "Training")]
    epochs: Option<usize>,
    /// Batches in an epoch, after which the model is validated and saved.
    #[arg(long, default_value_t = 60, help_heading = "Training")]
    batches_per_epoch: usize,
    /// Compute each batch in this many parts, one after the other: the same result in less memory.
    #[arg(long, default_value_t = 1, help_heading = "Training")]
    accumulate: usize,
    /// Factor of the Noam learning rate.
    #[arg(long, default_value_t = 0.5, help_heading = "Training")]
    lr_factor: f64,
    /// Steps until the learning rate is highest.
    #[arg(long, default_value_t = 200, help_heading = "Training")]
    warmup: usize,
    /// Mass taken from the target.
    #[arg(long, default_value_t = 0.0, help_heading = "Training")]
    label_smoothing: f64,
    /// Scale gradients down to this norm.
    #[arg(long, help_heading = "Training")]
    clip: Option<f64>,
    /// End after so many epochs without an improvement.
    #[arg(long, help_heading = "Training")]
    patience: Option<usize>,
    /// Checkpoints to keep for being the best; if there are any, the best is the model to use, or else the last.
    #[arg(long, default_value_t = 0, help_heading = "Training")]
    keep_best: usize,
    /// Checkpoints to keep for being the last.
    #[arg(long, default_value_t = 1, help_heading = "Training")]
    keep_last: usize,
    /// Decides the parameters, the data and dropout.
    #[arg(long, default_value_t = 1, help_heading = "Training")]
    seed: u64,
}

/// Epochs if nothing else ends training.
const EPOCHS: usize = 25;

pub(crate) fn norm_order(name: &str) -> Result<NormOrder> {
    match name {
        "pre" => Ok(NormOrder::Pre),
        "post" => Ok(NormOrder::Post),
        _ => bail!("expected pre or post, found {name:?}"),
    }
}

impl CopySettings {
    fn task(&self) -> CopyTask {
        CopyTask { vocab: self.vocab, length: self.length }
    }

    fn model(&self) -> TransformerConfig {
        TransformerConfig {
            src_vocab: self.vocab,
            tgt_vocab: self.vocab,
            n_layers: self.layers,
            d_model: self.d_model,
            d_ff: self.d_ff,
            n_heads: self.heads,
            dropout: self.dropout,
            norm: self.norm,
            eps: 1e-6,
            tying: Tying::None,
            generator_bias: true,
            pad: PAD,
        }
    }

    fn training(&self, steps: Option<usize>) -> Result<TrainingConfig> {
        let Self { batch_size, accumulate, .. } = self;
        let divides = *accumulate > 0 && batch_size.is_multiple_of(*accumulate);
        ensure!(divides, "batch_size = {batch_size}, but it must be a multiple of accumulate = {accumulate}");
        let is_ended = steps.is_some() || self.minutes.is_some();
        let epochs = self.epochs.or((!is_ended).then_some(EPOCHS));
        let steps = match epochs {
            Some(epochs) => {
                let steps = epochs.checked_mul(self.batches_per_epoch);
                Some(steps.context("epochs x batches-per-epoch is too large a number of steps")?)
            }
            None => steps,
        };
        Ok(TrainingConfig {
            steps,
            minutes: self.minutes,
            epochs: None,
            evaluate: Interval::Steps(self.batches_per_epoch),
            batch_size: self.batch_size,
            accumulate: self.accumulate,
            schedule: Schedule::Noam { factor: self.lr_factor, warmup: self.warmup },
            label_smoothing: self.label_smoothing,
            clip: self.clip,
            patience: self.patience,
            keep_best: self.keep_best,
            keep_last: self.keep_last,
            seed: self.seed,
        })
    }
}

/// Trains, and tells how well the model copies afterwards.
///
/// # Errors
///
/// If a setting makes no sense, or the run folder can't be used.
pub fn copy(args: &CopyArgs, names: &[DeviceName], output: &mut impl Write) -> Result<ExitCode> {
    if let Some(run) = &args.resume {
        let change = Change { steps: args.steps, ..Change::default() };
        return resume(run, &change, names, output);
    }
    let config = RunConfig {
        task: Task::Copy(args.settings.task()),
        model: ModelConfig::Transformer(args.settings.model()),
        bos: BOS,
        eos: None,
        training: Some(args.settings.training(args.steps)?),
        device: Some(joined(names)),
        versions: Versions::current(),
    };
    config.validate()?;
    let devices = open_all(names)?;
    let folder = RunFolder::create(&args.out, &config, args.force)?;
    train(&folder, &config, None, &devices, output)
}

/// Trains a model of the copy task from where it is.
pub(crate) fn run(
    folder: &RunFolder,
    task: CopyTask,
    trainer: Trainer<Transformer>,
    device: &Device,
    output: &mut impl Write,
) -> Result<ExitCode> {
    let training = trainer.config().clone();
    let TrainingConfig { batch_size, accumulate, seed, .. } = training;
    let Interval::Steps(epoch) = training.evaluate else { bail!("the copy task is evaluated by steps") };
    let source = CopyBatches::new(task, batch_size, accumulate, seed, epoch);
    let examiner = CopyExaminer { batch: source.validation(), device: device.clone() };
    let guessing = (task.vocab as f64).ln();
    let (trainer, ending) = carry_out(folder, trainer, source, examiner, guessing, output)?;
    if ending == Ending::Stopped {
        return Ok(ExitCode::from(STOPPED));
    }
    let copied = count_exact_copies(&trainer.trained(), task, seed, TESTED, device);
    writeln!(output, "copied {copied} of {TESTED} fresh sequences exactly")?;
    Ok(ExitCode::SUCCESS)
}

struct CopyExaminer {
    batch: Batch,
    device: Device,
}

impl Examiner<Transformer> for CopyExaminer {
    fn examine(&mut self, model: &Transformer) -> Result<Examined> {
        let (nll, _) = mean_nll(model, std::iter::once(Ok(self.batch.clone())), PAD, &self.device)?;
        Ok(Examined { nll, ..Examined::default() })
    }
}
