//! The backward pass of an operation with three inputs, as Burn has it for one and for two.

use burn::backend::Flex;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::Ops;
use burn::backend::flex::FlexTensor;

/// Gives each input that wants one its gradient, of that of the output.
pub(crate) fn ternary<S>(
    ops: Ops<S, 3>,
    grads: &mut Gradients,
    backward: impl FnOnce(FlexTensor, &S) -> [FlexTensor; 3],
) {
    let gradient = grads.consume::<Flex>(&ops.node);
    let of_inputs = backward(gradient, &ops.state);
    for (parent, gradient) in ops.parents.into_iter().zip(of_inputs) {
        if let Some(parent) = parent {
            grads.register::<Flex>(parent.id, gradient);
        }
    }
}
