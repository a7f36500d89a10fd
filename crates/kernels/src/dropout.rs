//! Dropout.

use std::fmt;
use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, unary};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};

use crate::elements;
use crate::rows::{Loop, in_tasks, vectorised};

/// Which elements dropout keeps, and by what they are multiplied.
#[derive(Clone)]
pub struct Kept {
    /// For each element one, or zero if it is dropped. A quarter of what they would take as a tensor.
    pub(crate) kept: Arc<Vec<u8>>,
    pub(crate) scale: f32,
}

impl Kept {
    /// Of these elements, each either 1 (kept) or 0, the kept ones are multiplied by `scale`.
    #[must_use]
    pub fn new(kept: Vec<u8>, scale: f32) -> Self {
        Self { kept: Arc::new(kept), scale }
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "some of {}, times {}", self.kept.len(), self.scale)
    }
}

/// Drops what is not kept, in place if nobody else has the tensor.
pub(crate) fn apply(x: FlexTensor, kept: &Kept) -> FlexTensor {
    let mut x = elements::in_order(x);
    let count = elements::of(&x).len();
    assert_eq!(count, kept.kept.len(), "for each element, it must be said whether it is kept");
    if x.is_unique() {
        in_tasks(elements::changed(&mut x), |first, share| {
            let kept_here = &kept.kept[first..first + share.len()];
            vectorised(Drop { elements: share, kept: kept_here, scale: kept.scale });
        });
        return x;
    }
    let mut output = vec![0.0; count];
    let all = elements::of(&x);
    in_tasks(&mut output, |first, share| {
        let here = first..first + share.len();
        let (x, kept_here) = (&all[here.clone()], &kept.kept[here]);
        vectorised(Dropped { output: share, x, kept: kept_here, scale: kept.scale });
    });
    elements::tensor(output, x.shape())
}

/// Drops some elements.
pub(crate) struct Drop<'a> {
    pub(crate) elements: &'a mut [f32],
    pub(crate) kept: &'a [u8],
    pub(crate) scale: f32,
}

impl Loop for Drop<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { elements, kept, scale } = self;
        let kept = &kept[..elements.len()];
        for index in 0..elements.len() {
            elements[index] *= f32::from(kept[index]) * scale;
        }
    }
}

/// Writes what [`Drop`] makes of `x`.
pub(crate) struct Dropped<'a> {
    pub(crate) output: &'a mut [f32],
    pub(crate) x: &'a [f32],
    pub(crate) kept: &'a [u8],
    pub(crate) scale: f32,
}

impl Loop for Dropped<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { output, x, kept, scale } = self;
        let (x, kept) = (&x[..output.len()], &kept[..output.len()]);
        for index in 0..output.len() {
            output[index] = x[index] * (f32::from(kept[index]) * scale);
        }
    }
}

/// The gradient is dropped where the element was.
#[derive(Debug)]
pub(crate) struct Gradient;

impl Backward<Flex, 1> for Gradient {
    type State = Kept;

    fn backward(self, ops: Ops<Kept, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        unary::<Flex, _>(ops.parents, ops.node, grads, |gradient| apply(gradient, &ops.state));
    }
}
