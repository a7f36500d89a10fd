//! What must hold for gradients: micro-batches add up, and what is tied
//! shares one gradient.

use std::collections::BTreeMap;

use crate::common::{
    Array, assert_close, devices, fill, id_tensor, parameters,
};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Int, Tensor};
use model::label_smoothing::{Loss, label_smoothing};
use model::{Transformer, TransformerConfig, Tying};

const VOCAB: usize = 23;

fn config(tying: Tying) -> TransformerConfig {
    let sizes = TransformerConfig {
        d_model: 15,
        n_heads: 3,
        d_ff: 17,
        ..TransformerConfig::tiny(VOCAB)
    };
    TransformerConfig {
        dropout: 0.0,
        generator_bias: false,
        tying,
        ..sizes
    }
}

fn loss(
    model: &Transformer,
    src: &[Vec<i64>],
    tgt: &[Vec<i64>],
    device: &Device,
) -> Loss {
    let tgt: Tensor<2, Int> = id_tensor(tgt, device);
    let [batch, length] = tgt.dims();
    let given = tgt.clone().slice([0..batch, 0..length - 1]);
    let next = tgt.slice([0..batch, 1..length]);
    label_smoothing(
        model.forward(id_tensor(src, device), given).logits,
        next,
        0,
        0.1,
    )
}

/// Gradients by path.
fn gradients(
    model: &Transformer,
    loss: Tensor<1>,
) -> BTreeMap<String, Array> {
    let gradients = GradientsParams::from_grads(loss.backward(), model);
    let of = |(path, id, value): (String, _, Array)| {
        let gradient = match value.shape.len() {
            1 => gradients.get::<1>(id).map(Array::of),
            _ => gradients.get::<2>(id).map(Array::of),
        };
        (
            path.clone(),
            gradient
                .unwrap_or_else(|| panic!("{path} has no gradient")),
        )
    };
    parameters(model).into_iter().map(of).collect()
}

fn plus(a: &Array, b: &Array) -> Array {
    assert_eq!(a.shape, b.shape);
    Array {
        shape: a.shape.clone(),
        values: a
            .values
            .iter()
            .zip(&b.values)
            .map(|(a, b)| a + b)
            .collect(),
    }
}

fn batch() -> (Vec<Vec<i64>>, Vec<Vec<i64>>) {
    let src = [[3, 7, 5, 0, 0], [9, 4, 8, 22, 3], [11, 5, 0, 0, 0]];
    let tgt = [
        [1, 6, 5, 4, 19, 2, 0],
        [1, 12, 2, 0, 0, 0, 0],
        [1, 13, 14, 15, 16, 17, 2],
    ];
    (src.map(Vec::from).to_vec(), tgt.map(Vec::from).to_vec())
}

/// Micro-batches with different numbers of target tokens: each sum is
/// divided by the tokens of the whole.
#[test]
fn micro_batches_accumulate_to_one_big_batch() {
    for (name, device) in devices() {
        let device = device.autodiff();
        device.seed(5);
        let model = config(Tying::None).init(&device).unwrap();
        let (src, tgt) = batch();
        let whole =
            gradients(&model, loss(&model, &src, &tgt, &device).mean());
        let tokens = 5.0 + 2.0 + 6.0;
        let mut sum: Option<BTreeMap<String, Array>> = None;
        for (src, tgt) in src.chunks(1).zip(tgt.chunks(1)) {
            let part = gradients(
                &model,
                loss(&model, src, tgt, &device).smoothed / tokens,
            );
            sum = Some(match sum {
                None => part,
                Some(sum) => sum
                    .into_iter()
                    .map(|(path, a)| {
                        (path.clone(), plus(&a, &part[&path]))
                    })
                    .collect(),
            });
        }
        for (path, found) in sum.unwrap() {
            assert_close(
                &format!("{path} on {name}"),
                &found,
                &whole[&path],
                1e-5,
                true,
            );
        }
    }
}

/// The gradient of a shared matrix is the sum of what its three copies
/// would get.
#[test]
fn tying_shares_the_gradient() {
    for (name, device) in devices() {
        let device = device.autodiff();
        device.seed(7);
        let (src, tgt) = batch();
        for tying in [Tying::Decoder, Tying::All] {
            let tied = config(tying).init(&device).unwrap();
            let free = untied(&tied, &device);
            let (tied_loss, free_loss) = (
                loss(&tied, &src, &tgt, &device),
                loss(&free, &src, &tgt, &device),
            );
            let (found, expected) = (
                gradients(&tied, tied_loss.mean()),
                gradients(&free, free_loss.mean()),
            );
            let mut shared = plus(
                &expected["tgt_embed.table.weight"],
                &expected["generator.proj.weight"].transposed(),
            );
            if tying == Tying::All {
                shared =
                    plus(&shared, &expected["src_embed.table.weight"]);
            }
            let what = format!("{tying:?} on {name}");
            assert_close(
                &what,
                &found["tgt_embed.table.weight"],
                &shared,
                1e-5,
                true,
            );
            assert!(!found.contains_key("generator.proj.weight"));
        }
    }
}

/// Copies a tied model's parameters into an untied one, the shared
/// matrix into each of its places.
fn untied(tied: &Transformer, device: &Device) -> Transformer {
    let arrays: BTreeMap<String, Array> = parameters(tied)
        .into_iter()
        .map(|(path, _, a)| (path, a))
        .collect();
    let table = &arrays["tgt_embed.table.weight"];
    fill(config(Tying::None).init(device).unwrap(), |path| match path {
        "generator.proj.weight" => table.transposed(),
        _ => arrays.get(path).unwrap_or(table).clone(),
    })
}
