//! What each box of a picture has of a program, and the script that brings both to a page.

use std::collections::{BTreeMap, BTreeSet};

use burn::backend::{Flex, FlexDevice};
use burn::module::Module;
use burn::nn::{LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Tensor, TensorData, f16};
use graph::{
    BoxTensors, ComputationGraph, Program, Symbol, TensorId, ViewOptions, capture_program,
    capture_program_symbolic,
};
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use serde_json::{Value, json};

#[derive(Module, Debug)]
struct Block {
    norm: LayerNorm,
    inner: Linear,
    outer: Linear,
}

impl Block {
    fn new(width: usize, device: &Device) -> Self {
        Self {
            norm: LayerNormConfig::new(width).init(device),
            inner: LinearConfig::new(width, 17).init(device),
            outer: LinearConfig::new(17, width).init(device),
        }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let within = tracing::info_span!("within");
        x.clone() + within.in_scope(|| self.outer.forward(relu(self.inner.forward(self.norm.forward(x)))))
    }
}

#[derive(Module, Debug)]
struct Net {
    blocks: Vec<Block>,
    top: Linear,
}

impl Net {
    fn new(width: usize, device: &Device) -> Self {
        let top = LinearConfig::new(width, 3).init(device);
        Self { blocks: (0..3).map(|_| Block::new(width, device)).collect(), top }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let block = |x, block: &Block| tracing::info_span!("block").in_scope(|| block.forward(x));
        let x = self.blocks.iter().fold(x, block);
        softmax(self.top.forward(x), 1)
    }
}

fn captured() -> (ComputationGraph, Program) {
    let symbols = [Symbol::new("rows", 7, 11), Symbol::new("width", 5, 13)];
    capture_program_symbolic("net", &symbols, |session, sizes| {
        let net = Net::new(sizes["width"], session.device());
        session.parameters(&net);
        let x = Tensor::<2>::zeros([sizes["rows"], sizes["width"]], session.device());
        session.output("y", net.forward(session.input("x", x)));
        Ok(())
    })
    .unwrap()
}

fn find<'a>(boxes: &'a [BoxTensors], key: &str) -> &'a BoxTensors {
    let keys: Vec<&str> = boxes.iter().map(|found| found.key.as_str()).collect();
    boxes.iter().find(|found| found.key == key).unwrap_or_else(|| panic!("{key} is not in {keys:?}"))
}

#[test]
fn every_box_has_tensors_in_every_repeat() {
    let (graph, program) = captured();
    for options in [
        ViewOptions::new(),
        ViewOptions::new().depth(1),
        ViewOptions::new().depth(3).fold_repeats(false),
        ViewOptions::new().depth(9).every_operation(),
        ViewOptions::new().root("block.1"),
        ViewOptions::new().root("block.0/within").depth(2),
    ] {
        let (view, boxes) = program.view(&graph, &options).unwrap();
        let keys: Vec<_> = view.boxes.iter().map(|found| (&found.key, &found.label)).collect();
        assert_eq!(boxes.iter().map(|found| (&found.key, &found.label)).collect::<Vec<_>>(), keys);
        for (found, tensors) in view.boxes.iter().zip(&boxes) {
            assert!(tensors.repeats.len() >= found.repeat, "{tensors:?}");
            for repeat in &tensors.repeats {
                assert!(!repeat.leaving.is_empty(), "{tensors:?}");
                assert!(found.operations == 0 || !repeat.steps.is_empty(), "{tensors:?}");
            }
        }
    }
}

#[test]
fn a_folded_box_has_its_layers_in_order() {
    let (graph, program) = captured();
    let (view, boxes) = program.view(&graph, &ViewOptions::new().depth(2)).unwrap();
    let layers = &find(&boxes, "block.0").repeats;
    assert_eq!(view.boxes.iter().find(|found| found.key == "block.0").unwrap().repeat, 3);
    assert_eq!(layers.len(), 3);
    assert_eq!(layers[0].entering, [program.input("x").unwrap()]);
    let steps: BTreeSet<usize> = layers.iter().flat_map(|layer| layer.steps.clone()).collect();
    assert_eq!(steps.len(), layers.iter().map(|layer| layer.steps.len()).sum::<usize>(), "none is in two");
    for (number, layer) in layers.iter().enumerate() {
        let own = program.leaving(&graph, &format!("block.{number}")).unwrap();
        assert_eq!(layer.leaving, own, "{number}");
        let weight = program.parameter(&format!("blocks.{number}.inner.weight")).unwrap();
        assert!(layer.parameters.contains(&weight) && layer.parameters.len() == 6, "{number}: {layer:?}");
        if let Some(next) = layers.get(number + 1) {
            assert_eq!(next.entering, layer.leaving);
        }
    }
    // A box within.
    let within = &find(&boxes, "block.0/within").repeats;
    let own = (0..3).map(|number| program.leaving(&graph, &format!("block.{number}/within")).unwrap());
    assert_eq!(
        within.iter().map(|repeat| repeat.leaving.clone()).collect::<Vec<_>>(),
        own.collect::<Vec<_>>()
    );
    // What is around is there once, and has all of it.
    assert_eq!(boxes[0].repeats.len(), 1);
    assert!(steps.iter().all(|step| boxes[0].repeats[0].steps.contains(step)));
    // At the border.
    let [input, output] = ["input:x", "output:y"].map(|key| find(&boxes, key).repeats.clone());
    assert_eq!(input[0].leaving, [program.input("x").unwrap()]);
    assert_eq!(output[0].leaving, [program.output("y").unwrap()]);
}

