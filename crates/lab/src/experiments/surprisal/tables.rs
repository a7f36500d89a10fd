//! Tables and sentences for the book.

use plot::{decimal, thousands};

use super::small::Small;
use super::{Measured, Results};
use crate::contract::report::Report;

/// Frames at either end that the table shows.
const ENDS: usize = 5;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.piece("frames", frames(results));
    if let Some(small) = &results.small {
        report.piece("seeds", seeds(results, small));
    }
    let summary = &results.summary;
    report.say(format!(
        "In {} of {} frames the word that doesn't fit surprises {} more than the one that does; by the frequency of \
         words alone, in {}.",
        summary.expected, summary.frames, results.run, summary.by_frequency
    ));
    report.say(format!(
        "The difference is {} bits on average ({} in the middle, from {} to {}).",
        decimal(summary.difference.mean, 2),
        decimal(summary.difference.median, 2),
        decimal(summary.difference.least, 2),
        decimal(summary.difference.most, 2)
    ));
    let [low, high] = summary.interval;
    report.say(format!(
        "Drawn anew from these frames again and again, it is {low} to {high} frames in {} % of the draws.",
        decimal(100.0 * summary.confidence, 0)
    ));
    if let Some(Small { parameters, steps, expected, perplexity, .. }) = &results.small {
        report.say(format!(
            "{} small models of {} parameters, trained for {} steps each: {} frames on average ({} to {}), with a perplexity \
             of {} ({} to {}).",
            expected.count,
            thousands(*parameters),
            thousands(*steps),
            decimal(expected.mean, 1),
            expected.least,
            expected.most,
            decimal(perplexity.mean, 1),
            decimal(perplexity.least, 1),
            decimal(perplexity.most, 1)
        ));
    }
    if !results.balanced {
        report.say("Not every frame has a partner with the same words the other way round: frequent words have it easier.");
    }
}

/// Every model, and what counting words comes to.
fn seeds(results: &Results, small: &Small) -> String {
    let row = |name: &str, perplexity: f64, expected: usize, difference: f64| {
        format!("| {name} | {} | {expected} | {} |\n", decimal(perplexity, 1), decimal(difference, 2))
    };
    let small_ones: String = small
        .runs
        .iter()
        .map(|run| row(&format!("small, seed {}", run.seed), run.perplexity, run.expected, run.difference))
        .collect();
    let Results { run, summary, .. } = results;
    let book = row(&format!("`{}`", cell(run)), small.book, summary.expected, summary.difference.mean);
    let control = format!("| the frequency of words alone | | {} | |\n", summary.by_frequency);
    format!(
        "| Judged by | perplexity | frames as expected, of {} | bits more |\n|---|---:|---:|---:|\n{small_ones}{book}{control}",
        summary.frames
    )
}

/// Numbers of the frames, from the largest difference to the smallest.
pub(super) fn order(frames: &[Measured]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..frames.len()).collect();
    order.sort_by(|&a, &b| frames[b].difference().total_cmp(&frames[a].difference()));
    order
}

/// The frames that came out best, and worst.
fn frames(results: &Results) -> String {
    let frames = &results.frames;
    let order = order(frames);
    let row = |&n: &usize| {
        let Measured { context, fitting, unfitting, bits, .. } = &frames[n];
        let [first, second] = bits.map(|bits| decimal(bits, 1));
        let difference = decimal(frames[n].difference(), 1);
        format!("| {} … | {fitting} | {first} | {unfitting} | {second} | {difference} |\n", cell(context))
    };
    let head = "| Frame | fits | bits | doesn't | bits | more |\n|---|---|---:|---|---:|---:|\n";
    if frames.len() <= 2 * ENDS {
        return format!("{head}{}", order.iter().map(row).collect::<String>());
    }
    let (best, worst) = (&order[..ENDS], &order[frames.len() - ENDS..]);
    let [best, worst] = [best, worst].map(|part| part.iter().map(row).collect::<String>());
    format!("{head}{best}| … | | | | | |\n{worst}")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
