//! Random models and batches. Sizes are small primes where they can be,
//! so that no swapped pair of axes passes unnoticed.

use burn::tensor::{Device, Int, Tensor};
use model::{NormOrder, Transformer, TransformerConfig};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::common::{Array, devices, id_tensor};

pub(crate) const BOS: usize = 1;
pub(crate) const SOURCE_VOCAB: usize = 23;
pub(crate) const TARGET_VOCAB: usize = 19;

/// A random model and a random batch for it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) norm: NormOrder,
    pub(crate) heads: usize,
    pub(crate) d_k: usize,
    pub(crate) layers: usize,
    pub(crate) seed: u64,
    /// Token ids without padding, of different lengths.
    pub(crate) src: Vec<Vec<i64>>,
    pub(crate) tgt: Vec<Vec<i64>>,
}

fn sentences(
    vocab: usize,
    begin: Option<i64>,
) -> impl Strategy<Value = Vec<Vec<i64>>> {
    let sentence = prop::collection::vec(3..vocab as i64, 2..8);
    prop::collection::vec(sentence, 3).prop_map(move |rows| {
        rows.into_iter()
            .map(|row| begin.into_iter().chain(row).collect())
            .collect()
    })
}

fn cases() -> impl Strategy<Value = Case> {
    let norm = prop_oneof![Just(NormOrder::Pre), Just(NormOrder::Post)];
    let sizes = (
        norm,
        1usize..4,
        prop_oneof![Just(3usize), Just(5), Just(7)],
        1usize..3,
        0u64..1_000,
    );
    (
        sizes,
        sentences(SOURCE_VOCAB, None),
        sentences(TARGET_VOCAB, Some(BOS as i64)),
    )
        .prop_map(
            |((norm, heads, d_k, layers, seed), src, tgt)| Case {
                norm,
                heads,
                d_k,
                layers,
                seed,
                src,
                tgt,
            },
        )
}

impl Case {
    fn config(&self) -> TransformerConfig {
        TransformerConfig {
            src_vocab: SOURCE_VOCAB,
            tgt_vocab: TARGET_VOCAB,
            n_layers: self.layers,
            d_model: self.heads * self.d_k,
            d_ff: 11,
            n_heads: self.heads,
            dropout: 0.3,
            norm: self.norm,
            ..TransformerConfig::tiny(SOURCE_VOCAB)
        }
    }

    pub(crate) fn model(&self, device: &Device) -> Transformer {
        device.seed(self.seed);
        self.config().init(device).unwrap()
    }

    pub(crate) fn src(&self, device: &Device) -> Tensor<2, Int> {
        padded(&self.src, 0, device)
    }

    pub(crate) fn tgt(&self, device: &Device) -> Tensor<2, Int> {
        padded(&self.tgt, 0, device)
    }
}

/// Rows padded with zeros to the longest, and `more` beyond that.
pub(crate) fn padded(
    rows: &[Vec<i64>],
    more: usize,
    device: &Device,
) -> Tensor<2, Int> {
    let length = rows.iter().map(Vec::len).max().unwrap() + more;
    let pad = |row: &Vec<i64>| {
        row.iter()
            .copied()
            .chain(std::iter::repeat(0))
            .take(length)
            .collect()
    };
    id_tensor(&rows.iter().map(pad).collect::<Vec<_>>(), device)
}

pub(crate) fn check(property: impl Fn(&Case, &Device)) {
    let config = ProptestConfig {
        cases: 16,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(17),
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let run = |case: Case| {
        devices()
            .iter()
            .for_each(|(_, device)| property(&case, device));
        Ok(())
    };
    runner.run(&cases(), run).unwrap();
}

/// `tensor[row, 0..length]`, flattened.
pub(crate) fn of_row(
    tensor: &Tensor<3>,
    row: usize,
    length: usize,
) -> Array {
    let width = tensor.dims()[2];
    Array::of(
        tensor
            .clone()
            .slice([row..row + 1, 0..length, 0..width])
            .reshape([length, width]),
    )
}
