//! What the player is held to (`player/tests/kinds.json`): little programs with random values, and what Flex makes of them.
//! The file is committed and compared with what is computed now; `UPDATE_EXPECT=1` writes it anew.

use std::cell::{Cell, RefCell};
use std::path::Path;

use burn::backend::{Flex, FlexDevice};
use burn::module::Module;
use burn::tensor::{Bool, DType, Device, Int, Tensor, TensorData};
use graph::{Program, Session, capture_program};
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};
use serde_json::{Value, json};

mod layers;
mod moves;
mod numbers;
mod sums;

/// A name, and what is captured under it.
type Case = (&'static str, fn(&Play<'_>));

/// All cases: each kind of operation on random tensors whose axes are prime, some of one number or of none.
fn cases() -> Vec<Case> {
    let numbers = [numbers::numbers(), numbers::pairs(), moves::moves(), sums::reductions()].concat();
    [numbers, layers::products(), layers::windows(), layers::modules()].concat()
}

/// What a case is made with: random tensors for inputs, and outputs.
pub(super) struct Play<'s> {
    session: &'s Session,
    random: Cell<u64>,
    given: RefCell<Vec<(String, TensorData)>>,
    outputs: Cell<usize>,
}

/// The next of a row of numbers between 0 and 1 that is the same everywhere.
fn next(state: &mut u64) -> f64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 40) as f64 / (1_u64 << 24) as f64
}

fn floats(shape: &[usize], state: &mut u64, least: f32, most: f32) -> TensorData {
    let count = shape.iter().product::<usize>();
    let values: Vec<f32> = (0..count).map(|_| least + (most - least) * next(state) as f32).collect();
    TensorData::new(values, shape.to_vec())
}

impl Play<'_> {
    pub(super) fn device(&self) -> &Device {
        self.session.device()
    }

    fn known(&self, make: impl FnOnce(&mut u64) -> TensorData) -> (String, TensorData) {
        let mut state = self.random.get();
        let value = make(&mut state);
        self.random.set(state);
        let name = format!("x{}", self.given.borrow().len());
        self.given.borrow_mut().push((name.clone(), value.clone()));
        (name, value)
    }

    /// Numbers between two others.
    pub(super) fn within<const D: usize>(&self, shape: [usize; D], least: f32, most: f32) -> Tensor<D> {
        let (name, _) = self.known(|state| floats(&shape, state, least, most));
        self.session.input(&name, Tensor::<D>::zeros(shape, self.device()))
    }

    /// Numbers around 0.
    pub(super) fn float<const D: usize>(&self, shape: [usize; D]) -> Tensor<D> {
        self.within(shape, -2.0, 2.0)
    }

    /// These numbers.
    pub(super) fn these<const D: usize>(&self, shape: [usize; D], values: &[f32]) -> Tensor<D> {
        let (name, _) = self.known(|_| TensorData::new(values.to_vec(), shape.to_vec()));
        self.session.input(&name, Tensor::<D>::zeros(shape, self.device()))
    }

    /// Whole numbers from `least` to below `most`.
    pub(super) fn int<const D: usize>(&self, shape: [usize; D], least: i64, most: i64) -> Tensor<D, Int> {
        let draw = |state: &mut u64| least + ((most - least) as f64 * next(state)) as i64;
        let count = shape.iter().product::<usize>();
        let (name, _) = self.known(|state| {
            TensorData::new((0..count).map(|_| draw(state)).collect::<Vec<i64>>(), shape.to_vec())
        });
        self.session.input(&name, Tensor::<D, Int>::zeros(shape, self.device()))
    }

    pub(super) fn bool<const D: usize>(&self, shape: [usize; D]) -> Tensor<D, Bool> {
        let count = shape.iter().product::<usize>();
        let (name, _) = self.known(|state| {
            TensorData::new((0..count).map(|_| next(state) < 0.5).collect::<Vec<bool>>(), shape.to_vec())
        });
        self.session.input(&name, Tensor::<D, Bool>::full(shape, false, self.device()))
    }

    /// The parameters of a module, whose values are random too.
    pub(super) fn module<M: Module>(&self, make: impl Fn(&Device) -> M) -> M {
        let module = make(self.device());
        self.session.parameters(&module);
        module
    }

    fn name(&self) -> String {
        self.outputs.set(self.outputs.get() + 1);
        format!("y{}", self.outputs.get() - 1)
    }

    pub(super) fn give<const D: usize>(&self, tensor: Tensor<D>) {
        self.session.output(&self.name(), tensor);
    }

    pub(super) fn give_int<const D: usize>(&self, tensor: Tensor<D, Int>) {
        self.session.output(&self.name(), tensor);
    }

    pub(super) fn give_bool<const D: usize>(&self, tensor: Tensor<D, Bool>) {
        self.session.output(&self.name(), tensor);
    }
}

