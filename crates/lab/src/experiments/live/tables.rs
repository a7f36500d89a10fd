//! Tables and sentences for the book.

use plot::decimal;

use super::{Attention, Model, Results, Step, Written};
use crate::contract::report::Report;
use crate::experiments::by_hand::tables::{code, table};

/// Candidates of a step that a table has.
const CANDIDATES: usize = 3;

pub(super) fn add(results: &Results, report: &mut Report) {
    let Results { translator, language_model } = results;
    report.piece("translator-steps", steps(translator));
    report.piece("language-model-steps", steps(language_model));
    report.piece("translator-attention", attention(&translator.shown.attention));
    report.piece("translator-written", written("German", "English", &translator.written));
    report.piece("language-model-written", written("Beginning", "goes on", &language_model.written));
    report.piece("norms", norms(results));
    for Model { title, written, shown } in [translator, language_model] {
        let gaps = written.iter().flat_map(|written| &written.gaps).copied();
        report.say(format!(
            "{title}: {:?} becomes {:?}; of {} texts, the smallest gap between two logits is {:.4}.",
            shown.text,
            shown.written,
            written.len(),
            gaps.fold(f64::INFINITY, f64::min)
        ));
    }
}

fn percent(share: f64) -> String {
    format!("{} %", decimal(100.0 * share, 1))
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

/// What is written at each step, and what would have been second and third.
fn steps(model: &Model) -> String {
    let row = |(number, step): (usize, &Step)| {
        let mut row = vec![(number + 1).to_string()];
        for found in step.candidates.iter().take(CANDIDATES) {
            row.extend([code(&found.token), percent(found.probability)]);
        }
        row
    };
    let rows: Vec<Vec<String>> = model.shown.steps.iter().enumerate().map(row).collect();
    table(&words(["Step", "likeliest", "", "second", "", "third", ""]), &rows)
}

/// A row for each query, with the weights of all keys.
fn attention(found: &Attention) -> String {
    let Attention { queries, keys, weights, .. } = found;
    let head: Vec<String> =
        std::iter::once("Query".to_owned()).chain(keys.iter().map(|key| code(key))).collect();
    let rows = queries.iter().zip(weights).map(|(query, row)| {
        std::iter::once(code(query)).chain(row.iter().map(|weight| decimal(*weight, 2))).collect()
    });
    table(&head, &rows.collect::<Vec<Vec<String>>>())
}

fn written(from: &str, to: &str, written: &[Written]) -> String {
    let row = |found: &Written| format!("| {} | {} |\n", cell(&found.text), cell(&found.written));
    let rows: String = written.iter().map(row).collect();
    format!("| {from} | {to} |\n| --- | --- |\n{rows}")
}

/// A text within a table. A paragraph's end is shown as a sign.
fn cell(text: &str) -> String {
    text.replace('\n', " ¶ ").replace('|', "\\|").trim().to_owned()
}

fn norms(results: &Results) -> String {
    let all = || results.translator.shown.norms.iter().chain(&results.language_model.shown.norms);
    let layers = all().map(|norms| norms.layers.len()).max().unwrap_or(0);
    let names = (1..layers).map(|layer| format!("layer {layer}"));
    let head: Vec<String> = words(["Stack", "embeddings"]).into_iter().chain(names).collect();
    let rows = all().map(|norms| {
        let mut row = vec![norms.stack.clone()];
        row.extend(norms.layers.iter().map(|length| decimal(*length, 1)));
        row.resize(layers + 1, String::new());
        row
    });
    table(&head, &rows.collect::<Vec<Vec<String>>>())
}
