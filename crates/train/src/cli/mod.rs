//! The command line: what was said, checked, as plans with nothing left open. What comes of it is up to the commands.

pub(crate) mod beginning;
pub(crate) mod bench;
pub(crate) mod copy;
pub(crate) mod data;
pub(crate) mod flags;
pub(crate) mod lm;
mod plan;
mod resolve;
pub(crate) mod translate;
pub(crate) mod using;
pub(crate) mod values;

use std::any::TypeId;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use self::bench::BenchArgs;
use self::copy::CopyArgs;
use self::data::DataArgs;
use self::flags::{Change, Look};
use self::lm::LmArgs;
use self::resolve::with_defaults;
use self::translate::TranslateArgs;
use self::using::{
    Averaging, DecodeArgs, EvalArgs, Exactness, ExportArgs, GenerateArgs, ImportArgs, TranslateTextArgs,
};
use crate::device::DeviceName;

/// Trains a Transformer, and puts a trained one to use.
#[derive(Debug, Parser)]
#[command(name = "train", version, max_term_width = 100)]
pub(crate) struct Cli {
    /// Device to compute on: flex (default) or ndarray; tch, tch:cuda:N, cuda, cuda:N or wgpu if built with that
    /// feature; remote:ws://HOST:PORT for what `train serve-device` serves elsewhere, whose token is in TRAIN_TOKEN or
    /// before the host, as in ws://TOKEN@HOST:PORT. `train devices` tells which there are.
    /// Training takes several, separated by commas: each computes a part of every step.
    #[arg(long, visible_alias = "devices", global = true, value_name = "NAME", value_delimiter = ',')]
    pub(crate) device: Vec<DeviceName>,
    /// Seconds without any answer after which a device of another process counts as lost. What it computes may take
    /// longer.
    #[arg(long, global = true, value_name = "SECONDS", default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,
    /// Compute as the book shows it, operation by operation, instead of by the faster fused operations of the default device.
    /// Only the last digits differ. Use it when you change the model's code.
    #[arg(long, global = true)]
    pub(crate) textbook: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Learn to copy sequences of symbols, the first task of The Annotated Transformer.
    Copy(Box<CopyArgs>),
    /// Learn to translate.
    Translate(Box<TranslateArgs>),
    /// Learn to go on with a text.
    Lm(Box<LmArgs>),
    /// Go on with a run that was stopped or killed; one that is finished is left as it is, which is no error.
    Resume {
        /// Run folder.
        run: PathBuf,
        /// What is to change.
        #[command(flatten)]
        change: Change,
        /// Print all settings, how much is left, how much memory it needs and how much there is; change nothing.
        #[arg(long)]
        dry_run: bool,
        /// How to show training.
        #[command(flatten)]
        look: Look,
    },
    /// Add, list and show corpora.
    Data(DataArgs),
    /// Translate lines of text.
    TranslateText(TranslateTextArgs),
    /// Let a language model write.
    Generate(GenerateArgs),
    /// Measure a model on a split of its corpus: NLL, perplexity, bits per byte, BLEU.
    Eval(EvalArgs),
    /// Draw what a translation or a copy looks at: a map for every layer, with all heads.
    Attention {
        /// Run folder of the model.
        run: PathBuf,
        /// The sentence to translate; of the copy task, its symbols, such as "1 4 2 3".
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
        /// File with the token that clients must know [default: what TRAIN_TOKEN holds, or a new one, which is printed].
        #[arg(long, value_name = "FILE")]
        token_file: Option<PathBuf>,
        /// Minutes after which a session is ended in which nothing happens.
        #[arg(long, value_name = "MINUTES", default_value_t = 30,
            value_parser = clap::value_parser!(u64).range(1..=100_000))]
        idle: u64,
        /// Serve several sessions at once. With dropout, none of them can be repeated: they share a random generator.
        #[arg(long)]
        shared: bool,
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
        /// How exactly to compute.
        #[command(flatten)]
        exactness: Exactness,
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
        /// Plot how the noise scale of one run went, which was trained with --accumulate 2 or more.
        #[arg(long)]
        noise: bool,
        /// File to write [default: plot.svg in the first run folder, or noise.svg].
        #[arg(long, value_name = "FILE.svg")]
        out: Option<PathBuf>,
    },
    /// Write the steps and evaluations of a run as a table that other programs read.
    Export(ExportArgs),
    /// Time training or decoding and print one JSON line; `cargo xtask bench` compares it with PyTorch.
    Bench(BenchArgs),
}

