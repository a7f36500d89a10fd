//! Tables and sentences for the book.

use plot::decimal;

use super::{GIVEN, Neuron, Node};
use crate::contract::report::Report;

/// Decimals of what is printed.
const DECIMALS: usize = 4;

pub(super) fn add(neuron: &Neuron, report: &mut Report) {
    report.piece("forward", forward(neuron));
    report.piece("backward", backward(neuron));
    let weights: Vec<String> = neuron.nodes[2..5]
        .iter()
        .map(|Node { name, slope, .. }| format!("{} for {name}", decimal(*slope, DECIMALS)))
        .collect();
    report.say(format!(
        "One neuron, {} operations back from a loss of {}: slopes {}, as autodiff gives them.",
        neuron.operations,
        decimal(neuron.loss, DECIMALS),
        weights.join(", ")
    ));
}

/// What is done, with the names of what it is done to.
pub(super) fn expression(neuron: &Neuron, node: &Node) -> String {
    let names: Vec<&str> = node.arguments.iter().map(|&n| neuron.nodes[n].name.as_str()).collect();
    match (node.operation.as_str(), &names[..]) {
        ("add", [a, b]) => format!("{a} + {b}"),
        ("sub", [a, b]) => format!("{a} − {b}"),
        ("mul", [a, b]) => format!("{a} · {b}"),
        (operation, names) => format!("{operation}({})", names.join(", ")),
    }
}

/// Each operation with its numbers.
fn forward(neuron: &Neuron) -> String {
    let row = |node: &Node| {
        let numbers: Vec<String> =
            node.arguments.iter().map(|&n| short(neuron.nodes[n].value, DECIMALS)).collect();
        let filled = match (node.operation.as_str(), &numbers[..]) {
            ("add", [a, b]) => format!("{a} + {}", bracketed(b)),
            ("sub", [a, b]) => format!("{a} − {}", bracketed(b)),
            ("mul", [a, b]) => format!("{a} · {}", bracketed(b)),
            (operation, numbers) => format!("{operation}({})", numbers.join(", ")),
        };
        let value = short(node.value, DECIMALS);
        format!("| {} = {} | {filled} | {value} |\n", node.name, expression(neuron, node))
    };
    let rows: String = neuron.nodes[GIVEN.len()..].iter().map(row).collect();
    format!("| Forward | with numbers | value |\n|---|---|---:|\n{rows}")
}

/// From the loss back: for each number, who reads it, and what comes back along each of these ways.
fn backward(neuron: &Neuron) -> String {
    let row = |(n, node): (usize, &Node)| {
        let ways: Vec<String> = neuron
            .nodes
            .iter()
            .flat_map(|reader| {
                let here = reader.arguments.iter().zip(&reader.local).filter(move |(from, _)| **from == n);
                here.map(move |(_, local)| {
                    let [above, local] = [reader.slope, *local].map(|value| short(value, DECIMALS));
                    format!("{above} · {}", bracketed(&local))
                })
            })
            .collect();
        let ways = if ways.is_empty() { "the loss itself".to_owned() } else { ways.join(" + ") };
        let readers: Vec<&str> = neuron
            .nodes
            .iter()
            .filter(|reader| reader.arguments.contains(&n))
            .map(|reader| reader.name.as_str())
            .collect();
        let [slope, autodiff] = [node.slope, node.autodiff].map(|value| short(value, DECIMALS));
        format!("| {} | {} | {ways} | {slope} | {autodiff} |\n", node.name, readers.join(", "))
    };
    let rows: String = neuron.nodes.iter().enumerate().rev().map(row).collect();
    let head = "| Number | read by | slope there · slope of the operation | slope | autodiff |\n";
    format!("{head}|---|---|---|---:|---:|\n{rows}")
}

/// With as many decimals as it needs, at most so many.
pub(super) fn short(value: f64, decimals: usize) -> String {
    let text = decimal(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A negative number after a sign of its own.
fn bracketed(number: &str) -> String {
    if number.starts_with(['-', '−']) { format!("({number})") } else { number.to_owned() }
}
