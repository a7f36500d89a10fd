//! `train`: trains a Transformer, and puts a trained one to use. See `train --help`.

use std::process::ExitCode;

/// Training allocates and frees the same few large sizes over and over. The system's allocator answers by giving memory
/// back to the kernel, which clears every page before it gives it out again. This one keeps what it has, in large pages:
/// `.cargo/config.toml` compiles these settings in, and `_RJEM_MALLOC_CONF` in the environment changes them.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    train::main(std::env::args_os())
}
