//! Sentences of the chapters on training and on writing, beside the numbers that they speak of.

use serde_json::Value;

use super::{json, read, results, rows, says, thousands};

fn number(cell: &str) -> f64 {
    cell.parse().unwrap_or_else(|_| panic!("{cell:?} is no number"))
}

#[test]
fn the_noise_scale_grows_but_not_steadily() {
    let results = results("noise-scale");
    let run = results["run"].as_array().unwrap();
    let at = |step: u64, name: &str| {
        let point = run.iter().find(|point| point["step"] == step);
        point.and_then(|point| point[name].as_f64()).unwrap_or_else(|| panic!("no {name} at step {step}"))
    };
    let scale = |step: u64| thousands(at(step, "noise_scale"));
    let tokens = at(10, "tokens");
    assert!(run.iter().all(|point| point["tokens"].as_f64() == Some(tokens)), "a dotted line is straight");
    assert!(at(10, "noise_scale") < tokens && tokens < at(600, "noise_scale") / 4.0);
    says(
        "batches",
        &[
            format!(
                "{} tokens at step 10, {} at step 100, {} at step 200, {} at step 400, {} at step 520, and {} at step \
                 600. The loss goes from {:.2} to {:.3} nats meanwhile.",
                scale(10),
                scale(100),
                scale(200),
                scale(400),
                scale(520),
                scale(600),
                at(10, "nll"),
                at(600, "nll")
            ),
            format!(
                "The dotted line is what a step had all the time, {tokens} tokens: more than the noise scale at the \
                 beginning, and less than a quarter of it at the end."
            ),
        ],
    );
}

#[test]
fn what_the_noise_scale_is_good_for() {
    let results = results("noise-scale");
    let of = |list: &str, batch: u64, name: &str| {
        let found = results[list].as_array().unwrap().iter().find(|entry| entry["batch"] == batch);
        found.and_then(|entry| entry[name].as_f64()).unwrap()
    };
    let scale = |name: &str| results["fixture"][name]["scale"].as_f64().unwrap();
    let least = |name: &str| results["frontier"][name].as_f64().unwrap();
    let points = results["frontier"]["points"].as_array().unwrap();
    let steps = |batch: u64| points.iter().find(|point| point["batch"] == batch).unwrap()["steps"].as_f64();
    let steps = |batch: u64| thousands(steps(batch).unwrap());
    let [examples, fewest] = ["least_examples", "least_steps"].map(least);
    let [begins, ends] = [0, 1].map(|n: usize| results["frontier"]["noise_scale"][n].as_f64().unwrap());
    assert!((begins..ends).contains(&(examples / fewest)));
    says(
        "batches",
        &[
            format!("There it is {}, and {:.2} is what is measured.", scale("expected"), scale("measured")),
            format!("the best step is half of the largest: {:.2}, where", of("step_sizes", 5, "measured")),
            format!("batches of 2 need {} steps where single examples need {}.", steps(2), steps(1)),
            format!(
                "batches of 512 need {} steps, hardly fewer than the {} that batches of 256 need",
                steps(512),
                steps(256)
            ),
            format!(
                "To come to that loss takes at least {} steps, and at least {} examples; batches of {:.0} take about twice \
                 both.",
                thousands(fewest),
                thousands(examples),
                examples / fewest
            ),
            format!("whose noise scale grows from {begins} to {ends} on the way down."),
        ],
    );
}

