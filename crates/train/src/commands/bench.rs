//! Times the same work as `bench/torch_baseline.py`: see `cargo xtask bench`, which runs both sides and compares.

use std::io::Write;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use burn::tensor::{Device, Int, Tensor, TensorData};
use model::decoding::{Hypothesis, Search, beam_search, greedy};
use model::{NormOrder, Transformer, TransformerConfig, Tying};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::bench_line::{line, rate};
use super::bench_text;
use crate::cli::bench::{BenchArgs, Work};
use crate::data::batch::Batch;
use crate::device::parallel::in_parallel;
use crate::device::threads;
use crate::run::adam::AdamConfig;
use crate::run::schedule::Schedule;
use crate::run::training::{Interval, TrainingConfig};
use crate::training::trainer::Trainer;

/// Ids below are padding and the like.
const FIRST: usize = 3;
/// Begins what is written.
const BOS: usize = 1;
/// Strength of beam search's length penalty, as in the paper. No hypothesis is longer than another here, so it changes
/// no choice, but is computed all the same.
const ALPHA: f64 = 0.6;

/// Times the work and prints one JSON line: seconds are medians, `first` is the first round of all, in which a GPU's
/// kernels are compiled and chosen, and `peak_mib` is the most memory the process ever had.
///
/// # Errors
///
/// If the sizes make no model, or there is nothing to time.
pub(crate) fn bench(args: &BenchArgs, device: &Device, output: &mut impl Write) -> Result<()> {
    ensure!(
        args.iters > 0 && args.batch > 0 && args.length > 0 && args.new > 0 && args.beam > 0,
        "--iters, --batch, --length, --new and --beam must be at least 1, found {}, {}, {}, {} and {}",
        args.iters,
        args.batch,
        args.length,
        args.new,
        args.beam
    );
    ensure!(args.vocab > FIRST, "--vocab must be more than {FIRST}, found {}", args.vocab);
    device.seed(args.seed);
    let (name, what, tokens, seconds) = match args.what {
        Work::Step => ("burn", "step", args.batch * args.length, args.steps(device)?),
        Work::Decode if args.exactness.int8 => {
            ("burn-int8", "decode", args.batch * args.new, args.decodings(device)?)
        }
        Work::Decode => ("burn-cached", "decode", args.batch * args.new, args.decodings(device)?),
        Work::Learn | Work::Encode | Work::Bleu => return bench_text::bench(args, output),
    };
    let mut line = line(what, &seconds, args.warm_up);
    line["impl"] = name.into();
    line["batch"] = args.batch.into();
    line["tokens_per_s"] = rate(tokens, &line);
    if args.what == Work::Decode {
        line["beam"] = args.beam.into();
    }
    Ok(writeln!(output, "{line}")?)
}

impl BenchArgs {
    /// Seconds of each step, those of the warm-up first.
    fn steps(&self, device: &Device) -> Result<Vec<f64>> {
        let steps = self.iters + self.warm_up;
        let training = TrainingConfig {
            steps: Some(steps),
            minutes: None,
            epochs: None,
            evaluate: Interval::Steps(steps),
            batch_size: self.batch * self.length,
            accumulate: 1,
            schedule: Schedule::Noam { factor: 1.0, warmup: 1_000 },
            adam: AdamConfig::default(),
            init: None,
            label_smoothing: 0.1,
            clip: None,
            patience: None,
            keep_best: 0,
            keep_last: 1,
            seed: self.seed,
        };
        let devices = [device.clone()];
        let sizes = (self.d_model, self.config().pad);
        let mut trainer = Trainer::new(|device| self.model(device), &training, sizes, &devices)?;
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let time = |_| {
            let batch =
                Batch { src: self.ids(self.length, &mut rng), tgt: self.ids(self.length + 1, &mut rng) };
            let started = Instant::now();
            trainer.step(&[batch])?;
            // A GPU may still be at work: a step only waits for its loss.
            device.sync().map_err(|error| anyhow!("{error}"))?;
            Ok(started.elapsed().as_secs_f64())
        };
        (0..steps).map(time).collect()
    }

