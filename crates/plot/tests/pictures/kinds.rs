//! One picture of each kind, as it is committed. After a change that is meant, run the tests with `UPDATE_EXPECT=1` and
//! look at them.

use expect_test::{ExpectFile, expect_file};
use plot::{
    Bar, Bars, Caption, Chart, Colour, Drawn, HeatMap, HeatMaps, Hinton, Ink, Key, Legend, Mark, Panel, Row,
    Scale, Series, Surface, both,
};

use crate::measure::{faults, texts};

/// What is written in the picture. What is drawn of it for a phone says the same.
fn check(panels: &[&dyn Panel], id: &str, description: &str, committed: ExpectFile) -> Vec<String> {
    let Drawn { wide, narrow } = both(panels, &Caption { id, title: id, description });
    for svg in [&wide].into_iter().chain(&narrow) {
        assert_eq!(faults(svg), Vec::<String>::new());
    }
    committed.assert_eq(&wide);
    let said = texts(&wide);
    let narrow = texts(&narrow.unwrap_or_else(|| panic!("{id} has no narrow form")));
    let number = |text: &str| text.chars().all(|c| c.is_ascii_digit() || ".,−".contains(c));
    for text in said.iter().filter(|text| !number(text)) {
        assert!(narrow.contains(text), "{text} is missing in the narrow form: {narrow:?}");
    }
    said
}

fn curve(count: u32, value: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    (1..=count).map(|n| (f64::from(n), value(f64::from(n)))).collect()
}

#[test]
fn lines() {
    let loss = Chart::new("Loss per token", "step", "nats")
        .series(Series::new("training", curve(100, |n| 4.0 / n.sqrt()), Colour::First, Mark::Line))
        .series(Series::new("smoothed", curve(100, |n| 4.0 / n.sqrt() + 0.5), Colour::Third, Mark::Dashes))
        .series(Series::new("validation", vec![(50.0, 0.7), (100.0, 0.55)], Colour::Second, Mark::Points))
        .from_zero();
    let frontier = Chart::new("Steps and examples", "examples", "steps")
        .series(Series::new(
            "frontier",
            curve(40, |n| n)
                .iter()
                .map(|&(n, _)| (2e5 * (1.0 + n * n / 40.0), 900.0 * (1.0 + 40.0 / (n * n))))
                .collect(),
            Colour::First,
            Mark::Line,
        ))
        .series(Series::new(
            "measured",
            vec![(2.5e5, 9e3), (6e5, 1.4e3), (4e6, 950.0)],
            Colour::Second,
            Mark::Spots,
        ))
        .scales(Scale::Log, Scale::Log)
        .note("both axes are logarithmic");
    let texts = check(
        &[&loss, &frontier],
        "lines",
        "Two charts, the second with logarithmic axes.",
        expect_file!["lines.svg"],
    );
    for text in ["training", "nats", "1,000", "both axes are logarithmic"] {
        assert!(texts.iter().any(|found| found == text), "{text} is missing: {texts:?}");
    }
}

#[test]
fn bars() {
    let words =
        [("The", 2.26), ("elephant", 11.0), ("opened", 0.04), ("suitcase", f64::INFINITY), ("?", f64::NAN)];
    let words = Bars::new("Surprisal", "bits", words.map(|(word, bits)| Bar::new(word, bits)).into());
    let effects = [("learned", 0.31), ("control", -0.125), ("chance", 0.0)].into_iter().zip([
        Colour::First,
        Colour::Second,
        Colour::Second,
    ]);
    let effects = effects.map(|((name, value), colour)| Bar { colour, ..Bar::new(name, value) }).collect();
    let keys = vec![Key::filled("model", Colour::First, 0.85), Key::filled("trigrams", Colour::Second, 0.85)];
    let effects = Bars { keys, decimals: 3, at_least: 0.1, ..Bars::new("Effect", "difference", effects) };
    let texts = check(&[&words, &effects], "bars", "Bars, some below zero.", expect_file!["bars.svg"]);
    for text in ["∞", "–", "−0.125", "0.310", "2.3"] {
        assert!(texts.iter().any(|found| found == text), "{text} is missing: {texts:?}");
    }
}

