//! How every new run begins.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use super::dry_run::{About, dry_run};
use crate::cli::flags::Place;
use crate::device::{DeviceName, open_all};
use crate::run::config::RunConfig;
use crate::run::folder::RunFolder;
use crate::run::memory::{Need, Stage};
use crate::tasks::again::Again;
use crate::tasks::harness::Training;
use crate::tasks::train::train;

/// Prints a plan as a file of settings.
pub(super) fn print(plan: &impl Serialize, output: &mut impl Write) -> Result<ExitCode> {
    write!(output, "{}", toml::to_string(plan)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Makes a run folder and trains. `prepare` makes what training needs beside the configuration, such as vocabularies, and
/// `save` keeps it; an older run in the folder is there until `prepare` has succeeded.
pub(super) fn begin<T>(
    new: &New<'_, impl Serialize>,
    prepare: impl FnOnce() -> Result<T>,
    save: impl FnOnce(&RunFolder, T) -> Result<()>,
    output: &mut impl Write,
) -> Result<ExitCode> {
    let New { out, place, plan, config, names } = *new;
    let need = Need::to_train(config, names, Stage::New);
    if place.dry_run {
        let settings = &toml::to_string(plan)?;
        return dry_run(&About { settings, config, need, state: None }, output);
    }
    need.map_or(Ok(()), |need| need.check())?;
    let devices = open_all(names)?;
    let folder = RunFolder::claim(out, place.force)?;
    let task = config.task.with_corpus(|task| Ok(task.placed(out)))?;
    let config = &RunConfig { task, ..config.clone() };
    let prepared = folder.begin(config, Some(&toml::to_string(plan)?), prepare)?;
    save(&folder, prepared)?;
    let display = place.look.display();
    let again = Again::new(out, place.look.retry, names, display);
    train(Training { folder: &folder, config, devices: &devices, display, again, output }, None)
}

/// A run that is about to be.
#[derive(Clone, Copy)]
pub(super) struct New<'a, P> {
    pub(super) out: &'a Path,
    pub(super) place: &'a Place,
    /// Its settings.
    pub(super) plan: &'a P,
    /// What they come to.
    pub(super) config: &'a RunConfig,
    pub(super) names: &'a [DeviceName],
}
