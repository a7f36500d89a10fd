//! The same work with `train` and with PyTorch, one after the other.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use console::{StyledObject, style};
use serde::Deserialize;

use crate::paths;
use crate::process::{build_train, cargo_train};

/// Where the work is done.
#[derive(Debug, Args)]
pub(crate) struct Baseline {
    /// Python that can import torch.
    #[arg(long, default_value = "python3")]
    python: String,
    /// Device of `train`: flex, ndarray, tch, tch:cuda:N, cuda, cuda:N or wgpu. PyTorch works on the same hardware.
    #[arg(long, default_value = "flex", value_name = "NAME")]
    pub(super) device: String,
}

/// Rounds of which the median is taken, after two that warm up.
pub(super) const ITERATIONS: &str = "7";

/// The ratio, red where it is below the floor.
pub(super) fn verdict(ratio: f64, floor: f64) -> StyledObject<String> {
    let shown = style(format!("{ratio:.2}"));
    if ratio >= floor { shown.green() } else { shown.red() }
}

/// The line that a benchmark prints.
#[derive(Debug, Deserialize)]
pub(super) struct Timed {
    pub(super) seconds: f64,
    pub(super) tokens_per_s: f64,
    /// The most memory the process had resident; none where the system doesn't tell.
    pub(super) peak_mib: Option<u64>,
    /// What the device calls itself; `train` doesn't tell.
    pub(super) device: Option<String>,
}

impl Baseline {
    /// Compiles `train`, and says what is compared.
    pub(super) fn build(&self) -> Result<()> {
        let (feature, torch) = hardware(&self.device)?;
        build_train(feature)?;
        println!("`train` on {}, beside PyTorch on {torch}", self.device);
        Ok(())
    }

    /// The same work with `train` and with PyTorch, one after the other.
    pub(super) fn beside(&self, arguments: &[&str]) -> Result<[Timed; 2]> {
        let (feature, torch) = hardware(&self.device)?;
        let mut train = cargo_train("run", feature);
        train.args(["--", "--device", self.device.as_str(), "bench", "--iters", ITERATIONS]).args(arguments);
        let ours = timed(&mut train)?;
        let script = Path::new("bench").join("torch_baseline.py");
        let mut baseline = Command::new(&self.python);
        baseline.arg(script).args(arguments).args(["--device", torch, "--iters", ITERATIONS]);
        let theirs = timed(&mut baseline).with_context(|| {
            let python = &self.python;
            format!(
                "cannot run bench/torch_baseline.py with {python} on {torch}: `pip install torch numpy`, \
                 or name another Python with --python"
            )
        })?;
        Ok([ours, theirs])
    }
}

/// The Cargo feature that a device of `train` needs, and PyTorch's name for the same hardware.
fn hardware(device: &str) -> Result<(Option<&'static str>, &str)> {
    let is_cuda = |name: &&str| *name == "cuda" || name.starts_with("cuda:");
    let by_libtorch = device.strip_prefix("tch:").filter(is_cuda);
    match (device, by_libtorch) {
        ("flex" | "ndarray", _) => Ok((None, "cpu")),
        ("tch", _) => Ok((Some("tch"), "cpu")),
        ("wgpu", _) => Ok((Some("wgpu"), "cuda")),
        (gpu, _) if is_cuda(&gpu) => Ok((Some("cuda"), gpu)),
        (_, Some(gpu)) => Ok((Some("tch"), gpu)),
        _ => bail!("expected flex, ndarray, tch, tch:cuda:N, cuda, cuda:N or wgpu, found {device:?}"),
    }
}

/// Runs a command that prints one JSON line.
fn timed(command: &mut Command) -> Result<Timed> {
    let output = command.current_dir(paths::root()).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the benchmark ended with {}", output.status);
    let timed: Timed =
        serde_json::from_slice(&output.stdout).context("expected one line of JSON from the benchmark")?;
    ensure!(timed.seconds > 0.0, "expected seconds above 0 in {timed:?}");
    Ok(timed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pytorch_gets_the_same_hardware() {
        for (device, expected) in [
            ("flex", (None, "cpu")),
            ("tch", (Some("tch"), "cpu")),
            ("cuda", (Some("cuda"), "cuda")),
            ("cuda:1", (Some("cuda"), "cuda:1")),
            ("tch:cuda:1", (Some("tch"), "cuda:1")),
        ] {
            assert_eq!(hardware(device).unwrap(), expected, "{device}");
        }
        assert!(hardware("tpu").unwrap_err().to_string().contains("\"tpu\""));
    }
}
