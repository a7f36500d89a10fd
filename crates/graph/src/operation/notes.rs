//! The numbers that belong to an operation's name: what it scales by, how large its kernel is.

use super::Operation;

impl Operation {
    /// The number, size or kind that its name leaves open: `× 0.125`, `3×3, stride 2`.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        let value = || self.value().map(short);
        let with = |sign: &str| value().map(|value| format!("{sign} {value}"));
        match self.kind.as_str() {
            "constant" => self.attribute("name").map(str::to_owned),
            "full" => value(),
            "add_scalar" => with("+"),
            "sub_scalar" => with("-"),
            "mul_scalar" => with("×"),
            "div_scalar" => with("÷"),
            "rem_scalar" => with("modulo"),
            "equal_elem" => with("="),
            "not_equal_elem" => with("≠"),
            "greater_elem" => with(">"),
            "greater_equal_elem" => with("≥"),
            "lower_elem" => with("<"),
            "lower_equal_elem" => with("≤"),
            "mask_fill" => with("filled with"),
            "leaky_relu" => with("slope"),
            "clamp_min" if self.value() != Some(0.0) => with("at least"),
            "clamp_max" => with("at most"),
            "clamp" => {
                let [low, high] = ["min", "max"].map(|name| self.number(name).map(short));
                Some(format!("{} to {}", low?, high?))
            }
            "powi_scalar" | "powf_scalar" => {
                let known = matches!(self.value(), Some(2.0 | 0.5 | -0.5 | -1.0));
                with("exponent").filter(|_| !known)
            }
            "bitwise_and_scalar" | "bitwise_or_scalar" | "bitwise_xor_scalar" => with("with"),
            "bitwise_left_shift_scalar" | "bitwise_right_shift_scalar" => with("by"),
            "cast" => self.outputs.first().map(|tensor| format!("to {}", tensor.dtype)),
            "repeat_dim" => self.attribute("times").map(|times| format!("{times} times")),
            "attention" => (self.attribute("is_causal") == Some("true")).then(|| "causal".to_owned()),
            "interpolate" => self.interpolation(),
            kind if kind.contains("conv") && !kind.ends_with("backward") => self.convolution(),
            kind if kind.contains("adaptive") => self.target(),
            kind if kind.contains("pool") || kind == "unfold4d" => self.window(self.sizes("kernel_size")?, 1),
            _ => None,
        }
    }

    /// Kernel, stride and what else changes what a convolution does. The kernel is what the weight has behind its two
    /// axes of channels.
    fn convolution(&self) -> Option<String> {
        let axes = &self.inputs.get(if self.kind.starts_with("deform") { 2 } else { 1 })?.axes;
        let kernel: Vec<usize> = axes.get(2..)?.iter().map(|axis| axis.size).collect();
        let groups = self.number("groups").or_else(|| self.number("weight_groups")).unwrap_or(1.0) as usize;
        let channels = self.inputs.first()?.axes.get(1)?.size;
        let note = self.window(kernel, 1)?;
        Some(match groups {
            0 | 1 => note,
            groups if groups == channels => format!("{note}, depthwise"),
            groups => format!("{note}, {groups} groups"),
        })
    }

    /// A window's size, and its stride and dilation if they are not `plain`.
    fn window(&self, kernel: Vec<usize>, plain: usize) -> Option<String> {
        let mut note = match kernel.as_slice() {
            [] => return None,
            [only] => format!("kernel {only}"),
            _ => product(&kernel),
        };
        for name in ["stride", "dilation"] {
            let Some(sizes) = self.sizes(name).filter(|sizes| sizes.iter().any(|&size| size != plain)) else {
                continue;
            };
            let equal = sizes.iter().all(|size| *size == sizes[0]);
            let sizes = if equal { sizes[0].to_string() } else { product(&sizes) };
            note += &format!(", {name} {sizes}");
        }
        Some(note)
    }

    /// The size that an adaptive pooling leads to, unless it is a single element.
    fn target(&self) -> Option<String> {
        let sizes = self.sizes("output_size")?;
        sizes.iter().any(|&size| size != 1).then(|| format!("to {}", product(&sizes)))
    }

    fn interpolation(&self) -> Option<String> {
        let mode = self.attribute("mode").unwrap_or_default();
        let size = self.sizes("output_size").map(|sizes| format!("to {}", product(&sizes)));
        Some([mode, size.unwrap_or_default().as_str()].join(" ").trim().to_owned())
    }

    /// An attribute that is a list of sizes, or one size.
    fn sizes(&self, name: &str) -> Option<Vec<usize>> {
        let text = self.attribute(name)?.trim_matches(['[', ']']);
        text.split(',').map(|size| size.trim().parse().ok()).collect()
    }
}

