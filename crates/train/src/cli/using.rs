//! Arguments of the commands that use a model or bring one in.

use std::path::PathBuf;

use super::values::{TooLong, at_least_one, number, split};
use crate::data::corpus::Split;
use crate::tasks::generation::Generation;

/// How exactly a trained model computes.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct Exactness {
    /// Round weights, and what they are multiplied by, to eight bits: on a processor (--device flex) that is faster, and what is
    /// written differs here and there.
    #[arg(long)]
    pub(crate) int8: bool,
}

/// Arguments of `train decode`.
#[derive(Debug, clap::Args)]
pub(crate) struct DecodeArgs {
    /// Run folder of the model.
    pub(crate) run: PathBuf,
    /// The source, such as "1 2 3". Without it, sources are read from standard input, one a line.
    #[arg(long, value_name = "IDS")]
    pub(crate) src: Option<String>,
    /// Read JSON lines {"src":[ids]} and print {"ids":[...],"score":...}: ids after BOS and their log-probability in
    /// nats. (Beam search ranks by "ranking", which is the score over the length penalty.)
    #[arg(long)]
    pub(crate) json: bool,
    /// Hypotheses kept by beam search; 1 is greedy decoding.
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub(crate) beam: usize,
    /// Strength of beam search's length penalty.
    #[arg(long, default_value_t = 0.6, value_parser = number)]
    pub(crate) alpha: f64,
    /// Tokens to write at most [default: what is left to copy, or 50 more than the source has].
    #[arg(long, value_name = "N")]
    pub(crate) max_new: Option<usize>,
    /// Write on after the token that ends a sentence.
    #[arg(long)]
    pub(crate) ignore_eos: bool,
    /// How exactly to compute.
    #[command(flatten)]
    pub(crate) exactness: Exactness,
}

/// Arguments of `train translate-text`.
#[derive(Debug, clap::Args)]
pub(crate) struct TranslateTextArgs {
    /// Run folder of the model.
    pub(crate) run: PathBuf,
    /// The text. Without it, lines are read from standard input, and translated as they come.
    #[arg(long, conflicts_with = "input")]
    pub(crate) text: Option<String>,
    /// Translate the lines of a file; - is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    /// Write to a file, which is there when all is translated, and not before; - is standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// What becomes of a line that is far too long for the model: error ends with exit code 2 after the lines before
    /// it, crop translates its beginning, empty leaves its translation empty. The last two say so on standard error,
    /// go on to the end, and then the exit code is 1.
    #[arg(long, value_name = "WHAT", default_value = "error")]
    pub(crate) too_long: TooLong,
    /// Print JSON lines {"source":...,"output":...,"score":...}; the score is a log-probability in nats.
    #[arg(long)]
    pub(crate) json: bool,
    /// Print the N best translations of each line (at most K of --beam), best first, in lines of four columns between
    /// tabs: the line's number, from 1; the translation's log-probability in nats; the same over the length penalty, by
    /// which they are ranked; the translation. With --json, a line is
    /// {"source":...,"outputs":[{"output":...,"score":...,"ranking":...},...]}.
    #[arg(long, value_name = "N")]
    pub(crate) n_best: Option<usize>,
    /// Tokens of a translation at most; it may break off there [default: 50 more than the line has].
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(crate) max_new: Option<usize>,
    /// Hypotheses kept by beam search; 1 is greedy decoding.
    #[arg(long, value_name = "K", default_value_t = 4)]
    pub(crate) beam: usize,
    /// Strength of beam search's length penalty.
    #[arg(long, default_value_t = 0.6, value_parser = number)]
    pub(crate) alpha: f64,
    /// How exactly to compute.
    #[command(flatten)]
    pub(crate) exactness: Exactness,
}

