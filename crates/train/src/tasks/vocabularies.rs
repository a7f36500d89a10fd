//! The vocabularies of a run, which are there before its model is: it knows as many pieces as they have.

use anyhow::Result;

use super::{lm, translate};
use crate::run::checkpoint::Checkpoint;
use crate::run::config::{RunConfig, Task};
use crate::run::folder::RunFolder;
use crate::run::vocabularies::fitted;

/// Makes sure that a run has its vocabularies, and returns its configuration with a model that is as large as they are:
/// `--vocab` is only the most. Whenever the program is killed meanwhile, this is made up for by the next one.
///
/// # Errors
///
/// If the corpus can't be read, or the folder not be written.
pub(super) fn settled(folder: &RunFolder, config: &RunConfig) -> Result<RunConfig> {
    let Some(task) = config.task.corpus() else { return Ok(config.clone()) };
    if !folder.has_vocabularies() {
        let corpus = task.open(folder.path())?; // It was killed before they were saved.
        match &config.task {
            Task::Lm(_) => folder.save_shared(&lm::learn(&corpus, config)?)?,
            _ => translate::save(&translate::learn(&corpus, config)?, folder, config)?,
        }
    }
    let is_trained = !Checkpoint::list(&folder.checkpoints())?.is_empty();
    let model = if is_trained { config.model.clone() } else { fitted(folder, &config.model)? };
    let settled = RunConfig { model, ..config.clone() };
    if settled != *config {
        folder.write_config(&settled)?;
    }
    Ok(settled)
}