/// The program of a case with all its values.
fn captured(name: &str, make: fn(&Play<'_>)) -> Program {
    let mut given = Vec::new();
    let (_, mut program) = capture_program(name, |session| {
        let play = Play {
            session,
            random: Cell::new(name.bytes().fold(11, |seed, byte| seed.wrapping_mul(31) + u64::from(byte))),
            given: RefCell::default(),
            outputs: Cell::new(0),
        };
        make(&play);
        given = play.given.take();
        Ok(())
    })
    .unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut state = 7;
    let paths: Vec<String> = program.parameters().map(|(paths, _)| paths[0].clone()).collect();
    for path in paths {
        let kind = program.tensor(program.parameter(&path).unwrap()).unwrap();
        let shape: Vec<usize> = kind.axes.iter().map(|axis| axis.size).collect();
        // A variance is above 0.
        let least = if path.ends_with("var") { 0.5 } else { -1.0 };
        program.set_parameter(&path, floats(&shape, &mut state, least, 1.5)).unwrap();
    }
    for (name, value) in given {
        program.set_input(&name, value).unwrap();
    }
    program
}

/// What a case comes to, as a SafeTensors file of its outputs.
fn computed(program: &Program) -> Vec<u8> {
    let replayed =
        program.replay::<Flex>(&FlexDevice).unwrap_or_else(|error| panic!("{}: {error}", program.name()));
    let outputs: Vec<_> = program.outputs().map(|(name, _)| (name, replayed.output(name).unwrap())).collect();
    let views = outputs.iter().map(|(name, value)| {
        let dtype = match value.dtype() {
            DType::F32 => Dtype::F32,
            DType::I64 => Dtype::I64,
            DType::I32 => Dtype::I32,
            dtype if dtype.is_bool() => Dtype::BOOL,
            other => panic!("{name} of {}: {other:?}", program.name()),
        };
        (*name, TensorView::new(dtype, value.shape().to_vec(), value.as_bytes()).unwrap())
    });
    serialize(views, None).unwrap()
}

/// The bytes as text, three of them in four letters.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let four = |three: &[u8]| {
        let number =
            (0..3).fold(0, |all, place| all << 8 | usize::from(three.get(place).copied().unwrap_or(0)));
        let letter = |place: usize| match place > three.len() {
            true => '=',
            false => char::from(LETTERS[number >> (18 - 6 * place) & 63]),
        };
        (0..4).map(letter).collect::<String>()
    };
    bytes.chunks(3).map(four).collect()
}

fn bytes(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let three = |four: &[u8]| {
        let letters = four.iter().filter(|&&letter| letter != b'=');
        let (number, count) = letters
            .fold((0_u32, 0), |(all, count), &letter| (all << 6 | u32::from(value(letter)), count + 1));
        (number << (6 * (4 - count))).to_be_bytes()[1..count].to_vec()
    };
    text.as_bytes().chunks(4).flat_map(three).collect()
}

/// How far the numbers of a case are from those that are kept, over their size. Whole numbers and booleans are the same.
fn apart(name: &str, kept: &[u8], now: &[u8]) -> f64 {
    let [kept, now] = [kept, now].map(|bytes| SafeTensors::deserialize(bytes).unwrap());
    let mut most = 0.0_f64;
    for (output, now) in now.tensors() {
        let kept = kept.tensor(&output).unwrap_or_else(|_| panic!("{name} has no {output}"));
        assert_eq!((kept.dtype(), kept.shape()), (now.dtype(), now.shape()), "{output} of {name}");
        if now.dtype() != Dtype::F32 {
            assert_eq!(kept.data(), now.data(), "{output} of {name}");
            continue;
        }
        let floats = |data: &[u8]| -> Vec<f64> {
            data.chunks(4).map(|four| f64::from(f32::from_le_bytes(four.try_into().unwrap()))).collect()
        };
        for (a, b) in floats(kept.data()).into_iter().zip(floats(now.data())) {
            let same = a == b || (a.is_nan() && b.is_nan());
            let difference = if same { 0.0 } else { (a - b).abs() / a.abs().max(1.0) };
            most = if difference.is_nan() { f64::INFINITY } else { most.max(difference) };
        }
    }
    most
}

#[test]
fn what_the_player_is_held_to_is_what_flex_computes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("player/tests/kinds.json");
    let made = cases().into_iter().map(|(name, make)| {
        let program = captured(name, make);
        assert_eq!(program.missing(), [""; 0], "{name}");
        let json: Value = serde_json::from_str(&program.to_json().unwrap()).unwrap();
        (name, json, base64(&program.to_safetensors().unwrap()), computed(&program))
    });
    let made: Vec<_> = made.collect();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let lines = made.iter().map(|(name, program, values, expected)| {
            json!({ "name": name, "program": program, "values": values, "expected": base64(expected) })
                .to_string()
        });
        std::fs::write(&path, format!("[\n{}\n]\n", lines.collect::<Vec<_>>().join(",\n"))).unwrap();
    }
    let kept: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let names = |list: &[Value]| list.iter().map(|case| case["name"].to_string()).collect::<Vec<_>>();
    let expected: Vec<Value> = made.iter().map(|(name, ..)| json!({ "name": name })).collect();
    assert_eq!(names(&kept), names(&expected), "UPDATE_EXPECT=1 writes {} anew", path.display());
    for (case, (name, program, values, now)) in kept.iter().zip(made) {
        assert_eq!(case["program"], program, "{name}");
        assert_eq!(case["values"], values, "{name}");
        let most = apart(name, &bytes(case["expected"].as_str().unwrap()), &now);
        assert!(most <= 1e-5, "{name} is {most} away from what is kept");
    }
}
