//! Captures on several threads at once keep their spans apart.

use burn::tensor::Tensor;
use graph::capture;

#[tracing::instrument(name = "inner", skip_all)]
fn inner(x: Tensor<2>) -> Tensor<2> {
    x.exp()
}

#[test]
fn spans_of_other_threads_do_not_interfere() {
    let threads: Vec<_> = (0..8)
        .map(|n| {
            std::thread::spawn(move || {
                for round in 0..20 {
                    // Without a capture, the span must neither be lost for others nor be recorded.
                    if (n + round) % 3 == 0 {
                        tracing::info_span!("outside").in_scope(|| ());
                        continue;
                    }
                    let graph = capture("threaded", |session| {
                        let x = session.input("x", Tensor::<2>::zeros([2, 2], session.device()));
                        let y = tracing::info_span!("outer").in_scope(|| inner(x).sin());
                        session.output("y", y);
                        Ok(())
                    })
                    .expect("it can be captured");
                    let paths: Vec<_> = (0..graph.operation_count())
                        .map(|number| graph.path(graph.scope_of(number)))
                        .collect();
                    assert_eq!(paths, ["outer/inner", "outer"]);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no thread panics");
    }
}
