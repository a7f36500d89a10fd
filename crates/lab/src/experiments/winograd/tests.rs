//! The committed networks, as far as they can be looked at without training them for minutes.

use std::path::Path;

use burn::tensor::Device;
use serde_json::{Value, to_value};

use super::*;

const HINT: &str = "run `cargo run -p lab -- book winograd`";

fn committed() -> Results {
    #[derive(Deserialize)]
    struct Stored {
        results: Results,
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/figures/lab/winograd/results.json");
    let Stored { results } = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    results
}

fn json(value: &impl Serialize) -> Value {
    to_value(value).unwrap()
}

/// What the sentences are and how large the model is follows from the seed, without training.
#[test]
fn the_committed_sentences_and_sizes_are_drawn_anew() {
    let results = committed();
    let sets = Sets::drawn(&mut Random::new(results.runs[0].seed, SENTENCES));
    let (english, german) = vocabularies(&sets);
    assert_eq!(json(&results.language), json(&Language::of(&sets, &english, &german)), "{HINT}");
    let sizes = training::sizes(english.size(), german.size());
    let network = Network::of(&sizes, sizes.init(&Device::flex()).unwrap().num_params());
    assert_eq!(json(&results.network), json(&network), "{HINT}");
    assert_eq!(results.runs.iter().map(|run| run.seed).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

/// Its beginning alone: later, the last digits of single precision decide.
#[test]
fn a_committed_network_begins_as_it_is_trained() {
    let run = committed().runs.swap_remove(1);
    let sets = Sets::drawn(&mut Random::new(run.seed, SENTENCES));
    let (english, german) = vocabularies(&sets);
    let sizes = training::sizes(english.size(), german.size());
    let examples = examples(&sets, &english, &german).unwrap();
    let mut losses = Vec::new();
    let plan = Plan { seed: run.seed, steps: 2 };
    training::trained(&examples, &sizes, plan, &Device::flex(), |_, nll| losses.push(nll)).unwrap();
    assert_eq!(losses.len(), 2);
    assert!((losses[0] / run.losses[0] - 1.0).abs() < 1e-3, "{losses:?} is not {}: {HINT}", run.losses[0]);
}

/// Whether two values differ in the last digits of numbers at most, as reading and writing them may leave them.
fn alike(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() < 1e-9,
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| alike(a, b)))
        }
        (a, b) => a == b,
    }
}

/// What is told of all networks together follows from what is told of each.
#[test]
fn the_summary_follows_from_the_runs() {
    let results = committed();
    assert!(alike(&json(&results.summary), &json(&Summary::of(&results.runs))), "{HINT}");
}
