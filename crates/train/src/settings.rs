//! What a new run on a corpus can be told: by a file, by flags, or not at all.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use model::NormOrder;
use serde::{Deserialize, Serialize};

use crate::files::write_atomically;
use crate::training::{Interval, Schedule, TrainingConfig};

/// Where a run goes, and what it is told.
#[derive(Clone, Debug, clap::Args)]
pub struct RunArgs {
    /// Run folder to make.
    #[arg(long, value_name = "RUN")]
    pub out: PathBuf,
    /// Replace the run that is there already.
    #[arg(long)]
    pub force: bool,
    /// Folder of your own corpora.
    #[arg(long, value_name = "FOLDER", default_value = "data")]
    pub data: PathBuf,
    /// Read settings from this file, as `settings.toml` of every run; flags come before it.
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
    /// The settings.
    #[command(flatten)]
    pub settings: Settings,
}

/// The settings; those that are missing have defaults, which `settings.toml` in the run folder shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, clap::Args)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Corpus: a name that `train data list` shows, or a folder [default: ding to translate, austen for text].
    #[arg(long, help_heading = "Data")]
    pub corpus: Option<String>,
    /// Pieces of the vocabulary [default: 8000 to translate, 4000 for text].
    #[arg(long, help_heading = "Data")]
    pub vocab: Option<usize>,
    /// To translate: a vocabulary for each language instead of one for both.
    #[arg(long, help_heading = "Data", num_args = 0..=1, default_missing_value = "true")]
    pub separate_vocabularies: Option<bool>,
    /// To translate: leave out pairs with more tokens on a side [default: 100].
    #[arg(long, help_heading = "Data")]
    pub max_length: Option<usize>,
    /// For text: tokens that the model sees at once [default: 128].
    #[arg(long, help_heading = "Data")]
    pub context: Option<usize>,
    /// Layers in the encoder, and in the decoder (N) [default: 3, for text 4].
    #[arg(long, help_heading = "Model")]
    pub layers: Option<usize>,
    /// Width of the vectors between sub-layers [default: 256].
    #[arg(long, help_heading = "Model")]
    pub d_model: Option<usize>,
    /// Width inside the feed-forward network [default: 1024].
    #[arg(long, help_heading = "Model")]
    pub d_ff: Option<usize>,
    /// Attention heads [default: 4].
    #[arg(long, help_heading = "Model")]
    pub heads: Option<usize>,
    /// Probability of dropping an element [default: 0.1].
    #[arg(long, help_heading = "Model")]
    pub dropout: Option<f64>,
    /// Layer norm before each sub-layer (pre, the default) or after it (post, as in the paper).
    #[arg(long, help_heading = "Model")]
    pub norm: Option<String>,
    /// Tokens in a batch, padding included, on its wider side [default: 2048].
    #[arg(long, help_heading = "Training")]
    pub batch_tokens: Option<usize>,
    /// Batches that make a step [default: 1].
    #[arg(long, help_heading = "Training")]
    pub accumulate: Option<usize>,
    /// Steps after which training ends.
    #[arg(long, help_heading = "Training")]
    pub steps: Option<usize>,
    /// Minutes of training after which it ends, evaluations not counted [default: 30 if nothing else ends it].
    #[arg(long, help_heading = "Training")]
    pub minutes: Option<f64>,
    /// Times through the data after which it ends.
    #[arg(long, help_heading = "Training")]
    pub epochs: Option<usize>,
    /// Evaluate and save every so many steps [default: 500, unless training ends by minutes].
    #[arg(long, help_heading = "Training")]
    pub evaluate_steps: Option<usize>,
    /// Evaluate and save every so many minutes [default: a sixth of --minutes].
    #[arg(long, help_heading = "Training", conflicts_with = "evaluate_steps")]
    pub evaluate_minutes: Option<f64>,
    /// How the learning rate goes: noam (default to translate) or cosine (for text).
    #[arg(long, help_heading = "Training")]
    pub schedule: Option<String>,
    /// Factor of the Noam learning rate [default: 1].
    #[arg(long, help_heading = "Training")]
    pub lr_factor: Option<f64>,
    /// Highest learning rate of the cosine [default: 0.001].
    #[arg(long, help_heading = "Training")]
    pub lr: Option<f64>,
    /// Steps until the learning rate is highest [default: 1000, for text 200].
    #[arg(long, help_heading = "Training")]
    pub warmup: Option<usize>,
    /// Mass taken from the target [default: 0.1, for text 0].
    #[arg(long, help_heading = "Training")]
    pub label_smoothing: Option<f64>,
    /// Scale gradients down to this norm.
    #[arg(long, help_heading = "Training")]
    pub clip: Option<f64>,
    /// End after so many evaluations without an improvement.
    #[arg(long, help_heading = "Training")]
    pub patience: Option<usize>,
    /// Checkpoints to keep for being the best [default: 3].
    #[arg(long, help_heading = "Training")]
    pub keep_best: Option<usize>,
    /// Checkpoints to keep for being the last [default: 3].
    #[arg(long, help_heading = "Training")]
    pub keep_last: Option<usize>,
    /// Decides the parameters, the data and dropout [default: 1].
    #[arg(long, help_heading = "Training")]
    pub seed: Option<u64>,
}

