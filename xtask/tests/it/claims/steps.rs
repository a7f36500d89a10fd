//! Sentences of the chapters on the loss, gradients, Adam and regularisation, beside the numbers that they speak of.

use serde_json::Value;

use super::{json, number, read, results, says, thousands};

fn pair(values: &Value) -> [f64; 2] {
    serde_json::from_value(values.clone()).unwrap()
}

/// Inputs and targets of the regression with two weights.
fn examples(results: &Value) -> (Vec<[f64; 2]>, Vec<f64>) {
    let x = results["X"].as_array().unwrap().iter().map(pair);
    let y = results["y"].as_array().unwrap().iter().map(|value| value.as_f64().unwrap());
    (x.collect(), y.collect())
}

/// What is missing to the targets of this regression, were its weights these.
fn missing(results: &Value, w: [f64; 2]) -> Vec<f64> {
    let ((x, y), b) = (examples(results), results["b"].as_f64().unwrap());
    x.iter().zip(y).map(|(x, y)| y - (w[0] * x[0] + w[1] * x[1] + b)).collect()
}

fn loss(results: &Value, w: [f64; 2]) -> f64 {
    let missing = missing(results, w);
    missing.iter().map(|missing| missing.powi(2)).sum::<f64>() / missing.len() as f64
}

/// What stands between two words of a figure.
fn between(figure: &str, before: &str, after: &str) -> String {
    let text = read(&format!("docs/src/figures/{figure}.svg"));
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{figure} doesn't say {before:?}"));
    rest.split_once(after).unwrap_or_else(|| panic!("{figure} doesn't say {after:?}")).0.to_owned()
}

#[test]
fn the_softmax_of_four_logits_and_a_guess() {
    let powers = [2.0_f64, 1.0, 0.0, -1.0].map(f64::exp);
    let sum: f64 = powers.iter().sum();
    let shares = powers.map(|power| format!("{:.4}", power / sum));
    let vocab = json("models/ding/config.json")["model"]["tgt_vocab"].as_f64().unwrap();
    let guess = format!(
        "With the {} tokens of the book's translator that is {:.2} nats.",
        thousands(vocab),
        vocab.ln()
    );
    says("loss", &[format!("| probability | {} |", shares.join(" | ")), guess]);
    let [right, second, third, fourth] = &shares;
    let said = format!(
        "${right} - 1 = {:.4}$ for the right one, and {second}, {third} and {fourth} for the others.",
        powers[0] / sum - 1.0
    );
    says("gradients", &[said]);
}

#[test]
fn the_first_loss_can_be_computed_with_a_pencil() {
    let results = results("weights-and-inputs");
    let (x, y) = examples(&results);
    let (w, b) = (pair(&results["w"]), results["b"].as_f64().unwrap());
    let missing = missing(&results, w);
    let derivative = |n: usize| {
        let products = x.iter().zip(&missing).map(|(x, missing)| -2.0 * missing * x[n]);
        products.sum::<f64>() / x.len() as f64
    };
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
                y[0] - missing[0],
                y[0],
                y[0] - missing[0],
                missing[0],
                loss(&results, w)
            )
            .replace("-1 · ", "-")
            .replace('-', "−"),
            format!("over the twelve rows, which is {:.3};", derivative(0)).replace('-', "−"),
            format!("by the same rule, is {:.3}.", derivative(1)),
        ],
    );
}

#[test]
fn the_second_weight_begins_with_a_small_derivative() {
    let results = results("weights-and-inputs");
    let path = results["path"].as_array().unwrap();
    let second = |of: &Value| pair(of)[1];
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
fn the_valley_and_the_way_down() {
    let results = results("weights-and-inputs");
    let [across, along] = pair(&results["eigenvalues"]);
    let (first, end, lowest) = (&results["path"][0], &results["path"][30], &results["lowest"]);
    let [w1, w2] = pair(first);
    let checks = json("docs/src/figures/lab/weights-and-inputs/results.json")["checks"].take();
    let autodiff = checks.as_array().unwrap().iter().filter(|check| {
        let name = check["name"].as_str().unwrap();
        name.ends_with("by its formula and by autodiff")
    });
    let off = autodiff.map(|check| check["value"].as_f64().unwrap()).fold(0.0, f64::max);
    says(
        "gradients",
        &[
            format!(
                "by 0.01, and the loss falls by about {:.3}.",
                loss(&results, [w1, w2]) - loss(&results, [w1 + 0.01, w2])
            ),
            format!("The valley is curved {:.1} times as strongly across as along,", across / along),
            format!(
                "after thirty, with a rate of {}, the loss is {:.4}, and the lowest is {:.4}.",
                results["rate"],
                loss(&results, pair(end)),
                loss(&results, pair(lowest))
            ),
            format!("above {:.3} each step across lands higher on the other side", 2.0 / across),
            format!("Autodiff is off by {:.1} · 10⁻⁷ of the largest derivative.", 1e7 * off),
        ],
    );
}

#[test]
fn how_far_adam_moves_a_row_that_was_silent() {
    let code = read("crates/train/src/run/adam.rs");
    let beta = |name: &str| {
        let (_, rest) = code.split_once(&format!("const {name}: f64 = ")).unwrap();
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
fn how_high_the_learning_rates_are() {
    let peak = |schedule: &str| {
        let peak = between("learning-rate", &format!("{schedule}: "), "e-4");
        format!("{peak} · 10⁻⁴")
    };
    let training = |model: &str| json(&format!("models/{model}/config.json"))["training"].take();
    let [ding, austen] = ["ding", "austen"].map(training);
    let cosine = &ding["schedule"]["cosine"];
    assert_eq!(cosine["peak"], austen["schedule"]["cosine"]["peak"], "both models have one peak");
    says(
        "adam",
        &[
            format!("there the rate is highest: {} for the base model,", peak("d 512, warm-up 4,000")),
            format!(
                "Half the width gives a peak $\\sqrt 2$ times as high, {}.",
                peak("d 256, warm-up 4,000")
            ),
            format!("lower by the same factor, {}.", peak("d 512, warm-up 8,000")),
            format!(
                "Their peak is {}; the translator warms up for {} of its {} steps",
                cosine["peak"],
                cosine["warmup"],
                thousands(ding["steps"].as_f64().unwrap())
            ),
        ],
    );
}

#[test]
fn what_label_smoothing_asks_for() {
    let lowest = number(&between("smoothing-penalty", "falls to 0 at x = ", ","));
    let back = between("smoothing-penalty", "rises again to ", " at x = ");
    let end = number(&between("smoothing-penalty", &format!("rises again to {back} at x = "), ".<"));
    let kept = between("smoothed-targets", "the target keeps ", ",");
    let others = between("smoothed-targets", "the three others but padding get ", " each");
    let smoothing = json("models/ding/config.json")["training"]["label_smoothing"].take();
    says(
        "regularisation",
        &[
            format!(
                "The target keeps {kept}. The other {:.1} are shared by three tokens, {others} each.",
                1.0 - number(&kept)
            ),
            format!(
                "At {lowest}: there the right token has {lowest}/{} = {:.1}, just what is asked. At {end} it has {:.2}, and \
                 the loss has risen again, to {back}.",
                lowest + 3.0,
                lowest / (lowest + 3.0),
                end / (end + 3.0)
            ),
            format!("The translator trains with {smoothing}."),
        ],
    );
}
