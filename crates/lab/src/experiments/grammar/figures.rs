//! How much is right by what stands between, how that is learned, and the suitcase.

use plot::{Bar, Bars, Caption, Chart, Colour, HeatMap, HeatMaps, Mark, Series, decimal, stack};

use super::ask::Suitcase;
use super::summary::{Row, Summary};
use super::{BATCH, Results};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("attractors", attractors(results));
    report.figure("learning", learning(results));
    report.figure("suitcase", suitcase(results));
    report.figure("gaze", gaze(results));
}

/// Of fewer questions a share says little.
const ENOUGH: usize = 30;

fn percent(share: f64) -> f64 {
    100.0 * share
}

/// Curves over the number of attractors.
fn attractors(results: &Results) -> String {
    let Summary { rows, networks, .. } = &results.summary;
    let curve = |of: &dyn Fn(&Row) -> Option<f64>| -> Vec<(f64, f64)> {
        rows.iter().filter_map(|row| Some((row.attractors as f64, percent(of(row)?)))).collect()
    };
    let border = results.learned as f64 + 0.5;
    let title = "The verb that agrees is the likelier one";
    let mut chart = Chart::new(title, "nouns between subject and verb", "% of questions")
        .sized(620.0, 340.0)
        .from_zero()
        .series(Series::new(
            format!("network, mean of {networks}"),
            curve(&|row| Some(row.network.mean)),
            Colour::First,
            Mark::Line,
        ))
        .series(Series::new(
            "all of the other number",
            curve(&|row| Some(row.opposed.as_ref().filter(|these| these.items >= ENOUGH)?.network.mean)),
            Colour::First,
            Mark::Dots,
        ))
        .series(Series::new(
            "strangers",
            curve(&|row| Some(row.strangers.network.mean)),
            Colour::Third,
            Mark::Dashes,
        ))
        .series(Series::new("trigram", curve(&|row| Some(row.trigram.mean)), Colour::Second, Mark::Line))
        .series(Series::new(
            "most in training",
            vec![(border, 0.0), (border, 100.0)],
            Colour::Text,
            Mark::Thin,
        ));
    for run in &results.runs {
        let points = run.unseen.iter().enumerate().map(|(n, shares)| (n as f64, percent(shares.network)));
        chart = chart.series(Series::new("", points.collect(), Colour::First, Mark::Spots));
    }
    let last = |row: Option<&Row>| row.map_or(f64::NAN, |row| percent(row.network.mean));
    let description = format!(
        "Networks are right in {} % of the questions without a noun between, in {} % with {}, and in {} % with {}. A \
         trigram is right in {} % wherever nouns stand between.",
        decimal(last(rows.first()), 1),
        decimal(last(rows.get(results.learned)), 1),
        results.learned,
        decimal(last(rows.last()), 1),
        results.asked,
        decimal(percent(0.5 + results.summary.trigram_off), 0)
    );
    stack(&[&chart], &Caption { id: "grammar-attractors", title, description: &description })
}

/// A curve for each number of attractors: the mean of all networks while they learn.
fn learning(results: &Results) -> String {
    const LOOKS: [(Colour, Mark); 4] = [
        (Colour::First, Mark::Line),
        (Colour::Second, Mark::Line),
        (Colour::Third, Mark::Dashes),
        (Colour::Fourth, Mark::Dots),
    ];
    let title = "How it is learned";
    let mut chart = Chart::new(title, "sentences read", "% of questions").sized(620.0, 300.0);
    let points = results.runs.first().map_or(&[][..], |run| &run.points);
    for (attractors, (colour, mark)) in (0..=results.learned).zip(LOOKS.into_iter().cycle()) {
        let mean = |n: usize| {
            let right = results.runs.iter().map(|run| run.points[n].right[attractors]);
            percent(right.sum::<f64>() / results.runs.len() as f64)
        };
        let curve = points.iter().enumerate().map(|(n, point)| ((point.step * BATCH) as f64, mean(n)));
        let name = if attractors == 1 { "1 noun".to_owned() } else { format!("{attractors} nouns") };
        chart = chart.series(Series::new(name + " between", curve.collect(), colour, mark));
    }
    let ends = [points.first(), points.last()].map(|point| {
        let right = point.and_then(|point| point.right.get(1)).copied();
        decimal(percent(right.unwrap_or(f64::NAN)), 0)
    });
    let description = format!(
        "The share of right answers while networks learn. With one noun between, the first network goes from {} % to {} %.",
        ends[0], ends[1]
    );
    stack(&[&chart], &Caption { id: "grammar-learning", title, description: &description })
}

