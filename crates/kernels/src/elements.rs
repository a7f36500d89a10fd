//! The elements of Flex's tensors.

use burn::backend::TensorMetadata;
use burn::backend::flex::FlexTensor;
use burn::tensor::{Shape, TensorData};

use crate::product::Matrix;

/// The same tensor with its elements in order and beside each other. Nothing is copied where they are so already.
pub(crate) fn in_order(tensor: FlexTensor) -> FlexTensor {
    if tensor.layout().contiguous_offsets().is_some() { tensor } else { tensor.to_contiguous() }
}

/// The same tensor; if it is read backwards along an axis, with its elements in order.
pub(crate) fn strided(tensor: FlexTensor) -> FlexTensor {
    if tensor.layout().has_positive_strides() { tensor } else { tensor.to_contiguous() }
}

/// How far apart the elements of a tensor that is [`strided`] are, along each of its axes.
pub(crate) fn strides<const D: usize>(tensor: &FlexTensor) -> [usize; D] {
    let strides = tensor.layout().strides();
    std::array::from_fn(|axis| usize::try_from(strides[axis]).expect("strides lead forwards"))
}

/// The elements of a tensor that is [`in_order`].
pub(crate) fn of(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("the elements are in order, and f32")
}

/// The elements of a tensor that is [`in_order`], to be changed. They are copied if anybody else has them.
pub(crate) fn changed(tensor: &mut FlexTensor) -> &mut [f32] {
    let (start, end) = tensor.layout().contiguous_offsets().expect("the elements are in order");
    &mut tensor.storage_mut()[start..end]
}

/// A tensor that is [`strided`] as a matrix, wherever its elements lie.
pub(crate) fn matrix(tensor: &FlexTensor) -> Matrix<'_> {
    let elements = &tensor.storage()[tensor.layout().start_offset()..];
    Matrix::new(elements, tensor.shape().dims::<2>(), strides(tensor))
}

/// A tensor of these elements.
pub(crate) fn tensor(elements: Vec<f32>, shape: impl Into<Shape>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(elements, shape))
}
