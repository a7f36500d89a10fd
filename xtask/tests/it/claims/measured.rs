//! Numbers that chapters repeat by hand, beside what the experiments of the lab measured, and what runs came to.

use plot::decimal;
use serde_json::Value;

use super::{json, read, results, says, thousands};

fn list(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn names(values: &Value) -> Vec<&str> {
    values.as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect()
}

/// Small numbers as words.
fn word(number: usize) -> &'static str {
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight"][number]
}

/// Where the largest number stands.
fn largest(values: &[f64]) -> usize {
    (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap()
}

/// The token that asks is at this position.
fn asking(results: &Value) -> usize {
    results["token"].as_u64().unwrap() as usize - 1
}

#[test]
fn the_sizes_of_one_query() {
    let results = results("by-hand");
    let width = list(&results["vector"]["row"]).len();
    let d_k = list(&results["asked"]["query"]).len();
    let heads = results["maps"].as_array().unwrap().len();
    let layers = results["stream"].as_array().unwrap().len();
    let products = read("docs/src/figures/lab/by-hand/products.md");
    let (_, others) = products.split_once("the other ").unwrap();
    let shown = d_k - others.split(' ').next().unwrap().parse::<usize>().unwrap();
    let steps = json("models/austen/config.json")["training"]["steps"].as_f64().unwrap();
    says(
        "one-query",
        &[
            format!(
                "(those of the matrices, {width} · {d_k} each, are too many to print; you will see a part of one column)"
            ),
            format!("`to` got its vector of {width} numbers: its row of the table times √{width}"),
            format!("This model has {} heads, which share the {width} numbers out among them", word(heads)),
            format!("a query, a key and a value of one head have {d_k} numbers each"),
            format!("We follow head {} of layer {}.", results["head"], results["layer"]),
            format!("{d_k} products, added up. These are the {} largest", word(shown)),
            format!("divided by $\\sqrt{{d_k}} = \\sqrt{{{d_k}}} = {}$.", decimal((d_k as f64).sqrt(), 2)),
            format!("A sum of {d_k} products is large just because it has {d_k} terms."),
            format!("the scores of all {} tokens", word(names(&results["tokens"]).len())),
            format!("The first three of the {d_k} columns"),
            format!("{} small steps that on the whole lowered the loss", thousands(steps)),
            format!("The other {} heads do the same", word(heads - 1)),
            format!("Their {} outputs of {d_k} numbers are put side by side, {width} again", word(heads)),
            format!("a feed-forward network follows, and {} more layers.", word(layers - 1)),
        ],
    );
}

#[test]
fn how_one_number_of_the_query_is_made() {
    let results = results("by-hand");
    let (made, asked) = (&results["made"], &results["asked"]);
    let number = made["number"].as_u64().unwrap() as usize;
    let multiplied =
        |a: &Value, b: &Value| -> Vec<f64> { list(a).iter().zip(list(b)).map(|(a, b)| a * b).collect() };
    let keys = asked["keys"].as_array().unwrap();
    let shares = multiplied(&asked["query"], &keys[largest(&list(&asked["weights"]))]);
    assert_eq!(largest(&shares.iter().map(|share| share.abs()).collect::<Vec<_>>()), number - 1);
    let mut products = multiplied(&results["vector"]["given"], &made["column"]);
    products.sort_by(|a, b| b.abs().total_cmp(&a.abs()));
    let sum = list(&asked["query"])[number - 1];
    let six = products[..6].iter().sum::<f64>() / sum;
    assert!((0.0..0.5).contains(&six), "the chapter says less than half of the sum: {six}");
    let (count, d_k) = (products.len(), list(&asked["query"]).len());
    says(
        "one-query",
        &[
            format!("the {count} numbers of *x* with one column of the matrix"),
            format!("This is number {number} of the query of `to`, which will weigh most in the next step."),
            format!("You see the six largest of its {count} products"),
            format!("The other {} numbers of the query", d_k - 1),
        ],
    );
}

#[test]
fn the_norm_and_the_softmax_of_one_query() {
    let results = results("by-hand");
    let tokens = names(&results["tokens"]);
    let entering = list(&results["vector"]["entering"]);
    let count = entering.len() as f64;
    let mean = entering.iter().sum::<f64>() / count;
    let deviation = (entering.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    let of_vector = |name: &str| list(&results["vector"][name])[0];
    let asked = &results["asked"];
    let [scores, scaled, weights] = ["scores", "scaled", "weights"].map(|name| list(&asked[name]));
    let visible: Vec<bool> =
        asked["visible"].as_array().unwrap().iter().map(|value| value.as_bool().unwrap()).collect();
    let powers = scaled.iter().zip(&visible).filter(|(_, visible)| **visible).map(|(score, _)| score.exp());
    let (best, top) = (largest(&weights), largest(&scores));
    assert_eq!(top, asking(&results) + 1, "the largest score is that of the token to predict");
    says(
        "one-query",
        &[
            format!(
                "Check the first number of the second row: ({} − {}) / {} = {}.",
                decimal(entering[0], 3),
                decimal(mean, 2),
                decimal(deviation, 2),
                decimal((entering[0] - mean) / deviation, 2)
            ),
            format!(
                "And that of the last row: {} · {} + {} = {}.",
                decimal((entering[0] - mean) / deviation, 3),
                decimal(of_vector("gain"), 3),
                decimal(of_vector("bias"), 3),
                decimal(of_vector("given"), 3)
            ),
            format!(
                "that of `{}`, with a digit more for its score: $e^{{{}}} = {}$, and {} / {} = {}.",
                tokens[best],
                decimal(scaled[best], 3),
                decimal(scaled[best].exp(), 2),
                decimal(scaled[best].exp(), 2),
                decimal(powers.sum(), 2),
                decimal(weights[best], 2)
            ),
            format!("The largest score of all belongs to `{}`, the very token", tokens[top]),
            format!("The sentence has two more tokens, `{}` and `{}`.", tokens[top], tokens[top + 1]),
        ],
    );
    assert_eq!(tokens.len(), asking(&results) + 3, "two more tokens");
}

#[test]
fn the_sum_of_values_of_one_query() {
    let results = results("by-hand");
    let tokens = names(&results["tokens"]);
    let weights = list(&results["asked"]["weights"]);
    let values: Vec<f64> =
        results["asked"]["values"].as_array().unwrap().iter().map(|value| list(value)[0]).collect();
    let term = |n: usize| {
        let value = decimal(values[n], 3);
        let value = if values[n] < 0.0 { format!("({value})") } else { value };
        format!("{} · {value}", decimal(weights[n], 3))
    };
    let terms: Vec<String> = (0..=asking(&results)).map(term).collect();
    let percent = |n: usize| decimal(100.0 * weights[n], 0);
    says(
        "one-query",
        &[
            format!(
                "Now `to` takes home {} % of what `{}` gives, {} % of what `{}` gives, and so on.",
                percent(0),
                tokens[0],
                percent(1),
                tokens[1]
            ),
            format!(
                "Check the first column: {} = {}.",
                terms.join(" + "),
                decimal(list(&results["asked"]["output"])[0], 2)
            ),
        ],
    );
}

#[test]
fn the_same_sentence_in_other_chapters() {
    let results = results("by-hand");
    let (tokens, ids) = (names(&results["tokens"]), list(&results["ids"]));
    let id = |token: &str| ids[tokens.iter().position(|found| *found == token).unwrap()];
    let at = asking(&results);
    let wave = list(&results["vector"]["wave"]);
    says(
        "tokens",
        &[
            format!("`was` has the id {} and `very` has {}.", id("was"), id("very")),
            format!("Is the mean of the two, {}, a word?", f64::midpoint(id("was"), id("very"))),
            format!("For `{}`, at position {at}, these are the first three", tokens[at]),
        ],
    );
    let sine = format!("(set to radians): sin {at} = {}.", decimal(wave[0], 3));
    says("positions", &[format!("For `{}` in our sentence, at position {at},", tokens[at]), sine]);
    let most: Vec<usize> =
        results["maps"].as_array().unwrap().iter().map(|map| largest(&list(&map[at]))).collect();
    let of_one = most.iter().filter(|&&key| key == most[0]).count();
    let said = format!(
        "Here, {} of the {} heads of `{}` look most at the same word.",
        word(of_one),
        word(most.len()),
        tokens[at]
    );
    says("heads", &[said]);
    let stream = results["stream"].as_array().unwrap();
    let is_off =
        |passage: &Value| 2.0 * passage["zeros"].as_f64().unwrap() > passage["inner"].as_f64().unwrap();
    assert!(stream.iter().all(is_off), "most detectors are off, in each layer");
    let length = |n: usize, name: &str| stream[n][name].as_f64().unwrap();
    assert!(
        length(2, "leaving") > 4.0 * length(0, "entering"),
        "residuals.md says several times as long, of the third layer and the first"
    );
}

#[test]
fn how_fast_the_hands_turn() {
    let width = list(&results("by-hand")["vector"]["row"]).len();
    let last = width / 2 - 1;
    let around = |hand: usize| std::f64::consts::TAU * 10_000f64.powf(2.0 * hand as f64 / width as f64);
    says(
        "positions",
        &[
            format!("With `d_model` {width}, the first hand turns by 1 radian"),
            format!(
                "so it has gone round once after {:.1} of them. The hand in the middle, number {}, turns by a hundredth of that and \
                 needs {:.0}. The last one needs some {:.0},000.",
                around(0),
                width / 4,
                around(width / 4),
                around(last) / 1_000.0
            ),
        ],
    );
}

#[test]
fn what_residual_and_norm_are_for() {
    let results = results("skip-and-norm");
    let case = |name: &str| results.as_array().unwrap().iter().find(|case| case["name"] == name).unwrap();
    let gradients = |name: &str| list(&case(name)["gradients"]);
    let ends = |name: &str| {
        let all = gradients(name);
        [all[0], all[all.len() - 1]]
    };
    let cosine = |name: &str| decimal(*list(&case(name)["alike"]).last().unwrap(), 2);
    let [neither, alone, post, pre] = ["neither", "residual alone", "post-norm", "pre-norm"].map(ends);
    let most = largest(&gradients("post-norm"));
    assert_eq!([cosine("neither"), cosine("norm alone")], ["1.00", "1.00"], "without the residual");
    says(
        "residuals",
        &[
            format!(
                "dies away to less than a hundredth ({} → {})",
                decimal(neither[1], 2),
                decimal(neither[0], 4)
            ),
            format!(
                "{} at the last layer become {} at the first. The loss is {} nats",
                thousands(alone[1]),
                thousands(alone[0]),
                decimal(case("residual alone")["loss"].as_f64().unwrap(), 0)
            ),
            format!(
                "the cosine is {} with pre-norm, but {} with the residual alone",
                cosine("pre-norm"),
                cosine("residual alone")
            ),
            format!("with post-norm it is {}, nearly", cosine("post-norm")),
            format!(
                "the gradient of post-norm rises from {} to {} (with {} at layer {}), and that of pre-norm falls from {} \
                 to {}.",
                decimal(post[0], 2),
                decimal(post[1], 2),
                decimal(gradients("post-norm")[most], 2),
                most + 1,
                decimal(pre[0], 2),
                decimal(pre[1], 2)
            ),
        ],
    );
    assert!(neither[0] < neither[1] / 100.0, "{neither:?}");
}

#[test]
fn the_two_orders_of_norm_when_they_copy() {
    let figure = read("docs/src/figures/norm-order.svg");
    let validation = |run: &str| -> f64 {
        let (_, rest) = figure.split_once(&format!("{run}: step 1000, ")).unwrap();
        let (_, rest) = rest.split_once("validation ").unwrap();
        rest.split(' ').next().unwrap().parse().unwrap()
    };
    let (pre, post) = (decimal(validation(">pre-norm"), 4), decimal(validation(" post-norm"), 2));
    says(
        "residuals",
        &[format!(
            "With pre-norm it ends at {pre} nats: the model copies. With post-norm it ends at {post},"
        )],
    );
    let help = read("docs/src/figures/help-train.txt");
    let (_, warm_up) = help.split_once("Steps until the learning rate is highest [default: ").unwrap();
    let (warm_up, _) = warm_up.split_once(']').unwrap();
    says("residuals", &[format!("(One seed each, and {warm_up} steps of warm-up.")]);
}

#[test]
fn how_long_the_translator_learned() {
    let steps = json("models/ding/config.json")["training"]["steps"].as_f64().unwrap();
    let table = read("docs/src/figures/models.md");
    let (_, row) = table.split_once("| `models/ding` |").unwrap();
    let minutes: f64 = row.split('|').nth(2).unwrap().trim().parse().unwrap();
    let said = format!(
        "The translator above took {} such steps, and {} minutes on two processor cores",
        thousands(steps),
        decimal(minutes, 0)
    );
    says("overview", &[said]);
}
