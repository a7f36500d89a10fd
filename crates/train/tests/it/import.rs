//! `train import`, `decode`, `score` and `info` on weights of known behaviour.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Program, json_lines, read_json};
use serde_json::{Value, json};

/// The fixtures of the independent reference, which the model's own tests use too.
fn parity(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/parity").join(name)
}

/// A checkpoint as The Annotated Transformer writes it, made by PyTorch.
fn annotated(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/annotated").join(name)
}

fn import(program: &Program, weights: &Path, spec: &Path, more: &[&str]) {
    let (weights, spec) = (weights.to_str().unwrap(), spec.to_str().unwrap());
    program.succeed(&[&["import", weights, "--config", spec, "--out", "run", "--force"], more].concat(), "");
}

/// Rows of ids, without the padding on their right if so wanted.
fn rows(value: &Value, strip: Option<u64>) -> Vec<Vec<u64>> {
    let mut rows: Vec<Vec<u64>> = serde_json::from_value(value.clone()).unwrap();
    for row in &mut rows {
        while strip.is_some() && row.last().copied() == strip {
            row.pop();
        }
    }
    rows
}

fn floats(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{found:?} is not {expected:?}");
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < tolerance, "{a} is not {b}; all: {found:?} against {expected:?}");
    }
}

/// The reference's log-probability of every target token that is not padding.
fn reference_scores(folder: &Path, tgt: &[Vec<u64>], pad: u64) -> Vec<Vec<f64>> {
    let bytes = fs::read(folder.join("expected.safetensors")).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let tensor = file.tensor("log_probs").unwrap(); // [batch, target - 1, vocab]
    let (length, vocab) = (tensor.shape()[1], tensor.shape()[2]);
    let value = |index: usize| {
        let bytes = &tensor.data()[4 * index..4 * index + 4];
        f64::from(f32::from_le_bytes(bytes.try_into().unwrap()))
    };
    let sentence = |(row, tgt): (usize, &Vec<u64>)| {
        let predicted = tgt[1..].iter().enumerate().filter(|&(_, &id)| id != pad);
        predicted.map(|(column, &id)| value((row * length + column) * vocab + id as usize)).collect()
    };
    tgt.iter().enumerate().map(sentence).collect()
}

#[test]
fn imported_weights_decode_and_score_as_the_reference_does() {
    for (name, device) in
        [("pre-norm", "flex"), ("pre-norm", "ndarray"), ("post-norm", "flex"), ("post-norm", "ndarray")]
    {
        let (program, folder) = (Program::new(), parity(name));
        import(&program, &folder.join("params.safetensors"), &folder.join("spec.json"), &[]);
        let (trace, spec) = (read_json(&folder.join("trace.json")), read_json(&folder.join("spec.json")));
        let pad = spec["pad"].as_u64().unwrap();
        let on = ["--device", device, "--json"];

        let ragged = rows(&trace["src"], Some(pad));
        let input: String = ragged.iter().map(|src| format!("{}\n", json!({ "src": src }))).collect();
        let decode = [&["decode", "run", "--ignore-eos", "--max-new", "8"], &on[..]].concat();
        let decoded = json_lines(&program.succeed(&decode, &input));
        let greedy = rows(&trace["greedy"], None);
        assert_eq!(decoded.len(), greedy.len());
        for (line, expected) in decoded.iter().zip(&greedy) {
            assert_eq!(line["ids"], json!(expected[1..]), "{name} on {device}");
        }

        let tgt = rows(&trace["tgt"], None);
        let pairs = rows(&trace["src"], None).into_iter().zip(&tgt);
        let input: String =
            pairs.map(|(src, tgt)| format!("{}\n", json!({ "src": src, "tgt": tgt }))).collect();
        let scored = json_lines(&program.succeed(&[&["score", "run"], &on[..]].concat(), &input));
        for (line, expected) in scored.iter().zip(reference_scores(&folder, &tgt, pad)) {
            assert_close(&floats(&line["log_probs"]), &expected, 1e-5);
            let nll = -expected.iter().sum::<f64>();
            let found = [line["nll"].as_f64().unwrap(), line["bits"].as_f64().unwrap()];
            assert_close(&found, &[nll, nll / std::f64::consts::LN_2], 1e-4);
        }
        // Without padding the scores are the same.
        let pairs = rows(&trace["src"], Some(pad)).into_iter().zip(rows(&trace["tgt"], Some(pad)));
        let input: String =
            pairs.map(|(src, tgt)| format!("{}\n", json!({ "src": src, "tgt": tgt }))).collect();
        let again = json_lines(&program.succeed(&[&["score", "run"], &on[..]].concat(), &input));
        for (a, b) in scored.iter().zip(again) {
            assert_close(&floats(&a["log_probs"]), &floats(&b["log_probs"]), 1e-5);
        }
    }
}

