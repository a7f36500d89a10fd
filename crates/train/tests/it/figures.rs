//! The book's figures that come from committed models are what these models give.
//!
//! Texts must be equal. Numbers are those of a trained model, whose sums come out a little different on every kind of
//! processor: they may differ by one in the last digit that is written; whole numbers may not differ.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::Program;
use serde_json::Value;

const HINT: &str = "is stale: run `cargo xtask models --figures`";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn model(name: &str) -> String {
    root().join("models").join(name).to_string_lossy().into_owned()
}

fn figures() -> PathBuf {
    root().join("docs/src/figures")
}

fn figure(name: &str) -> String {
    fs::read_to_string(figures().join(name)).unwrap()
}

/// A text as words and numbers: `a1.50,b-2` is `a`, 1.50, `,b-`, 2.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let is_number = rest.starts_with(|c: char| c.is_ascii_digit());
        let mut end = rest.find(|c: char| c.is_ascii_digit() != is_number).unwrap_or(rest.len());
        if is_number && rest[end..].starts_with('.') {
            let after = &rest[end + 1..];
            let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            end += if digits > 0 { 1 + digits } else { 0 };
        }
        parts.push(&rest[..end]);
        rest = &rest[end..];
    }
    parts
}

/// Whether two numbers are within one of the last digit that either has, or two texts are equal.
fn alike(a: &str, b: &str) -> bool {
    let decimals = |part: &str| part.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let digits = decimals(a).max(decimals(b));
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) if digits > 0 => (a - b).abs() < 1.01 * 0.1_f64.powi(digits as i32),
        _ => a == b,
    }
}

/// The first place where two texts differ by more than they may.
fn difference(found: &str, committed: &str) -> Option<String> {
    let (found, committed) = (parts(found), parts(committed));
    let first = found.iter().zip(&committed).position(|(a, b)| !alike(a, b));
    let first = first.or((found.len() != committed.len()).then_some(found.len().min(committed.len())))?;
    let around = |parts: &[&str]| parts[first.saturating_sub(4)..parts.len().min(first + 3)].concat();
    Some(format!("{:?} is committed, {:?} is found", around(&committed), around(&found)))
}

#[track_caller]
fn assert_alike(found: &str, name: &str) {
    if let Some(difference) = difference(found, &figure(name)) {
        panic!("docs/src/figures/{name} {HINT}\n{difference}");
    }
}

#[test]
fn one_in_the_last_digit_is_no_difference_and_two_are() {
    for (a, b) in
        [("a0.98 b", "a0.97 b"), ("x 12 y", "x 12 y"), ("0", "0.01"), ("0.1,2.", "0.11,2."), ("", "")]
    {
        assert_eq!(difference(a, b), None, "{a} {b}");
    }
    for (a, b) in [
        ("a0.98 b", "a0.96 b"),
        ("x 12 y", "x 13 y"),
        ("0", "0.02"),
        ("a 1", "b 1"),
        ("a", "ab"),
        ("1.5", "1.5 x"),
    ] {
        assert!(difference(a, b).is_some_and(|told| told.contains("is committed")), "{a} {b}");
    }
}

#[test]
fn the_translator_looks_where_the_book_shows() {
    let program = Program::new();
    let sentence = "Wir müssen die Stadt verteidigen.";
    program.succeed(&["attention", &model("ding"), "--text", sentence, "--out", "maps"], "");
    let map = |name: &str| fs::read_to_string(program.path("maps").join(name)).unwrap();
    assert_alike(&map("encoder-layer-1.svg"), "attention-encoder.svg");
    let layers = (1..).take_while(|layer| {
        program.path("maps").join(format!("decoder-layer-{layer}-to-the-source.svg")).is_file()
    });
    let last = layers.count();
    assert_alike(&map(&format!("decoder-layer-{last}-to-the-source.svg")), "attention-source.svg");
}

#[test]
fn the_language_model_is_as_surprised_as_the_book_shows() {
    let program = Program::new();
    let text = "She was very glad to see her sister walking in the umbrella.";
    program.succeed(&["surprisal", &model("austen"), "--text", text, "--plot", "plot.svg"], "");
    assert_alike(&fs::read_to_string(program.path("plot.svg")).unwrap(), "surprisal.svg");
}

/// The lines that begin with these characters.
fn lines<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    text.lines().filter(|line| line.starts_with(start)).collect()
}