#[test]
fn the_inside_of_a_layer_is_that_of_all_its_equals() {
    let (graph, program) = captured();
    let (view, boxes) = program.view(&graph, &ViewOptions::new().root("block.1/within").depth(1)).unwrap();
    let relu = view.boxes.iter().position(|found| found.label == "ReLU").unwrap();
    let outputs: Vec<TensorId> =
        boxes[relu].repeats.iter().flat_map(|repeat| repeat.leaving.clone()).collect();
    assert_eq!(outputs.len(), 3, "{boxes:?}");
    assert!(outputs.windows(2).all(|pair| pair[0] < pair[1]));
    let alone = ViewOptions::new().root("block.1/within").depth(1).fold_repeats(false);
    let (_, boxes) = program.view(&graph, &alone).unwrap();
    assert_eq!(boxes[relu].repeats.len(), 1, "each on its own, if that is asked for");
    assert_eq!(boxes[relu].repeats[0].leaving, [outputs[1]]);
    for (number, tensor) in outputs.iter().enumerate() {
        let path = format!("block.{number}/within");
        let (leaving, entering) =
            (program.leaving(&graph, &path).unwrap(), program.entering(&graph, &path).unwrap());
        assert!(*tensor < leaving[0] && *tensor > entering[0], "{number}");
    }
}

#[test]
fn what_is_repeated_within_what_is_repeated_has_all_of_both() {
    let (graph, program) = capture_program("nested", |session| {
        let layers: Vec<Vec<Linear>> = (0..2)
            .map(|_| (0..3).map(|_| LinearConfig::new(5, 5).init(session.device())).collect())
            .collect();
        session.parameters(&layers);
        let mut x = session.input("x", Tensor::<2>::zeros([7, 5], session.device()));
        for layer in &layers {
            let _outer = tracing::info_span!("outer").entered();
            x = layer
                .iter()
                .fold(x.exp(), |x, linear| tracing::info_span!("inner").in_scope(|| relu(linear.forward(x))));
        }
        session.output("y", x);
        Ok(())
    })
    .unwrap();
    let (_, boxes) = program.view(&graph, &ViewOptions::new().depth(3)).unwrap();
    assert_eq!(find(&boxes, "outer.0").repeats.len(), 2);
    let inner = &find(&boxes, "outer.0/inner.0").repeats;
    let own = (0..6).map(|number| {
        program.leaving(&graph, &format!("outer.{}/inner.{}", number / 3, number % 3)).unwrap()
    });
    assert_eq!(
        inner.iter().map(|repeat| repeat.leaving.clone()).collect::<Vec<_>>(),
        own.collect::<Vec<_>>()
    );
}

#[test]
fn tensors_have_the_names_of_their_axes() {
    let (graph, program) = captured();
    let types = program.types(&graph);
    assert_eq!(types.len(), program.tensors().len());
    let shape = |tensor: TensorId| types[tensor.number()].to_string();
    assert_eq!(shape(program.input("x").unwrap()), "[rows, width]");
    assert_eq!(shape(program.parameter("blocks.2.inner.weight").unwrap()), "[width, 17]");
    assert_eq!(shape(program.output("y").unwrap()), "[rows, 3]");
    assert_eq!(shape(program.leaving(&graph, "block.1/within").unwrap()[0]), "[rows, width]");
    for tensor in program.tensors() {
        assert_eq!(types[tensor.number()].sizes(), program.tensor(tensor).unwrap().sizes());
    }
    // Without symbols there are none, and nothing fails.
    let (graph, program) = capture_program("plain", |session| {
        let x = session.input("x", Tensor::<1>::zeros([3], session.device()));
        session.output("y", x.exp());
        Ok(())
    })
    .unwrap();
    assert_eq!(program.types(&graph).iter().map(ToString::to_string).collect::<Vec<_>>(), ["[3]", "[3]"]);
}

/// With weights of which all but one are numbers of `f16`.
fn with_values() -> (ComputationGraph, Program) {
    let (graph, mut program) = captured();
    program.set_parameters(&Net::new(5, &Device::flex())).unwrap();
    let paths: Vec<String> = program.parameters().map(|(paths, _)| paths[0].clone()).collect();
    for path in paths.iter().filter(|path| *path != "top.bias") {
        let value = program.value(program.parameter(path).unwrap()).unwrap();
        let rounded: Vec<f32> = value.iter::<f32>().map(|number| f16::from_f32(number).to_f32()).collect();
        let value = TensorData::new(rounded, value.shape().clone());
        program.set_parameter(path, value).unwrap();
    }
    program.set_parameter("top.bias", TensorData::from([0.1_f32, -0.7, 1e-9])).unwrap();
    (graph, program)
}

