//! Modules of burn-nn replay to what they compute themselves, and every operation of their graphs leads to its tensors.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::pool::{AdaptiveAvgPool2d, AdaptiveAvgPool2dConfig, MaxPool2d, MaxPool2dConfig};
use burn::nn::transformer::{TransformerEncoder, TransformerEncoderConfig, TransformerEncoderInput};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, Lstm, LstmConfig, PaddingConfig2d};
use burn::tensor::activation::{gelu, log_softmax};
use burn::tensor::{Bool, Device, Distribution, Int, Tensor, TensorData};
use graph::{ComputationGraph, Program, Session, capture_program};

use crate::replay::check;

fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex())
}

/// The operations of the graph and the steps of the program are the same, tensor by tensor.
fn agree(graph: &ComputationGraph, program: &Program) {
    let steps: Vec<_> = program.steps().collect();
    for number in 0..graph.operation_count() {
        let operation = graph.operation(number);
        let results = program.results(number);
        let types: Vec<_> = results.iter().map(|&tensor| program.tensor(tensor).unwrap()).collect();
        assert_eq!(types, operation.outputs, "operation {number}, {}", operation.kind);
        if operation.kind == "constant" {
            continue;
        }
        let step = &steps[program.step_of(results[0]).unwrap()];
        assert_eq!(
            (&step.operation.kind, &step.operation.attributes),
            (&operation.kind, &operation.attributes)
        );
        assert_eq!(step.outputs, results);
        assert_eq!(step.operation.inputs, operation.inputs);
    }
    assert_eq!(program.results(graph.operation_count()), []);
}

#[test]
fn an_encoder_with_masks() {
    let device = Device::flex();
    let config = TransformerEncoderConfig::new(15, 23, 3, 2).with_norm_first(true);
    let encoder: TransformerEncoder = config.init(&device);
    let x = random([2, 7, 15]);
    let pad = Tensor::<2, Bool>::from_data(
        TensorData::from([[false; 7], [false, false, false, false, false, true, true]]),
        &device,
    );
    let forward = |encoder: &TransformerEncoder, x: Tensor<3>, pad: Tensor<2, Bool>| {
        encoder.forward(TransformerEncoderInput::new(x).mask_pad(pad))
    };
    let (graph, mut program) = capture_program("encoder", |session: &Session| {
        let encoder = encoder.clone().to_device(session.device());
        session.parameters(&encoder);
        let x = session.input("x", Tensor::<3>::zeros([2, 7, 15], session.device()));
        let pad = session.input("pad", Tensor::<2, Bool>::full([2, 7], false, session.device()));
        session.output("encoded", forward(&encoder, x, pad));
        Ok(())
    })
    .unwrap();
    agree(&graph, &program);
    assert_eq!(program.missing(), ["the input `x`", "the input `pad`"]);
    program.set_input("x", x.to_data()).unwrap();
    program.set_input("pad", pad.to_data()).unwrap();
    check(&program, &[("encoded", forward(&encoder, x, pad).into_data())]);
}

#[test]
fn a_recurrent_net_that_was_captured_without_weights() {
    let device = Device::flex();
    let lstm: Lstm = LstmConfig::new(3, 5, true).init(&device);
    let x = random([2, 7, 3]);
    let (graph, mut program) = capture_program("lstm", |session| {
        let lstm = LstmConfig::new(3, 5, true).init(session.device());
        session.parameters_of("lstm", &lstm);
        let x = session.input("x", Tensor::<3>::zeros([2, 7, 3], session.device()));
        let (hidden, state) = lstm.forward(x, None);
        session.output("hidden", hidden);
        session.output("cell", state.cell);
        Ok(())
    })
    .unwrap();
    agree(&graph, &program);
    program.set_input("x", x.to_data()).unwrap();
    assert!(program.missing()[0].starts_with("the parameter `lstm."), "{:?}", program.missing());
    program.set_parameters_of("lstm", &lstm).unwrap();
    let (hidden, state) = lstm.forward(x, None);
    check(&program, &[("hidden", hidden.into_data()), ("cell", state.cell.into_data())]);
}

#[derive(Module, Debug)]
struct Net {
    conv: Conv2d,
    norm: BatchNorm,
    pool: MaxPool2d,
    mean: AdaptiveAvgPool2d,
    last: Linear,
}

