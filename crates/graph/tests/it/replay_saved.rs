//! Programs are saved and read back; what isn't one is refused with a reason, and never with a panic.

use burn::backend::{Flex, FlexDevice};
use burn::module::Module;
use burn::nn::{Embedding, EmbeddingConfig, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::softmax;
use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use graph::{Program, ProgramError, ReplayError, ValueError, capture_program};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

#[derive(Module, Debug)]
struct Net {
    embedding: Embedding,
    norm: LayerNorm,
    linear: Linear,
}

impl Net {
    fn new() -> Self {
        let device = Device::flex();
        Self {
            embedding: EmbeddingConfig::new(13, 5).init(&device),
            norm: LayerNormConfig::new(5).with_epsilon(1e-6).init(&device),
            linear: LinearConfig::new(5, 7).with_bias(false).init(&device),
        }
    }

    fn forward(&self, ids: Tensor<2, Int>) -> Tensor<3> {
        let mask = Tensor::<2, Bool>::tril_mask([3, 3], 0, &ids.device()).unsqueeze::<3>();
        let x = self.norm.forward(self.embedding.forward(ids));
        let scores = x.clone().matmul(x.clone().swap_dims(1, 2)) / 5_f64.sqrt();
        let weights = softmax(scores.mask_fill(mask, f32::NEG_INFINITY), 2);
        self.linear.forward(weights.matmul(x))
    }
}

/// With values for everything.
fn captured() -> (Net, Program) {
    let net = Net::new();
    let (_, program) = capture_program("net", |session| {
        let net = net.clone().to_device(session.device());
        session.parameters(&net);
        let ids = TensorData::from([[3_i64, 1, 12], [0, 5, 7]]);
        let ids = session.input("ids", Tensor::<2, Int>::from_data(ids, session.device()));
        session.output("y", net.forward(ids));
        Ok(())
    })
    .unwrap();
    (net, program)
}

fn error(text: &str) -> ProgramError {
    Program::from_json(text).unwrap_err()
}

#[test]
fn a_program_that_was_saved_is_the_same_and_computes_the_same() {
    let (_, program) = captured();
    let (json, values) = (program.to_json().unwrap(), program.to_safetensors().unwrap());
    let mut again = Program::from_json(&json).unwrap();
    assert_eq!(again.to_json().unwrap(), json);
    let error = again.replay::<Flex>(&FlexDevice).unwrap_err();
    assert!(matches!(error, ReplayError::Missing { .. }), "{error}");
    again.set_safetensors(&values).unwrap();
    assert_eq!(again, program);
    assert_eq!(again.to_safetensors().unwrap(), values);
    let [a, b] = [&program, &again].map(|program| program.replay::<Flex>(&FlexDevice).unwrap());
    assert_eq!(a.output("y").unwrap(), b.output("y").unwrap());
    assert!(json.contains("-Infinity"), "the mask");
    assert_eq!(json.lines().count(), json.matches('\n').count(), "it ends with a line break");
}

#[test]
fn what_is_no_program_is_refused() {
    let json = captured().1.to_json().unwrap();
    assert!(matches!(error(""), ProgramError::Json { line: 1, .. }));
    for end in [1, 20, json.len() / 2, json.len() - 3] {
        assert!(matches!(error(&json[..end]), ProgramError::Json { .. }), "cut off at {end}");
    }
    for other in ["[]", "{}", "3", "null", r#"{"format": "graph", "version": 1}"#] {
        assert_eq!(error(other), ProgramError::Format, "{other}");
    }
    let newer = json.replacen("\"version\":1", "\"version\":2", 1);
    assert_eq!(error(&newer), ProgramError::Version { found: "2".into(), expected: 1 });
    assert!(error(&newer).to_string().contains("save it anew"));
}

#[test]
fn what_was_edited_is_told_from_what_is_only_spaced_otherwise() {
    let json = captured().1.to_json().unwrap();
    for (from, to) in [
        ("\"shape\":[13,5]", "\"shape\":[5,13]"),
        ("-Infinity", "Infinity"),
        ("{\"tensor\":2}", "{\"tensor\":3}"),
        ("embedding.weight", "embedding.weights"),
        ("\"Softmax\"", "\"LogSoftmax\""),
        ("\"name\":\"net\"", "\"name\":\"not\""),
        ("\"digest\":\"", "\"digest\":\"0"),
        ("\"digest\":", "\"digits\":"),
    ] {
        assert!(json.contains(from), "{from} is not in {json}");
        let edited = error(&json.replacen(from, to, 1));
        assert!(matches!(edited, ProgramError::Edited { .. }), "{from}: {edited}");
    }
    let spaced = serde_json::from_str::<serde_json::Value>(&json).unwrap();
    let spaced = serde_json::to_string_pretty(&spaced).unwrap();
    assert_eq!(Program::from_json(&spaced).unwrap().to_json().unwrap(), json);
}

/// Who edits a file and mends its digest as well meets the checks of what it says.
#[test]
fn what_makes_no_sense_is_refused() {
    let json = captured().1.to_json().unwrap();
    let steps = Program::from_json(&json).unwrap().step_count();
    for (from, to) in [
        ("\"shape\":[13,5]", "\"shape\":[4294967296,4294967296]"),
        ("\"shape\":[13,5]", "\"shape\":[13,-5]"),
        ("\"dtype\":\"F32\"", "\"dtype\":\"F33\""),
        ("\"inputs\":[\n", "\"inputs\":[\n{\"name\":\"ids\",\"tensor\":0},"),
        ("{\"name\":\"ids\",\"tensor\":0}", "{\"name\":\"ids\",\"tensor\":999}"),
        ("{\"name\":\"ids\",\"tensor\":0}", "{\"name\":\"ids\",\"tensor\":1}"),
        ("{\"name\":\"y\",\"tensor\":", "{\"name\":\"y\",\"tensor\":9"),
        ("{\"tensor\":0}", "{\"tensor\":20}"),
        ("\"operations\":[\n", "\"operations\":[\n{\"Init\":{\"out\":{\"tensor\":0}}},"),
        ("\"operations\":[\n", "\"operations\":[\n{\"Drop\":{\"tensor\":0}},"),
        ("\"operations\":[\n", "\"operations\":[\n3,"),
        ("\"shown\":[\n", "\"shown\":[\n[999],"),
        ("\"tensors\":[\n", "\"more\":[],\"tensors\":[\n"),
    ] {
        assert!(json.contains(from), "{from} is not in {json}");
        let text = mended(&json.replacen(from, to, 1));
        let refused = error(&text);
        assert!(matches!(refused, ProgramError::Form { .. }), "{from}: {refused}");
    }
    // Steps in another order read what isn't there yet.
    let mut value: serde_json::Value = serde_json::from_str(&json).unwrap();
    value["operations"].as_array_mut().unwrap().swap(0, steps - 1);
    assert!(matches!(error(&mended(&value.to_string())), ProgramError::Form { .. }));
}

/// The text with the digest that belongs to it, as the error tells it.
fn mended(text: &str) -> String {
    match Program::from_json(text) {
        Err(ProgramError::Edited { found, expected }) => text.replacen(&expected, &found, 1),
        other => panic!("{other:?} of {text}"),
    }
}

/// Shapes that don't fit each other are Burn's to refuse, by a panic; here that is an error.
#[test]
fn what_a_backend_panics_at_is_an_error() {
    let (_, mut program) = captured();
    let ids = TensorData::from([[3_i64, 1, 999], [0, 5, 7]]);
    program.set_input("ids", ids).unwrap();
    let failed = program.replay::<Flex>(&FlexDevice).unwrap_err();
    assert!(
        matches!(failed, ReplayError::Failed { ref place, .. } if place.starts_with("step ")),
        "{failed}"
    );
}

#[test]
fn values_that_do_not_fit_are_named_and_change_nothing() {
    let (net, program) = captured();
    let bytes = program.to_safetensors().unwrap();
    let refused = |bytes: &[u8]| {
        let mut again = Program::from_json(&program.to_json().unwrap()).unwrap();
        let error = again.set_safetensors(bytes).unwrap_err();
        assert!(again.parameters().all(|(_, tensor)| again.value(tensor).is_none()), "nothing is changed");
        error
    };
    for end in [0, 7, 100, bytes.len() / 2, bytes.len() - 1] {
        assert!(matches!(refused(&bytes[..end]), ValueError::Damaged { .. }), "cut off at {end}");
    }
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let with = |change: &dyn Fn(&str, TensorView<'_>) -> Option<Vec<u8>>, dtype: Dtype, shape: &[usize]| {
        let all = file.tensors().into_iter().filter_map(|(name, view)| {
            if name != "linear.weight" {
                return Some((name, view.dtype(), view.shape().to_vec(), view.data().to_vec()));
            }
            change(&name, view).map(|data| (name, dtype, shape.to_vec(), data))
        });
        let all: Vec<_> = all.collect();
        let views = all.iter().map(|(name, dtype, shape, data)| {
            (name.clone(), TensorView::new(*dtype, shape.clone(), data).unwrap())
        });
        safetensors::serialize(views, None).unwrap()
    };
    let missing = refused(&with(&|_, _| None, Dtype::F32, &[]));
    assert_eq!(missing, ValueError::Missing { tensor: "the parameter `linear.weight`".into() });
    let shape = refused(&with(&|_, view| Some(view.data().to_vec()), Dtype::F32, &[7, 5]));
    assert_eq!(shape.to_string(), "the parameter `linear.weight` has the shape [5, 7], and [7, 5] was given");
    let dtype = refused(&with(&|_, view| Some(view.data()[..70].to_vec()), Dtype::I16, &[5, 7]));
    assert_eq!(dtype.to_string(), "the parameter `linear.weight` is of f32, and i16 was given");
    let other = [("linear.bias", TensorView::new(Dtype::F32, vec![1], &[0; 4]).unwrap())];
    let unknown = refused(&safetensors::serialize(other, None).unwrap());
    assert_eq!(unknown.to_string(), "`net` has no tensor `linear.bias`");

    let mut program = program;
    let before = program.clone();
    assert!(matches!(program.set_input("ids", TensorData::from([[1_i64]])), Err(ValueError::Shape { .. })));
    assert!(matches!(
        program.set_input("ids", TensorData::ones::<f32, _>([2, 3])),
        Err(ValueError::DType { .. })
    ));
    assert!(matches!(program.set_input("x", TensorData::from([1_i64])), Err(ValueError::Unknown { .. })));
    assert!(matches!(program.set_parameter("x", TensorData::from([1_i64])), Err(ValueError::Unknown { .. })));
    let error = program.set_parameters(&net.linear).unwrap_err();
    assert!(matches!(error, ValueError::Unknown { name, .. } if name == "weight"), "a part of the module");
    assert_eq!(program, before);
    program.set_input("ids", TensorData::from([[3_i32, 1, 12], [0, 5, 7]])).unwrap();
    assert_eq!(program, before, "other integers are turned into those that were captured");
}

/// A checkpoint of the module has its parameters by their paths, and no constants.
#[test]
fn a_checkpoint_will_do_where_constants_are_there_already() {
    let (net, program) = captured();
    let other = Net::new();
    let weights = [
        ("embedding.weight", other.embedding.weight.val().into_data()),
        ("norm.gamma", other.norm.gamma.val().into_data()),
        ("norm.beta", other.norm.beta.as_ref().unwrap().val().into_data()),
        ("linear.weight", other.linear.weight.val().into_data()),
    ];
    let views = weights.iter().map(|(name, value)| {
        (*name, TensorView::new(Dtype::F32, value.shape().to_vec(), value.as_bytes()).unwrap())
    });
    let mut changed = program.clone();
    changed.set_safetensors(&safetensors::serialize(views, None).unwrap()).unwrap();
    let ids = Tensor::<2, Int>::from_data(
        program.value(program.input("ids").unwrap()).unwrap().clone(),
        &Device::flex(),
    );
    for (program, net) in [(&program, &net), (&changed, &other)] {
        crate::replay::check(program, &[("y", net.forward(ids.clone()).into_data())]);
    }
}

/// Every number below a value, to be changed.
fn numbers<'a>(value: &'a mut serde_json::Value, found: &mut Vec<&'a mut serde_json::Value>) {
    match value {
        serde_json::Value::Number(_) => found.push(value),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| numbers(item, found)),
        serde_json::Value::Object(members) => members.values_mut().for_each(|item| numbers(item, found)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(7), cases: 400, ..ProptestConfig::default() })]

    /// A byte is another, some are missing, or some are there twice: that is an error, or the same program.
    #[test]
    fn damage_is_found_wherever_it_is(at in 0.0..1.0_f64, length in 0_usize..40, byte in any::<u8>(), how in 0..3) {
        thread_local!(static FILES: (Program, String, Vec<u8>) = {
            let program = captured().1;
            (program.clone(), program.to_json().unwrap(), program.to_safetensors().unwrap())
        });
        FILES.with(|(program, json, values)| {
            let damaged = |bytes: &[u8]| {
                let start = (at * bytes.len() as f64) as usize;
                let end = (start + length).min(bytes.len());
                let middle = match how {
                    0 => vec![byte],
                    1 => vec![],
                    _ => [&bytes[start..end], &bytes[start..end]].concat(),
                };
                [&bytes[..start], &middle, &bytes[end..]].concat()
            };
            if let Ok(same) = Program::from_json(&String::from_utf8_lossy(&damaged(json.as_bytes()))) {
                prop_assert_eq!(same.to_json().unwrap(), json.as_str());
            }
            // A number more or less isn't found in values, but it is a value.
            let mut again = program.clone();
            if again.set_safetensors(&damaged(values)).is_ok() {
                prop_assert_eq!(again.missing(), [""; 0]);
            }
            Ok(())
        })?;
    }

    /// One number is another, with the digest that belongs to it: that is an error at the latest when it is carried out.
    #[test]
    fn other_numbers_are_refused_or_carried_out(at in any::<prop::sample::Index>(), list in 0..3_usize, number in 0_u64..30) {
        thread_local!(static FILES: (String, Vec<u8>) = {
            let program = captured().1;
            (program.to_json().unwrap(), program.to_safetensors().unwrap())
        });
        FILES.with(|(json, values)| {
            let before: serde_json::Value = serde_json::from_str(json).unwrap();
            let mut value = before.clone();
            let mut found = Vec::new();
            numbers(&mut value[["operations", "tensors", "shown"][list]], &mut found);
            let at = at.index(found.len());
            *found[at] = number.into();
            let text = value.to_string();
            let text = if value == before { text } else { mended(&text) };
            let Ok(mut program) = Program::from_json(&text) else { return Ok(()) };
            if program.set_safetensors(values).is_ok() {
                // Whatever comes of it, it is no panic.
                let _ = program.replay::<Flex>(&FlexDevice);
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}
