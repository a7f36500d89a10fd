//! Graphs are saved and read back; what isn't one is refused with a reason.

use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::{Tensor, activation};
use graph::{ComputationGraph, DrawOptions, LoadError, ViewOptions, compare, draw};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::model::{Shape, captured, symbolic};

#[derive(Module, Debug)]
struct Block {
    inner: Linear,
    norm: LayerNorm,
}

/// A block with a residual connection, in a span.
fn small() -> ComputationGraph {
    graph::capture("small", |session| {
        let device = session.device();
        let block =
            Block { inner: LinearConfig::new(3, 3).init(device), norm: LayerNormConfig::new(3).init(device) };
        session.parameters(&block);
        let x = session.input("x", Tensor::<2>::zeros([2, 3], device));
        let inside = |x: Tensor<2>| activation::softmax(activation::relu(block.inner.forward(x)), 1);
        let y = x.clone() + tracing::info_span!("inside").in_scope(|| inside(x));
        session.output("y", block.norm.forward(y));
        Ok(())
    })
    .unwrap()
}

fn error(text: &str) -> LoadError {
    ComputationGraph::from_json(text).unwrap_err()
}

#[test]
fn a_graph_that_was_saved_is_the_same() {
    for graph in [captured(&Shape::default()), symbolic().unwrap(), small()] {
        let json = graph.to_json();
        let read = ComputationGraph::from_json(&json).unwrap();
        assert_eq!(read.to_json(), json);
        assert_eq!(read.scopes(), graph.scopes());
        assert!(read.nodes().eq(graph.nodes()) && read.edges().eq(graph.edges()));
        assert_eq!(read.outline(), graph.outline());
        let options = || ViewOptions::new().depth(3);
        assert_eq!(read.view(&options()).unwrap(), graph.view(&options()).unwrap());
        assert!(compare(&graph, &read).unwrap().is_same());
    }
}

#[test]
fn without_sources_there_is_no_line_number_in_the_file() {
    let graph = small();
    assert!(graph.to_json().contains("compare_saved.rs"));
    let graph = graph.without_sources();
    assert!(!graph.to_json().contains("compare_saved.rs"));
    assert_eq!(ComputationGraph::from_json(&graph.to_json()).unwrap().to_json(), graph.to_json());
}

#[test]
fn what_is_no_graph_is_refused() {
    let json = small().to_json();
    assert!(matches!(error(""), LoadError::Json { line: 1, .. }));
    assert!(matches!(error(&json[..json.len() / 2]), LoadError::Json { .. }), "cut off");
    for other in ["[]", "{}", "3", "null", r#"{"format": "onnx", "version": 1}"#] {
        assert_eq!(error(other), LoadError::Format, "{other}");
    }
    let newer = json.replacen("\"version\":1", "\"version\":2", 1);
    assert_eq!(error(&newer), LoadError::Version { found: "2".into(), expected: 1 });
    assert!(error(&newer).to_string().contains("save it anew"));
    let unknown = json.replacen("\"kind\"", "\"sort\"", 1);
    assert!(matches!(error(&unknown), LoadError::Form { line, .. } if line > 1), "the line is named");
}

/// The text with `from`, which is in it, replaced once.
fn edited(json: &str, from: &str, to: &str) -> String {
    assert!(json.contains(from), "{from} is not in {json}");
    json.replacen(from, to, 1)
}

#[test]
fn what_refers_to_nothing_is_refused() {
    let json = small().without_sources().to_json();
    let dangling = |from: &str, to: &str| {
        let found = error(&edited(&json, from, to));
        assert!(matches!(found, LoadError::Dangling { .. }), "{from} -> {to}: {found}");
    };
    dangling("\"scope\":1", "\"scope\":99");
    dangling("\"gives\":[", "\"gives\":[99,");
    dangling("\"parent\":0", "\"parent\":1");
    dangling("\"parent\":0", "\"parent\":99");
    dangling(",\"parent\":0", "");
    dangling("{\"name\":\"x\",\"type\":0}", "{\"name\":\"x\",\"type\":77}");
    dangling("\"reads\":[0", "\"reads\":[[0,1]");
    dangling("\"reads\":[0", "\"reads\":[4294967296");
    dangling("\"reads\":[0", "\"reads\":[18446744073709551615");
}

