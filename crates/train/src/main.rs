//! `train`: trains a Transformer, and puts a trained one to use. See `train --help`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> ExitCode {
    train::main(std::env::args_os())
}
