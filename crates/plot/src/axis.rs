//! Axes with round numbers, linear or logarithmic.

use crate::svg::{Anchor, Colour, Stroke, Svg};
use crate::text::{decimal, scientific, text_width};

/// Size of the numbers at an axis.
const SIZE: f64 = 12.0;

/// How values are spread over an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences are equally long.
    #[default]
    Linear,
    /// Equal ratios are equally long. Only positive values have a place.
    Log,
}

impl Scale {
    /// Whether a value has a place on such an axis.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        value.is_finite() && (self == Self::Linear || value > 0.0)
    }

    /// The value, or its logarithm to base 10. Beyond 1e300, sums and differences would overflow.
    fn spread(self, value: f64) -> f64 {
        match self {
            Self::Linear => value.clamp(-1e300, 1e300),
            Self::Log => value.clamp(1e-300, 1e300).log10(),
        }
    }
}

/// An axis: the interval it covers, its round numbers, and where it lies in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    scale: Scale,
    /// Both ends; their logarithms on a logarithmic axis.
    low: f64,
    high: f64,
    /// Difference of two round numbers; of their logarithms on a logarithmic axis, where 0 stands for 1, 2, 5, 10, ….
    step: f64,
    /// Where it begins, in pixels.
    pub start: f64,
    /// Where it ends, in pixels.
    pub end: f64,
}

impl Axis {
    /// A linear axis from pixel `start` to pixel `end`, with about `ticks` round numbers, for all finite values. It
    /// begins and ends with a round number if it is to `snap`. Without values it goes from 0 to 1.
    #[must_use]
    pub fn new(values: impl Iterator<Item = f64>, start: f64, end: f64, ticks: f64, snap: bool) -> Self {
        let (mut low, mut high) = bounds(values, Scale::Linear).unwrap_or((0.0, 1.0));
        if high - low < 1e-12 * high.abs().max(low.abs()).max(1e-280) {
            let pad = f64::max(0.5, high.abs() * 1e-6);
            (low, high) = (low - pad, high + pad);
        }
        let step = round_step((high - low) / ticks);
        if snap {
            (low, high) = ((low / step + 1e-4).floor() * step, (high / step - 1e-4).ceil() * step);
        } else if low > 0.0 && low < step {
            low = 0.0;
        }
        Self { scale: Scale::Linear, low, high, step, start, end }
    }

    /// The same with equal ratios equally long, for all values above zero. Without any it goes from 1 to 10. It snaps to
    /// tenths of an order of magnitude where a whole order would leave it mostly empty.
    #[must_use]
    pub fn logarithmic(
        values: impl Iterator<Item = f64>,
        start: f64,
        end: f64,
        ticks: f64,
        snap: bool,
    ) -> Self {
        let (mut low, mut high) = bounds(values, Scale::Log).unwrap_or((0.0, 1.0));
        // 2 and 5, the neighbours that are farthest from each other, are 0.4 apart.
        if high - low < 0.4 {
            (low, high) = (low - 0.2, high + 0.2);
        }
        let step = if high - low < ticks / 2.0 { 0.0 } else { ((high - low) / ticks).ceil() };
        if snap {
            let step = f64::max(step, 1.0);
            let near = |x: f64, round: fn(f64) -> f64| {
                if step > 1.0 { round(x / step) * step } else { round(x * 10.0) / 10.0 }
            };
            (low, high) = (near(low + 1e-9, f64::floor), near(high - 1e-9, f64::ceil));
        }
        Self { scale: Scale::Log, low, high, step, start, end }
    }

    /// An axis of either kind.
    #[must_use]
    pub fn scaled(
        scale: Scale,
        values: impl Iterator<Item = f64>,
        (start, end): (f64, f64),
        ticks: f64,
        snap: bool,
    ) -> Self {
        match scale {
            Scale::Linear => Self::new(values, start, end, ticks, snap),
            Scale::Log => Self::logarithmic(values, start, end, ticks, snap),
        }
    }

