//! Counts are honest: of parameters, of running statistics, of what is repeated and of what is tied.

use burn::module::{Module, Param, RunningState};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2dConfig, MaxPool2dConfig};
use burn::nn::transformer::{TransformerEncoderConfig, TransformerEncoderInput};
use burn::nn::{
    BatchNorm, BatchNormConfig, Embedding, EmbeddingConfig, Linear, LinearConfig, PaddingConfig2d,
};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor};
use graph::{ComputationGraph, DrawOptions, ViewOptions, draw};

use crate::words::{graph, inner, view};

#[derive(Module, Debug)]
struct Block {
    conv1: Conv2d,
    bn1: BatchNorm,
    conv2: Conv2d,
    bn2: BatchNorm,
    downsample: Option<(Conv2d, BatchNorm)>,
}

fn conv(channels: [usize; 2], kernel: usize, stride: usize, device: &Device) -> Conv2d {
    let pad = kernel / 2;
    Conv2dConfig::new(channels, [kernel, kernel])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad))
        .with_bias(false)
        .init(device)
}

impl Block {
    fn new(from: usize, to: usize, stride: usize, device: &Device) -> Self {
        let norm = || BatchNormConfig::new(to).init(device);
        let other = stride != 1 || from != to;
        Self {
            conv1: conv([from, to], 3, stride, device),
            bn1: norm(),
            conv2: conv([to, to], 3, 1, device),
            bn2: norm(),
            downsample: other.then(|| (conv([from, to], 1, stride, device), norm())),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let skip = match &self.downsample {
            Some((conv, norm)) => norm.forward(conv.forward(x.clone())),
            None => x.clone(),
        };
        let x = relu(self.bn1.forward(self.conv1.forward(x)));
        relu(self.bn2.forward(self.conv2.forward(x)) + skip)
    }
}

#[derive(Module, Debug)]
struct ResNet {
    conv1: Conv2d,
    bn1: BatchNorm,
    layers: Vec<Vec<Block>>,
    fc: Linear,
}

fn resnet18() -> ComputationGraph {
    graph(|session| {
        let device = session.device();
        let stage =
            |from, to, stride| vec![Block::new(from, to, stride, device), Block::new(to, to, 1, device)];
        let net = ResNet {
            conv1: conv([3, 64], 7, 2, device),
            bn1: BatchNormConfig::new(64).init(device),
            layers: vec![stage(64, 64, 1), stage(64, 128, 2), stage(128, 256, 2), stage(256, 512, 2)],
            fc: LinearConfig::new(512, 1000).init(device),
        };
        session.parameters(&net);
        let x = session.input("image", Tensor::<4>::zeros([1, 3, 224, 224], device));
        let x = relu(net.bn1.forward(net.conv1.forward(x)));
        let pad = PaddingConfig2d::Explicit(1, 1, 1, 1);
        let x = MaxPool2dConfig::new([3, 3]).with_strides([2, 2]).with_padding(pad).init().forward(x);
        let x = net.layers.iter().flatten().fold(x, |x, block| block.forward(x));
        let x = AdaptiveAvgPool2dConfig::new([1, 1]).init().forward(x);
        session.output("scores", net.fc.forward(x.flatten::<2>(1, 3)));
    })
}

#[test]
fn a_residual_net_of_18_layers_has_the_parameters_that_everybody_counts() {
    let found = resnet18();
    assert_eq!(found.parameter_count(), 11_689_512);
    let statistics: usize = found.statistics().map(|statistic| statistic.tensor.elements()).sum();
    assert_eq!(statistics, 9_600);
    assert!(found.parameters().all(|parameter| !parameter.paths[0].contains("running")));
    let view = view(&found);
    assert_eq!((view.boxes[0].parameters, view.boxes[0].statistics), (11_689_512, 9_600));
    let outline = found.outline();
    assert!(outline.contains("11,689,512 parameters, 9,600 running statistics"), "{outline}");
    let drawn = draw(&view, &DrawOptions::new("resnet")).unwrap();
    assert!(drawn.svg.contains("128 parameters&#10;128 running statistics, which are no parameters"));
}

#[derive(Module, Debug)]
struct OwnNorm {
    scale: Param<Tensor<1>>,
    mean: RunningState<Tensor<1>>,
    spread: RunningState<Tensor<1>>,
}

#[test]
fn statistics_of_a_norm_by_hand_are_told_from_its_parameters() {
    let found = graph(|session| {
        let device = session.device();
        let norm = OwnNorm {
            scale: Param::from_tensor(Tensor::ones([6], device)),
            mean: RunningState::new(Tensor::zeros([6], device)),
            spread: RunningState::new(Tensor::ones([6], device)),
        };
        session.parameters(&norm);
        let x = session.input("x", Tensor::<2>::zeros([4, 6], device));
        let centred = x - norm.mean.value().unsqueeze();
        let y =
            centred / norm.spread.value().add_scalar(1e-5).sqrt().unsqueeze() * norm.scale.val().unsqueeze();
        session.output("y", y.exp());
    });
    let parameters: Vec<_> = found.parameters().map(|parameter| parameter.paths[0].clone()).collect();
    let statistics: Vec<_> = found.statistics().map(|parameter| parameter.paths[0].clone()).collect();
    assert_eq!(
        (parameters, statistics),
        (vec!["scale".to_owned()], vec!["mean".to_owned(), "spread".to_owned()])
    );
    assert_eq!(found.parameter(0).paths, ["scale"]);
}

#[derive(Module, Debug)]
struct Tied {
    table: Embedding,
    inner: Linear,
}

#[test]
fn a_tied_table_counts_once_in_a_total() {
    let found = graph(|session| {
        let device = session.device();
        let model = Tied {
            table: EmbeddingConfig::new(50, 8).init(device),
            inner: LinearConfig::new(8, 8).with_bias(false).init(device),
        };
        session.parameters(&model);
        let ids = session.input("ids", Tensor::<2, Int>::zeros([2, 3], device));
        let x = model.inner.forward(model.table.forward(ids));
        session.output("logits", x.matmul(model.table.weight.val().transpose().unsqueeze()));
    });
    let whole = view(&found);
    let counts: Vec<_> = inner(&whole).iter().map(|b| b.parameters).collect();
    assert_eq!(counts, [400, 64, 400], "each box says what it reads");
    assert_eq!(whole.boxes[0].parameters, 464);
    assert_eq!(found.parameter_count(), 464);
}

#[test]
fn two_fields_of_one_parameter_are_told_together() {
    let found = graph(|session| {
        let device = session.device();
        let table: Embedding = EmbeddingConfig::new(50, 8).init(device);
        let both = (table.clone(), table);
        session.parameters(&both);
        let ids = session.input("ids", Tensor::<2, Int>::zeros([2, 3], device));
        session.output("y", both.0.forward(ids.clone()) + both.1.forward(ids));
    });
    assert_eq!(found.parameter_count(), 400);
    assert!(view(&found).boxes.iter().any(|b| b.detail.contains(&"0.weight = 1.weight [50, 8]".to_owned())));
}

#[test]
fn of_what_is_repeated_it_is_said_what_is_each_and_what_in_all() {
    let found = graph(|session| {
        let encoder = TransformerEncoderConfig::new(16, 32, 2, 6).init(session.device());
        session.parameters(&encoder);
        let x = session.input("x", Tensor::<3>::zeros([2, 5, 16], session.device()));
        session.output("y", encoder.forward(TransformerEncoderInput::new(x)));
    });
    let closed = view(&found);
    let layers = inner(&closed)[0];
    assert_eq!((layers.repeat, layers.each * 6), (6, layers.parameters));
    let drawn = draw(&closed, &DrawOptions::new("closed")).unwrap();
    let told = "2,224 parameters each, 13,344 in all";
    assert!(drawn.svg.contains(told) && drawn.text.contains(told), "{}", drawn.text);
    assert!(found.outline().contains("13,344 parameters in all"));
    let open = draw(&found.view(&ViewOptions::new().depth(2)).unwrap(), &DrawOptions::new("open")).unwrap();
    assert!(open.text.contains("1,088 parameters in each of the 6"), "{}", open.text);
}

#[test]
fn what_repeats_share_is_not_multiplied() {
    let found = graph(|session| {
        let device = session.device();
        let linear = LinearConfig::new(4, 4).init(device);
        session.parameters(&linear);
        let mut x = session.input("x", Tensor::<2>::zeros([2, 4], device));
        for _ in 0..3 {
            x = tracing::info_span!("step").in_scope(|| linear.forward(x).tanh());
        }
        session.output("y", x);
    });
    let drawn = draw(&view(&found), &DrawOptions::new("shared")).unwrap();
    assert!(drawn.text.contains("20 parameters, shared by all 3"), "{}", drawn.text);
    let open = draw(&found.view(&ViewOptions::new().depth(2)).unwrap(), &DrawOptions::new("open")).unwrap();
    assert_eq!(open.text.matches("20 parameters, shared by all 3").count(), 2, "{}", open.text);
}
