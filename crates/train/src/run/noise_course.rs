//! How the loss and the noise scale went in a run: read from its metrics, and drawn.

use std::path::Path;

use anyhow::{Result, ensure};
use plot::{Caption, Chart, Colour, Mark, Scale, Series, decimal, stack, thousands};
use serde::{Deserialize, Serialize};

use super::metrics::{Line, Record, read as read_metrics};

/// Points that a run is told by at most.
const POINTS: usize = 60;

/// Some steps of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The last of them.
    pub step: usize,
    /// Negative log-likelihood per token, in nats: their mean.
    pub nll: f64,
    /// The noise scale after the last of them, in tokens.
    pub noise_scale: f64,
    /// Tokens of a step.
    pub tokens: usize,
}

/// What the metrics in a run's folder say of its noise scale, in 60 points or a few less.
///
/// # Errors
///
/// If there are no metrics, they are damaged, or have no noise scale.
pub fn read(run: &Path) -> Result<Vec<Point>> {
    let steps = steps(run)?;
    let known = steps.iter().filter(|record| record.noise_scale.is_some()).count();
    ensure!(known > 1, "{} has no noise scale; train with --accumulate 2 or more to know it", run.display());
    Ok(points(&steps, steps.len().div_ceil(POINTS)))
}

/// What the metrics in a run's folder say of its steps.
///
/// # Errors
///
/// If there are no metrics, or they are damaged.
pub fn steps(run: &Path) -> Result<Vec<Record>> {
    let steps = read_metrics(&run.join("metrics.jsonl"))?.into_iter().filter_map(|line| match line {
        Line::Step(record) => Some(record),
        Line::Evaluation(_) => None,
    });
    Ok(steps.collect())
}

/// A point for so many steps each, from where the noise scale is known.
#[must_use]
pub fn points(steps: &[Record], together: usize) -> Vec<Point> {
    let digits = |value: f64| format!("{value:.5e}").parse().unwrap_or(value);
    let point = |steps: &[Record]| {
        let last = steps.last()?;
        Some(Point {
            step: last.step,
            nll: digits(steps.iter().map(|record| record.nll).sum::<f64>() / steps.len() as f64),
            noise_scale: digits(last.noise_scale?),
            tokens: last.tokens,
        })
    };
    steps.chunks(together.max(1)).filter_map(point).collect()
}

/// Where loss and noise scale begin and end, in a sentence.
#[must_use]
pub fn told(points: &[Point]) -> String {
    let [first, .., last] = points else { return "No steps.".to_owned() };
    format!(
        "From step {} to step {}, the loss goes from {} to {} nats, and the noise scale from {} to {} tokens; a step has {}.",
        thousands(first.step),
        thousands(last.step),
        decimal(first.nll, 2),
        decimal(last.nll, 3),
        decimal(first.noise_scale, 0),
        decimal(last.noise_scale, 0),
        thousands(last.tokens)
    )
}

/// The loss and the noise scale, one below the other. `id` begins all ids in the picture.
#[must_use]
pub fn draw(points: &[Point], id: &str) -> String {
    let caption = Caption { id, title: "Noise scale of a run", description: &told(points) };
    charts(points, &[], ["", "noise scale"], &caption)
}

/// The same of several runs with the same steps: their means, and behind these every run as a thin line.
#[must_use]
pub fn draw_all(runs: &[Vec<Point>], id: &str) -> String {
    if let [run] = runs {
        return draw(run, id);
    }
    let means = means(runs);
    let names = ["loss", "noise scale"].map(|what| format!("{what}, mean of {} runs", runs.len()));
    let names = names.each_ref().map(String::as_str);
    let title = format!("Noise scale of {} runs", runs.len());
    let description = format!("Means of {} runs. {}", runs.len(), told(&means));
    charts(&means, runs, names, &Caption { id, title: &title, description: &description })
}

/// The mean of some runs at each point, as far as the shortest goes.
fn means(runs: &[Vec<Point>]) -> Vec<Point> {
    let length = runs.iter().map(Vec::len).min().unwrap_or(0);
    let at = |n: usize| {
        let mean =
            |of: fn(&Point) -> f64| runs.iter().map(|run| of(&run[n])).sum::<f64>() / runs.len() as f64;
        Point { nll: mean(|point| point.nll), noise_scale: mean(|point| point.noise_scale), ..runs[0][n] }
    };
    (0..length).map(at).collect()
}