/// What is decoded has the score that `train score` gives it, for greedy decoding and for a beam.
#[test]
fn a_decoded_text_has_the_score_of_its_text() {
    let (program, folder) = (Program::new(), parity("pre-norm"));
    import(&program, &folder.join("params.safetensors"), &folder.join("spec.json"), &[]);
    let sources = rows(&read_json(&folder.join("trace.json"))["src"], Some(0));
    let input: String = sources.iter().map(|src| format!("{}\n", json!({ "src": src }))).collect();
    for beam in ["1", "3"] {
        let decode = ["decode", "run", "--json", "--max-new", "4", "--beam", beam];
        let decoded = json_lines(&program.succeed(&decode, &input));
        for (src, line) in sources.iter().zip(decoded) {
            let mut tgt = vec![1];
            tgt.extend(rows(&json!([line["ids"]]), None).remove(0));
            if tgt.contains(&0) {
                continue; // this model, which was never trained, may write padding, which `score` leaves out
            }
            let pair = format!("{}\n", json!({ "src": src, "tgt": tgt }));
            let scored = json_lines(&program.succeed(&["score", "run", "--json"], &pair));
            assert_close(&[line["score"].as_f64().unwrap()], &[-scored[0]["nll"].as_f64().unwrap()], 1e-4);
        }
    }
}

/// PyTorch's own file format, buffers of positions, and a layer norm that divides by the unbiased deviation.
#[test]
fn a_checkpoint_of_the_annotated_transformer_gives_its_scores() {
    let program = Program::new();
    let pairs = read_json(&annotated("expected.json"));
    let pairs = pairs.as_array().unwrap();
    let input: String = pairs.iter().map(|pair| format!("{pair}\n")).collect();
    let scores = |more: &[&str]| {
        import(&program, &annotated("model.pt"), &annotated("spec.json"), more);
        json_lines(&program.succeed(&["score", "run", "--json"], &input))
    };
    for (line, pair) in scores(&["--unbiased-norm"]).iter().zip(pairs) {
        assert_close(&floats(&line["log_probs"]), &floats(&pair["log_probs"]), 1e-5);
    }
    let (as_it_is, expected) = (&scores(&[])[0], &pairs[0]);
    let difference = floats(&as_it_is["log_probs"])[0] - floats(&expected["log_probs"])[0];
    assert!(difference.abs() > 1e-3, "without --unbiased-norm the scores must differ");
}

/// A tied model has one matrix less, whether its file repeats the matrix or not, and scores as an untied one whose two
/// matrices are equal.
#[test]
fn tied_weights_are_one_parameter() {
    let (program, folder) = (Program::new(), parity("pre-norm"));
    let bytes = fs::read(folder.join("params.safetensors")).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let (table, output) = ("tgt_embed.0.lut.weight", "generator.proj.weight");
    let mut tensors: BTreeMap<String, _> = file.tensors().into_iter().collect();
    tensors.insert(output.to_owned(), file.tensor(table).unwrap());
    let write = |name: &str, tensors: &BTreeMap<String, _>| {
        fs::write(program.path(name), safetensors::serialize(tensors, None).unwrap()).unwrap();
    };
    write("repeated.safetensors", &tensors);
    tensors.remove(output);
    write("once.safetensors", &tensors);
    let mut spec = read_json(&folder.join("spec.json"));
    let mut results = Vec::new();
    for (weights, tying) in [("repeated", "none"), ("repeated", "decoder"), ("once", "decoder")] {
        spec["tying"] = tying.into();
        fs::write(program.path("spec.json"), spec.to_string()).unwrap();
        import(&program, &program.path(&format!("{weights}.safetensors")), &program.path("spec.json"), &[]);
        let info: Value = serde_json::from_str(&program.succeed(&["info", "run", "--json"], "")).unwrap();
        let pair = json!({ "src": [5, 3, 16], "tgt": [1, 4, 17, 18] }).to_string();
        let scored = json_lines(&program.succeed(&["score", "run", "--json"], &pair)).remove(0);
        results.push((info["total"].as_u64().unwrap(), floats(&scored["log_probs"])));
    }
    let [untied, repeated, once] = &results[..] else { panic!("three results") };
    assert_eq!(repeated, once);
    assert_eq!(untied.0 - once.0, 19 * 32, "one matrix of the vocabulary's 19 rows");
    assert_close(&once.1, &untied.1, 1e-5);
}

