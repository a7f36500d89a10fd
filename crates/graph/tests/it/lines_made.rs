//! What is made together with a value of the crate's own, such as a cache, has its own line.
//!
//! A line that makes operations ends in a comment with two slashes and a colon, and the kinds of what it makes.

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use graph::{ClosureError, ComputationGraph, Session, capture};

const THIS: &str = include_str!("lines_made.rs");

/// Fails unless every operation has the line that made it.
fn check(graph: &ComputationGraph) {
    for operation in graph.operations() {
        let source = operation.source.as_ref().unwrap_or_else(|| panic!("{} has no line", operation.kind));
        let line = THIS.lines().nth(source.line as usize - 1).unwrap_or_default();
        let made = line.split_once("//: ").map_or("", |(_, kinds)| kinds);
        let fits = made.split(' ').any(|kind| kind == operation.kind || kind == "any");
        assert!(fits, "{} was made by {line:?}, called by {:?}", operation.kind, operation.calls);
    }
}

fn captured(run: impl FnOnce(&Session) -> Result<(), ClosureError>) -> ComputationGraph {
    capture("made", run).unwrap()
}

fn x(session: &Session) -> Tensor<2> {
    session.input("x", Tensor::<2>::zeros([5, 7], session.device()))
}

/// What a decoder keeps of the steps before.
struct Cache {
    keys: Tensor<2>,
    values: Tensor<2>,
    length: usize,
}

impl Cache {
    fn new(length: usize, device: &Device) -> Self {
        Self {
            keys: Tensor::empty([length, 7], device),   //: empty
            values: Tensor::zeros([length, 7], device), //: zeros full constant
            length,
        }
    }

    fn add(&self, x: Tensor<2>) -> Tensor<2> {
        let keys = self.keys.clone().slice_assign([0..5, 0..7], x); //: slice_assign
        keys + self.values.clone() //: add
    }
}

impl Default for Rotation {
    fn default() -> Self {
        Self { angles: table(11) }
    }
}

/// A table that is computed when it is made, by a helper.
struct Rotation {
    angles: Tensor<2>,
}

thread_local!(static DEVICE: std::cell::RefCell<Option<Device>> = const { std::cell::RefCell::new(None) });

fn table(length: usize) -> Tensor<2> {
    let device = DEVICE.with(|device| device.borrow().clone()).unwrap();
    let places = Tensor::<2>::ones([length, 7], &device); //: ones full constant
    places.cos() //: cos
}

#[derive(Module, Debug)]
struct Layer {
    linear: Linear,
    scale: Param<Tensor<1>>,
}

impl Layer {
    fn new(device: &Device) -> Self {
        let scale = Param::from_tensor(Tensor::zeros([7], device));
        Self { linear: LinearConfig::new(7, 7).init(device), scale }
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let x = self.linear.forward(x); //: any
        let x = x * self.scale.val().unsqueeze(); //: mul reshape
        let start = Tensor::<2>::zeros([5, 7], &x.device()); //: zeros full constant
        x - start //: sub
    }
}

#[test]
fn a_cache_that_a_function_makes_has_its_lines() {
    let graph = captured(|session| {
        let cache = Cache::new(13, session.device());
        let y = cache.add(x(session));
        session.output("y", y * cache.length as f64); //: mul_scalar
        Ok(())
    });
    assert_eq!(graph.count("empty"), 1);
    check(&graph);
    let empty = graph.operations().find(|operation| operation.kind == "empty").unwrap();
    let call = THIS.lines().nth(empty.calls[0].line as usize - 1).unwrap();
    assert!(call.contains("Cache::new(13"), "{call}");
}

#[test]
fn each_layers_cache_has_the_same_lines() {
    let graph = captured(|session| {
        let caches: Vec<Cache> = (0..3).map(|_| Cache::new(11, session.device())).collect();
        let fold = |x: Tensor<2>, cache: &Cache| cache.add(x).slice([0..5, 0..7]); //: slice
        session.output("y", caches.iter().fold(x(session), fold));
        Ok(())
    });
    assert_eq!(graph.count("empty"), 3);
    check(&graph);
}

#[test]
fn a_helper_that_fills_a_table_is_followed() {
    let graph = captured(|session| {
        DEVICE.with(|device| *device.borrow_mut() = Some(session.device().clone()));
        let rotation = Rotation::default();
        let y = x(session) * rotation.angles.slice([0..5, 0..7]); //: mul slice
        session.output("y", y.exp()); //: exp
        Ok(())
    });
    assert_eq!(graph.count("cos"), 1);
    check(&graph);
}

/// Parameters are made there too, but are no operations: they take no line from what is made later.
#[test]
fn a_module_takes_nothing_from_its_forward_pass() {
    let graph = captured(|session| {
        let layers: Vec<Layer> = (0..2).map(|_| Layer::new(session.device())).collect();
        session.parameters(&layers);
        let y = layers.iter().fold(x(session), |x, layer| layer.forward(x));
        session.output("y", y.exp()); //: exp
        Ok(())
    });
    assert_eq!(graph.count("sub"), 2);
    check(&graph);
}
