//! Sentences that say something about our own model or picture, beside the numbers that they speak of.

use std::collections::BTreeMap;

use burn::tensor::{Int, Tensor};
use graph::{ComputationGraph, capture};
use model::{LanguageModelConfig, TransformerConfig};
use serde_json::Value;

use super::{json, read, rows, says, thousands};

/// The base model's sizes.
fn base_sizes() -> TransformerConfig {
    TransformerConfig::base(37_000)
}

/// The base model with a vocabulary of 37,000, as it runs once.
fn base() -> ComputationGraph {
    capture("base", |session| {
        let model = base_sizes().init(session.device())?;
        session.parameters(&model);
        let ids = || Tensor::<2, Int>::zeros([1, 2], session.device());
        session.output("logits", model.forward(ids(), ids()).logits);
        Ok(())
    })
    .unwrap()
}

/// Numbers in parameters, by the kind of part that holds them.
fn sizes(graph: &ComputationGraph) -> BTreeMap<&'static str, usize> {
    let mut sizes = BTreeMap::new();
    for parameter in graph.parameters() {
        let path = &parameter.paths[0];
        let kind = ["norm", "feed_forward", "attn", "embed"].into_iter().find(|kind| path.contains(kind));
        let kind = kind.unwrap_or_else(|| panic!("{path} is of no kind"));
        *sizes.entry(kind).or_default() += parameter.tensor.elements();
    }
    sizes
}

#[test]
fn no_kind_of_part_has_as_many_parameters_as_feed_forward() {
    let sizes = sizes(&base());
    let (all, feed_forward): (usize, usize) = (sizes.values().sum(), sizes["feed_forward"]);
    assert!(sizes.iter().all(|(kind, &size)| *kind == "feed_forward" || size < feed_forward), "{sizes:?}");
    let millions = |size: usize| format!("{:.1}", size as f64 / 1e6);
    let said = format!(
        "No other kind of part has as many parameters: {} of the base model's {} million.",
        millions(feed_forward),
        millions(all)
    );
    says("feed-forward", &[said]);
}

/// Numbers in the parameters whose path has a part in it.
fn count(graph: &ComputationGraph, part: &str) -> usize {
    let mut count = 0;
    for parameter in graph.parameters() {
        if parameter.paths[0].contains(part) {
            count += parameter.tensor.elements();
        }
    }
    count
}

fn grouped(number: usize) -> String {
    thousands(number as f64)
}

#[test]
fn the_parameters_of_a_layer_on_each_side() {
    let base = base();
    let [attention, feed_forward] = ["self_attn.", "feed_forward."]
        .map(|part| grouped(count(&base, &format!("encoder.layers.0.{part}"))));
    let said = format!(
        "In one layer of the base model, an attention has {attention} parameters and the feed-forward network \
         {feed_forward}."
    );
    says("encoder-decoder", &[said]);
    let [encoder, decoder] = ["encoder.layers.0.", "decoder.layers.0."].map(|part| count(&base, part));
    let said = format!(
        "So a layer of the encoder has {}, and one of the decoder, with its second attention and its third norm, {}.",
        grouped(encoder),
        grouped(decoder)
    );
    says("encoder-decoder", &[said]);
    let millions = count(&base, "") as f64 / 1e6;
    let said = format!("and generator share: the whole base model has {millions:.1} million (the paper's");
    says("encoder-decoder", &[said]);
}