#[test]
fn info_lists_every_parameter() {
    let program = Program::new();
    import(&program, &annotated("model.pt"), &annotated("spec.json"), &[]);
    let info: Value = serde_json::from_str(&program.succeed(&["info", "run", "--json"], "")).unwrap();
    let parameters = info["parameters"].as_array().unwrap();
    let sum: u64 = parameters.iter().map(|parameter| parameter["count"].as_u64().unwrap()).sum();
    assert_eq!((info["total"].as_u64().unwrap(), sum), (10_749, 10_749));
    let text = program.succeed(&["info", "run"], "");
    assert!(text.starts_with("Transformer") && text.lines().next().unwrap().ends_with("10,749"), "{text}");
    assert_eq!(text.lines().filter(|line| line.contains('[')).count(), parameters.len());
}

#[test]
fn files_that_do_not_fit_are_refused() {
    let (program, folder) = (Program::new(), parity("pre-norm"));
    let (weights, spec) = (folder.join("params.safetensors"), folder.join("spec.json"));
    let try_spec = |change: &dyn Fn(&mut Value), parts: &[&str]| {
        let mut changed = read_json(&spec);
        change(&mut changed);
        fs::write(program.path("spec.json"), changed.to_string()).unwrap();
        program.fail(
            &["import", weights.to_str().unwrap(), "--config", "spec.json", "--out", "run"],
            "",
            parts,
        );
    };
    try_spec(&|spec| spec["n_layers"] = 3.into(), &["missing encoder.layers.2.self_attn.linears.0.weight"]);
    try_spec(&|spec| spec["n_layers"] = 1.into(), &["unexpected decoder.layers.1.feed_forward.w_1.bias"]);
    try_spec(&|spec| spec["norm"] = "post".into(), &["unexpected encoder.norm.a_2"]);
    try_spec(&|spec| spec["norm"] = "middle".into(), &["spec.json is no description", "middle"]);
    try_spec(
        &|spec| spec["d_ff"] = 65.into(),
        &["encoder.layers.0.feed_forward.w_1.weight has shape [64, 32] instead of [65, 32]"],
    );
    try_spec(&|spec| spec["n_heads"] = 5.into(), &["d_model = 32", "multiple of n_heads = 5"]);
    try_spec(&|spec| spec["bos"] = 40.into(), &["bos = 40", "below tgt_vocab = 19"]);
    try_spec(&|spec| drop(spec.as_object_mut().unwrap().remove("eps")), &["missing field `eps`"]);
    let tied = "generator.proj.weight differs from tgt_embed.0.lut.weight";
    try_spec(&|spec| spec["tying"] = "decoder".into(), &[tied]);
    assert!(!program.path("run").exists(), "nothing is written");

    let spec = annotated("spec.json");
    let bytes = fs::read(annotated("model.pt")).unwrap();
    let try_file = |name: &str, bytes: &[u8], parts: &[&str]| {
        fs::write(program.path(name), bytes).unwrap();
        program.fail(&["import", name, "--config", spec.to_str().unwrap(), "--out", "run"], "", parts);
    };
    try_file("half.pt", &bytes[..bytes.len() / 2], &["half.pt is damaged", "PyTorch checkpoint"]);
    try_file("empty.pt", &[], &["empty.pt is damaged", "PyTorch checkpoint"]);
    try_file("text.pt", b"hello, this is no checkpoint", &["text.pt is damaged", "PyTorch checkpoint"]);
    try_file("weights.txt", &bytes, &["expected a .pt or .safetensors file"]);
    program.fail(
        &["import", "missing.pt", "--config", spec.to_str().unwrap(), "--out", "run"],
        "",
        &["cannot read missing.pt"],
    );
    program.fail(
        &["import", "half.pt", "--config", "missing.json", "--out", "run"],
        "",
        &["cannot read missing.json"],
    );
}
