//! `train plot`: how one run went, or several over each other; or how noisy the gradients of one were.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use plot::{Caption, Chart, Colour, Mark, Panel, Series, stack, thin};

use crate::commands::runs_plot::{RunCurves, runs_plot};
use crate::files::write_atomically;
use crate::run::folder::RunFolder;
use crate::run::metrics::{Evaluation, Line, Record, read as read_metrics};
use crate::run::noise_course;
use crate::words::counted;

/// Writes the picture, unless `out` is given to `plot.svg` in the first run's folder, and says where it is.
///
/// # Errors
///
/// If there are no metrics, or they are damaged, or the picture can't be written.
pub(crate) fn run(runs: &[PathBuf], out: Option<&Path>, output: &mut impl Write) -> Result<()> {
    let mut all = Vec::new();
    for run in runs {
        let folder = RunFolder::open_to_resume(run)?;
        all.push((run.display().to_string(), Curves::new(read_metrics(&folder.metrics())?)));
    }
    let first = runs.first().context("no run to plot")?;
    let out = out.map_or_else(|| first.join("plot.svg"), Path::to_owned);
    let picture = match all.as_slice() {
        [(_, curves)] => curves.picture(&id(&out)),
        _ => {
            let named = all.into_iter().map(|(name, curves)| curves.named(name));
            runs_plot(&named.collect::<Vec<_>>(), &id(&out))
        }
    };
    write_atomically(&out, picture.as_bytes())?;
    writeln!(output, "wrote {}", out.display())?;
    Ok(())
}

/// Writes how the noise scale of a run went, unless `out` is given to `noise.svg` in its folder, and says where it is.
///
/// # Errors
///
/// If there are several runs, or none; if its metrics are missing, damaged or have no noise scale; or if the picture can't
/// be written.
pub(crate) fn noise(runs: &[PathBuf], out: Option<&Path>, output: &mut impl Write) -> Result<()> {
    let [run] = runs else { bail!("--noise plots one run, but {} were given", runs.len()) };
    let points = noise_course::read(RunFolder::open_to_resume(run)?.path())?;
    let out = out.map_or_else(|| run.join("noise.svg"), Path::to_owned);
    write_atomically(&out, noise_course::draw(&points, &id(&out)).as_bytes())?;
    writeln!(output, "{}\nwrote {}", noise_course::told(&points), out.display())?;
    Ok(())
}

/// What all ids in a picture begin with: the name of its file, so that a page can have several pictures.
fn id(out: &Path) -> String {
    let name = out.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    format!("plot-{}", name.chars().map(plain).collect::<String>())
}

/// The metrics of a run.
struct Curves {
    steps: Vec<Record>,
    evaluations: Vec<Evaluation>,
}

impl Curves {
    fn new(lines: Vec<Line>) -> Self {
        let mut curves = Self { steps: Vec::new(), evaluations: Vec::new() };
        for line in lines {
            match line {
                Line::Step(record) => curves.steps.push(record),
                Line::Evaluation(evaluation) => curves.evaluations.push(evaluation),
            }
        }
        curves
    }

    fn of_steps(&self, value: fn(&Record) -> f64) -> Vec<(f64, f64)> {
        self.steps.iter().map(|record| (record.step as f64, value(record))).collect()
    }

    fn of_evaluations(&self, value: fn(&Evaluation) -> Option<f64>) -> Vec<(f64, f64)> {
        self.evaluations.iter().filter_map(|found| Some((found.step as f64, value(found)?))).collect()
    }

    fn named(self, name: String) -> RunCurves {
        RunCurves {
            name,
            training_nll: self.of_steps(|record| record.nll),
            validation_nll: self.of_evaluations(|found| Some(found.valid_nll)),
            lr: self.of_steps(|record| record.lr),
            bleu: self.of_evaluations(|found| found.bleu),
        }
    }

    /// The loss, what it is without smoothing, its value on data never trained on, BLEU, and the learning rate.
    fn picture(&self, id: &str) -> String {
        let line = |name: &str, points: Vec<(f64, f64)>, colour, mark| {
            Series::new(name, thin(&points), colour, mark)
        };
        let panel = |title, unit, series| Chart {
            series,
            ..Chart::new(title, "step", unit).from_zero().sized(680.0, 260.0)
        };
        let mut series =
            vec![line("training, NLL", self.of_steps(|record| record.nll), Colour::First, Mark::Line)];
        if self.steps.iter().any(|record| (record.loss - record.nll).abs() > 1e-6) {
            let points = self.of_steps(|record| record.loss);
            series.push(line("training, smoothed loss", points, Colour::Third, Mark::Dashes));
        }
        let validation = self.of_evaluations(|found| Some(found.valid_nll));
        let last = validation.last().map(|point| point.1);
        if !validation.is_empty() {
            series.push(line("validation, NLL", validation, Colour::Second, Mark::Points));
        }
        let mut charts = vec![panel("Loss per token", "nats", series)];
        let bleu = self.of_evaluations(|found| found.bleu);
        if !bleu.is_empty() {
            charts.push(panel("BLEU", "BLEU", vec![line("BLEU", bleu, Colour::Second, Mark::Points)]));
        }
        let rate = self.of_steps(|record| record.lr);
        charts.push(panel("Learning rate", "rate", vec![line("rate", rate, Colour::First, Mark::Line)]));
        let validation =
            last.map_or(String::new(), |nll| format!("; on data never trained on it is {nll:.4} at the end"));
        let (first, end) = (self.steps.first(), self.steps.last());
        let description = format!(
            "Over {} the negative log-likelihood per token goes from {:.4} to {:.4} nats{validation}.",
            counted(end.map_or(0, |end| end.step), "step"),
            first.map_or(0.0, |first| first.nll),
            end.map_or(0.0, |end| end.nll)
        );
        let panels: Vec<&dyn Panel> = charts.iter().map(|chart| chart as &dyn Panel).collect();
        stack(&panels, &Caption { id, title: "How training went", description: &description })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curves(count: usize, bleu: Option<f64>) -> Curves {
        let record = |step: usize| Record {
            step,
            epoch: 1,
            loss: 1.0 / step as f64,
            nll: 2.0 / step as f64,
            lr: 1e-3,
            tokens: 10,
            padding: 0.0,
            gradient_norm: 1.0,
            noise_scale: None,
        };
        let evaluation = |step| Evaluation { step, target_tokens: 1, valid_nll: 0.5, bleu };
        Curves {
            steps: (1..=count).map(record).collect(),
            evaluations: (1..=count / 10).map(|n| evaluation(n * 10)).collect(),
        }
    }

    #[test]
    fn the_picture_names_every_curve_and_the_numbers() {
        let text = curves(40, None).picture(&id(Path::new("runs/a b.svg")));
        assert!(text.contains("id=\"plot-a-b\""), "{text}");
        for part in
            ["training, NLL", "training, smoothed loss", "validation, NLL", "Learning rate", "to 0.0500 nats"]
        {
            assert!(text.contains(part), "{part} is missing");
        }
        assert!(!text.contains("BLEU") && curves(40, Some(12.0)).picture("p").contains("BLEU"));
        assert!(!curves(5, None).picture("p").contains("validation"));
    }
}