/// Curves with names in front of thin ones, of which the first has a name.
fn charts(points: &[Point], behind: &[Vec<Point>], names: [&str; 2], caption: &Caption<'_>) -> String {
    let of = |points: &[Point], value: fn(&Point) -> f64| {
        points.iter().map(|point| (point.step as f64, value(point))).collect::<Vec<_>>()
    };
    let thin = |chart: Chart, value: fn(&Point) -> f64, colour: Colour| {
        behind.iter().enumerate().fold(chart, |chart, (n, run)| {
            let name = if n == 0 { "each run" } else { "" };
            chart.series(Series::new(name, of(run, value), colour, Mark::Thin))
        })
    };
    let [nll, noise_scale]: [fn(&Point) -> f64; 2] =
        [|point: &Point| point.nll, |point: &Point| point.noise_scale];
    let loss = thin(Chart::new("Loss", "step", "nats per token"), nll, Colour::First)
        .series(Series::new(names[0], of(points, nll), Colour::First, Mark::Line))
        .from_zero()
        .sized(680.0, 230.0);
    let noise = thin(Chart::new("Noise scale", "step", "tokens"), noise_scale, Colour::Second)
        .series(Series::new(names[1], of(points, noise_scale), Colour::Second, Mark::Line))
        .series(Series::new(
            "tokens of a step",
            of(points, |point| point.tokens as f64),
            Colour::Text,
            Mark::Dots,
        ))
        .scales(Scale::Linear, Scale::Log)
        .sized(680.0, 270.0);
    stack(&[&loss, &noise], caption)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(step: usize, noise_scale: Option<f64>) -> Record {
        Record {
            step,
            epoch: 1,
            loss: 1.0,
            nll: step as f64,
            lr: 0.1,
            tokens: 9,
            padding: 0.0,
            gradient_norm: 1.0,
            noise_scale,
        }
    }

    #[test]
    fn a_point_stands_for_some_steps_and_begins_where_the_noise_is_known() {
        let steps: Vec<Record> = (1..=130).map(|step| record(step, (step > 3).then_some(7.0))).collect();
        let found = points(&steps, 3);
        assert_eq!(found.len(), 43);
        assert_eq!(found[0], Point { step: 6, nll: 5.0, noise_scale: 7.0, tokens: 9 });
        assert_eq!(points(&steps[..5], 1).iter().map(|point| point.step).collect::<Vec<_>>(), [4, 5]);
        assert!(points(&[], 0).is_empty());
    }

    #[test]
    fn runs_without_a_noise_scale_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let message = read(folder.path()).unwrap_err().to_string();
        assert!(message.starts_with("cannot read"), "{message}");
        let line = |record: &Record| serde_json::to_string(record).unwrap() + "\n";
        let write = |known: Option<f64>| {
            let lines: String = (1..=61).map(|step| line(&record(step, known))).collect();
            std::fs::write(folder.path().join("metrics.jsonl"), lines).unwrap();
        };
        write(None);
        let message = read(folder.path()).unwrap_err().to_string();
        assert!(message.contains("--accumulate 2 or more"), "{message}");
        write(Some(5.0));
        let found = read(folder.path()).unwrap();
        assert_eq!((found.len(), found[0].step, found[30].step), (31, 2, 61));
    }

    #[test]
    fn the_picture_says_where_it_begins_and_ends() {
        let steps: Vec<Record> = (1..=20).map(|step| record(step, Some(1e3 * step as f64))).collect();
        let picture = draw(&points(&steps, 2), "n");
        let said = "From step 2 to step 20, the loss goes from 1.50 to 19.500 nats, and the noise scale from 2,000 to \
                    20,000 tokens; a step has 9.";
        assert!(picture.contains(said) && picture.contains("tokens of a step"), "{picture}");
        assert!(picture.contains("id=\"n-title\""), "{picture}");
        assert!(draw(&[], "n").contains("No steps."));
    }

    #[test]
    fn behind_the_means_is_every_run() {
        let run = |factor: f64| {
            let steps: Vec<Record> = (1..=20).map(|step| record(step, Some(factor * step as f64))).collect();
            points(&steps, 2)
        };
        let (one, other) = (run(1e3), run(3e3));
        assert_eq!(
            draw_all(std::slice::from_ref(&one), "n"),
            draw(&one, "n"),
            "a single run is drawn as one"
        );
        let picture = draw_all(&[one, other], "n");
        let said = "Means of 2 runs. From step 2 to step 20, the loss goes from 1.50 to 19.500 nats, and the noise scale \
                    from 4,000 to 40,000 tokens; a step has 9.";
        assert!(picture.contains(said) && picture.contains("noise scale, mean of 2 runs"), "{picture}");
        assert_eq!(picture.matches("each run").count(), 2, "a legend in each chart");
        assert!(draw_all(&[], "n").contains("No steps."));
    }
}
