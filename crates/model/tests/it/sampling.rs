//! Texts drawn from the language model: batched, step by step, each
//! from its own stream of random numbers.

use crate::common::{Array, devices, id_tensor};
use burn::tensor::Device;
use model::decoding::{Sampling, SamplingError, sample};
use model::{LanguageModel, LanguageModelConfig};

const VOCAB: usize = 19;

fn model(device: &Device) -> LanguageModel {
    device.seed(11);
    let config = LanguageModelConfig {
        d_model: 15,
        n_heads: 3,
        d_ff: 17,
        ..LanguageModelConfig::tiny(VOCAB)
    };
    config.init(device).unwrap()
}

fn settings(temperature: f64) -> Sampling {
    Sampling {
        temperature,
        top_k: None,
        top_p: None,
        eos: None,
        seed: 5,
    }
}

fn prompts() -> Vec<Vec<usize>> {
    vec![vec![3, 7, 5], vec![9], vec![4, 4, 18, 2, 11]]
}

#[test]
fn without_temperature_the_likeliest_token_follows() {
    for (name, device) in devices() {
        let model = model(&device);
        let texts =
            sample(&model, &prompts(), &settings(0.0), 7, &device)
                .unwrap();
        for (prompt, text) in prompts().into_iter().zip(texts) {
            assert_eq!(text.len(), 7);
            let mut ids: Vec<i64> =
                prompt.iter().map(|&id| id as i64).collect();
            for token in text {
                let logits = Array::of(
                    model
                        .forward(id_tensor(&[ids.clone()], &device))
                        .output,
                )
                .values;
                let last = &logits[(ids.len() - 1) * VOCAB..];
                let likeliest = (0..VOCAB)
                    .max_by(|&a, &b| last[a].total_cmp(&last[b]))
                    .unwrap();
                assert_eq!(token, likeliest, "on {name}");
                ids.push(token as i64);
            }
        }
    }
}

#[test]
fn a_seed_gives_the_same_texts_and_another_seed_others() {
    let device = Device::flex();
    let model = model(&device);
    let draw = |seed| {
        sample(
            &model,
            &prompts(),
            &Sampling { seed, ..settings(1.0) },
            13,
            &device,
        )
        .unwrap()
    };
    assert_eq!(draw(5), draw(5));
    assert_ne!(draw(5), draw(6));
    // The first of a batch draws what it would draw alone.
    let alone =
        sample(&model, &prompts()[..1], &settings(1.0), 13, &device)
            .unwrap();
    assert_eq!(alone[0], draw(5)[0]);
}

#[test]
fn a_text_ends_after_eos_and_the_others_go_on() {
    let device = Device::flex();
    let model = model(&device);
    let free = sample(&model, &prompts(), &settings(1.0), 23, &device)
        .unwrap();
    let eos = free[1][2];
    let texts = sample(
        &model,
        &prompts(),
        &Sampling { eos: Some(eos), ..settings(1.0) },
        23,
        &device,
    )
    .unwrap();
    for (text, free) in texts.iter().zip(&free) {
        let end = free
            .iter()
            .position(|&id| id == eos)
            .map_or(free.len(), |at| at + 1);
        assert_eq!(text, &free[..end]);
    }
    assert!(texts[1].len() <= 3);
}

#[test]
fn an_empty_prompt_is_refused() {
    let device = Device::flex();
    let refused = sample(
        &model(&device),
        &[vec![3], vec![]],
        &settings(1.0),
        5,
        &device,
    )
    .unwrap_err();
    assert_eq!(refused, SamplingError::EmptyPrompt(1));
}
