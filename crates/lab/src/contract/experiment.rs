//! What an experiment is, and how it is carried out.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use clap::error::Result as Parsed;
use clap::{ArgMatches, Args, Command};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::files::{Record, write};
use super::progress::Progress;
use super::random::Random;
use super::report::Report;

/// An experiment. Its fields are the arguments that it takes besides those of all experiments.
pub trait Experiment: Args {
    /// Its name on the command line: small letters, digits and hyphens.
    const NAME: &'static str;
    /// What it shows, in less than a line: it comes after the name.
    const SUMMARY: &'static str;
    /// What is measured. It is all that the report is made of, so that `results.json` tells everything.
    type Results: Serialize + DeserializeOwned;

    /// Measures. The seed and the arguments decide the results; nothing is printed or written.
    ///
    /// # Errors
    ///
    /// If an argument makes no sense, or a file that it names can't be used.
    fn measure(&self, lab: &Lab) -> Result<Self::Results>;

    /// What follows from the results: checks, figures, pieces and sentences.
    fn report(results: &Self::Results) -> Report;
}

/// What an experiment is given.
#[derive(Debug)]
pub struct Lab {
    /// Decides everything that is random.
    pub seed: u64,
    /// What computes.
    pub device: Device,
    /// How far the experiment is.
    pub progress: Progress,
}

impl Lab {
    /// Random numbers for one use; each use has a stream of its own.
    #[must_use]
    pub fn random(&self, stream: u64) -> Random {
        Random::new(self.seed, stream)
    }
}

/// How an experiment is to be carried out.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Decides everything that is random.
    pub seed: u64,
    /// What computes.
    pub device: Device,
    /// Where figures, pieces and `results.json` go. It is made if it is not there.
    pub out: PathBuf,
}

/// What an experiment has come to. Figures and `results.json` are written.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Checks, figures and sentences.
    pub report: Report,
    /// One line: the object that `--json` prints.
    pub json: String,
}

/// An experiment in a table of different ones.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// What it shows.
    pub summary: &'static str,
    add_args: fn(Command) -> Command,
    carry_out: fn(&ArgMatches, &Setup) -> Result<Outcome>,
    reread: fn(&str) -> Result<Report>,
    redraw: fn(&Path) -> Result<()>,
}

impl Entry {
    /// The entry of an experiment.
    #[must_use]
    pub const fn of<E: Experiment>() -> Self {
        Self {
            name: E::NAME,
            summary: E::SUMMARY,
            add_args: E::augment_args,
            carry_out: carry_out::<E>,
            reread: reread::<E>,
            redraw: redraw::<E>,
        }
    }

    /// Its command, with the arguments of its own.
    #[must_use]
    pub fn command(&self) -> Command {
        (self.add_args)(Command::new(self.name).about(self.summary))
    }

    /// The arguments that it has where none is given.
    pub(crate) fn defaults(&self) -> Parsed<ArgMatches> {
        self.command().try_get_matches_from([self.name])
    }

    /// Carries it out, with the arguments of [`Self::command`].
    ///
    /// # Errors
    ///
    /// If an argument makes no sense, or the folder can't be written.
    pub fn carry_out(&self, args: &ArgMatches, setup: &Setup) -> Result<Outcome> {
        (self.carry_out)(args, setup)
    }

    /// The report that follows from what a `results.json` holds.
    ///
    /// # Errors
    ///
    /// If the text is none of this experiment's.
    pub fn reread(&self, results: &str) -> Result<Report> {
        (self.reread)(results)
    }

    /// Writes figures, pieces and checks anew, from the `results.json` that is in a folder. Nothing is measured.
    ///
    /// # Errors
    ///
    /// If there is none of this experiment, or the folder can't be written.
    pub fn redraw(&self, folder: &Path) -> Result<()> {
        (self.redraw)(folder)
    }
}

fn carry_out<E: Experiment>(args: &ArgMatches, setup: &Setup) -> Result<Outcome> {
    let experiment = E::from_arg_matches(args)?;
    let Setup { seed, ref device, ref out } = *setup;
    // Better now than in some minutes, when there is something to write.
    ensure!(out.is_dir() || !out.exists(), "cannot make the folder {}: there is a file", out.display());
    let started = Instant::now();
    let lab = Lab { seed, device: device.clone(), progress: Progress::new(E::NAME) };
    let results = experiment.measure(&lab)?;
    drop(lab);
    let report = E::report(&results);
    let seconds = started.elapsed().as_secs_f64();
    let record = Record {
        name: E::NAME,
        seed,
        seconds: None,
        results: &results,
        checks: &report.checks,
        figures: vec![],
    };
    let json = write(record, &report, out, seconds)?;
    Ok(Outcome { report, json })
}

/// What a `results.json` holds, of all that can't be made of it.
#[derive(Deserialize)]
struct Stored<R> {
    seed: u64,
    results: R,
}

fn stored<E: Experiment>(text: &str) -> Result<Stored<E::Results>> {
    serde_json::from_str(text).with_context(|| format!("these are no results of {}", E::NAME))
}

fn reread<E: Experiment>(text: &str) -> Result<Report> {
    Ok(E::report(&stored::<E>(text)?.results))
}

fn redraw<E: Experiment>(folder: &Path) -> Result<()> {
    let file = folder.join("results.json");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let Stored { seed, results } = stored::<E>(&text)?;
    let report = E::report(&results);
    let (checks, figures) = (&report.checks, vec![]);
    let record = Record { name: E::NAME, seed, seconds: None, results: &results, checks, figures };
    write(record, &report, folder, 0.0)?;
    Ok(())
}
