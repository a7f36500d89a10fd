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
    /// Operations that only make masks.
    Mask,
    /// Operations that only move data, one after the other.
    Movement,
    /// A residual addition directly followed by a norm.
    AddNorm,
}

impl Pattern {
    /// What a reader calls it.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Linear => "Linear",
            Self::Attention => "Scaled Dot-Product Attention",
            Self::Mask => "Mask",
            Self::Movement => "Rearrange",
            Self::AddNorm => "Add & Norm",
        }
    }
}
