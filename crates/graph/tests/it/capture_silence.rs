//! Nothing is left out without a word: what is wrong is an error, what may be meant is a note, and both say what to do.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use graph::view::BoxKind;
use graph::{CaptureError, ClosureError, ComputationGraph, Note, Session, ViewError, ViewOptions, capture};

fn zeros(session: &Session) -> Tensor<2> {
    Tensor::zeros([2, 3], session.device())
}

fn captured(closure: impl FnOnce(&Session) -> Result<(), ClosureError>) -> ComputationGraph {
    capture("net", closure).unwrap()
}

fn error(closure: impl FnOnce(&Session)) -> CaptureError {
    let closure = |session: &Session| {
        closure(session);
        Ok(())
    };
    capture("net", closure).unwrap_err()
}

#[derive(Module, Debug)]
struct Two {
    first: Linear,
    second: Linear,
}

impl Two {
    fn new(device: &Device) -> Self {
        Self { first: LinearConfig::new(3, 4).init(device), second: LinearConfig::new(4, 3).init(device) }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        self.second.forward(self.first.forward(x))
    }
}

#[test]
fn a_module_whose_parameters_are_not_declared() {
    let graph = captured(|session| {
        let two = Two::new(session.device());
        let y = tracing::info_span!("body").in_scope(|| two.forward(session.input("x", zeros(session))));
        session.output("y", y);
        Ok(())
    });
    let notes = graph.notes();
    let [note @ Note::Undeclared { operations: 2, kind, scope }] = notes.as_slice() else {
        panic!("{notes:?}")
    };
    assert_eq!((kind.as_str(), scope.as_str()), ("matmul", "body"));
    assert!(note.to_string().contains("call `session.parameters(&module)`"), "{note}");
    assert!(graph.outline().contains("note: 2 operations"), "{}", graph.outline());
}

#[test]
fn one_module_of_two_whose_parameters_are_not_declared() {
    let graph = captured(|session| {
        let (known, unknown) = (Two::new(session.device()), Two::new(session.device()));
        session.parameters(&known);
        session.output("y", unknown.forward(known.forward(session.input("x", zeros(session)))));
        Ok(())
    });
    assert!(
        matches!(graph.notes().as_slice(), [Note::Undeclared { operations: 2, .. }]),
        "{:?}",
        graph.notes()
    );
}

#[test]
fn parameters_declared_after_the_forward_pass_are_known_as_well() {
    let text = |late: bool| {
        let graph = captured(|session| {
            let two = Two::new(session.device());
            let x = session.input("x", zeros(session));
            if !late {
                session.parameters(&two);
            }
            session.output("y", two.forward(x));
            if late {
                session.parameters(&two);
            }
            Ok(())
        });
        assert_eq!(graph.notes(), []);
        graph.outline()
    };
    assert_eq!(text(true), text(false));
}

#[test]
fn data_in_a_graph_with_parameters_is_no_forgotten_weight() {
    let graph = captured(|session| {
        let two = Two::new(session.device());
        session.parameters(&two);
        let filter =
            Tensor::<2>::from_floats([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 3.0]], session.device());
        session.output("y", two.forward(session.input("x", zeros(session))).matmul(filter));
        Ok(())
    });
    assert_eq!(graph.notes(), []);
}

#[test]
fn parameters_that_nothing_reads_and_paths_that_two_have() {
    let graph = captured(|session| {
        let (actor, critic) = (Two::new(session.device()), Two::new(session.device()));
        session.parameters(&actor);
        session.parameters(&critic);
        session.output("y", actor.forward(session.input("x", zeros(session))));
        Ok(())
    });
    let notes = graph.notes();
    let shared = notes.iter().filter(|note| matches!(note, Note::SharedPath { .. })).count();
    let unread: Vec<_> = notes
        .iter()
        .filter_map(|note| if let Note::Unread { paths } = note { Some(paths.len()) } else { None })
        .collect();
    assert_eq!((shared, unread), (4, vec![4]), "{notes:?}");
}

#[test]
fn a_prefix_tells_two_modules_apart() {
    let graph = captured(|session| {
        let (actor, critic) = (Two::new(session.device()), Two::new(session.device()));
        session.parameters_of("actor", &actor);
        session.parameters_of("critic", &critic);
        let x = session.input("x", zeros(session));
        session.output("action", actor.forward(x.clone()));
        session.output("value", critic.forward(x));
        Ok(())
    });
    assert_eq!(graph.notes(), []);
    let paths: Vec<&str> = graph.parameters().map(|parameter| parameter.paths[0].as_str()).collect();
    assert_eq!((paths[0], paths[4]), ("actor.first.weight", "critic.first.weight"));
    let view = graph.view(&ViewOptions::new()).unwrap();
    for name in ["actor", "critic"] {
        assert!(view.boxes.iter().any(|b| b.label == name), "{view:?}");
    }
}

