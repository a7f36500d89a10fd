//! How much each word of a text surprises a model.

use plot::{Bar, Bars, Caption, decimal, isolate, stack};

use crate::run::surprisal::WordSurprisal;
use crate::words::counted;

/// Draws a bar for each word, in reading order from top to bottom. `id` begins all ids in the picture.
#[must_use]
pub(crate) fn surprisal_plot(words: &[WordSurprisal], id: &str, title: &str) -> String {
    let bar = |word: &WordSurprisal| {
        let hint = format!("„{}“: {} bits", isolate(&word.word), number(word.bits));
        Bar { hint, ..Bar::new(&word.word, positive(word.bits)) }
    };
    // An axis of less than one bit would make much of nothing, which is what bars come with.
    let bars = Bars::new(title, "surprisal (bits)", words.iter().map(bar).collect());
    stack(&[&bars], &Caption { id, title, description: &description(words) })
}

/// A surprisal is never below zero but by rounding.
fn positive(bits: f64) -> f64 {
    if bits < 0.0 { 0.0 } else { bits }
}

fn number(bits: f64) -> String {
    decimal(positive(bits), 1)
}

fn description(words: &[WordSurprisal]) -> String {
    let finite = || words.iter().filter(|word| word.bits.is_finite());
    let Some(most) = finite().max_by(|a, b| a.bits.total_cmp(&b.bits)) else {
        return "No words.".into();
    };
    let mean = finite().map(|word| word.bits).sum::<f64>() / finite().count() as f64;
    format!(
        "{} with {} bits on average; the most surprising one is „{}“ with {} bits.",
        counted(words.len(), "word"),
        number(mean),
        isolate(&most.word),
        number(most.bits)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[(&str, f64)]) -> Vec<WordSurprisal> {
        list.iter().map(|&(word, bits)| WordSurprisal { word: word.into(), bits }).collect()
    }

    fn check(text: &str) {
        assert!(text.starts_with("<svg ") && text.ends_with("</svg>\n"));
        assert!(text.lines().all(|line| !line.trim().is_empty()), "{text}");
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        assert!(text.split(r#" id=""#).skip(1).all(|rest| rest.starts_with("bits")), "{text}");
    }

    #[test]
    fn every_word_has_a_bar_and_a_number() {
        let text =
            surprisal_plot(&words(&[("Die", 2.26), ("<&\">", 11.0), ("Katze", 0.04)]), "bits", "A & B");
        check(&text);
        for part in
            [">2.3<", ">11.0<", ">0.0<", "&lt;&amp;&quot;&gt;", "A &amp; B", "„Die“: 2.3 bits", "4.4 bits on"]
        {
            assert!(text.contains(part), "{part} is missing from {text}");
        }
        assert_eq!(text.matches("<path").count(), 3);
    }

    #[test]
    fn odd_words_and_numbers_give_a_picture() {
        let odd = words(&[("\n", f64::NAN), ("שלום", f64::INFINITY), ("", -1e-9), ("a\n\nb", 1e-9)]);
        let text = surprisal_plot(&odd, "bits", "");
        check(&text);
        assert!(text.contains('∞') && text.contains("\u{2068}שלום\u{2069}") && !text.contains(">-0"));
        check(&surprisal_plot(&[], "bits", "Nothing"));
    }
}
