//! The book's figures of what the model's parts compute: positions, masks, label smoothing, learning rates.

use std::path::Path;

use anyhow::{Context, Result};
use burn::tensor::{Device, Tensor, TensorData};
use model::label_smoothing::{label_smoothing, smoothed_target};
use model::mask::causal_mask;
use model::noam::noam_rate;
use model::positional::positional_encoding;

use plot::{Anchor, Caption, Chart, Colour, Mark, PHONE, Series, Stroke, Svg, stack};
use train::device::DeviceName;
use train::files::write_atomically;

/// Writes every figure into a folder.
///
/// # Errors
///
/// If the folder can't be written.
pub fn write(out: &Path) -> Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make the folder {}", out.display()))?;
    let device = DeviceName::Flex.open()?;
    let figures = [
        ("positional-encoding", waves(&device)),
        ("clock-hands", hands(&device)),
        ("causal-mask", mask(&device)),
        ("smoothed-targets", targets()),
        ("smoothing-penalty", penalty(&device)),
        ("learning-rate", rates()),
    ];
    for (name, svg) in figures {
        write_atomically(&out.join(name).with_extension("svg"), svg.as_bytes())?;
    }
    Ok(())
}

/// Dimensions 4 to 7 of the positional encoding of 100 positions, d_model = 20.
fn wave_points(dimension: usize, device: &Device) -> Vec<(f64, f64)> {
    const D_MODEL: usize = 20;
    let values: Vec<f32> = positional_encoding(0..100, D_MODEL, device).into_data().iter().collect();
    (0..100).map(|position| (position as f64, f64::from(values[position * D_MODEL + dimension]))).collect()
}

fn waves(device: &Device) -> String {
    const WAVES: [(usize, &str, Colour, Mark); 4] = [
        (4, "dim 4, sine", Colour::First, Mark::Line),
        (5, "dim 5, cosine", Colour::First, Mark::Dashes),
        (6, "dim 6, sine", Colour::Second, Mark::Line),
        (7, "dim 7, cosine", Colour::Second, Mark::Dashes),
    ];
    let title = "Positional encoding, d_model = 20";
    let mut chart = Chart::new(title, "position", "value");
    for (dimension, name, colour, mark) in WAVES {
        chart = chart.series(Series::new(name, wave_points(dimension, device), colour, mark));
    }
    let description = "Each pair of dimensions is the sine and the cosine of one frequency; dimensions 6 and 7 \
                       oscillate more slowly than 4 and 5.";
    stack(&[&chart], &Caption { id: "positional-encoding", title, description })
}

/// The first pairs of the same encoding as hands of clocks: upwards at angle 0, turning to the right.
fn hands(device: &Device) -> String {
    const D_MODEL: usize = 20;
    const HANDS: usize = 4;
    const POSITIONS: usize = 7;
    const CELL: f64 = 40.0;
    const RADIUS: f64 = 16.0;
    const CORNER: (f64, f64) = (58.0, 64.0);
    let values: Vec<f32> = positional_encoding(0..POSITIONS, D_MODEL, device).into_data().iter().collect();
    let mut svg = Svg::new(PHONE, CORNER.1 + HANDS as f64 * CELL + 6.0);
    svg.heading((8.0, 18.0), 14.0, "The hands at each position");
    let middle = CORNER.0 + POSITIONS as f64 * CELL / 2.0;
    svg.text((middle, 40.0), Anchor::Middle, 12.0, "Position");
    for position in 0..POSITIONS {
        let x = CORNER.0 + (position as f64 + 0.5) * CELL;
        svg.text((x, CORNER.1 - 6.0), Anchor::Middle, 12.0, &position.to_string());
        for hand in 0..HANDS {
            let y = CORNER.1 + (hand as f64 + 0.5) * CELL;
            let of = |n: usize| f64::from(values[position * D_MODEL + 2 * hand + n]);
            svg.ring((x, y), RADIUS, Colour::Text);
            let tip = (x + RADIUS * of(0), y - RADIUS * of(1));
            svg.line((x, y), tip, Stroke::solid(Colour::First, 2.5));
        }
    }
    for hand in 0..HANDS {
        let y = CORNER.1 + (hand as f64 + 0.5) * CELL + 4.0;
        svg.text((CORNER.0 - 8.0, y), Anchor::End, 12.0, &format!("hand {hand}"));
    }
    let description = "Four clocks with a hand each, at the positions 0 to 6. All begin upright. Hand 0 turns by 57 \
                       degrees from each position to the next, hand 1 by 23, hand 2 by 9, hand 3 by 4.";
    svg.finish(&Caption { id: "clock-hands", title: "The hands at each position", description })
}

