//! Tables and sentences.

use plot::decimal;

use super::summary::Spreads;
use super::told::{Example, Translation, meant, pronouns};
use super::{Kind, Results};
use crate::contract::report::Report;
use crate::contract::spread::Spread;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.piece("kinds", kinds(results));
    report.piece("scores", scores(results));
    report.piece("examples", examples(results));
    say(results, report);
}

fn percent(value: f64) -> String {
    format!("{} %", decimal(100.0 * value, 1))
}

/// What the networks do with each kind of sentence.
fn kinds(results: &Results) -> String {
    let head = "| Sentences | scores best | in both twins | written | the other noun's | a third gender's | word by word | \
                the added noun is kept |\n|---|---:|---:|---:|---:|---:|---:|---:|\n";
    let row = |(kind, of): (&Kind, &Spreads)| {
        let shares = [of.scored, of.both, of.right, of.other, of.third, of.exact];
        let cells = shares.map(|spread| percent(spread.mean)).join(" | ");
        let kept = of.kept.map_or_else(String::new, |kept| percent(kept.mean));
        format!("| {} | {cells} | {kept} |\n", kind.shown())
    };
    format!("{head}{}", results.summary.asked.iter().map(row).collect::<String>())
}

/// What the first network scores the plain sentences with.
fn scores(results: &Results) -> String {
    let [er, sie, es] = pronouns();
    let head = format!("| | *{er}* | *{sie}* | *{es}* |\n|---|---:|---:|---:|\n");
    let row = |example: &Example| {
        let most = example.scores.iter().copied().fold(f64::MIN, f64::max);
        let cell = |score: f64| {
            let text = decimal(score, 2);
            if score == most { format!("**{text}**") } else { text }
        };
        format!("| {} | {} |\n", example.english, example.scores.map(cell).join(" | "))
    };
    format!("{head}{}", results.examples.iter().take(2).map(row).collect::<String>())
}

/// What the first network writes of the trophy and the suitcase.
fn examples(results: &Results) -> String {
    let row = |example: &Example| {
        let right = if example.right { "right" } else { "**wrong**" };
        format!("| {} | {} | {right} |\n", example.english, example.german)
    };
    let rows: String = results.examples.iter().map(row).collect();
    format!("| English | what the first network writes | its pronoun |\n|---|---|---|\n{rows}")
}

fn say(results: &Results, report: &mut Report) {
    let of = |kind: Kind| results.summary.asked.get(&kind);
    let told = |spread: &Spread| {
        format!("{} (from {} to {})", percent(spread.mean), percent(spread.least), percent(spread.most))
    };
    for (kind, spreads) in &results.summary.asked {
        report.say(format!(
            "{}: the right pronoun scores best in {}, and is written in {}.",
            capital(kind.shown()),
            told(&spreads.scored),
            told(&spreads.right)
        ));
    }
    if let Some(kept) = of(Kind::BesideThing).and_then(|of| of.kept) {
        report.say(format!("A third noun by the thing is in {} of the translations.", told(&kept)));
    }
    let patched = &results.summary.patched;
    report.say(format!(
        "In {} patched sentences, the pronoun of the thing is {} above the other one with an adjective that means it, and {} \
         with its opposite; one head alone brings up to {} of the way.",
        patched.rows,
        decimal(patched.large, 1),
        decimal(patched.small, 1),
        decimal(results.summary.strongest.head.mean, 2)
    ));
    if let Some(example) = results.examples.iter().position(|example| !example.right) {
        let of = &results.examples[example];
        report.say(format!("„{}“ ({:?} is meant) becomes „{}“.", of.english, meant(example), of.german));
    }
    if let Some(answer) = &results.answer {
        report.say(format!("„{}“", answer.english));
        for Translation { german, networks } in &answer.translations {
            report.say(format!("  „{german}“, by {networks} of {}", results.summary.networks));
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
