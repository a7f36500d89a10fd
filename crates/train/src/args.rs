//! The command line: arguments are parsed here, checked, and handed to the command's own module.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, Subcommand};

use crate::bench::{self, BenchArgs};
use crate::copy::command::{CopyArgs, copy};
use crate::decode::{self, DecodePlan};
use crate::device::DeviceName;
use crate::import::{self, ImportPlan};
use crate::run_folder::RunFolder;
use crate::{figures, info, plot, score};

/// What bad input ends with, as clap's own errors do.
const BAD_INPUT: u8 = 2;

/// Trains a Transformer, and puts a trained one to use.
#[derive(Debug, Parser)]
#[command(name = "train", version, max_term_width = 100)]
struct Cli {
    /// Device to compute on: flex (default) or ndarray; libtorch, cuda, cuda:N or wgpu if built with that feature.
    #[arg(long, global = true, value_name = "NAME")]
    device: Option<DeviceName>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Learn to copy sequences of symbols, the first task of The Annotated Transformer.
    Copy(CopyArgs),
    /// Let a trained model write: sources in (token ids), targets out.
    Decode(DecodeArgs),
    /// Score given targets: JSON lines {"src":[ids],"tgt":[ids]} in, log-probabilities out.
    Score {
        /// Run folder of the model.
        run: PathBuf,
        /// Print JSON lines {"log_probs":[...],"nll":...,"bits":...}.
        #[arg(long)]
        json: bool,
    },
    /// Show the module tree with shapes and parameter counts.
    Info {
        /// Run folder of the model.
        run: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Make a run folder from weights of The Annotated Transformer (PyTorch).
    Import(ImportArgs),
    /// Plot the loss and the learning rate of a run as SVG.
    Plot {
        /// Run folder.
        run: PathBuf,
        /// File to write.
        #[arg(long, value_name = "FILE.svg")]
        out: PathBuf,
    },
    /// Time greedy decoding and print one JSON line; `cargo xtask bench decode` compares it with PyTorch.
    Bench(BenchArgs),
    /// Write the book's figures as SVG: positions, masks, label smoothing, learning rates.
    Figures {
        /// Folder to write to.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct DecodeArgs {
    /// Run folder of the model.
    run: PathBuf,
    /// The source, such as "1 2 3". Without it, sources are read from standard input, one a line.
    #[arg(long, value_name = "IDS")]
    src: Option<String>,
    /// Read JSON lines {"src":[ids]} and print {"ids":[...],"score":...}: ids after BOS and their log-probability in
    /// nats. (Beam search ranks by "ranking", which is the score over the length penalty.)
    #[arg(long)]
    json: bool,
    /// Hypotheses kept by beam search; 1 is greedy decoding.
    #[arg(long, value_name = "K", default_value_t = 1)]
    beam: usize,
    /// Strength of beam search's length penalty.
    #[arg(long, default_value_t = 0.6)]
    alpha: f64,
    /// Tokens to write at most [default: what is left to copy, or 50 more than the source has].
    #[arg(long, value_name = "N")]
    max_new: Option<usize>,
    /// Write on after the token that ends a sentence.
    #[arg(long)]
    ignore_eos: bool,
}

#[derive(Debug, clap::Args)]
struct ImportArgs {
    /// Weights under The Annotated Transformer's names: .pt or .safetensors.
    weights: PathBuf,
    /// Sizes of the model, as JSON: n_layers, d_model, d_ff, n_heads, src_vocab, tgt_vocab, norm ("pre" or "post"),
    /// eps, pad, bos; optionally eos, dropout, tying ("none", "decoder" or "all"), generator_bias.
    #[arg(long, value_name = "SPEC.json")]
    config: PathBuf,
    /// Run folder to make.
    #[arg(long, value_name = "RUN")]
    out: PathBuf,
    /// The weights were trained with the unbiased standard deviation in layer norm, as The Annotated Transformer
    /// does: multiply every gain by sqrt((d-1)/d) so that outputs agree. (It also adds eps to the deviation and not to
    /// the variance, which no gain can imitate; at its eps of 1e-6 the difference hardly shows.)
    #[arg(long)]
    unbiased_norm: bool,
    /// Replace the run that is there already.
    #[arg(long)]
    force: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the program. Errors end in one line on standard error and exit code 2.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    let output = &mut io::stdout().lock();
    match cli.run(output).and_then(|code| Ok(output.flush().map(|()| code)?)) {
        Ok(code) => code,
        // Whoever read the output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", one_line(&format!("{error:#}")));
            ExitCode::from(BAD_INPUT)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref().is_some_and(broken))
}

/// Help goes out as it is; of an error, clap's usage text is left away.
fn explain(error: &clap::Error) -> ExitCode {
    let help = [
        ErrorKind::DisplayHelp,
        ErrorKind::DisplayVersion,
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
    ];
    if help.contains(&error.kind()) {
        let _ = error.print();
        return if error.use_stderr() { ExitCode::from(BAD_INPUT) } else { ExitCode::SUCCESS };
    }
    if error.kind() == ErrorKind::ArgumentConflict && names(error, "--resume") {
        eprintln!(
            "error: --resume goes on with the settings of the run; only --steps and --device can be given with it"
        );
        return ExitCode::from(BAD_INPUT);
    }
    let text = error.render().to_string();
    let telling =
        text.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    eprintln!("{} (see --help)", one_line(&telling.collect::<Vec<_>>().join(" ")));
    ExitCode::from(BAD_INPUT)
}

fn names(error: &clap::Error, argument: &str) -> bool {
    let value = error.get(ContextKind::InvalidArg);
    matches!(value, Some(ContextValue::String(text)) if text.starts_with(argument))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Cli {
    fn run(self, output: &mut impl Write) -> Result<ExitCode> {
        let device = || self.device.unwrap_or(DeviceName::Flex).open();
        let open = |run: &Path| RunFolder::open(run);
        match self.command {
            Command::Copy(args) => return copy(&args, self.device, output),
            Command::Decode(args) => {
                let DecodeArgs { run, src, json, beam, alpha, max_new, ignore_eos } = args;
                let plan = DecodePlan { beam, alpha, max_new, ignore_eos, json, src };
                decode::run(&plan, &open(&run)?, &device()?, io::stdin().lock(), output)?;
            }
            Command::Score { run, json } => {
                score::run(&open(&run)?, json, &device()?, io::stdin().lock(), output)?
            }
            Command::Info { run, json } => info::run(&open(&run)?, json, output)?,
            Command::Import(args) => args.run(output)?,
            Command::Plot { run, out } => plot::run(&open(&run)?, &out)?,
            Command::Bench(args) => bench::decode(&args, &device()?, output)?,
            Command::Figures { out } => figures::run(&out)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl ImportArgs {
    fn run(&self, output: &mut impl Write) -> Result<()> {
        let folder = import::run(&ImportPlan {
            weights: &self.weights,
            spec: &self.config,
            out: &self.out,
            replace: self.force,
            unbiased_norm: self.unbiased_norm,
        })?;
        let path = folder.path().display();
        if self.json {
            writeln!(
                output,
                "{}",
                serde_json::json!({ "run": path.to_string(), "config": folder.config()? })
            )?;
        } else {
            writeln!(output, "imported {} into {path}", self.weights.display())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn errors_become_one_line() {
        assert_eq!(one_line("error: a\n\n  tip: b\n"), "error: a tip: b");
    }
}
