//! The form of a saved program.
//!
//! Tensors have numbers, and all that is known of one stands in the list `tensors`. The entries of `operations` are what
//! Burn makes of its `OperationIr`, but for tensors, which are numbers, and for numbers with a fraction.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the file says it is.
pub(super) const FORMAT: &str = "graph program";
/// Changes whenever the meaning of an entry does.
pub(super) const VERSION: u64 = 1;
/// The entry that tells whether the others are as they were written.
pub(super) const DIGEST: &str = "digest";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) format: String,
    pub(super) version: u64,
    pub(super) name: String,
    pub(super) tensors: Vec<TensorEntry>,
    pub(super) inputs: Vec<NamedEntry>,
    pub(super) parameters: Vec<ParameterEntry>,
    pub(super) constants: Vec<ConstantEntry>,
    pub(super) operations: Vec<Value>,
    pub(super) outputs: Vec<NamedEntry>,
    /// The tensors that each operation of the graph gives.
    pub(super) shown: Vec<Vec<usize>>,
}

/// The entries that are lists, in the order in which they are written.
pub(super) const LISTS: [&str; 7] =
    ["tensors", "inputs", "parameters", "constants", "operations", "outputs", "shown"];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TensorEntry {
    /// As Burn writes it.
    pub(super) dtype: Value,
    pub(super) shape: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedEntry {
    pub(super) name: String,
    pub(super) tensor: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParameterEntry {
    pub(super) paths: Vec<String>,
    pub(super) tensor: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConstantEntry {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    pub(super) tensor: usize,
}

/// A number that tells a file from others, in hexadecimal digits: FNV-1a of all entries but the digest itself, however
/// they are spaced. It finds slips, and is no seal.
pub(super) fn digest(entries: &Map<String, Value>) -> String {
    let mut names: Vec<&String> = entries.keys().filter(|name| *name != DIGEST).collect();
    names.sort();
    let text = names.into_iter().map(|name| format!("{name}:{};", entries[name]));
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = text.flat_map(String::into_bytes).fold(0xcbf2_9ce4_8422_2325, step);
    format!("{hash:016x}")
}
