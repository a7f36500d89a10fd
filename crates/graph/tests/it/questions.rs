//! Questions about pictures, and what is covered in them.

use burn::nn::transformer::{TransformerEncoderConfig, TransformerEncoderInput};
use burn::tensor::Tensor;
use graph::view::{BoxKind, EdgeRole, View};
use graph::{Asks, DrawError, DrawOptions, Question, Symbol, ViewOptions, capture_symbolic, draw, questions};

use crate::sketch::Sketch;

/// Burn's own encoder, of so many layers, heads and hidden numbers, two levels deep.
fn encoder(layers: usize, heads: usize, d_ff: usize) -> View {
    let symbols = [Symbol::new("batch", 2, 3), Symbol::new("length", 10, 7)];
    let graph = capture_symbolic("encoder", &symbols, |session, s| {
        let encoder = TransformerEncoderConfig::new(44, d_ff, heads, layers).init(session.device());
        session.parameters(&encoder);
        let x = Tensor::<3>::zeros([s["batch"], s["length"], 44], session.device());
        let x = session.input("x", x);
        session.output("encoded", encoder.forward(TransformerEncoderInput::new(x)));
        Ok(())
    });
    graph.unwrap().view(&ViewOptions::new().depth(2)).unwrap()
}

fn first(view: &View, about: Asks) -> Question {
    let found = questions(view).into_iter().find(|question| question.about == about);
    found.unwrap_or_else(|| panic!("nobody asks for {}", about.word()))
}

#[test]
fn a_module_of_more_layers_has_another_answer() {
    for (layers, expected) in [(3, "Three."), (5, "Five.")] {
        let asked = first(&encoder(layers, 4, 60), Asks::Repeats);
        assert_eq!(asked.answer, expected);
        assert!(
            asked.asks.contains("“layers”") && asked.because.contains(&format!("“{layers}×”")),
            "{asked:?}"
        );
    }
}

#[test]
fn a_wider_network_has_more_parameters() {
    for d_ff in [60, 61] {
        let view = encoder(3, 4, d_ff);
        let asked = questions(&view)
            .into_iter()
            .find(|asked| asked.about == Asks::Parameters && asked.key.ends_with("/pwff"));
        let asked = asked.unwrap();
        let expected = 44 * d_ff + d_ff + d_ff * 44 + 44;
        assert_eq!(asked.answer.replace([',', '.'], ""), expected.to_string());
        assert!(asked.because.contains("all three together have"), "{asked:?}");
    }
}

#[test]
fn spans_that_follow_each_other_are_counted() {
    let sums = |layers: usize| {
        let graph = crate::listed::graph(|session| {
            let mut x = session.input("x", Tensor::<2>::zeros([3, 5], session.device()));
            for _ in 0..layers {
                x = tracing::info_span!("layer").in_scope(|| (x.clone() * 2.0).exp() + x);
            }
            session.output("y", x);
        });
        crate::listed::shown(&graph, 2)
    };
    assert_eq!([3, 4].map(|layers| first(&sums(layers), Asks::Repeats).answer), ["Three.", "Four."]);
    assert_eq!(first(&sums(3), Asks::Residuals).asks, "How many residual connections has one “layer”?");
}

#[test]
fn other_heads_are_another_shape() {
    let inside = |heads: usize| {
        let symbols =
            [Symbol::new("batch", 2, 3), Symbol::new("length", 10, 7), Symbol::new("heads", heads, 2)];
        let graph = capture_symbolic("scores", &symbols, |session, s| {
            let tensor = |name: &str| {
                session.input(
                    name,
                    Tensor::<4>::zeros([s["batch"], s["heads"], s["length"], 11], session.device()),
                )
            };
            let (query, key) = (tensor("query"), tensor("key"));
            session.output("scores", query.matmul(key.swap_dims(2, 3)) / 3.0);
            Ok(())
        });
        let view = graph.unwrap().view(&ViewOptions::new().depth(1)).unwrap();
        let detail = view.boxes.iter().find(|found| found.kind == BoxKind::Linear).unwrap().detail.join(" ");
        (first(&view, Asks::Shape), first(&view, Asks::Next), detail)
    };
    let (shape, next, detail) = inside(8);
    assert_eq!(shape.answer, "[batch, heads, length, length].");
    assert_eq!(next.answer, "“Scale”.");
    assert!(detail.contains("[2, 8, 10, 10]") && inside(6).2.contains("[2, 6, 10, 10]"), "{detail}");
}