#[test]
fn one_tensor_under_two_names() {
    let twice = error(|session| {
        let x = zeros(session);
        let (a, b) = (session.input("a", x.clone()), session.input("b", x));
        session.output("y", a + b);
    });
    assert!(
        matches!(&twice, CaptureError::SameTensor { first, second } if first == "a" && second == "b"),
        "{twice}"
    );
    let weight = error(|session| {
        let two = Two::new(session.device());
        session.parameters(&two);
        let w = session.input("w", two.first.weight.val());
        session.output("y", zeros(session).matmul(w));
    });
    assert_eq!(
        weight.to_string(),
        "`w` is the very tensor that is named `first.weight` already: declare it once, or make a tensor of its own for \
         each name"
    );
}

#[test]
fn one_result_under_two_names_is_two_outputs() {
    let graph = captured(|session| {
        let y = session.input("x", zeros(session)).exp();
        session.output("y", y.clone());
        session.output("z", y);
        Ok(())
    });
    let view = graph.view(&ViewOptions::new()).unwrap();
    assert_eq!(view.boxes.iter().filter(|b| b.kind == BoxKind::Output).count(), 2);
    assert_eq!(view.edges.len(), 3);
}

#[test]
fn empty_names() {
    let unnamed = [
        error(|session| session.output("y", session.input("", zeros(session)).exp())),
        error(|session| session.output(" ", session.input("x", zeros(session)).exp())),
        error(|session| session.parameters_of("", &Two::new(session.device()))),
        capture("", |_| Ok(())).unwrap_err(),
    ];
    for error in unnamed {
        assert!(matches!(error, CaptureError::NoName { .. }), "{error}");
    }
}

#[test]
fn a_model_that_does_nothing() {
    let identity = error(|session| session.output("y", session.input("x", zeros(session))));
    assert!(
        matches!(&identity, CaptureError::Identity { output, given, .. } if output == "y" && given == "x")
    );
    assert!(identity.to_string().contains("its output `y` is `x` itself"), "{identity}");
}

#[test]
fn an_output_that_is_an_input_is_drawn() {
    let graph = captured(|session| {
        let x = session.input("x", zeros(session));
        session.output("unchanged", x.clone());
        session.output("y", x.exp());
        Ok(())
    });
    let view = graph.view(&ViewOptions::new()).unwrap();
    let mut edges: Vec<_> =
        view.edges.iter().map(|edge| [edge.from, edge.to].map(|id| view.boxes[id].label.as_str())).collect();
    edges.sort();
    assert_eq!(edges, [["Exp", "y"], ["x", "Exp"], ["x", "unchanged"]]);
}

#[test]
fn an_output_that_is_a_parameter_is_told() {
    let graph = captured(|session| {
        let two = Two::new(session.device());
        session.parameters(&two);
        session.output("w", two.first.weight.val());
        session.output("y", two.forward(session.input("x", zeros(session))));
        Ok(())
    });
    let expected = Note::BareParameter { output: "w".into(), path: "first.weight".into() };
    assert_eq!(graph.notes(), [expected]);
}

#[test]
fn paths_that_name_nothing() {
    let graph = captured(|session| {
        let two = Two::new(session.device());
        session.parameters(&two);
        let x = session.input("image", zeros(session));
        let y = tracing::info_span!("encoder").in_scope(|| {
            let x = tracing::info_span!("attention").in_scope(|| two.forward(x).exp());
            tracing::info_span!("network").in_scope(|| two.forward(x).sin())
        });
        session.output("y", y);
        Ok(())
    });
    type Choice = fn(ViewOptions<'static>, &'static str) -> ViewOptions<'static>;
    let choices: [(&str, Choice); 3] =
        [("open", |o, p| o.open(p)), ("close", |o, p| o.close(p)), ("highlight", |o, p| o.highlight(p))];
    for (name, choice) in choices {
        for (typed, meant) in [("encoder/atention", "encoder/attention"), ("**/netwrok", "**/network")] {
            let error = graph.view(&choice(ViewOptions::new(), typed)).unwrap_err();
            let ViewError::NoMatch { option, nearest, .. } = &error else { panic!("{error}") };
            assert_eq!((*option, nearest[0].as_str()), (name, meant), "{error}");
            assert!(
                error
                    .to_string()
                    .contains(&format!("{name}(\"{typed}\") finds nothing in `net`; there is {meant}"))
            );
            assert!(graph.view(&choice(ViewOptions::new(), meant)).is_ok());
        }
    }
    assert!(graph.view(&ViewOptions::new().highlight("image")).is_ok(), "inputs can be highlighted");
    assert!(graph.view(&ViewOptions::new().highlight("imag")).is_err());
}