impl Command {
    /// How exactly a model is to compute.
    pub(crate) fn exactness(&self) -> Exactness {
        match self {
            Self::TranslateText(args) => args.exactness,
            Self::Generate(args) => args.exactness,
            Self::Eval(args) => args.exactness,
            Self::Decode(args) => args.exactness,
            Self::Score { exactness, .. } => *exactness,
            Self::Bench(args) => args.exactness,
            _ => Exactness::default(),
        }
    }
}

/// What to do instead, where the arguments are no command.
#[derive(Debug)]
pub(crate) enum Instead {
    /// Print this help; it was asked for.
    Help(clap::Error),
    /// Print this help; there was no command.
    Hint(clap::Error),
    /// Say in one line what is wrong.
    Complain(String),
}

/// Parses arguments.
///
/// # Errors
///
/// If they are no command.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, Instead> {
    let matches = command().try_get_matches_from(args);
    matches.and_then(|matches| Cli::from_arg_matches(&matches)).map_err(instead)
}

/// The command line, whose help shows the defaults of training.
fn command() -> clap::Command {
    let command = Cli::command()
        .mut_subcommand("copy", with_defaults)
        .mut_subcommand("translate", with_defaults)
        .mut_subcommand("lm", with_defaults);
    with_negative_numbers(command)
}

/// Takes what begins with a hyphen for the value of a flag that wants a number, so that one which mustn't be negative is
/// refused under the flag's name.
fn with_negative_numbers(command: clap::Command) -> clap::Command {
    let numbers = [TypeId::of::<f64>(), TypeId::of::<usize>(), TypeId::of::<u64>(), TypeId::of::<u32>()];
    let wants_number = |arg: &clap::Arg| {
        let found = arg.get_value_parser().type_id();
        !arg.is_positional() && numbers.iter().any(|number| found == *number)
    };
    let command =
        command.mut_args(|arg| if wants_number(&arg) { arg.allow_hyphen_values(true) } else { arg });
    command.mut_subcommands(with_negative_numbers)
}

/// Help goes out as it is; of an error, clap's usage text is left away.
fn instead(error: clap::Error) -> Instead {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return Instead::Help(error),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return Instead::Hint(error),
        ErrorKind::ArgumentConflict if names(&error, "--resume") => {
            let rule = "--resume goes on with the settings of the run; only what ends it and --device can be given with it";
            return Instead::Complain(rule.to_owned());
        }
        _ => {}
    }
    let text = error.render().to_string();
    let telling =
        text.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let line = one_line(&telling.collect::<Vec<_>>().join(" "));
    Instead::Complain(format!("{} (see --help)", line.trim_start_matches("error: ")))
}

fn names(error: &clap::Error, argument: &str) -> bool {
    let value = error.get(ContextKind::InvalidArg);
    matches!(value, Some(ContextValue::String(text)) if text.starts_with(argument))
}

/// Words with one space between them.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        command().debug_assert();
    }

    #[test]
    fn every_command_has_a_file_of_its_name() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands");
        for subcommand in command().get_subcommands() {
            let file = folder.join(format!("{}.rs", subcommand.get_name().replace('-', "_")));
            assert!(file.is_file(), "{} is missing", file.display());
        }
    }

    #[test]
    fn errors_become_one_line() {
        assert_eq!(one_line("error: a\n\n  tip: b\n"), "error: a tip: b");
    }
}
