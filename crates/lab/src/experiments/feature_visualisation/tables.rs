//! What is told in words and tables.

use plot::decimal;

use super::results::{Asked, Results};
use super::ways::WAYS;
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.piece("ways", ways(results));
    say(results, report);
    if let Some(asked) = &results.asked {
        say_asked(asked, report);
    }
}

fn percent(share: f64) -> String {
    format!("{} %", decimal(100.0 * share, 0))
}

/// A row for each way.
fn ways(results: &Results) -> String {
    let head = "| | score | named by others as meant | roughness | cosine with the sprite | the smallest |\n\
                |---|---:|---:|---:|---:|---:|\n";
    let row = |way: &super::ways::Way| {
        let summary = results.summary.ways.get(way.name)?;
        let named = summary.recognised.map_or("–".to_owned(), |spread| percent(spread.mean));
        Some(format!(
            "| {} | {} | {named} | {} | {} | {} |\n",
            way.told,
            decimal(summary.score.mean, 1),
            percent(summary.rough.mean),
            decimal(summary.cosine.mean, 2),
            decimal(summary.least, 2)
        ))
    };
    head.to_owned() + &WAYS.iter().filter_map(row).collect::<String>()
}

fn say(results: &Results, report: &mut Report) {
    let (summary, linear) = (&results.summary, &results.linear);
    report.say(format!(
        "{} linear units of {} by {} pixels: what a climb finds is at most {:.1e} from their weights, divided by their length; \
         in the first layer of a network that learned, at most {:.1e}.",
        linear.units, linear.rows, linear.columns, linear.off, results.kernels.off
    ));
    report.say(format!(
        "{} networks name {} of the animals right that they never saw; their units' favourites among these have a score of {}.",
        summary.networks,
        percent(summary.right.mean),
        decimal(summary.best.mean, 1)
    ));
    for way in WAYS {
        let Some(of) = summary.ways.get(way.name) else { continue };
        let named = of.recognised.map_or("there is no other network to ask".to_owned(), |spread| {
            format!("other networks name {} as meant", percent(spread.mean))
        });
        report.say(format!(
            "  {}: score {}, {named}; cosine with the sprites {} (smallest {}).",
            way.told,
            decimal(of.score.mean, 1),
            decimal(of.cosine.mean, 2),
            decimal(of.least, 2)
        ));
    }
}

fn say_asked(asked: &Asked, report: &mut Report) {
    let scores: Vec<String> =
        asked.ways.iter().map(|way| format!("{} {}", way.way, decimal(way.score, 1))).collect();
    let best: Vec<String> =
        asked.best.iter().map(|best| format!("{} {}", best.class, decimal(best.score, 1))).collect();
    report.say(format!(
        "{} says at the end: {}. Of the test pictures it likes best: {}. The pictures are in unit.svg.",
        asked.unit,
        scores.join(", "),
        best.join(", ")
    ));
}