#[test]
fn how_many_tokens_a_full_batch_may_have_to_predict() {
    let budget = json("models/ding/config.json")["training"]["batch_size"].as_u64().unwrap();
    let (source, target) = (16, 13);
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
fn noise_helps_a_little() {
    let results = results("noise-scale");
    let of = |rate: f64, batch: u64| {
        let all = results["generalisation"].as_array().unwrap();
        all.iter().find(|way| way["rate"] == rate && way["batch"] == batch).unwrap()
    };
    let error = |rate: f64, batch: u64, name: &str| of(rate, batch)[name].as_f64().unwrap();
    let [small, all] = [8, 128].map(|batch| error(0.08, batch, "held_out"));
    let [slow_small, slow_all] = [8, 128].map(|batch| error(0.02, batch, "held_out"));
    assert!((0.0..0.005).contains(&(slow_all - slow_small)), "{slow_small} {slow_all}");
    let by_heart = |rate: f64| error(rate, 128, "training");
    assert!(by_heart(0.02) > 10.0 * by_heart(0.08), "less of the noise is learned by heart");
    assert_eq!(of(0.24, 8)["astray"], 2);
    says(
        "batches",
        &[
            format!(
                "At a rate of 0.08 the network ends with an error of {small:.3} with batches of 8, and of {all:.3} with \
                 all 128 at once."
            ),
            format!("At a rate of 0.02 there is hardly a difference, {slow_small:.3} and {slow_all:.3}."),
            format!(
                "with all 128 at once it brings the {all:.3} down to {:.3}.",
                error(0.08, 128, "stopped")
            ),
        ],
    );
}

#[test]
fn the_second_weight_begins_with_a_small_derivative() {
    let results = results("weights-and-inputs");
    let path = results["path"].as_array().unwrap();
    let second = |pair: &Value| pair[1].as_f64().unwrap();
    assert_eq!(path.len(), 31, "thirty steps");
    let said = format!(
        "the derivative of $w_2$ starts with {:.3}, as good as zero. Yet the best value of $w_2$ is {:.2}; from {}, where \
         it began, thirty steps bring it to {:.2}.",
        second(&results["gradients"]["dw"]),
        second(&results["lowest"]),
        second(&path[0]),
        second(&path[30])
    );
    says("gradients", &[said.replace(" -", " −")]);
}

#[test]
fn the_first_loss_can_be_computed_with_a_pencil() {
    let results = results("weights-and-inputs");
    let list = |name: &str| -> Vec<f64> {
        results[name].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    };
    let (w, y, b) = (list("w"), list("y"), results["b"].as_f64().unwrap());
    let x: Vec<[f64; 2]> = serde_json::from_value(results["X"].clone()).unwrap();
    let prediction = |x: [f64; 2]| w[0] * x[0] + w[1] * x[1] + b;
    let missing: Vec<f64> = x.iter().zip(&y).map(|(&x, y)| y - prediction(x)).collect();
    let mean = |of: &dyn Fn(usize) -> f64| (0..x.len()).map(of).sum::<f64>() / x.len() as f64;
    let derivative = |n: usize| mean(&|row| -2.0 * missing[row] * x[row][n]);
    assert_eq!(x.len(), 12, "twelve examples");
    says(
        "gradients",
        &[
            format!("has the predictions for $w = ({}, {})$ and $b = {b}$", w[0], w[1]),
            format!(
                "{} · {} + {} · {} + {b} = {:.2}, and {} - {:.2} = {:.2}. The loss is {:.4}.",
                w[0],
                x[0][0],
                w[1],
                x[0][1],
                prediction(x[0]),
                y[0],
                prediction(x[0]),
                missing[0],
                mean(&|row| missing[row].powi(2))
            )
            .replace("-1 · ", "-")
            .replace('-', "−"),
            format!("over the twelve rows, which is {:.3};", derivative(0)).replace('-', "−"),
            format!("by the same rule, is {:.3}.", derivative(1)),
        ],
    );
}

#[test]
fn how_far_adam_moves_a_row_that_was_silent() {
    let code = read("crates/train/src/training/optimiser.rs");
    let beta = |name: &str| {
        let (_, rest) = code.split_once(&format!("const {name}: f32 = ")).unwrap();
        number(rest.split(';').next().unwrap())
    };
    let [mean, square] = ["BETA_1", "BETA_2"].map(beta);
    let step = |n: i32| (1.0 - mean) * mean.powi(n) / ((1.0 - square) * square.powi(n)).sqrt();
    let times = (0..30).map(step).sum::<f64>() / step(0);
    assert!((9.5..10.5).contains(&times), "adam.md says about ten times as far: {times}");
    let said =
        format!("the first step is $0.1 / \\sqrt{{0.02}} \\approx {:.2}$ of the learning rate.", step(0));
    says("adam", &[said]);
}

#[test]
fn bleu_falls_once_while_the_likelihood_improves() {
    let race = rows("docs/src/figures/translation-race.md");
    let column = |n: usize| race[1..].iter().map(|row| number(&row[n])).collect::<Vec<f64>>();
    let (bleu, nll) = (column(2), column(3));
    assert!(nll.is_sorted_by(|a, b| a > b), "{nll:?}");
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
            format!("with {:.1} times as many sentences", 163_954.0 / counts["train"].as_f64().unwrap()),
        ],
    );
}

#[test]
fn the_measures_of_both_models() {
    let table = rows("docs/src/figures/models.md");
    let of = |model: &str, column: usize| {
        &table.iter().find(|row| row[1] == format!("`models/{model}`")).unwrap()[column]
    };
    says("decoding", &[format!("a beam of four {}", of("ding", 7))]);
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
    let perplexity = samples.rsplit_once("perplexity ").unwrap().1.trim_end_matches('.');
    says("loss", &[format!("The translator's is {perplexity} on its *test split*, a thousand pairs")]);
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