#[test]
fn the_language_model_writes_what_the_book_shows() {
    let committed = figure("austen-samples.md").replace('\\', "");
    let prompts = ["It is a truth", "She was", "Mr. Knightley"];
    let shown = lines(&committed, "> ");
    assert_eq!(shown.len(), prompts.len());
    let program = Program::new();
    for (prompt, shown) in prompts.into_iter().zip(shown) {
        let sampling = ["--tokens", "60", "--temperature", "0.5"];
        let written = program
            .succeed(&[&["generate", &model("austen"), "--prompt", prompt], &sampling[..]].concat(), "");
        let words: Vec<&str> = written.split_whitespace().collect();
        assert_eq!(format!("> {}", words.join(" ")), shown, "docs/src/figures/austen-samples.md {HINT}");
    }
}

/// What a command prints as JSON.
#[track_caller]
fn asked(args: &[&str]) -> Value {
    serde_json::from_str(&Program::new().succeed(args, "")).unwrap()
}

/// Groups of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// The models' rows in the table, and what the end of their curves and of their samples says.
#[test]
fn the_models_are_what_the_book_says_they_are() {
    let table = figure("models.md");
    for (name, beam) in [("ding", &["--beam", "4"][..]), ("austen", &[])] {
        let folder = model(name);
        let parameters = asked(&["info", &folder, "--json"])["total"].as_f64().unwrap() / 1e6;
        let timings = fs::read_to_string(Path::new(&folder).join("timings.jsonl")).unwrap();
        let last: Value = serde_json::from_str(timings.lines().last().unwrap()).unwrap();
        let (steps, minutes) = (last["step"].as_u64().unwrap(), last["minutes"].as_f64().unwrap());
        let test = asked(&[&["eval", &folder, "--split", "test", "--json"], beam].concat());
        let [nll, bits, perplexity] =
            ["nll", "bits_per_byte", "perplexity"].map(|key| test[key].as_f64().unwrap());
        let bleu = test["bleu"].as_f64().map_or_else(String::new, |bleu| format!("{bleu:.1}"));
        let row = format!(
            "| `models/{name}` | {parameters:.2} M | {} | {minutes:.1} | {nll:.2} | {bits:.2} | {bleu} |",
            grouped(steps)
        );
        let committed = lines(&table, &format!("| `models/{name}`")).concat();
        assert_eq!(difference(&row, &committed), None, "docs/src/figures/models.md {HINT}");

        let samples = figure(&format!("{name}-samples.md"));
        let said = match name {
            "ding" => format!(
                "On the whole test split: BLEU {bleu}, negative log-likelihood {nll:.2} nats a token, perplexity \
                 {perplexity:.1}."
            ),
            _ => format!(
                "On paragraphs that it was not trained on it needs {bits:.2} bits a byte, which is a perplexity of \
                 {perplexity:.1} a token."
            ),
        };
        let committed = lines(&samples, "On ").concat();
        assert_eq!(difference(&said, &committed), None, "docs/src/figures/{name}-samples.md {HINT}");
        curve_ends(name, &folder, steps);
    }
}

/// BLEU with greedy decoding and with a beam, and how long the sentences are beside the references.
#[test]
fn both_ways_of_decoding_are_as_good_as_the_book_says() {
    let table = figure("decoding.md");
    for (name, beam) in [("greedy", "1"), ("a beam of 4", "4")] {
        let test = asked(&["eval", &model("ding"), "--split", "test", "--beam", beam, "--json"]);
        let (_, ratio) = test["bleu_detail"].as_str().unwrap().split_once("ratio = ").unwrap();
        let ratio: f64 = ratio.split(' ').next().unwrap().parse().unwrap();
        let row = format!("| {name} | {:.1} | {ratio:.2} |", test["bleu"].as_f64().unwrap());
        let committed = lines(&table, &format!("| {name} |")).concat();
        assert_eq!(difference(&row, &committed), None, "docs/src/figures/decoding.md {HINT}");
    }
}

/// The records of training are not kept, so the curves can't be drawn again. Where they end can be told: there the model
/// is the committed one, but for weights of 16 bits, which are worth less than a thousandth of a nat here.
fn curve_ends(name: &str, folder: &str, steps: u64) {
    let curves = figure(&format!("{name}-curves.svg"));
    assert!(curves.contains(&format!("Over {steps} steps")), "{name}-curves.svg is of another run");
    let (_, end) = curves.split_once("on data never trained on it is ").unwrap();
    let end: f64 = end.split(' ').next().unwrap().parse().unwrap();
    let nll = asked(&["eval", folder, "--split", "valid", "--json"])["nll"].as_f64().unwrap();
    assert!((nll - end).abs() < 1e-3, "{name}-curves.svg ends at {end}, and the model has {nll}");
}

