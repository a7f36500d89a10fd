//! Images or labels.

#![no_main]

use libfuzzer_sys::fuzz_target;
use train::doorways;

const IMAGES: &[u8] = include_bytes!("../with/images.idx");
const LABELS: &[u8] = include_bytes!("../with/labels.idx");

fuzz_target!(|bytes: &[u8]| {
    let _ = doorways::idx(bytes, LABELS);
    let _ = doorways::idx(IMAGES, bytes);
});
