//! Tables and sentences.

use plot::decimal;

use super::ask::{Answer, Suitcase};
use super::summary::Row;
use super::{Results, words};
use crate::contract::report::Report;

/// Pairs of the reader's that are told one by one.
const TOLD: usize = 20;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.piece("rows", rows(results));
    report.piece("examples", examples(results));
    report.piece("suitcases", suitcases(results));
    report.piece("words", lexicon());
    say(results, report);
    if let Some(pairs) = &results.pairs {
        say_pairs(pairs, results.summary.networks, report);
    }
}

fn percent(share: f64) -> String {
    decimal(100.0 * share, 1)
}

fn rows(results: &Results) -> String {
    let row = |row: &Row| {
        let Row { attractors, network, trigram, opposed, strangers } = row;
        let opposed = opposed.as_ref().map_or_else(
            || "| | ".to_owned(),
            |opposed| format!("| {} | {} ", percent(opposed.network.mean), percent(opposed.trigram.mean)),
        );
        let beyond = if *attractors > results.learned { " *" } else { "" };
        format!(
            "| {attractors}{beyond} | {} | {} to {} | {} {opposed}| {} | {} |\n",
            percent(network.mean),
            percent(network.least),
            percent(network.most),
            percent(trigram.mean),
            percent(strangers.network.mean),
            percent(strangers.trigram.mean),
        )
    };
    let rows: String = results.summary.rows.iter().map(row).collect();
    format!(
        "| Between | network | seeds | trigram | opposed: network | trigram | strangers: network | trigram |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|\n{rows}\n\\* more than in training\n"
    )
}

fn examples(results: &Results) -> String {
    results.examples.iter().map(|example| format!("- *{example}*\n")).collect()
}

fn suitcases(results: &Results) -> String {
    let row = |suitcase: &Suitcase| {
        let Suitcase { text, verbs, probabilities, right, .. } = suitcase;
        let [good, bad] = [0, 1].map(|n| format!("*{}* {} %", verbs[n], percent(probabilities[n].mean)));
        format!("| *{text} …* | {good} | {bad} | {right} |\n")
    };
    let rows: String = results.suitcases.iter().map(row).collect();
    format!("| Beginning | agrees | doesn't | networks right |\n|---|---|---|---:|\n{rows}")
}

/// What a reader can make pairs of.
fn lexicon() -> String {
    let both = |all: &[words::Both]| -> String {
        all.iter().map(|[a, b]| format!("{a}/{b}")).collect::<Vec<_>>().join(", ")
    };
    let given = |all: &[&str]| -> String {
        all.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(", ")
    };
    format!(
        "- Nouns: {}.\n- Names: {}.\n- Verbs: {}.\n- Things: {}, and {}.\n- Between: {}.\n- Before the verb: {}.\n\
         - And: the, his, her, their, and, it, them, with.\n",
        both(&words::NOUNS),
        given(&words::NAMES),
        both(&words::VERBS),
        both(&words::THINGS),
        given(&words::STUFF),
        given(&words::MODIFIERS),
        given(&words::ADVERBS)
    )
}

fn say(results: &Results, report: &mut Report) {
    let (corpus, summary) = (&results.corpus, &results.summary);
    report.say(format!(
        "{} networks of {} parameters have read {} sentences each, with up to {} nouns between subject and verb.",
        summary.networks, results.network.parameters, corpus.sentences, results.learned
    ));
    for Row { attractors, network, trigram, .. } in &summary.rows {
        let beyond = if *attractors > results.learned { " (more than in training)" } else { "" };
        report.say(format!(
            "Nouns between{beyond}: {attractors}. Right in {} % of {} questions ({} to {} %); a trigram in {} %.",
            percent(network.mean),
            corpus.items,
            percent(network.least),
            percent(network.most),
            percent(trigram.mean)
        ));
    }
    report.say(format!(
        "A second verb, behind an object: right in {} %; a trigram in {} %.",
        percent(summary.second.network.mean),
        percent(summary.second.trigram.mean)
    ));
    for Suitcase { text, verbs: [good, bad], probabilities, right, .. } in &results.suitcases {
        report.say(format!(
            "\"{text} …\": {good} {} %, {bad} {} %; right in {right} of {} networks.",
            percent(probabilities[0].mean),
            percent(probabilities[1].mean),
            summary.networks
        ));
    }
}

fn say_pairs(pairs: &[Answer], networks: usize, report: &mut Report) {
    for Answer { good, bad, bits, right } in pairs.iter().take(TOLD) {
        report.say(format!(
            "\"{good}\" {} bits, \"{bad}\" {} bits; the first is likelier to {right} of {networks} networks.",
            decimal(bits[0], 1),
            decimal(bits[1], 1)
        ));
    }
    let right: usize = pairs.iter().map(|pair| pair.right).sum();
    report.say(format!(
        "Of {} pairs, the good sentence is the likelier one in {} % on average.",
        pairs.len(),
        percent(right as f64 / (pairs.len() * networks) as f64)
    ));
}
