//! The control: whoever has only counted which word follows which pair of words.

use std::collections::HashMap;

use super::items::Item;

/// Stands for any word.
const ANY: &str = "*";

/// How often words were seen behind the pairs of words before them.
#[derive(Debug, Default)]
pub(super) struct Trigram(HashMap<([&'static str; 2], &'static str), usize>);

// ANCHOR: trigram
impl Trigram {
    /// Reads a sentence.
    pub(super) fn count(&mut self, words: &[&'static str]) {
        let padded = [&["", ""][..], words].concat();
        for three in padded.windows(3) {
            let [a, b, word] = [three[0], three[1], three[2]];
            for before in [[a, b], [ANY, b], [ANY, ANY]] {
                *self.0.entry((before, word)).or_default() += 1;
            }
        }
    }

    /// 1 if it prefers the verb that agrees, 0 if the other, and a half
    /// if it can't tell. It looks at two words, at one if it has seen
    /// neither verb behind these, and at none if it must.
    pub(super) fn is_right(&self, item: &Item) -> f64 {
        let words = [&["", ""][..], &item.words].concat();
        let [.., a, b] = words[..] else { return 0.5 };
        for before in [[a, b], [ANY, b], [ANY, ANY]] {
            let seen = |verb| self.0.get(&(before, verb)).unwrap_or(&0);
            let [good, bad] = item.verbs.map(seen);
            if good + bad > 0 {
                let right = good.cmp(bad) as i32; // -1, 0 or 1
                return f64::from(right + 1) / 2.0;
            }
        }
        0.5
    }
}
// ANCHOR_END: trigram

#[cfg(test)]
mod tests {
    use super::super::frame::Met;
    use super::super::items::{row, second};
    use super::super::sentence::sentence;
    use super::*;
    use crate::contract::random::Random;

    fn item(words: &[&'static str], verbs: [&'static str; 2]) -> Item {
        Item { words: words.to_vec(), verbs, opposed: false, subject: 0 }
    }

    #[test]
    fn it_goes_by_the_longest_context_that_it_has_seen() {
        let mut trigram = Trigram::default();
        for words in
            [["the", "dog", "sees"], ["the", "dogs", "see"], ["a", "dogs", "sees"], ["some", "men", "see"]]
        {
            trigram.count(&words);
        }
        let right = |words: &[&'static str], verbs| trigram.is_right(&item(words, verbs));
        assert_eq!(right(&["the", "dog"], ["sees", "see"]), 1.0);
        assert_eq!(right(&["the", "dogs"], ["sees", "see"]), 0.0);
        assert_eq!(right(&["the", "men"], ["see", "sees"]), 1.0, "by one word");
        assert_eq!(right(&["these", "dogs"], ["see", "sees"]), 0.5, "once each");
        assert_eq!(right(&["cats"], ["see", "sees"]), 0.5, "twice each");
        assert_eq!(right(&[], ["opens", "open"]), 0.5);
    }

    /// Whatever it prefers for a beginning it prefers for its twin, where another verb agrees.
    #[test]
    fn where_a_noun_stands_between_it_is_right_in_exactly_a_half() {
        let mut random = Random::new(11, 0);
        let mut trigram = Trigram::default();
        (0..2_000).for_each(|_| trigram.count(&sentence(&mut random)));
        let share = |items: &[Item]| {
            items.iter().map(|item| trigram.is_right(item)).sum::<f64>() / items.len() as f64
        };
        for attractors in 1..=6 {
            for met in [Met::Elsewhere, Met::Nowhere] {
                assert_eq!(share(&row(attractors, met, &mut random)), 0.5);
            }
        }
        assert_eq!(share(&second(&mut random)), 0.5);
        let [elsewhere, nowhere] = [Met::Elsewhere, Met::Nowhere].map(|met| share(&row(0, met, &mut random)));
        assert!(elsewhere > 0.6, "{elsewhere}");
        assert!((nowhere - 0.5).abs() < 0.2, "{nowhere}");
    }
}
