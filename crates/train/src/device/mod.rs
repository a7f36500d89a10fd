//! Which device does the work: the only place that names Burn's backends.

mod available;
pub(crate) mod heart;
pub(crate) mod memory;
pub(crate) mod parallel;
mod remote;
#[cfg(feature = "remote")]
mod serving;
pub(crate) mod token;

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, bail};
use burn::tensor::{Device, Tensor};

pub(crate) use available::list;
use remote::Remote;
#[cfg(feature = "remote")]
pub(crate) use serving::{Serving, serve};

/// A device has failed: it went away, or ran out of memory. What was saved is still there.
#[derive(Debug)]
pub(crate) struct Failed(
    /// What has happened, and how to go on.
    pub(crate) String,
);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

/// A device as the command line names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceName {
    /// The processor, by Burn's Flex backend: the fast choice.
    Flex,
    /// The processor, by the ndarray crate.
    NdArray,
    /// The processor, by LibTorch (feature `tch`).
    LibTorch,
    /// An NVIDIA GPU, by LibTorch (feature `tch`, with a LibTorch that has CUDA).
    LibTorchCuda(usize),
    /// An NVIDIA GPU (feature `cuda`).
    Cuda(usize),
    /// Any GPU with Vulkan, Metal or DirectX 12 (feature `wgpu`).
    Wgpu,
    /// A device of another process, by the address that `train serve-device` printed (feature `remote`).
    Remote(Remote),
}

impl FromStr for DeviceName {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        if let Some(address) = name.strip_prefix("remote:") {
            return Self::Remote(Remote::parse(address)?).checked();
        }
        let (kind, index) = match name.split_once(':') {
            Some((kind, index)) => (kind, Some(index)),
            None => (name, None),
        };
        let device = match (kind, index) {
            ("flex", None) => Self::Flex,
            ("ndarray", None) => Self::NdArray,
            ("libtorch" | "tch", None) => Self::LibTorch,
            ("libtorch" | "tch", Some("cpu")) => Self::LibTorch,
            ("libtorch" | "tch", Some(gpu)) if gpu.starts_with("cuda") => {
                Self::LibTorchCuda(match gpu.strip_prefix("cuda:") {
                    Some(index) => number(index)?,
                    None if gpu == "cuda" => 0,
                    None => bail!("expected tch:cuda:0 or the like, found {name:?}"),
                })
            }
            ("wgpu", None) => Self::Wgpu,
            ("cuda", None) => Self::Cuda(0),
            ("cuda", Some(index)) => Self::Cuda(number(index)?),
            _ => bail!(
                "expected flex, ndarray, tch, tch:cuda:N, cuda, cuda:N, wgpu or remote:ws://HOST:PORT, \
                 found {name:?}; `train devices` tells which of them this build has"
            ),
        };
        device.checked()
    }
}

impl DeviceName {
    /// Whether it is another process's.
    #[must_use]
    pub(crate) fn is_remote(&self) -> bool {
        matches!(self, Self::Remote(_))
    }

    /// The name with the token that it came with: not to be shown, but for another process to open the same device.
    #[must_use]
    pub(crate) fn with_token(&self) -> String {
        match self {
            Self::Remote(remote) => format!("remote:{}", remote.with_token()),
            other => other.to_string(),
        }
    }

    /// The device, unless this build lacks it.
    fn checked(self) -> Result<Self> {
        match self.missing_feature() {
            None => Ok(self),
            Some(feature) => Err(anyhow!(
                "this program was built without the Cargo feature `{feature}`; \
                 use flex or ndarray, or run this: {}",
                available::command_with(feature)
            )),
        }
    }
}

fn number(index: &str) -> Result<usize> {
    index.parse().with_context(|| {
        format!("expected the number of a GPU after `cuda:`, such as cuda:0, found {index:?}")
    })
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flex => f.write_str("flex"),
            Self::NdArray => f.write_str("ndarray"),
            Self::LibTorch => f.write_str("tch"),
            Self::LibTorchCuda(index) => write!(f, "tch:cuda:{index}"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
            Self::Wgpu => f.write_str("wgpu"),
            Self::Remote(remote) => write!(f, "remote:{remote}"),
        }
    }
}

/// The processor, by the fast backend: for work on weights that is no matter of the device that was asked for.
#[must_use]
pub(crate) fn processor() -> Device {
    Device::flex()
}

/// How many threads may divide a batch among themselves: the processor's cores, or one if a GPU does the work.
#[must_use]
pub(crate) fn threads(device: &Device) -> usize {
    if is_processor(device) { cores() } else { 1 }
}

/// Whether Burn's own code computes on the processor. (LibTorch divides work among the cores itself.)
#[must_use]
pub(crate) fn is_processor(device: &Device) -> bool {
    let device = device.clone().inner();
    [DeviceName::Flex, DeviceName::NdArray].iter().any(|name| name.construct().as_ref() == Some(&device))
}

/// Whether tensors on this device give away their elements and take them back without copying them: Burn's Flex does.
#[must_use]
pub(crate) fn lends_elements(device: &Device) -> bool {
    DeviceName::Flex.construct().as_ref() == Some(device)
}

/// Cores of this machine that this program may use.
#[must_use]
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

