//! What each command does: a file for each, by its name.

mod attention;
mod attention_map;
mod average;
mod begin;
mod bench;
mod bench_line;
mod bench_text;
mod copy;
mod data;
mod decode;
mod devices;
mod dry_run;
mod eval;
mod export;
mod generate;
mod import;
mod info;
mod lm;
mod plot;
mod resume;
mod runs;
mod runs_plot;
mod score;
#[cfg(feature = "remote")]
mod serve_device;
mod settings;
mod surprisal;
mod surprisal_plot;
mod translate;
mod translate_text;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::cli::using::{DecodeArgs, EvalArgs};
use crate::cli::{Cli, Command};
#[cfg(feature = "remote")]
use crate::device::Serving;
use crate::device::{DeviceName, heart};
use crate::run::folder::RunFolder;
use crate::tasks::decoding::DecodePlan;

use self::eval::EvalPlan;

/// Carries out a command.
///
/// # Errors
///
/// Whatever the command could not do.
pub(crate) fn run(cli: Cli, output: &mut impl Write) -> Result<ExitCode> {
    heart::set_patience(Duration::from_secs(cli.timeout));
    kernels::set_enabled(!cli.textbook);
    round(&cli)?;
    let device = || cli.device.first().unwrap_or(&DeviceName::Flex).open();
    let open = |run: &Path| RunFolder::open(run);
    match cli.command {
        Command::Copy(args) => return copy::copy(&args, &cli.device, output),
        Command::Translate(args) => return translate::translate(&args, &cli.device, output),
        Command::Lm(args) => return lm::language_model(&args, &cli.device, output),
        Command::Resume { run, change, dry_run: true, .. } => {
            return resume::dry_resume(&run, &change, &cli.device, output);
        }
        Command::Resume { run, change, dry_run: false, look } => {
            return resume::resume(&run, &change, look, &cli.device, output);
        }
        Command::Data(args) => data::run(&args.command, &args.data, output)?,
        Command::TranslateText(args) => {
            return translate_text::run(&open(&args.run)?, &args, &device()?, output);
        }
        Command::Generate(args) => {
            generate::run(&open(&args.run)?, &args.prompt, &args.generation(), &device()?, output)?
        }
        Command::Eval(EvalArgs { run, split, corpus, data, limit, beam, alpha, json, exactness: _ }) => {
            let decoding = DecodePlan { beam, alpha, json, ..DecodePlan::greedy() };
            decoding.validate()?;
            let plan = EvalPlan { split, corpus, limit, decoding };
            eval::run(&open(&run)?, &plan, &data, &device()?, output)?;
        }
        Command::Attention { run, text, target, out } => {
            let (target, out) = (target.as_deref(), out.as_deref());
            attention::run(&open(&run)?, &text, target, out, &device()?, output)?
        }
        Command::Surprisal { run, text, json, plot } => {
            surprisal::run(&open(&run)?, &text, json, plot.as_deref(), &device()?, output)?
        }
        Command::Average { run, averaging, out, force } => {
            average::run(&run, averaging, &out, force, output)?
        }
        Command::Runs { folder } => runs::run(&folder, output)?,
        #[cfg(feature = "remote")]
        Command::ServeDevice { listen, token_file, idle, shared } => {
            let idle = Duration::from_secs(60 * idle);
            let serving = Serving { listen, token_file, idle, shared };
            serve_device::run(device()?, &serving, output)?;
        }
        Command::Devices => devices::run(output)?,
        Command::Decode(args) => {
            let DecodeArgs { run, src, json, beam, alpha, max_new, ignore_eos, exactness: _ } = args;
            let plan = DecodePlan { beam, alpha, n_best: 1, max_new, ignore_eos, json, src };
            decode::run(&plan, &open(&run)?, &device()?, output)?;
        }
        Command::Score { run, json, exactness: _ } => score::run(&open(&run)?, json, &device()?, output)?,
        Command::Info { run, json } => info::run(&open(&run)?, json, output)?,
        Command::Import(args) => import::run(&args, output)?,
        Command::Plot { runs, noise: true, out } => plot::noise(&runs, out.as_deref(), output)?,
        Command::Plot { runs, noise: false, out } => plot::run(&runs, out.as_deref(), output)?,
        Command::Export(args) => export::run(&args, output)?,
        Command::Bench(args) => bench::bench(&args, &device()?, output)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Lets models compute with eight bits, if that is wanted and can be.
fn round(cli: &Cli) -> Result<()> {
    let wanted = cli.command.exactness().int8;
    let device = cli.device.first().unwrap_or(&DeviceName::Flex);
    ensure!(
        !wanted || *device == DeviceName::Flex,
        "--int8 is for the processor: expected --device flex, found {device}"
    );
    ensure!(
        !wanted || !cli.textbook,
        "--int8 is not in the book: expected either it or --textbook, found both"
    );
    kernels::set_eight_bits(wanted);
    Ok(())
}
