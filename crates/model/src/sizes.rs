//! The sizes that a Transformer and a language model have in common
//! (paper, Table 3), and the rules for them.

use serde::{Deserialize, Serialize};

/// Layers of a stack at most.
pub const MOST_LAYERS: usize = 1 << 10;
/// The largest `d_model` and `d_ff`.
pub const WIDEST: usize = 1 << 20;
/// Token ids of a vocabulary at most.
pub const MOST_TOKENS: usize = 1 << 20;

/// Where layer normalisation stands in a sub-layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NormOrder {
    /// `x + f(norm(x))`, and one more norm on top of each stack: the
    /// code of The Annotated Transformer.
    Pre,
    /// `norm(x + f(x))`: the paper (section 3.1).
    Post,
}

// ANCHOR: sizes
/// What a stack of layers is built from.
#[derive(Clone, Debug, PartialEq)]
pub struct Sizes {
    /// `N`: layers of a stack.
    pub n_layers: usize,
    /// Width of every vector that flows between sub-layers.
    pub d_model: usize,
    /// Width inside the feed-forward network.
    pub d_ff: usize,
    /// `h`: attention heads; each works on `d_k = d_model / n_heads`
    /// dimensions.
    pub n_heads: usize,
    /// Probability of dropping an element, in `[0, 1)`.
    pub dropout: f64,
    /// Norm before or after each sub-layer.
    pub norm: NormOrder,
    /// Added to the variance inside the root of layer normalisation.
    pub eps: f64,
}
// ANCHOR_END: sizes

impl Sizes {
    /// Checks every rule that the modules rely on. What is far above
    /// anything in use is refused, so that sizes can be multiplied
    /// without overflow.
    ///
    /// # Errors
    ///
    /// Names the first field that breaks a rule, its value and the
    /// rule.
    pub fn validate(&self) -> Result<(), ConfigError> {
        size("n_layers", self.n_layers, MOST_LAYERS)?;
        size("d_model", self.d_model, WIDEST)?;
        size("d_ff", self.d_ff, WIDEST)?;
        size("n_heads", self.n_heads, self.d_model)?;
        let &Self { d_model, n_heads, dropout, eps, .. } = self;
        let rule =
            format!("it must be a multiple of n_heads = {n_heads}");
        check(
            d_model.is_multiple_of(n_heads),
            "d_model",
            d_model,
            rule,
        )?;
        let rule = "a probability in [0, 1) is needed";
        check((0.0..1.0).contains(&dropout), "dropout", dropout, rule)?;
        let rule = "it must be a positive number";
        check(eps.is_finite() && eps > 0.0, "eps", eps, rule)
    }
}

#[cfg(test)]
impl Sizes {
    /// Those of a small model, for tests.
    pub(crate) fn tiny() -> Self {
        Self {
            n_layers: 2,
            d_model: 64,
            d_ff: 256,
            n_heads: 4,
            dropout: 0.1,
            norm: NormOrder::Post,
            eps: 1e-5,
        }
    }
}

/// A configuration that can't be built: which field, what it holds,
/// which rule it breaks.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("invalid model configuration: {field} = {value}, but {rule}")]
pub struct ConfigError {
    /// The offending field.
    pub field: &'static str,
    /// Its value.
    pub value: String,
    /// What was expected instead.
    pub rule: String,
}

/// Turns a rule that does not hold into the error that says so.
pub(crate) fn check(
    holds: bool,
    field: &'static str,
    value: impl ToString,
    rule: impl Into<String>,
) -> Result<(), ConfigError> {
    if holds {
        return Ok(());
    }
    let (value, rule) = (value.to_string(), rule.into());
    Err(ConfigError { field, value, rule })
}

/// The rule for every size: from one to `most`.
fn size(
    field: &'static str,
    found: usize,
    most: usize,
) -> Result<(), ConfigError> {
    check(found > 0, field, found, "it must be at least 1")?;
    let rule = format!("it must be at most {most}");
    check(found <= most, field, found, rule)
}

/// The rule for the size of a vocabulary.
pub(crate) fn vocabulary(
    field: &'static str,
    found: usize,
) -> Result<(), ConfigError> {
    size(field, found, MOST_TOKENS)
}
