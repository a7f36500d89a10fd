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

use super::files::{Record, write, write_drawn};
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
    type Results: Serialize + DeserializeOwned + 'static;
    /// What the report is made by, one after the other: checks, figures, texts. An experiment that has a
    /// [`report`](Self::report) of its own needs none.
    const PARTS: &'static [fn(&Self::Results, &mut Report)] = &[];
    /// Arguments that `lab book` carries it out with: more seeds, say, than a reader would wait for.
    const BOOK: &'static [&'static str] = &[];

    /// Measures. The seed and the arguments decide the results; nothing is printed or written.
    ///
    /// # Errors
    ///
    /// If an argument makes no sense, or a file that it names can't be used.
    fn measure(&self, lab: &Lab) -> Result<Self::Results>;

    /// What follows from the results: checks, figures, pieces and sentences.
    fn report(results: &Self::Results) -> Report {
        let mut report = Report::default();
        Self::PARTS.iter().for_each(|part| part(results, &mut report));
        report
    }
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
    book: &'static [&'static str],
    add_args: fn(Command) -> Command,
    carry_out: fn(&ArgMatches, &Setup) -> Result<Outcome>,
    reread: fn(&str) -> Result<Report>,
}

impl Entry {
    /// The entry of an experiment.
    #[must_use]
    pub const fn of<E: Experiment>() -> Self {
        Self {
            name: E::NAME,
            summary: E::SUMMARY,
            book: E::BOOK,
            add_args: E::augment_args,
            carry_out: carry_out::<E>,
            reread: reread::<E>,
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

    /// The arguments of what the book shows.
    pub(crate) fn of_the_book(&self) -> Parsed<ArgMatches> {
        self.command().try_get_matches_from([&[self.name], self.book].concat())
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

    /// Writes the figures and pieces anew that follow from what the `results.json` in a folder holds.
    ///
    /// # Errors
    ///
    /// If there is none, it is none of this experiment's, or the folder can't be written.
    pub(crate) fn redraw(&self, folder: &Path) -> Result<()> {
        let path = folder.join("results.json");
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        write_drawn(&self.reread(&text)?, folder)
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

fn reread<E: Experiment>(text: &str) -> Result<Report> {
    #[derive(Deserialize)]
    struct Stored<R> {
        results: R,
    }
    let stored: Stored<E::Results> =
        serde_json::from_str(text).with_context(|| format!("these are no results of {}", E::NAME))?;
    Ok(E::report(&stored.results))
}
