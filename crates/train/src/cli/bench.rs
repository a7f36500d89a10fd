//! What `train bench` is to time.

use std::path::PathBuf;

use super::using::Exactness;

/// The work that is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Work {
    /// A training step: forward, label-smoothed loss, backward, Adam.
    Step,
    /// Decoding with the cache, nothing ending early.
    Decode,
    /// Learning the vocabulary of --corpus, a corpus of text.
    Learn,
    /// Encoding the training split of --corpus, a corpus of text, with the vocabulary in --tokenizer.
    Encode,
    /// BLEU of --hypotheses beside --references.
    Bleu,
}

/// What is timed, named as in the baseline.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct BenchArgs {
    /// The work.
    pub(crate) what: Work,
    /// Layers of the encoder, and of the decoder.
    #[arg(long, default_value_t = 3)]
    pub(crate) layers: usize,
    /// Width of the model.
    #[arg(long, default_value_t = 256)]
    pub(crate) d_model: usize,
    /// Width of the feed-forward network.
    #[arg(long, default_value_t = 1024)]
    pub(crate) d_ff: usize,
    /// Attention heads.
    #[arg(long, default_value_t = 4)]
    pub(crate) heads: usize,
    /// Token ids.
    #[arg(long, default_value_t = 8_000)]
    pub(crate) vocab: usize,
    /// Sentences at a time.
    #[arg(long, default_value_t = 32)]
    pub(crate) batch: usize,
    /// Source tokens a sentence.
    #[arg(long, default_value_t = 24)]
    pub(crate) length: usize,
    /// Tokens to write a sentence.
    #[arg(long, default_value_t = 60)]
    pub(crate) new: usize,
    /// Hypotheses that `decode` keeps alive for each sentence; 1 is greedy decoding.
    #[arg(long, default_value_t = 1)]
    pub(crate) beam: usize,
    /// Rounds, of which the median is reported.
    #[arg(long, default_value_t = 7)]
    pub(crate) iters: usize,
    /// Rounds before those, which aren't counted: a GPU compiles and chooses its kernels in them.
    #[arg(long, default_value_t = 2)]
    pub(crate) warm_up: usize,
    /// Seed of weights and tokens.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// How exactly to compute.
    #[command(flatten)]
    pub(crate) exactness: Exactness,
    /// What is read.
    #[command(flatten)]
    pub(crate) texts: Texts,
}

/// What `learn`, `encode` and `bleu` read.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Texts {
    /// Folder of the corpus.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) corpus: Option<PathBuf>,
    /// The vocabulary, a tokenizer.json; `learn` writes it.
    #[arg(long, value_name = "FILE")]
    pub(crate) tokenizer: Option<PathBuf>,
    /// Translations, one a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) hypotheses: Option<PathBuf>,
    /// What they are compared with, one a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) references: Option<PathBuf>,
}