#[test]
fn small_files_lose_nothing() {
    let (_, program) = with_values();
    let (small, large) = (program.to_small_safetensors().unwrap(), program.to_safetensors().unwrap());
    let file = SafeTensors::deserialize(&small).unwrap();
    for (name, view) in file.tensors() {
        assert_eq!(view.dtype(), if name == "top.bias" { Dtype::F32 } else { Dtype::F16 }, "{name}");
    }
    assert!(small.len() < large.len() * 7 / 10, "{} and {}", small.len(), large.len());
    let mut again = Program::from_json(&program.to_json().unwrap()).unwrap();
    again.set_safetensors(&small).unwrap();
    assert_eq!(again, program);
    assert_eq!(again.to_safetensors().unwrap(), large);
}

fn bytes(base64: &str) -> Vec<u8> {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let six = base64.trim_end_matches('=').chars().map(|letter| letters.find(letter).unwrap() as u32);
    let six: Vec<u32> = six.collect();
    let mut bytes = Vec::new();
    for chunk in six.chunks(4) {
        let bits = chunk.iter().enumerate().fold(0, |bits, (place, six)| bits | six << (18 - 6 * place));
        bytes.extend((0..chunk.len() - 1).map(|place| (bits >> (16 - 8 * place)) as u8));
    }
    bytes
}

#[test]
fn a_script_gives_the_program_its_values_and_the_boxes() {
    let (graph, program) = with_values();
    let (_, boxes) = program.view(&graph, &ViewOptions::new().depth(2)).unwrap();
    let pictures = BTreeMap::from([("whole".to_owned(), boxes.clone())]);
    let script = program.to_script("a \"name\"", &graph, &pictures, &json!({ "lengths": [7] })).unwrap();
    let given = script.strip_prefix("player.give(\"a \\\"name\\\"\", ").unwrap();
    let given: Value = serde_json::from_str(given.strip_suffix(");\n").unwrap()).unwrap();
    assert_eq!(given["extra"], json!({ "lengths": [7] }));

    let mut again = Program::from_json(&given["program"].to_string()).unwrap();
    again.set_safetensors(&bytes(given["values"].as_str().unwrap())).unwrap();
    assert_eq!(again, program);
    let x: Vec<f32> = (0..35).map(|number| (number as f32).sin()).collect();
    again.set_input("x", TensorData::new(x.clone(), [7, 5])).unwrap();
    let mut first = program.clone();
    first.set_input("x", TensorData::new(x, [7, 5])).unwrap();
    let [a, b] = [first, again].map(|program| program.replay::<Flex>(&FlexDevice).unwrap());
    assert_eq!(a.output("y").unwrap(), b.output("y").unwrap());

    let places = &given["places"];
    let picture = places["pictures"]["whole"].as_object().unwrap();
    assert_eq!(picture.len(), boxes.len());
    for found in &boxes {
        let there = &picture[&found.key];
        assert_eq!(there["label"], json!(found.label));
        let numbers = |tensors: &[TensorId]| tensors.iter().map(|t| t.number()).collect::<Vec<_>>();
        for (repeat, there) in found.repeats.iter().zip(there["repeats"].as_array().unwrap()) {
            assert_eq!(there["in"], json!(numbers(&repeat.entering)));
            assert_eq!(there["out"], json!(numbers(&repeat.leaving)));
            assert_eq!(there["parameters"], json!(numbers(&repeat.parameters)));
            assert_eq!(there["steps"], json!(repeat.steps));
        }
    }
    let tensors = places["tensors"].as_array().unwrap();
    assert_eq!(tensors.len(), program.tensors().len());
    let weight = program.parameter("blocks.0.inner.weight").unwrap().number();
    assert_eq!(tensors[weight], json!({ "axes": ["width", "17"], "label": "blocks.0.inner.weight" }));
    let within = program.leaving(&graph, "block.0/within").unwrap()[0].number();
    assert_eq!(tensors[within]["scope"], "block.0/within");
    assert_eq!(tensors[within]["axes"], json!(["rows", "width"]));
}

#[test]
fn an_axis_with_one_place_is_no_part_of_a_product() {
    let symbols = [Symbol::new("batch", 1, 2), Symbol::new("length", 7, 11), Symbol::new("width", 5, 13)];
    let (graph, program) = capture_program_symbolic("rows", &symbols, |session, sizes| {
        let [batch, length, width] = ["batch", "length", "width"].map(|name| sizes[name]);
        let x = session.input("x", Tensor::<3>::zeros([batch, length, width], session.device()));
        session.output("rows", x.exp().reshape([batch * length, width]));
        Ok(())
    })
    .unwrap();
    let rows = program.output("rows").unwrap().number();
    assert_eq!(program.types(&graph)[rows].to_string(), "[batch·length, width]");
    let script = program.to_script("rows", &graph, &BTreeMap::new(), &Value::Null).unwrap();
    assert!(script.contains("{\"axes\":[\"length\",\"width\"],\"label\":\"reshape\"}"), "{script}");
    assert!(script.contains("{\"axes\":[\"batch\",\"length\",\"width\"],\"label\":\"x\"}"), "{script}");
}
