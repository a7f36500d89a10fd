//! What must hold of every Transformer, whatever its sizes and
//! parameters.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use model::attention::Attended;
use model::{
    LanguageModelConfig, Transformer, TransformerConfig, Tying,
};

use crate::cases::{SOURCE_VOCAB, TARGET_VOCAB, check, of_row, padded};
use crate::common::{Array, assert_close, id_tensor};

#[test]
fn attention_rows_sum_to_one_over_the_keys_that_may_be_seen() {
    check(|case, device| {
        let model = case.model(device);
        let (src, tgt) = (case.src(device), case.tgt(device));
        let output = model.forward(src, tgt);
        let visible_source = |row: usize, _query: usize, key: usize| {
            key < case.src[row].len()
        };
        let visible_target = |row: usize, query: usize, key: usize| {
            key <= query && key < case.tgt[row].len()
        };
        for weights in output.encoder.weights {
            rows_sum_to_one(&weights, visible_source);
        }
        for layer in output.decoder.weights {
            rows_sum_to_one(&layer.self_attn, visible_target);
            rows_sum_to_one(&layer.cross_attn, visible_source);
        }
    });
}

/// `weights`: `[batch, heads, query, key]`.
fn rows_sum_to_one(
    weights: &Tensor<4>,
    visible: impl Fn(usize, usize, usize) -> bool,
) {
    let [_, heads, queries, keys] = weights.dims();
    for (index, row) in
        Array::of(weights.clone()).values.chunks(keys).enumerate()
    {
        let (batch, query) =
            (index / (heads * queries), index % queries);
        let sum: f32 = (0..keys)
            .filter(|&key| visible(batch, query, key))
            .map(|key| row[key])
            .sum();
        assert!(
            (sum - 1.0).abs() < 1e-5,
            "row {index} sums to {sum} over the visible keys"
        );
        for (key, &weight) in row.iter().enumerate() {
            assert!(
                visible(batch, query, key) || weight == 0.0,
                "a masked key has weight {weight}"
            );
        }
    }
}

#[test]
fn a_future_token_changes_no_past_logit() {
    check(|case, device| {
        let model = case.model(device);
        let before =
            model.forward(case.src(device), case.tgt(device)).logits;
        for changed in 1..case.tgt[0].len() {
            let mut tgt = case.tgt.clone();
            tgt[0][changed] = (tgt[0][changed] + 1 - 3)
                % (TARGET_VOCAB as i64 - 3)
                + 3;
            let after = model
                .forward(case.src(device), padded(&tgt, 0, device))
                .logits;
            assert_eq!(
                of_row(&before, 0, changed).values,
                of_row(&after, 0, changed).values
            );
            let length = changed + 1;
            assert_ne!(
                of_row(&before, 0, length).values,
                of_row(&after, 0, length).values,
                "the present counts"
            );
        }
    });
}

#[test]
fn padding_changes_nothing_however_much_there_is() {
    check(|case, device| {
        let model = case.model(device);
        let plain =
            model.forward(case.src(device), case.tgt(device)).logits;
        for more in [1, 5] {
            let (src, tgt) = (
                padded(&case.src, more, device),
                padded(&case.tgt, more, device),
            );
            let logits = model.forward(src, tgt).logits;
            for (row, tokens) in case.tgt.iter().enumerate() {
                let (found, expected) = (
                    of_row(&logits, row, tokens.len()),
                    of_row(&plain, row, tokens.len()),
                );
                assert_close("logits", &found, &expected, 1e-5, false);
            }
        }
    });
}

#[test]
fn a_batch_changes_nothing() {
    check(|case, device| {
        let model = case.model(device);
        let together =
            model.forward(case.src(device), case.tgt(device)).logits;
        for row in 0..case.src.len() {
            let (src, tgt) =
                (&case.src[row..=row], &case.tgt[row..=row]);
            let alone = model
                .forward(padded(src, 0, device), padded(tgt, 0, device))
                .logits;
            let length = tgt[0].len();
            assert_close(
                "logits",
                &of_row(&together, row, length),
                &of_row(&alone, 0, length),
                1e-5,
                false,
            );
        }
    });
}

#[test]
fn evaluation_is_deterministic_and_training_drops() {
    check(|case, device| {
        let model = case.model(&device.clone().autodiff());
        let run = |model: &Transformer, device: &Device| {
            Array::of(
                model
                    .forward(case.src(device), case.tgt(device))
                    .logits,
            )
            .values
        };
        let evaluation = model.valid();
        assert_eq!(run(&evaluation, device), run(&evaluation, device));
        let training = device.clone().autodiff();
        assert_ne!(
            run(&model, &training),
            run(&model, &training),
            "dropout must be active in training"
        );
    });
}

#[test]
fn a_source_of_padding_alone_gives_numbers() {
    check(|case, device| {
        let model = case.model(device);
        let src =
            id_tensor(&[vec![0; 5], vec![0; 5], vec![0; 5]], device);
        let logits =
            Array::of(model.forward(src, case.tgt(device)).logits);
        assert!(logits.values.iter().all(|x| x.is_finite()));
    });
}

#[test]
fn a_language_model_sees_the_past_alone_and_its_cache_is_exact() {
    check(|case, device| {
        let config = LanguageModelConfig {
            d_model: case.heads * case.d_k,
            n_heads: case.heads,
            d_ff: 11,
            norm: case.norm,
            tied: case.seed % 2 == 0,
            ..LanguageModelConfig::tiny(TARGET_VOCAB)
        };
        device.seed(case.seed);
        let model = config.init(device).unwrap();
        let [batch, length] = case.tgt(device).dims();
        let Attended { output: all, weights: layers } =
            model.forward(case.tgt(device));
        for weights in layers {
            rows_sum_to_one(&weights, |_, query, key| key <= query);
        }
        let mut state = model.start();
        for step in 0..length {
            let newest =
                case.tgt(device).slice([0..batch, step..step + 1]);
            let found = Array::of(model.step(newest, &mut state));
            let expected = all
                .clone()
                .slice([0..batch, step..step + 1, 0..TARGET_VOCAB])
                .squeeze_dim::<2>(1);
            assert_close(
                &format!("step {step}"),
                &found,
                &Array::of(expected),
                1e-5,
                false,
            );
        }
    });
}

#[test]
#[should_panic(expected = "one cache a layer")]
fn a_step_with_too_few_caches_leaves_no_layer_out() {
    let device = Device::flex();
    let model = TransformerConfig::tiny(7).init(&device).unwrap();
    let mut caches = model.decoder.start();
    caches.pop();
    let mask = Tensor::empty([1, 1, 1, 5], &device);
    let [x, memory] =
        [1, 5].map(|length| Tensor::zeros([1, length, 64], &device));
    model.decoder.step(x, &memory, &mask, &mut caches);
}

#[test]
fn what_is_tied_is_one_parameter() {
    let device = Device::flex();
    let base = TransformerConfig {
        tgt_vocab: SOURCE_VOCAB,
        d_model: 15,
        n_heads: 3,
        ..TransformerConfig::tiny(SOURCE_VOCAB)
    };
    let count = |tying| {
        TransformerConfig { tying, ..base.clone() }
            .init(&device)
            .unwrap()
            .num_params()
    };
    let matrix = SOURCE_VOCAB * 15;
    assert_eq!(count(Tying::None) - count(Tying::Decoder), matrix);
    assert_eq!(count(Tying::None) - count(Tying::All), 2 * matrix);
}
