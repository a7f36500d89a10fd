//! Programs are changed and carried out again: what is put in the place of a tensor, and what makes no sense.

use burn::backend::{Flex, FlexDevice};
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor, TensorData};
use graph::{
    ComputationGraph, Edit, EditError, Program, ReplayError, Symbol, TensorId, ValueError, ViewOptions,
    capture_program, capture_symbolic,
};

#[derive(Module, Debug)]
struct Block {
    inner: Linear,
    outer: Linear,
}

/// Residual blocks in spans; and the same to be computed directly, with a block that can be left out.
#[derive(Module, Debug)]
struct Net {
    blocks: Vec<Block>,
}

impl Net {
    fn new() -> Self {
        let linear = |i, o| LinearConfig::new(i, o).init(&Device::flex());
        Self { blocks: (0..3).map(|_| Block { inner: linear(5, 11), outer: linear(11, 5) }).collect() }
    }

    fn forward(&self, mut x: Tensor<2>, without: Option<usize>) -> Tensor<2> {
        for (number, block) in self.blocks.iter().enumerate() {
            let inside = |x: Tensor<2>| block.outer.forward(relu(block.inner.forward(x)));
            let y = tracing::info_span!("block").in_scope(|| inside(x.clone()));
            x = if without == Some(number) { x } else { x + y };
        }
        x
    }
}

fn x() -> Tensor<2> {
    Tensor::<1, Int>::arange(0..35, &Device::flex()).float().sin().reshape([7, 5])
}

fn captured() -> (Net, ComputationGraph, Program) {
    let net = Net::new();
    let (graph, mut program) = capture_program("net", |session| {
        let net = net.clone().to_device(session.device());
        session.parameters(&net);
        let x = session.input("x", Tensor::<2>::zeros([7, 5], session.device()));
        session.output("y", net.forward(x, None));
        Ok(())
    })
    .unwrap();
    program.set_input("x", x().into_data()).unwrap();
    (net, graph, program)
}

fn replay(program: &Program, edits: impl IntoIterator<Item = Edit>) -> TensorData {
    let run = edits.into_iter().try_fold(program.run(), |run, edit| run.edit(edit)).unwrap();
    run.replay::<Flex>(&FlexDevice).unwrap().output("y").unwrap()
}

fn close(a: &TensorData, b: Tensor<2>) {
    let largest = crate::replay::difference(a, &b.into_data());
    assert!(largest <= 1e-5, "{largest}");
}

#[test]
fn a_block_is_off_and_on_again() {
    let (net, graph, program) = captured();
    let before = replay(&program, []);
    let [leaving] = program.leaving(&graph, "block.1").unwrap()[..] else { panic!() };
    close(&replay(&program, [Edit::zeros(leaving)]), net.forward(x(), Some(1)));
    assert_eq!(replay(&program, []), before, "to the last bit");
}

/// The sum after a block is `x + y`; led through it is `x`. With what enters a block instead of what leaves it, it is `x + x`.
#[test]
fn what_is_led_past_an_operation_or_a_block() {
    let (net, graph, program) = captured();
    let y = program.output("y").unwrap();
    assert_eq!(program.steps().nth(program.step_of(y).unwrap()).unwrap().operation.kind, "add");
    close(&replay(&program, [Edit::through(y)]), net.forward(x(), Some(2)));

    let [leaving] = program.leaving(&graph, "block.2").unwrap()[..] else { panic!() };
    let [entering] = program.entering(&graph, "block.2").unwrap()[..] else { panic!() };
    let twice = net.forward(x(), Some(2)) * 2.0;
    close(&replay(&program, [Edit::tensor(leaving, entering)]), twice);
}

#[test]
fn a_part_is_replaced_and_the_rest_stays() {
    let (net, graph, program) = captured();
    let [leaving] = program.leaving(&graph, "block.0").unwrap()[..] else { panic!() };
    // Rows don't see each other here: those that are off are as if the block weren't there.
    let off = Edit::zeros(leaving).part(0, 2..5);
    let (with, without) = (net.forward(x(), None), net.forward(x(), Some(0)));
    let rows = |t: &Tensor<2>, rows| t.clone().slice([rows, 0..5]);
    let expected = Tensor::cat(vec![rows(&with, 0..2), rows(&without, 2..5), rows(&with, 5..7)], 0);
    close(&replay(&program, [off]), expected);
}

