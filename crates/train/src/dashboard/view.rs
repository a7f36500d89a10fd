//! What the screen looks like.

use std::time::Instant;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Chart, Dataset, Gauge, GraphType, Paragraph, Wrap};

use super::state::{Curve, State, clock, number, peak_memory};
use super::texts;

/// Rows that the table needs, with its border.
const TABLE_HEIGHT: u16 = 11;
/// Columns that the table needs, with its border.
const TABLE_WIDTH: u16 = 31;
/// Charts smaller than this show nothing.
const CHART_HEIGHT: u16 = 6;
/// Charts smaller than this show nothing.
const CHART_WIDTH: u16 = 30;

/// What the keys have chosen.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    /// Which chart is on the right.
    pub(super) chart: usize,
    /// Do the charts show the last quarter of the steps only?
    pub(super) zoomed: bool,
    /// How many samples are passed over.
    pub(super) sample: usize,
}

/// A curve, its name and its colour; validation is drawn as points on a line, for there are few of them.
type Named<'a> = (&'static str, Color, &'a Curve);

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, look: &Look, stopping: bool, now: Instant) {
    let rows = [Constraint::Length(2), Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)];
    let [header, gauge, middle, footer] = Layout::vertical(rows).areas(frame.area());
    draw_header(frame, header, state, now);
    let done = state.done();
    let style = Style::new().fg(Color::Cyan).bg(Color::DarkGray);
    frame.render_widget(
        Gauge::default().ratio(done).label(format!("{:.1} %", 100.0 * done)).gauge_style(style),
        gauge,
    );
    draw_footer(frame, footer, state, stopping);

    // Where there is little room, numbers matter more than charts.
    let bottom = (middle.height * 2 / 5).max(TABLE_HEIGHT);
    let bottom = if middle.height < bottom + CHART_HEIGHT { middle.height } else { bottom };
    let [charts, bottom] = Layout::vertical([Constraint::Fill(1), Constraint::Length(bottom)]).areas(middle);
    draw_charts(frame, charts, state, look);
    let [table, samples] =
        Layout::horizontal([Constraint::Length(TABLE_WIDTH), Constraint::Fill(1)]).areas(bottom);
    draw_table(frame, table, state);
    draw_samples(frame, samples, state, look);
}

fn draw_header(frame: &mut Frame<'_>, area: Rect, state: &State, now: Instant) {
    let [elapsed, left] = [Some(state.elapsed(now).as_secs_f64()), state.left(now)].map(clock);
    let speed = state.step.as_ref().map_or("–".to_owned(), |step| number(step.tokens_per_s));
    let position = state.position();
    let progress = format!("{position} · {elapsed} elapsed · {left} left · {speed} tokens/s");
    let lines = vec![Line::from(state.title.as_str()).bold(), Line::from(progress)];
    frame.render_widget(Paragraph::new(lines), area);
}

fn draw_footer(frame: &mut Frame<'_>, area: Rect, state: &State, stopping: bool) {
    let keys = if stopping {
        Line::from("stopping after this step; Ctrl-C stops at once").bold().yellow()
    } else {
        Line::from("q stop · Tab chart · z zoom · ↑↓ samples").dim()
    };
    let widths = [Constraint::Fill(1), Constraint::Length(keys.width() as u16)];
    let [note, right] = Layout::horizontal(widths).spacing(1).areas(area);
    frame.render_widget(Line::from(state.note.as_str()), note);
    frame.render_widget(keys, right);
}

/// The losses, and beside them what Tab has chosen.
fn draw_charts(frame: &mut Frame<'_>, area: Rect, state: &State, look: &Look) {
    let losses: &[Named<'_>] = &[
        ("loss", Color::Blue, &state.loss),
        ("NLL", Color::Green, &state.nll),
        ("validation NLL", Color::Magenta, &state.validation),
    ];
    let others: [Named<'_>; 4] = [
        ("learning rate", Color::Yellow, &state.lr),
        ("BLEU", Color::Magenta, &state.bleu),
        ("gradient norm", Color::Red, &state.gradient_norm),
        ("tokens/s", Color::Cyan, &state.tokens_per_s),
    ];
    let other = &others[look.chart % others.len()];
    if area.width < 2 * CHART_WIDTH {
        return draw_chart(frame, area, losses, look);
    }
    let [left, right] = Layout::horizontal([Constraint::Fill(3), Constraint::Fill(2)]).areas(area);
    draw_chart(frame, left, losses, look);
    draw_chart(frame, right, std::slice::from_ref(other), look);
}

