//! What is declared is shown as it was declared, and axes are named only where the name is certain.

use burn::module::Param;
use burn::nn::LinearConfig;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::Conv2dConfig;
use burn::tensor::{Tensor, TensorData};
use graph::view::{View, ViewBox};
use graph::{CaptureError, ComputationGraph, Note, Symbol, ViewOptions, capture, capture_symbolic};

fn found<'a>(view: &'a View, label: &str) -> &'a ViewBox {
    view.boxes.iter().find(|b| b.label == label).unwrap_or_else(|| panic!("{label} in {view:?}"))
}

#[test]
fn an_input_has_the_shape_that_it_was_declared_with() {
    for movement in [false, true] {
        let graph = capture("net", |session| {
            let linear = LinearConfig::new(4, 5).init(session.device());
            session.parameters(&linear);
            let x = session.input("x", Tensor::<2>::zeros([2, 4], session.device()));
            let z = session.input("z", Tensor::<3>::zeros([3, 1, 5], session.device()));
            let y = linear.forward(x.unsqueeze_dim::<3>(1));
            session.output("y", (y.clone() * y.exp()).squeeze_dim::<2>(1));
            session.output("turned", z.swap_dims(0, 2).squeeze_dim::<2>(1).exp());
            Ok(())
        })
        .unwrap();
        let view = graph.view(&ViewOptions::new().movement(movement)).unwrap();
        assert_eq!(found(&view, "x").shape.as_deref(), Some("[2, 4]"));
        assert_eq!(found(&view, "x").detail, ["[2, 4] f32"]);
        assert_eq!(found(&view, "z").shape.as_deref(), Some("[3, 1, 5]"));
        assert_eq!(found(&view, "y").shape.as_deref(), Some("[2, 5]"));
    }
}

#[test]
fn what_enters_a_scope_has_the_shape_in_which_it_was_made() {
    let graph = capture("net", |session| {
        let x = session.input("x", Tensor::<2>::zeros([2, 4], session.device())).exp();
        session.output("y", tracing::info_span!("inner").in_scope(|| x.unsqueeze_dim::<3>(1).sin()));
        Ok(())
    });
    let view = graph.unwrap().view(&ViewOptions::new().root("inner")).unwrap();
    assert_eq!(found(&view, "Exp").shape.as_deref(), Some("[2, 4]"));
}

#[test]
fn constants_and_parameters_that_are_reshaped_first_are_as_they_were_made() {
    let graph = capture("net", |session| {
        let device = session.device();
        let bias = Param::from_tensor(Tensor::<1>::zeros([4], device));
        let linear = LinearConfig::new(4, 4).init(device);
        session.parameters(&linear);
        session.parameters(&vec![bias.clone()]);
        let x = session.input("x", Tensor::<3>::zeros([2, 3, 4], device));
        let table = Tensor::<2>::from_data(TensorData::zeros::<f32, _>([3, 4]), device);
        let y = linear.forward(x) * table.unsqueeze::<3>();
        session.output("y", y - bias.val().unsqueeze::<3>());
        Ok(())
    })
    .unwrap();
    let view = graph.view(&ViewOptions::new()).unwrap();
    assert_eq!(found(&view, "Constant").shape.as_deref(), Some("[3, 4]"));
    let subtract = found(&view, "Subtract");
    assert_eq!(subtract.parameters, 4);
    assert!(subtract.detail.iter().any(|line| line.ends_with(" [4]")), "{:?}", subtract.detail);
    assert_eq!(view.boxes[View::ROOT].parameters, 4 * 4 + 4 + 4, "counted once");
}

fn images(sizes: [Symbol; 3]) -> Result<ComputationGraph, CaptureError> {
    capture_symbolic("net", &sizes, |session, sizes| {
        let device = session.device();
        let halve = |from, to| {
            let config = Conv2dConfig::new([from, to], [3, 3]).with_stride([2, 2]);
            config.with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)).init(device)
        };
        let convolutions: Vec<_> = (0..5).map(|n| halve(3 + n, 4 + n)).collect();
        session.parameters(&convolutions);
        let shape = [sizes["batch"], 3, sizes["height"], sizes["width"]];
        let x = session.input("images", Tensor::<4>::zeros(shape, device));
        session.output("y", convolutions.iter().fold(x, |x, conv| conv.forward(x)));
        Ok(())
    })
}

#[test]
fn parts_of_a_size_do_not_stop_at_an_eighth() {
    let graph =
        images([Symbol::new("batch", 2, 3), Symbol::new("height", 224, 96), Symbol::new("width", 192, 160)])
            .unwrap();
    let shapes: Vec<String> = graph.operations().map(|operation| operation.outputs[0].to_string()).collect();
    assert_eq!(shapes[3], "[batch, 7, height/16, width/16]");
    assert_eq!(shapes[4], "[batch, 8, height/32, width/32]");
    assert_eq!(graph.notes(), []);
}

#[test]
fn symbols_that_are_proportional_are_refused() {
    let sizes = [Symbol::new("batch", 2, 3), Symbol::new("height", 64, 96), Symbol::new("width", 192, 160)];
    let error = images(sizes).unwrap_err();
    let CaptureError::Proportional { first, second, suggestion, .. } = &error else { panic!("{error}") };
    assert_eq!((first.as_str(), second.as_str()), ("batch", "height"));
    let sizes =
        [Symbol::new("batch", 2, 3), Symbol::new("height", 64, *suggestion), Symbol::new("width", 192, 160)];
    let graph = images(sizes).unwrap();
    let last = graph.operations().last().unwrap().outputs[0].to_string();
    assert_eq!(last, "[batch, 8, height/32, width/32]");
}

#[test]
fn a_size_that_may_be_two_things_is_neither() {
    let symbols = [Symbol::new("batch", 2, 3), Symbol::new("heads", 8, 4), Symbol::new("d_model", 64, 48)];
    let graph = capture_symbolic("net", &symbols, |session, sizes| {
        let shape = [sizes["batch"] * sizes["heads"], sizes["d_model"]];
        session.output("y", session.input("x", Tensor::<2>::zeros(shape, session.device())).exp());
        Ok(())
    })
    .unwrap();
    assert_eq!(graph.operation(0).outputs[0].to_string(), "[?, d_model]");
    let candidates = vec!["d_model/4".to_owned(), "batch·heads".to_owned()];
    assert_eq!(graph.notes(), [Note::UncertainSize { sizes: [16, 12], candidates }]);
}
