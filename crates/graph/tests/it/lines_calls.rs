//! A span knows the whole way of calls from the function of the span around: not only the last, which may stand in a
//! helper.

use burn::tensor::Tensor;
use graph::{ComputationGraph, Scope, capture};

const THIS: &str = include_str!("lines_calls.rs");

#[tracing::instrument(name = "inner", skip_all)]
fn inner(x: Tensor<2>, f: impl Fn(Tensor<2>) -> Tensor<2>) -> Tensor<2> {
    f(x.clone()) + x
}

/// Has no span.
fn helper(x: Tensor<2>) -> Tensor<2> {
    inner(x, |x| x.exp()) // in the helper
}

/// Has none either.
fn further(x: Tensor<2>) -> Tensor<2> {
    helper(x) // in another
}

#[expect(clippy::redundant_closure, reason = "the call is to stand inside a closure")]
#[tracing::instrument(name = "outer", skip_all)]
fn outer(x: Tensor<2>) -> Tensor<2> {
    let x = inner(x, |x| x.log()); // at once
    let x = further(x); // by two helpers
    Some(x).map(|x| helper(x)).unwrap() // by a closure
}

fn graph() -> ComputationGraph {
    capture("calls", |session| {
        let x = session.input("x", Tensor::<2>::ones([5, 7], session.device()));
        session.output("y", outer(x));
        Ok(())
    })
    .unwrap()
}

/// What the comments say behind the lines that led to a scope, the outermost first.
fn told(scope: &Scope) -> Vec<&'static str> {
    let comment = |line: u32| THIS.lines().nth(line as usize - 1)?.split_once(" // ").map(|(_, told)| told);
    scope.calls.iter().chain(&scope.called_at).map(|source| comment(source.line).unwrap_or("?")).collect()
}

#[test]
fn a_span_says_by_which_way_it_was_called() {
    let graph = graph();
    let inner: Vec<Vec<&str>> =
        graph.scopes().iter().filter(|scope| scope.name == "inner").map(told).collect();
    assert_eq!(
        inner,
        [
            vec!["at once"],
            vec!["by two helpers", "in another", "in the helper"],
            vec!["by a closure", "in the helper"]
        ]
    );
}

#[test]
fn the_way_is_saved_and_left_out_with_all_places() {
    let graph = graph();
    let calls = |graph: &ComputationGraph| -> Vec<_> {
        graph.scopes().iter().map(|scope| scope.calls.clone()).collect()
    };
    let again = ComputationGraph::from_json(&graph.to_json()).unwrap();
    assert_eq!(calls(&again), calls(&graph));
    assert!(calls(&graph.without_sources()).iter().all(Vec::is_empty));
}
