//! Axes with round numbers.

use crate::label::text_width;
use crate::svg::{Anchor, Colour, Stroke, Svg};

/// Size of the numbers at an axis.
const SIZE: f64 = 12.0;

/// An axis: the interval it covers, its round numbers, and where it lies in the picture.
pub(crate) struct Axis {
    low: f64,
    high: f64,
    step: f64,
    pub(crate) start: f64,
    pub(crate) end: f64,
}

impl Axis {
    /// An axis of about `ticks` round numbers that begins and ends with one of them if it is to `snap`.
    pub(crate) fn new(
        values: impl Iterator<Item = f64>,
        start: f64,
        end: f64,
        ticks: f64,
        snap: bool,
    ) -> Self {
        let finite = values.filter(|value| value.is_finite());
        let (mut low, mut high) = finite
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if high - low < 1e-12 * high.abs().max(1e-300) {
            (low, high) = (low - 0.5, high + 0.5);
        }
        let step = round_step((high - low) / ticks);
        if snap {
            (low, high) = ((low / step + 1e-4).floor() * step, (high / step - 1e-4).ceil() * step);
        } else if low > 0.0 && low < step {
            low = 0.0;
        }
        Self { low, high, step, start, end }
    }

    /// Where a value lies in the picture.
    pub(crate) fn place(&self, value: f64) -> f64 {
        self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
    }

    /// The round numbers on it.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        let first = (self.low / self.step - 1e-9).ceil() as i64;
        let last = (self.high / self.step + 1e-9).floor() as i64;
        (first..=last).map(|n| n as f64 * self.step).collect()
    }

    /// A round number of this axis, with just the digits it needs.
    pub(crate) fn label(&self, tick: f64) -> String {
        tick_label(tick, self.step)
    }

    /// Width of the longest of them.
    pub(crate) fn label_width(&self) -> f64 {
        self.ticks().into_iter().map(|tick| text_width(&self.label(tick), SIZE)).fold(0.0, f64::max)
    }
}

/// Draws both axes of a chart, with light lines at the round numbers of the vertical one.
pub(crate) fn draw_axes(svg: &mut Svg, x: &Axis, y: &Axis) {
    for tick in y.ticks() {
        let place = y.place(tick);
        let grid = Stroke { opacity: 0.15, ..Stroke::solid(Colour::Text, 1.0) };
        svg.line((x.start, place), (x.end, place), grid);
        svg.text((x.start - 8.0, place + 4.0), Anchor::End, SIZE, &y.label(tick));
    }
    let axis = Stroke { opacity: 0.6, ..Stroke::solid(Colour::Text, 1.0) };
    svg.line((x.start, y.start), (x.end, y.start), axis);
    for tick in x.ticks() {
        let place = x.place(tick);
        svg.line((place, y.start), (place, y.start + 4.0), axis);
        svg.text((place, y.start + 18.0), Anchor::Middle, SIZE, &x.label(tick));
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
    if decimals > 4 {
        return format!("{value:.0e}");
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if value < 0.0 { "−" } else { "" };
    fraction.map_or(format!("{sign}{grouped}"), |fraction| format!("{sign}{grouped}.{fraction}"))
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
        assert_eq!(tick_label(1e-18, 0.5), "0");
    }

    #[test]
    fn ticks_cover_the_axis() {
        let axis = Axis::new([0.03, 0.97].into_iter(), 0.0, 100.0, 5.0, true);
        assert_eq!(axis.ticks().len(), 6);
        assert_eq!((axis.place(0.0), axis.place(1.0)), (0.0, 100.0));
    }
}
