//! `lab`: small experiments. See `lab --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::main(std::env::args_os())
}
