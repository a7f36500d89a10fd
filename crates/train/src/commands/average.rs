//! `train average`: the mean of several checkpoints' weights (paper, section 6.1).

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail, ensure};

use crate::cli::using::Averaging;
use crate::device::processor;
use crate::run::checkpoint::Checkpoint;
use crate::run::config::{ModelConfig, RunConfig, Task};
use crate::run::folder::RunFolder;
use crate::run::weights::{self, Precision, Weights};
use crate::words::counted;

/// Averages the newest checkpoints of a run into a run folder of its own.
///
/// # Errors
///
/// If there are not so many, or one is damaged, or `out` is the run itself.
pub(crate) fn run(
    run: &Path,
    averaging: Averaging,
    out: &Path,
    force: bool,
    output: &mut impl Write,
) -> Result<()> {
    let Averaging { last, half } = averaging;
    let folder = RunFolder::open_to_resume(run)?;
    let config = folder.config()?;
    let all = Checkpoint::list(&folder.checkpoints())?;
    ensure!(last > 0, "--last = 0, but it must be at least 1");
    let is_itself = out.canonicalize().is_ok_and(|out| run.canonicalize().is_ok_and(|run| run == out));
    ensure!(!is_itself, "--out {} is the run itself; give another folder for its mean", out.display());
    ensure!(
        all.len() >= last,
        "{} holds {}, but --last asks for {last}; --keep-last keeps more of them while training",
        run.display(),
        counted(all.len(), "checkpoint")
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
    let precision = if half { halved(&mean)? } else { Precision::Single };
    let steps: Vec<usize> = chosen.iter().map(|checkpoint| checkpoint.step).collect();
    let task = Task::Average {
        of: run.display().to_string(),
        steps: steps.clone(),
        task: Box::new(config.task.with_corpus(|task| Ok(task.carried(run, out)))?),
    };
    let averaged = RunConfig { task, ..config };
    let step = steps.last().copied().unwrap_or_default();
    let device = processor();
    // Only once the mean is known to fit, so that nothing is replaced for nothing.
    let make = |save: &dyn Fn(&RunFolder) -> Result<()>| {
        RunFolder::create_whole(out, &averaged, force, |made| {
            made.copy_vocabularies(&folder)?;
            save(made)
        })
    };
    match &averaged.model {
        ModelConfig::Transformer(sizes) => {
            let model = weights::fill(sizes.init(&device)?, mean, "the mean")?;
            make(&|made| made.save_model(&model, step, precision))?
        }
        ModelConfig::Language(sizes) => {
            let model = weights::fill(sizes.init(&device)?, mean, "the mean")?;
            make(&|made| made.save_model(&model, step, precision))?
        }
    };
    let of = match steps.as_slice() {
        [step] => format!("checkpoint of step {step}"),
        _ => format!(
            "checkpoints of steps {}",
            steps.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
        ),
    };
    writeln!(output, "averaged the {of} into {}", out.display())?;
    Ok(())
}

/// Half precision, if all numbers have a place in it.
fn halved(weights: &Weights) -> Result<Precision> {
    /// The largest finite number of 16 bits.
    const LARGEST: f32 = 65_504.0;
    for (name, array) in weights {
        if let Some(large) = array.values.iter().find(|value| value.abs() > LARGEST) {
            bail!("{name} holds {large}, but --half has nothing above {LARGEST}; leave the flag out");
        }
    }
    Ok(Precision::Half)
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

#[cfg(test)]
mod tests {
    use model::TransformerConfig;

    use burn::tensor::Device;

    use super::*;
    use crate::data::copy::CopyTask;
    use crate::run::config::Versions;
    use crate::run::state::State;
    use crate::training::optimiser::adam;

    fn run_of(path: &Path, sizes: &TransformerConfig, steps: &[usize]) -> RunFolder {
        let config = RunConfig {
            task: Task::Copy(CopyTask { vocab: 7, length: 5 }),
            model: ModelConfig::Transformer(sizes.clone()),
            bos: 1,
            eos: None,
            training: None,
            device: None,
            versions: Versions::current(),
        };
        let folder = RunFolder::create(path, &config, false).unwrap();
        for &step in steps {
            let model = weights::initialise(sizes.init(&Device::flex()).unwrap());
            let state = State { step, ..State::default() };
            Checkpoint::save(&folder.checkpoints(), &model, &adam(), &state).unwrap();
        }
        folder
    }

    #[test]
    fn every_number_is_the_mean_of_the_last_checkpoints() {
        let parent = tempfile::tempdir().unwrap();
        let [path, out] = ["run", "mean"].map(|name| parent.path().join(name));
        let tiny = TransformerConfig::tiny(7);
        let sizes = TransformerConfig { n_layers: 1, d_model: 4, d_ff: 6, n_heads: 2, ..tiny };
        let folder = run_of(&path, &sizes, &[2, 4, 6]);
        run(&path, Averaging { last: 2, half: false }, &out, false, &mut Vec::new()).unwrap();
        let made = RunFolder::open(&out).unwrap();
        assert_eq!(made.step().unwrap(), 6);
        let mean = weights::read_safetensors(&out.join("model.safetensors")).unwrap();
        let all = Checkpoint::list(&folder.checkpoints()).unwrap();
        let [a, b] = [&all[1], &all[2]].map(|found| found.weights().unwrap());
        let mut differ = false;
        for (name, array) in &mean {
            for (number, mean) in array.values.iter().enumerate() {
                let (a, b) = (a[name].values[number], b[name].values[number]);
                assert!((mean - f32::midpoint(a, b)).abs() < 1e-6, "{name} {number}: {mean} of {a} and {b}");
                differ |= (a - b).abs() > 0.1;
            }
        }
        assert!(differ && mean.len() == a.len());
    }

    #[test]
    fn half_precision_halves_the_file_and_keeps_three_digits() {
        let parent = tempfile::tempdir().unwrap();
        let [path, single, half] = ["run", "single", "half"].map(|name| parent.path().join(name));
        let sizes = TransformerConfig {
            n_layers: 1,
            d_model: 16,
            d_ff: 24,
            n_heads: 2,
            ..TransformerConfig::tiny(7)
        };
        drop(run_of(&path, &sizes, &[2]));
        let read = |out: &Path| weights::read_safetensors(&out.join("model.safetensors")).unwrap();
        let [exact, stored] = [(&single, false), (&half, true)].map(|(out, half)| {
            run(&path, Averaging { last: 1, half }, out, false, &mut Vec::new()).unwrap();
            (read(out), out.join("model.safetensors").metadata().unwrap().len())
        });
        assert!(stored.1 < exact.1 * 6 / 10, "{} of {} bytes", stored.1, exact.1);
        let mut differ = false;
        for (name, array) in &exact.0 {
            for (value, rounded) in array.values.iter().zip(&stored.0[name].values) {
                assert!(
                    (value - rounded).abs() <= value.abs() / 2048.0 + 1e-7,
                    "{name}: {rounded} of {value}"
                );
                differ |= value != rounded;
            }
        }
        assert!(differ && RunFolder::open(&half).unwrap().step().unwrap() == 2);
    }

    #[test]
    fn what_half_precision_cannot_hold_is_refused() {
        let array = weights::Array { shape: vec![2], values: vec![1.0, -7e4] };
        let message = halved(&Weights::from([("gain".to_owned(), array)])).unwrap_err().to_string();
        assert!(message.contains("gain holds -70000"), "{message}");
    }

    #[test]
    fn a_run_does_not_become_its_own_mean() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("run");
        let sizes =
            TransformerConfig { n_layers: 1, d_model: 4, d_ff: 6, n_heads: 2, ..TransformerConfig::tiny(7) };
        drop(run_of(&path, &sizes, &[2]));
        let same = path.join("../run");
        let one = Averaging { last: 1, half: false };
        let message = run(&path, one, &same, true, &mut Vec::new()).unwrap_err().to_string();
        assert!(message.contains("is the run itself"), "{message}");
        assert_eq!(Checkpoint::list(&path.join("checkpoints")).unwrap().len(), 1);
    }
}
