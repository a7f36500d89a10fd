//! Convolutional nets in stages: blocks with sums, some of them, and the first of a stage unlike the others.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use crate::listed::{boxes, graph, inside_of_repeated};

#[derive(Module, Debug)]
struct Residual {
    conv1: Conv2d,
    bn1: BatchNorm,
    conv2: Conv2d,
    bn2: BatchNorm,
    downsample: Option<Conv2d>,
}

#[derive(Module, Debug)]
struct Net {
    conv: Conv2d,
    pool: MaxPool2d,
    layer1: Vec<Residual>,
    layer2: Vec<Residual>,
    fc: Linear,
}

fn conv(from: usize, to: usize, size: usize, stride: usize, device: &Device) -> Conv2d {
    let padding = PaddingConfig2d::Explicit(size / 2, size / 2, size / 2, size / 2);
    Conv2dConfig::new([from, to], [size, size])
        .with_stride([stride, stride])
        .with_padding(padding)
        .init(device)
}

impl Residual {
    fn new(from: usize, to: usize, device: &Device) -> Self {
        let stride = to / from;
        Self {
            conv1: conv(from, to, 3, stride, device),
            bn1: BatchNormConfig::new(to).init(device),
            conv2: conv(to, to, 3, 1, device),
            bn2: BatchNormConfig::new(to).init(device),
            downsample: (stride > 1).then(|| conv(from, to, 1, stride, device)),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = relu(self.bn1.forward(self.conv1.forward(x.clone())));
        let y = self.bn2.forward(self.conv2.forward(y));
        let x = self.downsample.as_ref().map_or(x.clone(), |downsample| downsample.forward(x));
        relu(y + x)
    }
}

#[test]
fn stages_of_residual_blocks_keep_their_sums() {
    let found = graph(|session| {
        let device = session.device();
        let net = Net {
            conv: conv(3, 4, 3, 1, device),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            layer1: (0..3).map(|_| Residual::new(4, 4, device)).collect(),
            layer2: vec![
                Residual::new(4, 8, device),
                Residual::new(8, 8, device),
                Residual::new(8, 8, device),
            ],
            fc: LinearConfig::new(8, 10).init(device),
        };
        session.parameters(&net);
        let x = session.input("x", Tensor::<4>::zeros([2, 3, 16, 16], device));
        let x = net.pool.forward(relu(net.conv.forward(x)));
        let x = net.layer1.iter().chain(&net.layer2).fold(x, |x, block| block.forward(x));
        let pooled: Tensor<2> = x.mean_dim(3).mean_dim(2).flatten(1, 3);
        session.output("y", net.fc.forward(pooled));
    });
    let all = boxes(&found);
    let stages: Vec<_> = all.iter().filter(|label| label.contains("layer")).collect();
    assert_eq!(stages, ["layer1 x3", "layer2 0", "layer2 x2"], "{}", found.outline());
    assert!(!all.contains(&"Add".to_owned()), "{all:?}");
    let inner = inside_of_repeated(&found, 3);
    assert_eq!(inner[inner.len() - 3..], ["Batch Norm", "Add", "ReLU"].map(str::to_owned)[..], "{inner:?}");
}

#[derive(Module, Debug)]
struct Inverted {
    expand: Conv2d,
    project: Conv2d,
    norm: BatchNorm,
}

#[test]
fn only_some_of_the_elements_of_a_list_have_a_sum() {
    #[derive(Module, Debug)]
    struct Mobile {
        features: Vec<Inverted>,
    }
    let found = graph(|session| {
        let device = session.device();
        let block = |(from, to)| Inverted {
            expand: conv(from, 12, 1, 1, device),
            project: conv(12, to, 1, 1, device),
            norm: BatchNormConfig::new(to).init(device),
        };
        let net =
            Mobile { features: [(3, 4), (4, 4), (4, 4), (4, 6), (6, 6)].map(block).into_iter().collect() };
        session.parameters(&net);
        let mut x = session.input("x", Tensor::<4>::zeros([2, 3, 8, 8], device));
        for block in &net.features {
            let y =
                block.norm.forward(block.project.forward(block.expand.forward(x.clone()).clamp(0.0, 6.0)));
            x = if x.dims() == y.dims() { x + y } else { y };
        }
        session.output("y", x);
    });
    let expected = ["features 0", "features x2", "features 3", "features 4"];
    assert_eq!(boxes(&found), expected, "{}", found.outline());
}
