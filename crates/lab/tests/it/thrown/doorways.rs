//! The doorway of each format.

use std::fs;
use std::path::Path;

use graph::{ComputationGraph, Picture, Program, Redrawing, ViewOptions, compare};
use serde_json::Value;
use train::doorways;

use super::corpus;

/// Whether a file was accepted.
pub(super) type Doorway = Box<dyn Fn(&[u8]) -> bool>;

/// Where files of a format come in.
pub(super) fn doorway(format: &str) -> Doorway {
    let read = |format: &str, name: &str| fs::read(corpus(format).join(name)).unwrap();
    let with = |name: &str| fs::read(corpus("../with").join(name)).unwrap();
    match format {
        "spec" => {
            let weights = read("safetensors", "tiny.safetensors");
            Box::new(move |bytes| doorways::import("w.safetensors", &weights, bytes).is_ok())
        }
        "safetensors" => {
            let spec = read("spec", "tiny.json");
            Box::new(move |bytes| doorways::import("w.safetensors", bytes, &spec).is_ok())
        }
        "pytorch" => {
            let spec = read("spec", "tiny.json");
            Box::new(move |bytes| doorways::import("w.pt", bytes, &spec).is_ok())
        }
        "config" => {
            let weights = with("run.safetensors");
            Box::new(move |bytes| doorways::info(bytes, &weights).is_ok())
        }
        "settings" => Box::new(|bytes| doorways::settings(bytes).is_ok()),
        "tokenizer" => Box::new(|bytes| doorways::tokenizer(bytes).is_ok()),
        "tsv" => Box::new(|bytes| doorways::tsv(bytes).is_ok()),
        "idx" => {
            let (images, labels) = (with("images.idx"), with("labels.idx"));
            Box::new(move |bytes| {
                let as_images = doorways::idx(bytes, &labels).is_ok();
                doorways::idx(&images, bytes).is_ok() || as_images
            })
        }
        "dot" => {
            let view = small().view(&ViewOptions::new().depth(2)).unwrap();
            Box::new(move |bytes| {
                let drawn = text(bytes).and_then(|text| Redrawing::from_dot(text).ok());
                drawn.map(|drawn| drop(Picture::of(&view).grade(&drawn))).is_some()
            })
        }
        "graph" => {
            let small = small();
            Box::new(move |bytes| {
                let Some(Ok(read)) = text(bytes).map(ComputationGraph::from_json) else { return false };
                let _ = (compare(&small, &read).map(|found| found.to_string()), read.outline());
                let again = ComputationGraph::from_json(&read.to_json()).map(|again| again.to_json());
                assert_eq!(again.unwrap(), read.to_json(), "what was read can't be written and read again");
                true
            })
        }
        "program" => Box::new(|bytes| {
            let as_it_is = text(bytes).map(Program::from_json);
            // Whoever edits a program can put the right digest into it, too.
            let sealed = serde_json::from_slice(bytes).ok().map(sealed);
            let sealed = sealed.map(|text| Program::from_json(&text));
            [as_it_is, sealed].into_iter().flatten().any(|read| read.is_ok_and(|read| read.to_json().is_ok()))
        }),
        other => panic!("{other} has no doorway"),
    }
}

fn small() -> ComputationGraph {
    ComputationGraph::from_json(&fs::read_to_string(corpus("graph").join("small.json")).unwrap()).unwrap()
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// A program's file with the digest that it should have, which the reader itself says.
fn sealed(mut value: Value) -> String {
    if let Err(graph::ProgramError::Edited { found, .. }) = Program::from_json(&value.to_string()) {
        value["digest"] = found.into();
    }
    value.to_string()
}

/// Every file of a corpus, by name.
pub(super) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    crate::names(folder)
        .into_iter()
        .map(|name| (name.clone(), fs::read(folder.join(name)).unwrap()))
        .collect()
}
