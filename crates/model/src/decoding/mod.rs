//! Writing (paper, section 6.1): greedy decoding, beam search,
//! sampling, and the score of a given text.
//!
//! All of it is batched, works step by step on a cache of keys and
//! values, and drops a sentence from the batch when it is done.

mod beam;
mod greedy;
mod sample;
mod score;

pub use beam::{Search, beam_search, length_penalty, n_best_search};
pub use greedy::greedy;
pub use sample::{Sampling, SamplingError, sample};
pub use score::score;

use burn::tensor::{Device, Int, Tensor, TensorData, activation};

/// How many tokens more than its source a translation may have (section
/// 6.1).
pub const EXTRA_LENGTH: usize = 50;

/// A sentence the model wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// The tokens after BOS; the last is EOS if the model ended the
    /// sentence.
    pub ids: Vec<usize>,
    /// The sum of the tokens' log-probabilities, in nats.
    pub log_prob: f64,
    /// What beam search ranks by: `log_prob` over the length penalty.
    /// After greedy decoding, it is `log_prob`.
    pub score: f64,
}

/// The log-probabilities of scores, over the last axis.
fn log_softmax<const D: usize>(scores: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "kernels")]
    if kernels::serve(&scores) && !scores.device().is_autodiff() {
        return kernels::log_softmax(scores);
    }
    activation::log_softmax(scores, D - 1)
}

/// A column of token ids, `[batch, 1]`.
fn column(ids: &[usize], device: &Device) -> Tensor<2, Int> {
    let data: Vec<i64> = ids.iter().map(|&id| id as i64).collect();
    Tensor::from_data(TensorData::new(data, [ids.len(), 1]), device)
}

/// Reads a tensor back as numbers in row-major order.
fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let numbers = tensor.into_data().try_into_vec_as();
    numbers.expect("numbers can be read as numbers")
}

/// Reads a tensor of token ids back, in row-major order.
fn ids<const D: usize>(tensor: Tensor<D, Int>) -> Vec<usize> {
    tensor.into_data().iter::<i64>().map(|id| id as usize).collect()
}
