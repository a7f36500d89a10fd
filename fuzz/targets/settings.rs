//! A file of settings.

#![no_main]

use libfuzzer_sys::fuzz_target;
use train::doorways;

fuzz_target!(|bytes: &[u8]| {
    let _ = doorways::settings(bytes);
});
