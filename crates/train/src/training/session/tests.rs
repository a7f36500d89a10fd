use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use burn::nn::LinearConfig;
use burn::tensor::Device;
use model::{Transformer, TransformerConfig};

use super::super::optimiser::adam;
use super::super::trainable::mean_nll;
use super::*;
use crate::data::copy::{CopyBatches, CopyTask};
use crate::run::config::{ModelConfig, RunConfig, Task, Versions};
use crate::run::training::TrainingConfig;
use crate::run::training::tests::training;
use crate::run::{checkpoint, weights};

const TASK: CopyTask = CopyTask { vocab: 7, length: 5 };

fn sizes() -> TransformerConfig {
    let tiny = TransformerConfig::tiny(7);
    TransformerConfig { n_layers: 1, d_model: 8, d_ff: 12, n_heads: 2, dropout: 0.0, ..tiny }
}

/// The runs that a test compares must share one: other tests draw from the same generator meanwhile.
fn model() -> Transformer {
    weights::initialise(sizes().init(&Device::flex().autodiff()).unwrap())
}

/// With an end that is far away; three batches are an epoch.
fn endless() -> TrainingConfig {
    TrainingConfig { steps: Some(1_000_000), evaluate: Interval::Steps(2), keep_last: 9, ..training() }
}

fn batches() -> CopyBatches {
    CopyBatches::new(TASK, 12, 1, 5, 3)
}

fn folder(parent: &Path, training: &TrainingConfig) -> RunFolder {
    let config = RunConfig {
        task: Task::Copy(TASK),
        model: ModelConfig::Transformer(sizes()),
        bos: 1,
        eos: None,
        training: Some(training.clone()),
        device: None,
        versions: Versions::current(),
    };
    RunFolder::create(&parent.join("run"), &config, false).unwrap()
}

fn begun(model: &Transformer, config: &TrainingConfig) -> Trainer<Transformer> {
    let devices = [Device::flex()];
    Trainer::resume(model.clone(), adam(), State::default(), config, (8, 0), &devices).unwrap()
}

/// From the checkpoint of a step, or the newest.
fn resumed(folder: &RunFolder, from: Option<usize>, config: &TrainingConfig) -> Trainer<Transformer> {
    let (found, state) = checkpoint::find(&folder.checkpoints(), from).unwrap().unwrap();
    let model = weights::fill(model(), found.weights().unwrap(), "the checkpoint").unwrap();
    let devices = [Device::flex()];
    Trainer::resume(model, found.optimiser(adam()).unwrap(), state, config, (8, 0), &devices).unwrap()
}

fn run<S: Source, E: Examiner<Transformer>>(
    folder: &RunFolder,
    trainer: Trainer<Transformer>,
    source: S,
    examiner: E,
    stop: &Arc<Stop>,
) -> Result<(Trainer<Transformer>, Ending)> {
    let stop = Arc::clone(stop);
    Session { trainer, source, examiner, folder, progress: (), stop, guessing: 2.0, at_risk: AT_RISK }.run()
}

fn saved(folder: &RunFolder) -> Vec<usize> {
    Checkpoint::list(&folder.checkpoints()).unwrap().iter().map(|found| found.step).collect()
}

/// Tells what it was told, and then the last of it again and again.
struct Told(Vec<f64>);

impl Examiner<Transformer> for Told {
    fn examine(&mut self, _model: &Transformer) -> Result<Examined> {
        let nll = if self.0.len() > 1 { self.0.remove(0) } else { self.0[0] };
        Ok(Examined { nll, ..Examined::default() })
    }
}

/// Measures the model.
struct Measures;

impl Examiner<Transformer> for Measures {
    fn examine(&mut self, model: &Transformer) -> Result<Examined> {
        let (nll, _) = mean_nll(model, std::iter::once(Ok(batches().validation())), 0, &Device::flex())?;
        Ok(Examined { nll, ..Examined::default() })
    }
}

/// Asks to stop when it hands out the batch of a step; with `is_broken`, it breaks instead.
struct Until {
    batches: CopyBatches,
    steps: usize,
    stop: Arc<Stop>,
    is_broken: bool,
}