#[test]
fn heat_maps() {
    let names: Vec<String> = "Die große Katze schläft .".split(' ').map(str::to_owned).collect();
    let weight = |head: f64, row: usize, column: usize| (-(row as f64 - column as f64 + head).powi(2)).exp();
    let maps = |sign: f64| -> Vec<HeatMap> {
        let values = |head: f64| {
            (0..5).map(|row| (0..5).map(|column| sign * head * weight(head, row, column)).collect()).collect()
        };
        [1.0, -1.0].map(|head| HeatMap { name: format!("Head {head}"), values: values(head) }).into()
    };
    let (plain, signed) = (maps(1.0), maps(-0.8));
    let plain = HeatMaps {
        title: "Attention",
        maps: &plain[..1],
        rows: &names,
        columns: &names,
        row_axis: "← Query",
        column_axis: "Key →",
        value: "Weight",
        range: (0.0, 1.0),
        hint: &|_, row, column, weight| format!("{row} attends to {column}: {weight:.2}"),
    };
    let signed = HeatMaps { title: "Effects", maps: &signed, value: "Effect", range: (-0.8, 0.8), ..plain };
    check(
        &[&plain, &signed],
        "heat-maps",
        "Shades of one colour, and of two.",
        expect_file!["heat-maps.svg"],
    );
}

#[test]
fn hinton_squares() {
    let people: Vec<String> =
        "Christopher Penelope Andrew Christine Margaret Arthur".split(' ').map(str::to_owned).collect();
    let rows = vec!["English".to_owned(), "Italian".to_owned()];
    let values: Vec<Vec<f64>> = [1.0, -0.8]
        .map(|sign| (0..6).map(|n| sign * (f64::from(n) * 0.7 + 0.3).cos() * 2.5).collect())
        .into();
    let first = Hinton::new("Unit 1", values.clone()).named(rows.clone(), people.clone());
    let second = Hinton::new("Unit 2", values).named(rows, people).ink(Ink::Colours);
    let row = Row { panels: vec![&first, &second] };
    check(
        &[&row],
        "hinton",
        "The same numbers in white and black, and in two colours.",
        expect_file!["hinton.svg"],
    );
}

#[test]
fn surfaces() {
    let loss =
        |x: f64, y: f64| 0.5 * (3.0 * (x - 1.0).powi(2) + 2.0 * (x - 1.0) * (y - 2.0) + (y - 2.0).powi(2));
    let mut at = (-1.5_f64, 0.0_f64);
    let mut path = vec![at];
    for _ in 0..20 {
        let (x, y) = (at.0 - 1.0, at.1 - 2.0);
        at = (at.0 - 0.5 * (3.0 * x + y), at.1 - 0.5 * (x + y));
        path.push(at);
    }
    let bowl = Surface::new("Loss", ("weight 1", (-2.0, 3.0)), ("weight 2", (-1.0, 4.0)), ("loss", loss))
        .descent("descent, rate 0.5", path, Colour::Second)
        .arrow((2.5, 3.0), (-0.5, -0.25), Colour::Third);
    let saddle = |x: f64, y: f64| (x * x - y * y) * (1.0 + x);
    let saddle =
        Surface::new("A saddle", ("x", (-1.5, 1.5)), ("y", (-1.5, 1.5)), ("z", saddle)).sized(380.0, 440.0);
    let row = Row { panels: vec![&bowl, &saddle] };
    check(&[&row], "surfaces", "A bowl with a path into it, and a saddle.", expect_file!["surfaces.svg"]);
}

#[test]
fn legend() {
    let marks = [
        Mark::Line,
        Mark::Dashes,
        Mark::Dots,
        Mark::DashDots,
        Mark::Thin,
        Mark::Points,
        Mark::Spots,
        Mark::Rings,
    ];
    let colours = [Colour::First, Colour::Second, Colour::Third, Colour::Fourth];
    let key = |(index, mark): (usize, Mark)| {
        Key::curve(format!("run {index}, {mark:?}"), &[mark], colours[index % 4])
    };
    let keys = marks.into_iter().enumerate().map(key).collect();
    let legend = Legend { title: "Runs compared".into(), keys };
    check(&[&legend], "legend", "A sample of each mark.", expect_file!["legend.svg"]);
}
