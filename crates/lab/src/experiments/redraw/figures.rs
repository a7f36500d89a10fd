//! What copies with known faults score, and where readers stand between hits and false alarms.

use plot::{Bar, Bars, Caption, Chart, Colour, Drawn, Mark, Row, Series, both, stack};

use super::Results;
use super::copies::Marked;
use super::recognition::{below, z};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("copies", copies(results));
    report.figure("readers", readers(results));
}

/// A bar for each copy, for its boxes and for its lines.
fn copies(results: &Results) -> Drawn {
    let bars = |title: &str, colour, value: fn(&Marked) -> f64| {
        let copies = results.order.iter().filter_map(|name| results.copies.get(name));
        let bar = |copy: &Marked| Bar {
            name: copy.what.clone(),
            value: value(copy),
            hint: format!("{}: {:.3}", copy.what, value(copy)),
            colour,
        };
        Bars { decimals: 2, width: 320.0, ..Bars::new(title, "F1", copies.map(bar).collect()) }
    };
    let [boxes, lines] =
        [bars("Boxes", Colour::First, |copy| copy.boxes), bars("Lines", Colour::Second, |copy| copy.lines)];
    let row = Row { panels: vec![&boxes, &lines] };
    let exact = results.copies.get("exact").map_or(f64::NAN, |copy| copy.lines);
    let bare = results.copies.get("no_ways").map_or(f64::NAN, |copy| copy.lines);
    let title = "What is wrong with the copy";
    let description = format!(
        "An exact copy scores {exact:.2}; one without any way around has all boxes, and {bare:.2} for its lines."
    );
    both(&[&row], &Caption { id: "redraw-copies", title, description: &description })
}

/// Hits over false alarms, with curves of one d' each.
fn readers(results: &Results) -> String {
    let title = "Hits and false alarms";
    let mut chart = Chart::new(title, "says yes to what was not in it", "says yes to what was in it");
    let shares = || (1..100).map(|n| f64::from(n) / 100.0);
    // All that end at the same place above the same alarms are equally good.
    for (d, mark) in [(0.0, Mark::Dots), (1.0, Mark::DashDots), (2.0, Mark::Dashes), (3.0, Mark::Line)] {
        let curve = shares().map(|alarms| (alarms, below(z(alarms) + d))).collect();
        chart = chart.series(Series::new(format!("d′ = {d}"), curve, Colour::Text, mark));
    }
    let colours = [Colour::First, Colour::Second, Colour::Third, Colour::Fourth];
    for (n, (name, reader)) in results.recognition.readers.iter().enumerate() {
        let mark = if n < colours.len() { Mark::Spots } else { Mark::Rings };
        let at = vec![(reader.false_alarms, reader.hits)];
        chart = chart.series(Series::new(name.replace('_', " "), at, colours[n % colours.len()], mark));
    }
    let chart = chart.from_zero().sized(460.0, 420.0);
    let description = "Five readers between no false alarms and only false alarms. Somebody who nearly always says \
                       yes is on the same curve as somebody who guesses: d′ is 0.";
    stack(&[&chart], &Caption { id: "redraw-readers", title, description })
}
