//! The `config.json` of a run with weights of a small model.

#![no_main]

use libfuzzer_sys::fuzz_target;
use train::doorways;

const WEIGHTS: &[u8] = include_bytes!("../with/run.safetensors");

fuzz_target!(|bytes: &[u8]| {
    let _ = doorways::info(bytes, WEIGHTS);
});
