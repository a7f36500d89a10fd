//! What each benchmark asks for: figures beyond it are shown in red. When something has become faster, this is the file
//! to say so in, with what was reached less the spread of several runs.

/// A setting of `bench decode`, and how many times the tokens per second of others are asked for.
pub(super) struct Decode {
    /// Hypotheses that are kept alive; 1 is greedy decoding.
    pub(super) beam: u32,
    /// Sentences at a time.
    pub(super) batch: u32,
    /// Of PyTorch's, which keeps no keys and values. It has no beam.
    pub(super) torch: Option<f64>,
    /// Of CTranslate2's with float32, at its best setting.
    pub(super) ctranslate2: f64,
    /// Of CTranslate2's with int8, at its best setting, by `train --int8`.
    pub(super) ctranslate2_int8: f64,
}

pub(super) const DECODE: [Decode; 4] = [
    Decode { beam: 1, batch: 32, torch: Some(5.0), ctranslate2: 1.0, ctranslate2_int8: 0.7 },
    Decode { beam: 1, batch: 1, torch: Some(2.0), ctranslate2: 1.0, ctranslate2_int8: 0.7 },
    Decode { beam: 4, batch: 32, torch: None, ctranslate2: 1.0, ctranslate2_int8: 0.7 },
    Decode { beam: 4, batch: 1, torch: None, ctranslate2: 1.0, ctranslate2_int8: 0.7 },
];

/// A training step that `bench train` measures: its sizes, and what PyTorch is to take over what `train` takes.
pub(super) struct Step {
    /// Layers, width, inner width, heads, vocabulary, batch and length.
    pub(super) sizes: [&'static str; 7],
    /// Of the time, with nothing else running.
    pub(super) alone: f64,
    /// Of the time, beside a memory hog.
    pub(super) beside_hog: f64,
    /// Of the memory at its peak.
    pub(super) memory: f64,
}

pub(super) const STEPS: [Step; 3] = [
    Step { sizes: ["3", "256", "1024", "4", "8000", "64", "24"], alone: 1.0, beside_hog: 1.0, memory: 1.0 },
    Step { sizes: ["6", "512", "2048", "8", "8000", "16", "32"], alone: 1.0, beside_hog: 1.0, memory: 1.0 },
    Step { sizes: ["2", "512", "2048", "8", "11", "80", "10"], alone: 1.0, beside_hog: 1.0, memory: 1.0 },
];

/// What `bench text` measures, the Python module it is compared with, and how many times as many lines a second are asked for;
/// none where nothing is asked yet.
pub(super) const TEXT: [(&str, &str, Option<f64>); 3] =
    [("learn", "tokenizers", None), ("encode", "tokenizers", None), ("bleu", "sacrebleu", None)];

/// Seconds that all diagrams may take, of `bench diagrams`.
pub(super) const CATALOGUE: f64 = 0.15;
/// Layers on each side of a model, and seconds that drawing the whole of it may take.
pub(super) const LAYERS: [(usize, Option<f64>); 4] = [(6, None), (12, None), (24, None), (48, Some(0.6))];
