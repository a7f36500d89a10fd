//! Which models run in the book, and what their pages need beside the program.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use graph::{ComputationGraph, Program};
use serde_json::{Value, json};

use super::captured::{self, SOURCE, TARGET, TEXT};

/// A model that was trained, in a folder of `models/`.
pub(super) struct Model {
    pub(super) name: &'static str,
    /// The diagram of the whole that has its code.
    pub(super) whole: &'static str,
    pub(super) capture: fn(&Value) -> Result<(ComputationGraph, Program)>,
    /// How many tokens each input takes.
    lengths: &'static [(&'static str, usize)],
}

/// All of them.
pub(super) const ALL: [Model; 2] = [
    Model {
        name: "ding",
        whole: "transformer-pre-norm",
        capture: captured::translator,
        lengths: &[("src", SOURCE), ("tgt", TARGET)],
    },
    Model {
        name: "austen",
        whole: "language-model",
        capture: captured::language_model,
        lengths: &[("ids", TEXT)],
    },
];

/// The tokenizer, the special tokens, and how many tokens an input takes. `axes` are the names of axes along which tokens
/// of an input lie.
pub(super) fn extra(model: &Model, config: &Value, folder: &Path) -> Result<Value> {
    let lengths: serde_json::Map<String, Value> =
        model.lengths.iter().map(|(input, length)| ((*input).to_owned(), json!(length))).collect();
    Ok(json!({
        "lengths": lengths,
        "axes": captured::axes(model.lengths.iter().map(|(input, _)| *input)),
        "special": { "pad": config["model"].get("pad").unwrap_or(&json!(0)), "bos": config["bos"], "eos": config["eos"] },
        "sizes": config["model"],
        "tokenizer": json(&folder.join("tokenizer.json"))?,
    }))
}

/// A file of JSON.
pub(super) fn json(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not the JSON that it was", path.display()))
}
