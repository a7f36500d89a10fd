//! Weights in the order in which a product with few rows reads them.
//!
//! Whoever writes a token multiplies a few rows by every matrix of weights, again and again. The product reads narrow columns
//! of a matrix whose rows are long, which takes twice as long as the arithmetic. So the first such product cuts the matrix into
//! [`Panels`], and the next ones find them here. Nothing is kept longer than the weights, nor if they change: a changed tensor
//! is another one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use burn::tensor::Bytes;
use rayon::prelude::*;

use crate::elements;
use crate::product::{Matrix, MatrixMut};

/// Columns of a panel: as many as a product computes side by side.
const WIDTH: usize = 64;
/// Rows up to which panels are worth it. With more, a product arranges the weights itself in little time.
pub(crate) const FEW: usize = 48;
/// Weights of which a task for a thread has at least so many.
const TASK: usize = 1 << 19;

/// A matrix, some columns at a time: `[d_in, 64]`, one panel behind the other. The last may be narrower.
pub(crate) struct Panels {
    elements: Vec<f32>,
    size: [usize; 2],
}

/// Where a matrix lies: its elements, and from where on and how far apart they are.
type Place = (usize, usize, Vec<isize>, [usize; 2]);

/// What was cut, as long as its weights are there.
struct Kept {
    weights: Weak<Bytes>,
    panels: Arc<Panels>,
}

static KEPT: Mutex<Option<HashMap<Place, Kept>>> = Mutex::new(None);

/// The panels of a matrix `[d_in, d_out]`.
pub(crate) fn panels(weight: &FlexTensor) -> Arc<Panels> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = kept.get_or_insert_with(HashMap::new);
    let (elements, layout) = (weight.data_arc(), weight.layout());
    let size = weight.shape().dims::<2>();
    let place = (Arc::as_ptr(&elements) as usize, layout.start_offset(), layout.strides().to_vec(), size);
    // A weak reference keeps the place from being given to another tensor, and leads nowhere once the weights have changed.
    if let Some(found) = kept.get(&place)
        && found.weights.upgrade().is_some()
    {
        return Arc::clone(&found.panels);
    }
    kept.retain(|_, kept| kept.weights.strong_count() > 0);
    let panels = Arc::new(Panels::new(elements::matrix(weight), size));
    kept.insert(place, Kept { weights: Arc::downgrade(&elements), panels: Arc::clone(&panels) });
    panels
}

/// Gives back the panels of weights that are no more.
pub(crate) fn forget() {
    if let Ok(mut kept) = KEPT.try_lock()
        && let Some(kept) = kept.as_mut()
    {
        kept.retain(|_, kept| kept.weights.strong_count() > 0);
    }
}

impl Panels {
    fn new(weight: Matrix<'_>, size: [usize; 2]) -> Self {
        let [inputs, width] = size;
        let mut elements = vec![0.0; inputs * width];
        let panels = elements.chunks_mut((WIDTH * inputs).max(1)).enumerate();
        for (index, panel) in panels {
            let columns = WIDTH.min(width - index * WIDTH);
            for (row, panel) in panel.chunks_exact_mut(columns).enumerate() {
                weight.copy_row(row, index * WIDTH, panel);
            }
        }
        Self { elements, size }
    }

    /// Adds the product of some rows with the matrix to `output`, `[rows, d_out]`.
    pub(crate) fn add_product(&self, x: Matrix<'_>, rows: usize, output: &mut [f32]) {
        let [inputs, width] = self.size;
        if inputs * width == 0 {
            return;
        }
        // A single row falls apart into tasks.
        let of_a_task = if rows == 1 { (TASK / (WIDTH * inputs)).max(1) * WIDTH } else { width };
        output.par_chunks_mut(rows * of_a_task).enumerate().for_each(|(task, output)| {
            let columns = output.len() / rows;
            for first in (0..columns).step_by(WIDTH) {
                let here = WIDTH.min(columns - first);
                let panel = &self.elements[(task * of_a_task + first) * inputs..][..here * inputs];
                let panel = Matrix::new(panel, [inputs, here], [here, 1]);
                MatrixMut::new(&mut output[first..], [rows, here], columns).add_small(x, panel);
            }
        });
    }
}
