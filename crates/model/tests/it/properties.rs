//! What must hold for every Transformer, whatever its sizes and parameters. Sizes are small primes where they can be,
//! so that no swapped pair of axes passes unnoticed.

mod common;

use burn::module::Module;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor};
use common::{Array, assert_close, devices, id_tensor};
use model::decoding::{Search, beam_search, greedy, score};
use model::{LanguageModelConfig, NormOrder, Transformer, TransformerConfig, Tying};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const BOS: usize = 1;
const EOS: usize = 2;
const SOURCE_VOCAB: usize = 23;
const TARGET_VOCAB: usize = 19;

/// A random model and a random batch for it.
#[derive(Clone, Debug)]
struct Case {
    norm: NormOrder,
    heads: usize,
    d_k: usize,
    layers: usize,
    seed: u64,
    /// Token ids without padding, of different lengths.
    src: Vec<Vec<i64>>,
    tgt: Vec<Vec<i64>>,
}

fn sentences(vocab: usize, begin: Option<i64>) -> impl Strategy<Value = Vec<Vec<i64>>> {
    let sentence = prop::collection::vec(3..vocab as i64, 2..8);
    prop::collection::vec(sentence, 3)
        .prop_map(move |rows| rows.into_iter().map(|row| begin.into_iter().chain(row).collect()).collect())
}

fn cases() -> impl Strategy<Value = Case> {
    let norm = prop_oneof![Just(NormOrder::Pre), Just(NormOrder::Post)];
    let sizes = (norm, 1usize..4, prop_oneof![Just(3usize), Just(5), Just(7)], 1usize..3, 0u64..1_000);
    (sizes, sentences(SOURCE_VOCAB, None), sentences(TARGET_VOCAB, Some(BOS as i64))).prop_map(
        |((norm, heads, d_k, layers, seed), src, tgt)| Case { norm, heads, d_k, layers, seed, src, tgt },
    )
}

impl Case {
    fn config(&self) -> TransformerConfig {
        TransformerConfig {
            src_vocab: SOURCE_VOCAB,
            tgt_vocab: TARGET_VOCAB,
            n_layers: self.layers,
            d_model: self.heads * self.d_k,
            d_ff: 11,
            n_heads: self.heads,
            dropout: 0.3,
            norm: self.norm,
            ..TransformerConfig::tiny(SOURCE_VOCAB)
        }
    }

    fn model(&self, device: &Device) -> Transformer {
        device.seed(self.seed);
        self.config().init(device).unwrap()
    }

    fn src(&self, device: &Device) -> Tensor<2, Int> {
        padded(&self.src, 0, device)
    }

    fn tgt(&self, device: &Device) -> Tensor<2, Int> {
        padded(&self.tgt, 0, device)
    }
}

/// Rows padded with zeros to the longest, and `more` beyond that.
fn padded(rows: &[Vec<i64>], more: usize, device: &Device) -> Tensor<2, Int> {
    let length = rows.iter().map(Vec::len).max().unwrap() + more;
    let pad = |row: &Vec<i64>| row.iter().copied().chain(std::iter::repeat(0)).take(length).collect();
    id_tensor(&rows.iter().map(pad).collect::<Vec<_>>(), device)
}