#[test]
fn an_activation_is_taken_from_another_run() {
    let (net, graph, program) = captured();
    let other = x() * 0.5 - 0.25;
    let run = program.run().input("x", other.to_data()).unwrap();
    let other_run = run.replay::<Flex>(&FlexDevice).unwrap();
    close(&other_run.output("y").unwrap(), net.forward(other.clone(), None));
    let [entering] = program.entering(&graph, "block.1").unwrap()[..] else { panic!() };
    let value = other_run.value(entering).unwrap();
    // All of it: from there on, everything is as in the other run, for nothing else leads past it.
    assert_eq!(replay(&program, [Edit::value(entering, value.clone())]), other_run.output("y").unwrap());
    // One row of it.
    let one = replay(&program, [Edit::value(entering, value).part(0, 3..4)]);
    let (here, there) = (net.forward(x(), None), net.forward(other, None));
    let rows = |t: &Tensor<2>, rows| t.clone().slice([rows, 0..5]);
    close(&one, Tensor::cat(vec![rows(&here, 0..3), rows(&there, 3..4), rows(&here, 4..7)], 0));
}

#[test]
fn weights_and_inputs_are_tensors_as_well_and_edits_follow_each_other() {
    let (net, _, program) = captured();
    let input = program.input("x").unwrap();
    let ones = TensorData::ones::<f32, _>([7, 5]);
    let expected = net.forward(Tensor::ones([7, 5], &Device::flex()), None);
    close(&replay(&program, [Edit::zeros(input), Edit::value(input, ones.clone())]), expected.clone());
    close(&replay(&program, [Edit::value(input, ones), Edit::zeros(input).part(0, 7..7)]), expected);
    let weights = (0..3).map(|number| program.parameter(&format!("blocks.{number}.outer.weight")).unwrap());
    let biases = (0..3).map(|number| program.parameter(&format!("blocks.{number}.outer.bias")).unwrap());
    close(&replay(&program, weights.chain(biases).map(Edit::zeros)), x());
    // A parameter in the place of one that is registered after it.
    let weight = |number: usize| program.parameter(&format!("blocks.{number}.inner.weight")).unwrap();
    let mut tied = net.clone();
    tied.blocks[2].inner.weight = net.blocks[0].inner.weight.clone();
    close(&replay(&program, [Edit::tensor(weight(2), weight(0))]), tied.forward(x(), None));
}

#[test]
fn only_what_is_asked_for_is_kept() {
    let (_, graph, program) = captured();
    let [leaving] = program.leaving(&graph, "block.0").unwrap()[..] else { panic!() };
    let all = program.replay::<Flex>(&FlexDevice).unwrap();
    let few = program.run().keep([leaving]).replay::<Flex>(&FlexDevice).unwrap();
    assert_eq!(few.kept().collect::<Vec<_>>(), [leaving, program.output("y").unwrap()]);
    for tensor in few.kept() {
        assert_eq!(few.value(tensor), all.value(tensor));
    }
    let [entering] = program.entering(&graph, "block.1").unwrap()[..] else { panic!() };
    assert!(matches!(few.value(entering), Err(ReplayError::NotKept { .. })));
    assert_eq!(all.kept().len(), program.tensors().len());
    assert!(matches!(all.value(TensorId::new(99_999)), Err(ReplayError::NotKept { .. })));
    assert!(matches!(all.output("z"), Err(ReplayError::NoOutput { name, .. }) if name == "z"));
    // What an edit reads later isn't forgotten before.
    let [last] = program.leaving(&graph, "block.2").unwrap()[..] else { panic!() };
    let run = program.run().keep([]).edit(Edit::tensor(last, leaving)).unwrap();
    assert_eq!(
        run.replay::<Flex>(&FlexDevice).unwrap().output("y").unwrap(),
        replay(&program, [Edit::tensor(last, leaving)])
    );
}