impl Settings {
    /// Those of the file, if there is one, with the flags over them, and `defaults` under both.
    ///
    /// # Errors
    ///
    /// If the file is missing, damaged or has a field that is no setting.
    pub fn resolve(flags: &Self, file: Option<&Path>, defaults: &Self) -> Result<Self> {
        let mut file = file.map(read).transpose()?.unwrap_or_default();
        // What ends training, and when to evaluate, are alternatives: a flag comes in place of all that the file says of
        // it, and a default only comes in if nothing was said.
        if flags.steps.is_some() || flags.minutes.is_some() || flags.epochs.is_some() {
            (file.steps, file.minutes, file.epochs) = (None, None, None);
        }
        if flags.evaluate_steps.is_some() || flags.evaluate_minutes.is_some() {
            (file.evaluate_steps, file.evaluate_minutes) = (None, None);
        }
        let mut told = over(&file, flags)?;
        if told.steps.is_none() && told.minutes.is_none() && told.epochs.is_none() {
            told.minutes = Some(30.0);
        }
        if told.evaluate_steps.is_none() && told.evaluate_minutes.is_none() {
            match told.minutes {
                Some(minutes) => told.evaluate_minutes = Some(minutes / 6.0),
                None => told.evaluate_steps = Some(500),
            }
        }
        over(defaults, &told)
    }

    /// Writes them, to be read again with `--config`.
    ///
    /// # Errors
    ///
    /// If the file can't be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        write_atomically(path, toml::to_string(self)?.as_bytes())
    }

    /// The order of norms.
    ///
    /// # Errors
    ///
    /// If it has another name.
    pub fn norm_order(&self) -> Result<NormOrder> {
        crate::copy::command::norm_order(self.norm.as_deref().unwrap_or("pre"))
    }

    /// How to train.
    ///
    /// # Errors
    ///
    /// If a setting makes no sense.
    pub fn training(&self) -> Result<TrainingConfig> {
        let warmup = self.warmup.unwrap_or(1_000);
        let schedule = match self.schedule.as_deref() {
            Some("noam") | None => Schedule::Noam { factor: self.lr_factor.unwrap_or(1.0), warmup },
            Some("cosine") => Schedule::Cosine { peak: self.lr.unwrap_or(1e-3), warmup },
            Some(other) => bail!("expected noam or cosine for --schedule, found {other:?}"),
        };
        let evaluate = match (self.evaluate_steps, self.evaluate_minutes) {
            (Some(steps), _) => Interval::Steps(steps),
            (None, Some(minutes)) => Interval::Minutes(minutes),
            (None, None) => Interval::Steps(500),
        };
        let config = TrainingConfig {
            steps: self.steps,
            minutes: self.minutes,
            epochs: self.epochs,
            evaluate,
            batch_size: self.batch_tokens.unwrap_or(2_048),
            accumulate: self.accumulate.unwrap_or(1),
            schedule,
            label_smoothing: self.label_smoothing.unwrap_or(0.0),
            clip: self.clip,
            patience: self.patience,
            keep_best: self.keep_best.unwrap_or(3),
            keep_last: self.keep_last.unwrap_or(3),
            seed: self.seed.unwrap_or(1),
        };
        config.validate()?;
        Ok(config)
    }
}

fn read(path: &Path) -> Result<Settings> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} can't be used", path.display()))
}

/// `upper` where it says something, else `lower`.
fn over(lower: &Settings, upper: &Settings) -> Result<Settings> {
    let mut merged = serde_json::to_value(lower)?;
    if let (Some(merged), serde_json::Value::Object(upper)) =
        (merged.as_object_mut(), serde_json::to_value(upper)?)
    {
        merged.extend(upper.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Ok(serde_json::from_value(merged)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut Settings)) -> Settings {
        let mut settings = Settings::default();
        change(&mut settings);
        settings
    }

    #[test]
    fn flags_come_before_the_file_and_the_file_before_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, "layers = 2\nd_model = 48\nsteps = 9\n").unwrap();
        let flags = with(|s| s.layers = Some(5));
        let defaults = with(|s| (s.d_model, s.heads, s.layers) = (Some(1), Some(4), Some(1)));
        let found = Settings::resolve(&flags, Some(&path), &defaults).unwrap();
        assert_eq!((found.layers, found.d_model, found.heads), (Some(5), Some(48), Some(4)));
        assert_eq!((found.steps, found.minutes, found.evaluate_steps), (Some(9), None, Some(500)));
        found.save(&path).unwrap();
        assert_eq!(Settings::resolve(&Settings::default(), Some(&path), &defaults).unwrap(), found);
    }

    #[test]
    fn an_end_by_a_flag_comes_in_place_of_the_ends_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, "minutes = 0.5\nepochs = 3\nevaluate_minutes = 0.1\nwarmup = 7\n").unwrap();
        let resolve = |flags: &Settings| Settings::resolve(flags, Some(&path), &Settings::default()).unwrap();
        let found = resolve(&with(|s| s.steps = Some(100_000)));
        assert_eq!((found.steps, found.minutes, found.epochs), (Some(100_000), None, None));
        assert_eq!((found.evaluate_minutes, found.warmup), (Some(0.1), Some(7)));
        let found = resolve(&with(|s| s.evaluate_steps = Some(9)));
        assert_eq!((found.evaluate_steps, found.evaluate_minutes), (Some(9), None));
        assert_eq!((found.minutes, found.epochs), (Some(0.5), Some(3)));
    }

    #[test]
    fn a_field_that_is_no_setting_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, "layers = 2\ncolour = 48\n").unwrap();
        let error = Settings::resolve(&Settings::default(), Some(&path), &Settings::default()).unwrap_err();
        let message = format!("{error:#}");
        assert!(message.contains("settings.toml") && message.contains("colour"), "{message}");
    }

    #[test]
    fn training_by_the_clock_is_evaluated_by_the_clock() {
        let found = Settings::resolve(&Settings::default(), None, &Settings::default()).unwrap();
        assert_eq!((found.minutes, found.evaluate_minutes), (Some(30.0), Some(5.0)));
        let wrong = with(|s| s.schedule = Some("triangle".into()));
        assert!(wrong.training().unwrap_err().to_string().contains("\"triangle\""));
    }
}
