//! The figures: one query's weights, and those of all heads.

use plot::{Bar, Bars, Caption, Colour, HeatMap, HeatMaps, isolate, stack};

use super::Results;
use super::asked::Asked;
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.figure("weights", weights(results));
    report.figure("heads", heads(results));
}

/// Whose value the query takes how much of.
fn weights(results: &Results) -> String {
    let Results { asked, tokens, head, layer, .. } = results;
    let token = &tokens[results.at()];
    let bar = |(name, &weight): (&String, &f64)| Bar {
        name: name.clone(),
        value: weight,
        hint: format!("“{}”: {weight:.3}", isolate(name)),
        colour: Colour::First,
    };
    let title = format!("Where “{}” looks", isolate(token));
    let bars = tokens.iter().zip(&asked.weights).map(bar).collect();
    let bars = Bars { decimals: 2, width: 390.0, ..Bars::new(title.clone(), "weight of the value", bars) };
    let best = Asked::best(&asked.weights);
    let description = format!(
        "Layer {layer}, head {head}: of the {} tokens, “{}” gets the most, {:.2}; what comes after “{}” gets nothing.",
        tokens.len(),
        isolate(&tokens[best]),
        asked.weights[best],
        isolate(token)
    );
    stack(&[&bars], &Caption { id: "by-hand-weights", title: &title, description: &description })
}

/// A map for each head of the layer.
fn heads(results: &Results) -> String {
    let Results { maps, tokens, layer, .. } = results;
    let map = |(head, rows): (usize, &Vec<Vec<f64>>)| HeatMap {
        name: format!("Head {}", head + 1),
        values: rows.clone(),
    };
    let heads: Vec<HeatMap> = maps.iter().enumerate().map(map).collect();
    let title = format!("Layer {layer}");
    let hint = |head: usize, row: usize, column: usize, weight: f64| {
        let (query, key) = (isolate(&tokens[row]), isolate(&tokens[column]));
        format!("head {}: “{query}” attends to “{key}” {weight:.2}", head + 1)
    };
    let drawn = HeatMaps {
        title: &title,
        maps: &heads,
        rows: tokens,
        columns: tokens,
        row_axis: "← Query",
        column_axis: "Key →",
        value: "Weight",
        range: (0.0, 1.0),
        hint: &hint,
    };
    let description = format!(
        "{} heads, {} tokens: nothing is to the right of the diagonal, since the mask hides it.",
        maps.len(),
        tokens.len()
    );
    stack(&[&drawn], &Caption { id: "by-hand-heads", title: &title, description: &description })
}