/// Row by row: may this query see this key?
fn visible(length: usize, device: &Device) -> Vec<bool> {
    causal_mask(length, device).into_data().iter::<bool>().map(|masked| !masked).collect()
}

fn mask(device: &Device) -> String {
    const LENGTH: usize = 20;
    const CELL: f64 = 15.0;
    const CORNER: (f64, f64) = (64.0, 64.0);
    let mut svg = Svg::new(480.0, 380.0);
    svg.heading((8.0, 18.0), 14.0, "Who may look at whom");
    let middle = LENGTH as f64 * CELL / 2.0;
    svg.text((CORNER.0 + middle, 40.0), Anchor::Middle, 12.0, "Key position");
    svg.upward_text((22.0, CORNER.1 + middle), 12.0, "Query position");
    const SHADES: [(bool, Colour, f64, &str); 2] =
        [(true, Colour::First, 0.9, "visible"), (false, Colour::Text, 0.1, "masked")];
    let visible = visible(LENGTH, device);
    for (row, (wanted, colour, opacity, name)) in SHADES.into_iter().enumerate() {
        let cells = (0..LENGTH * LENGTH).filter(|&index| visible[index] == wanted);
        let corner = |index: usize| {
            let (query, key) = (index / LENGTH, index % LENGTH);
            (CORNER.0 + key as f64 * CELL + 0.5, CORNER.1 + query as f64 * CELL + 0.5)
        };
        svg.rectangles(&cells.map(corner).collect::<Vec<_>>(), (CELL - 1.0, CELL - 1.0), colour, opacity);
        let y = CORNER.1 + 4.0 + row as f64 * 22.0;
        svg.rectangles(&[(384.0, y)], (14.0, 14.0), colour, opacity);
        svg.text((404.0, y + 11.5), Anchor::Start, 12.0, name);
    }
    for position in (0..LENGTH).step_by(5).chain([LENGTH - 1]) {
        let along = (position as f64 + 0.5) * CELL;
        svg.text((CORNER.0 + along, CORNER.1 - 8.0), Anchor::Middle, 12.0, &position.to_string());
        svg.text((CORNER.0 - 8.0, CORNER.1 + along + 4.0), Anchor::End, 12.0, &position.to_string());
    }
    let description = "Twenty positions: the lower left triangle with the diagonal is visible, everything to the right \
                       of the diagonal is masked.";
    svg.finish(&Caption { id: "causal-mask", title: "The causal mask", description })
}

/// The example of The Annotated Transformer: five tokens, padding 0, smoothing 0.4.
const TARGETS: [usize; 5] = [2, 1, 0, 3, 3];
const SMOOTHING: f64 = 0.4;

fn targets() -> String {
    const CELL: (f64, f64) = (62.0, 34.0);
    const CORNER: (f64, f64) = (96.0, 64.0);
    let mut svg = Svg::new(440.0, 250.0);
    svg.heading((8.0, 18.0), 14.0, "Smoothed targets");
    svg.text((CORNER.0 + 2.5 * CELL.0, 38.0), Anchor::Middle, 12.0, "Token");
    for token in 0..TARGETS.len() {
        let name = if token == 0 { "0 (pad)".into() } else { token.to_string() };
        svg.text((CORNER.0 + (token as f64 + 0.5) * CELL.0, CORNER.1 - 8.0), Anchor::Middle, 12.0, &name);
    }
    for (row, target) in TARGETS.into_iter().enumerate() {
        let y = CORNER.1 + row as f64 * CELL.1;
        svg.text((CORNER.0 - 10.0, y + CELL.1 / 2.0 + 4.0), Anchor::End, 12.0, &format!("target {target}"));
        for (token, mass) in smoothed_target(target, TARGETS.len(), 0, SMOOTHING).into_iter().enumerate() {
            let x = CORNER.0 + token as f64 * CELL.0;
            let (colour, opacity) =
                if mass > 0.0 { (Colour::First, 0.9 * mass) } else { (Colour::Text, 0.05) };
            svg.rectangles(&[(x + 1.0, y + 1.0)], (CELL.0 - 2.0, CELL.1 - 2.0), colour, opacity);
            let text = if mass > 0.0 { format!("{mass:.4}") } else { "0".into() };
            svg.text((x + CELL.0 / 2.0, y + CELL.1 / 2.0 + 4.0), Anchor::Middle, 12.0, &text);
        }
    }
    let description = "With smoothing 0.4 over five tokens, the target keeps 0.6, the three others but padding get \
                       0.1333 each, padding gets nothing, and where the target is padding the row is zero.";
    svg.finish(&Caption { id: "smoothed-targets", title: "Smoothed targets", description })
}

