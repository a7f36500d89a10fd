//! `--int8`: a trained model in use, with numbers of eight bits.

use serde_json::Value;

use crate::common::{Program, model};

/// What `train eval` finds with more arguments, and without.
fn examined(more: &[&str]) -> Value {
    let model = model("ding");
    let line = Program::new().succeed(&[&["eval", &model, "--json"], more].concat(), "");
    serde_json::from_str(&line).unwrap()
}

#[test]
fn a_model_translates_as_well_as_with_all_its_digits() {
    let [exact, rounded] = [examined(&[]), examined(&["--int8"])];
    let [exact_nll, rounded_nll] = [&exact, &rounded].map(|found| found["nll"].as_f64().unwrap());
    assert!((exact_nll - rounded_nll).abs() < 0.005, "{rounded_nll} nats a token, and not {exact_nll}");
    assert_ne!(exact_nll, rounded_nll, "nothing was rounded");
    let [exact, rounded] = [&exact, &rounded].map(|found| found["bleu"].as_f64().unwrap());
    assert!((exact - rounded).abs() < 0.3, "a BLEU of {rounded}, and not {exact}");
}

#[test]
fn it_is_refused_where_it_would_do_nothing() {
    let model = model("austen");
    let refused = |more: &[&str], parts: &[&str]| {
        Program::new().fail(&[&["generate", &model, "--int8"], more].concat(), "", parts);
    };
    refused(&["--device", "ndarray"], &["--int8", "expected --device flex, found ndarray"]);
    refused(&["--textbook"], &["--int8", "expected either it or --textbook, found both"]);
}
