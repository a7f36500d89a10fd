//! Many modules of burn-nn, and operations beside them: each replays to what it computes itself.

use burn::module::Module;
use burn::nn::activation::{PReluConfig, SwiGluConfig};
use burn::nn::attention::{MhaInput, MultiHeadAttentionConfig, generate_autoregressive_mask};
use burn::nn::conv::{Conv1dConfig, Conv3dConfig, ConvTranspose2dConfig};
use burn::nn::interpolate::{Interpolate2dConfig, InterpolateMode};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::pool::AvgPool2dConfig;
use burn::nn::transformer::{TransformerDecoderConfig, TransformerDecoderInput};
use burn::nn::{
    BiLstmConfig, EmbeddingConfig, GroupNormConfig, GruConfig, InstanceNormConfig, PositionalEncodingConfig,
    RmsNormConfig, RotaryEncodingConfig, Unfold4dConfig,
};
use burn::tensor::{Device, Distribution, Int, Tensor, activation};
use graph::capture_program;

use crate::replay::check;

/// Captures a module without weights, tells them, and compares.
fn case<const D: usize, const E: usize, M: Module>(
    name: &str,
    shape: [usize; D],
    make: impl Fn(&Device) -> M,
    forward: impl Fn(&M, Tensor<D>) -> Tensor<E>,
) {
    let x = Tensor::<D>::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex());
    let module = make(&Device::flex());
    let (graph, mut program) = capture_program(name, |session| {
        let module = make(session.device());
        session.parameters(&module);
        let x = session.input("x", Tensor::<D>::zeros(shape, session.device()));
        session.output("y", forward(&module, x));
        Ok(())
    })
    .unwrap_or_else(|error| panic!("{name}: {error}"));
    program.set_input("x", x.to_data()).unwrap();
    program.set_parameters(&module).unwrap();
    check(&program, &[("y", forward(&module, x).into_data())]);
    // What a graph's operation gives is what it says that it gives.
    for number in 0..graph.operation_count() {
        let given: Vec<_> = program.results(number).iter().map(|&id| program.tensor(id).unwrap()).collect();
        assert_eq!(given, graph.operation(number).outputs, "{name}, operation {number}");
    }
    // And kept as text, it is the same program.
    let mut again = graph::Program::from_json(&program.to_json().unwrap()).unwrap();
    again.set_safetensors(&program.to_safetensors().unwrap()).unwrap();
    assert_eq!(again, program, "{name}");
}

#[test]
fn norms() {
    case("group", [2, 6, 5], |d| GroupNormConfig::new(3, 6).init(d), |m, x| m.forward(x));
    case("instance", [2, 3, 5], |d| InstanceNormConfig::new(3).init(d), |m, x| m.forward(x));
    case("rms", [2, 3, 5], |d| RmsNormConfig::new(5).init(d), |m, x| m.forward(x));
}

#[test]
fn convolutions_and_pools() {
    case("conv1d", [2, 3, 11], |d| Conv1dConfig::new(3, 5, 3).with_stride(2).init(d), |m, x| m.forward(x));
    case("conv3d", [2, 3, 5, 7, 5], |d| Conv3dConfig::new([3, 2], [2, 3, 2]).init(d), |m, x| m.forward(x));
    let transposed = |d: &Device| ConvTranspose2dConfig::new([3, 2], [3, 2]).with_stride([2, 1]).init(d);
    case("transposed", [2, 3, 5, 7], transposed, |m, x| m.forward(x));
    case("mean", [2, 3, 7, 5], |_| AvgPool2dConfig::new([3, 2]).init(), |m, x| m.forward(x));
    case("unfold", [2, 3, 7, 5], |_| Unfold4dConfig::new([3, 2]).init(), |m, x| m.forward(x));
    let larger = |_: &Device| {
        Interpolate2dConfig::new().with_output_size(Some([11, 13])).with_mode(InterpolateMode::Linear).init()
    };
    case("larger", [2, 3, 5, 7], larger, |m, x| m.forward(x));
}