    /// A linear axis that begins and ends with these very values, if they differ and are finite.
    pub(crate) fn exactly((low, high): (f64, f64), start: f64, end: f64, ticks: f64) -> Self {
        let axis = Self::new([low, high].into_iter(), start, end, ticks, false);
        let (least, most) = (f64::min(low, high), f64::max(low, high));
        if axis.high == most { Self { low: least.max(-1e300), ..axis } } else { axis }
    }

    /// Where a value lies in the picture, in pixels.
    #[must_use]
    pub fn place(&self, value: f64) -> f64 {
        let spread = self.scale.spread(value);
        self.start + (spread - self.low) / (self.high - self.low) * (self.end - self.start)
    }

    /// The round numbers on it.
    #[must_use]
    pub fn ticks(&self) -> Vec<f64> {
        let whole = |step: f64| {
            let first = (self.low / step - 1e-9).ceil() as i64;
            let last = (self.high / step + 1e-9).floor() as i64;
            (first..=last).map(move |n| n as f64 * step)
        };
        match self.scale {
            Scale::Linear => whole(self.step).collect(),
            Scale::Log if self.step > 0.0 => whole(self.step).map(|power| 10f64.powf(power)).collect(),
            Scale::Log => {
                let powers = self.low.floor() as i32..=self.high.ceil() as i32;
                let all = powers.flat_map(|power| [1.0, 2.0, 5.0].map(|factor| factor * 10f64.powi(power)));
                all.filter(|x| (self.low - 1e-9..self.high + 1e-9).contains(&x.log10())).collect()
            }
        }
    }

    /// A round number of this axis, with just the digits it needs.
    #[must_use]
    pub fn label(&self, tick: f64) -> String {
        match self.scale {
            Scale::Linear => tick_label(tick, self.step),
            Scale::Log => tick_label(tick, 10f64.powf((tick.log10() + 1e-9).floor())),
        }
    }

    /// Width in pixels of the longest of them.
    #[must_use]
    pub fn label_width(&self) -> f64 {
        self.ticks().into_iter().map(|tick| text_width(&self.label(tick), SIZE)).fold(0.0, f64::max)
    }
}

/// The least and the largest of the values that have a place, spread.
fn bounds(values: impl Iterator<Item = f64>, scale: Scale) -> Option<(f64, f64)> {
    let spread = values.filter(|&value| scale.holds(value)).map(|value| scale.spread(value));
    let (low, high) = spread
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    (low <= high).then_some((low, high))
}

/// Draws both axes of a chart, with light lines at the round numbers of the vertical one. Numbers that would touch
/// others are left out.
pub fn draw_axes(svg: &mut Svg, x: &Axis, y: &Axis) {
    let mut last = f64::INFINITY;
    for tick in y.ticks() {
        let place = y.place(tick);
        let grid = Stroke { opacity: 0.15, ..Stroke::solid(Colour::Text, 1.0) };
        svg.line((x.start, place), (x.end, place), grid);
        if last - place > SIZE {
            svg.text((x.start - 8.0, place + 4.0), Anchor::End, SIZE, &y.label(tick));
            last = place;
        }
    }
    let axis = Stroke { opacity: 0.6, ..Stroke::solid(Colour::Text, 1.0) };
    svg.line((x.start, y.start), (x.end, y.start), axis);
    let mut last = f64::NEG_INFINITY;
    for tick in x.ticks() {
        let place = x.place(tick);
        svg.line((place, y.start), (place, y.start + 4.0), axis);
        let label = x.label(tick);
        let half = text_width(&label, SIZE) / 2.0;
        // A long number at the end is moved into the picture.
        let place = place.min(x.end + 28.0 - half);
        if place - half > last + 6.0 {
            svg.text((place, y.start + 18.0), Anchor::Middle, SIZE, &label);
            last = place + half;
        }
    }
}

