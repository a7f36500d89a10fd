//! What the code calls a module or a parameter: the name of its field.

use super::modules::is_variant;
use crate::captured::Captured;

/// Names of parameters that say nothing of the module they are in: every layer has them.
const USUAL: [&str; 8] = ["weight", "bias", "gamma", "beta", "alpha", "scale", "running_mean", "running_var"];

/// The field of the module that holds a parameter: `query` for `encoder.self_attn.query.weight`. In a list, its name and
/// the number: `hidden.2` for `hidden.2.weight`. A parameter that is no layer's usual one is a field of its own: `w1` for
/// `network.w1`. None for a layer that is in no field.
pub(crate) fn field(captured: &Captured, parameter: usize) -> Option<String> {
    let path = captured.parameter(parameter).paths.first()?;
    field_of(path)
}

fn field_of(path: &str) -> Option<String> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_part = |part: &&str| !part.is_empty() && !is_variant(part);
    let mut parts: Vec<&str> = path.split('.').filter(is_part).collect();
    if parts.last().is_some_and(|last| USUAL.contains(last)) {
        parts.pop();
    }
    match parts.as_slice() {
        [.., list, number] if is_number(number) && !is_number(list) => Some(format!("{list}.{number}")),
        // An element of what was handed over as a list has no field, but a place.
        [.., name] => Some((*name).to_owned()),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_called_after_its_field() {
        for (path, field) in [
            ("encoder.self_attn.query.weight", Some("query")),
            ("hidden.2.weight", Some("hidden.2")),
            ("stem.1.conv.bias", Some("conv")),
            ("network.w1", Some("w1")),
            ("position", Some("position")),
            ("layers.0.scales.1", Some("scales.1")),
            ("weight", None),
            ("0.weight", Some("0")),
            ("0.1.weight", Some("1")),
            ("layers.0.act.PRelu.alpha", Some("act")),
            ("blocks.0.Basic.conv.weight", Some("conv")),
            ("", None),
        ] {
            assert_eq!(field_of(path).as_deref(), field, "{path}");
        }
    }
}
