//! Tables and sentences for the book.

use plot::decimal;

use super::asked::Asked;
use super::pencil::{moments, normalised};
use super::{Passage, Results};
use crate::contract::report::Report;

/// Numbers of a vector that are shown.
const SHOWN: usize = 3;
/// Products that are shown one by one.
const PRODUCTS: usize = 6;

pub(super) fn add(results: &Results, report: &mut Report) {
    report.piece("tokens", tokens(results));
    report.piece("vector", vector(results));
    report.piece("norm", norm(results));
    report.piece("made", made(results));
    report.piece("products", products(results));
    report.piece("scores", scores(results));
    report.piece("values", values(results));
    report.piece("heads", heads(results));
    report.piece("stream", stream(&results.stream));
    report.piece("leak", leak(results));
    for (name, sentence) in [("looks", looks(results)), ("hidden", hidden(results))] {
        report.piece(name, format!("{sentence}\n"));
        report.say(sentence);
    }
}

/// A table in Markdown. The first column is of names, the others are of numbers.
pub(in crate::experiments) fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mark = |n: usize| if n == 0 { "---" } else { "---:" };
    let marks: Vec<String> = (0..head.len()).map(|n| mark(n).to_owned()).collect();
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!("{}| {} |\n{rows}", line(head), marks.join(" | "))
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

/// A token between ticks.
pub(in crate::experiments) fn code(token: &str) -> String {
    format!("`{}`", token.replace('|', "\\|").replace('`', "'"))
}

/// A name, the first numbers of a list, and dots.
fn first(name: &str, values: &[f64]) -> Vec<String> {
    let shown = values.iter().take(SHOWN).map(|&value| decimal(value, 3));
    std::iter::once(name.to_owned()).chain(shown).chain(["…".to_owned()]).collect()
}

/// The head of a table of first numbers.
fn numbered(name: &str) -> Vec<String> {
    let numbers = (1..=SHOWN).map(|n| n.to_string());
    std::iter::once(name.to_owned()).chain(numbers).chain(["…".to_owned()]).collect()
}

fn tokens(results: &Results) -> String {
    let row =
        |(at, (token, id)): (usize, (&String, &usize))| vec![code(token), at.to_string(), id.to_string()];
    let rows: Vec<_> = results.tokens.iter().zip(&results.ids).enumerate().map(row).collect();
    table(&words(["Token", "Position", "Id"]), &rows)
}

fn vector(results: &Results) -> String {
    let vector = &results.vector;
    let token = &results.tokens[results.at()];
    let rows = [
        first("its row of the table", &vector.row),
        first(&format!("times √{}", vector.row.len()), &vector.scaled),
        first(&format!("position {}", results.at()), &vector.wave),
        first("their sum", &sum(&vector.scaled, &vector.wave)),
    ];
    table(&numbered(&code(token)), &rows)
}

fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

fn norm(results: &Results) -> String {
    let vector = &results.vector;
    let normed = normalised(&vector.entering);
    let row = |name: &str, values: &[f64]| {
        let (mean, deviation) = moments(values);
        let mut row = first(name, values);
        row.insert(1, decimal(mean, 2));
        row.insert(2, decimal(deviation, 2));
        row
    };
    let learned = |name: &str, values: &[f64]| {
        let mut row = first(name, values);
        row.splice(1..1, [String::new(), String::new()]);
        row
    };
    let rows = [
        row("enters", &vector.entering),
        row("normalised", &normed),
        learned("gain", &vector.gain),
        learned("bias", &vector.bias),
        row("times gain, plus bias", &vector.given),
    ];
    let mut head = numbered(&code(&results.tokens[results.at()]));
    head.insert(1, "mean".to_owned());
    head.insert(2, "deviation".to_owned());
    table(&head, &rows)
}

/// The products that are shown one by one: the largest, whatever their sign.
fn largest(products: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..products.len()).collect();
    order.sort_by(|&a, &b| products[b].abs().total_cmp(&products[a].abs()));
    order.truncate(PRODUCTS);
    order
}

/// A row of two factors and their product.
fn product(n: usize, factors: [f64; 2]) -> Vec<String> {
    let [a, b] = factors;
    let numbers = [a, b, a * b].map(|value| decimal(value, 3));
    std::iter::once((n + 1).to_string()).chain(numbers).collect()
}

/// A row that has a number only where the products stand.
fn below(name: String, value: f64) -> Vec<String> {
    vec![name, String::new(), String::new(), decimal(value, 3)]
}

/// One number of the query: the vector that attention is given against a column of the matrix.
fn made(results: &Results) -> String {
    let Results { vector, made, asked, tokens, .. } = results;
    let products = made.products(&vector.given);
    let shown = largest(&products);
    let mut rows: Vec<Vec<String>> =
        shown.iter().map(|&n| product(n, [vector.given[n], made.column[n]])).collect();
    let number = made.within(&asked.query);
    let rest = number - made.bias - shown.iter().map(|&n| products[n]).sum::<f64>();
    rows.push(below(format!("the other {}", products.len() - shown.len()), rest));
    rows.push(below("bias".to_owned(), made.bias));
    rows.push(below(format!("number {} of the query", made.number), number));
    let vector = format!("*x* of {}", code(&tokens[results.at()]));
    table(&["No.".to_owned(), vector, "column".to_owned(), "product".to_owned()], &rows)
}

