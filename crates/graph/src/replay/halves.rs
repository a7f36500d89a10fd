//! Numbers in half the room, where nothing is lost.

use burn::tensor::{DType, TensorData, f16};

/// Numbers of `f32` as `f16`, in the order of their bytes in a file; none if they are of another type, or one of them
/// would come back as another.
pub(super) fn narrowed(value: &TensorData) -> Option<Vec<u8>> {
    if value.dtype() != DType::F32 {
        return None;
    }
    let (numbers, _) = value.as_bytes().as_chunks::<4>();
    let mut halves = Vec::with_capacity(2 * numbers.len());
    for bytes in numbers {
        let number = f32::from_ne_bytes(*bytes);
        let half = f16::from_f32(number);
        if half.to_f32().to_bits() != number.to_bits() {
            return None;
        }
        halves.extend(half.to_le_bytes());
    }
    Some(halves)
}

/// Numbers of `f16`, as they stand in a file, as `f32`.
pub(super) fn widened(halves: &[u8]) -> Vec<u8> {
    let (halves, _) = halves.as_chunks::<2>();
    halves.iter().flat_map(|half| f16::from_le_bytes(*half).to_f32().to_ne_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(numbers: &[f32]) -> Option<Vec<f32>> {
        let value = TensorData::new(numbers.to_vec(), [numbers.len()]);
        let bytes = widened(&narrowed(&value)?);
        let (numbers, _) = bytes.as_chunks::<4>();
        Some(numbers.iter().map(|bytes| f32::from_ne_bytes(*bytes)).collect())
    }

    #[test]
    fn every_half_comes_back_bit_for_bit() {
        let all = (0..=u16::MAX).map(f16::from_bits).filter(|half| !half.is_nan());
        let all: Vec<f32> = all.map(f16::to_f32).collect();
        let back = there_and_back(&all).unwrap();
        assert_eq!(
            all.len(),
            2 * 31 * 1024 + 2,
            "zeros of both signs, the smallest, and infinities among them"
        );
        assert!(all.iter().zip(&back).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    #[test]
    fn what_would_lose_a_bit_stays_as_it_is() {
        for number in [0.1, 1.0 + f32::EPSILON, 65_520.0, 1e-8, f32::MIN_POSITIVE, f32::MAX] {
            assert_eq!(there_and_back(&[1.0, number]), None, "{number}");
        }
        assert_eq!(narrowed(&TensorData::new(vec![1.0_f64], [1])), None, "another type");
        assert_eq!(there_and_back(&[]), Some(Vec::new()));
    }
}