impl Net {
    fn new(device: &Device) -> Self {
        Self {
            conv: Conv2dConfig::new([3, 5], [3, 3])
                .with_stride([2, 1])
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
                .init(device),
            norm: BatchNormConfig::new(5).init(device),
            pool: MaxPool2dConfig::new([2, 2]).init(),
            mean: AdaptiveAvgPool2dConfig::new([2, 3]).init(),
            last: LinearConfig::new(30, 7).init(device),
        }
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        let x = gelu(self.norm.forward(self.conv.forward(x)));
        let x = self.mean.forward(self.pool.forward(x));
        log_softmax(self.last.forward(x.flatten::<2>(1, 3)), 1)
    }
}

#[test]
fn a_convolutional_net() {
    let net = Net::new(&Device::flex());
    let x = random([2, 3, 13, 11]);
    // Not moved here: clones share the running statistics of a batch norm, which would then stay on the recording device.
    let (graph, mut program) = capture_program("net", |session| {
        let net = Net::new(session.device());
        session.parameters(&net);
        let x = session.input("x", Tensor::<4>::zeros([2, 3, 13, 11], session.device()));
        session.output("scores", net.forward(x));
        Ok(())
    })
    .unwrap();
    agree(&graph, &program);
    program.set_input("x", x.to_data()).unwrap();
    program.set_parameters(&net).unwrap();
    check(&program, &[("scores", net.forward(x).into_data())]);
    assert!(program.parameters().any(|(paths, _)| paths[0] == "norm.running_mean"));
}

/// What is computed of integers and booleans, and what was declared to be there before.
#[test]
fn integers_booleans_tables_and_what_was_forgotten() {
    let forward = |device: &Device, x: Tensor<2>, session: Option<&Session>| {
        let table = Tensor::<1, Int>::arange(0..7, device).float().unsqueeze::<2>().sin().repeat_dim(0, 3);
        let shift = Tensor::<1, Int>::arange(0..5, device).float().cos();
        if let Some(session) = session {
            session.constant("table", table.clone());
            session.forget();
        }
        let order = x.clone().argsort(1);
        let large = x.clone().greater_elem(0.25).bool_or(order.clone().lower_elem(2));
        let y = x.clone().mask_fill(large.clone(), f32::NEG_INFINITY).max_dim(1) + x.clone().gather(1, order);
        (y * table + shift.sum().unsqueeze::<2>(), large)
    };
    let x = random([3, 7]);
    let (graph, mut program) = capture_program("tables", |session| {
        let x = session.input("x", Tensor::<2>::zeros([3, 7], session.device()));
        let (y, large) = forward(session.device(), x, Some(session));
        session.output("y", y);
        session.output("large", large);
        Ok(())
    })
    .unwrap();
    agree(&graph, &program);
    assert_eq!(graph.count("constant"), 2, "the table, and what was forgotten");
    let table = program.constant("table").unwrap();
    assert!(program.step_of(table).is_some() && program.step_count() > graph.operation_count() - 2);
    program.set_input("x", x.to_data()).unwrap();
    let (y, large) = forward(&Device::flex(), x, None);
    check(&program, &[("y", y.into_data()), ("large", large.into_data())]);
}

#[test]
fn the_same_closure_gives_the_same_program() {
    let captured = || {
        capture_program("lstm", |session| {
            let lstm = LstmConfig::new(3, 5, true).init(session.device());
            session.parameters(&lstm);
            let x = session.input("x", Tensor::<3>::zeros([2, 7, 3], session.device()));
            session.output("hidden", lstm.forward(x, None).0);
            Ok(())
        })
        .unwrap()
        .1
    };
    assert_eq!(captured(), captured());
    assert_eq!(captured().to_json().unwrap(), captured().to_json().unwrap());
}

#[test]
fn an_input_that_goes_straight_out_and_a_parameter_that_nobody_reads() {
    let (_, mut program) = capture_program("odd", |session| {
        let layers = [(); 2].map(|()| LinearConfig::new(3, 3).init(session.device()));
        session.parameters(&layers.to_vec());
        let x = session.input("x", Tensor::<2>::zeros([2, 3], session.device()));
        session.output("same", x.clone());
        session.output("weight", layers[1].weight.val());
        session.output("y", x.exp());
        Ok(())
    })
    .unwrap();
    let x = random([2, 3]);
    program.set_input("x", x.to_data()).unwrap();
    assert_eq!(program.missing(), ["the parameter `1.weight`"]);
    let linear = LinearConfig::new(3, 3).init(&Device::flex());
    program.set_parameter("1.weight", linear.weight.val().into_data()).unwrap();
    check(
        &program,
        &[("same", x.to_data()), ("weight", linear.weight.val().into_data()), ("y", x.exp().into_data())],
    );
}
