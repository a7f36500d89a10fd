//! Tables and sentences for the book.

use plot::decimal;

use super::recognition::FOILS;
use super::{Asked, Results};
use crate::contract::report::Report;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.piece("copies", copies(results));
    report.piece("readers", readers(results));
    report.piece("foils", format!("{}\n", FOILS.join(", ")));
    let ways = results.copies.get("no_ways").map(|copy| copy.ways.as_slice()).unwrap_or_default();
    let named: String = ways.iter().map(|way| format!("- {way}\n")).collect();
    report.piece("ways", named);
    if let Some(Asked { file, told, .. }) = &results.asked {
        report.say(format!("{file}:"));
        told.iter().for_each(|line| report.say(line.clone()));
    }
    for name in &results.order {
        let Some(copy) = results.copies.get(name) else { continue };
        report.say(format!(
            "Wrong with the copy: {}. F1 of boxes {}, of lines {}.",
            copy.what,
            decimal(copy.boxes, 3),
            decimal(copy.lines, 3)
        ));
    }
    let forgetful = &results.forgetful;
    report.say(format!(
        "Who forgets by chance has {} of the boxes and {} of the lines, where {} and {} are expected ({} drawings).",
        decimal(forgetful.boxes.mean, 3),
        decimal(forgetful.lines.mean, 3),
        decimal(forgetful.expected[0], 3),
        decimal(forgetful.expected[1], 3),
        forgetful.drawings
    ));
    for (name, reader) in &results.recognition.readers {
        report.say(format!(
            "Who {} has d' {} on average, where {} is expected; without a limit to the list it is {}.",
            name.replace('_', " "),
            decimal(reader.measured.mean, 3),
            decimal(reader.expected, 3),
            decimal(reader.true_d, 3)
        ));
    }
}

fn copies(results: &Results) -> String {
    let mut text = "| What is wrong | F1 of boxes | F1 of lines |\n|---|---:|---:|\n".to_owned();
    for name in &results.order {
        if let Some(copy) = results.copies.get(name) {
            text += &format!("| {} | {} | {} |\n", copy.what, decimal(copy.boxes, 3), decimal(copy.lines, 3));
        }
    }
    text
}

fn readers(results: &Results) -> String {
    let head = "| Who | hits | false alarms | answers right | d′ | d′ of a list | spread |\n|---|---:|---:|---:|---:|---:|---:|\n";
    let row = |(name, reader): (&String, &super::recognition::Reader)| {
        let share = |share: f64| format!("{} %", decimal(100.0 * share, 0));
        format!(
            "| {} | {} | {} | {} | {} | {} | {} |\n",
            name.replace('_', " "),
            share(reader.hits),
            share(reader.false_alarms),
            share(reader.right),
            decimal(reader.true_d, 2),
            decimal(reader.measured.mean, 2),
            decimal(reader.measured.deviation, 2)
        )
    };
    let rows: String = results.recognition.readers.iter().map(row).collect();
    head.to_owned() + &rows
}
