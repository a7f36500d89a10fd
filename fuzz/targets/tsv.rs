//! Pairs of sentences in columns.

#![no_main]

use libfuzzer_sys::fuzz_target;
use train::doorways;

fuzz_target!(|bytes: &[u8]| {
    let _ = doorways::tsv(bytes);
});
