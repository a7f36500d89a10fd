//! Which device does the work: the only place that names Burn's backends.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, bail};
use burn::tensor::{Device, Tensor};

/// A device as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceName {
    /// The processor, by Burn's Flex backend: the fast choice.
    Flex,
    /// The processor, by the ndarray crate.
    NdArray,
    /// The processor, by LibTorch (feature `tch`).
    LibTorch,
    /// An NVIDIA GPU (feature `cuda`).
    Cuda(usize),
    /// Any GPU with Vulkan, Metal or DirectX 12 (feature `wgpu`).
    Wgpu,
}

impl FromStr for DeviceName {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        let (kind, index) = match name.split_once(':') {
            Some((kind, index)) => (kind, Some(index)),
            None => (name, None),
        };
        let device = match (kind, index) {
            ("flex", None) => Self::Flex,
            ("ndarray", None) => Self::NdArray,
            ("libtorch" | "tch", None) => Self::LibTorch,
            ("wgpu", None) => Self::Wgpu,
            ("cuda", None) => Self::Cuda(0),
            ("cuda", Some(index)) => Self::Cuda(index.parse().with_context(|| {
                format!("expected the number of a GPU after `cuda:`, such as cuda:0, found {index:?}")
            })?),
            _ => bail!("expected flex, ndarray, libtorch, cuda, cuda:N or wgpu, found {name:?}"),
        };
        match device.missing_feature() {
            None => Ok(device),
            Some(feature) => Err(anyhow!(
                "this program was built without the Cargo feature `{feature}`; rebuild it with \
                 `cargo run -p train --features {feature} -- ...`, or use flex or ndarray"
            )),
        }
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flex => f.write_str("flex"),
            Self::NdArray => f.write_str("ndarray"),
            Self::LibTorch => f.write_str("libtorch"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
            Self::Wgpu => f.write_str("wgpu"),
        }
    }
}

/// How many threads may divide a batch among themselves: the processor's cores, or one if a GPU does the work.
#[must_use]
pub fn threads(device: &Device) -> usize {
    let processor =
        [DeviceName::Flex, DeviceName::NdArray].iter().any(|name| name.construct().as_ref() == Some(device));
    if processor { std::thread::available_parallelism().map_or(1, usize::from) } else { 1 }
}

impl DeviceName {
    fn missing_feature(self) -> Option<&'static str> {
        match self {
            Self::Flex | Self::NdArray => None,
            Self::LibTorch => (!cfg!(feature = "tch")).then_some("tch"),
            Self::Cuda(_) => (!cfg!(feature = "cuda")).then_some("cuda"),
            Self::Wgpu => (!cfg!(feature = "wgpu")).then_some("wgpu"),
        }
    }

    /// Opens the device, and makes sure that it works.
    ///
    /// # Errors
    ///
    /// If this build or this machine has no such device.
    pub fn open(self) -> Result<Device> {
        let feature = || anyhow!("device {self} is not part of this build");
        let device = self.construct().ok_or_else(feature)?;
        if !matches!(self, Self::Flex | Self::NdArray) {
            probe(&device).with_context(|| format!("device {self} can't be used on this machine"))?;
        }
        Ok(device)
    }

    // Burn marks NdArray and LibTorch as deprecated from 0.22 on. They are kept as independent witnesses for the
    // numeric tests, and Burn's version is pinned, so the lint is silenced here and nowhere else.
    #[allow(deprecated)]
    fn construct(self) -> Option<Device> {
        match self {
            Self::Flex => Some(Device::flex()),
            Self::NdArray => Some(Device::ndarray()),
            #[cfg(feature = "tch")]
            Self::LibTorch => Some(Device::libtorch()),
            #[cfg(feature = "cuda")]
            Self::Cuda(index) => Some(Device::cuda(index)),
            #[cfg(feature = "wgpu")]
            Self::Wgpu => Some(Device::wgpu(burn::tensor::DeviceKind::DefaultDevice)),
            #[allow(unreachable_patterns)]
            _ => None,
        }
    }
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
        assert!(message.contains("--features cuda"), "{message}");
    }

    #[test]
    fn the_processor_can_be_opened_and_probed() {
        for name in [DeviceName::Flex, DeviceName::NdArray] {
            probe(&name.open().unwrap()).unwrap();
        }
    }
}