#[test]
fn the_sizes_of_the_base_model_and_of_the_two_small_ones() {
    let small = |name: &str| json(&format!("models/{name}/config.json"))["model"].take();
    let models = [serde_json::to_value(base_sizes()).unwrap(), small("austen"), small("ding")];
    let size = |model: &Value, name: &str| {
        model[name].as_u64().unwrap_or_else(|| panic!("no {name} in {model}")) as usize
    };
    let vocab = |model: &Value| {
        let name = if model["vocab"].is_null() { "src_vocab" } else { "vocab" };
        size(model, name)
    };
    let table = rows("docs/src/reading.md");
    for (column, model) in (3..).zip(&models) {
        let [width, heads] = ["d_model", "n_heads"].map(|name| size(model, name));
        for (name, expected) in [
            ("`d_model`", width),
            ("`heads`", heads),
            ("`d_k`", width / heads),
            ("`d_ff`", size(model, "d_ff")),
            ("`vocab`", vocab(model)),
            ("*N*", size(model, "n_layers")),
        ] {
            let row = table.iter().find(|row| row[1] == name).unwrap_or_else(|| panic!("no row of {name}"));
            assert_eq!(row[column].replace(',', ""), expected.to_string(), "{name}: {row:?}");
        }
    }
    let [base, austen, ding] = &models;
    let of = |name: &str| [size(base, name), size(austen, name)].map(grouped);
    assert!(
        ["d_model", "d_ff"].iter().all(|name| ding[name] == austen[name]),
        "one width for both small models"
    );
    let ([wide, narrow], [inner, small_inner]) = (of("d_model"), of("d_ff"));
    says(
        "tokens",
        &[
            format!(
                "Ours have {} tokens (`models/austen`) and {} (`models/ding`)",
                grouped(vocab(austen)),
                grouped(vocab(ding))
            ),
            format!(
                "Our small models use {narrow} numbers for a token, the paper's base model {wide}. This width is called"
            ),
        ],
    );
    says(
        "feed-forward",
        &[format!("({wide} and {inner} in the base model, {narrow} and {small_inner} in ours;")],
    );
}

#[test]
fn the_parameters_of_the_language_model() {
    let austen = capture("austen", |session| {
        let sizes =
            LanguageModelConfig { n_layers: 3, d_model: 160, d_ff: 640, ..LanguageModelConfig::tiny(2_000) };
        let model = sizes.init(session.device())?;
        session.parameters(&model);
        let ids = Tensor::<2, Int>::zeros([1, 2], session.device());
        session.output("logits", model.forward(ids).output);
        Ok(())
    })
    .unwrap();
    let [attention, feed_forward, table, all] =
        ["layers.0.self_attn.", "layers.0.feed_forward.", "embed.table", ""]
            .map(|part| grouped(count(&austen, part)));
    let said = format!(
        "One layer of `models/austen` has {attention} parameters in its attention and {feed_forward} in its feed-forward \
         network"
    );
    says("feed-forward", &[said]);
    let said = format!("the table has 2,000 · 160 = {table} numbers, a quarter of all its {all} parameters");
    says("tokens", &[said]);
}

/// For each head and asking token of a map of attention, the token with the largest weight.
fn largest(figure: &str) -> Vec<(String, String)> {
    let mut rows: BTreeMap<(String, String), (f64, String)> = BTreeMap::new();
    for hint in figure.split("<title>head ").skip(1) {
        let hint = &hint[..hint.find("</title>").unwrap()];
        let (head, rest) = hint.split_once(": ").unwrap();
        let (query, rest) = rest.split_once(" attends to ").unwrap();
        let (key, weight) = rest.rsplit_once(' ').unwrap();
        let (weight, row) = (weight.parse().unwrap(), (head.to_owned(), query.to_owned()));
        let best = rows.entry(row).or_insert((weight, key.to_owned()));
        if weight > best.0 {
            *best = (weight, key.to_owned());
        }
    }
    rows.into_iter().map(|((_, query), (_, key))| (query, key)).collect()
}

#[test]
fn where_the_encoders_heads_look() {
    let rows = largest(&read("docs/src/figures/attention-encoder.svg"));
    let is = |token: &str, piece: &str| token == format!("„{piece}“");
    let of_verb: Vec<_> = rows
        .iter()
        .filter(|(query, _)| ["ver", "teid", "igen."].iter().any(|piece| is(query, piece)))
        .collect();
    let middle = of_verb.iter().filter(|(_, key)| is(key, "teid")).count();
    let count = |key: &str| rows.iter().filter(|(query, found)| is(query, "die") && is(found, key)).count();
    assert_eq!([count("teid"), count("Stadt"), count("müssen")], [2, 1, 1], "{rows:?}");
    let said = format!(
        "in {middle} of the {} rows of the verb's three pieces, the largest weight is on <i>teid</i>, the piece in the \
         middle. They part at <i>die</i>: two look at the verb, one at the noun, one at <i>müssen</i>.",
        of_verb.len()
    );
    says("looking-inside", &[said]);
    let said = format!(
        "A verb of three pieces has {} rows there, one for each piece and head; in {middle} of them, the largest weight \
         is on the same piece",
        of_verb.len()
    );
    says("heads", &[said]);
}

