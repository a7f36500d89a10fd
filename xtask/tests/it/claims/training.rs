//! Sentences of the chapters on batches, on the three tasks and on writing, beside the numbers that they speak of.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use super::{json, number, read, rows, says, text, thousands};

#[test]
fn how_many_tokens_a_full_batch_may_have_to_predict() {
    let budget = json("models/ding/config.json")["training"]["batch_size"].as_u64().unwrap();
    let (source, target) = (16, 14);
    let pairs = budget / source;
    let written = |number: u64| thousands(number as f64);
    says(
        "batches",
        &[
            format!("With a budget of {} on the wider of the two sides", written(budget)),
            format!(
                "the widest source of a batch has {source} tokens and the widest target {target}. Then {pairs} pairs use up \
                 the budget, since {pairs} · {source} = {}. Their targets take {pairs} · {target} = {} places. Without \
                 `<bos>` that is {pairs} · {} = {} tokens to predict",
                written(pairs * source),
                written(pairs * target),
                target - 1,
                written(pairs * (target - 1))
            ),
        ],
    );
    assert_eq!(pairs * source, budget, "used up");
}

#[test]
fn how_many_tokens_a_step_had_to_predict() {
    let (mut tokens, mut minutes, mut steps) = (0.0, 0.0, 0.0);
    for line in text("models/ding/timings.jsonl").lines() {
        let timing: Value = serde_json::from_str(line).unwrap();
        let of = |name: &str| timing[name].as_f64().unwrap();
        tokens += of("tokens_per_s") * 60.0 * (of("minutes") - minutes);
        (minutes, steps) = (of("minutes"), of("step"));
    }
    let said = format!("a step had {} tokens to predict on average.", thousands(tokens / steps));
    says("batches", &[said]);
}

