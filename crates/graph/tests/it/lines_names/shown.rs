//! Calls of the methods of a trait that another file declares.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::other::Step as _;

#[derive(Module, Debug)]
pub(super) struct Net {
    pub(super) inner: Linear,
}

impl Net {
    pub(super) fn new(device: &Device) -> Self {
        Self { inner: LinearConfig::new(6, 6).init(device) }
    }

    pub(super) fn run(&self, x: Tensor<2>) -> Tensor<2> {
        self.inner.step(x)
    }
}

pub(super) mod by_glob {
    use super::super::other::*;
    use super::{Linear, Tensor};

    pub(in super::super) fn run(inner: &Linear, x: Tensor<2>) -> Tensor<2> {
        inner.step(x)
    }
}