/// A fork: what each way of decoding writes, and the sum of the logarithms below it.
#[test]
fn greedy_decoding_and_beam_search_part_where_the_book_says() {
    let table = figure("beams.md").replace('\\', "");
    let sentence = table.lines().next().unwrap().trim_matches('`').to_owned();
    let rows: Vec<Vec<&str>> =
        lines(&table, "| ").iter().map(|row| row.split('|').map(str::trim).collect()).collect();
    for (beam, column) in [("1", 2), ("4", 5)] {
        let told = asked(&["translate-text", &model("ding"), "--text", &sentence, "--beam", beam, "--json"]);
        let tokens: Vec<&str> = rows[1..rows.len() - 1].iter().map(|row| row[column]).collect();
        let words: Vec<&str> = tokens.into_iter().filter(|token| !["", "<eos>"].contains(token)).collect();
        assert_eq!(told["output"], words.join(" "), "docs/src/figures/beams.md {HINT}");
        let sum = format!("{:.3}", told["score"].as_f64().unwrap());
        assert!(alike(&sum, rows[rows.len() - 1][column + 2]), "docs/src/figures/beams.md {HINT}: {sum}");
    }
}

/// Below every line `$ train … --help` stands what that command prints.
#[test]
fn the_book_lists_what_the_commands_say_of_themselves() {
    let committed = figure("help-train.txt");
    let program = Program::new();
    for section in format!("\n{committed}").split("\n$ train ").skip(1) {
        let (command, said) = section.split_once('\n').unwrap();
        let arguments: Vec<&str> = command.split(' ').collect();
        let help = program.succeed(&arguments, "");
        let plain = |text: &str| text.trim().lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
        assert_eq!(plain(&help), plain(said), "`train {command}`: docs/src/figures/help-train.txt {HINT}");
    }
    let there = committed.lines().filter(|line| line.starts_with("$ train ")).count();
    let listed = program.succeed(&["--help"], "");
    let commands = listed.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   "));
    // `help` has none of its own, and `data` has three parts.
    assert_eq!(there, commands.count() - 1 + 3, "docs/src/figures/help-train.txt {HINT}");
}

/// The race's runs are not kept. Its curve ends where its table does.
#[test]
fn the_race_has_one_end() {
    let table = figure("translation-race.md");
    let nll = table.lines().last().unwrap().split(" | ").nth(2).unwrap();
    let curve = figure("translation-race.svg");
    let (_, end) = curve.split_once("on data never trained on it is ").unwrap();
    let end = end.split(' ').next().unwrap();
    assert_eq!(format!("{:.3}", end.parse::<f64>().unwrap()), nll);
}

/// Whoever adds a figure says here who checks it.
#[test]
fn every_figure_is_known() {
    // By the tests of lab, which writes them, as it does what is in the folder of its name.
    let computed = [
        "causal-mask",
        "clock-hands",
        "learning-rate",
        "positional-encoding",
        "smoothed-targets",
        "smoothing-penalty",
    ];
    // By this file and models.rs; README's table by xtask.
    let of_models = ["attention-encoder", "attention-source", "surprisal"];
    // By where they end.
    let of_runs = ["austen-curves", "ding-curves", "translation-race"];
    // By nobody: the runs that they show are not kept.
    let unchecked = ["copy-diagonal", "copy-loss", "norm-order"];
    let pictures = [&computed[..], &of_models, &of_runs, &unchecked].concat();
    let pictures = pictures.into_iter().map(|name| format!("{name}.svg"));
    let tables = ["austen-samples", "beams", "decoding", "ding-samples", "models", "translation-race"];
    let tables = tables.map(|name| format!("{name}.md"));
    let known: BTreeSet<String> = pictures
        .chain(tables)
        .chain(["help-lab.txt", "help-train.txt", "help-xtask.txt", "lab"].map(str::to_owned))
        .collect();
    let name =
        |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().to_string_lossy().into_owned();
    let there: BTreeSet<String> = fs::read_dir(figures()).unwrap().map(name).collect();
    assert_eq!(there, known);
}
