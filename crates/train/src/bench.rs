//! Times the same work as `bench/torch_baseline.py`: see `cargo xtask bench`, which runs both sides and compares.

use std::io::Write;
use std::time::Instant;

use crate::device::threads;
use crate::parallel::in_parallel;
use anyhow::{Result, ensure};
use burn::tensor::{Device, Int, Tensor, TensorData};
use model::decoding::greedy;
use model::{NormOrder, Transformer, TransformerConfig, Tying};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Ids below are BOS and the like.
const FIRST: i64 = 3;
/// Rounds that are not counted.
const WARM_UP: usize = 2;

/// What is timed, named as in the baseline.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    /// Layers of the encoder, and of the decoder.
    #[arg(long, default_value_t = 3)]
    pub layers: usize,
    /// Width of the model.
    #[arg(long, default_value_t = 256)]
    pub d_model: usize,
    /// Width of the feed-forward network.
    #[arg(long, default_value_t = 1024)]
    pub d_ff: usize,
    /// Attention heads.
    #[arg(long, default_value_t = 4)]
    pub heads: usize,
    /// Token ids.
    #[arg(long, default_value_t = 8_000)]
    pub vocab: usize,
    /// Sentences at a time.
    #[arg(long, default_value_t = 32)]
    pub batch: usize,
    /// Source tokens a sentence.
    #[arg(long, default_value_t = 24)]
    pub length: usize,
    /// Tokens to write a sentence.
    #[arg(long, default_value_t = 60)]
    pub new: usize,
    /// Rounds, of which the median is reported.
    #[arg(long, default_value_t = 7)]
    pub iters: usize,
    /// Seed of weights and tokens.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
}

/// Decodes greedily with the cache, nothing ending early, and prints one JSON line: seconds are medians.
///
/// # Errors
///
/// If the sizes make no model, or there is nothing to time.
pub fn decode(args: &BenchArgs, device: &Device, output: &mut impl Write) -> Result<()> {
    ensure!(
        args.iters > 0 && args.batch > 0 && args.length > 0 && args.new > 0,
        "--iters, --batch, --length and --new must be at least 1, found {}, {}, {} and {}",
        args.iters,
        args.batch,
        args.length,
        args.new
    );
    ensure!(args.vocab > FIRST as usize, "--vocab must be more than {FIRST}, found {}", args.vocab);
    device.seed(args.seed);
    let model = args.model(device)?;
    let mut rng = ChaCha8Rng::seed_from_u64(args.seed);
    let limits = vec![args.new; args.batch];
    let mut seconds = Vec::new();
    for _ in 0..args.iters + WARM_UP {
        let src = args.source(&mut rng, device);
        let started = Instant::now();
        let written = in_parallel(args.batch, threads(device), |part| {
            let src = src.clone().slice([part.clone(), 0..args.length]);
            greedy(&model, src, 1, None, &limits[part])
        });
        seconds.push(started.elapsed().as_secs_f64());
        ensure!(written.iter().all(|sentence| sentence.ids.len() == args.new), "a sentence ended early");
    }
    let mut seconds = seconds.split_off(WARM_UP);
    seconds.sort_by(f64::total_cmp);
    let median = seconds[seconds.len() / 2];
    let line = serde_json::json!({
        "impl": "burn-cached", "what": "decode", "batch": args.batch, "seconds": median,
        "min": seconds[0], "max": seconds[seconds.len() - 1],
        "tokens_per_s": ((args.batch * args.new) as f64 / median).round(),
    });
    Ok(writeln!(output, "{line}")?)
}

impl BenchArgs {
    fn model(&self, device: &Device) -> Result<Transformer> {
        let config = TransformerConfig {
            src_vocab: self.vocab,
            tgt_vocab: self.vocab,
            n_layers: self.layers,
            d_model: self.d_model,
            d_ff: self.d_ff,
            n_heads: self.heads,
            norm: NormOrder::Pre,
            tying: Tying::None,
            generator_bias: true,
            ..TransformerConfig::base(self.vocab)
        };
        Ok(config.init(device)?)
    }

    /// `[batch, length]`
    fn source(&self, rng: &mut ChaCha8Rng, device: &Device) -> Tensor<2, Int> {
        let ids = (0..self.batch * self.length).map(|_| rng.random_range(FIRST..self.vocab as i64)).collect();
        Tensor::from_data(TensorData::new(ids, [self.batch, self.length]), device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_json_comes_out() {
        let args = BenchArgs {
            layers: 1,
            d_model: 6,
            d_ff: 7,
            heads: 2,
            vocab: 11,
            batch: 2,
            length: 3,
            new: 5,
            iters: 1,
            seed: 0,
        };
        let mut output = Vec::new();
        decode(&args, &Device::flex(), &mut output).unwrap();
        let line: serde_json::Value = serde_json::from_slice(&output).unwrap();
        assert!(line["tokens_per_s"].as_f64().unwrap() > 0.0 && line["batch"] == 2);
        let error = decode(&BenchArgs { iters: 0, ..args }, &Device::flex(), &mut output).unwrap_err();
        assert!(error.to_string().contains("--iters"), "{error}");
    }
}
