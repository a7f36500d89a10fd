//! What groups of operations are recognised as.

use serde::Serialize;

/// A group of operations that together mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Pattern {
    /// A matrix product with a parameter, its bias and the reshapes around it.
    Linear,
    /// Scaled dot-product attention.
    Attention,
    /// A normalisation that is several operations.
    Norm(Norm),
    /// An activation that is several operations.
    Activation(Activation),
    /// The product of one linear map with the activation of another, as in SwiGLU.
    Gate(Gate),
    /// A rotation by position.
    Rotary,
    /// Operations that only make masks.
    Mask,
    /// Operations that depend on no input and no parameter.
    Constant,
    /// Operations that only move data, one after the other.
    Movement,
    /// A residual addition directly followed by a norm.
    AddNorm,
}

/// By what a normalisation divides, and over which axes it looks for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Norm {
    /// By the root of the mean square.
    Rms,
    /// Every position for itself.
    Layer,
    /// Groups of channels.
    Group,
    /// Every channel of every example for itself.
    Instance,
    /// Every channel over all examples, or with running statistics.
    Batch,
    /// By the Euclidean length.
    Length,
}

/// A function of every element, or of every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
#[non_exhaustive]
pub enum Activation {
    Silu,
    Gelu,
    /// GELU, approximated with tanh.
    GeluTanh,
    /// GELU, approximated with a sigmoid.
    GeluSigmoid,
    Mish,
    Softplus,
    Softsign,
    Elu,
    Selu,
    HardSwish,
    HardSigmoid,
    TanhShrink,
    Sigmoid,
    Tanh,
    Relu,
    Relu6,
    LeakyRelu,
    SquaredRelu,
    LogSigmoid,
    Softmax,
    /// Softmax with one more in the denominator, so that all weights may be zero.
    QuietSoftmax,
}

/// By its activation, a gated linear unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Gate {
    /// With SiLU.
    SwiGlu,
    /// With GELU.
    GeGlu,
    /// With ReLU.
    ReGlu,
    /// With a sigmoid.
    Glu,
}

impl Pattern {
    /// What a reader calls it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Linear => "Linear",
            Self::Attention => "Scaled Dot-Product Attention",
            Self::Norm(norm) => norm.label(),
            Self::Activation(activation) => activation.label(),
            Self::Gate(gate) => gate.label(),
            Self::Rotary => "Rotary Encoding",
            Self::Mask => "Mask",
            Self::Constant => "Constant",
            Self::Movement => "Rearrange",
            Self::AddNorm => "Add & Norm",
        }
    }

    /// The name of a group in paths, if it is in no field: `rms_norm`.
    pub(crate) fn key(self) -> String {
        let label = self.label().replace(['(', ')'], "").to_lowercase();
        label.split(|c: char| !c.is_alphanumeric()).collect::<Vec<_>>().join("_")
    }

    /// Whether it is one thing to a reader, so that a scope which is nothing else is not opened.
    pub(crate) fn is_one_box(self) -> bool {
        !matches!(self, Self::Attention | Self::Movement | Self::AddNorm)
    }
}

impl Norm {
    fn label(self) -> &'static str {
        match self {
            Self::Rms => "RMS Norm",
            Self::Layer => "Layer Norm",
            Self::Group => "Group Norm",
            Self::Instance => "Instance Norm",
            Self::Batch => "Batch Norm",
            Self::Length => "L2 Norm",
        }
    }
}

impl Activation {
    fn label(self) -> &'static str {
        match self {
            Self::Silu => "SiLU",
            Self::Gelu => "GELU",
            Self::GeluTanh => "GELU (tanh)",
            Self::GeluSigmoid => "GELU (sigmoid)",
            Self::Mish => "Mish",
            Self::Softplus => "Softplus",
            Self::Softsign => "Softsign",
            Self::Elu => "ELU",
            Self::Selu => "SELU",
            Self::HardSwish => "Hard Swish",
            Self::HardSigmoid => "Hard Sigmoid",
            Self::TanhShrink => "Tanhshrink",
            Self::Sigmoid => "Sigmoid",
            Self::Tanh => "Tanh",
            Self::Relu => "ReLU",
            Self::Relu6 => "ReLU6",
            Self::LeakyRelu => "Leaky ReLU",
            Self::SquaredRelu => "Squared ReLU",
            Self::LogSigmoid => "Log Sigmoid",
            Self::Softmax => "Softmax",
            Self::QuietSoftmax => "Quiet Softmax",
        }
    }
}

impl Gate {
    fn label(self) -> &'static str {
        match self {
            Self::SwiGlu => "SwiGLU",
            Self::GeGlu => "GEGLU",
            Self::ReGlu => "ReGLU",
            Self::Glu => "GLU",
        }
    }
}
