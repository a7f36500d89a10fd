//! SM-2, against the sequences that the book's script is held to as well, and what holds of any answers.

use proptest::prelude::*;
use recall::schedule::{Item, NoQuality, Quality, intervals};
use serde_json::Value;

/// The same file tests the script in the book, so that both give the same days.
const SEQUENCES: &str = include_str!("../../../xtask/tests/fixtures/sm2.json");

fn answers(numbers: &[u8]) -> Vec<Quality> {
    numbers.iter().map(|&number| Quality::new(number).unwrap()).collect()
}

#[test]
fn intervals_and_factors_are_those_of_the_shared_sequences() {
    let sequences: Value = serde_json::from_str(SEQUENCES).unwrap();
    let sequences = sequences.as_array().unwrap();
    assert!(sequences.len() >= 5);
    for sequence in sequences {
        let list = |name: &str| sequence[name].as_array().unwrap().clone();
        let quality: Vec<u8> = list("quality").iter().map(|q| q.as_u64().unwrap() as u8).collect();
        let expected: Vec<u32> = list("intervals").iter().map(|days| days.as_u64().unwrap() as u32).collect();
        assert_eq!(intervals(&answers(&quality)), expected, "{}", sequence["about"]);
        let mut item = Item::new();
        for (quality, factor) in answers(&quality).into_iter().zip(list("ef")) {
            item = item.after(quality);
            assert!(
                (item.factor() - factor.as_f64().unwrap()).abs() < 1e-9,
                "{}: {item:?}",
                sequence["about"]
            );
        }
        assert_eq!(list("ef").len(), quality.len());
    }
}

#[test]
fn a_quality_is_from_0_to_5() {
    assert_eq!(Quality::new(6), Err(NoQuality(6)));
    let told = NoQuality(9).to_string();
    assert!(told.contains("is 9, but it must be from 0"), "{told}");
    let recalled: Vec<bool> = answers(&[0, 1, 2, 3, 4, 5]).into_iter().map(Quality::is_recalled).collect();
    assert_eq!(recalled, [false, false, false, true, true, true]);
}

#[test]
fn a_thousand_easy_answers_stay_within_a_number() {
    let days = intervals(&answers(&[5; 1_000]));
    assert_eq!(days.last(), Some(&u32::MAX));
    assert!(days.windows(2).all(|pair| pair[0] <= pair[1]));
}

proptest! {
    /// The formula as it is printed, in floating point.
    #[test]
    fn factors_follow_the_printed_formula(numbers in prop::collection::vec(0u8..=5, 0..40)) {
        let (mut item, mut factor) = (Item::new(), 2.5f64);
        for quality in answers(&numbers) {
            let q = f64::from(quality.number());
            if quality.is_recalled() {
                factor = (factor + (0.1 - (5.0 - q) * (0.08 + (5.0 - q) * 0.02))).max(1.3);
            }
            let before = item;
            item = item.after(quality);
            prop_assert!((item.factor() - factor).abs() < 1e-9);
            prop_assert!(item.factor() >= 1.3);
            let expected = match (quality.is_recalled(), before.repetitions()) {
                (false, _) | (true, 0) => 1,
                (true, 1) => 6,
                _ => (f64::from(before.interval()) * factor - 1e-6).ceil() as u32,
            };
            prop_assert_eq!(item.interval(), expected);
        }
    }

    /// Who remembers is never asked sooner than before; who forgot is asked tomorrow.
    #[test]
    fn intervals_grow_with_what_is_remembered(numbers in prop::collection::vec(3u8..=5, 1..30), q in 0u8..3) {
        let days = intervals(&answers(&numbers));
        prop_assert!(days.windows(2).all(|pair| pair[0] <= pair[1]));
        let forgotten = intervals(&answers(&[numbers, vec![q]].concat()));
        prop_assert_eq!(forgotten.last(), Some(&1));
    }
}
