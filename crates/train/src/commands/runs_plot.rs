//! Several runs over each other.

use crate::axis::{Axis, draw_axes};
use crate::label::{shorten, text_width};
use crate::svg::{Anchor, Colour, Stroke, Svg};

/// How a run went. Each curve's points are a step and a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunCurves {
    /// Its name in the legend.
    pub name: String,
    /// Negative log-likelihood per token on training data, in nats.
    pub training_nll: Vec<(f64, f64)>,
    /// The same on data never trained on.
    pub validation_nll: Vec<(f64, f64)>,
    /// Learning rate.
    pub lr: Vec<(f64, f64)>,
    /// BLEU from 0 to 100.
    pub bleu: Vec<(f64, f64)>,
}

const COLOURS: [Colour; 4] = [Colour::First, Colour::Second, Colour::Third, Colour::Fourth];
const DASHES: [&str; 4] = ["", "8 4", "2 3", "10 3 2 3"];
const WIDTH: f64 = 680.0;
const SIZE: f64 = 12.0;
const LEFT: f64 = 66.0;
const RIGHT: f64 = WIDTH - 30.0;
/// Points of a curve at most: more can't be told apart at this size.
const POINTS: usize = 200;

/// Draws the runs' losses, learning rates and, if any run has it, BLEU. `id` begins all ids in the picture.
#[must_use]
pub fn runs_plot(runs: &[RunCurves], id: &str) -> String {
    let panels = panels(runs);
    let legend = legend(runs);
    let top = 18.0 + legend.last().map_or(12.0, |entry| entry.0.1);
    let mut svg = Svg::new(WIDTH, top + panels.iter().map(|panel| panel.height).sum::<f64>());
    svg.heading((8.0, 18.0), 14.0, "Runs compared");
    for (index, ((x, y), name)) in legend.iter().enumerate() {
        let at = |dx: f64| (x + dx, y - 4.0);
        svg.polyline(&[at(0.0), at(32.0)], stroke(index));
        spot(&mut svg, at(16.0), index);
        svg.text((x + 40.0, *y), Anchor::Start, SIZE, name);
    }
    let mut y = top;
    for panel in &panels {
        panel.draw(&mut svg, runs, y);
        y += panel.height;
    }
    svg.finish(id, "Runs compared", &description(runs))
}

fn panels(runs: &[RunCurves]) -> Vec<Panel> {
    let loss = Panel {
        title: "Loss per token",
        note: "lines: training, points: validation",
        y_label: "nats",
        height: 300.0,
        line: |run| &run.training_nll,
        spots: |run| &run.validation_nll,
    };
    let lr = Panel {
        title: "Learning rate",
        note: "",
        y_label: "rate",
        height: 200.0,
        line: |run| &run.lr,
        spots: |_| &[],
    };
    let bleu = Panel {
        title: "BLEU",
        note: "",
        y_label: "BLEU",
        height: 240.0,
        line: |run| &run.bleu,
        spots: |run| &run.bleu,
    };
    let scored = runs.iter().any(|run| !run.bleu.is_empty());
    [Some(loss), Some(lr), scored.then_some(bleu)].into_iter().flatten().collect()
}

/// A part of the picture: one quantity of every run.
struct Panel {
    title: &'static str,
    /// What the title leaves unsaid.
    note: &'static str,
    y_label: &'static str,
    height: f64,
    /// What is drawn as a line.
    line: fn(&RunCurves) -> &[(f64, f64)],
    /// What is drawn as points.
    spots: fn(&RunCurves) -> &[(f64, f64)],
}

impl Panel {
    fn draw(&self, svg: &mut Svg, runs: &[RunCurves], y: f64) {
        let (top, bottom) = (y + 34.0, y + self.height - 46.0);
        let curves: Vec<_> =
            runs.iter().map(|run| (thin((self.line)(run)), thin((self.spots)(run)))).collect();
        let points = || curves.iter().flat_map(|(line, spots)| line.iter().chain(spots));
        // Where there is nothing to show, the axis is to end somewhere all the same.
        let end = if points().next().is_none() { 1.0 } else { 0.0 };
        let x_axis = Axis::new(points().map(|point| point.0), LEFT, RIGHT, 6.0, false);
        let y_axis =
            Axis::new(points().map(|point| point.1).chain([0.0, end]), bottom, top, self.height / 45.0, true);
        svg.heading((8.0, y + 18.0), 14.0, self.title);
        svg.text((RIGHT, y + 18.0), Anchor::End, SIZE, self.note);
        draw_axes(svg, &x_axis, &y_axis);
        svg.text(((LEFT + RIGHT) / 2.0, y + self.height - 8.0), Anchor::Middle, SIZE, "step");
        svg.upward_text((14.0, (top + bottom) / 2.0), SIZE, self.y_label);
        let place = |&(a, b): &(f64, f64)| (x_axis.place(a), y_axis.place(b));
        for (index, (line, _)) in curves.iter().enumerate() {
            svg.polyline(&line.iter().map(place).collect::<Vec<_>>(), stroke(index));
        }
        for (index, (_, spots)) in curves.iter().enumerate() {
            spots.iter().for_each(|point| spot(svg, place(point), index));
        }
    }
}

/// Colours first; each round of colours begins with the next dash pattern, so that sixteen runs differ.
fn stroke(index: usize) -> Stroke {
    let colour = COLOURS[index % COLOURS.len()];
    Stroke { dashes: DASHES[(index + index / COLOURS.len()) % DASHES.len()], ..Stroke::solid(colour, 2.0) }
}

/// A point of a run: filled for the first round of colours, hollow for the others.
fn spot(svg: &mut Svg, at: (f64, f64), index: usize) {
    let colour = COLOURS[index % COLOURS.len()];
    if index < COLOURS.len() { svg.dot(at, 3.0, colour) } else { svg.ring(at, 3.0, colour) }
}

/// Where each run's swatch is, and its name: in rows, since names are long.
fn legend(runs: &[RunCurves]) -> Vec<((f64, f64), String)> {
    let (mut x, mut y) = (LEFT, 40.0);
    let entry = |run: &RunCurves| {
        let name = shorten(&run.name, SIZE, 240.0);
        let width = 40.0 + text_width(&name, SIZE) + 20.0;
        if x > LEFT && x + width > WIDTH {
            (x, y) = (LEFT, y + 20.0);
        }
        let at = (x, y);
        x += width;
        (at, name)
    };
    runs.iter().map(entry).collect()
}

/// Means of neighbours, drawn at the last of them, so that few enough points are left and the end stays the end. What
/// is no number is left out.
pub(crate) fn thin(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let points: Vec<(f64, f64)> = points.iter().copied().filter(finite).collect();
    let size = points.len().div_ceil(POINTS).max(1);
    let mean = |bundle: &[(f64, f64)]| bundle.iter().map(|point| point.1).sum::<f64>() / bundle.len() as f64;
    points.chunks(size).map(|bundle| (bundle[bundle.len() - 1].0, mean(bundle))).collect()
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
        let looks: Vec<_> = (0..16).map(|index| (stroke(index).colour, stroke(index).dashes)).collect();
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

    #[test]
    fn long_curves_are_thinned_to_means() {
        let points: Vec<_> = (0..1_000).map(|n| (f64::from(n), 2.0 * f64::from(n))).collect();
        let thinned = thin(&points);
        assert_eq!((thinned.len(), thinned[0], thinned[199]), (200, (4.0, 4.0), (999.0, 1_994.0)));
    }
}
