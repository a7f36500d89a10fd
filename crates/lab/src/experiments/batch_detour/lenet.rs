//! The network that nearly everybody begins with: LeNet (LeCun et al. 1998), as today's tutorials have it for colour images.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Initializer, Linear};
use burn::tensor::activation::{log_softmax, relu};
use burn::tensor::{Device, Int, Tensor, TensorData};

use super::pictures::{CHANNELS, CLASSES};
use crate::contract::random::Random;

/// Rows and columns of a convolution's kernel.
const KERNEL: usize = 5;

// ANCHOR: lenet
/// Two convolutions, each with a pooling, and three linear layers.
#[derive(Module, Debug)]
pub(super) struct LeNet {
    first: Conv2d,
    second: Conv2d,
    pool: MaxPool2d,
    wide: Linear,
    narrow: Linear,
    classes: Linear,
}

impl LeNet {
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, 32, 32]`
    /// - output: `[batch, 10]`, a score for every class
    pub(super) fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self.pool.forward(relu(self.first.forward(images)));
        let x = self.pool.forward(relu(self.second.forward(x)));
        let x = relu(self.wide.forward(x.flatten(1, 3)));
        self.classes.forward(relu(self.narrow.forward(x)))
    }
}
// ANCHOR_END: lenet

impl LeNet {
    /// Random weights and biases, between plus and minus one over the root of the numbers that come in, as PyTorch draws
    /// them.
    pub(super) fn drawn(random: &mut Random, device: &Device) -> Self {
        Self {
            first: convolution(random, [CHANNELS, 6], device),
            second: convolution(random, [6, 16], device),
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            wide: linear(random, [16 * KERNEL * KERNEL, 120], device),
            narrow: linear(random, [120, 84], device),
            classes: linear(random, [84, CLASSES], device),
        }
    }

    /// The logarithms of the classes' probabilities, `[batch, 10]`.
    pub(super) fn log_probabilities(&self, images: Tensor<4>) -> Tensor<2> {
        log_softmax(self.forward(images), 1)
    }

    /// How surprising the right classes are, in nats: the mean over a batch.
    pub(super) fn loss(&self, images: Tensor<4>, classes: Tensor<2, Int>) -> Tensor<1> {
        -self.log_probabilities(images).gather(1, classes).mean()
    }
}

#[cfg(test)]
impl LeNet {
    /// The last layer's bias.
    pub(super) fn output_bias(&self) -> Tensor<1> {
        self.classes.bias.as_ref().unwrap().val()
    }
}

fn convolution(random: &mut Random, channels: [usize; 2], device: &Device) -> Conv2d {
    let [read, written] = channels;
    let zeros = Conv2dConfig::new(channels, [KERNEL; 2]).with_initializer(Initializer::Zeros).init(device);
    let fan_in = read * KERNEL * KERNEL;
    let weight = parameter(random, fan_in, [written, read, KERNEL, KERNEL], device);
    Conv2d { weight, bias: Some(parameter(random, fan_in, [written], device)), ..zeros }
}

fn linear(random: &mut Random, [read, written]: [usize; 2], device: &Device) -> Linear {
    let weight = parameter(random, read, [read, written], device);
    Linear { weight, bias: Some(parameter(random, read, [written], device)) }
}

fn parameter<const D: usize>(
    random: &mut Random,
    fan_in: usize,
    shape: [usize; D],
    device: &Device,
) -> Param<Tensor<D>> {
    let bound = 1.0 / (fan_in as f64).sqrt();
    let values = (0..shape.iter().product()).map(|_| (bound * (2.0 * random.uniform() - 1.0)) as f32);
    Param::from_data(TensorData::new(values.collect::<Vec<f32>>(), shape), device)
}

#[cfg(test)]
mod tests {
    use train::device::DeviceName;

    use super::*;

    #[test]
    fn it_has_the_parameters_of_the_tutorials() {
        let device = DeviceName::Flex.open().unwrap();
        let net = LeNet::drawn(&mut Random::new(1, 0), &device);
        assert_eq!(net.num_params(), 62_006);
        let scores = net.forward(Tensor::zeros([3, CHANNELS, 32, 32], &device));
        assert_eq!(scores.dims(), [3, CLASSES]);
        // What is drawn fills the whole range, and nothing is left at zero.
        let values: Vec<f32> = net.second.weight.val().into_data().iter().collect();
        let bound = 1.0 / 150f32.sqrt();
        let most = values.iter().fold(0f32, |most, value| most.max(value.abs()));
        assert!(values.iter().all(|value| *value != 0.0) && most <= bound && most > 0.99 * bound, "{most}");
    }

    #[test]
    fn the_loss_is_the_mean_surprise() {
        let device = DeviceName::Flex.open().unwrap();
        let net = LeNet::drawn(&mut Random::new(2, 0), &device);
        let values: Vec<f32> = (0..3 * 3072).map(|n| ((n * 37 % 101) as f32) / 50.0 - 1.0).collect();
        let images = Tensor::<4>::from_data(TensorData::new(values, [3, CHANNELS, 32, 32]), &device);
        let classes = Tensor::<2, Int>::from_data(TensorData::new(vec![7i64, 0, 3], [3, 1]), &device);
        let scores: Vec<f32> = net.forward(images.clone()).into_data().iter().collect();
        let surprise = |(row, class): (&[f32], usize)| {
            let sum: f64 = row.iter().map(|score| f64::from(*score).exp()).sum();
            sum.ln() - f64::from(row[class])
        };
        let expected = scores.chunks(CLASSES).zip([7, 0, 3]).map(surprise).sum::<f64>() / 3.0;
        let found = f64::from(net.loss(images, classes).into_scalar::<f32>());
        assert!((found - expected).abs() < 1e-5, "{found} is not {expected}");
    }
}
