//! What a kind of box is called.

use crate::view::BoxKind;

/// What a kind of box is called in the legend.
pub(crate) fn kind_name(kind: BoxKind) -> &'static str {
    match kind {
        BoxKind::Scope => "Group",
        BoxKind::Input | BoxKind::Output => "Input, output",
        BoxKind::Constant => "Constant",
        BoxKind::Embedding => "Embedding",
        BoxKind::Attention => "Attention",
        BoxKind::Recurrent => "Gate, recurrent cell",
        BoxKind::FeedForward => "Feed-forward",
        BoxKind::Norm => "Normalisation",
        BoxKind::Linear => "Matrix product",
        BoxKind::Convolution => "Convolution",
        BoxKind::Pooling => "Pooling",
        BoxKind::Activation => "Activation",
        BoxKind::Add => "Sum",
        BoxKind::Mask => "Mask",
        BoxKind::Movement => "Data movement",
        BoxKind::Module => "Module",
        BoxKind::Other => "Arithmetic",
    }
}

/// The class of its element in the SVG.
pub(crate) fn kind_class(kind: BoxKind) -> &'static str {
    match kind {
        BoxKind::Scope => "k-scope",
        BoxKind::Input => "k-input",
        BoxKind::Output => "k-output",
        BoxKind::Constant => "k-constant",
        BoxKind::Embedding => "k-embedding",
        BoxKind::Attention => "k-attention",
        BoxKind::Recurrent => "k-recurrent",
        BoxKind::FeedForward => "k-feed-forward",
        BoxKind::Norm => "k-norm",
        BoxKind::Linear => "k-linear",
        BoxKind::Convolution => "k-convolution",
        BoxKind::Pooling => "k-pooling",
        BoxKind::Activation => "k-activation",
        BoxKind::Add => "k-add",
        BoxKind::Mask => "k-mask",
        BoxKind::Movement => "k-movement",
        BoxKind::Module => "k-module",
        BoxKind::Other => "k-other",
    }
}
