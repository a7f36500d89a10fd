//! How much each word of a text surprises a model.

use crate::axis::Axis;
use crate::label::{isolate, shorten, text_width};
use crate::svg::{Anchor, Colour, Stroke, Svg};

/// A word and its surprisal: the negative logarithm to base 2 of the probability that the model gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct WordSurprisal {
    /// The word.
    pub word: String,
    /// Its surprisal in bits.
    pub bits: f64,
}

const WIDTH: f64 = 420.0;
const SIZE: f64 = 12.0;
/// Height of a word's row.
const ROW: f64 = 20.0;
/// Where the first row begins.
const TOP: f64 = 34.0;
/// Room for a word.
const ROOM: f64 = 120.0;
/// Room for the number at a bar's end.
const NUMBER: f64 = 40.0;

/// Draws a bar for each word, in reading order from top to bottom. `id` begins all ids in the picture.
#[must_use]
pub fn surprisal_plot(words: &[WordSurprisal], id: &str, title: &str) -> String {
    let bottom = TOP + words.len() as f64 * ROW + 4.0;
    let names: Vec<String> = words.iter().map(|word| shorten(&word.word, SIZE, ROOM)).collect();
    let left = 16.0 + names.iter().map(|name| text_width(name, SIZE)).fold(24.0, f64::max);
    // An axis of less than one bit would make much of nothing.
    let values = words.iter().map(|word| word.bits).filter(|&bits| bits >= 0.0).chain([0.0, 1.0]);
    let axis = Axis::new(values, left, WIDTH - NUMBER, 5.0, true);
    let mut svg = Svg::new(WIDTH, bottom + 44.0);
    svg.heading((8.0, 18.0), 14.0, &shorten(title, 14.0, WIDTH - 16.0));
    draw_axis(&mut svg, &axis, bottom);
    svg.group(Colour::First, |svg| {
        for (index, word) in words.iter().enumerate() {
            let length = axis.place(drawn(word.bits, &axis)) - left;
            let hint = format!("„{}“: {} bits", isolate(&word.word), number(word.bits));
            svg.cell((left, TOP + index as f64 * ROW + 3.0), (length, ROW - 5.0), 0.85, &hint);
        }
    });
    for (index, (word, name)) in words.iter().zip(&names).enumerate() {
        let y = TOP + index as f64 * ROW + 14.5;
        let end = axis.place(drawn(word.bits, &axis));
        svg.text((left - 7.0, y), Anchor::End, SIZE, name);
        svg.text((end + 5.0, y), Anchor::Start, SIZE, &number(word.bits));
    }
    svg.finish(id, title, &description(words))
}

/// What a bar shows: an infinite surprisal goes to the end of the axis, and what is no number has no bar.
fn drawn(bits: f64, axis: &Axis) -> f64 {
    let end = axis.ticks().last().copied().unwrap_or(0.0);
    if bits.is_nan() { 0.0 } else { bits.clamp(0.0, end) }
}

fn number(bits: f64) -> String {
    match bits {
        _ if bits.is_nan() => "–".into(),
        f64::INFINITY => "∞".into(),
        _ => format!("{:.1}", bits.max(0.0)),
    }
}

/// Light lines at round numbers of bits, and what they are.
fn draw_axis(svg: &mut Svg, axis: &Axis, bottom: f64) {
    for tick in axis.ticks() {
        let x = axis.place(tick);
        let opacity = if tick == 0.0 { 0.6 } else { 0.15 };
        svg.line((x, TOP - 2.0), (x, bottom), Stroke { opacity, ..Stroke::solid(Colour::Text, 1.0) });
        svg.text((x, bottom + 15.0), Anchor::Middle, SIZE, &axis.label(tick));
    }
    svg.text(((axis.start + axis.end) / 2.0, bottom + 34.0), Anchor::Middle, SIZE, "surprisal (bits)");
}

fn description(words: &[WordSurprisal]) -> String {
    let finite = || words.iter().filter(|word| word.bits.is_finite());
    let Some(most) = finite().max_by(|a, b| a.bits.total_cmp(&b.bits)) else {
        return "No words.".into();
    };
    let mean = finite().map(|word| word.bits).sum::<f64>() / finite().count() as f64;
    format!(
        "{} words with {} bits on average; the most surprising one is „{}“ with {} bits.",
        words.len(),
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
