//! ResNet-50: He et al., "Deep Residual Learning for Image Recognition" (2015), table 1 and figure 5.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

/// Blocks of each stage, and the channels within them; four times as many leave them.
const STAGES: [(usize, usize); 4] = [(3, 64), (4, 128), (6, 256), (3, 512)];
const EXPANSION: usize = 4;

/// A convolution with the norm after it.
#[derive(Module, Debug)]
struct ConvNorm {
    conv: Conv2d,
    norm: BatchNorm,
}

impl ConvNorm {
    fn new(channels: [usize; 2], kernel: usize, stride: usize, device: &Device) -> Self {
        let pad = kernel / 2;
        let conv = Conv2dConfig::new(channels, [kernel, kernel])
            .with_stride([stride, stride])
            .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad))
            .with_bias(false);
        Self { conv: conv.init(device), norm: BatchNormConfig::new(channels[1]).init(device) }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.norm.forward(self.conv.forward(x))
    }
}

/// Three convolutions, the middle one narrow, and the way around them.
#[derive(Module, Debug)]
struct Bottleneck {
    reduce: ConvNorm,
    middle: ConvNorm,
    expand: ConvNorm,
    shortcut: Option<ConvNorm>,
}

impl Bottleneck {
    fn new(from: usize, width: usize, stride: usize, device: &Device) -> Self {
        let to = width * EXPANSION;
        Self {
            reduce: ConvNorm::new([from, width], 1, 1, device),
            middle: ConvNorm::new([width, width], 3, stride, device),
            expand: ConvNorm::new([width, to], 1, 1, device),
            shortcut: (from != to).then(|| ConvNorm::new([from, to], 1, stride, device)),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = relu(self.reduce.forward(x.clone()));
        let y = self.expand.forward(relu(self.middle.forward(y)));
        let x = match &self.shortcut {
            Some(shortcut) => shortcut.forward(x),
            None => x,
        };
        relu(y + x)
    }
}

/// The whole network, for a thousand classes.
#[derive(Module, Debug)]
pub(crate) struct ResNet50 {
    stem: ConvNorm,
    pool: MaxPool2d,
    stages: Vec<Vec<Bottleneck>>,
    average: AdaptiveAvgPool2d,
    classify: Linear,
}

impl ResNet50 {
    pub(crate) const PARAMETERS: usize = 25_557_032;

    pub(crate) fn new(device: &Device) -> Self {
        let mut from = 64;
        let mut stage = |(n, &(blocks, width)): (usize, &(usize, usize))| -> Vec<Bottleneck> {
            let block = |b| {
                let stride = if n > 0 && b == 0 { 2 } else { 1 };
                Bottleneck::new(std::mem::replace(&mut from, width * EXPANSION), width, stride, device)
            };
            (0..blocks).map(block).collect()
        };
        let pool = MaxPool2dConfig::new([3, 3]).with_strides([2, 2]);
        Self {
            stem: ConvNorm::new([3, 64], 7, 2, device),
            pool: pool.with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)).init(),
            stages: STAGES.iter().enumerate().map(&mut stage).collect(),
            average: AdaptiveAvgPool2dConfig::new([1, 1]).init(),
            classify: LinearConfig::new(512 * EXPANSION, 1000).init(device),
        }
    }

    /// Images `[batch, 3, 224, 224]` to scores `[batch, 1000]`.
    pub(crate) fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self.pool.forward(relu(self.stem.forward(images)));
        let x = self.stages.iter().flatten().fold(x, |x, block| block.forward(x));
        self.classify.forward(self.average.forward(x).flatten(1, 3))
    }
}
