//! The operations as Burn dispatches them. A backward pass is in the file of what it belongs to.

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::ops::{Backward, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::ops::{ActivationOps, FloatTensorOps, IntTensorOps};
use burn::backend::tensor::{BoolTensor, FloatTensor, IntTensor};
use burn::backend::{Autodiff, Backend, ExtensionType, Flex, TensorMetadata, backend_extension};
use burn::tensor::TensorData;

use crate::dropout::Kept;
use crate::label_smoothing::Smoothing;
use crate::{append, attention, dropout, eight_bits, label_smoothing, layer_norm, linear, packed, softmax};

/// What attention must not look at.
#[derive(ExtensionType)]
pub(crate) enum Masked<B: Backend> {
    Nothing,
    /// `[batch, heads, query, key]`, or what broadcasts to it.
    Where(BoolTensor<B>),
}

impl<B: Backend> Masked<B> {
    fn tensor(self) -> Option<BoolTensor<B>> {
        match self {
            Self::Nothing => None,
            Self::Where(mask) => Some(mask),
        }
    }
}

/// What attention gives.
#[derive(ExtensionType)]
pub(crate) struct Attended<B: Backend> {
    /// `[batch, heads, query, d_k]`
    pub(crate) output: FloatTensor<B>,
    /// `[batch, heads, query, key]`
    pub(crate) weights: FloatTensor<B>,
}

#[backend_extension(Flex, Autodiff)]
pub(crate) trait Operations: Backend {
    fn fused_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        #[extension_type] mask: Masked<Self>,
        kept: Option<Kept>,
    ) -> Attended<Self>;

    fn fused_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    fn fused_layer_norm(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
    ) -> FloatTensor<Self>;

    fn fused_dropout(x: FloatTensor<Self>, kept: Kept) -> FloatTensor<Self>;

    fn fused_append(past: FloatTensor<Self>, new: FloatTensor<Self>) -> FloatTensor<Self>;

    fn fused_reorder(past: FloatTensor<Self>, rows: Vec<usize>) -> FloatTensor<Self>;

    fn fused_log_softmax(x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The smoothed loss and the negative log-likelihood: `[2]`.
    fn fused_label_smoothing(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        smoothing: Smoothing,
    ) -> FloatTensor<Self>;
}

impl Operations for Flex {
    fn fused_attention(
        query: FlexTensor,
        key: FlexTensor,
        value: FlexTensor,
        mask: Masked<Self>,
        kept: Option<Kept>,
    ) -> Attended<Self> {
        let (output, state) = attention::forward([query, key, value], mask.tensor(), kept);
        Attended { output, weights: state.weights }
    }

    fn fused_linear(x: FlexTensor, weight: FlexTensor, bias: FlexTensor) -> FlexTensor {
        linear::without_gradient(x, weight, &bias)
    }

    fn fused_layer_norm(x: FlexTensor, gamma: FlexTensor, beta: FlexTensor, epsilon: f64) -> FlexTensor {
        layer_norm::forward(x, gamma, &beta, epsilon).0
    }

    fn fused_dropout(x: FlexTensor, kept: Kept) -> FlexTensor {
        dropout::apply(x, &kept)
    }

    fn fused_append(past: FlexTensor, new: FlexTensor) -> FlexTensor {
        append::append(past, &new)
    }

    fn fused_reorder(past: FlexTensor, rows: Vec<usize>) -> FlexTensor {
        append::reorder(past, &rows)
    }

    fn fused_log_softmax(x: FlexTensor) -> FlexTensor {
        softmax::log_softmax(x)
    }

    fn fused_label_smoothing(logits: FlexTensor, targets: FlexTensor, smoothing: Smoothing) -> FlexTensor {
        label_smoothing::forward(logits, targets, smoothing).0
    }
}

impl<C: CheckpointStrategy> Operations for Autodiff<Flex, C> {
    fn fused_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        mask: Masked<Self>,
        kept: Option<Kept>,
    ) -> Attended<Self> {
        let parts = [query, key, value].map(FloatTensor::<Self>::into_parts);
        let [(query, of_query), (key, of_key), (value, of_value)] = parts;
        let (output, state) = attention::forward([query, key, value], mask.tensor(), kept);
        let weights = FloatTensor::<Self>::new(state.weights.clone());
        let nodes = [of_query, of_key, of_value];
        let output = match attention::Gradient.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(state, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        };
        Attended { output, weights }
    }

    fn fused_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        packed::forget();
        eight_bits::forget();
        let parts = [x, weight, bias].map(FloatTensor::<Self>::into_parts);
        let [(x, of_x), (weight, of_weight), (bias, of_bias)] = parts;
        let (output, state) = linear::forward(x, weight, &bias);
        let nodes = [of_x, of_weight, of_bias];
        match linear::Gradient.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(state, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    fn fused_layer_norm(
        x: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
    ) -> FloatTensor<Self> {
        let parts = [x, gamma, beta].map(FloatTensor::<Self>::into_parts);
        let [(x, of_x), (gamma, of_gamma), (beta, of_beta)] = parts;
        let (output, state) = layer_norm::forward(x, gamma, &beta, epsilon);
        let nodes = [of_x, of_gamma, of_beta];
        match layer_norm::Gradient.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(state, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    fn fused_dropout(x: FloatTensor<Self>, kept: Kept) -> FloatTensor<Self> {
        let (x, of_x) = x.into_parts();
        let output = dropout::apply(x, &kept);
        match dropout::Gradient.prepare::<C>([of_x]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(kept, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }

    /// As Burn has it: nobody learns while writing.
    fn fused_append(past: FloatTensor<Self>, new: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_cat(vec![past, new], 2)
    }

    /// As Burn has it, too.
    fn fused_reorder(past: FloatTensor<Self>, rows: Vec<usize>) -> FloatTensor<Self> {
        let count = rows.len();
        let rows: Vec<i64> = rows.into_iter().map(|row| row as i64).collect();
        let rows = Self::int_from_data(TensorData::new(rows, [count]), &past.device());
        Self::float_select(past, 0, rows)
    }

    /// And again.
    fn fused_log_softmax(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let last = x.shape().num_dims() - 1;
        Self::log_softmax(x, last)
    }

    fn fused_label_smoothing(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        smoothing: Smoothing,
    ) -> FloatTensor<Self> {
        let (logits, of_logits) = logits.into_parts();
        let (output, state) = label_smoothing::forward(logits, targets, smoothing);
        match label_smoothing::Gradient.prepare::<C>([of_logits]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(state, output),
            OpsKind::UnTracked(prepared) => prepared.finish(output),
        }
    }
}
