//! The description of a model, beside weights of a small one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use train::doorways;

const WEIGHTS: &[u8] = include_bytes!("../corpus/safetensors/tiny.safetensors");

fuzz_target!(|bytes: &[u8]| {
    let _ = doorways::import("w.safetensors", WEIGHTS, bytes);
});