impl DeviceName {
    fn missing_feature(&self) -> Option<&'static str> {
        match self {
            Self::Flex | Self::NdArray => None,
            Self::LibTorch | Self::LibTorchCuda(_) => (!cfg!(feature = "tch")).then_some("tch"),
            Self::Cuda(_) => (!cfg!(feature = "cuda")).then_some("cuda"),
            Self::Wgpu => (!cfg!(feature = "wgpu")).then_some("wgpu"),
            Self::Remote(_) => (!cfg!(feature = "remote")).then_some("remote"),
        }
    }

    /// Opens the device, and makes sure that it works.
    ///
    /// # Errors
    ///
    /// If this build or this machine has no such device.
    pub fn open(&self) -> Result<Device> {
        #[cfg(feature = "remote")]
        if let Self::Remote(remote) = self {
            return remote.open();
        }
        let feature = || anyhow!("device {self} is not part of this build");
        let device = self.construct().ok_or_else(feature)?;
        if matches!(self, Self::Cuda(_) | Self::LibTorchCuda(_)) {
            available::ensure_present(self)?;
        }
        if !matches!(self, Self::Flex | Self::NdArray) {
            probe(&device).with_context(|| format!("device {self} can't be used on this machine"))?;
        }
        Ok(device)
    }

    // Burn marks NdArray and LibTorch as deprecated from 0.22 on. They are kept as independent witnesses for the
    // numeric tests, and Burn's version is pinned, so the lint is silenced here and nowhere else.
    #[allow(deprecated)]
    fn construct(&self) -> Option<Device> {
        match self {
            Self::Flex => Some(Device::flex()),
            Self::NdArray => Some(Device::ndarray()),
            #[cfg(feature = "tch")]
            Self::LibTorch => Some(Device::libtorch()),
            #[cfg(feature = "tch")]
            Self::LibTorchCuda(index) => Some(Device::libtorch_cuda(*index)),
            #[cfg(feature = "cuda")]
            Self::Cuda(index) => Some(Device::cuda(*index)),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => Some(Device::wgpu(burn::tensor::DeviceKind::DefaultDevice)),
            #[allow(unreachable_patterns)]
            _ => None,
        }
    }
}

/// Opens several devices; the default if none is named.
///
/// # Errors
///
/// If one of them can't be used.
pub(crate) fn open_all(names: &[DeviceName]) -> Result<Vec<Device>> {
    if names.is_empty() {
        Ok(vec![DeviceName::Flex.open()?])
    } else {
        names.iter().map(DeviceName::open).collect()
    }
}

/// Their names, as `config.json` keeps them.
#[must_use]
pub(crate) fn joined(names: &[DeviceName]) -> String {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    if names.is_empty() { DeviceName::Flex.to_string() } else { names.join(",") }
}

/// The names again.
///
/// # Errors
///
/// If this build has no such device.
pub(crate) fn split(names: &str) -> Result<Vec<DeviceName>> {
    names.split(',').map(str::parse).collect()
}

/// The devices that numeric tests run on; with `--features tch`, LibTorch is one of them.
#[cfg(test)]
pub(crate) fn all_for_tests() -> Vec<Device> {
    let all = [DeviceName::Flex, DeviceName::NdArray, DeviceName::LibTorch];
    all.iter().filter_map(DeviceName::construct).collect()
}

/// Burn's device on the ndarray crate, for tests that compare it with another.
#[cfg(test)]
#[allow(deprecated, reason = "as in `construct`")]
pub(crate) fn ndarray() -> Device {
    Device::ndarray()
}

/// GPU runtimes report a missing driver or device by panicking on first use: ask here, and turn that into an error.
fn probe(device: &Device) -> Result<()> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let answer = std::panic::catch_unwind(|| (Tensor::<1>::ones([1], device) + 1.0).into_scalar::<f32>());
    std::panic::set_hook(hook);
    match answer {
        Ok(2.0) => Ok(()),
        Ok(other) => bail!("1 + 1 came out as {other}"),
        Err(payload) => {
            let message = payload.downcast_ref::<String>().cloned();
            let message = message.or_else(|| payload.downcast_ref::<&str>().map(|&text| text.to_owned()));
            let message = message.unwrap_or_else(|| "no reason given".to_owned());
            bail!("{}", message.lines().next().unwrap_or_default().to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_round_trip() {
        for name in ["flex", "ndarray"] {
            assert_eq!(name.parse::<DeviceName>().unwrap().to_string(), name);
        }
    }

    #[test]
    fn an_unknown_device_is_named_with_what_was_expected() {
        let message = "tpu".parse::<DeviceName>().unwrap_err().to_string();
        assert!(message.contains("expected flex, ndarray") && message.contains("\"tpu\""), "{message}");
        assert!("flex:1".parse::<DeviceName>().is_err());
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_missing_feature_is_named() {
        let message = "cuda".parse::<DeviceName>().unwrap_err().to_string();
        assert!(message.contains("cargo run -p train --features ") && message.contains("cuda -- "));
    }

    #[test]
    fn the_processor_can_be_opened_and_probed() {
        for device in all_for_tests() {
            probe(&device).unwrap();
        }
        assert!(is_processor(&DeviceName::Flex.open().unwrap()));
    }
}