/// The loss of predicting the target with `x / (x + 3)` and three of the other tokens with `1 / (x + 3)` each.
fn penalty_of(x: f64, device: &Device) -> f64 {
    let logits = [f32::NEG_INFINITY, x.ln() as f32, 0.0, 0.0, 0.0];
    let logits = Tensor::<3>::from_data(TensorData::new(logits.to_vec(), [1, 1, 5]), device);
    let target = Tensor::from_data(TensorData::new(vec![1_i64], [1, 1]), device);
    label_smoothing(logits, target, 0, 0.1).mean().into_scalar()
}

fn penalty(device: &Device) -> String {
    let at = |x: f64| (x, penalty_of(x, device));
    let (lowest, last) = (at(27.0), at(99.0));
    let points = (1..100).map(|x| at(f64::from(x))).collect();
    let marked = format!("0 at x = 27, {:.4} at x = 99", last.1);
    let title = "Too much confidence is punished";
    let x_label = "x, where the target is given the probability x / (x + 3)";
    let chart = Chart::new(title, x_label, "loss (nats)")
        .series(Series::new("loss", points, Colour::First, Mark::Line))
        .series(Series::new(marked, vec![lowest, last], Colour::Second, Mark::Spots))
        .from_zero()
        .sized(680.0, 280.0);
    let description = format!(
        "With smoothing 0.1 the loss falls to 0 at x = 27, where the prediction equals the smoothed target, and rises \
         again to {:.4} at x = 99.",
        last.1
    );
    stack(&[&chart], &Caption { id: "smoothing-penalty", title, description: &description })
}

fn rates() -> String {
    const CURVES: [(usize, usize, &str, Colour, Mark); 3] = [
        (512, 4_000, "d 512, warm-up 4,000", Colour::First, Mark::Line),
        (512, 8_000, "d 512, warm-up 8,000", Colour::Second, Mark::Dashes),
        (256, 4_000, "d 256, warm-up 4,000", Colour::Third, Mark::Dots),
    ];
    let title = "Learning rate";
    let mut chart = Chart::new(title, "step", "rate").from_zero();
    for (d_model, warmup, name, colour, mark) in CURVES {
        let points = (1..=20_000).step_by(100).chain([20_000]);
        let points = points.map(|step| (step as f64, noam_rate(step, d_model, warmup, 1.0))).collect();
        chart = chart.series(Series::new(name, points, colour, mark));
    }
    let peaks =
        CURVES.map(|(d, warmup, name, ..)| format!("{name}: {:.3e}", noam_rate(warmup, d, warmup, 1.0)));
    let description =
        format!("Rising linearly, then falling with the root of the step. Peaks: {}.", peaks.join("; "));
    stack(&[&chart], &Caption { id: "learning-rate", title, description: &description })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device() -> Device {
        DeviceName::Flex.open().unwrap()
    }

    #[test]
    fn the_penalty_vanishes_at_27_and_rises_again() {
        let penalty = |x: f64| penalty_of(x, &device());
        assert!(penalty(27.0).abs() < 1e-5, "{}", penalty(27.0));
        assert!((penalty(99.0) - 0.0544).abs() < 5e-5);
        assert!((1..100).all(|x| penalty(f64::from(x)) > -1e-5));
    }

    #[test]
    fn the_waves_are_those_of_the_paper() {
        for (dimension, frequency) in [(4, 10_000f64.powf(-0.2)), (6, 10_000f64.powf(-0.3))] {
            let (sine, cosine) = (wave_points(dimension, &device()), wave_points(dimension + 1, &device()));
            for ((&(position, sine), (_, cosine)), n) in sine.iter().zip(cosine).zip(0..) {
                assert_eq!(position, f64::from(n));
                let angle = position * frequency;
                assert!((sine - angle.sin()).abs() < 1e-6 && (cosine - angle.cos()).abs() < 1e-6);
            }
        }
    }

    /// In degrees, what the description says of the first steps.
    #[test]
    fn the_hands_turn_as_their_description_says() {
        let values: Vec<f32> = positional_encoding(1..2, 20, &device()).into_data().iter().collect();
        let turned =
            [0, 1, 2, 3].map(|hand| values[2 * hand].atan2(values[2 * hand + 1]).to_degrees().round());
        assert_eq!(turned, [57.0, 23.0, 9.0, 4.0]);
    }

    #[test]
    fn the_mask_shows_a_triangle() {
        let seen = visible(20, &device());
        assert_eq!(seen.iter().filter(|&&seen| seen).count(), 20 * 21 / 2);
        assert!(seen[19 * 20] && !seen[19] && seen[0]);
    }

    #[test]
    fn the_peaks_in_the_caption_are_those_of_the_paper() {
        let text = rates();
        for peak in ["6.988e-4", "4.941e-4", "9.882e-4"] {
            assert!(text.contains(peak), "{peak} is missing");
        }
    }
}
