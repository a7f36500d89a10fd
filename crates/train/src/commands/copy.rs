//! `train copy`: trains on the copy task and measures the result.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;

use super::begin::{New, begin, print};
use super::resume::resume;
use crate::cli::copy::{CopyArgs, CopyPlan};
use crate::cli::flags::Change;
use crate::data::copy::BOS;
use crate::device::{DeviceName, joined};
use crate::run::config::{ModelConfig, RunConfig, Task, Versions};

/// Trains, and tells how well the model copies afterwards.
///
/// # Errors
///
/// If a setting makes no sense, or the run folder can't be used.
pub(crate) fn copy(args: &CopyArgs, names: &[DeviceName], output: &mut impl Write) -> Result<ExitCode> {
    let CopyArgs { out, place, flags, .. } = args;
    if let Some(run) = &args.resume {
        let change = Change { end: flags.end, ..Change::default() };
        return resume(run, &change, place.look, names, output);
    }
    let plan = CopyPlan::resolve(flags, place.config.as_deref())?;
    let mut config = RunConfig {
        task: Task::Copy(plan.task()),
        model: ModelConfig::Transformer(plan.model()),
        bos: BOS,
        eos: None,
        training: Some(plan.training()?),
        device: Some(joined(names)),
        versions: Versions::current(),
    };
    plan.beginning().complete(&mut config, out)?;
    config.validate()?;
    if place.print_config {
        return print(&plan, output);
    }
    let new = New { out, place, plan: &plan, config: &config, names };
    begin(&new, || Ok(()), |_, ()| Ok(()), output)
}
