//! Sizes and measures of our models that chapters repeat in passing, beside where they come from.

use model::TransformerConfig;
use serde_json::Value;

use super::{json, number, read, rows, says, text, thousands};

/// A model's cell in the table of both: what was measured on the test split, among others.
fn measured(model: &str, column: usize) -> String {
    let table = rows("docs/src/figures/models.md");
    let row = table.into_iter().find(|row| row[1] == format!("`models/{model}`"));
    row.unwrap_or_else(|| panic!("no row of {model}")).swap_remove(column)
}

fn config(model: &str) -> Value {
    json(&format!("models/{model}/config.json"))
}

fn size(model: &str, name: &str) -> f64 {
    config(model)["model"][name].as_f64().unwrap_or_else(|| panic!("no {name} in {model}"))
}

/// What `train copy` does unless it is told otherwise.
fn of_the_copy_task(name: &str) -> f64 {
    let defaults = text("crates/train/src/cli/defaults.toml");
    let (_, copy) = defaults.split_once("[copy]\n").unwrap();
    let line = copy.lines().find_map(|line| line.strip_prefix(&format!("{name} = ")));
    number(line.unwrap_or_else(|| panic!("no {name} for the copy task")))
}

#[test]
fn what_the_language_model_is_held_against() {
    let vocab = size("austen", "vocab");
    let parameters = measured("austen", 2);
    let millions = parameters.trim_end_matches(" M");
    let curves = read("docs/src/figures/ding-curves.svg");
    let (_, end) = curves.split_once("on data never trained on it is ").unwrap();
    let ended = format!("{:.2}", number(end.split(' ').next().unwrap()));
    assert_eq!(
        ended,
        measured("ding", 5),
        "on the validation split it ended as it was measured on the test split"
    );
    says(
        "language",
        &[
            format!("`models/austen`, with {millions} million parameters and {} tokens", thousands(vocab)),
            format!(
                "A guess among {} tokens loses $\\ln {vocab}$, about {:.1} nats.",
                thousands(vocab),
                vocab.ln()
            ),
            format!("The > translator ended at {ended} nats a token."),
            format!("{} bits for a byte that has eight.", measured("austen", 6)),
        ],
    );
}

#[test]
fn how_long_the_translator_learned_and_how_much_it_wavers() {
    let (mut tokens, mut minutes) = (0.0, 0.0);
    for line in text("models/ding/timings.jsonl").lines() {
        let timing: Value = serde_json::from_str(line).unwrap();
        let of = |name: &str| timing[name].as_f64().unwrap();
        tokens += of("tokens_per_s") * 60.0 * (of("minutes") - minutes);
        minutes = of("minutes");
    }
    says("batches", &[format!("in all its steps it had some {:.0} million tokens to predict", tokens / 1e6)]);
    assert!(tokens > 20e6, "more than twenty passes of less than a million");
    let samples = read("docs/src/figures/ding-samples.md");
    let perplexity = number(samples.rsplit_once("perplexity ").unwrap().1.trim_end_matches('.'));
    let vocab = thousands(size("ding", "tgt_vocab"));
    let steps = config("ding")["training"]["steps"].as_f64().unwrap();
    says(
        "loss",
        &[
            format!("as if it wavered at each token between {perplexity:.0} of them."),
            format!("A guesser among {vocab} has a perplexity of {vocab}."),
            format!("where will it be after {} steps?", thousands(steps)),
        ],
    );
    let smoothing = config("ding")["training"]["label_smoothing"].as_f64().unwrap();
    let wanted = 1.0 - smoothing;
    let said = format!("and the NLL is $-\\ln {wanted}$, about {:.3} nats.", -wanted.ln());
    says("regularisation", &[said]);
}

#[test]
fn the_model_of_the_copy_task() {
    let word = |name: &str| ["zero", "one", "two", "three", "four"][of_the_copy_task(name) as usize];
    let vocab = of_the_copy_task("vocab");
    let steps = of_the_copy_task("epochs") * of_the_copy_task("batches_per_epoch");
    says(
        "copy",
        &[
            format!(
                "with {} layers in the encoder and {} in the decoder, a width of {}, and {} heads.",
                word("layers"),
                word("layers"),
                of_the_copy_task("d_model"),
                word("heads")
            ),
            format!("A guess among {vocab} tokens loses $\\ln {vocab}$, about {:.1} nats.", vocab.ln()),
            format!("Sketch the loss over {} steps.", thousands(steps)),
            format!("After {} steps the loss on new sequences is below", thousands(steps)),
            format!("The symbols are the numbers from 1 to {}.", vocab - 1.0),
        ],
    );
}

#[test]
fn the_matrices_of_a_layer_of_the_language_model() {
    let (width, inner) = (size("austen", "d_model"), size("austen", "d_ff"));
    says(
        "feed-forward",
        &[
            format!("of the {inner} inner numbers of our language model, how many are zero"),
            format!("With {inner} of them the network can make a complicated landscape."),
            format!(
                "four matrices of {width} × {width} on the one side, two of {width} × {inner} on the other"
            ),
        ],
    );
}

#[test]
fn what_the_cache_saves_and_what_it_keeps() {
    let TransformerConfig { n_layers, d_model, .. } = TransformerConfig::base(37_000);
    let tokens = 60;
    says(
        "decoding",
        &[
            format!(
                "With {tokens} tokens that is {} against {tokens}.",
                thousands(f64::from(tokens * (tokens + 1) / 2))
            ),
            format!("{n_layers} · 2 · {d_model} = {} numbers", thousands((n_layers * 2 * d_model) as f64)),
        ],
    );
}
