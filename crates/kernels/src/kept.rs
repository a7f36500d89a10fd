//! What is made of weights, to be used again and again.
//!
//! Whoever writes a token multiplies a few rows by every matrix of weights, again and again. The first product arranges a
//! matrix, and the next ones find it so. It goes when the next matrix is arranged
//! after its weights have gone, and is never found once they have changed: a changed tensor is another one.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use burn::tensor::Bytes;

use crate::elements;
use crate::product::Matrix;

/// Where a matrix lies: its elements, and from where on and how far apart they are.
type Place = (usize, usize, Vec<isize>, [usize; 2]);

/// Keeps what is made of matrices, as long as these are there.
pub(crate) struct MadeOnce<A>(LazyLock<Mutex<HashMap<Place, Entry<A>>>>);

struct Entry<A> {
    weights: Weak<Bytes>,
    made: Arc<A>,
}

impl<A> MadeOnce<A> {
    pub(crate) const fn new() -> Self {
        Self(LazyLock::new(Mutex::default))
    }

    /// What was made of a matrix `[d_in, d_out]`, or is made of it now.
    pub(crate) fn of(&self, weight: &FlexTensor, make: impl FnOnce(Matrix<'_>, [usize; 2]) -> A) -> Arc<A> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (elements, layout) = (weight.data_arc(), weight.layout());
        let size = weight.shape().dims::<2>();
        let place = (Arc::as_ptr(&elements) as usize, layout.start_offset(), layout.strides().to_vec(), size);
        // A weak reference keeps the place from being given to another tensor, and leads nowhere once the weights have changed.
        if let Some(found) = kept.get(&place)
            && found.weights.upgrade().is_some()
        {
            return Arc::clone(&found.made);
        }
        kept.retain(|_, entry| entry.weights.strong_count() > 0);
        let made = Arc::new(make(elements::matrix(weight), size));
        kept.insert(place, Entry { weights: Arc::downgrade(&elements), made: Arc::clone(&made) });
        made
    }

    /// Gives back what was made of weights that are no more.
    pub(crate) fn forget(&self) {
        if let Ok(mut kept) = self.0.try_lock() {
            kept.retain(|_, entry| entry.weights.strong_count() > 0);
        }
    }
}
