//! The command line: `lab list | NAME | check | book`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use train::device::DeviceName;

use crate::book::{self, BookArgs};
use crate::contract::experiment::{Entry, Outcome, Setup};
use crate::experiments::EXPERIMENTS;

/// What bad input ends with, as clap's own errors do.
const BAD_INPUT: u8 = 2;

/// What all experiments take.
#[derive(Debug, Args)]
#[command(next_help_heading = "All experiments")]
struct Common {
    /// Decides everything that is random.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Device to compute on, as `train` names them; `train devices` tells which there are.
    #[arg(long, value_name = "NAME", default_value = "flex")]
    device: DeviceName,
    /// Print one JSON object instead of sentences.
    #[arg(long)]
    json: bool,
    /// Folder for figures and results.json [default: lab, and in it a folder of the experiment's name].
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// What `lab list` takes.
#[derive(Debug, Args)]
struct ListArgs {
    /// Print one JSON object instead of lines.
    #[arg(long)]
    json: bool,
}

/// Runs the program. Errors end in one line on standard error and exit code 2; a missed check ends `lab check` with
/// 1.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Experiments are about the code that the book shows.
    kernels::set_enabled(false);
    let matches = match command(EXPERIMENTS).try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(error) => return explain(&error),
    };
    let output = &mut io::stdout().lock();
    match run(EXPERIMENTS, &matches, output).and_then(|code| Ok(output.flush().map(|()| code)?)) {
        Ok(code) => code,
        // Whoever read the output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => complain(&format!("error: {error:#}")),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref().is_some_and(broken))
}

/// Help goes out as it is; of an error, clap's usage text is left away.
fn explain(error: &clap::Error) -> ExitCode {
    use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    if matches!(error.kind(), DisplayHelp | DisplayVersion | DisplayHelpOnMissingArgumentOrSubcommand) {
        let _ = error.print(); // If nobody reads it, there is nothing left to do.
        return if error.use_stderr() { ExitCode::from(BAD_INPUT) } else { ExitCode::SUCCESS };
    }
    let text = error.render().to_string();
    let telling =
        text.lines().take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    complain(&format!("{} (see --help)", telling.collect::<Vec<_>>().join(" ")))
}

/// Writes one line to standard error. If that is closed nobody listens, which is no reason to panic.
fn complain(text: &str) -> ExitCode {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let _ = writeln!(io::stderr(), "{line}");
    ExitCode::from(BAD_INPUT)
}

fn command(table: &[Entry]) -> Command {
    // What a command does is said after its arguments are added: with them comes what their type says of itself.
    let list = ListArgs::augment_args(Command::new("list")).about("Tell which experiments there are");
    let check = Common::augment_args(Command::new("check"))
        .about("Carry out all experiments; exit with 1 if one of their checks is missed");
    let book = BookArgs::augment_args(Command::new("book"))
        .about("Write the figures and results that the book shows");
    let experiment = |entry: &Entry| Common::augment_args(entry.command()).about(entry.summary);
    Command::new("lab")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Small experiments with Transformers and their parts")
        .max_term_width(100)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(list)
        .subcommands(table.iter().map(experiment))
        .subcommand(check)
        .subcommand(book)
}