fn product(sizes: &[usize]) -> String {
    sizes.iter().map(ToString::to_string).collect::<Vec<_>>().join("×")
}

/// A number as one writes it down: four digits, and powers of ten where there would be many zeros.
pub(super) fn short(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return if value.is_nan() {
            "NaN".to_owned()
        } else if value > 0.0 {
            "∞".to_owned()
        } else {
            "-∞".to_owned()
        };
    }
    if size != 0.0 && !(1e-3..1e5).contains(&size) {
        let text = format!("{value:.3e}");
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        return format!("{}e{power}", trimmed(digits));
    }
    let whole = if size < 1.0 { 0 } else { size.log10() as usize + 1 };
    let places = if value.fract() == 0.0 { 0 } else { 4_usize.saturating_sub(whole).max(1) };
    trimmed(&format!("{value:.places$}")).to_owned()
}

fn trimmed(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{Axis, TensorType};

    #[test]
    fn numbers_are_short() {
        for (value, text) in [
            (0.125, "0.125"),
            (0.353_553_38, "0.3536"),
            (1e-5, "1e-5"),
            (9.999_999_747e-6, "1e-5"),
            (-1e9, "-1e9"),
            (8.0, "8"),
            (0.0, "0"),
            (22.627_417, "22.63"),
            (12_345.678, "12345.7"),
            (f64::NEG_INFINITY, "-∞"),
            (-3.402_823_5e38, "-3.403e38"),
            (1000.0, "1000"),
        ] {
            assert_eq!(short(value), text);
        }
    }

    fn operation(kind: &str, attributes: &[(&str, &str)], inputs: &[&[usize]]) -> Operation {
        let tensor = |sizes: &&[usize]| TensorType {
            axes: sizes.iter().map(|&size| Axis { size, symbol: None }).collect(),
            dtype: "f32".into(),
        };
        Operation {
            kind: kind.into(),
            attributes: attributes.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
            inputs: inputs.iter().map(tensor).collect(),
            outputs: vec![],
            data: None,
            source: None,
            calls: Vec::new(),
        }
    }

    #[test]
    fn windows_say_their_size_and_how_they_move() {
        let note = |kind, attributes: &[(&str, &str)], inputs: &[&[usize]]| {
            operation(kind, attributes, inputs).note()
        };
        let plain = [("stride", "[1, 1]"), ("dilation", "[1, 1]"), ("groups", "1")];
        let image: &[usize] = &[2, 16, 8, 8];
        assert_eq!(note("conv2d", &plain, &[image, &[32, 16, 3, 3]]).as_deref(), Some("3×3"));
        let strided = [("stride", "[2, 2]"), ("dilation", "[1, 1]"), ("groups", "16")];
        assert_eq!(
            note("conv2d", &strided, &[image, &[16, 1, 7, 7]]).as_deref(),
            Some("7×7, stride 2, depthwise")
        );
        let uneven = [("stride", "[2, 1]"), ("dilation", "[3, 3]"), ("groups", "4")];
        assert_eq!(
            note("conv2d", &uneven, &[image, &[16, 4, 3, 1]]).as_deref(),
            Some("3×1, stride 2×1, dilation 3, 4 groups")
        );
        let one = [("stride", "[1]"), ("dilation", "[1]"), ("groups", "1")];
        assert_eq!(note("conv1d", &one, &[&[2, 16, 8], &[32, 16, 5]]).as_deref(), Some("kernel 5"));
        let pool = [("kernel_size", "[2, 2]"), ("stride", "[2, 2]"), ("padding", "[0, 0]")];
        assert_eq!(note("max_pool2d", &pool, &[image]).as_deref(), Some("2×2, stride 2"));
        let pool = [("kernel_size", "3"), ("stride", "2"), ("padding", "1")];
        assert_eq!(note("avg_pool1d", &pool, &[image]).as_deref(), Some("kernel 3, stride 2"));
        assert_eq!(note("adaptive_avg_pool2d", &[("output_size", "[1, 1]")], &[image]), None);
        assert_eq!(
            note("adaptive_avg_pool2d", &[("output_size", "[7, 5]")], &[image]).as_deref(),
            Some("to 7×5")
        );
        assert_eq!(note("mul_scalar", &[("rhs", "0.125")], &[image]).as_deref(), Some("× 0.125"));
        assert_eq!(note("relu", &[], &[image]), None);
    }
}
