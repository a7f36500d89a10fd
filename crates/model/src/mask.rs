//! What may not be seen: padding, and the future (paper, section
//! 3.2.3). `true` means masked.

use burn::tensor::{Bool, Device, Int, Tensor};

// ANCHOR: padding_mask
/// Hides the keys that are padding from every query.
///
/// Only keys are masked. What a *query* at a padding position gathers
/// is never looked at by anyone else, and the loss drops it.
///
/// # Shapes
///
/// - `ids`: `[batch, key]`
/// - output: `[batch, 1, 1, key]`, which broadcasts over heads and
///   queries
#[tracing::instrument(name = "padding_mask", skip_all)]
pub fn padding_mask(
    ids: Tensor<2, Int>,
    pad: usize,
) -> Tensor<4, Bool> {
    let [batch, key] = ids.dims();
    ids.equal_elem(pad as i64).reshape([batch, 1, 1, key])
}
// ANCHOR_END: padding_mask

// ANCHOR: causal_mask
/// Hides from every position the ones after it: query `i` sees the keys
/// `0..=i`.
///
/// # Shapes
///
/// - output: `[1, 1, query, key]` with both lengths equal to `length`
#[tracing::instrument(name = "causal_mask", skip_all)]
pub fn causal_mask(length: usize, device: &Device) -> Tensor<4, Bool> {
    // Burn's `tril_mask` is false on and below the diagonal, and true
    // above it.
    Tensor::<2, Bool>::tril_mask([length, length], 0, device)
        .reshape([1, 1, length, length])
}
// ANCHOR_END: causal_mask

// ANCHOR: target_mask
/// Both at once, for the decoder's self-attention:
/// `[batch, 1, target, target]`.
#[tracing::instrument(name = "target_mask", skip_all)]
pub fn target_mask(ids: Tensor<2, Int>, pad: usize) -> Tensor<4, Bool> {
    let [batch, target] = ids.dims();
    let future = causal_mask(target, &ids.device())
        .expand([batch, 1, target, target]);
    let padding =
        padding_mask(ids, pad).expand([batch, 1, target, target]);
    future.bool_or(padding)
}
// ANCHOR_END: target_mask

#[cfg(test)]
mod tests {
    use super::*;

    fn rows<const N: usize>(mask: Tensor<4, Bool>) -> Vec<[bool; N]> {
        let values: Vec<bool> =
            mask.into_data().iter::<bool>().collect();
        values.chunks(N).map(|row| row.try_into().unwrap()).collect()
    }

    #[test]
    fn the_future_is_masked_and_the_present_is_not() {
        let mask = causal_mask(3, &Device::flex());
        assert_eq!(
            rows(mask),
            [
                [false, true, true],
                [false, false, true],
                [false, false, false]
            ]
        );
    }

    #[test]
    fn padding_is_masked_as_a_key_for_every_query() {
        let ids = Tensor::<2, Int>::from_data(
            [[5, 3, 0], [7, 0, 0]],
            &Device::flex(),
        );
        assert_eq!(
            rows(padding_mask(ids, 0)),
            [[false, false, true], [false, true, true]]
        );
    }

    #[test]
    fn the_target_mask_is_the_union() {
        let ids = Tensor::<2, Int>::from_data(
            [[5, 2, 4], [7, 4, 2]],
            &Device::flex(),
        );
        let expected = [
            [
                [false, true, true],
                [false, true, true],
                [false, true, false],
            ],
            [
                [false, true, true],
                [false, false, true],
                [false, false, true],
            ],
        ];
        assert_eq!(rows(target_mask(ids, 2)), expected.concat());
    }
}
