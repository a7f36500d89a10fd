//! The tiny network, and how it learns.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::BinaryCrossEntropyLossConfig;
use burn::nn::pool::{AvgPool2d, AvgPool2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::optim::GradientsParams;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};
use train::training::optimiser::adam;

use super::examples::{CLASSES, Data, SIDE, order};
use crate::contract::random::Random;

/// Channels of both convolutions, and the sides of their kernels.
pub(super) const FIRST: usize = 8;
pub(super) const SECOND: usize = 16;
pub(super) const KERNEL: usize = 5;
const SECOND_KERNEL: usize = 3;

// ANCHOR: network
/// Two convolutions, and a score for each class.
#[derive(Module, Debug)]
pub(super) struct Network {
    first: Conv2d,
    second: Conv2d,
    pool: AvgPool2d,
    classes: Linear,
}

/// What the layers give, before anything negative becomes zero.
pub(super) struct Layers {
    pub(super) first: Tensor<4>,
    pub(super) second: Tensor<4>,
    pub(super) scores: Tensor<2>,
}

impl Network {
    /// # Shapes
    ///
    /// - pictures: `[pictures, 1, 28, 28]`
    /// - first: `[pictures, 8, 28, 28]`
    /// - second: `[pictures, 16, 14, 14]`
    /// - scores: `[pictures, 10]`
    pub(super) fn forward(&self, pictures: Tensor<4>) -> Layers {
        let first = self.first.forward(pictures);
        let x = self.pool.forward(relu(first.clone()));
        let second = self.second.forward(x);
        let x = self.pool.forward(relu(second.clone()));
        let scores = self.classes.forward(x.flatten(1, 3));
        Layers { first, second, scores }
    }
}
// ANCHOR_END: network

/// Pictures of a step, and sweeps through all of them.
const BATCH: usize = 64;
pub(super) const EPOCHS: usize = 4;
/// The rate of the first step. It falls to nothing in a straight line.
const RATE: f64 = 0.003;
/// Pictures that are judged at once.
const AT_ONCE: usize = 256;

impl Network {
    /// Random weights (He et al. 2015), and biases of 0.
    pub(super) fn drawn(random: &mut Random, device: &Device) -> Self {
        let convolution = |channels, side| {
            Conv2dConfig::new(channels, [side; 2]).with_padding(PaddingConfig2d::Same).init(device)
        };
        let features = SECOND * (SIDE / 4) * (SIDE / 4);
        let mut network = Self {
            first: convolution([1, FIRST], KERNEL),
            second: convolution([FIRST, SECOND], SECOND_KERNEL),
            pool: AvgPool2dConfig::new([2, 2]).init(),
            classes: LinearConfig::new(features, CLASSES).init(device),
        };
        // Burn would draw them from the device's generator, which other threads draw from, too.
        network.first.weight = weights([FIRST, 1, KERNEL, KERNEL], KERNEL * KERNEL, random, device);
        network.first.bias = Some(Param::from_tensor(Tensor::zeros([FIRST], device)));
        let inputs = FIRST * SECOND_KERNEL * SECOND_KERNEL;
        network.second.weight =
            weights([SECOND, FIRST, SECOND_KERNEL, SECOND_KERNEL], inputs, random, device);
        network.second.bias = Some(Param::from_tensor(Tensor::zeros([SECOND], device)));
        network.classes.weight = weights([features, CLASSES], features, random, device);
        network.classes.bias = Some(Param::from_tensor(Tensor::zeros([CLASSES], device)));
        network
    }

    /// The first layer alone, which takes pictures of any size.
    pub(super) fn first(&self, pictures: Tensor<4>) -> Tensor<4> {
        self.first.forward(pictures)
    }

    /// The kernels of the first layer, `[8, 1, 5, 5]`.
    pub(super) fn kernels(&self) -> Tensor<4> {
        self.first.weight.val()
    }