#[test]
fn over_time() {
    case("gru", [2, 5, 3], |d| GruConfig::new(3, 7, true).init(d), |m, x| m.forward(x, None));
    case("both ways", [2, 5, 3], |d| BiLstmConfig::new(3, 7, true).init(d), |m, x| m.forward(x, None).0);
}

#[test]
fn attention_of_all_sorts() {
    let quiet = |d: &Device| MultiHeadAttentionConfig::new(15, 3).with_quiet_softmax(true).init(d);
    case("quiet", [2, 7, 15], quiet, |m, x| m.forward(MhaInput::self_attn(x)).context);
    case(
        "decoder",
        [2, 7, 15],
        |d| TransformerDecoderConfig::new(15, 23, 3, 2).init(d),
        |m, x| {
            let mask = generate_autoregressive_mask(2, 7, &x.device());
            m.forward(TransformerDecoderInput::new(x.clone(), x.flip([1])).target_mask_attn(mask))
        },
    );
    case("rotary", [2, 3, 7, 10], |d| RotaryEncodingConfig::new(11, 10).init(d), |m, x| m.forward(x));
    let positions = |d: &Device| PositionalEncodingConfig::new(10).with_max_sequence_size(11).init(d);
    case("positions", [2, 7, 10], positions, |m, x| m.forward(x));
}

#[test]
fn activations_tables_and_losses() {
    case("gated", [2, 5], |d| SwiGluConfig::new(5, 7).init(d), |m, x| m.forward(x));
    case("leaning", [2, 5, 3], |d| PReluConfig::new().with_num_parameters(5).init(d), |m, x| m.forward(x));
    case("table", [2, 5], |d| EmbeddingConfig::new(5, 3).init(d), |m, x| m.forward(x.argsort(1)));
    case(
        "loss",
        [7, 5],
        |d| CrossEntropyLossConfig::new().with_smoothing(Some(0.1)).init(d),
        |m, x| {
            let targets = x.clone().argmax(1).squeeze_dim::<1>(1);
            m.forward(x, targets)
        },
    );
}

/// Operations without a module.
#[test]
fn whatever_else_is_done() {
    let nothing = |_: &Device| Vec::<burn::nn::Linear>::new();
    case("sums", [3, 5, 7], nothing, |_, x| x.clone().cumsum(1) + x.clone().mean_dim(2) - x.var(0).sqrt());
    case("moves", [3, 5, 7], nothing, |_, x| {
        let parts = x.clone().chunk(3, 0);
        let twice = Tensor::cat(vec![parts[2].clone(), parts[0].clone()], 2).permute([2, 0, 1]);
        twice.repeat_dim(1, 3).slice([2..11, 0..3, 1..4]).flip([0, 2]) * 2 - 1
    });
    case("functions", [3, 5], nothing, |_, x| {
        let y = x.clone().exp().log1p().powf_scalar(1.5) + x.clone().sin() * x.clone().cos().tanh();
        activation::softplus(y, 1.0)
            + activation::hard_sigmoid(x.clone(), 0.2, 0.5)
            + x.erf().clamp(-0.5, 0.9)
    });
    case("choices", [5, 7], nothing, |_, x| {
        let (values, places) = x.clone().topk_with_indices(3, 1);
        let picked = x.clone().gather(1, places.clone()) * values.sign();
        let one_hot = places.float().lower_equal_elem(3.0).float();
        let order: Tensor<1, Int> = x.clone().max_dim(1).squeeze_dim::<1>(1).argsort(0);
        (picked + one_hot).select(0, order) + x.clone().greater(x.flip([1])).int().sum_dim(1).float()
    });
    case("parts", [5, 7], nothing, |_, x| {
        let patch = x.clone().slice([0..2, 0..3]).recip();
        x.clone().slice_assign([1..3, 2..5], patch).mask_where(x.clone().is_nan(), x.ones_like())
    });
}