/// Two towers, of which the right one reads the left one twice.
fn towers() -> Sketch {
    let mut sketch = Sketch::new();
    let source = sketch.add(0, "Source", BoxKind::Input);
    let left = sketch.add(0, "Left", BoxKind::Scope);
    let mixed = sketch.add(left, "Mix", BoxKind::Attention);
    let norm = sketch.add(left, "Norm", BoxKind::Norm);
    let right = sketch.add(0, "Right", BoxKind::Scope);
    let begin = sketch.add(right, "Begin", BoxKind::Linear);
    let look = sketch.add(right, "Look", BoxKind::Attention);
    let end = sketch.add(right, "Norm", BoxKind::Norm);
    let out = sketch.add(0, "Out", BoxKind::Output);
    sketch.flow(&[source, mixed, norm]);
    sketch.flow(&[source, begin, look, end, out]);
    sketch.edge(norm, look, EdgeRole::Lateral);
    sketch.view.edges.last_mut().unwrap().uses = 2;
    sketch.edge(source, norm, EdgeRole::Residual);
    sketch.edge(begin, end, EdgeRole::Residual);
    sketch.edge(begin, end, EdgeRole::Residual);
    sketch.view.boxes[right].repeat = 4;
    sketch.view.boxes[left].repeat = 1;
    for (id, each, all) in [(right, 30, 120), (begin, 20, 20), (look, 10, 10)] {
        (sketch.view.boxes[id].each, sketch.view.boxes[id].parameters) = (each, all);
    }
    sketch.view.boxes[0].each = 120;
    sketch
}

#[test]
fn a_picture_answers_what_it_shows() {
    let view = towers().view;
    let said = |about: Asks| {
        let Question { asks, answer, because, .. } = first(&view, about);
        [asks, answer, because].join(" | ")
    };
    for (about, expected) in [
        (
            Asks::Repeats,
            "“Right” stands for several equal ones in a row. How many? | Four. | “4×” stands beside it. Each of them has 30 \
             parameters, and all together have 120.",
        ),
        (
            Asks::Residuals,
            "How many residual connections has one “Right”? | Two. | They end in “Norm”. There, what came around is added to \
             what was computed.",
        ),
        (
            Asks::Boxes,
            "How many boxes in this picture are called “Norm”? | Two. | They are “Norm of the Left” and “Norm of the Right”.",
        ),
        (
            Asks::Reads,
            "What does “Look of the Right” read? | “Begin of the Right” and “Norm of the Left” (twice). | Three arrows end in it: \
             [batch, d_model] from “Begin of the Right” and twice [batch, d_model] from “Norm of the Left”.",
        ),
        (
            Asks::Readers,
            "Which boxes read “Source”? | “Mix of the Left” and “Begin of the Right”. | Two lines lead there from it, with \
             [batch, d_model].",
        ),
        (
            Asks::Next,
            "Which box comes right after “Mix of the Left”? | “Norm”. | A single line leaves “Mix of the Left”, and it \
             leads there, with [batch, d_model].",
        ),
        (
            Asks::Parameters,
            "How many parameters has one “Begin of the Right”? | 20. | That is 67 % of what is in “Right”; all four together \
             have 80.",
        ),
    ] {
        assert_eq!(said(about), expected);
    }
}

#[test]
fn every_question_has_a_place_of_its_own() {
    let view = encoder(3, 4, 60);
    let asked = questions(&view);
    assert!(asked.len() > 5, "{asked:#?}");
    let mut places: Vec<_> = asked.iter().map(|asked| (asked.about, asked.key.clone())).collect();
    let count = places.len();
    places.sort();
    places.dedup();
    assert_eq!(places.len(), count);
    let is_ended = |asked: &Question| {
        asked.asks.ends_with('?') && asked.answer.ends_with('.') && asked.because.ends_with('.')
    };
    assert!(asked.iter().all(is_ended), "{asked:#?}");
    assert_eq!(questions(&view), asked);
    let empty = View { title: String::new(), description: String::new(), boxes: vec![], edges: vec![] };
    assert_eq!(questions(&empty), []);
    assert_eq!(questions(&Sketch::new().view), []);
}

#[test]
fn a_covered_box_says_nothing_and_nothing_moves() {
    let mut sketch = towers();
    sketch.view.boxes[7].detail = vec!["secret".into()];
    let view = &sketch.view;
    let key = view.boxes[7].key.clone();
    let open = draw(view, &DrawOptions::new("t")).unwrap();
    let covered = draw(view, &DrawOptions::new("t").cover(&key)).unwrap();
    assert!(open.svg.contains(">Look<") && open.svg.contains("secret"));
    assert!(
        !covered.svg.contains("Look") && !covered.svg.contains("secret") && covered.svg.contains(">?</text>")
    );
    let places = |svg: &str| {
        svg.split("<rect class=\"r\"")
            .skip(1)
            .map(|r| r.split('>').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(places(&open.svg), places(&covered.svg));
    assert_eq!((open.width, open.height), (covered.width, covered.height));
    roxmltree::Document::parse(&covered.svg).unwrap();
    for wrong in ["nowhere", view.boxes[5].key.as_str()] {
        let error = draw(view, &DrawOptions::new("t").cover(wrong)).unwrap_err();
        assert_eq!(error, DrawError::Cover(wrong.to_owned()));
    }
}