/// The round number (1, 2 or 5 times a power of ten) next above.
fn round_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    steps.into_iter().find(|&step| step >= rough * 0.999_999).unwrap_or(steps[3])
}

/// A round number with just the digits it needs.
fn tick_label(value: f64, step: f64) -> String {
    if value.abs() < step / 2.0 {
        return "0".into();
    }
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    if decimals <= 4 && value.abs() < 1e7 {
        return decimal(value, decimals);
    }
    let sign = if value < 0.0 { "−" } else { "" };
    let digits = (value.abs().log10().floor() - step.log10().floor()).clamp(0.0, 12.0);
    format!("{sign}{}", scientific(value.abs(), digits as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!([0.7, 1.0, 1.3, 3.0, 7.0, 0.03].map(round_step), [1.0, 1.0, 2.0, 5.0, 10.0, 0.05]);
    }

    #[test]
    fn labels_have_the_digits_they_need() {
        assert_eq!(tick_label(0.25, 0.05), "0.25");
        assert_eq!(tick_label(15_000.0, 5_000.0), "15,000");
        assert_eq!(tick_label(-0.5, 0.5), "−0.5");
        assert_eq!(tick_label(4e-5, 2e-5), "4e-5");
        assert_eq!(tick_label(-1.5e-5, 5e-6), "−1.5e-5");
        assert_eq!(tick_label(2.5e9, 5e8), "2.5e9");
        assert_eq!(tick_label(1e-18, 0.5), "0");
    }

    #[test]
    fn ticks_cover_the_axis() {
        let axis = Axis::new([0.03, 0.97].into_iter(), 0.0, 100.0, 5.0, true);
        assert_eq!(axis.ticks().len(), 6);
        assert_eq!((axis.place(0.0), axis.place(1.0)), (0.0, 100.0));
    }

    #[test]
    fn on_a_logarithmic_axis_equal_ratios_are_equally_long() {
        let axis = Axis::logarithmic([1.0, 10_000.0, -3.0, 0.0].into_iter(), 0.0, 100.0, 4.0, true);
        let ticks = axis.ticks();
        let labels: Vec<String> = ticks.iter().map(|&tick| axis.label(tick)).collect();
        assert_eq!(labels, ["1", "10", "100", "1,000", "10,000"]);
        for (tick, place) in ticks.iter().zip([0.0, 25.0, 50.0, 75.0, 100.0]) {
            assert!((axis.place(*tick) - place).abs() < 1e-9);
        }
        let narrow = Axis::logarithmic([20.0, 45.0].into_iter(), 0.0, 100.0, 4.0, true);
        let labels: Vec<String> = narrow.ticks().iter().map(|&tick| narrow.label(tick)).collect();
        assert_eq!(labels, ["20", "50"]);
        let wide = Axis::logarithmic([1e-300, 1e300].into_iter(), 0.0, 100.0, 4.0, true);
        assert!((3..=6).contains(&wide.ticks().len()), "{:?}", wide.ticks());
    }

    #[test]
    fn axes_of_odd_values_have_finite_places() {
        let odd: [&[f64]; 6] = [
            &[],
            &[f64::NAN, f64::INFINITY],
            &[1e308, -1e308],
            &[1e20, 1e20],
            &[5e-324, 0.0],
            &[0.0, 1e-300],
        ];
        for values in odd {
            for scale in [Scale::Linear, Scale::Log] {
                for snap in [false, true] {
                    let axis = Axis::scaled(scale, values.iter().copied(), (0.0, 100.0), 4.0, snap);
                    assert!((1..20).contains(&axis.ticks().len()), "{values:?}, {scale:?}: {axis:?}");
                    for &value in values.iter().filter(|&&value| scale.holds(value)) {
                        let place = axis.place(value);
                        assert!((-1e-6..=100.0 + 1e-6).contains(&place), "{value:e}, {scale:?}: {place}");
                    }
                }
            }
        }
    }
}
