//! The trained models run in the player as they do on Flex: every tensor of them is compared, in Node.

use std::fs;
use std::path::Path;
use std::process::Command;

use burn::backend::{Flex, FlexDevice};
use burn::module::Module;
use burn::tensor::{DType, Device, Int, Tensor};
use graph::{Program, Session, capture_program};
use serde_json::{Value, json};
use train::run::reader::Reader;
use train::run::translator::Translator;

use crate::figures;

/// How far single precision may be from itself when sums are added up in another order, through all layers.
const CLOSE: f64 = 1e-4;

/// Whether Node is there. Where CI is set it must be.
fn has_node() -> bool {
    let found = Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(found || std::env::var_os("CI").is_none(), "no node on PATH; Debian's nodejs has it");
    found
}

/// Carries a program out on Flex, and in the player.
fn compare(program: &Program) {
    let folder = tempfile::tempdir().unwrap();
    let replayed = program.replay::<Flex>(&FlexDevice).unwrap();
    let (mut expected, mut bytes) = (Vec::new(), Vec::new());
    for tensor in replayed.kept() {
        let value = replayed.value(tensor).unwrap();
        let dtype = match value.dtype() {
            DType::F32 => "F32",
            DType::I64 => "I64",
            DType::I32 => "I32",
            other => {
                assert!(other.is_bool(), "{other:?}");
                "Bool"
            }
        };
        let shape = value.shape().to_vec();
        expected
            .push(json!({ "tensor": tensor.number(), "dtype": dtype, "shape": shape, "at": bytes.len() }));
        bytes.extend_from_slice(value.as_bytes());
    }
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("program.json", program.to_json().unwrap().as_bytes());
    write("values.safetensors", &program.to_safetensors().unwrap());
    write("expected.json", json!(expected).to_string().as_bytes());
    write("expected.bin", &bytes);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../graph/player/tests/whole.mjs");
    let output = Command::new("node").arg(script).arg(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["tensors"].as_u64(), Some(expected.len() as u64), "{told}");
    assert!(told["largest"].as_f64().is_some_and(|largest| largest <= CLOSE), "{}: {told}", program.name());
}

/// The ids filled up to a length, as a page does.
fn filled(mut ids: Vec<usize>, length: usize) -> Vec<usize> {
    ids.resize(length, 0);
    ids
}

fn input(session: &Session, name: &str, like: &Tensor<2, Int>) -> Tensor<2, Int> {
    session.input(name, Tensor::<2, Int>::zeros(like.dims(), session.device()))
}

#[test]
fn the_translator_runs_in_the_player() {
    if !has_node() {
        return;
    }
    let translator = Translator::open(&figures().join("../../../models/ding"), &Device::flex()).unwrap();
    let source = filled(translator.source("Das Buch erscheint im November.").unwrap(), 32);
    let target = filled(translator.target("The book will be published in November.").unwrap(), 32);
    let [source, target] = [source, target].map(|ids| translator.tensor(&[ids]));
    let (_, mut program) = capture_program("ding", |session| {
        let model = translator.model.clone().to_device(session.device());
        session.parameters(&model);
        let output = model.forward(input(session, "source", &source), input(session, "target", &target));
        session.output("logits", output.logits);
        Ok(())
    })
    .unwrap();
    program.set_input("source", source.into_data()).unwrap();
    program.set_input("target", target.into_data()).unwrap();
    compare(&program);
}

#[test]
fn the_language_model_runs_in_the_player() {
    if !has_node() {
        return;
    }
    let reader = Reader::open(&figures().join("../../../models/austen"), &Device::flex()).unwrap();
    let ids = reader.tensor(&filled(reader.ids("She was very glad to see her").unwrap(), 24));
    let (_, mut program) = capture_program("austen", |session| {
        let model = reader.model.clone().to_device(session.device());
        session.parameters(&model);
        session.output("logits", model.forward(input(session, "ids", &ids)).output);
        Ok(())
    })
    .unwrap();
    program.set_input("ids", ids.into_data()).unwrap();
    compare(&program);
}
