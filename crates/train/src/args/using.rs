//! Arguments of the commands that use a model or bring one in.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;

use crate::corpus::Split;
use crate::import::{self, ImportPlan};

#[derive(Debug, clap::Args)]
pub(super) struct DecodeArgs {
    /// Run folder of the model.
    pub(super) run: PathBuf,
    /// The source, such as "1 2 3". Without it, sources are read from standard input, one a line.
    #[arg(long, value_name = "IDS")]
    pub(super) src: Option<String>,
    /// Read JSON lines {"src":[ids]} and print {"ids":[...],"score":...}: ids after BOS and their log-probability in
    /// nats. (Beam search ranks by "ranking", which is the score over the length penalty.)
    #[arg(long)]
    pub(super) json: bool,
    /// Hypotheses kept by beam search; 1 is greedy decoding.
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub(super) beam: usize,
    /// Strength of beam search's length penalty.
    #[arg(long, default_value_t = 0.6)]
    pub(super) alpha: f64,
    /// Tokens to write at most [default: what is left to copy, or 50 more than the source has].
    #[arg(long, value_name = "N")]
    pub(super) max_new: Option<usize>,
    /// Write on after the token that ends a sentence.
    #[arg(long)]
    pub(super) ignore_eos: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct TranslateArgs {
    /// Run folder of the model.
    pub(super) run: PathBuf,
    /// The text. Without it, lines are read from standard input.
    #[arg(long)]
    pub(super) text: Option<String>,
    /// Print JSON lines {"source":...,"output":...,"score":...}; the score is a log-probability in nats.
    #[arg(long)]
    pub(super) json: bool,
    /// Hypotheses kept by beam search; 1 is greedy decoding.
    #[arg(long, value_name = "K", default_value_t = 4)]
    pub(super) beam: usize,
    /// Strength of beam search's length penalty.
    #[arg(long, default_value_t = 0.6)]
    pub(super) alpha: f64,
}

#[derive(Debug, clap::Args)]
pub(super) struct EvalArgs {
    /// Run folder of the model.
    pub(super) run: PathBuf,
    /// Split: train, valid or test.
    #[arg(long, default_value = "test", value_parser = split)]
    pub(super) split: Split,
    /// Another corpus than the one trained on.
    #[arg(long)]
    pub(super) corpus: Option<String>,
    /// Folder of your own corpora.
    #[arg(long, value_name = "FOLDER", default_value = "data")]
    pub(super) data: PathBuf,
    /// Translate so many sentences at most.
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<usize>,
    /// Hypotheses kept by beam search; 1 is greedy decoding.
    #[arg(long, value_name = "K", default_value_t = 1)]
    pub(super) beam: usize,
    /// Strength of beam search's length penalty.
    #[arg(long, default_value_t = 0.6)]
    pub(super) alpha: f64,
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

fn split(name: &str) -> Result<Split> {
    let found = Split::ALL.into_iter().find(|split| split.name() == name);
    found.ok_or_else(|| anyhow::anyhow!("expected train, valid or test, found {name:?}"))
}

#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// Weights under The Annotated Transformer's names: .pt or .safetensors.
    pub(super) weights: PathBuf,
    /// Sizes of the model, as JSON: n_layers, d_model, d_ff, n_heads, src_vocab, tgt_vocab, norm ("pre" or "post"),
    /// eps, pad, bos; optionally eos, dropout, tying ("none", "decoder" or "all"), generator_bias.
    #[arg(long, value_name = "SPEC.json")]
    pub(super) config: PathBuf,
    /// Run folder to make.
    #[arg(long, value_name = "RUN")]
    pub(super) out: PathBuf,
    /// The weights were trained with the unbiased standard deviation in layer norm, as The Annotated Transformer
    /// does: multiply every gain by sqrt((d-1)/d) so that outputs agree. (It also adds eps to the deviation and not to
    /// the variance, which no gain can imitate; at its eps of 1e-6 the difference hardly shows.)
    #[arg(long)]
    pub(super) unbiased_norm: bool,
    /// Replace the run that is there already.
    #[arg(long)]
    pub(super) force: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

impl ImportArgs {
    pub(super) fn run(&self, output: &mut impl Write) -> Result<()> {
        let folder = import::run(&ImportPlan {
            weights: &self.weights,
            spec: &self.config,
            out: &self.out,
            replace: self.force,
            unbiased_norm: self.unbiased_norm,
        })?;
        let path = folder.path().display();
        if self.json {
            writeln!(
                output,
                "{}",
                serde_json::json!({ "run": path.to_string(), "config": folder.config()? })
            )?;
        } else {
            writeln!(output, "imported {} into {path}", self.weights.display())?;
        }
        Ok(())
    }
}
