//! `cargo xtask bench`: speed, always as a ratio to a baseline that is measured in the same run.

mod all;
mod asked;
mod baseline;
mod corpus;
mod decode;
mod diagrams;
mod floors;
mod hog;
mod machine;
mod spread;
mod text;
mod text_made;
mod train;
mod translate;

use anyhow::Result;
use clap::Subcommand;

use self::baseline::Baseline;

/// What is measured.
#[derive(Debug, Subcommand)]
pub(crate) enum Bench {
    /// Decoding with the cache, beside PyTorch without one and CTranslate2 (needs Python with torch; see bench/).
    Decode(Baseline),
    /// A training step, alone and beside a memory hog, and the memory it needs, beside PyTorch (needs Python with
    /// torch; see bench/).
    Train(Baseline),
    /// Training a translator for the same time here and with PyTorch (needs Python with torch, tokenizers, sacrebleu).
    Translate(translate::Translate),
    /// The memory that a corpus of many lines takes: adding it, encoding it, training on it.
    Corpus(corpus::Corpus),
    /// Adding, learning from, encoding and comparing text, beside Python's tokenizers and sacrebleu.
    Text(text::Text),
    /// Capturing, folding, laying out and writing all diagrams.
    Diagrams,
    /// All of these, one after the other; translating only where there is a corpus for it.
    All(all::All),
}

pub(crate) fn run(bench: &Bench) -> Result<()> {
    if !matches!(bench, Bench::Translate(arguments) if arguments.is_told_of_alone()) {
        machine::print();
    }
    match bench {
        Bench::Decode(baseline) => decode::run(baseline),
        Bench::Train(baseline) => train::run(baseline),
        Bench::Translate(arguments) => translate::run(arguments),
        Bench::Corpus(arguments) => corpus::run(arguments),
        Bench::Text(arguments) => text::run(arguments),
        Bench::Diagrams => diagrams::run(),
        Bench::All(arguments) => all::run(arguments),
    }
}