fn dataset<'a>((_, color, curve): &Named<'a>, from: f64) -> Dataset<'a> {
    let points = curve.since(from);
    // A line through a single point would not be seen.
    let marker = if points.len() > 1 { Marker::Braille } else { Marker::Dot };
    Dataset::default().data(points).marker(marker).graph_type(GraphType::Line).fg(*color)
}

fn draw_chart(frame: &mut Frame<'_>, area: Rect, curves: &[Named<'_>], look: &Look) {
    let title: Vec<_> = curves.iter().flat_map(|(name, color, _)| [" ".into(), name.fg(*color)]).collect();
    let block = Block::bordered().title(Line::from_iter(title.into_iter().chain([" ".into()])));
    if area.height < CHART_HEIGHT || area.width < CHART_WIDTH {
        return;
    }
    let last =
        curves.iter().filter_map(|(.., curve)| curve.since(0.0).last()).fold(0.0, |a: f64, b| a.max(b.0));
    let from = if look.zoomed { 0.75 * last } else { 0.0 };
    let points = || curves.iter().flat_map(|(.., curve)| curve.since(from));
    let (x, y) = (bounds(points().map(|point| point.0)), bounds(points().map(|point| point.1)));
    let (Some(x), Some(y)) = (x, y) else {
        return frame.render_widget(Paragraph::new("nothing yet").dim().block(block), area);
    };
    let axis = |bounds: [f64; 2], labels: [String; 2]| {
        Axis::default().bounds(bounds).labels(labels.map(Span::from)).style(Style::new().dim())
    };
    let chart = Chart::new(curves.iter().map(|named| dataset(named, from)).collect())
        .x_axis(axis(x, x.map(|step| format!("{step:.0}"))))
        .y_axis(axis(y, y.map(number)))
        .block(block);
    frame.render_widget(chart, area);
}

/// The least and the greatest, a little apart even if they are one; nothing if there are none.
fn bounds(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    let join = |[low, high]: [f64; 2], value: f64| [low.min(value), high.max(value)];
    let [low, high] = values.map(|value| [value, value]).reduce(|all, [value, _]| join(all, value))?;
    let margin = if high > low { 0.0 } else { (0.01 * high.abs()).max(1e-9) };
    Some([low - margin, high + margin])
}

fn draw_table(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let step = state.step.as_ref();
    let evaluation = state.evaluation.as_ref();
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let gibibytes = |bytes: f64| format!("{:.2} GiB", bytes / f64::from(1 << 30));
    let rows = [
        ("loss", step.map(|step| number(step.loss))),
        ("NLL", step.map(|step| number(step.nll))),
        ("validation NLL", evaluation.map(|evaluation| number(evaluation.nll))),
        ("BLEU", evaluation.and_then(|evaluation| evaluation.bleu).map(|bleu| format!("{bleu:.2}"))),
        ("learning rate", step.map(|step| number(step.lr))),
        ("gradient norm", step.map(|step| number(step.gradient_norm))),
        ("gradient noise", step.and_then(|step| step.noise_scale).map(number)),
        ("padding", step.map(|step| percent(step.padding))),
        ("peak memory", peak_memory().map(gibibytes)),
    ];
    let line = |(name, value): (&str, Option<String>)| {
        let value = value.unwrap_or_else(|| "–".to_owned());
        Line::from(vec![Span::from(format!("{name:<16}")).dim(), Span::from(format!("{value:>13}"))])
    };
    let lines: Vec<_> = rows.into_iter().map(line).collect();
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" latest ")), area);
}

