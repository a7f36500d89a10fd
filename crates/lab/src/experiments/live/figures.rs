//! The pictures of one sentence: where a head looks, and what the first token could have been.

use plot::{
    Bar, Bars, Caption, Chart, Colour, Drawn, HeatMap, HeatMaps, Mark, Series, both, decimal, isolate,
};

use super::{Attention, Model, Norms, Results};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    let Results { translator, language_model } = results;
    report
        .figure("translator-attention", attention(&translator.shown.attention, "live-translator-attention"));
    report.figure(
        "language-model-attention",
        attention(&language_model.shown.attention, "live-language-model-attention"),
    );
    report.figure("language-model-next", next(language_model));
    report.figure("norms", norms(results));
}

fn attention(found: &Attention, id: &str) -> Drawn {
    let Attention { sort, layer, head, queries, keys, weights } = found;
    let maps = [HeatMap { name: format!("Head {head}"), values: weights.clone() }];
    let title = format!("Layer {layer}: {sort}");
    let hint = |_: usize, row: usize, column: usize, weight: f64| {
        format!("“{}” attends to “{}” {weight:.2}", isolate(&queries[row]), isolate(&keys[column]))
    };
    let drawn = HeatMaps {
        title: &title,
        maps: &maps,
        rows: queries,
        columns: keys,
        row_axis: "← Query",
        column_axis: "Key →",
        value: "Weight",
        range: (0.0, 1.0),
        hint: &hint,
    };
    let most = |row: &Vec<f64>| (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap_or(0);
    let looks = queries.iter().zip(weights).map(|(query, row)| {
        let at = most(row);
        format!("“{}” at “{}” {}", isolate(query), isolate(&keys[at]), decimal(row[at], 2))
    });
    let description =
        format!("Head {head} of layer {layer}; most of all looks {}.", looks.collect::<Vec<_>>().join(", "));
    both(&[&drawn], &Caption { id, title: &title, description: &description })
}

/// The likeliest tokens after the text.
fn next(model: &Model) -> Drawn {
    let shown = &model.shown;
    let title = format!("After “{}”", isolate(&shown.text));
    let candidates = shown.steps.first().map(|step| step.candidates.as_slice()).unwrap_or_default();
    let bar = |(place, candidate): (usize, &super::Candidate)| Bar {
        name: candidate.token.clone(),
        value: 100.0 * candidate.probability,
        hint: format!("“{}”: {} %", isolate(&candidate.token), decimal(100.0 * candidate.probability, 1)),
        colour: if place == 0 { Colour::Second } else { Colour::First },
    };
    let bars: Vec<Bar> = candidates.iter().enumerate().map(bar).collect();
    let said = candidates
        .iter()
        .map(|found| format!("“{}” {} %", isolate(&found.token), decimal(100.0 * found.probability, 1)));
    let description = format!("The likeliest tokens: {}.", said.collect::<Vec<_>>().join(", "));
    let bars = Bars { width: 390.0, decimals: 1, ..Bars::new(title.clone(), "probability in percent", bars) };
    both(&[&bars], &Caption { id: "live-language-model-next", title: &title, description: &description })
}

/// How long the vectors of the residual stream are, layer by layer.
fn norms(results: &Results) -> Drawn {
    let all = results.translator.shown.norms.iter().chain(&results.language_model.shown.norms);
    let styles =
        [(Colour::First, Mark::Points), (Colour::Second, Mark::Points), (Colour::Third, Mark::Points)];
    let title = "The residual stream, layer by layer";
    let mut chart =
        Chart::new(title, "layers passed", "mean length of a vector").from_zero().sized(520.0, 260.0);
    let mut told = Vec::new();
    for (Norms { stack, layers, .. }, (colour, mark)) in all.zip(styles) {
        let points = layers.iter().enumerate().map(|(layer, &length)| (layer as f64, length)).collect();
        chart = chart.series(Series::new(stack.clone(), points, colour, mark));
        let lengths: Vec<String> = layers.iter().map(|length| decimal(*length, 1)).collect();
        told.push(format!("{stack}: {}", lengths.join(", ")));
    }
    let description = format!("After the embeddings and after each layer. {}.", told.join("; "));
    both(&[&chart], &Caption { id: "live-norms", title, description: &description })
}
