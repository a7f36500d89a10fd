//! Dropout.

use std::fmt;
use std::sync::Arc;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, unary};
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};

use crate::elements;
use crate::rows::{in_tasks, vectorised};

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
            vectorised(|| drop(share, kept_here, kept.scale));
        });
        return x;
    }
    let mut dropped = vec![0.0; count];
    let all = elements::of(&x);
    in_tasks(&mut dropped, |first, share| {
        let here = first..first + share.len();
        let (x, kept_here) = (&all[here.clone()], &kept.kept[here]);
        vectorised(|| {
            for ((dropped, x), kept_here) in share.iter_mut().zip(x).zip(kept_here) {
                *dropped = x * (f32::from(*kept_here) * kept.scale);
            }
        });
    });
    elements::tensor(dropped, x.shape())
}

#[inline(always)]
pub(crate) fn drop(elements: &mut [f32], kept: &[u8], scale: f32) {
    for (x, kept) in elements.iter_mut().zip(kept) {
        *x *= f32::from(*kept) * scale;
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