#[test]
fn what_makes_no_sense_is_refused_with_a_reason() {
    let (_, graph, program) = captured();
    let edit = |edit: Edit| program.run().edit(edit).map(|_| ()).unwrap_err();
    let (input, y) = (program.input("x").unwrap(), program.output("y").unwrap());
    let [leaving] = program.leaving(&graph, "block.0").unwrap()[..] else { panic!() };
    assert!(matches!(edit(Edit::zeros(TensorId::new(9_999))), EditError::Unknown { tensor: 9_999, .. }));
    assert!(matches!(edit(Edit::tensor(y, TensorId::new(9_999))), EditError::Unknown { .. }));
    assert!(matches!(edit(Edit::zeros(y).part(0, 0..8)), EditError::Part { .. }));
    assert!(matches!(edit(Edit::zeros(y).part(2, 0..1)), EditError::Part { .. }));
    let wrong = TensorData::ones::<f32, _>([5, 7]);
    let error = edit(Edit::value(y, wrong));
    assert!(matches!(error, EditError::Value(ValueError::Shape { .. })), "{error}");
    let error = edit(Edit::value(y, TensorData::ones::<i64, _>([7, 5])));
    assert!(matches!(error, EditError::Value(ValueError::DType { .. })), "{error}");
    let error = edit(Edit::tensor(leaving, y));
    assert!(matches!(error, EditError::NotBefore { .. }), "{error}");
    assert!(matches!(edit(Edit::through(input)), EditError::NoThrough { .. }), "nothing makes an input");
    let weight = program.parameter("blocks.0.inner.weight").unwrap();
    assert!(matches!(edit(Edit::tensor(y, weight)), EditError::Value(ValueError::Shape { .. })));
    let run = program.run().input("words", TensorData::ones::<f32, _>([7, 5]));
    assert!(matches!(run.map(|_| ()), Err(ValueError::Unknown { name, .. }) if name == "words"));
}

/// Every box of a picture leads to what leaves it, and the frame around all to the output.
#[test]
fn a_box_leads_to_its_tensor() {
    let (_, graph, program) = captured();
    let (view, owners) = graph.view_with_owners(&ViewOptions::new().depth(4).fold_repeats(false)).unwrap();
    let y = program.output("y").unwrap();
    assert_eq!(program.leaving_box(&view, &owners, 0), [y]);
    let labels: Vec<&str> = view.boxes.iter().map(|b| b.label.as_str()).collect();
    let boxed: Vec<usize> = (0..labels.len()).filter(|&id| labels[id] == "ReLU").collect();
    assert_eq!(boxed.len(), 3, "{labels:?}");
    let steps: Vec<_> = program.steps().collect();
    for id in boxed {
        let found = program.leaving_box(&view, &owners, id);
        assert_eq!(found.len(), 1);
        assert_eq!(steps[program.step_of(found[0]).unwrap()].operation.kind, "relu");
    }
    assert_eq!(program.leaving_box(&view, &owners, 9_999), []);
    assert!(program.leaving(&graph, "nowhere").is_err());
    // A box that stands for several gives what leaves each.
    let (view, owners) = graph.view_with_owners(&ViewOptions::new().depth(4)).unwrap();
    let relus = view.boxes.iter().enumerate().filter(|(_, b)| b.label == "ReLU");
    let leaving: Vec<usize> = relus.map(|(id, _)| program.leaving_box(&view, &owners, id).len()).collect();
    assert_eq!((leaving.iter().sum::<usize>(), leaving.len() < 3), (3, true), "{leaving:?}");
}

/// A graph whose axes have names has the same operations, so its boxes lead to the same tensors.
#[test]
fn a_symbolic_graph_leads_to_the_same_tensors() {
    let (net, graph, program) = captured();
    let rows = Symbol::new("rows", 7, 3);
    let symbolic = capture_symbolic("net", &[rows], |session, sizes| {
        let net = net.clone().to_device(session.device());
        session.parameters(&net);
        let x = session.input("x", Tensor::<2>::zeros([sizes["rows"], 5], session.device()));
        session.output("y", net.forward(x, None));
        Ok(())
    })
    .unwrap();
    for path in ["block.0", "block.2", "blocks.1/inner", ""] {
        assert_eq!(program.leaving(&symbolic, path), program.leaving(&graph, path), "{path}");
    }
}

#[test]
fn what_has_no_value_is_named() {
    let (_, program) = capture_program("net", |session| {
        let linear = LinearConfig::new(3, 5).init(session.device());
        session.parameters(&linear);
        let x = session.input("x", Tensor::<2>::zeros([7, 3], session.device()));
        session.output("y", linear.forward(x));
        Ok(())
    })
    .unwrap();
    let error = program.replay::<Flex>(&FlexDevice).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`net` can't be carried out: the input `x` has no value; give it one first"
    );
    let run = program.run().input("x", TensorData::ones::<f32, _>([7, 3])).unwrap();
    let error = run.replay::<Flex>(&FlexDevice).unwrap_err();
    assert!(
        matches!(error, ReplayError::Missing { ref tensor, .. } if tensor == "the parameter `weight`"),
        "{error}"
    );
}
