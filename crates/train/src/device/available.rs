//! What devices there are, and how to get the others.

use std::io::Write;

use anyhow::{Result, ensure};
use burn::tensor::Device;
#[cfg(any(feature = "tch", feature = "cuda"))]
use burn::tensor::DeviceType;

use super::remote::Remote;
use super::{DeviceName, cores};

/// Cargo features that bring devices, and whether this build has them.
const FEATURES: [(&str, bool); 3] =
    [("tch", cfg!(feature = "tch")), ("cuda", cfg!(feature = "cuda")), ("wgpu", cfg!(feature = "wgpu"))];

/// What CubeCL wants of an NVIDIA GPU: it compiles its kernels while the program runs, by an LLVM of its own.
const CUDA_NEEDS: &str = "NVIDIA's driver, CUDA's toolkit in /usr/local/cuda or where CUDA_PATH says, and to be \
                          built where the network is open, for an LLVM (ARCHITECTURE.md: how to do without)";

/// What LibTorch wants of one: the libraries that `cargo xtask libtorch` fetches are for the processor alone.
const LIBTORCH_CUDA_NEEDS: &str =
    "NVIDIA's driver, and to be built with a PyTorch that has CUDA: LIBTORCH_USE_PYTORCH=1, without LIBTORCH";

/// What it takes for Vulkan and the like.
const WGPU_NEEDS: &str =
    "a driver for one of them (on Debian, `apt-get install mesa-vulkan-drivers` brings one for Vulkan)";

/// Devices of one kind.
struct Kind {
    /// The first of them.
    first: DeviceName,
    what: &'static str,
    /// What they need besides the Cargo feature.
    needs: Option<&'static str>,
    /// Those that this build may find on this machine.
    found: Vec<DeviceName>,
}

/// Lists what this build has, what of it works on this machine, and how to get the rest.
///
/// # Errors
///
/// If nothing can be written.
pub(crate) fn list(output: &mut impl Write) -> Result<()> {
    kinds().iter().try_for_each(|kind| kind.list(output))?;
    let remote = DeviceName::Remote(Remote::parse("ws://HOST:PORT")?);
    writeln!(output, "{remote}")?;
    match remote.missing_feature() {
        Some(feature) => note(output, &format!("not in this build; to get it: {}", command_with(feature))),
        None => note(output, "a device of another process, which `train serve-device` there serves"),
    }
}

fn kinds() -> Vec<Kind> {
    let of = |kind: fn(&DeviceName) -> bool| gpus().into_iter().filter(kind).collect();
    let kind = |first: DeviceName, what| Kind { found: vec![first.clone()], first, what, needs: None };
    let mut kinds = vec![
        kind(DeviceName::Flex, "the processor, by Burn's Flex backend; the default"),
        kind(DeviceName::NdArray, "the processor, by the ndarray crate"),
        kind(DeviceName::LibTorch, "the processor, by LibTorch"),
        Kind {
            needs: Some(CUDA_NEEDS),
            found: of(|name| matches!(name, DeviceName::Cuda(_))),
            ..kind(DeviceName::Cuda(0), "an NVIDIA GPU, by CubeCL")
        },
        Kind {
            needs: Some(WGPU_NEEDS),
            ..kind(DeviceName::Wgpu, "any GPU with Vulkan, Metal or DirectX 12")
        },
    ];
    if cfg!(feature = "tch") {
        kinds.push(Kind {
            needs: Some(LIBTORCH_CUDA_NEEDS),
            found: of(|name| matches!(name, DeviceName::LibTorchCuda(_))),
            ..kind(DeviceName::LibTorchCuda(0), "an NVIDIA GPU, by LibTorch")
        });
    }
    kinds
}

impl Kind {
    fn list(&self, output: &mut impl Write) -> Result<()> {
        let Self { first, what, found, .. } = self;
        if let Some(feature) = first.missing_feature() {
            row(output, first, &format!("not in this build: {what}"))?;
            self.list_needs(output)?;
            return note(output, &format!("to get it: {}", command_with(feature)));
        }
        if found.is_empty() {
            row(output, first, &format!("none found: {what}"))?;
            return self.list_needs(output);
        }
        for name in found {
            match name.open() {
                Ok(device) => row(output, name, &format!("ready: {what} ({})", model(name, &device)))?,
                Err(error) => {
                    row(output, name, &format!("unusable: {what}; {error:#}"))?;
                    self.list_needs(output)?;
                }
            }
        }
        Ok(())
    }

    fn list_needs(&self, output: &mut impl Write) -> Result<()> {
        self.needs.map_or(Ok(()), |needs| note(output, &format!("it needs {needs}")))
    }
}