fn check(property: impl Fn(&Case, &Device)) {
    let config = ProptestConfig {
        cases: 16,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(17),
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let run = |case: Case| {
        devices().iter().for_each(|(_, device)| property(&case, device));
        Ok(())
    };
    runner.run(&cases(), run).unwrap();
}

/// `tensor[row, 0..length]`, flattened.
fn of_row(tensor: &Tensor<3>, row: usize, length: usize) -> Array {
    let width = tensor.dims()[2];
    Array::of(tensor.clone().slice([row..row + 1, 0..length, 0..width]).reshape([length, width]))
}

#[test]
fn attention_rows_sum_to_one_over_the_keys_that_may_be_seen() {
    check(|case, device| {
        let model = case.model(device);
        let (src, tgt) = (case.src(device), case.tgt(device));
        let attention = model.forward(src, tgt).attention;
        let visible_source = |row: usize, _query: usize, key: usize| key < case.src[row].len();
        let visible_target = |row: usize, query: usize, key: usize| key <= query && key < case.tgt[row].len();
        for weights in attention.encoder {
            rows_sum_to_one(&weights, visible_source);
        }
        for layer in attention.decoder {
            rows_sum_to_one(&layer.self_attn, visible_target);
            rows_sum_to_one(&layer.cross_attn, visible_source);
        }
    });
}

/// `weights`: `[batch, heads, query, key]`.
fn rows_sum_to_one(weights: &Tensor<4>, visible: impl Fn(usize, usize, usize) -> bool) {
    let [_, heads, queries, keys] = weights.dims();
    for (index, row) in Array::of(weights.clone()).values.chunks(keys).enumerate() {
        let (batch, query) = (index / (heads * queries), index % queries);
        let sum: f32 = (0..keys).filter(|&key| visible(batch, query, key)).map(|key| row[key]).sum();
        assert!((sum - 1.0).abs() < 1e-5, "row {index} sums to {sum} over the visible keys");
        for (key, &weight) in row.iter().enumerate() {
            assert!(visible(batch, query, key) || weight == 0.0, "a masked key has weight {weight}");
        }
    }
}

#[test]
fn a_future_token_changes_no_past_logit() {
    check(|case, device| {
        let model = case.model(device);
        let before = model.forward(case.src(device), case.tgt(device)).logits;
        for changed in 1..case.tgt[0].len() {
            let mut tgt = case.tgt.clone();
            tgt[0][changed] = (tgt[0][changed] + 1 - 3) % (TARGET_VOCAB as i64 - 3) + 3;
            let after = model.forward(case.src(device), padded(&tgt, 0, device)).logits;
            assert_eq!(of_row(&before, 0, changed).values, of_row(&after, 0, changed).values);
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
        let plain = model.forward(case.src(device), case.tgt(device)).logits;
        for more in [1, 5] {
            let (src, tgt) = (padded(&case.src, more, device), padded(&case.tgt, more, device));
            let logits = model.forward(src, tgt).logits;
            for (row, tokens) in case.tgt.iter().enumerate() {
                let (found, expected) =
                    (of_row(&logits, row, tokens.len()), of_row(&plain, row, tokens.len()));
                assert_close("logits", &found, &expected, 1e-5, false);
            }
        }
    });
}

#[test]
fn a_batch_changes_nothing() {
    check(|case, device| {
        let model = case.model(device);
        let together = model.forward(case.src(device), case.tgt(device)).logits;
        for row in 0..case.src.len() {
            let (src, tgt) = (&case.src[row..=row], &case.tgt[row..=row]);
            let alone = model.forward(padded(src, 0, device), padded(tgt, 0, device)).logits;
            let length = tgt[0].len();
            assert_close("logits", &of_row(&together, row, length), &of_row(&alone, 0, length), 1e-5, false);
        }
    });
}

#[test]
fn cached_decoding_equals_uncached_step_by_step() {
    check(|case, device| {
        let model = case.model(device);
        let length = case.tgt.iter().map(Vec::len).min().unwrap();
        let tgt = case.tgt(device).slice([0..3, 0..length]);
        let all = model.forward(case.src(device), tgt.clone()).logits; // [batch, target, vocab]
        let mut state = model.start(case.src(device));
        for step in 0..length {
            let newest = tgt.clone().slice([0..3, step..step + 1]);
            let found = Array::of(model.step(newest, &mut state));
            let expected = all.clone().slice([0..3, step..step + 1, 0..TARGET_VOCAB]).squeeze_dim::<2>(1);
            assert_close(&format!("step {step}"), &found, &Array::of(expected), 1e-5, false);
        }
    });
}

#[test]
fn beam_one_is_greedy_and_greedy_is_the_argmax() {
    check(|case, device| {
        let model = case.model(device);
        let limits = [9, 0, 13];
        let greedy = greedy(&model, case.src(device), BOS, Some(EOS), &limits);
        let search = Search { bos: BOS, eos: Some(EOS), beam: 1, alpha: 0.6 };
        let beams = beam_search(&model, case.src(device), &search, &limits);
        for (row, (greedy, beam)) in greedy.iter().zip(beams).enumerate() {
            assert_eq!(beam.len(), 1);
            assert_eq!(greedy.ids, beam[0].ids);
            assert!((greedy.log_prob - beam[0].log_prob).abs() < 1e-4);
            let ended = greedy.ids.last() == Some(&EOS);
            assert!(ended || greedy.ids.len() == limits[row]);
            assert!(greedy.ids.iter().rev().skip(1).all(|&id| id != EOS), "nothing is written after EOS");
            assert_eq!(greedy.ids, without_a_cache(&model, case, row, limits[row], device));
        }
    });
}

/// Greedy decoding as the textbook has it: everything anew at every step, a sentence at a time.
fn without_a_cache(
    model: &Transformer,
    case: &Case,
    row: usize,
    limit: usize,
    device: &Device,
) -> Vec<usize> {
    let mut ids = vec![BOS as i64];
    while ids.len() <= limit && (ids.len() == 1 || ids.last() != Some(&(EOS as i64))) {
        let src = padded(&case.src[row..=row], 0, device);
        let logits = of_row(&model.forward(src, id_tensor(&[ids.clone()], device)).logits, 0, ids.len());
        let last = &logits.values[(ids.len() - 1) * TARGET_VOCAB..];
        let best = (0..TARGET_VOCAB).max_by(|&a, &b| last[a].total_cmp(&last[b])).unwrap();
        // What was written counts, even padding, which `forward` would mask.
        if best == 0 {
            return greedy(model, padded(&case.src[row..=row], 0, device), BOS, Some(EOS), &[limit])[0]
                .ids
                .clone();
        }
        ids.push(best as i64);
    }
    ids[1..].iter().map(|&id| id as usize).collect()
}

#[test]
fn a_beam_has_the_score_of_its_text() {
    check(|case, device| {
        let model = case.model(device);
        let limits = [7, 5, 11];
        let search = Search { bos: BOS, eos: Some(EOS), beam: 4, alpha: 0.6 };
        for (row, beams) in beam_search(&model, case.src(device), &search, &limits).into_iter().enumerate() {
            assert!(!beams.is_empty() && beams.len() <= 4);
            assert!(beams.is_sorted_by(|a, b| a.score >= b.score));
            for beam in beams {
                if beam.ids.contains(&0) {
                    continue; // `score` leaves padding out, by definition
                }
                let src = padded(&case.src[row..=row], 0, device);
                let tgt: Vec<i64> =
                    std::iter::once(BOS).chain(beam.ids.iter().copied()).map(|id| id as i64).collect();
                let log_probs = &score(&model, src, id_tensor(&[tgt], device), 0)[0];
                assert_eq!(log_probs.len(), beam.ids.len());
                let sum: f64 = log_probs.iter().sum();
                assert!((sum - beam.log_prob).abs() < 1e-4, "{sum} is not {}", beam.log_prob);
                let penalty = ((5.0 + beam.ids.len() as f64) / 6.0).powf(0.6);
                assert!((beam.score - sum / penalty).abs() < 1e-4);
            }
        }
    });
}

/// With a beam as wide as there are texts, the search must find the very best text.
#[test]
fn a_wide_beam_finds_the_best_of_all_texts() {
    check(|case, device| {
        let model = case.model(device);
        let src = padded(&case.src[..1], 0, device);
        let search = Search { bos: BOS, eos: None, beam: TARGET_VOCAB * TARGET_VOCAB, alpha: 0.0 };
        let best = &beam_search(&model, src.clone(), &search, &[2])[0][0];
        let first =
            log_softmax(model.step(id_tensor(&[vec![BOS as i64]], device), &mut model.start(src.clone())), 1);
        let mut expected = f64::NEG_INFINITY;
        for (id, log_p) in Array::of(first).values.into_iter().enumerate() {
            let mut state = model.start(src.clone());
            model.step(id_tensor(&[vec![BOS as i64]], device), &mut state);
            let second = log_softmax(model.step(id_tensor(&[vec![id as i64]], device), &mut state), 1);
            let best = Array::of(second).values.into_iter().fold(f32::NEG_INFINITY, f32::max);
            expected = expected.max(f64::from(log_p) + f64::from(best));
        }
        assert!((best.log_prob - expected).abs() < 1e-4, "{} is not {expected}", best.log_prob);
    });
}

#[test]
fn evaluation_is_deterministic_and_training_drops() {
    check(|case, device| {
        let model = case.model(&device.clone().autodiff());
        let run = |model: &Transformer, device: &Device| {
            Array::of(model.forward(case.src(device), case.tgt(device)).logits).values
        };
        let evaluation = model.valid();
        assert_eq!(run(&evaluation, device), run(&evaluation, device));
        let training = device.clone().autodiff();
        assert_ne!(run(&model, &training), run(&model, &training), "dropout must be active in training");
    });
}

#[test]
fn a_source_of_padding_alone_gives_numbers() {
    check(|case, device| {
        let model = case.model(device);
        let src = id_tensor(&[vec![0; 5], vec![0; 5], vec![0; 5]], device);
        let logits = Array::of(model.forward(src, case.tgt(device)).logits);
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
        let (all, attention) = model.forward(case.tgt(device));
        for weights in attention {
            rows_sum_to_one(&weights, |_, query, key| key <= query);
        }
        let mut state = model.start();
        for step in 0..length {
            let newest = case.tgt(device).slice([0..batch, step..step + 1]);
            let found = Array::of(model.step(newest, &mut state));
            let expected = all.clone().slice([0..batch, step..step + 1, 0..TARGET_VOCAB]).squeeze_dim::<2>(1);
            assert_close(&format!("step {step}"), &found, &Array::of(expected), 1e-5, false);
        }
    });
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
    let count = |tying| TransformerConfig { tying, ..base.clone() }.init(&device).unwrap().num_params();
    let matrix = SOURCE_VOCAB * 15;
    assert_eq!(count(Tying::None) - count(Tying::Decoder), matrix);
    assert_eq!(count(Tying::None) - count(Tying::All), 2 * matrix);
}