    /// A network that has learned what is in each picture. `told` is
    /// given every sweep and the loss of its last step.
    pub(super) fn learn(
        mut self,
        data: &Data,
        epochs: usize,
        random: &mut Random,
        mut told: impl FnMut(usize, f64),
    ) -> Self {
        let device = self.kernels().device();
        let asked = BinaryCrossEntropyLossConfig::new().with_logits(true);
        let asked = asked.init(&device);
        let mut adam = adam();
        let steps = epochs * data.count().div_ceil(BATCH);
        let mut done = 0;
        for epoch in 0..epochs {
            let mut last = f64::NAN;
            for batch in order(data.count(), random).chunks(BATCH) {
                let (pictures, present) = data.batch(batch, &device);
                let scores = self.forward(pictures).scores;
                let loss = asked.forward(scores, present);
                let slopes = loss.backward();
                let slopes = GradientsParams::from_grads(slopes, &self);
                let rate = RATE * (1.0 - done as f64 / steps as f64);
                self = adam.step(rate, self, slopes);
                last = loss.into_scalar();
                done += 1;
            }
            told(epoch, last);
        }
        self
    }

    /// What of the layers `of` takes, for each picture.
    pub(super) fn over(&self, data: &Data, of: impl Fn(Layers) -> Tensor<2>) -> Vec<Vec<f64>> {
        let network = self.valid();
        let device = network.kernels().device();
        let all: Vec<usize> = (0..data.count()).collect();
        let some = |some: &[usize]| {
            let taken = of(network.forward(data.batch(some, &device).0));
            let width = taken.dims()[1];
            let numbers: Vec<f64> = taken.into_data().iter::<f64>().collect();
            numbers.chunks(width).map(<[f64]>::to_vec).collect::<Vec<_>>()
        };
        all.chunks(AT_ONCE).flat_map(some).collect()
    }
}

/// Weights of as large a spread as keeps what passes through them as large as it was.
fn weights<const D: usize>(
    shape: [usize; D],
    inputs: usize,
    random: &mut Random,
    device: &Device,
) -> Param<Tensor<D>> {
    let reach = (6.0 / inputs as f64).sqrt();
    let value = |_| (reach * (2.0 * random.uniform() - 1.0)) as f32;
    let values: Vec<f32> = (0..shape.iter().product()).map(value).collect();
    Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), device))
}

#[cfg(test)]
mod tests {
    use train::device::DeviceName;

    use super::*;

    /// Pictures in which the class is told by which of ten columns is bright.
    fn columns(count: usize) -> Data {
        let pixel = |n: usize| if n % SIDE / 2 == n / (SIDE * SIDE) % CLASSES { 2.0 } else { -0.2 };
        let pixels = (0..count * SIDE * SIDE).map(pixel).collect();
        let present = (0..count * CLASSES).map(|n| n % CLASSES == n / CLASSES % CLASSES).collect();
        Data { pixels, present }
    }

    #[test]
    fn its_layers_have_their_shapes_and_the_first_is_what_it_says() {
        let device = DeviceName::Flex.open().unwrap();
        let network = Network::drawn(&mut Random::new(1, 0), &device);
        let pictures = Tensor::<4>::ones([3, 1, SIDE, SIDE], &device);
        let Layers { first, second, scores } = network.forward(pictures.clone());
        assert_eq!(first.dims(), [3, FIRST, 28, 28]);
        assert_eq!((second.dims(), scores.dims()), ([3, SECOND, 14, 14], [3, CLASSES]));
        assert_eq!(network.first(pictures).into_data(), first.into_data());
        assert_eq!(network.num_params(), 8 * 26 + 16 * 73 + 10 * 785);
    }

    #[test]
    fn it_learns_and_only_what_it_is_given_decides() {
        let device = DeviceName::Flex.open().unwrap().autodiff();
        let data = columns(640);
        let learnt = || {
            let mut losses = Vec::new();
            let network = Network::drawn(&mut Random::new(3, 0), &device);
            let network = network.learn(&data, 2, &mut Random::new(3, 1), |_, loss| losses.push(loss));
            (network.kernels().into_data(), losses)
        };
        let (kernels, losses) = learnt();
        assert!(losses.len() == 2 && losses[1] < losses[0], "{losses:?}");
        let before = Network::drawn(&mut Random::new(3, 0), &device).kernels().into_data();
        assert!(kernels != before && (kernels, losses) == learnt());
    }
}
