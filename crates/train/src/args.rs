//! The command line: arguments are parsed here, checked, and handed to the command's own module.

mod using;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, Subcommand};

use using::{DecodeArgs, EvalArgs, ImportArgs, TranslateArgs};

use crate::average::{self, Averaging};
use crate::bench::{self, BenchArgs};
use crate::copy::command::{CopyArgs, copy};
use crate::corpus::{self, DataArgs};
use crate::decode::{self, DecodePlan};
use crate::device::DeviceName;
use crate::eval::EvalPlan;
use crate::generate::Generation;
use crate::resume::Change;
use crate::run_folder::RunFolder;
use crate::settings::RunArgs;
use crate::{
    attention, device, eval, figures, generate, info, lm, plot, resume, runs, score, surprisal, translate,
    translate_text,
};

/// What bad input ends with, as clap's own errors do.
const BAD_INPUT: u8 = 2;

/// Trains a Transformer, and puts a trained one to use.
#[derive(Debug, Parser)]
#[command(name = "train", version, max_term_width = 100)]
struct Cli {
    /// Device to compute on: flex (default) or ndarray; tch, tch:cuda:N, cuda, cuda:N or wgpu if built with that
    /// feature; remote:ws://HOST:PORT for what `train serve-device` serves elsewhere. `train devices` tells which there are.
    /// Training takes several, separated by commas: each computes a part of every step.
    #[arg(long, visible_alias = "devices", global = true, value_name = "NAME", value_delimiter = ',')]
    device: Vec<DeviceName>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Learn to copy sequences of symbols, the first task of The Annotated Transformer.
    Copy(CopyArgs),
    /// Learn to translate.
    Translate(Box<RunArgs>),
    /// Learn to go on with a text.
    Lm(Box<RunArgs>),
    /// Go on with a run that was stopped or killed.
    Resume {
        /// Run folder.
        run: PathBuf,
        /// What is to change.
        #[command(flatten)]
        change: Change,
    },
    /// Add, list and show corpora.
    Data(DataArgs),
    /// Translate lines of text.
    TranslateText(TranslateArgs),
    /// Let a language model write.
    Generate {
        /// Run folder of the model.
        run: PathBuf,
        /// What the text begins with.
        #[arg(long, default_value = "")]
        prompt: String,
        /// How to write.
        #[command(flatten)]
        generation: Generation,
    },
    /// Measure a model on a split of its corpus: NLL, perplexity, bits per byte, BLEU.
    Eval(EvalArgs),
    /// Draw what a translation looks at: a map for every layer, with all heads.
    Attention {
        /// Run folder of the model.
        run: PathBuf,
        /// The sentence to translate.
        #[arg(long)]
        text: String,
        /// Its translation [default: what the model writes].
        #[arg(long)]
        target: Option<String>,
        /// Folder to write to [default: attention in the run folder].
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
    /// How surprising each word of a text is to a language model, in bits.
    Surprisal {
        /// Run folder of the model.
        run: PathBuf,
        /// The text.
        #[arg(long)]
        text: String,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        /// Draw it.
        #[arg(long, value_name = "FILE.svg")]
        plot: Option<PathBuf>,
    },
    /// Average the weights of the last checkpoints of a run.
    Average {
        /// Run folder.
        run: PathBuf,
        /// How many, and how to store the mean.
        #[command(flatten)]
        averaging: Averaging,
        /// Run folder to make.
        #[arg(long, value_name = "RUN")]
        out: PathBuf,
        /// Replace the run that is there already.
        #[arg(long)]
        force: bool,
    },
    /// List runs.
    Runs {
        /// Folder to look in.
        #[arg(default_value = "runs")]
        folder: PathBuf,
    },
    /// Serve this machine's device to other processes: `--device remote:ws://HOST:PORT` there computes here.
    #[cfg(feature = "remote")]
    ServeDevice {
        /// Where to listen. There is no encryption: use it in a network that you trust.
        #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:3000")]
        listen: String,
    },
    /// List devices: what this build has, and how to get the others.
    Devices,
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
    /// Plot loss, learning rate and BLEU of a run as SVG, or of several over each other.
    Plot {
        /// Run folders.
        #[arg(required = true, value_name = "RUN")]
        runs: Vec<PathBuf>,
        /// File to write [default: plot.svg in the first run folder].
        #[arg(long, value_name = "FILE.svg")]
        out: Option<PathBuf>,
    },
    /// Time training or decoding and print one JSON line; `cargo xtask bench` compares it with PyTorch.
    Bench(BenchArgs),
    /// Write the book's figures as SVG: positions, masks, label smoothing, learning rates.
    Figures {
        /// Folder to write to.
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
}

/// Runs the program. Errors end in one line on standard error and exit code 2.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return explain(&error),
    };
    // Not locked: what serves a device logs from threads of its own.
    let output = &mut io::stdout();
    match cli.run(output).and_then(|code| Ok(output.flush().map(|()| code)?)) {
        Ok(code) => code,
        // Whoever read the output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {}", one_line(&format!("{error:#}"))));
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
        complain(
            "error: --resume goes on with the settings of the run; only --steps and --device can be given with it",
        );
        return ExitCode::from(BAD_INPUT);
    }
    let text = error.render().to_string();
    let telling =
        text.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    complain(&format!("{} (see --help)", one_line(&telling.collect::<Vec<_>>().join(" "))));
    ExitCode::from(BAD_INPUT)
}

/// Writes a line to standard error. If that is closed nobody listens, which is no reason to panic, as `eprintln!` does.
fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
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
        let device = || self.device.first().unwrap_or(&DeviceName::Flex).open();
        let open = |run: &Path| RunFolder::open(run);
        match self.command {
            Command::Copy(args) => return copy(&args, &self.device, output),
            Command::Translate(args) => return translate::translate(&args, &self.device, output),
            Command::Lm(args) => return lm::language_model(&args, &self.device, output),
            Command::Resume { run, change } => return resume::resume(&run, &change, &self.device, output),
            Command::Data(args) => corpus::run(&args.command, &args.data, output)?,
            Command::TranslateText(TranslateArgs { run, text, json, beam, alpha }) => {
                let plan = DecodePlan { beam, alpha, json, src: text, ..DecodePlan::greedy() };
                translate_text::run(&open(&run)?, &plan, &device()?, io::stdin().lock(), output)?;
            }
            Command::Generate { run, prompt, generation } => {
                generate::run(&open(&run)?, &prompt, &generation, &device()?, output)?
            }
            Command::Eval(EvalArgs { run, split, corpus, data, limit, beam, alpha, json }) => {
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
            Command::ServeDevice { listen } => device::serve(device()?, &listen, output)?,
            Command::Devices => device::list(output)?,
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
            Command::Plot { runs, out } => plot::run(&runs, out.as_deref(), output)?,
            Command::Bench(args) => bench::bench(&args, &device()?, output)?,
            Command::Figures { out } => figures::run(&out)?,
        }
        Ok(ExitCode::SUCCESS)
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
