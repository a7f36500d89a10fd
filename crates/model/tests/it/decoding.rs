//! What must hold of everything that writes, whatever the model.

use burn::tensor::Device;
use burn::tensor::activation::log_softmax;
use model::Transformer;
use model::decoding::{
    Hypothesis, Search, beam_search, greedy, n_best_search, score,
};

use crate::cases::{BOS, Case, TARGET_VOCAB, check, of_row, padded};
use crate::common::{Array, assert_close, id_tensor};

const EOS: usize = 2;

#[test]
fn cached_decoding_equals_uncached_step_by_step() {
    check(|case, device| {
        let model = case.model(device);
        let length = case.tgt.iter().map(Vec::len).min().unwrap();
        let tgt = case.tgt(device).slice([0..3, 0..length]);
        // [batch, target, vocab]
        let all = model.forward(case.src(device), tgt.clone()).logits;
        let mut state = model.start(case.src(device));
        for step in 0..length {
            let newest = tgt.clone().slice([0..3, step..step + 1]);
            let found = Array::of(model.step(newest, &mut state));
            let expected = all
                .clone()
                .slice([0..3, step..step + 1, 0..TARGET_VOCAB])
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
fn beam_one_is_greedy_and_greedy_is_the_argmax() {
    check(|case, device| {
        let model = case.model(device);
        let limits = [9, 0, 13];
        let greedy =
            greedy(&model, case.src(device), BOS, Some(EOS), &limits);
        let search =
            Search { bos: BOS, eos: Some(EOS), beam: 1, alpha: 0.6 };
        let beams =
            beam_search(&model, case.src(device), &search, &limits);
        for (row, (greedy, beam)) in
            greedy.iter().zip(beams).enumerate()
        {
            assert_eq!(beam.len(), 1);
            assert_eq!(greedy.ids, beam[0].ids);
            assert!((greedy.log_prob - beam[0].log_prob).abs() < 1e-4);
            let ended = greedy.ids.last() == Some(&EOS);
            assert!(ended || greedy.ids.len() == limits[row]);
            assert!(
                greedy.ids.iter().rev().skip(1).all(|&id| id != EOS),
                "nothing is written after EOS"
            );
            assert_eq!(
                greedy.ids,
                without_a_cache(&model, case, row, limits[row], device)
            );
        }
    });
}

/// Greedy decoding as the textbook has it: everything anew at every
/// step, a sentence at a time.
fn without_a_cache(
    model: &Transformer,
    case: &Case,
    row: usize,
    limit: usize,
    device: &Device,
) -> Vec<usize> {
    let mut ids = vec![BOS as i64];
    while ids.len() <= limit
        && (ids.len() == 1 || ids.last() != Some(&(EOS as i64)))
    {
        let src = padded(&case.src[row..=row], 0, device);
        let logits = of_row(
            &model
                .forward(src, id_tensor(&[ids.clone()], device))
                .logits,
            0,
            ids.len(),
        );
        let last = &logits.values[(ids.len() - 1) * TARGET_VOCAB..];
        let best = (0..TARGET_VOCAB)
            .max_by(|&a, &b| last[a].total_cmp(&last[b]))
            .unwrap();
        // What was written counts, even padding, which `forward` would
        // mask.
        if best == 0 {
            return greedy(
                model,
                padded(&case.src[row..=row], 0, device),
                BOS,
                Some(EOS),
                &[limit],
            )[0]
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
        let search =
            Search { bos: BOS, eos: Some(EOS), beam: 4, alpha: 0.6 };
        for (row, beams) in
            beam_search(&model, case.src(device), &search, &limits)
                .into_iter()
                .enumerate()
        {
            assert!(!beams.is_empty() && beams.len() <= 4);
            assert!(beams.is_sorted_by(|a, b| a.score >= b.score));
            for beam in beams {
                if beam.ids.contains(&0) {
                    // `score` leaves padding out, by definition
                    continue;
                }
                let src = padded(&case.src[row..=row], 0, device);
                let tgt: Vec<i64> = std::iter::once(BOS)
                    .chain(beam.ids.iter().copied())
                    .map(|id| id as i64)
                    .collect();
                let log_probs =
                    &score(&model, src, id_tensor(&[tgt], device), 0)
                        [0];
                assert_eq!(log_probs.len(), beam.ids.len());
                let sum: f64 = log_probs.iter().sum();
                assert!(
                    (sum - beam.log_prob).abs() < 1e-4,
                    "{sum} is not {}",
                    beam.log_prob
                );
                let penalty =
                    ((5.0 + beam.ids.len() as f64) / 6.0).powf(0.6);
                assert!((beam.score - sum / penalty).abs() < 1e-4);
            }
        }
    });
}

#[test]
fn as_many_sentences_are_found_as_are_wanted_and_the_best_of_them() {
    check(|case, device| {
        let model = case.model(device);
        let (eos, beam, limits) = (Some(EOS), 4, [7, 1, 11]);
        let search = Search { bos: BOS, eos, beam, alpha: 0.6 };
        let ids = |found: &[Hypothesis]| -> Vec<Vec<usize>> {
            found.iter().map(|one| one.ids.clone()).collect()
        };
        let find = |best: usize| {
            let src = case.src(device);
            n_best_search(&model, src, &search, best, &limits)
        };
        let all = find(beam);
        for best in 1..=beam {
            for (found, all) in find(best).iter().zip(&all) {
                assert!(found.len() >= best && all.len() == beam);
                assert_eq!(ids(&found[..best]), ids(&all[..best]));
            }
        }
    });
}

/// With a beam as wide as there are texts, the search must find the
/// very best text.
#[test]
fn a_wide_beam_finds_the_best_of_all_texts() {
    check(|case, device| {
        let model = case.model(device);
        let src = padded(&case.src[..1], 0, device);
        let search = Search {
            bos: BOS,
            eos: None,
            beam: TARGET_VOCAB * TARGET_VOCAB,
            alpha: 0.0,
        };
        let best =
            &beam_search(&model, src.clone(), &search, &[2])[0][0];
        let first = log_softmax(
            model.step(
                id_tensor(&[vec![BOS as i64]], device),
                &mut model.start(src.clone()),
            ),
            1,
        );
        let mut expected = f64::NEG_INFINITY;
        for (id, log_p) in
            Array::of(first).values.into_iter().enumerate()
        {
            let mut state = model.start(src.clone());
            model.step(
                id_tensor(&[vec![BOS as i64]], device),
                &mut state,
            );
            let second = log_softmax(
                model.step(
                    id_tensor(&[vec![id as i64]], device),
                    &mut state,
                ),
                1,
            );
            let best = Array::of(second)
                .values
                .into_iter()
                .fold(f32::NEG_INFINITY, f32::max);
            expected = expected.max(f64::from(log_p) + f64::from(best));
        }
        assert!(
            (best.log_prob - expected).abs() < 1e-4,
            "{} is not {expected}",
            best.log_prob
        );
    });
}
