//! A saved program, with the digest that it should have: whoever edits a program can put that into it.

#![no_main]

use graph::{Program, ProgramError};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|text: &str| {
    let Ok(mut value) = serde_json::from_str::<Value>(text) else {
        let _ = Program::from_json(text);
        return;
    };
    if let Err(ProgramError::Edited { found, .. }) = Program::from_json(text) {
        value["digest"] = found.into();
    }
    if let Ok(program) = Program::from_json(&value.to_string()) {
        let _ = program.to_json();
    }
});
