//! `train translate`: trains an encoder-decoder model to translate.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;

use super::begin::{New, begin, print};
use crate::cli::translate::{TranslateArgs, TranslatePlan};
use crate::data::corpus::{Corpus, Split, warn_of_overlap};
use crate::data::vocabulary::{BOS, EOS};
use crate::device::{DeviceName, joined};
use crate::run::config::{CorpusTask, ModelConfig, RunConfig, Task, Versions};
use crate::tasks::translate::{check_pairs, learn, save};

/// Makes a run folder, learns the vocabulary, and trains.
///
/// # Errors
///
/// If a setting makes no sense, or the corpus or the run folder can't be used.
pub(crate) fn translate(
    args: &TranslateArgs,
    names: &[DeviceName],
    output: &mut impl Write,
) -> Result<ExitCode> {
    let TranslateArgs { out, data, place, flags } = args;
    let plan = TranslatePlan::resolve(flags, place.config.as_deref())?;
    if place.print_config {
        return print(&plan, output);
    }
    let corpus = Corpus::find(&plan.corpus, data)?;
    drop(corpus.pairs(Split::Valid)?); // a corpus without validation is refused before anything is made
    warn_of_overlap(&corpus, &corpus, &[Split::Valid, Split::Test])?;
    let mut config = RunConfig {
        task: Task::Translate(CorpusTask::of(&corpus, plan.max_length)?),
        model: ModelConfig::Transformer(plan.model()),
        bos: BOS,
        eos: Some(EOS),
        training: Some(plan.training()),
        device: Some(joined(names)),
        versions: Versions::current(),
    };
    plan.beginning().complete(&mut config, out)?;
    config.validate()?;
    let new = New { out, place, plan: &plan, config: &config, names };
    let prepare = || {
        let learnt = learn(&corpus, &config)?;
        check_pairs(&corpus, &learnt, plan.max_length)?;
        Ok(learnt)
    };
    begin(&new, prepare, |folder, learnt| save(&learnt, folder, &config), output)
}
