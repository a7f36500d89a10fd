//! `train average`: the mean of several checkpoints' weights (paper, section 6.1).

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail, ensure};
use burn::module::Module;
use burn::tensor::Device;

use crate::checkpoint::Checkpoint;
use crate::run_config::{ModelConfig, RunConfig, Task};
use crate::run_folder::RunFolder;
use crate::weights::{self, Weights};

/// Averages the `last` newest checkpoints of a run into a run folder of its own.
///
/// # Errors
///
/// If there are not so many, or one is damaged.
pub fn run(run: &Path, last: usize, out: &Path, force: bool, output: &mut impl Write) -> Result<()> {
    let folder = RunFolder::open_to_resume(run)?;
    let config = folder.config()?;
    let all = Checkpoint::list(&folder.checkpoints())?;
    ensure!(last > 0, "--last = 0, but it must be at least 1");
    ensure!(
        all.len() >= last,
        "{} holds {} checkpoints, but --last asks for {last}; --keep-last keeps more of them while training",
        run.display(),
        all.len()
    );
    let chosen = &all[all.len() - last..];
    let mut sum: Option<Weights> = None;
    for checkpoint in chosen {
        checkpoint.state()?;
        let weights = checkpoint.weights()?;
        sum = Some(match sum {
            None => weights,
            Some(sum) => added(sum, &weights, &checkpoint.weights_file())?,
        });
    }
    let Some(mut mean) = sum else { bail!("no checkpoint to average") };
    mean.values_mut().flat_map(|array| &mut array.values).for_each(|value| *value /= last as f32);
    let steps: Vec<usize> = chosen.iter().map(|checkpoint| checkpoint.step).collect();
    let task = Task::Average {
        of: run.display().to_string(),
        steps: steps.clone(),
        task: Box::new(config.task.clone()),
    };
    let averaged = RunConfig { task, ..config };
    let made = RunFolder::create(out, &averaged, force)?;
    made.copy_vocabularies(&folder)?;
    let step = steps.last().copied().unwrap_or_default();
    let device = Device::flex();
    match &averaged.model {
        ModelConfig::Transformer(sizes) => save(&made, sizes.init(&device)?, mean, step)?,
        ModelConfig::Language(sizes) => save(&made, sizes.init(&device)?, mean, step)?,
    }
    let steps: Vec<String> = steps.iter().map(usize::to_string).collect();
    writeln!(output, "averaged the checkpoints of steps {} into {}", steps.join(", "), out.display())?;
    Ok(())
}

fn save<M: Module>(folder: &RunFolder, model: M, mean: Weights, step: usize) -> Result<()> {
    folder.save_model(&weights::fill(model, mean, "the mean")?, step)
}

fn added(mut sum: Weights, weights: &Weights, from: &Path) -> Result<Weights> {
    for (name, array) in &mut sum {
        match weights.get(name).filter(|other| other.shape == array.shape) {
            Some(other) => array.values.iter_mut().zip(&other.values).for_each(|(sum, value)| *sum += value),
            None => bail!("{} has no tensor {name} of shape {:?}", from.display(), array.shape),
        }
    }
    Ok(sum)
}