#[test]
fn how_the_copy_task_was_learned() {
    let figure = read("docs/src/figures/copy-loss.svg");
    let point = |point: &str| {
        let (x, y) = point.split_once(',').unwrap();
        [number(x), number(y)]
    };
    let lines = figure.split("points=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let lines: Vec<Vec<[f64; 2]>> = lines.map(|line| line.split(' ').map(point).collect()).collect();
    // The lowest lines of the grid, at 0 and at 1 nat, are drawn first, and the curve of training is the first curve.
    let grid: Vec<f64> = lines.iter().filter(|line| line.len() == 2).map(|line| line[0][1]).collect();
    let curve = lines.iter().find(|line| line.len() > 100).unwrap();
    assert_eq!(curve.len(), 1_500_usize.div_ceil(8), "means of eight steps each");
    let nll = |step: usize| (grid[0] - curve[step / 8 - 1][1]) / (grid[0] - grid[1]);
    let a_step = (nll(24) - nll(200)) / (200.0 - 24.0);
    assert!((0.0075..0.0125).contains(&a_step), "about a hundredth of a nat a step: {a_step}");
    let guess = format!("{:.1}", 10_f64.ln());
    assert_eq!(guess, format!("{:.1}", nll(24)), "what one loses who guesses among ten");
    says(
        "copy",
        &[
            format!(
                "At step 24 it is at {guess}, which is what one loses who knows that padding never comes"
            ),
            format!("it is at {:.1} at step 80, and at {:.1} at step 200.", nll(80), nll(200)),
        ],
    );
}

#[test]
fn bleu_falls_once_while_the_likelihood_improves() {
    let race = rows("docs/src/figures/translation-race.md");
    let column = |n: usize| race[1..].iter().map(|row| number(&row[n])).collect::<Vec<f64>>();
    let (bleu, nll) = (column(2), column(3));
    assert!(nll.is_sorted_by(|a, b| a > b), "{nll:?}");
    let tokens = |n: usize| number(race.last().unwrap()[n].trim_end_matches(" M"));
    assert!(tokens(4) > 2.0 * tokens(7), "more than twice as many tokens");
    let falls: Vec<_> = bleu.windows(2).filter(|pair| pair[1] < pair[0]).collect();
    let [[before, after]] = falls[..] else { panic!("not one fall: {falls:?}") };
    let counts = json("crates/train/data/ding/corpus.json")["counts"].take();
    assert_eq!(counts["test"], 1_000, "the chapters say a thousand");
    says(
        "translation",
        &[
            format!("BLEU falls once, from {before} to {after}."),
            format!("Is {:.0} a good BLEU?", bleu.last().unwrap()),
            "on 163,954 pairs of everyday sentences".to_owned(),
            format!("with {:.1} times as many pairs,", 163_954.0 / counts["train"].as_f64().unwrap()),
        ],
    );
}

#[test]
fn the_measures_of_both_models() {
    let table = rows("docs/src/figures/models.md");
    let of = |model: &str, column: usize| {
        &table.iter().find(|row| row[1] == format!("`models/{model}`")).unwrap()[column]
    };
    let said = format!(
        "the language model has {} on its test split and the translator {}.",
        of("austen", 6),
        of("ding", 6)
    );
    let nll = format!("on its test split it is {}.", of("austen", 5));
    let parameters = of("austen", 2).trim_end_matches(" M").to_owned();
    let size = format!("parameters (Brown et al. 2020), and ours {parameters} million.");
    let window = json("models/austen/config.json")["task"]["average"]["task"]["lm"]["length"].take();
    let seen = format!("It has never seen more than {window} tokens at once.");
    says("language", &[said, nll, size, seen]);
    let samples = read("docs/src/figures/ding-samples.md");
    assert!(
        samples.contains("| Sie kam auf einen Sprung herein. | She came in a spot. |"),
        "decoding.md says so"
    );
    let perplexity = samples.rsplit_once("perplexity ").unwrap().1.trim_end_matches('.');
    says("loss", &[format!("The translator's is {perplexity} on its *test split*, a thousand pairs")]);
}

#[test]
fn greedy_decoding_and_a_beam_on_the_whole_test_split() {
    let table = rows("docs/src/figures/decoding.md");
    let [_, greedy, beam] = &table[..] else { panic!("not two ways: {table:?}") };
    assert_eq!([greedy[1].as_str(), beam[1].as_str()], ["greedy", "a beam of 4"]);
    let models = rows("docs/src/figures/models.md");
    let ding = models.iter().find(|row| row[1] == "`models/ding`").unwrap();
    assert_eq!(ding[7], beam[2], "both tables tell of one beam");
    assert_eq!(json("crates/train/data/ding/corpus.json")["counts"]["test"], 1_000);
    says(
        "decoding",
        &[format!(
            "On the whole test split of 1,000 sentences, a beam of four gets a BLEU of {}, and greedy decoding one of {}",
            beam[2], greedy[2]
        )],
    );
    assert!(number(&beam[3]) < 0.97, "the beam's sentences are shorter than the references: {beam:?}");
    assert!(
        (number(&greedy[3]) - 1.0).abs() <= 0.03,
        "those of greedy decoding are about as long: {greedy:?}"
    );
    assert!(number(&beam[2]) > number(&greedy[2]), "in spite of it the beam is ahead");
}

#[test]
fn the_length_penalty_of_the_example() {
    let table = rows("docs/src/figures/beams.md");
    let [tokens @ .., sum] = &table[1..] else { panic!("no rows") };
    let fork = tokens.iter().position(|row| row[2] != row[5]).unwrap();
    let dear = tokens[fork + 1..].iter().take_while(|row| number(&row[4]) < -1.0).count();
    assert_eq!(dear, 2, "the next two tokens cost more than one nat each");
    let length = tokens.iter().filter(|row| !row[5].is_empty()).count();
    assert_eq!(length, 6);
    let penalty = ((5.0 + length as f64) / 6.0).powf(0.6);
    let said = format!(
        "Our sentence of six tokens, the end included, has $\\ln p = {}$; it is divided by $({}/6)^{{0.6}} \\approx \
         {penalty:.3}$, which gives about −{:.2}.",
        sum[7],
        5 + length,
        -number(&sum[7]) / penalty
    );
    let longer = tokens.iter().filter(|row| !row[2].is_empty()).count();
    assert_eq!(longer, 7);
    let dearer = ((5.0 + longer as f64) / 6.0).powf(0.6);
    let greedy = format!(
        "That of greedy decoding has seven, and gets ${} / {dearer:.3}$, about −{:.2}.",
        sum[4],
        -number(&sum[4]) / dearer
    );
    says("decoding", &["the next two tokens cost more than one nat each".to_owned(), said, greedy]);
}

#[test]
fn how_surprising_the_words_are() {
    let figure = read("docs/src/figures/surprisal.svg");
    let hints = figure.split("<title>„").skip(1).map(|rest| rest.split_once(" bits</title>").unwrap().0);
    let words: Vec<(&str, &str)> = hints.map(|hint| hint.split_once("“: ").unwrap()).collect();
    let bits = |word: &str| words.iter().find(|(found, _)| *found == word).unwrap().1;
    let (least, most) = (bits("to"), bits("umbrella."));
    let is_between = |(_, bits): &(&str, &str)| (number(least)..=number(most)).contains(&number(bits));
    assert!(words.len() == 12 && words.iter().all(is_between), "{words:?}");
    assert!(number(most).exp2() > 2e9, "one chance in more than two thousand million");
    let guess = 2_000f64.log2();
    assert!(number(bits("She")) > guess);
    says(
        "language",
        &[
            format!("*To* has {least} bits:"),
            format!("The last word has {most}, which is one chance in more than two thousand million."),
            format!(
                "The first word has {}, more than the {guess:.1} of a guess among 2,000 tokens.",
                bits("She")
            ),
        ],
    );
}

#[test]
fn the_parameters_of_the_translator() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/ding/model.safetensors");
    let bytes = fs::read(path).unwrap();
    let (length, rest) = bytes.split_at(8);
    let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
    let mut tensors: Map<String, Value> = serde_json::from_slice(&rest[..length]).unwrap();
    tensors.remove("__metadata__");
    let size = |tensor: &Value| -> f64 {
        tensor["shape"].as_array().unwrap().iter().map(|side| side.as_f64().unwrap()).product()
    };
    let said = format!(
        "Of its {} parameters {} are in the table of embeddings, which serves three times.",
        thousands(tensors.values().map(size).sum()),
        thousands(size(&tensors["tgt_embed.table.weight"]))
    );
    says("looking-inside", &[said]);
}
