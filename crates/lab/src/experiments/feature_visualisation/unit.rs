//! Units that can be asked what they like.

use anyhow::{Context, Result, bail, ensure};
use burn::tensor::Tensor;

use super::examples::CLASSES;
use super::network::{FIRST, Layers, SECOND};

/// A number somewhere in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// A channel of the first convolution, in the middle of the picture.
    First(usize),
    /// A channel of the second convolution, in the middle of the picture.
    Second(usize),
    /// The score of a class.
    Class(usize),
}

impl Unit {
    /// What a text such as `cat`, `2` or `second:5` names.
    ///
    /// # Errors
    ///
    /// If it names no unit.
    pub(super) fn of(text: &str, names: &[String]) -> Result<Self> {
        let number = |text: &str| text.trim().parse::<usize>().ok();
        let Some((layer, channel)) = text.split_once(':') else {
            let named = names.iter().position(|name| name.eq_ignore_ascii_case(text.trim()));
            let class = named.or(number(text).filter(|&class| class < CLASSES));
            return class.map(Self::Class).with_context(|| unknown(text, names));
        };
        let (unit, channels): (fn(usize) -> Self, usize) = match layer.trim() {
            "first" => (Self::First, FIRST),
            "second" => (Self::Second, SECOND),
            _ => bail!(unknown(text, names)),
        };
        let channel = number(channel).with_context(|| unknown(text, names))?;
        ensure!(channel < channels, unknown(text, names));
        Ok(unit(channel))
    }

    /// As it is written in text.
    pub(super) fn name(self, names: &[String]) -> String {
        match self {
            Self::First(channel) => format!("first:{channel}"),
            Self::Second(channel) => format!("second:{channel}"),
            Self::Class(class) => names.get(class).cloned().unwrap_or_else(|| class.to_string()),
        }
    }

    /// What it says to each picture, `[pictures, 1]`.
    pub(super) fn response(self, layers: &Layers) -> Tensor<2> {
        match self {
            Self::First(channel) => middle(&layers.first, channel),
            Self::Second(channel) => middle(&layers.second, channel),
            Self::Class(class) => layers.scores.clone().narrow(1, class, 1),
        }
    }
}

fn unknown(text: &str, names: &[String]) -> String {
    format!(
        "--unit is {text:?}, but it must be {}, 0 to {}, first:0 to first:{}, or second:0 to second:{}",
        names.join(", "),
        CLASSES - 1,
        FIRST - 1,
        SECOND - 1
    )
}

fn middle(map: &Tensor<4>, channel: usize) -> Tensor<2> {
    let [_, _, rows, columns] = map.dims();
    let point = map.clone().narrow(1, channel, 1).narrow(2, rows / 2, 1).narrow(3, columns / 2, 1);
    point.flatten(1, 3)
}

/// What channel n says in the middle of picture n, `[pictures]`.
pub(super) fn middle_of_each(map: &Tensor<4>) -> Tensor<1> {
    let own = |channel| middle(map, channel).narrow(0, channel, 1);
    Tensor::cat((0..map.dims()[1]).map(own).collect(), 0).flatten(0, 1)
}

/// What each unit says to the picture of its own, `[pictures]`.
pub(super) fn responses(units: &[Unit], layers: &Layers) -> Tensor<1> {
    let own = |(picture, unit): (usize, &Unit)| unit.response(layers).narrow(0, picture, 1);
    Tensor::cat(units.iter().enumerate().map(own).collect(), 0).flatten(0, 1)
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;
    use train::device::DeviceName;

    use super::*;

    fn names() -> Vec<String> {
        ["bear", "bird", "cat"].map(str::to_owned).to_vec()
    }

    #[test]
    fn units_have_names_and_numbers() {
        let unit = |text: &str| Unit::of(text, &names()).unwrap();
        assert_eq!((unit("cat"), unit("BIRD"), unit("9")), (Unit::Class(2), Unit::Class(1), Unit::Class(9)));
        assert_eq!((unit("first:7"), unit("second: 15")), (Unit::First(7), Unit::Second(15)));
        for text in ["cat", "first:3", "second:11", "7"] {
            assert_eq!(unit(text).name(&names()), text);
        }
    }

    #[test]
    fn what_is_no_unit_is_refused() {
        for text in ["", "fish", "10", "-1", "first", "first:8", "second:16", "second:x", "third:1", ":"] {
            let message = Unit::of(text, &names()).unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("--unit is {text:?}, but it must be bear, bird, cat, 0 to 9"))
            );
        }
    }

    #[test]
    fn each_picture_is_asked_of_its_own_unit() {
        let device = DeviceName::Flex.open().unwrap();
        let map = |shape: [usize; 4]| {
            let values: Vec<f32> = (0..shape.iter().product()).map(|n| n as f32).collect();
            Tensor::<4>::from_data(TensorData::new(values, shape), &device)
        };
        let scores =
            Tensor::from_data(TensorData::new((0..30).map(|n| n as f32).collect(), [3, 10]), &device);
        let layers = Layers { first: map([3, 2, 5, 7]), second: map([3, 3, 2, 3]), scores };
        let units = [Unit::Class(4), Unit::First(1), Unit::Second(2)];
        let found: Vec<f32> = responses(&units, &layers).into_data().iter().collect();
        assert_eq!(found, [4.0, (70 + 35 + 2 * 7 + 3) as f32, (36 + 12 + 3 + 1) as f32]);
    }
}