#[test]
fn the_verb_is_fetched_from_the_end_of_the_sentence() {
    let rows = largest(&read("docs/src/figures/attention-source.svg"));
    let must: Vec<_> = rows.iter().filter(|(query, _)| query == "„must“").collect();
    assert!(must.len() == 4 && must.iter().all(|(_, key)| key == "„teid“"), "{rows:?}");
    let said = "There three of the four heads have their largest weight on `<eos>`, which is no word at all, and one on \
                *teid*.";
    let count = |key: &str| rows.iter().filter(|row| row.0 == "„def“" && row.1 == key).count();
    assert_eq!([count("„&lt;eos&gt;“"), count("„teid“")], [3, 1], "{rows:?}");
    says("looking-inside", &[said]);
}

/// The number that follows these words in a figure.
fn told(figure: &str, words: &str) -> f64 {
    let text = read(&format!("docs/src/figures/{figure}"));
    let (_, rest) = text.split_once(words).unwrap_or_else(|| panic!("{figure} doesn't say {words:?}"));
    rest.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn losses_begin_and_end_where_the_book_says() {
    let first = |run: &str| told(&format!("{run}.svg"), "per token goes from ");
    let last = |run: &str| told(&format!("{run}.svg"), "on data never trained on it is ");
    for (page, said) in [
        (
            "loss",
            format!("The NLL of that first step was {:.2}, a little *above* guessing", first("ding-curves")),
        ),
        ("loss", format!("On sentences it has never seen it ends at {:.2}.", last("ding-curves"))),
        (
            "language",
            format!("It begins at {:.2}, above a guess, as the translator did.", first("austen-curves")),
        ),
        ("language", format!("It ends at {:.2} on paragraphs", last("austen-curves"))),
        ("copy", format!("It begins at {:.2}, worse than guessing.", first("copy-loss"))),
    ] {
        says(page, &[said]);
    }
    assert!(last("copy-loss") < 1e-3, "copy.md says: below a thousandth of a nat");
    let [begins, guess] = [first("austen-curves"), 4_000f64.ln()].map(|nats| format!("{nats:.2}"));
    assert_eq!(begins, guess, "language.md says that this is a coincidence");
}

#[test]
fn the_fork_of_greedy_decoding_and_beam_search_is_told_as_it_is() {
    let rows = rows("docs/src/figures/beams.md");
    let fork = rows[1..].iter().find(|row| row[2] != row[5]).unwrap();
    let sum = rows.last().unwrap();
    says(
        "decoding",
        &[
            format!(
                "At the fourth token *{}* has a probability of {} and *{}* one of {}.",
                fork[2], fork[3], fork[5], fork[6]
            ),
            format!(
                "*You can count on me.* is four times as likely in the end, {} against {}.",
                sum[6], sum[3]
            ),
        ],
    );
    let [greedy, beam] = [&sum[3], &sum[6]].map(|cell| cell.parse::<f64>().unwrap());
    assert!(fork[1] == "4" && (3.5..4.5).contains(&(beam / greedy)), "{fork:?} {sum:?}");
}

#[test]
fn the_copy_task_has_a_diagonal() {
    let figure = read("docs/src/figures/copy-diagonal.svg");
    let rows = largest(&figure);
    // The query 9 occurs twice, and is followed by 5 and by 6: `largest` knows a row by its name alone.
    let next = [("1", "9"), ("5", "7"), ("7", "10"), ("10", "4"), ("4", "8"), ("8", "9"), ("6", "2")];
    for (query, key) in next {
        let found = rows.iter().filter(|row| **row == (format!("„{query}“"), format!("„{key}“"))).count();
        assert_eq!(found, 4, "{query} looks at {key} in all heads: {rows:?}");
    }
    let weights = figure
        .split("<title>head ")
        .skip(1)
        .filter_map(|hint| hint[..hint.find("</title>")?].rsplit_once(' ')?.1.parse::<f64>().ok());
    // Rows sum to one, so none has two such weights.
    let large: Vec<f64> = weights.filter(|&weight| weight > 0.5).collect();
    assert!(large.len() == 36 && large.iter().all(|&weight| weight >= 0.93), "{large:?}");
    says("copy", &["of all 36 largest weights none is below 0.93"]);
}
