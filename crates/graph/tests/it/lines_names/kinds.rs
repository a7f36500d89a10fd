//! A type of several kinds, whose parts have methods of the same name.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig, Relu};
use burn::tensor::{Device, Tensor};

fn linear(device: &Device) -> Linear {
    LinearConfig::new(6, 6).init(device)
}

#[derive(Module, Debug)]
struct Smooth {
    inner: Linear,
}

impl Smooth {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.inner.forward(x).tanh()
    }
}

#[derive(Module, Debug)]
struct Steep {
    inner: Linear,
}

impl Steep {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.inner.forward(x).exp()
    }
}

#[derive(Module, Debug)]
enum Block {
    Smooth(Smooth),
    Steep(Steep),
}

impl Block {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Smooth(block) => block.forward(x),
            Block::Steep(block) => block.forward(x),
        }
    }
}

#[derive(Module, Debug)]
pub(super) struct Net {
    blocks: Vec<Block>,
}

impl Net {
    pub(super) fn new(device: &Device) -> Self {
        let smooth = || Block::Smooth(Smooth { inner: linear(device) });
        Self { blocks: vec![smooth(), Block::Steep(Steep { inner: linear(device) }), smooth()] }
    }

    pub(super) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.blocks.iter().fold(x, |x, block| block.forward(x))
    }
}

trait Act {
    fn act(&self, x: Tensor<2>) -> Tensor<2>;
}

struct One;

impl Act for One {
    fn act(&self, x: Tensor<2>) -> Tensor<2> {
        x.exp()
    }
}

#[allow(dead_code)]
struct Two;

impl Act for Two {
    fn act(&self, x: Tensor<2>) -> Tensor<2> {
        x.exp()
    }
}

fn chosen() -> impl Act {
    One
}

pub(super) fn either(x: Tensor<2>) -> Tensor<2> {
    let chosen = chosen();
    chosen.act(x)
}

#[derive(Module, Debug)]
pub(super) struct Shallow {
    inner: Linear,
}

impl Shallow {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.inner.forward(x) // shallow
    }
}

#[derive(Module, Debug)]
pub(super) struct Deep {
    inner: Linear,
    activation: Relu,
}

impl Deep {
    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.inner.forward(x); // deep
        self.activation.forward(x) // deep
    }
}

#[derive(Module, Debug)]
pub(super) enum Depth {
    Shallow(Shallow),
    Deep(Deep),
}

impl Depth {
    pub(super) fn new(is_deep: bool, device: &Device) -> Self {
        let inner = linear(device);
        match is_deep {
            true => Self::Deep(Deep { inner, activation: Relu::new() }),
            false => Self::Shallow(Shallow { inner }),
        }
    }

    pub(super) fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        match self {
            Self::Shallow(one) => one.forward(x),
            Self::Deep(one) => one.forward(x),
        }
    }
}
