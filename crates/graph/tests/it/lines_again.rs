//! What was found out of one capture serves the next: for the same code alone, and on every thread.

use burn::tensor::Tensor;
use graph::{ComputationGraph, Session, capture};

fn x(session: &Session) -> Tensor<1> {
    session.input("x", Tensor::<1>::zeros([3], session.device()))
}

/// Two closures that do the same on different lines, and those lines.
fn both() -> [(ComputationGraph, u32); 2] {
    let one = capture("again", |session| {
        session.output("y", x(session).exp());
        Ok(())
    });
    let first = line!() - 3;
    let other = capture("again", |session| {
        session.output("y", x(session).exp());
        Ok(())
    });
    [(one.unwrap(), first), (other.unwrap(), line!() - 3)]
}

fn check() {
    for (graph, line) in both() {
        let exp = graph.operations().find(|operation| operation.kind == "exp").unwrap();
        let source = exp.source.as_ref().unwrap();
        assert_eq!((source.file.as_str(), source.line), ("crates/graph/tests/it/lines_again.rs", line));
    }
}

#[test]
fn equal_closures_keep_their_own_lines_however_often_and_wherever_they_run() {
    let threads: Vec<_> = (0..3).map(|_| std::thread::spawn(|| (0..3).for_each(|_| check()))).collect();
    check();
    for thread in threads {
        thread.join().unwrap();
    }
}