    /// Seconds of each batch, those of the warm-up first.
    fn decodings(&self, device: &Device) -> Result<Vec<f64>> {
        let model = self.model(device)?;
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let limits = vec![self.new; self.batch];
        let time = |_| {
            let src: Vec<i64> =
                self.ids(self.length, &mut rng).concat().iter().map(|&id| id as i64).collect();
            let src = Tensor::<2, Int>::from_data(TensorData::new(src, [self.batch, self.length]), device);
            let started = Instant::now();
            let written = in_parallel(self.batch, threads(device), |part| {
                let src = src.clone().slice([part.clone(), 0..self.length]);
                self.written(&model, src, &limits[part])
            });
            let seconds = started.elapsed().as_secs_f64();
            let is_whole = |sentence: &Hypothesis| sentence.ids.len() == self.new;
            ensure!(written.len() == self.batch && written.iter().all(is_whole), "a sentence ended early");
            Ok(seconds)
        };
        (0..self.iters + self.warm_up).map(time).collect()
    }

    /// The best sentence for each row of `src`, of as many tokens as its limit says.
    fn written(&self, model: &Transformer, src: Tensor<2, Int>, limits: &[usize]) -> Vec<Hypothesis> {
        if self.beam == 1 {
            return greedy(model, src, BOS, None, limits);
        }
        let search = Search { bos: BOS, eos: None, beam: self.beam, alpha: ALPHA };
        beam_search(model, src, &search, limits)
            .into_iter()
            .filter_map(|found| found.into_iter().next())
            .collect()
    }

    fn config(&self) -> TransformerConfig {
        TransformerConfig {
            n_layers: self.layers,
            d_model: self.d_model,
            d_ff: self.d_ff,
            n_heads: self.heads,
            norm: NormOrder::Pre,
            tying: Tying::None,
            generator_bias: true,
            ..TransformerConfig::base(self.vocab)
        }
    }

    fn model(&self, device: &Device) -> Result<Transformer> {
        self.config().init(device).context("these sizes make no model")
    }

    /// Sentences of `length` tokens.
    fn ids(&self, length: usize, rng: &mut ChaCha8Rng) -> Vec<Vec<usize>> {
        let sentence = |_| (0..length).map(|_| rng.random_range(FIRST..self.vocab)).collect();
        (0..self.batch).map(sentence).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::bench::Texts;
    use crate::cli::using::Exactness;
    use crate::device::all_for_tests;

    #[test]
    fn a_line_of_json_comes_out() {
        let args = BenchArgs {
            what: Work::Decode,
            layers: 1,
            d_model: 6,
            d_ff: 7,
            heads: 2,
            vocab: 11,
            batch: 2,
            length: 3,
            new: 5,
            beam: 1,
            iters: 1,
            warm_up: 2,
            seed: 0,
            exactness: Exactness::default(),
            texts: Texts::default(),
        };
        for (device, what) in all_for_tests().iter().flat_map(|on| [(on, Work::Decode), (on, Work::Step)]) {
            let mut output = Vec::new();
            bench(&BenchArgs { what, ..args.clone() }, device, &mut output).unwrap();
            let line: serde_json::Value = serde_json::from_slice(&output).unwrap();
            assert!(line["tokens_per_s"].as_f64().unwrap() > 0.0 && line["batch"] == 2, "{line}");
            let mut output = Vec::new();
            bench(&BenchArgs { what, warm_up: 0, ..args.clone() }, device, &mut output).unwrap();
            let line: serde_json::Value = serde_json::from_slice(&output).unwrap();
            assert_eq!(line["first"], line["seconds"], "the only round is counted: {line}");
        }
        for beam in [1, 3] {
            let mut output = Vec::new();
            bench(&BenchArgs { beam, ..args.clone() }, &Device::flex(), &mut output).unwrap();
            let line: serde_json::Value = serde_json::from_slice(&output).unwrap();
            assert_eq!(line["beam"], beam, "{line}");
        }
        let error = bench(&BenchArgs { iters: 0, ..args }, &Device::flex(), &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("--iters"), "{error}");
    }
}
