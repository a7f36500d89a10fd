//! Where the heads of attention lie in memory.

use burn::backend::flex::FlexTensor;
use burn::backend::ops::BoolTensorOps;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::Shape;

use crate::elements;
use crate::product::{Matrix, MatrixMut};

/// Sizes of attention.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) batch: usize,
    pub(crate) heads: usize,
    pub(crate) query: usize,
    pub(crate) key: usize,
    d_k: usize,
}

impl Sizes {
    /// # Panics
    ///
    /// If query, key and value don't fit each other.
    pub(crate) fn of(inputs: &[FlexTensor; 3]) -> Self {
        let [query, key, value] = inputs.each_ref().map(|input| input.shape().dims::<4>());
        let [batch, heads, length, d_k] = query;
        let sizes = Self { batch, heads, query: length, key: key[2], d_k };
        assert!(
            key == value && key == [batch, heads, sizes.key, d_k],
            "queries {query:?}, keys {key:?} and values {value:?} don't fit each other"
        );
        sizes
    }

    /// Scores of a sentence.
    pub(crate) fn scores(self) -> usize {
        self.heads * self.query * self.key
    }

    /// Elements of the queries of a sentence.
    pub(crate) fn of_queries(self) -> usize {
        self.query * self.heads * self.d_k
    }

    /// Elements of the keys of a sentence.
    pub(crate) fn of_keys(self) -> usize {
        self.key * self.heads * self.d_k
    }

    /// What scores are multiplied by: one over the root of `d_k`.
    pub(crate) fn scale(self) -> f32 {
        1.0 / (self.d_k as f32).sqrt()
    }

    /// The scores of a head: `[query, key]`.
    pub(crate) fn square(self, scores: &[f32]) -> Matrix<'_> {
        Matrix::new(scores, [self.query, self.key], [self.key, 1])
    }

    /// A head of a sentence, to be written: `[length, d_k]`, with the other heads of a position beside it.
    pub(crate) fn written(self, sentence: &mut [f32], head: usize, length: usize) -> MatrixMut<'_> {
        MatrixMut::new(&mut sentence[head * self.d_k..], [length, self.d_k], self.heads * self.d_k)
    }

    /// The tensor `[batch, heads, length, d_k]` of elements that lie position by position.
    pub(crate) fn heads_first(self, elements: Vec<f32>, length: usize) -> FlexTensor {
        let Self { batch, heads, d_k, .. } = self;
        elements::tensor(elements, [batch, length, heads, d_k]).permute(&[0, 2, 1, 3])
    }
}

/// A tensor `[batch, heads, length, d_k]`.
#[derive(Clone, Copy)]
pub(crate) struct Heads<'a> {
    elements: &'a [f32],
    size: [usize; 2],
    /// How far apart sentences, heads, positions and their elements are.
    strides: [usize; 4],
}

impl<'a> Heads<'a> {
    /// Of a tensor that is [`elements::strided`].
    pub(crate) fn new(tensor: &'a FlexTensor) -> Self {
        let [_, _, length, d_k] = tensor.shape().dims::<4>();
        let elements = &tensor.storage()[tensor.layout().start_offset()..];
        Self { elements, size: [length, d_k], strides: elements::strides(tensor) }
    }

    /// A head of a sentence: `[length, d_k]`.
    pub(crate) fn matrix(self, sentence: usize, head: usize) -> Matrix<'a> {
        let [sentences, heads, down, along] = self.strides;
        Matrix::new(&self.elements[sentence * sentences + head * heads..], self.size, [down, along])
    }
}

/// What must not be looked at.
#[derive(Clone, Debug)]
pub(crate) struct Mask {
    tensor: FlexTensor,
    /// How far apart the rows of sentences, heads and queries are: zero where they share them.
    strides: [usize; 3],
    keys: usize,
}

impl Mask {
    /// # Panics
    ///
    /// If the mask doesn't broadcast to the scores.
    pub(crate) fn new(mask: FlexTensor, sizes: Sizes) -> Self {
        let shape = mask.shape().dims::<4>();
        let expected = [sizes.batch, sizes.heads, sizes.query, sizes.key];
        let fits = shape.iter().zip(expected).all(|(size, expected)| *size == expected || *size == 1);
        assert!(fits, "a mask of {shape:?} doesn't fit scores of {expected:?}");
        // Where all keys share an element, each gets its own.
        let tensor = if shape[3] == sizes.key {
            mask
        } else {
            let [sentences, heads, queries, _] = shape;
            Flex::bool_expand(mask, Shape::from([sentences, heads, queries, sizes.key]))
        };
        let tensor = elements::in_order(tensor);
        let [sentences, heads, queries, _] = shape;
        let stride = |size: usize, stride: usize| if size == 1 { 0 } else { stride };
        let of_a_head = queries * sizes.key;
        let strides =
            [stride(sentences, heads * of_a_head), stride(heads, of_a_head), stride(queries, sizes.key)];
        Self { tensor, strides, keys: sizes.key }
    }

    /// For each key, zero if it may be looked at.
    pub(crate) fn row(&self, sentence: usize, head: usize, query: usize) -> &[u8] {
        let [sentences, heads, queries] = self.strides;
        let (start, _) = self.tensor.layout().contiguous_offsets().expect("its elements are in order");
        let first = start + sentence * sentences + head * heads + query * queries;
        &self.tensor.storage::<u8>()[first..first + self.keys]
    }
}