/// Arguments of `train generate`.
#[derive(Debug, clap::Args)]
pub(crate) struct GenerateArgs {
    /// Run folder of the model.
    pub(crate) run: PathBuf,
    /// What the text begins with. Of a prompt that is far too long for the model, the end is read, and that is said on
    /// standard error.
    #[arg(long, default_value = "")]
    pub(crate) prompt: String,
    /// Tokens to write.
    #[arg(long, default_value_t = Generation::default().tokens)]
    tokens: usize,
    /// Below one plays safe, above one takes risks, zero always takes the likeliest token.
    #[arg(long, default_value_t = Generation::default().temperature, value_parser = number)]
    temperature: f64,
    /// Draw from the so many likeliest tokens alone.
    #[arg(long)]
    top_k: Option<usize>,
    /// Draw from the likeliest tokens that together have this probability.
    #[arg(long, value_parser = number)]
    top_p: Option<f64>,
    /// Decides what is drawn.
    #[arg(long, default_value_t = Generation::default().seed)]
    seed: u64,
    /// Texts to write.
    #[arg(long, default_value_t = Generation::default().count)]
    count: usize,
    /// How exactly to compute.
    #[command(flatten)]
    pub(crate) exactness: Exactness,
}

impl GenerateArgs {
    /// How to write.
    #[must_use]
    pub(crate) fn generation(&self) -> Generation {
        let &Self { tokens, temperature, top_k, top_p, seed, count, .. } = self;
        Generation { tokens, temperature, top_k, top_p, seed, count }
    }
}

/// Arguments of `train eval`.
#[derive(Debug, clap::Args)]
pub(crate) struct EvalArgs {
    /// Run folder of the model.
    pub(crate) run: PathBuf,
    /// Split: train, valid or test.
    #[arg(long, default_value = "test", value_parser = split)]
    pub(crate) split: Split,
    /// Another corpus than the one trained on.
    #[arg(long)]
    pub(crate) corpus: Option<String>,
    /// Folder of your own corpora.
    #[arg(long, value_name = "FOLDER", default_value = "data")]
    pub(crate) data: PathBuf,
    /// Translate so many sentences at most.
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(crate) limit: Option<usize>,
    /// Hypotheses kept by beam search; 1 is greedy decoding.
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub(crate) beam: usize,
    /// Strength of beam search's length penalty.
    #[arg(long, default_value_t = 0.6, value_parser = number)]
    pub(crate) alpha: f64,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// How exactly to compute.
    #[command(flatten)]
    pub(crate) exactness: Exactness,
}

/// Arguments of `train import`.
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    /// Weights under The Annotated Transformer's names: .pt or .safetensors.
    pub(crate) weights: PathBuf,
    /// Sizes of the model, as JSON: n_layers, d_model, d_ff, n_heads, src_vocab, tgt_vocab, norm ("pre" or "post"),
    /// eps, pad, bos; optionally eos, dropout, tying ("none", "decoder" or "all"), generator_bias.
    #[arg(long, value_name = "SPEC.json")]
    pub(crate) config: PathBuf,
    /// Run folder to make.
    #[arg(long, value_name = "RUN")]
    pub(crate) out: PathBuf,
    /// The weights were trained with the unbiased standard deviation in layer norm, as The Annotated Transformer
    /// does: multiply every gain by sqrt((d-1)/d) so that outputs agree. (It also adds eps to the deviation and not to
    /// the variance, which no gain can imitate; at its eps of 1e-6 the difference hardly shows.)
    #[arg(long)]
    pub(crate) unbiased_norm: bool,
    /// Replace the run that is there already.
    #[arg(long)]
    pub(crate) force: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `train export`.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    /// Run folder.
    pub(crate) run: PathBuf,
    /// File to write; - is standard output. There is a line for each step, and the first names the columns: step, epoch,
    /// loss (what was minimised) and nll (negative log-likelihood), both in nats per token, lr (learning rate), tokens
    /// (that were predicted), padding (its share of the batch), gradient_norm (before clipping), noise_scale (in tokens);
    /// and, where the model was evaluated after the step, target_tokens (trained on until then), valid_nll (in nats per
    /// token of the validation split) and bleu (0 to 100). What was not measured is empty.
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: PathBuf,
}

/// What is to become of which checkpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::Args)]
pub(crate) struct Averaging {
    /// How many.
    #[arg(long, default_value_t = 3)]
    pub(crate) last: usize,
    /// Store numbers of 16 bits instead of 32: half the size. Devices go on computing with 32.
    #[arg(long)]
    pub(crate) half: bool,
}
