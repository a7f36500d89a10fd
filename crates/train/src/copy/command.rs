//! `train copy`: trains on the copy task and measures the result.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use burn::tensor::Device;
use model::{NormOrder, TransformerConfig, Tying};

use crate::copy::{BOS, CopyBatches, CopyTask, PAD, count_exact_copies};
use crate::device::DeviceName;
use crate::run_folder::{RunConfig, RunFolder, Task, Versions};
use crate::training::{Ending, Trainer, TrainingConfig, train};

/// Fresh sequences that the trained model is asked to copy.
const TESTED: usize = 100;

/// What a program stopped by Ctrl-C returns by convention: 128 + SIGINT.
const STOPPED: u8 = 130;

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
    /// Steps in all [default: epochs x batches-per-epoch].
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
    /// Epochs.
    #[arg(long, default_value_t = 25, conflicts_with = "steps", help_heading = "Training")]
    epochs: usize,
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
    /// Decides the parameters, the data and dropout.
    #[arg(long, default_value_t = 1, help_heading = "Training")]
    seed: u64,
}

fn norm_order(name: &str) -> Result<NormOrder> {
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
        let steps = match steps {
            Some(steps) => Some(steps),
            None => self.epochs.checked_mul(self.batches_per_epoch),
        };
        Ok(TrainingConfig {
            steps: steps.context("epochs x batches-per-epoch is too large a number of steps")?,
            batches_per_epoch: self.batches_per_epoch,
            batch_size: self.batch_size,
            accumulate: self.accumulate,
            lr_factor: self.lr_factor,
            warmup: self.warmup,
            label_smoothing: self.label_smoothing,
            seed: self.seed,
        })
    }
}

/// Everything that training needs.
struct Setup {
    folder: RunFolder,
    task: CopyTask,
    training: TrainingConfig,
    trainer: Trainer,
    device: Device,
}

/// Trains, and tells how well the model copies afterwards.
///
/// # Errors
///
/// If a setting makes no sense, or the run folder can't be used.
pub fn copy(args: &CopyArgs, device: Option<DeviceName>, output: &mut impl Write) -> Result<ExitCode> {
    let Setup { folder, task, training, trainer, device } = match &args.resume {
        Some(run) => Setup::resume(RunFolder::open(run)?, args.steps, device)?,
        None => Setup::start(args, device.unwrap_or(DeviceName::Flex))?,
    };
    let before = trainer.steps();
    let batches = CopyBatches { task, batch_size: training.batch_size, seed: training.seed };
    let started = Instant::now();
    let (trainer, ending) = train(trainer, &batches, &folder, stop_on_ctrl_c()?.as_ref())?;
    let (done, seconds, run) = (trainer.steps(), started.elapsed().as_secs_f64(), folder.path().display());
    writeln!(output, "trained {} steps in {seconds:.1} s; the run is in {run}", done - before)?;
    if ending == Ending::Stopped {
        let steps = training.steps;
        writeln!(output, "stopped after step {done} of {steps}; go on with: train copy --resume {run}")?;
        return Ok(ExitCode::from(STOPPED));
    }
    let copied = count_exact_copies(&trainer.trained(), task, training.seed, TESTED, &device);
    writeln!(output, "copied {copied} of {TESTED} fresh sequences exactly")?;
    Ok(ExitCode::SUCCESS)
}

impl Setup {
    fn start(args: &CopyArgs, name: DeviceName) -> Result<Self> {
        let (task, training) = (args.settings.task(), args.settings.training(args.steps)?);
        let config = RunConfig {
            task: Task::Copy(task),
            model: args.settings.model(),
            bos: BOS,
            eos: None,
            training: Some(training.clone()),
            device: Some(name.to_string()),
            versions: Versions::current(),
        };
        let device = name.open()?;
        let folder = RunFolder::create(&args.out, &config, args.force)?;
        let trainer = Trainer::new(&config, &training, &device)?;
        Ok(Self { folder, task, training, trainer, device })
    }

    fn resume(folder: RunFolder, steps: Option<usize>, device: Option<DeviceName>) -> Result<Self> {
        let mut config = folder.config()?;
        let path = folder.path().display();
        let Task::Copy(task) = config.task else { bail!("{path} holds no run of the copy task") };
        let mut training = config.training.clone().with_context(|| format!("{path} was not trained here"))?;
        training.steps = steps.unwrap_or(training.steps);
        let name = match (device, &config.device) {
            (Some(name), _) => name,
            (None, Some(name)) => name.parse()?,
            (None, None) => DeviceName::Flex,
        };
        let device = name.open()?;
        let trainer = Trainer::resume(&folder, &config, &training, &device)?;
        let (done, steps) = (trainer.steps(), training.steps);
        ensure!(
            done < steps,
            "{path} has done {done} of {steps} steps; give --steps with more than {done} to go on"
        );
        config.training = Some(training.clone());
        config.device = Some(name.to_string());
        folder.write_config(&config)?;
        Ok(Self { folder, task, training, trainer, device })
    }
}

/// A flag that Ctrl-C sets: the current step is finished and saved. A second Ctrl-C ends the program at once.
fn stop_on_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let handler = move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(STOPPED));
        }
    };
    ctrlc::set_handler(handler).context("cannot listen to Ctrl-C")?;
    Ok(stop)
}
