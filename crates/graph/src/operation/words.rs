//! What operations are called, and which of them are alike to a reader.

use super::Operation;
use super::table::known;
use crate::view::BoxKind;

/// What a gradient is called: `Gradient of Conv2d weight` for `conv2d_weight_backward`.
fn gradient(kind: &str) -> Option<String> {
    let of = kind.strip_suffix("_backward")?;
    if let Some((_, label)) = known(of) {
        return Some(format!("Gradient of {label}"));
    }
    [("_x", "input"), ("_weight", "weight"), ("_bias", "bias")].iter().find_map(|&(suffix, what)| {
        let (_, label) = known(of.strip_suffix(suffix)?)?;
        Some(format!("Gradient of {label} {what}"))
    })
}

impl Operation {
    /// The kind as a reader would say it: `MatMul`, `Softmax`, `Layer Norm`.
    #[must_use]
    pub fn label(&self) -> String {
        if let Some(special) = self.special() {
            return special.1.to_owned();
        }
        match known(&self.kind) {
            Some((_, label)) => label.to_owned(),
            None => gradient(&self.kind).unwrap_or_else(|| sentence(&self.kind)),
        }
    }

    /// Hue and shape of a box for this operation alone.
    #[must_use]
    pub fn box_kind(&self) -> BoxKind {
        let special = self.special().map(|(hue, _)| hue);
        special.or_else(|| known(&self.kind).map(|(hue, _)| hue)).unwrap_or(BoxKind::Other)
    }

    /// What an operation is with its particular numbers: `x²` is a square and no power.
    fn special(&self) -> Option<(BoxKind, &'static str)> {
        let value = || self.value();
        match self.kind.as_str() {
            "powi_scalar" | "powf_scalar" => match value()? {
                2.0 => Some((BoxKind::Other, "Square")),
                0.5 => Some((BoxKind::Other, "Sqrt")),
                -0.5 => Some((BoxKind::Other, "Reciprocal sqrt")),
                -1.0 => Some((BoxKind::Other, "Reciprocal")),
                _ => None,
            },
            "clamp_min" if value()? == 0.0 => Some((BoxKind::Activation, "ReLU")),
            "clamp" => match (self.number("min")?, self.number("max")?) {
                (0.0, 6.0) => Some((BoxKind::Activation, "ReLU6")),
                (-1.0, 1.0) => Some((BoxKind::Activation, "Hard Tanh")),
                _ => None,
            },
            "adaptive_avg_pool1d" | "adaptive_avg_pool2d" | "adaptive_avg_pool3d" => {
                let whole = self.outputs.first()?.axes.iter().skip(2).all(|axis| axis.size == 1);
                whole.then_some((BoxKind::Pooling, "Global Average Pool"))
            }
            _ => None,
        }
    }

    /// The number that it calculates with, if it is one: `0.125` of a scaling.
    pub(crate) fn value(&self) -> Option<f64> {
        self.number("rhs").or_else(|| self.number("value"))
    }

    /// An attribute that is a number.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.attribute(name)?.parse().ok()
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether it only moves data, without arithmetic.
    #[must_use]
    pub fn is_movement(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "reshape"
                | "swap_dims"
                | "permute"
                | "expand"
                | "slice"
                | "cat"
                | "select"
                | "flip"
                | "repeat_dim"
                | "unfold"
                | "gather"
                | "pad"
                | "cast"
                | "slice_assign"
        )
    }

    /// Whether it moves data of two origins, or where other data says. That is worth a box of its own.
    pub(crate) fn joins(&self) -> bool {
        matches!(self.kind.as_str(), "cat" | "select" | "gather" | "slice_assign")
    }

    /// Whether it is a non-linear function of every element (or of every row, as softmax).
    #[must_use]
    pub fn is_activation(&self) -> bool {
        self.box_kind() == BoxKind::Activation
            || matches!(self.kind.as_str(), "exp" | "log" | "sin" | "cos" | "erf")
    }

    /// Whether it normalises: layer norm, batch norm and the like.
    #[must_use]
    pub fn is_norm(&self) -> bool {
        self.box_kind() == BoxKind::Norm
    }
}

/// The name that somebody gave to an operation of his own: `My op` for `my_op` and for `MyOp`.
fn sentence(kind: &str) -> String {
    let spaced = super::snake_case(kind).replace(['_', '-', ':', '.'], " ");
    let words = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::table::WORDS;
    use burn::backend::ir::{
        ActivationOperationIr, BaseOperationIr, BoolOperationIr, DistributedOperationIr, FloatOperationIr,
        IntOperationIr, ModuleOperationIr, NumericOperationIr, OperationIr,
    };
    use serde::de::{self, Deserialize, Visitor};

    /// Doesn't deserialize anything: it hears the names of an enum's variants, and fails with them.
    struct Variants;

    #[derive(Debug)]
    struct Heard(Vec<&'static str>);

    impl std::fmt::Display for Heard {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "{:?}", self.0)
        }
    }
    impl std::error::Error for Heard {}
    impl de::Error for Heard {
        fn custom<T: std::fmt::Display>(_: T) -> Self {
            Self(Vec::new())
        }
    }

    impl<'de> de::Deserializer<'de> for Variants {
        type Error = Heard;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Heard> {
            Err(Heard(Vec::new()))
        }
        fn deserialize_enum<V: Visitor<'de>>(
            self,
            _: &'static str,
            variants: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Heard> {
            Err(Heard(variants.to_vec()))
        }
        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map struct identifier ignored_any
        }
    }

    fn variants<T: for<'de> Deserialize<'de>>() -> Vec<&'static str> {
        T::deserialize(Variants).err().map(|heard| heard.0).unwrap_or_default()
    }

    #[test]
    fn every_operation_of_burn_has_a_name_that_a_reader_knows() {
        let families = [
            variants::<BaseOperationIr>(),
            variants::<NumericOperationIr>(),
            variants::<FloatOperationIr>(),
            variants::<IntOperationIr>(),
            variants::<BoolOperationIr>(),
            variants::<ModuleOperationIr>(),
            variants::<ActivationOperationIr>(),
            variants::<DistributedOperationIr>(),
        ];
        let sizes: Vec<usize> = families.iter().map(Vec::len).collect();
        assert!(sizes.iter().sum::<usize>() > 200, "{sizes:?}");
        for variant in families.concat() {
            let kind = super::super::snake_case(variant);
            let named = known(&kind).map(|(_, label)| label.to_owned()).or_else(|| gradient(&kind));
            let label = named.unwrap_or_else(|| panic!("`{kind}` has no name"));
            let raw = ["_", "Elem", "Scalar", "Into", "Powi", "Powf", "Dim"];
            assert!(raw.iter().all(|word| !label.contains(word)), "`{label}` is no name for `{kind}`");
        }
        let outer = variants::<OperationIr>();
        assert!(outer.contains(&"Init") && outer.contains(&"Drop") && outer.len() == 14, "{outer:?}");
    }

    #[test]
    fn no_name_is_there_twice_and_each_list_is_in_order() {
        for (_, words) in WORDS {
            assert!(words.is_sorted_by_key(|(kind, _)| *kind), "{words:?}");
        }
        let mut kinds: Vec<_> =
            WORDS.iter().flat_map(|(_, words)| words.iter().map(|(kind, _)| *kind)).collect();
        let all = kinds.len();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), all);
    }

    #[test]
    fn an_operation_of_ones_own_is_a_sentence() {
        assert_eq!(sentence("my_op"), "My op");
        assert_eq!(sentence("MyFused-Op"), "My fused op");
        assert_eq!(sentence(""), "");
    }
}
