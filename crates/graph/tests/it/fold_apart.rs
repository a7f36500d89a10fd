//! Only what is truly equal is folded: of a row of blocks, one that differs in anything is never folded with others.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Tensor};
use graph::ComputationGraph;

use crate::listed::{graph, inside, shown};

#[derive(Module, Debug)]
struct Block {
    a: Linear,
    b: Linear,
}

#[derive(Module, Debug)]
struct Net {
    blocks: Vec<Block>,
}

/// What one block has of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Own {
    Nothing,
    Width,
    NoBias,
    Constant,
    Values,
    Function,
    Skip,
    NoSkip,
    WeightTwice,
    WeightOfAnother,
    ReadElsewhere,
    OtherInput,
    SliceElsewhere,
}

const ALL: [Own; 12] = [
    Own::Width,
    Own::NoBias,
    Own::Constant,
    Own::Values,
    Own::Function,
    Own::Skip,
    Own::NoSkip,
    Own::WeightTwice,
    Own::WeightOfAnother,
    Own::ReadElsewhere,
    Own::OtherInput,
    Own::SliceElsewhere,
];

const BLOCKS: usize = 6;

fn block(own: Own, device: &Device) -> Block {
    let width = if own == Own::Width { 7 } else { 4 };
    let bias = own != Own::NoBias;
    Block {
        a: LinearConfig::new(4, width).with_bias(bias).init(device),
        b: LinearConfig::new(width, 4).init(device),
    }
}

/// Six blocks, of which the one at `place` has something of its own.
fn row(place: usize, own: Own, spans: bool) -> ComputationGraph {
    graph(|session| {
        let device = session.device();
        let own = |n: usize| if n == place { own } else { Own::Nothing };
        let net = Net { blocks: (0..BLOCKS).map(|n| block(own(n), device)).collect() };
        session.parameters(&net);
        let [x, other] = ["x", "other"].map(|name| session.input(name, Tensor::<2>::zeros([2, 4], device)));
        let long = session.input("long", Tensor::<2>::zeros([2 * BLOCKS + 2, 4], device));
        let (mut x, mut seen) = (x, Vec::new());
        for (n, block) in net.blocks.iter().enumerate() {
            let own = own(n);
            let forward = |x: Tensor<2>| {
                let a = match own {
                    Own::WeightOfAnother => &net.blocks[(n + 1) % BLOCKS].a,
                    _ => &block.a,
                };
                let b = if own == Own::WeightTwice { a } else { &block.b };
                let inner = a.forward(x.clone());
                let inner = if own == Own::Function { sigmoid(inner) } else { relu(inner) };
                let factor = if own == Own::Constant { 3.0 } else { 2.0 };
                let values = if own == Own::Values { [1.0_f32, 2.0, 4.0, 3.0] } else { [1.0, 2.0, 3.0, 4.0] };
                let at = 2 * n + usize::from(own == Own::SliceElsewhere);
                let from = if own == Own::OtherInput {
                    other.clone()
                } else {
                    long.clone().slice([at..at + 2, 0..4])
                };
                let from = if own == Own::OtherInput { from.slice([0..2, 0..4]) } else { from };
                let y =
                    b.forward(inner) * factor + Tensor::<1>::from_floats(values, device).unsqueeze() + from;
                match own {
                    Own::Skip => y.clone() + y,
                    Own::NoSkip => y,
                    _ => x + y,
                }
            };
            x = if spans { tracing::info_span!("block").in_scope(|| forward(x)) } else { forward(x) };
            if own == Own::ReadElsewhere {
                seen.push(x.clone());
            }
        }
        session.output("y", x + other.clone());
        for (n, seen) in seen.into_iter().enumerate() {
            session.output(&format!("seen{n}"), seen.exp());
        }
    })
}

#[test]
fn equal_blocks_are_folded() {
    for spans in [false, true] {
        let found = row(0, Own::Nothing, spans);
        assert!(shown(&found, 1).boxes.iter().any(|b| b.repeat == BLOCKS), "{}", found.outline());
    }
}

#[test]
fn a_block_that_differs_stays_apart() {
    for own in ALL {
        for (place, spans) in (0..BLOCKS).flat_map(|place| [(place, false), (place, true)]) {
            let found = row(place, own, spans);
            let view = shown(&found, 9);
            let most = view.boxes.iter().map(|b| b.repeat).max().unwrap_or(1);
            // What others read is the last of its run, and not apart from the ones before it.
            let before = if own == Own::ReadElsewhere { place + 1 } else { place };
            let limit = before.max(BLOCKS - place - 1);
            assert!(
                most <= limit,
                "{own:?} at {place}: {most} in {:?}\n{}",
                inside(&view, 0),
                found.outline()
            );
        }
    }
}