impl Source for Until {
    fn next(&mut self) -> Result<Batch> {
        self.steps -= 1;
        if self.steps == 0 {
            self.stop.ask();
            if self.is_broken {
                bail!("the data are gone");
            }
        }
        self.batches.next()
    }

    fn position(&self) -> Position {
        self.batches.position()
    }

    fn epochs(&self) -> f64 {
        self.batches.epochs()
    }

    fn seek(&mut self, position: Position) {
        self.batches.seek(position);
    }
}

#[test]
fn evaluations_that_do_not_improve_end_training() {
    let parent = tempfile::tempdir().unwrap();
    let config = TrainingConfig { patience: Some(2), keep_best: 1, keep_last: 1, ..endless() };
    let folder = folder(parent.path(), &config);
    let told = Told(vec![1.9, 1.5, 1.6, 1.7, 1.0]);
    let (trainer, ending) = run(&folder, begun(&model(), &config), batches(), told, &Arc::default()).unwrap();
    assert_eq!((ending, trainer.state().step), (Ending::Patience, 8));
    assert_eq!(
        (saved(&folder), folder.step().unwrap()),
        (vec![4, 8], 4),
        "the best and the last; the best is used"
    );
}

#[test]
fn epochs_and_minutes_end_training() {
    let ended = |config: TrainingConfig| {
        let parent = tempfile::tempdir().unwrap();
        let folder = folder(parent.path(), &config);
        let trainer = begun(&model(), &config);
        let (trainer, ending) = run(&folder, trainer, batches(), Told(vec![1.0]), &Arc::default()).unwrap();
        assert_eq!(ending, Ending::Complete);
        let evaluations = trainer.state().evaluations.iter().map(|known| known.step).collect::<Vec<_>>();
        (trainer.state().step, evaluations)
    };
    assert_eq!(ended(TrainingConfig { epochs: Some(1), ..endless() }), (3, vec![2, 3]));
    assert_eq!(ended(TrainingConfig { epochs: Some(2), steps: Some(9), ..endless() }), (6, vec![2, 4, 6]));
    assert_eq!(ended(TrainingConfig { minutes: Some(1e-9), ..endless() }), (1, vec![1]));
    let by_the_clock = TrainingConfig { steps: Some(3), evaluate: Interval::Minutes(1e-9), ..endless() };
    assert_eq!(ended(by_the_clock), (3, vec![1, 2, 3]));
}

#[test]
fn weights_that_an_evaluation_finds_broken_are_not_kept() {
    for nll in [f64::NAN, f64::INFINITY, 20.0] {
        let parent = tempfile::tempdir().unwrap();
        let config = TrainingConfig { keep_last: 1, ..endless() };
        let folder = folder(parent.path(), &config);
        let told = Told(vec![1.0, nll]);
        let result = run(&folder, begun(&model(), &config), batches(), told, &Arc::default());
        let message = result.map(|_| ()).unwrap_err().to_string();
        for part in
            ["gone wrong in step 4 (epoch 2, block 0, batch 0)", "checkpoint is that of step 2", "--clip 1"]
        {
            assert!(message.contains(part), "{part:?} is missing from {message:?}");
        }
        assert_eq!((saved(&folder), folder.step().unwrap()), (vec![2], 2));
    }
}