#[test]
fn circles_doubles_and_absurd_sizes_are_refused() {
    let json = small().without_sources().to_json();
    let first = edited(&json, "\"reads\":[0", "\"reads\":[5");
    assert_eq!(error(&first), LoadError::Cycle { operation: 0, source_operation: 0 }, "its own result");
    assert!(matches!(error(&edited(&json, "\"reads\":[0", "\"reads\":[7")), LoadError::Cycle { .. }));
    let input = "{\"name\":\"x\",\"type\":0}";
    let twice = edited(&json, input, &format!("{input},{input}"));
    assert_eq!(error(&twice), LoadError::Duplicate { boundary: "input", name: "x".into() });
    for axes in ["[18446744073709551615,2]", "[0,1000000000,1000000000]", "[1125899906842625]"] {
        let large = edited(&json, "\"axes\":[2,3]", &format!("\"axes\":{axes}"));
        assert!(matches!(error(&large), LoadError::TooLarge { .. }), "{axes}");
    }
    for (list, what) in [("scopes", "scope"), ("operations", "operation"), ("outputs", "output")] {
        let (start, end) = (format!("\"{list}\":[\n"), "\n]");
        let from = json.find(&start).unwrap() + start.len();
        let to = from + json[from..].find(end).unwrap();
        let found = error(&format!("{}{}", &json[..from], &json[to..]));
        let expected = [LoadError::Empty { what }];
        // Without scopes, the first operation has none.
        assert!(expected.contains(&found), "{list}: {found}");
    }
}

#[test]
fn scopes_nested_too_deep_are_refused() {
    let json = small().without_sources().to_json();
    let deep: String = (2..400).map(|n| format!(",{{\"name\":\"s\",\"parent\":{}}}", n - 1)).collect();
    let scope = "{\"name\":\"inside\",\"parent\":0}";
    let found = error(&edited(&json, scope, &format!("{scope}{deep}")));
    assert!(matches!(found, LoadError::TooDeep { .. }), "{found}");
}

/// What is done with a graph must not panic, whatever was read.
fn use_it(text: &str, original: &ComputationGraph) -> bool {
    let Ok(graph) = ComputationGraph::from_json(text) else { return false };
    let _ = (graph.outline(), graph.to_dot(), graph.to_json());
    if let Ok(comparison) = compare(original, &graph) {
        let _ = (comparison.to_string(), comparison.to_json());
        let options = || ViewOptions::new().depth(3);
        let _ = comparison.draw(&options(), &options(), &DrawOptions::new("m"));
    }
    if let Ok(view) = graph.view(&ViewOptions::new().depth(9).every_operation()) {
        let _ = draw(&view, &DrawOptions::new("m"));
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 10_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    })]

    #[test]
    fn mutated_files_never_panic(edits in proptest::collection::vec((any::<prop::sample::Index>(), 0_u8..=127), 1..4)) {
        thread_local! {
            static GRAPH: (ComputationGraph, String) = {
                let graph = small().without_sources();
                let json = graph.to_json();
                (graph, json)
            };
        }
        GRAPH.with(|(graph, json)| {
            let mut bytes = json.clone().into_bytes();
            for (place, byte) in edits {
                let place = place.index(bytes.len());
                match byte {
                    0..=15 => _ = bytes.remove(place),
                    // Digits are the most likely to give another graph.
                    16..=63 => bytes[place] = b'0' + byte % 10,
                    byte => bytes[place] = byte,
                }
            }
            use_it(&String::from_utf8(bytes).unwrap(), graph);
        });
    }
}

#[test]
fn a_number_changed_here_and_there_gives_another_graph_or_a_reason() {
    let graph = small().without_sources();
    let json = graph.to_json();
    let mut read = 0;
    for (place, _) in json.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
        for digit in ['0', '3', '9'] {
            let text = format!("{}{digit}{}", &json[..place], &json[place + 1..]);
            read += usize::from(use_it(&text, &graph));
        }
    }
    assert!(read > 60, "only {read} were read");
}
