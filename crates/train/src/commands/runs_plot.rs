//! Several runs over each other.

use plot::{Caption, Chart, Colour, Key, Legend, Mark, Panel, Series, stack, thin};

/// How a run went. Each curve's points are a step and a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RunCurves {
    /// Its name in the legend.
    pub(crate) name: String,
    /// Negative log-likelihood per token on training data, in nats.
    pub(crate) training_nll: Vec<(f64, f64)>,
    /// The same on data never trained on.
    pub(crate) validation_nll: Vec<(f64, f64)>,
    /// Learning rate.
    pub(crate) lr: Vec<(f64, f64)>,
    /// BLEU from 0 to 100.
    pub(crate) bleu: Vec<(f64, f64)>,
}

const COLOURS: [Colour; 4] = [Colour::First, Colour::Second, Colour::Third, Colour::Fourth];
const LINES: [Mark; 4] = [Mark::Line, Mark::Dashes, Mark::Dots, Mark::DashDots];

/// Draws the runs' losses, learning rates and, if any run has it, BLEU. `id` begins all ids in the picture.
#[must_use]
pub(crate) fn runs_plot(runs: &[RunCurves], id: &str) -> String {
    let key = |(index, run): (usize, &RunCurves)| {
        let Look { colour, line, spot } = look(index);
        Key::curve(&run.name, &[line, spot], colour)
    };
    let title = "Runs compared";
    let legend = Legend { title: title.into(), keys: runs.iter().enumerate().map(key).collect() };
    let charts = charts(runs);
    let mut panels: Vec<&dyn Panel> = vec![&legend];
    panels.extend(charts.iter().map(|chart| chart as &dyn Panel));
    stack(&panels, &Caption { id, title, description: &description(runs) })
}

/// What is drawn of a run.
type Curve = fn(&RunCurves) -> &[(f64, f64)];

fn charts(runs: &[RunCurves]) -> Vec<Chart> {
    let nothing: Curve = |_| &[];
    let chart = |title, unit, height, line, spots| Chart {
        series: series(runs, line, spots),
        ..Chart::new(title, "step", unit).from_zero().sized(680.0, height)
    };
    let loss = chart("Loss per token", "nats", 300.0, |run| &run.training_nll, |run| &run.validation_nll);
    let mut charts = vec![loss.note("lines: training, points: validation")];
    charts.push(chart("Learning rate", "rate", 200.0, |run| &run.lr, nothing));
    if runs.iter().any(|run| !run.bleu.is_empty()) {
        charts.push(chart("BLEU", "BLEU", 240.0, |run| &run.bleu, |run| &run.bleu));
    }
    charts
}

/// All lines, and over them all points. The legend above the charts names them.
fn series(runs: &[RunCurves], line: Curve, spots: Curve) -> Vec<Series> {
    let one = |curve: Curve, mark: fn(Look) -> Mark| {
        let looks = (0..).map(look);
        let found = runs.iter().zip(looks).filter(move |(run, _)| !curve(run).is_empty());
        found.map(move |(run, look)| Series::new("", thin(curve(run)), look.colour, mark(look)))
    };
    one(line, |look| look.line).chain(one(spots, |look| look.spot)).collect()
}

/// How a run is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Look {
    colour: Colour,
    line: Mark,
    spot: Mark,
}

/// Colours first; each round of colours begins with the next kind of line, so that sixteen runs differ. Points are
/// filled for the first round of colours, hollow for the others.
fn look(index: usize) -> Look {
    let round = index / COLOURS.len();
    let spot = if round == 0 { Mark::Spots } else { Mark::Rings };
    Look { colour: COLOURS[index % COLOURS.len()], line: LINES[(index + round) % LINES.len()], spot }
}

fn finite(point: &(f64, f64)) -> bool {
    point.0.is_finite() && point.1.is_finite()
}

/// Where each run ends.
fn description(runs: &[RunCurves]) -> String {
    let end = |run: &RunCurves| {
        let last = |points: &[(f64, f64)]| points.iter().rev().copied().find(finite);
        let mut parts = Vec::new();
        if let Some((step, nll)) = last(&run.training_nll) {
            parts.push(format!("step {step:.0}, training {nll:.4} nats"));
        }
        parts.extend(last(&run.validation_nll).map(|(_, nll)| format!("validation {nll:.4} nats")));
        parts.extend(last(&run.bleu).map(|(_, bleu)| format!("BLEU {bleu:.1}")));
        if parts.is_empty() {
            parts.push("nothing yet".into());
        }
        format!("{}: {}.", run.name, parts.join(", "))
    };
    if runs.is_empty() { "No runs.".into() } else { runs.iter().map(end).collect::<Vec<_>>().join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, count: u32) -> RunCurves {
        let curve =
            |value: fn(f64) -> f64| (1..=count).map(|n| (f64::from(n), value(f64::from(n)))).collect();
        RunCurves {
            name: name.into(),
            training_nll: curve(|step| 2.0 / step),
            validation_nll: curve(|step| 2.5 / step),
            lr: curve(|step| 1e-5 * step),
            bleu: Vec::new(),
        }
    }

    fn check(text: &str) {
        assert!(text.starts_with("<svg ") && text.ends_with("</svg>\n"));
        assert!(text.lines().all(|line| !line.trim().is_empty()), "{text}");
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        assert!(text.split(r#" id=""#).skip(1).all(|rest| rest.starts_with("runs")), "{text}");
    }

    #[test]
    fn the_legend_names_every_run() {
        let mut runs = vec![run("base", 40), run("<b> & \"c\"", 30)];
        let text = runs_plot(&runs, "runs");
        check(&text);
        for part in [
            ">base<",
            ">&lt;b&gt; &amp; &quot;c&quot;<",
            "base: step 40, training 0.0500 nats",
            "Learning rate",
        ] {
            assert!(text.contains(part), "{part} is missing from {text}");
        }
        assert!(!text.contains("BLEU"));
        runs[1].bleu = vec![(10.0, 3.0), (20.0, 12.5)];
        assert!(runs_plot(&runs, "runs").contains("BLEU 12.5"));
    }

    #[test]
    fn sixteen_runs_differ() {
        let looks: Vec<_> = (0..16).map(|index| (look(index).colour, look(index).line)).collect();
        assert!((0..16).all(|index| !looks[..index].contains(&looks[index])));
        assert!((1..4).all(|index| looks[index].1 != looks[0].1 && looks[index].0 != looks[0].0));
        let runs: Vec<_> = (0..16).map(|index| run(&format!("a run with a long name, {index}"), 3)).collect();
        check(&runs_plot(&runs, "runs"));
    }

    #[test]
    fn odd_runs_give_a_picture() {
        let mut odd = run("שלום\n", 2);
        odd.training_nll = vec![(1.0, f64::NAN), (2.0, f64::INFINITY), (f64::NAN, 1.0)];
        for runs in [vec![], vec![RunCurves::default()], vec![odd]] {
            check(&runs_plot(&runs, "runs"));
        }
    }
}