#[test]
fn a_run_that_is_stopped_after_any_step_goes_on_as_if_nothing_had_happened() {
    let (model, config) = (model(), TrainingConfig { steps: Some(5), ..endless() });
    let whole = tempfile::tempdir().unwrap();
    let whole = folder(whole.path(), &config);
    run(&whole, begun(&model, &config), batches(), Measures, &Arc::default()).unwrap();
    for steps in 1..=5 {
        let parts = tempfile::tempdir().unwrap();
        let parts = folder(parts.path(), &config);
        let stop = Arc::new(Stop::default());
        let until = Until { batches: batches(), steps, stop: Arc::clone(&stop), is_broken: false };
        let (_, ending) = run(&parts, begun(&model, &config), until, Measures, &stop).unwrap();
        assert_eq!((ending, saved(&parts).last()), (Ending::Stopped, Some(&steps)));
        let trainer = resumed(&parts, None, &config);
        assert_eq!(trainer.state().due, [2, 4, 5].contains(&steps), "the evaluation was left for later");
        let (_, ending) = run(&parts, trainer, batches(), Measures, &Arc::default()).unwrap();
        assert_eq!(ending, Ending::Complete);
        let read = |folder: &RunFolder| fs::read_to_string(folder.metrics()).unwrap();
        assert_eq!(read(&whole), read(&parts), "stopped after {steps}");
        let timings = fs::read_to_string(parts.timings()).unwrap();
        let timings: Vec<Timing> = timings.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(timings.iter().map(|timing| timing.step).collect::<Vec<_>>(), [2, 4, 5]);
    }
}

#[test]
fn later_checkpoints_go_only_when_there_is_a_new_one() {
    let parent = tempfile::tempdir().unwrap();
    let config = TrainingConfig { steps: Some(6), ..endless() };
    let folder = folder(parent.path(), &config);
    run(&folder, begun(&model(), &config), batches(), Measures, &Arc::default()).unwrap();
    let metrics = fs::read(folder.metrics()).unwrap();
    assert_eq!(saved(&folder), [2, 4, 6]);
    let until = Until { batches: batches(), steps: 2, stop: Arc::default(), is_broken: true };
    let result = run(&folder, resumed(&folder, Some(2), &config), until, Measures, &Arc::default());
    assert!(result.is_err());
    assert_eq!(saved(&folder), [2, 4, 6]);
    assert!(fs::read(folder.metrics()).unwrap() == metrics);
    run(&folder, resumed(&folder, Some(2), &config), batches(), Measures, &Arc::default()).unwrap();
    assert_eq!(saved(&folder), [2, 4, 6], "the same steps once more");
    assert!(fs::read(folder.metrics()).unwrap() == metrics);
    let stop = Arc::new(Stop::default());
    let until = Until { batches: batches(), steps: 1, stop: Arc::clone(&stop), is_broken: false };
    run(&folder, resumed(&folder, Some(2), &config), until, Measures, &stop).unwrap();
    assert_eq!(saved(&folder), [2, 3]);
    let lines = fs::read_to_string(folder.metrics()).unwrap().lines().count();
    assert_eq!(lines, 4, "three steps and an evaluation");
}

#[test]
fn broken_weights_are_noticed() {
    let mut layer = LinearConfig::new(3, 2).init(&Device::flex());
    assert!(is_finite(&layer));
    for broken in [f64::NAN, f64::INFINITY] {
        layer.weight = Param::from_tensor(layer.weight.val().ones_like() * broken);
        assert!(!is_finite(&layer));
    }
}

/// The data end in the middle between two evaluations.
struct Ended(CopyBatches, usize);

impl Source for Ended {
    fn next(&mut self) -> Result<Batch> {
        self.1 = self.1.checked_sub(1).context("there are no more data")?;
        self.0.next()
    }

    fn position(&self) -> Position {
        self.0.position()
    }

    fn epochs(&self) -> f64 {
        self.0.epochs()
    }

    fn seek(&mut self, position: Position) {
        self.0.seek(position);
    }
}

#[test]
fn however_rarely_a_model_is_evaluated_its_steps_are_saved() {
    let parent = tempfile::tempdir().unwrap();
    let config = TrainingConfig { evaluate: Interval::Steps(100), ..endless() };
    let folder = folder(parent.path(), &config);
    let (trainer, source, stop) = (begun(&model(), &config), Ended(batches(), 5), Arc::default());
    let session = Session {
        trainer,
        source,
        examiner: Measures,
        folder: &folder,
        progress: (),
        stop,
        guessing: 2.0,
        at_risk: 0.0,
    };
    assert!(session.run().is_err());
    assert_eq!(saved(&folder), [0, 5], "the one between takes the place of the one before");
}
