//! `train lm`: trains a language model.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;

use super::begin::{New, begin, print};
use crate::cli::lm::{LmArgs, LmPlan};
use crate::data::corpus::{Corpus, Split, warn_of_overlap};
use crate::data::dataset::check_context;
use crate::data::vocabulary::{BOS, EOS};
use crate::device::{DeviceName, joined};
use crate::run::config::{CorpusTask, ModelConfig, RunConfig, Task, Versions};
use crate::tasks::lm::learn;

/// Makes a run folder, learns the vocabulary, and trains.
///
/// # Errors
///
/// If a setting makes no sense, or the corpus or the run folder can't be used.
pub(crate) fn language_model(
    args: &LmArgs,
    names: &[DeviceName],
    output: &mut impl Write,
) -> Result<ExitCode> {
    let LmArgs { out, data, place, flags } = args;
    let plan = LmPlan::resolve(flags, place.config.as_deref())?;
    if place.print_config {
        return print(&plan, output);
    }
    let corpus = Corpus::find(&plan.corpus, data)?;
    drop(corpus.texts(Split::Valid)?); // a corpus without validation is refused before anything is made
    warn_of_overlap(&corpus, &corpus, &[Split::Valid, Split::Test])?;
    check_context(plan.context)?;
    let task = CorpusTask { source: None, target: None, ..CorpusTask::of(&corpus, plan.context)? };
    let mut config = RunConfig {
        task: Task::Lm(task),
        model: ModelConfig::Language(plan.model()),
        bos: BOS,
        eos: Some(EOS),
        training: Some(plan.training()),
        device: Some(joined(names)),
        versions: Versions::current(),
    };
    plan.beginning().complete(&mut config, out)?;
    config.validate()?;
    let new = New { out, place, plan: &plan, config: &config, names };
    let prepare = || learn(&corpus, &config);
    begin(&new, prepare, |folder, vocabulary| folder.save_shared(&vocabulary), output)
}
