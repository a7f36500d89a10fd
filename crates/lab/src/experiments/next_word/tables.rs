//! Tables and sentences for the book.

use plot::decimal;

use super::lines::{COLUMNS, Lines, RESULT, powers};
use super::{Results, Step};
use crate::contract::report::Report;
use crate::experiments::by_hand::tables::{code, table};

pub(super) fn add(results: &Results, lines: &Lines, report: &mut Report) {
    report.piece("appended", appended(results));
    report.piece("written", format!("> {}\n", results.written));
    report.piece("products", products(results, lines));
    report.piece("weights", weights(results, lines));
    report.piece("sums", sums(results, lines));
    if let Some(Step { given, candidates, rest }) = results.steps.first() {
        let told: Vec<String> = candidates
            .iter()
            .map(|candidate| format!("{} {}", code(&candidate.token), percent(candidate.probability)))
            .collect();
        report.say(format!(
            "After {given:?}, of {} tokens: {}; all others together {}.",
            results.vocab,
            told.join(", "),
            percent(*rest)
        ));
    }
    report.say(format!("Appended one by one, the likeliest write: {}", results.written));
    report.say(format!(
        "{} lines of arithmetic are printed for one query; {} don't come to the printed result.",
        lines.count(),
        lines.broken()
    ));
}

pub(super) fn percent(share: f64) -> String {
    format!("{} %", decimal(100.0 * share, 1))
}

/// What is appended at every step, and what would have been second.
fn appended(results: &Results) -> String {
    let row = |(n, step): (usize, &Step)| {
        let mut row = vec![(n + 1).to_string()];
        for rank in 0..2 {
            match step.candidates.get(rank) {
                Some(one) => row.extend([code(&one.token), percent(one.probability)]),
                None => row.extend([String::new(), String::new()]),
            }
        }
        row
    };
    let rows: Vec<Vec<String>> = results.steps.iter().enumerate().map(row).collect();
    table(&words(["Step", "appended", "probability", "second", "probability"]), &rows)
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

/// Query, key and product for every dimension; their sum is the score.
fn products(results: &Results, lines: &Lines) -> String {
    let Results { asked, tokens, .. } = results;
    let key = &asked.keys[lines.best];
    let row = |n: usize| {
        let product = asked.query[n] * key[n];
        let numbers = [asked.query[n], key[n]].map(|value| decimal(value, lines.vectors));
        [vec![(n + 1).to_string()], numbers.to_vec(), vec![decimal(product, lines.products)]].concat()
    };
    let mut rows: Vec<Vec<String>> = (0..key.len()).map(row).collect();
    let sum = decimal(asked.scores[lines.best], RESULT);
    rows.push(vec!["sum".into(), String::new(), String::new(), sum]);
    let query = tokens.last().map(|token| code(token)).unwrap_or_default();
    let head = [
        "No.".to_owned(),
        format!("query of {query}"),
        format!("key of {}", code(&tokens[lines.best])),
        "product".to_owned(),
    ];
    table(&head, &rows)
}

/// From scores to weights.
fn weights(results: &Results, lines: &Lines) -> String {
    let Results { asked, tokens, .. } = results;
    let powers = powers(asked);
    let row = |(n, token): (usize, &String)| {
        vec![
            code(token),
            decimal(asked.scores[n], lines.scores),
            decimal(asked.scaled[n], lines.scaled),
            decimal(powers[n], lines.powers),
            decimal(asked.weights[n], RESULT),
        ]
    };
    let mut rows: Vec<Vec<String>> = tokens.iter().enumerate().map(row).collect();
    let sum = decimal(powers.iter().sum(), RESULT);
    rows.push(vec!["sum".into(), String::new(), String::new(), sum, String::new()]);
    let root = format!("over √{}", asked.query.len());
    table(&["Key".into(), "score".into(), root, "*e* to that".into(), "over the sum".into()], &rows)
}

/// The first numbers of the output, each as the sum that it is.
fn sums(results: &Results, lines: &Lines) -> String {
    let asked = &results.asked;
    let line = |n: usize| {
        let terms = asked.weights.iter().zip(&asked.values).map(|(weight, value)| {
            let number = decimal(value[n], lines.values);
            let number = if value[n] < 0.0 { format!("({number})") } else { number };
            format!("{} · {number}", decimal(*weight, lines.values))
        });
        let terms = terms.collect::<Vec<_>>().join(" + ");
        format!("- No. {}: {terms} = **{}**\n", n + 1, decimal(asked.output[n], RESULT))
    };
    (0..COLUMNS.min(asked.output.len())).map(line).collect()
}
