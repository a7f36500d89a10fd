//! Keeps one compiled Burn. There is no code here: the dependencies in `Cargo.toml` are all that this crate is.
//!
//! Cargo gives a dependency the features that the packages it is asked to build want of it, taken together. In
//! `cargo test --workspace`, where `xtask` has its say too, some small crates far below Burn get more features than in
//! `cargo run -p train`. Then everything above them is another thing to compile, and Burn would be compiled twice,
//! which takes many minutes. So a program that computes depends on this crate, which asks for those features always.
//! What stands under `[build-dependencies]` does the same for the crates that procedural macros and build scripts use.
//!
//! `xtask/tests/it/one_burn.rs` compares the two plans that Cargo makes. When it fails, it names the crates whose features
//! differ: add them here with the features that they lack, or take away what is no longer needed.