fn run(table: &[Entry], matches: &ArgMatches, output: &mut impl Write) -> Result<ExitCode> {
    let (name, args) = matches.subcommand().context("nothing to do (see --help)")?;
    match name {
        "list" => list(table, ListArgs::from_arg_matches(args)?.json, output)?,
        "check" => return check(table, &Common::from_arg_matches(args)?, output),
        "book" => book::run(table, &BookArgs::from_arg_matches(args)?, output)?,
        name => {
            let entry = table.iter().find(|entry| entry.name == name);
            one(entry.with_context(|| format!("no experiment is called {name}"))?, args, output)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(table: &[Entry], json: bool, output: &mut impl Write) -> Result<()> {
    if json {
        let all: Vec<_> = table
            .iter()
            .map(|entry| serde_json::json!({ "name": entry.name, "summary": entry.summary }))
            .collect();
        writeln!(output, "{}", serde_json::json!({ "experiments": all }))?;
        return Ok(());
    }
    let widest = table.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
    table.iter().try_for_each(|Entry { name, summary, .. }| writeln!(output, "{name:widest$}  {summary}"))?;
    Ok(())
}

impl Common {
    fn setup(&self, out: PathBuf) -> Result<Setup> {
        Ok(Setup { seed: self.seed, device: self.device.open()?, out })
    }
}

fn one(entry: &Entry, args: &ArgMatches, output: &mut impl Write) -> Result<()> {
    let common = Common::from_arg_matches(args)?;
    let out = common.out.clone().unwrap_or_else(|| PathBuf::from("lab").join(entry.name));
    let setup = common.setup(out)?;
    let Outcome { report, json } = entry.carry_out(args, &setup)?;
    if common.json {
        writeln!(output, "{json}")?;
        return Ok(());
    }
    report.sentences.iter().try_for_each(|sentence| writeln!(output, "{sentence}"))?;
    report.checks.iter().try_for_each(|check| writeln!(output, "{check}"))?;
    let files = report.figures.len() + report.pieces.len();
    writeln!(output, "results.json and {files} more files are in {}", setup.out.display())?;
    Ok(())
}

/// Carries out all experiments as they are without arguments.
fn check(table: &[Entry], common: &Common, output: &mut impl Write) -> Result<ExitCode> {
    let folder = common.out.clone().unwrap_or_else(|| PathBuf::from("lab"));
    let (mut missed, mut count, mut objects) = (0, 0, Vec::new());
    for entry in table {
        let setup = common.setup(folder.join(entry.name))?;
        let Outcome { report, json } =
            entry.carry_out(&entry.defaults()?, &setup).with_context(|| entry.name.to_owned())?;
        objects.push(json);
        count += report.checks.len();
        missed += report.checks.iter().filter(|check| !check.passed).count();
        if !common.json {
            report.checks.iter().try_for_each(|check| writeln!(output, "{}: {check}", entry.name))?;
            output.flush()?;
        }
    }
    if common.json {
        writeln!(output, "{{\"passed\":{},\"experiments\":[{}]}}", missed == 0, objects.join(","))?;
    } else if missed == 0 {
        writeln!(output, "all {count} checks passed")?;
    } else {
        writeln!(output, "{missed} of {count} checks missed")?;
    }
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Experiment, Lab, Report, Target};

    /// Fails its check unless it is told otherwise.
    #[derive(Args)]
    struct Wrong {
        #[arg(long, default_value_t = 2)]
        value: u32,
    }

    impl Experiment for Wrong {
        const NAME: &'static str = "wrong";
        const SUMMARY: &'static str = "fails";
        type Results = u32;

        fn measure(&self, _: &Lab) -> Result<u32> {
            Ok(self.value)
        }

        fn report(&value: &u32) -> Report {
            let mut report = Report::default();
            report.check("value", f64::from(value), Target::AtMost(1.0));
            report
        }
    }

    /// What a command gives: its exit code, and what it prints.
    fn lab(args: &[&str]) -> (ExitCode, String) {
        let table = [Entry::of::<Wrong>()];
        let folder = tempfile::tempdir().unwrap();
        let out = ["--out", folder.path().to_str().unwrap()];
        let matches = command(&table).try_get_matches_from([&["lab"], args, &out].concat()).unwrap();
        let mut output = Vec::new();
        let code = run(&table, &matches, &mut output).unwrap();
        (code, String::from_utf8(output).unwrap())
    }

    #[test]
    fn the_command_line_is_well_formed() {
        command(EXPERIMENTS).debug_assert();
        let reserved = ["list", "check", "book", "help"];
        for entry in EXPERIMENTS {
            assert!(!reserved.contains(&entry.name), "{}", entry.name);
            assert!(entry.defaults().is_ok() && entry.of_the_book().is_ok(), "{}", entry.name);
        }
    }

    #[test]
    fn a_missed_check_fails_the_check_and_not_the_experiment() {
        let (code, text) = lab(&["check"]);
        assert_eq!(
            (code, text.as_str()),
            (ExitCode::FAILURE, "wrong: MISSED: value is 2 (at most 1)\n1 of 1 checks missed\n")
        );
        let (code, text) = lab(&["check", "--json"]);
        assert_eq!(code, ExitCode::FAILURE);
        let object: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&object["passed"], &object["experiments"][0]["name"]), (&false.into(), &"wrong".into()));
        let (code, text) = lab(&["wrong"]);
        assert!(code == ExitCode::SUCCESS && text.starts_with("MISSED: value is 2"), "{text}");
        let (code, text) = lab(&["wrong", "--value", "1"]);
        assert!(code == ExitCode::SUCCESS && text.starts_with("passed: value is 1"), "{text}");
    }
}
