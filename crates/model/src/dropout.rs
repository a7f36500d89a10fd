//! Dropout (paper, section 5.4): while training, elements are set to
//! zero at random.
//!
//! Burn's own layer draws from the generator of the device. On a
//! processor that is one generator behind one lock, so that threads
//! wait for each other and what they get depends on who comes first.
//! Inside [`seeded`], the numbers come from a generator of the thread
//! instead: they depend on its seed alone, whatever other threads do.

use std::cell::RefCell;

use burn::module::Module;
use burn::tensor::{Distribution, Tensor, TensorData};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

// ANCHOR: dropout
/// Sets each element to zero with a given probability, and divides the
/// others by the probability of being kept, so that the expected value
/// stays what it was. Does nothing unless gradients are wanted.
#[derive(Module, Debug)]
pub struct Dropout {
    /// The probability of being set to zero, in `[0, 1)`.
    probability: f64,
}

impl Dropout {
    /// # Shapes
    ///
    /// - `x` and output: the same, whatever it is
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        #[cfg(feature = "kernels")]
        if kernels::serve(&x)
            && self.drops(&x)
            && let Some(kept) = self.kept(x.shape().num_elements())
        {
            return kernels::dropout(x, kept);
        }
        self.drop_some(x)
    }

    // ANCHOR: drop
    fn drop_some<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        if self.probability == 0.0 || !x.device().is_autodiff() {
            return x;
        }
        let mask = mask(&x, 1.0 - self.probability);
        x * mask
    }
    // ANCHOR_END: drop
}

/// `1 / kept` with probability `kept`, else zero, in the shape of `x`.
fn mask<const D: usize>(x: &Tensor<D>, kept: f64) -> Tensor<D> {
    let scale = 1.0 / kept;
    match drawn(x.shape().num_elements(), kept) {
        Some(drawn) => {
            let of = |drawn| f32::from(drawn) * scale as f32;
            let values: Vec<_> = drawn.into_iter().map(of).collect();
            let data = TensorData::new(values, x.dims());
            Tensor::from_data(data, &x.device())
        }
        None => x.random_like(Distribution::Bernoulli(kept)) * scale,
    }
}
// ANCHOR_END: dropout

#[cfg(feature = "kernels")]
impl Dropout {
    /// Whether anything is dropped from this tensor.
    pub(crate) fn drops<const D: usize>(&self, x: &Tensor<D>) -> bool {
        self.probability > 0.0 && x.device().is_autodiff()
    }

    /// What is kept of so many elements, unless only the device knows.
    pub(crate) fn kept(&self, count: usize) -> Option<kernels::Kept> {
        let kept = 1.0 - self.probability;
        let drawn = drawn(count, kept)?;
        Some(kernels::Kept::new(drawn, (1.0 / kept) as f32))
    }
}

impl Dropout {
    /// `probability` is that of setting an element to zero.
    #[must_use]
    pub fn new(probability: f64) -> Self {
        Self { probability }
    }
}

thread_local! {
    static NUMBERS: RefCell<Option<Xoshiro256PlusPlus>> =
        const { RefCell::new(None) };
}

/// Calls `work`. Whatever it drops on this thread, it drops by a
/// generator that begins with `seed`.
pub fn seeded<T>(seed: u64, work: impl FnOnce() -> T) -> T {
    /// Puts back what was there, even if `work` panics.
    struct Restore(Option<Xoshiro256PlusPlus>);
    impl Drop for Restore {
        fn drop(&mut self) {
            NUMBERS.set(self.0.take());
        }
    }
    let numbers = Xoshiro256PlusPlus::seed_from_u64(seed);
    let _restore = Restore(NUMBERS.replace(Some(numbers)));
    work()
}

/// For each element one, with probability `kept`, or zero; nothing
/// outside [`seeded`].
fn drawn(count: usize, kept: f64) -> Option<Vec<u8>> {
    NUMBERS.with_borrow_mut(|numbers| {
        let numbers = numbers.as_mut()?;
        let below = (kept * 2f64.powi(32)) as u32;
        let mut drawn = vec![0; count];
        for pair in drawn.chunks_mut(2) {
            let bits = numbers.next_u64();
            pair[0] = u8::from((bits as u32) < below);
            if let Some(second) = pair.get_mut(1) {
                *second = u8::from(((bits >> 32) as u32) < below);
            }
        }
        Some(drawn)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    fn drop(probability: f64, seed: u64, device: &Device) -> Vec<f32> {
        let x = Tensor::<3>::ones([31, 37, 41], device) * 3.0;
        let dropped =
            seeded(seed, || Dropout::new(probability).forward(x));
        dropped.into_data().try_to_vec().unwrap()
    }

    #[test]
    fn as_many_are_dropped_as_asked_and_the_mean_stays() {
        let device = Device::flex().autodiff();
        for probability in [0.1, 0.5, 0.9] {
            let y = drop(probability, 7, &device);
            let kept = (3.0 / (1.0 - probability)) as f32;
            assert!(
                y.iter().all(|&y| y == 0.0 || (y - kept).abs() < 1e-5),
                "nothing but 0 and {kept}"
            );
            let share = y.iter().filter(|&&y| y == 0.0).count() as f64
                / y.len() as f64;
            // Six standard deviations of a binomial share.
            let bound = 6.0
                * (probability * (1.0 - probability) / y.len() as f64)
                    .sqrt();
            assert!(
                (share - probability).abs() < bound,
                "{share} of {probability} dropped"
            );
        }
    }

    #[test]
    fn the_seed_decides_and_neighbours_are_independent() {
        let device = Device::flex().autodiff();
        let y = drop(0.5, 7, &device);
        assert_eq!(y, drop(0.5, 7, &device));
        let same = |other: &[f32]| {
            y.iter().zip(other).filter(|(a, b)| a == b).count() as f64
                / y.len() as f64
        };
        let near_half = |share: f64| {
            (share - 0.5).abs() < 6.0 * 0.5 / (y.len() as f64).sqrt()
        };
        assert!(
            near_half(same(&drop(0.5, 8, &device))),
            "another seed, other elements"
        );
        for shift in [1, 2, 3, 41] {
            assert!(near_half(same(&y[shift..])), "{shift} apart");
        }
    }

    #[test]
    fn the_gradient_passes_where_the_value_does() {
        let device = Device::flex().autodiff();
        let x = Tensor::<1>::ones([101], &device).require_grad();
        let y = seeded(3, || Dropout::new(0.3).forward(x.clone()));
        let gradient = x.grad(&y.clone().sum().backward()).unwrap();
        assert_eq!(gradient.into_data(), y.inner().into_data());
    }

    #[test]
    fn nothing_is_dropped_where_no_gradient_is_wanted() {
        assert!(
            drop(0.5, 7, &Device::flex()).iter().all(|&y| y == 3.0)
        );
        assert!(
            drop(0.0, 7, &Device::flex().autodiff())
                .iter()
                .all(|&y| y == 3.0)
        );
    }
}
