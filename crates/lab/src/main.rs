//! `lab`: small experiments. See `lab --help`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> ExitCode {
    lab::main(std::env::args_os())
}
