//! Positional encoding (paper, section 3.5).

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

// ANCHOR: positional
/// The sinusoids of section 3.5, interleaved:
/// `PE(pos, 2i) = sin(pos / 10000^(2i / d_model))`, and the cosine of
/// the same angle at `2i + 1`.
///
/// They are computed for the positions asked for, so that no table ends
/// where a long sequence goes on, and in double precision, since a
/// position of some thousands leaves single precision few digits for
/// the angle.
///
/// # Shapes
///
/// - output: `[positions, d_model]`
#[tracing::instrument(name = "positional_encoding", skip_all)]
pub fn positional_encoding(
    positions: Range<usize>,
    d_model: usize,
    device: &Device,
) -> Tensor<2> {
    let wave = |position: usize, dimension: usize| {
        // 2i, for the sine and the cosine beside it
        let even = dimension - dimension % 2;
        let angle = position as f64
            / 10_000f64.powf(even as f64 / d_model as f64);
        (if dimension == even { angle.sin() } else { angle.cos() })
            as f32
    };
    let shape = [positions.len(), d_model];
    let values = positions
        .flat_map(|p| (0..d_model).map(move |d| wave(p, d)))
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}
// ANCHOR_END: positional

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(positions: Range<usize>, d_model: usize) -> Vec<f32> {
        positional_encoding(positions, d_model, &Device::flex())
            .into_data()
            .try_to_vec()
            .unwrap()
    }

    #[test]
    fn sine_and_cosine_alternate() {
        let row = encode(1..2, 5);
        let second = 1.0 / 10_000f32.powf(2.0 / 5.0);
        let third = 1.0 / 10_000f32.powf(4.0 / 5.0);
        let expected = [
            1f32.sin(),
            1f32.cos(),
            second.sin(),
            second.cos(),
            third.sin(),
        ];
        for (found, expected) in row.iter().zip(expected) {
            assert!(
                (found - expected).abs() < 1e-6,
                "{found} is not {expected}"
            );
        }
    }

    #[test]
    fn a_slice_of_positions_equals_the_same_rows_of_a_longer_one() {
        let all = encode(0..6_007, 7);
        assert_eq!(encode(5_999..6_007, 7), all[5_999 * 7..]);
    }

    /// For a fixed offset, the encoding of `pos + k` is a rotation of
    /// that of `pos` (section 3.5): sums of products of two encodings
    /// depend on their distance alone.
    #[test]
    fn a_dot_product_depends_on_the_distance_alone() {
        let d = 20;
        let rows = encode(0..100, d);
        let dot = |a: usize, b: usize| {
            (0..d)
                .map(|i| rows[a * d + i] * rows[b * d + i])
                .sum::<f32>()
        };
        for start in [0, 13, 59] {
            assert!((dot(start, start + 7) - dot(31, 38)).abs() < 1e-4);
        }
    }
}
