//! Weights in SafeTensors, for a small model.

#![no_main]

use libfuzzer_sys::fuzz_target;
use train::doorways;

const SPEC: &[u8] = include_bytes!("../corpus/spec/tiny.json");

fuzz_target!(|bytes: &[u8]| {
    let _ = doorways::import("w.safetensors", bytes, SPEC);
});
