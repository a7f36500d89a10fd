//! The one Burn that computes: which of its features that takes, and what keeps it from being compiled twice. There is no
//! code here: the dependencies in `Cargo.toml` are all that this crate is. Programs that compute depend on it, and so do
//! the tests of every crate that uses Burn.
//!
//! Cargo gives a dependency the features that the packages it is asked to build want of it, taken together. In
//! `cargo test --workspace` some small crates far below Burn get more features than in `cargo run -p train` or
//! `cargo test -p graph`. Then everything above them is another thing to compile, and Burn would be compiled twice,
//! which takes many minutes. So this crate asks for those features always.
//! What stands under `[build-dependencies]` does the same for the crates that procedural macros and build scripts use.
//!
//! `xtask/tests/it/one_burn.rs` compares the two plans that Cargo makes. When it fails, it names the crates whose features
//! differ: add them here with the features that they lack, or take away what is no longer needed.
