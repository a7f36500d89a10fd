//! The gradients of all parameters together.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::training::in_place::in_place;

/// Adds up the gradients of one model on several shares of a batch. Also returns their squared Euclidean norm.
pub(super) fn add_up<M: Module>(model: &M, shares: Vec<GradientsParams>) -> (GradientsParams, f64) {
    struct Sum {
        shares: Vec<GradientsParams>,
        sum: GradientsParams,
        norm: Norm,
    }
    impl ModuleVisitor for Sum {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let found = self.shares.iter_mut().filter_map(|share| share.remove::<D>(param.id));
            let mut found: Vec<Tensor<D>> = found.collect();
            let Some(last) = found.pop() else { return };
            let total = match found.into_iter().reduce(add) {
                Some(others) => self.norm.note_sum(others, last),
                None => self.norm.note(last),
            };
            self.sum.register::<D>(param.id, total);
        }
    }
    let mut sum = Sum { shares, sum: GradientsParams::new(), norm: Norm::default() };
    model.visit(&mut sum);
    (sum.sum, sum.norm.squared())
}

fn add<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> Tensor<D> {
    match in_place([a, b], |[a, b]: [&mut [f32]; 2]| add_to(a, b)) {
        Ok(([sum, _], _)) => sum,
        Err([a, b]) => a + b,
    }
}

fn add_to(a: &mut [f32], b: &[f32]) {
    a.iter_mut().zip(b).for_each(|(a, b)| *a += *b);
}

/// All of them times a factor.
pub(super) fn scaled<M: Module>(model: &M, gradients: GradientsParams, factor: f64) -> GradientsParams {
    struct Scale {
        from: GradientsParams,
        to: GradientsParams,
        factor: f64,
    }
    impl ModuleVisitor for Scale {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.from.remove::<D>(param.id) {
                self.to.register::<D>(param.id, gradient * self.factor);
            }
        }
    }
    let mut scale = Scale { from: gradients, to: GradientsParams::new(), factor };
    model.visit(&mut scale);
    scale.to
}

/// A sum of squares.
#[derive(Default)]
struct Norm {
    /// Of the tensors whose elements can be had.
    known: f64,
    /// Of the others: one number leaves their device at the end, rather than one for each parameter.
    waiting: Option<Tensor<1>>,
}

impl Norm {
    /// The sum of two, noted while it is in a core's cache.
    fn note_sum<const D: usize>(&mut self, a: Tensor<D>, b: Tensor<D>) -> Tensor<D> {
        let work = |[a, b]: [&mut [f32]; 2]| {
            add_to(a, b);
            sum_of_squares(a)
        };
        match in_place([a, b], work) {
            Ok(([sum, _], sums)) => {
                self.known += sums.iter().sum::<f64>();
                sum
            }
            Err([a, b]) => self.note(a + b),
        }
    }

    fn note<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        let squares = |[chunk]: [&mut [f32]; 1]| sum_of_squares(chunk);
        match in_place([tensor], squares) {
            Ok(([tensor], sums)) => {
                self.known += sums.iter().sum::<f64>();
                tensor
            }
            Err([tensor]) => {
                let sum = (tensor.clone() * tensor.clone()).sum();
                self.waiting = Some(match self.waiting.take() {
                    Some(before) => before + sum,
                    None => sum,
                });
                tensor
            }
        }
    }

    fn squared(self) -> f64 {
        self.known + self.waiting.map_or(0.0, |sum| sum.into_scalar::<f64>())
    }
}

/// In lanes, so that the compiler can use vector instructions.
fn sum_of_squares(values: &[f32]) -> f64 {
    let mut lanes = [0f32; 16];
    let (whole, rest) = values.as_chunks::<16>();
    for chunk in whole {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += x * x;
        }
    }
    let rest = rest.iter().map(|x| x * x);
    lanes.into_iter().chain(rest).map(f64::from).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::{Linear, LinearConfig};
    use burn::tensor::{Device, Distribution};

    fn random(layer: &Linear, device: &Device) -> GradientsParams {
        let mut gradients = GradientsParams::new();
        let weight = Tensor::<2>::random([131, 127], Distribution::Normal(0.0, 1.0), device);
        gradients.register(layer.weight.id, weight);
        gradients
    }

    #[test]
    fn shares_are_added_and_measured_on_every_device() {
        for device in crate::device::all_for_tests() {
            let layer = LinearConfig::new(131, 127).init(&device);
            let shares = [random(&layer, &device), random(&layer, &device), random(&layer, &device)];
            let of = |gradients: &GradientsParams| {
                let tensor = gradients.get::<2>(layer.weight.id).unwrap();
                tensor.into_data().iter::<f64>().collect::<Vec<f64>>()
            };
            let each = shares.each_ref().map(of);
            let expected: Vec<f64> =
                (0..131 * 127).map(|n| each.iter().map(|share| share[n]).sum()).collect();
            let (sum, squared) = add_up(&layer, shares.into());
            let worst = of(&sum).iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-6, "{device:?}: {worst}");
            let norm: f64 = expected.iter().map(|x| x * x).sum();
            assert!((squared - norm).abs() < 1e-5 * norm, "{device:?}: {squared} is not {norm}");
            let half = of(&scaled(&layer, sum, 0.5));
            assert!((half[7] - expected[7] / 2.0).abs() < 1e-6);
            assert!(add_up(&layer, Vec::new()).0.is_empty());
        }
    }
}
