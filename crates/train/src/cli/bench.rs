//! What `train bench` is to time.

/// The work that is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Work {
    /// A training step: forward, label-smoothed loss, backward, Adam.
    Step,
    /// Decoding with the cache, nothing ending early.
    Decode,
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
}
