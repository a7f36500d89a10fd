//! What someone meets who uses the crate for the first time.

use burn::nn::LinearConfig;
use burn::prelude::*;
use graph::prelude::*;

/// Both preludes at once, and in the other modules here everything of `graph` beside everything of Burn's prelude: names
/// that collide would not compile.
mod everything {
    use burn::prelude::*;
    use graph::*;

    pub(super) fn twice() -> Result<ComputationGraph, CaptureError> {
        capture("twice", |session: &Session| {
            let x: Tensor<2> = session.input("x", Tensor::zeros([2, 3], session.device()));
            session.output("y", x * 2.0);
            Ok(())
        })
    }
}

fn layer(session: &Session) -> Result<(), graph::ClosureError> {
    let device: &Device = session.device();
    let linear = LinearConfig::new(3, 4).init(device);
    session.parameters(&linear);
    let x = session.input("x", Tensor::<2>::zeros([2, 3], device));
    session.output("y", linear.forward(x));
    Ok(())
}

#[test]
fn both_preludes_at_once() {
    assert_eq!(everything::twice().unwrap().count("mul_scalar"), 1);
    let graph: ComputationGraph = capture("layer", layer).unwrap();
    let rules = Rules::new().rule("**", Style::label("My layer").kind(BoxKind::Linear));
    let view = graph.view(&ViewOptions::new().labels(rules)).unwrap();
    assert!(draw(&view, &DrawOptions::new("layer")).unwrap().svg.contains(">My layer</text>"));
}

#[test]
fn one_call_for_a_first_look() {
    let first = svg("A layer", layer).unwrap();
    let document = roxmltree::Document::parse(&first).unwrap();
    assert_eq!(document.root_element().attribute("id"), Some("graph-a-layer"));
    assert_eq!(svg("A layer", layer).unwrap(), first);
    let error = svg("Nothing", |_| Ok(())).unwrap_err();
    assert!(matches!(error, graph::Error::Capture(graph::CaptureError::Empty { .. })), "{error}");
}
