//! Trains a Transformer, and puts a trained one to use: the library behind the `train` command.
//!
//! Everything a command produces lies in a run folder (`run`). What may use what goes downwards:
//!
//! | room | what it holds |
//! |---|---|
//! | `doorways` | where tests and fuzzers throw in what strangers might |
//! | `commands` | a file a command: what it does, and what it prints |
//! | `cli` | arguments and files of settings, resolved into plans |
//! | `tasks` | the copy task, translation, language modelling: batches, examinations, decoding |
//! | `dashboard` | how training shows on a terminal |
//! | `training` | the loop: steps, gradients, the optimiser, evaluations |
//! | `run` | what is on disk of a run: configuration, checkpoints, weights, metrics |
//! | `data` | corpora, vocabularies, images, batches |
//! | `device` | what computes: the only place that names Burn's backends |
//! | `files` | files that are written whole or not at all |
//! | `words` | numbers of things, as messages say them |

mod cli;
mod commands;
mod dashboard;
pub mod data;
pub mod device;
#[doc(hidden)]
pub mod doorways;
pub mod files;
pub mod run;
mod tasks;
pub mod training;
mod words;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use cli::Instead;

/// What bad input ends with, as clap's own errors do.
const BAD_INPUT: u8 = 2;

/// Runs the program. Errors end in one line on standard error and exit code 2.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match cli::parse(args) {
        Ok(cli) => cli,
        Err(Instead::Help(help)) => {
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
        Err(Instead::Hint(help)) => {
            let _ = help.print();
            return ExitCode::from(BAD_INPUT);
        }
        Err(Instead::Complain(line)) => {
            complain(&line);
            return ExitCode::from(BAD_INPUT);
        }
    };
    // Not locked: what serves a device logs from threads of its own.
    let output = &mut io::stdout();
    match commands::run(cli, output).and_then(|code| Ok(output.flush().map(|()| code)?)) {
        Ok(code) => code,
        // Whoever read the output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&cli::one_line(&format!("{error:#}")));
            ExitCode::from(BAD_INPUT)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let broken = |cause: &io::Error| cause.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| cause.downcast_ref().is_some_and(broken))
}

/// Writes a line to standard error, without the token of a served device. If that is closed nobody listens, which is no reason to panic, as `eprintln!` does.
fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "error: {}", device::token::hidden(line));
}
