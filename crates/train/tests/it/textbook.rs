//! `--textbook`: the model as the book shows it, instead of operations that do the same faster.

use crate::common::{Program, json_lines, losses, translate};

#[test]
fn a_run_by_the_book_learns_the_same() {
    let program = Program::new();
    program.add_pairs("");
    let train = |out: &'static str, more: &[&'static str]| {
        let more = [&["--steps", "7", "--dropout", "0.2"], more].concat();
        program.succeed(&translate(out, &more), "");
        let losses = losses(&program.path(out));
        let of = |line: &String| json_lines(line)[0]["loss"].as_f64().unwrap();
        losses.iter().map(of).collect::<Vec<_>>()
    };
    let (fused, textbook) = (train("fused", &[]), train("textbook", &["--textbook"]));
    assert!(fused.len() >= 7 && fused.len() == textbook.len(), "{fused:?} {textbook:?}");
    for (fused, textbook) in fused.iter().zip(&textbook) {
        assert!((fused - textbook).abs() < 1e-4 * textbook, "{fused} is not {textbook}");
    }
    // Other sums round differently, so the same to the last digit would be the same operations.
    assert_ne!(fused, textbook);
    let [by_default, by_the_book] =
        [&["eval", "fused"][..], &["eval", "fused", "--textbook"]].map(|args| program.succeed(args, ""));
    assert_eq!(by_default, by_the_book, "what is examined is as good");
}
