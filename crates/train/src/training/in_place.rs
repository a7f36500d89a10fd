//! Work on all elements of large tensors in one pass over memory, in place, on all cores.
//!
//! What follows the gradients (their sum, their norm, Adam) touches every parameter several times and computes next to
//! nothing: written as tensor operations, it takes a pass over memory and a temporary tensor for every single operation.

use burn::tensor::Tensor;
use rayon::prelude::*;

use crate::device::lends_elements;

/// Elements that are worked on together: small enough for a core's cache.
const CHUNK: usize = 1 << 14;

/// Calls `work` on chunks of tensors of one size, the same places of each; it may change them. Returns the tensors and
/// what `work` returned, in order.
///
/// # Errors
///
/// Gives the tensors back as they are if their device doesn't let go of their elements without copying them, or they
/// are of another kind than `f32`.
pub(crate) fn in_place<const N: usize, const D: usize, T: Send>(
    tensors: [Tensor<D>; N],
    work: impl Fn([&mut [f32]; N]) -> T + Send + Sync,
) -> Result<([Tensor<D>; N], Vec<T>), [Tensor<D>; N]> {
    let Some(device) = tensors.first().map(Tensor::device).filter(lends_elements) else {
        return Err(tensors);
    };
    if tensors.iter().any(|tensor| tensor.device() != device) {
        return Err(tensors);
    }
    let mut data = tensors.map(Tensor::into_data);
    let found = {
        let slices = data.each_mut().map(|data| data.as_mut_slice::<f32>().ok());
        if slices.iter().any(Option::is_none) {
            return Err(data.map(|data| Tensor::from_data(data, &device)));
        }
        let slices = slices.map(Option::unwrap_or_default);
        let count = slices[0].len().div_ceil(CHUNK);
        let mut chunks = slices.map(|slice| slice.chunks_mut(CHUNK));
        let tasks: Vec<_> =
            (0..count).map(|_| chunks.each_mut().map(|rest| rest.next().unwrap_or_default())).collect();
        tasks.into_par_iter().map(work).collect()
    };
    Ok((data.map(|data| Tensor::from_data(data, &device)), found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, Distribution};

    #[test]
    fn every_element_is_worked_on_once_beside_those_of_its_place() {
        let random = |shape| Tensor::<2>::random(shape, Distribution::Default, &Device::flex());
        for shape in [[1, 1], [127, 129], [131, 128]] {
            let (a, b) = (random(shape), random([shape[1], shape[0]]).transpose());
            let expected = (a.clone() * 2.0 + b.clone()).into_data();
            let work = |[a, b]: [&mut [f32]; 2]| {
                a.iter_mut().zip(&*b).for_each(|(a, b)| *a = 2.0 * *a + b);
                a.len()
            };
            let ([sum, same], counts) = in_place([a.clone(), b.clone()], work).unwrap();
            assert_eq!(sum.into_data(), expected);
            assert_eq!(same.into_data(), b.into_data());
            assert_eq!(counts.iter().sum::<usize>(), shape[0] * shape[1]);
            assert_eq!(counts.len(), (shape[0] * shape[1]).div_ceil(CHUNK));
        }
    }

    #[test]
    fn tensors_of_other_devices_come_back() {
        let tensor = Tensor::<1>::ones([3], &crate::device::ndarray());
        let Err([same]) = in_place([tensor.clone()], |_| ()) else { panic!("ndarray keeps its elements") };
        assert_eq!(same.into_data(), tensor.into_data());
    }
}
