//! The names that The Annotated Transformer gives to the same
//! parameters, for importing its checkpoints.
//!
//! Two conventions differ besides the names. A PyTorch `Linear` stores
//! `[out, in]`, Burn's `[in, out]`: see [`is_transposed`]. And that
//! implementation's layer norm divides by the unbiased deviation: see
//! [`unbiased_gain`].

/// Its name for the parameter that this crate's
/// [`Transformer`](crate::Transformer) has at `path`, such as
/// `encoder.layers.0.self_attn.linears.0.weight` for
/// `encoder.layers.0.self_attn.query.weight`.
///
/// None if it has no such parameter.
#[must_use]
pub fn name_of(path: &str) -> Option<String> {
    let parts: Vec<&str> = path.split('.').collect();
    let name = match parts[..] {
        [embed @ ("src_embed" | "tgt_embed"), "table", "weight"] => {
            format!("{embed}.0.lut.weight")
        }
        ["generator", "proj", kind] => format!("generator.proj.{kind}"),
        ["generator", "bias"] => "generator.proj.bias".into(),
        [stack, "norm", kind] => {
            format!("{stack}.norm.{}", norm_part(kind)?)
        }
        [stack, "layers", n, sublayer, "norm", kind] => {
            let index = match (stack, sublayer) {
                (_, "self_attn_sublayer") => 0,
                ("decoder", "cross_attn_sublayer")
                | ("encoder", "feed_forward_sublayer") => 1,
                ("decoder", "feed_forward_sublayer") => 2,
                _ => return None,
            };
            format!(
                "{stack}.layers.{n}.sublayer.{index}.norm.{}",
                norm_part(kind)?
            )
        }
        [stack, "layers", n, "feed_forward", part, kind] => {
            let index =
                ["inner", "outer"].iter().position(|&p| p == part)? + 1;
            format!("{stack}.layers.{n}.feed_forward.w_{index}.{kind}")
        }
        [stack, "layers", n, attention, part, kind] => {
            let attention = match attention {
                "self_attn" => "self_attn",
                "cross_attn" => "src_attn",
                _ => return None,
            };
            let index = ["query", "key", "value", "output"]
                .iter()
                .position(|&p| p == part)?;
            format!(
                "{stack}.layers.{n}.{attention}.linears.{index}.{kind}"
            )
        }
        _ => return None,
    };
    Some(name)
}

fn norm_part(kind: &str) -> Option<&'static str> {
    match kind {
        "gamma" => Some("a_2"),
        "beta" => Some("b_2"),
        _ => None,
    }
}

/// Whether the parameter at `path` is a linear layer's matrix, stored
/// the other way round there: `[out, in]`.
#[must_use]
pub fn is_transposed(path: &str) -> bool {
    path.ends_with(".weight") && !path.ends_with(".table.weight")
}

/// What a gain is multiplied with so that the standard layer norm gives
/// what theirs gives: `sqrt((d - 1) / d)`.
///
/// Their norm divides by the unbiased deviation, `sqrt(d / (d - 1))`
/// times the biased one. (It also adds `eps` to the deviation and not
/// to the variance, which no gain can imitate; at their `eps` of 1e-6
/// it hardly shows.)
#[must_use]
pub fn unbiased_gain(d_model: usize) -> f64 {
    ((d_model as f64 - 1.0) / d_model as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_reference() {
        for (path, name) in [
            ("src_embed.table.weight", "src_embed.0.lut.weight"),
            (
                "encoder.layers.3.self_attn.output.bias",
                "encoder.layers.3.self_attn.linears.3.bias",
            ),
            (
                "encoder.layers.0.feed_forward.inner.weight",
                "encoder.layers.0.feed_forward.w_1.weight",
            ),
            (
                "encoder.layers.1.feed_forward_sublayer.norm.gamma",
                "encoder.layers.1.sublayer.1.norm.a_2",
            ),
            (
                "decoder.layers.1.cross_attn.key.weight",
                "decoder.layers.1.src_attn.linears.1.weight",
            ),
            (
                "decoder.layers.1.feed_forward_sublayer.norm.beta",
                "decoder.layers.1.sublayer.2.norm.b_2",
            ),
            ("decoder.norm.gamma", "decoder.norm.a_2"),
            ("generator.proj.bias", "generator.proj.bias"),
        ] {
            assert_eq!(name_of(path).as_deref(), Some(name));
        }
        assert_eq!(
            name_of("encoder.layers.0.cross_attn_sublayer.norm.beta"),
            None
        );
        assert_eq!(
            name_of("encoder.layers.0.self_attn.query.gamma.weight"),
            None
        );
    }

    #[test]
    fn only_linear_layers_are_transposed() {
        assert!(
            is_transposed("generator.proj.weight")
                && is_transposed(
                    "encoder.layers.0.self_attn.key.weight"
                )
        );
        assert!(
            !is_transposed("tgt_embed.table.weight")
                && !is_transposed("encoder.norm.gamma")
        );
    }
}
