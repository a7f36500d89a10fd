//! What `train` is measured beside, on the same hardware and one after the other.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::paths;
use crate::process::{build_train, cargo_train};

/// Where the work is done, and how often.
#[derive(Clone, Debug, Args)]
pub(crate) struct Baseline {
    /// Python that can import what is compared with.
    #[arg(long, default_value = "python3")]
    pub(super) python: String,
    /// Device of `train`: flex, ndarray, tch, tch:cuda:N, cuda, cuda:N or wgpu. PyTorch works on the same hardware.
    #[arg(long, default_value = "flex", value_name = "NAME")]
    pub(super) device: String,
    /// Times that each side is measured, in turn.
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) rounds: u32,
    /// Repetitions of each time, of which the median is taken, after two that warm up.
    #[arg(long, default_value_t = 7, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) iters: u32,
}

/// The line that a benchmark prints.
#[derive(Clone, Debug, Deserialize)]
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

    /// Whether it is a processor that computes.
    pub(super) fn is_processor(&self) -> bool {
        hardware(&self.device).is_ok_and(|(_, torch)| torch == "cpu")
    }

    /// The work with `train`.
    pub(super) fn train(&self, arguments: &[&str]) -> Result<Timed> {
        let (feature, _) = hardware(&self.device)?;
        let mut train = cargo_train("run", feature);
        let iters = self.iters.to_string();
        train.args(["--", "--device", self.device.as_str(), "bench", "--iters", &iters]).args(arguments);
        timed(&mut train)
    }

    /// The same with PyTorch.
    pub(super) fn torch(&self, arguments: &[&str]) -> Result<Timed> {
        let (_, torch) = hardware(&self.device)?;
        let mut command = self.script("torch_baseline.py");
        command.args(arguments).args(["--device", torch, "--iters", &self.iters.to_string()]);
        timed(&mut command).with_context(|| {
            let python = &self.python;
            format!(
                "cannot run bench/torch_baseline.py with {python} on {torch}: `pip install torch numpy`, \
                 or name another Python with --python"
            )
        })
    }

    /// A program of `bench/` for Python.
    pub(super) fn script(&self, name: &str) -> Command {
        script(&self.python, name)
    }
}

/// A program of `bench/` for a Python.
pub(super) fn script(python: &str, name: &str) -> Command {
    let mut command = Command::new(python);
    command.arg(Path::new("bench").join(name));
    command
}

/// Whether a Python can import these.
pub(super) fn can_import(python: &str, modules: &str) -> bool {
    let mut command = Command::new(python);
    command.args(["-c", &format!("import {modules}")]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// `train`, where [`build_train`] puts it.
pub(super) fn train_program() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let target = paths::root().join(target);
    target.join("debug").join(format!("train{}", std::env::consts::EXE_SUFFIX))
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

/// Runs a command that prints one line of JSON.
fn timed(command: &mut Command) -> Result<Timed> {
    let mut lines: Vec<Timed> = lines(command)?;
    ensure!(lines.len() == 1, "expected one line of JSON from the benchmark, found {}", lines.len());
    let timed = lines.remove(0);
    ensure!(timed.seconds > 0.0, "expected seconds above 0 in {timed:?}");
    Ok(timed)
}

/// Runs a command that prints lines of JSON.
pub(super) fn lines<T: DeserializeOwned>(command: &mut Command) -> Result<Vec<T>> {
    let output = command.current_dir(paths::root()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start {:?}", command.get_program()))?;
    ensure!(output.status.success(), "the benchmark ended with {}", output.status);
    let text = String::from_utf8(output.stdout).context("expected lines of JSON from the benchmark")?;
    text.lines()
        .map(|line| {
            serde_json::from_str(line)
                .with_context(|| format!("expected a line of JSON from the benchmark, found {line:?}"))
        })
        .collect()
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

    #[test]
    fn what_a_benchmark_prints_is_read_and_anything_else_is_named() {
        let print = |text: &str| {
            let mut command = Command::new("printf");
            command.arg(text);
            command
        };
        let line = "{\"impl\":\"x\",\"seconds\":0.5,\"tokens_per_s\":12,\"peak_mib\":7}";
        let found = timed(&mut print(line)).unwrap();
        assert_eq!((found.seconds, found.tokens_per_s, found.peak_mib), (0.5, 12.0, Some(7)));
        for (text, expected) in [
            ("", "found 0"),
            (&*format!("{line}\\n{line}"), "found 2"),
            ("no json", "\"no json\""),
            ("{\"seconds\":0,\"tokens_per_s\":1}", "above 0"),
        ] {
            let error = timed(&mut print(text)).unwrap_err().to_string();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
        assert!(timed(&mut Command::new("false")).unwrap_err().to_string().contains("ended with"));
    }
}