/// A bar for each sentence of the example.
fn suitcase(results: &Results) -> String {
    let bar = |suitcase: &Suitcase| {
        let Suitcase { text, verbs: [good, bad], bits, right, .. } = suitcase;
        let words: Vec<&str> = text.split(' ').collect();
        let who = words.iter().rev().nth(4).copied().unwrap_or_default();
        let what = words.iter().rev().nth(1).copied().unwrap_or_default();
        let who = if who == "john" { "John" } else { who };
        Bar {
            name: format!("{who} … {what}"),
            value: bits.mean,
            hint: format!("{text} {good}: {} bits fewer than {bad}, {right} networks", decimal(bits.mean, 1)),
            colour: if bits.mean > 0.0 { Colour::First } else { Colour::Second },
        }
    };
    let bars: Vec<Bar> = results.suitcases.iter().map(bar).collect();
    let title = "John opens his suitcase and …";
    let description = format!(
        "Bits by which the form that agrees is the likelier one, for one subject and several, and for one suitcase and \
         several: {}.",
        bars.iter()
            .map(|bar| format!("{} {}", bar.name, decimal(bar.value, 1)))
            .collect::<Vec<_>>()
            .join(", ")
    );
    let bars = Bars { width: 345.0, ..Bars::new(title, "bits between fills and fill", bars) };
    stack(&[&bars], &Caption { id: "grammar-suitcase", title, description: &description })
}

/// A map for each layer: a row for each network, a column for each head.
fn gaze(results: &Results) -> String {
    let gazes = &results.gazes;
    let sizes = gazes
        .first()
        .map_or((0, 0), |gaze| (gaze.on_subject.len(), gaze.on_subject.first().map_or(0, Vec::len)));
    let seeds: Vec<String> = results.runs.iter().map(|run| format!("seed {}", run.seed)).collect();
    let heads: Vec<String> = (1..=sizes.1).map(|n| n.to_string()).collect();
    let map = |layer: usize| HeatMap {
        name: format!("Layer {}", layer + 1),
        values: gazes.iter().map(|gaze| gaze.on_subject[layer].clone()).collect(),
    };
    let maps: Vec<HeatMap> = (0..sizes.0).map(map).collect();
    let hint = |layer: usize, network: usize, head: usize, weight: f64| {
        format!("{}, layer {}, head {}: {weight:.2}", seeds[network], layer + 1, head + 1)
    };
    let title = "How much goes to the subject";
    let drawn = HeatMaps {
        title,
        maps: &maps,
        rows: &seeds,
        columns: &heads,
        row_axis: "Network",
        column_axis: "Head →",
        value: "Weight",
        range: (0.0, 1.0),
        hint: &hint,
    };
    let told = gazes
        .iter()
        .map(|gaze| format!("layer {}, head {}: {}", gaze.layer, gaze.head, decimal(gaze.most, 2)));
    let description = format!(
        "Attention from the last word before the verb to the subject, by network and head, on average over all questions with {} \
         nouns between. The largest of each network: {}.",
        results.learned,
        told.collect::<Vec<_>>().join("; ")
    );
    stack(&[&drawn], &Caption { id: "grammar-gaze", title, description: &description })
}
