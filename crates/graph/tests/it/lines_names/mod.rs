//! A name leads to what it stands for in the file that it is written in, and not to what others call the same.

mod kinds;
mod other;
mod own;
mod shown;

use burn::nn::LinearConfig;
use burn::tensor::Tensor;
use graph::{ComputationGraph, Session, capture};

/// An operation's kind, the file of its line, and the line.
fn lines(graph: &ComputationGraph) -> Vec<(String, Option<(String, u32)>)> {
    let of = |operation: &graph::Operation| {
        let source = operation.source.as_ref().map(|source| {
            let file = source.file.rsplit("lines_names/").next().unwrap_or_default();
            (file.to_owned(), source.line)
        });
        (operation.kind.clone(), source)
    };
    graph.operations().map(of).collect()
}

/// Fails unless every operation leads to a line of that file which has a word of its own kind's.
fn check(graph: &ComputationGraph, file: &str, text: &str, words: &[(&str, &str)]) {
    for (kind, source) in lines(graph) {
        let (found, line) = source.unwrap_or_else(|| panic!("{kind} has no line"));
        assert_eq!(found, file, "{kind} on line {line}");
        let line = text.lines().nth(line as usize - 1).unwrap_or_default();
        let (_, word) = words.iter().find(|(known, _)| *known == kind).unwrap_or(&("", ""));
        assert!(!word.is_empty() && line.contains(word), "{kind} was made by {line:?}");
    }
}

fn x(session: &Session) -> Tensor<2> {
    session.input("x", Tensor::<2>::zeros([4, 6], session.device()))
}

#[test]
fn a_method_of_a_foreign_type_is_not_that_of_a_trait_which_is_not_imported() {
    let graph = capture("names", |session| {
        let net = own::Net::new(session.device());
        session.parameters(&net);
        session.output("y", net.forward(x(session)));
        Ok(())
    });
    let linear = ["matmul", "add", "reshape"].map(|kind| (kind, "self.inner.forward"));
    check(&graph.unwrap(), "own.rs", include_str!("own.rs"), &linear);
}

#[test]
fn a_method_of_a_trait_that_is_imported_leads_into_it() {
    for by_glob in [false, true] {
        let graph = capture("names", |session| {
            let net = shown::Net::new(session.device());
            session.parameters(&net);
            let y = if by_glob { shown::by_glob::run(&net.inner, x(session)) } else { net.run(x(session)) };
            session.output("y", y);
            Ok(())
        });
        let graph = graph.unwrap();
        assert_eq!(graph.count("sin"), 1);
        let sin = lines(&graph).into_iter().find(|(kind, _)| kind == "sin").unwrap();
        let line =
            include_str!("other.rs").lines().position(|line| line.contains(".sin()")).unwrap() as u32 + 1;
        assert_eq!(sin.1, Some(("other.rs".to_owned(), line)), "by glob: {by_glob}");
    }
}

#[test]
fn a_type_is_that_of_the_file_which_names_it() {
    // `own` and `other` each have a `Block`, and so has `kinds`.
    let graph = capture("names", |session| {
        let block = other::Block::new(session.device());
        session.parameters(&block);
        session.output("y", block.forward(x(session)));
        Ok(())
    });
    let words = [("matmul", "inner"), ("add", "inner"), ("reshape", "inner"), ("log", ".log()")];
    check(&graph.unwrap(), "other.rs", include_str!("other.rs"), &words);
}

#[test]
fn the_kinds_of_a_type_have_their_own_fields() {
    let graph = capture("names", |session| {
        let net = kinds::Net::new(session.device());
        session.parameters(&net);
        session.output("y", net.forward(x(session)));
        Ok(())
    });
    let graph = graph.unwrap();
    assert_eq!((graph.count("tanh"), graph.count("exp")), (2, 1));
    let words =
        [("matmul", "inner"), ("add", "inner"), ("reshape", "inner"), ("tanh", ".tanh()"), ("exp", ".exp()")];
    check(&graph, "kinds.rs", include_str!("kinds.rs"), &words);
}

/// What a helper tells the session of makes nothing, so that it takes nothing from the model.
fn told(session: &Session) -> Tensor<2> {
    session.input("x", Tensor::<2>::zeros([4, 6], session.device()))
}

#[test]
fn telling_of_an_input_makes_no_operation() {
    let graph = capture("names", |session| {
        let told = told(session);
        let linear = LinearConfig::new(6, 6).init(session.device());
        session.parameters(&linear);
        session.output("y", linear.forward(told)); // here
        Ok(())
    });
    let text = include_str!("mod.rs");
    for (kind, source) in lines(&graph.unwrap()) {
        let (_, line) = source.unwrap_or_else(|| panic!("{kind} has no line"));
        assert!(text.lines().nth(line as usize - 1).unwrap().ends_with("// here"), "{kind} on line {line}");
    }
}

/// Two methods explain as much, and nothing says which of them it was: neither line is claimed.
#[test]
fn where_two_methods_explain_as_much_no_line_is_claimed() {
    let graph = capture("names", |session| {
        session.output("y", kinds::either(x(session)));
        Ok(())
    });
    assert_eq!(lines(&graph.unwrap()), [("exp".to_owned(), None)]);
}

/// One kind does all that another does, and an activation after it. The activation's absence tells them apart.
#[test]
fn a_module_that_is_called_like_an_operation_makes_it() {
    for is_deep in [false, true] {
        let graph = capture("names", |session| {
            let net = kinds::Depth::new(is_deep, session.device());
            session.parameters(&net);
            session.output("y", net.forward(x(session)));
            Ok(())
        });
        let word = if is_deep { "// deep" } else { "// shallow" };
        let words = ["matmul", "add", "reshape", "relu"].map(|kind| (kind, word));
        check(&graph.unwrap(), "kinds.rs", include_str!("kinds.rs"), &words);
    }
}