fn row(output: &mut impl Write, name: &DeviceName, text: &str) -> Result<()> {
    Ok(writeln!(output, "{:<12} {text}", name.to_string())?)
}

fn note(output: &mut impl Write, text: &str) -> Result<()> {
    Ok(writeln!(output, "{:<12} {text}", "")?)
}

/// What a device calls itself; of a processor, its cores.
fn model(name: &DeviceName, device: &Device) -> String {
    if matches!(name, DeviceName::Flex | DeviceName::NdArray | DeviceName::LibTorch) {
        return format!("cores: {}", cores());
    }
    identity(device).unwrap_or_else(|| "its model is not known".to_owned())
}

#[cfg(any(feature = "cuda", feature = "wgpu"))]
fn identity(device: &Device) -> Option<String> {
    device.identity().map(|identity| identity.name)
}

#[cfg(not(any(feature = "cuda", feature = "wgpu")))]
fn identity(_device: &Device) -> Option<String> {
    None
}

/// The NVIDIA GPUs that this build sees; asking for another one panics somewhere inside its runtime.
fn gpus() -> Vec<DeviceName> {
    #[allow(unused_mut, reason = "without these features there is nothing to add")]
    let mut found = Vec::new();
    // Of what LibTorch has, Burn enumerates the GPUs alone.
    #[cfg(feature = "tch")]
    found.extend((0..Device::enumerate(DeviceType::LibTorch).len()).map(DeviceName::LibTorchCuda));
    #[cfg(feature = "cuda")]
    found.extend((0..Device::enumerate(DeviceType::Cuda).len()).map(DeviceName::Cuda));
    found
}

/// Fails unless an NVIDIA GPU is there.
pub(super) fn ensure_present(gpu: &DeviceName) -> Result<()> {
    let (seen_by, needs) = match gpu {
        DeviceName::LibTorchCuda(_) => ("LibTorch", LIBTORCH_CUDA_NEEDS),
        _ => ("CUDA", CUDA_NEEDS),
    };
    ensure!(
        gpus().contains(gpu),
        "{seen_by} sees no {gpu} on this machine; `train devices` tells what there is. It needs {needs}"
    );
    Ok(())
}

/// The command that does what this program was asked for, in a build that has one feature more.
pub(super) fn command_with(feature: &str) -> String {
    let arguments = std::env::args_os().skip(1);
    rebuilt_with(feature, arguments.map(|argument| argument.to_string_lossy().into_owned()))
}

fn rebuilt_with(feature: &str, arguments: impl Iterator<Item = String>) -> String {
    let built = FEATURES.iter().filter(|(_, is_built)| *is_built).map(|(name, _)| *name);
    let features: Vec<_> = built.chain([feature]).collect();
    let first = if feature == "tch" { "eval \"$(cargo xtask libtorch)\" && " } else { "" };
    let arguments: Vec<_> = arguments.map(|argument| quoted(&argument)).collect();
    format!("{first}cargo run -p train --features {} -- {}", features.join(","), arguments.join(" "))
}

/// An argument as a shell takes it.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:,=@%+".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_keeps_its_arguments() {
        let asked = ["copy", "--device", "cuda:1", "--out", "my runs/it's", ""].map(str::to_owned);
        let command = rebuilt_with("cuda", asked.into_iter());
        assert!(command.starts_with("cargo run -p train --features "), "{command}");
        assert!(command.ends_with(r"cuda -- copy --device cuda:1 --out 'my runs/it'\''s' ''"), "{command}");
        let command = rebuilt_with("tch", ["devices".to_owned()].into_iter());
        assert!(command.starts_with("eval \"$(cargo xtask libtorch)\" && cargo run"), "{command}");
    }

    #[test]
    fn every_kind_has_a_line() {
        let mut output = Vec::new();
        list(&mut output).unwrap();
        let text = String::from_utf8(output).unwrap();
        for name in ["flex", "ndarray", "tch", "cuda:0", "wgpu", "remote:ws://HOST:PORT"] {
            assert!(text.lines().any(|line| line.split(' ').next() == Some(name)), "{name}: {text}");
        }
        assert!(text.contains("mesa-vulkan-drivers") || cfg!(feature = "wgpu"), "{text}");
    }

    #[test]
    fn a_gpu_that_is_not_there_is_refused() {
        let error = ensure_present(&DeviceName::Cuda(99)).unwrap_err().to_string();
        assert!(error.contains("sees no cuda:99") && error.contains("NVIDIA's driver"), "{error}");
    }
}