/// The query against the key that it looks at most.
fn products(results: &Results) -> String {
    let Results { asked, tokens, .. } = results;
    let best = Asked::best(&asked.weights);
    let products = asked.products(best);
    let shown = largest(&products);
    let mut rows: Vec<Vec<String>> =
        shown.iter().map(|&n| product(n, [asked.query[n], asked.keys[best][n]])).collect();
    let rest = asked.scores[best] - shown.iter().map(|&n| products[n]).sum::<f64>();
    rows.push(below(format!("the other {}", products.len() - shown.len()), rest));
    rows.push(below(format!("all {}", products.len()), asked.scores[best]));
    let (query, key) = (&tokens[results.at()], &tokens[best]);
    let head = [
        "No.".to_owned(),
        format!("query of {}", code(query)),
        format!("key of {}", code(key)),
        "product".to_owned(),
    ];
    table(&head, &rows)
}

fn scores(results: &Results) -> String {
    let Results { asked, tokens, .. } = results;
    let power = |n: usize| if asked.visible[n] { asked.scaled[n].exp() } else { 0.0 };
    let row = |n: usize| {
        let power = if asked.visible[n] { decimal(power(n), 3) } else { "masked".to_owned() };
        let [score, scaled] = [asked.scores[n], asked.scaled[n]].map(|value| decimal(value, 2));
        vec![code(&tokens[n]), score, scaled, power, decimal(asked.weights[n], 3)]
    };
    let mut rows: Vec<Vec<String>> = (0..tokens.len()).map(row).collect();
    let all: f64 = (0..tokens.len()).map(power).sum();
    let weights = asked.weights.iter().sum();
    rows.push(vec!["sum".into(), String::new(), String::new(), decimal(all, 3), decimal(weights, 3)]);
    let root = format!("over √{}", asked.query.len());
    let head = ["Key".to_owned(), "score".to_owned(), root, "*e* to that".to_owned(), "weight".to_owned()];
    table(&head, &rows)
}

fn values(results: &Results) -> String {
    let Results { asked, tokens, .. } = results;
    let seen = (0..tokens.len()).filter(|&n| asked.visible[n]);
    let mut rows: Vec<Vec<String>> = seen
        .map(|n| {
            let mut row = first(&code(&tokens[n]), &asked.values[n]);
            row.insert(1, decimal(asked.weights[n], 3));
            row
        })
        .collect();
    let mut output = first("weighted sum", &asked.output);
    output.insert(1, String::new());
    rows.push(output);
    let mut head = numbered("Value of");
    head.insert(1, "weight".to_owned());
    table(&head, &rows)
}

/// Where each head of the layer looks, for the token that asks.
fn heads(results: &Results) -> String {
    let row = |(head, map): (usize, &Vec<Vec<f64>>)| {
        let weights = &map[results.at()];
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]));
        let share = |&n: &usize| [code(&results.tokens[n]), decimal(weights[n], 2)];
        let shares = order.iter().take(2).flat_map(share);
        std::iter::once((head + 1).to_string()).chain(shares).collect()
    };
    let rows: Vec<Vec<String>> = results.maps.iter().enumerate().map(row).collect();
    let token = code(&results.tokens[results.at()]);
    let head = [format!("Head, for {token}"), "most".into(), "weight".into(), "then".into(), "weight".into()];
    table(&head, &rows)
}

fn stream(passages: &[Passage]) -> String {
    let row = |(n, passage): (usize, &Passage)| {
        let Passage { entering, attention, feed_forward, leaving, inner, zeros, .. } = *passage;
        let lengths = [entering, attention, feed_forward, leaving].map(|length| decimal(length, 1));
        [vec![(n + 1).to_string()], lengths.to_vec(), vec![format!("{zeros} of {inner}")]].concat()
    };
    let rows: Vec<_> = passages.iter().enumerate().map(row).collect();
    let head = words(["Layer", "enters", "attention", "feed-forward", "leaves", "zeros"]);
    table(&head, &rows)
}

fn leak(results: &Results) -> String {
    let Results { leak, tokens, .. } = results;
    let row = |n: usize| {
        let name = if n + 1 == leak.changed {
            format!("{} → {}", code(&tokens[n]), code(&leak.instead))
        } else {
            code(&tokens[n])
        };
        vec![name, decimal(leak.masked[n], 2), decimal(leak.open[n], 2)]
    };
    let rows: Vec<_> = (0..tokens.len()).map(row).collect();
    table(&words(["At the token", "with the mask", "without"]), &rows)
}

fn looks(results: &Results) -> String {
    let Results { asked, tokens, layer, head, .. } = results;
    let mut order: Vec<usize> = (0..tokens.len()).filter(|&n| asked.visible[n]).collect();
    order.sort_by(|&a, &b| asked.weights[b].total_cmp(&asked.weights[a]));
    let share = |&n: &usize| format!("{} ({})", code(&tokens[n]), decimal(asked.weights[n], 2));
    format!(
        "In layer {layer}, head {head}, {} takes most from {}.",
        code(&tokens[results.at()]),
        order.iter().take(2).map(share).collect::<Vec<_>>().join(" and ")
    )
}

fn hidden(results: &Results) -> String {
    let Results { asked, tokens, .. } = results;
    let (open, best) = (Asked::best(&asked.open), Asked::best(&asked.weights));
    let share = |n: usize| format!("{} would get {}", code(&tokens[n]), decimal(asked.open[n], 2));
    if open == best {
        format!("Without the mask {} all the same.", share(best))
    } else {
        format!(
            "Without the mask {}, and {} only {}.",
            share(open),
            code(&tokens[best]),
            decimal(asked.open[best], 2)
        )
    }
}