fn draw_samples(frame: &mut Frame<'_>, area: Rect, state: &State, look: &Look) {
    let samples = state.evaluation.as_ref().map_or(&[][..], |evaluation| &evaluation.samples);
    let first = look.sample.min(samples.len().saturating_sub(1));
    let mut lines = Vec::new();
    for sample in &samples[first..] {
        for (name, text) in texts(sample) {
            let color = if name == "output" { Color::Green } else { Color::Reset };
            lines.push(Line::from(vec![Span::from(format!("{name:<10}")).dim(), text.fg(color)]));
        }
        lines.push(Line::default());
    }
    let title = match &state.evaluation {
        Some(evaluation) if !samples.is_empty() => {
            format!(" samples {}/{} of step {} ", first + 1, samples.len(), evaluation.step)
        }
        _ => " samples ".to_owned(),
    };
    let text = Paragraph::new(lines).wrap(Wrap { trim: false });
    frame.render_widget(text.block(Block::bordered().title(title)), area);
}

#[cfg(test)]
mod tests {
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    use super::*;
    use crate::training::examiner::Sample;
    use crate::training::progress::{Evaluation, Step};

    fn drawn(state: &State, look: &Look, stopping: bool, (width, height): (u16, u16)) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, state, look, stopping, Instant::now())).unwrap();
        terminal.backend().to_string()
    }

    /// A run of 300 of 1000 steps.
    fn run() -> State {
        let mut state = State::new("runs/copy · copy · flex");
        for step in 1..=300 {
            let x = f64::from(step);
            state.step(&Step {
                step: step as usize,
                loss: 2.0 + 6.0 / x.sqrt(),
                nll: 1.5 + 6.0 / x.sqrt(),
                lr: 1e-3 * (x / 100.0).min(1.0),
                gradient_norm: 0.75,
                noise_scale: Some(12_345.0),
                tokens_per_s: 4321.0,
                padding: 0.125,
                done: x / 1000.0,
            });
        }
        let sample = |output: &str| Sample {
            source: Some("Das ist ein Haus.".into()),
            reference: Some("This is a house.".into()),
            output: output.into(),
        };
        let samples = vec![sample("This is a mouse.\u{1b}[2J"), sample("日本語 says nothing")];
        state.evaluation(&Evaluation { step: 300, nll: 1.9, bleu: Some(23.456), samples });
        state.note("saved checkpoint 300");
        state
    }

    #[test]
    fn everything_is_on_an_ordinary_screen() {
        for size in [(80, 24), (120, 40)] {
            let screen = drawn(&run(), &Look::default(), false, size);
            for text in [
                "runs/copy · copy · flex",
                "step 300 of about 1000 · 0:00:00 elapsed · 0:00:00 left · 4321 tokens/s",
                "30.0 %",
                "loss NLL validation NLL",
                "learning rate",
                "│validation NLL         1.9000│",
                "│BLEU                    23.46│",
                "│gradient noise          12345│",
                "│padding                12.5 %│",
                "samples 1/2 of step 300",
                "source    Das ist ein Haus.",
                "output    This is a mouse. [2J",
                "saved checkpoint 300",
                "q stop",
            ] {
                assert!(screen.contains(text), "{text} is missing at {size:?}:\n{screen}");
            }
        }
    }

    #[test]
    fn keys_change_the_look() {
        let look = Look { chart: 1, zoomed: true, sample: 9 };
        let screen = drawn(&run(), &look, true, (120, 40));
        for text in ["┌ BLEU ─", "23.", "225", "samples 2/2", "stopping after this step"] {
            assert!(screen.contains(text), "{text} is missing:\n{screen}");
        }
    }

    #[test]
    fn no_number_and_no_size_is_too_odd() {
        let mut odd = State::new("a title that is much longer than the screen is wide");
        let values = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 0.0, -1.0];
        for (step, x) in values.into_iter().enumerate() {
            let [loss, nll, lr, gradient_norm, tokens_per_s, padding, done] = [x; 7];
            let noise_scale = Some(x);
            odd.step(&Step { step, loss, nll, lr, gradient_norm, noise_scale, tokens_per_s, padding, done });
            odd.evaluation(&Evaluation { step, nll: x, bleu: Some(x), samples: vec![Sample::default()] });
            for size in [(1, 1), (20, 5), (31, 12), (60, 18), (80, 24), (300, 100)] {
                for (chart, zoomed) in [(0, false), (1, true), (usize::MAX, false)] {
                    let look = Look { chart, zoomed, sample: 0 };
                    for state in [&State::new(""), &odd, &run()] {
                        drawn(state, &look, zoomed, size);
                    }
                }
            }
        }
    }
}
