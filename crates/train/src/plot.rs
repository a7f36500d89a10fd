//! `train plot`: how a run went.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::chart::{Chart, Mark, Series, stack};
use crate::files::write_atomically;
use crate::run_folder::RunFolder;
use crate::svg::Colour;
use crate::training::Record;

/// Points of a curve at most: more can't be told apart at this size.
const POINTS: usize = 200;

/// Writes the picture.
///
/// # Errors
///
/// If there are no metrics, or they are damaged.
pub fn run(folder: &RunFolder, out: &Path) -> Result<()> {
    let path = folder.metrics();
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let records = text.lines().enumerate().map(|(index, line)| {
        serde_json::from_str(line)
            .with_context(|| format!("line {} of {} is damaged", index + 1, path.display()))
    });
    let records = records.collect::<Result<Vec<Record>>>()?;
    ensure!(!records.is_empty(), "{} is empty, so there is nothing to plot", path.display());
    write_atomically(out, picture(&records).as_bytes())
}

/// The loss, what it is without smoothing, its value on data never trained on, and the learning rate.
fn picture(records: &[Record]) -> String {
    let curve = |value: fn(&Record) -> f64| thin(records.iter().map(|r| (r.step as f64, value(r))).collect());
    let validation: Vec<(f64, f64)> =
        records.iter().filter_map(|r| Some((r.step as f64, r.validation_nll?))).collect();
    let smoothed = records.iter().any(|r| (r.loss - r.nll).abs() > 1e-6);
    let mut series = vec![Series {
        name: "training, NLL",
        points: curve(|r| r.nll),
        colour: Colour::First,
        mark: Mark::Line,
    }];
    if smoothed {
        let points = curve(|r| r.loss);
        series.push(Series {
            name: "training, smoothed loss",
            points,
            colour: Colour::Third,
            mark: Mark::Dashes,
        });
    }
    let last = validation.last().map(|point| point.1);
    if !validation.is_empty() {
        let points = thin(validation);
        series.push(Series { name: "validation, NLL", points, colour: Colour::Second, mark: Mark::Points });
    }
    let (title, x_label) = ("Loss per token", "step");
    let loss = Chart { title, x_label, y_label: "nats", series, from_zero: true };
    let series =
        vec![Series { name: "rate", points: curve(|r| r.lr), colour: Colour::First, mark: Mark::Line }];
    let rate = Chart { title: "Learning rate", x_label, y_label: "rate", series, from_zero: true };
    let (first, end) = (&records[0], &records[records.len() - 1]);
    let validation =
        last.map_or(String::new(), |nll| format!("; on data never trained on it is {nll:.4} at the end"));
    let description = format!(
        "Over {} steps the negative log-likelihood per token goes from {:.4} to {:.4} nats{validation}.",
        end.step, first.nll, end.nll
    );
    stack(&[loss, rate], 260.0, "training", "How training went", &description)
}

/// Means of neighbours, drawn at the last of them, so that no more than [`POINTS`] are left and the end stays the end.
fn thin(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let size = points.len().div_ceil(POINTS).max(1);
    let mean = |bundle: &[(f64, f64)]| bundle.iter().map(|point| point.1).sum::<f64>() / bundle.len() as f64;
    points.chunks(size).map(|bundle| (bundle[bundle.len() - 1].0, mean(bundle))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(count: usize) -> Vec<Record> {
        let record = |step: usize| Record {
            step,
            epoch: 1,
            loss: 1.0 / step as f64,
            nll: 2.0 / step as f64,
            lr: 1e-3,
            tokens_per_s: 1.0,
            validation_nll: step.is_multiple_of(10).then_some(0.5),
        };
        (1..=count).map(record).collect()
    }

    #[test]
    fn long_curves_are_thinned_to_means() {
        let thinned = thin((0..1_000).map(|n| (f64::from(n), 2.0 * f64::from(n))).collect());
        assert_eq!((thinned.len(), thinned[0], thinned[199]), (200, (4.0, 4.0), (999.0, 1_994.0)));
    }

    #[test]
    fn the_picture_names_every_curve_and_the_numbers() {
        let text = picture(&records(40));
        for part in
            ["training, NLL", "training, smoothed loss", "validation, NLL", "Learning rate", "to 0.0500 nats"]
        {
            assert!(text.contains(part), "{part} is missing");
        }
        assert!(!picture(&records(5)).contains("validation"));
    }
}
