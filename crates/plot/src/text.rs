//! Words and numbers: how wide they are, how they are shortened to the room they have, in either writing direction.

use crate::glyphs::RANGES;

/// Width in pixels of a text at `size` pixels, in the widest of the fonts that a picture names: exact for Latin, Greek
/// and Cyrillic letters, digits, and common signs; ideographs and what else the fonts don't hold count as an em and a
/// little, since some other font will draw it.
#[must_use]
pub fn text_width(text: &str, size: f64) -> f64 {
    width(text, size, |range| range.regular)
}

/// The same for bold text.
#[must_use]
pub fn bold_width(text: &str, size: f64) -> f64 {
    width(text, size, |range| range.bold)
}

fn width(text: &str, size: f64, table: fn(&crate::glyphs::Range) -> &'static [u16]) -> f64 {
    let known = |c: char| {
        let place = |first: char| (c as usize).checked_sub(first as usize);
        RANGES
            .iter()
            .find_map(|range| table(range).get(place(range.first)?))
            .copied()
            .filter(|&units| units > 0)
    };
    let ems = |c: char| match c {
        '\u{300}'..='\u{36f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => 0.0,
        _ if right_to_left(c) => 0.64,
        _ => known(c).map_or(1.05, |units| f64::from(units) / 2048.0),
    };
    text.chars().map(ems).sum::<f64>() * size
}

/// The text if `room` pixels hold it at `size` pixels, else its beginning and an ellipsis. One that would not be seen
/// at all becomes a sign that can be.
#[must_use]
pub fn shorten(text: &str, size: f64, room: f64) -> String {
    fit(text, room, |text| text_width(text, size))
}

/// The same for bold text; one of spaces alone becomes empty.
pub(crate) fn shorten_bold(text: &str, size: f64, room: f64) -> String {
    if text.trim().is_empty() { String::new() } else { fit(text, room, |text| bold_width(text, size)) }
}

/// The same for a text that may be empty.
pub(crate) fn shorten_or_nothing(text: &str, size: f64, room: f64) -> String {
    if text.trim().is_empty() { String::new() } else { shorten(text, size, room) }
}

fn fit(text: &str, room: f64, width: impl Fn(&str) -> f64) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "␣".into();
    }
    if width(text) <= room {
        return isolate(text);
    }
    let mut short = String::new();
    let mut used = width("…");
    for c in text.chars() {
        used += width(c.encode_utf8(&mut [0; 4]));
        if used > room && !short.is_empty() {
            break;
        }
        short.push(c);
    }
    isolate(&(short.trim_end().to_owned() + "…"))
}

/// The words of a bold text in as many lines as it takes for each to be at most `room` pixels wide, unless a word is wider.
pub(crate) fn wrap_bold(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if bold_width(&format!("{line} {word}"), size) <= room => *line += &format!(" {word}"),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Keeps a text that is written from right to left from reordering what stands beside it.
#[must_use]
pub fn isolate(text: &str) -> String {
    if text.chars().any(right_to_left) { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
}

fn right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}')
}

/// `1234567` as `1,234,567`.
#[must_use]
pub fn thousands(value: usize) -> String {
    grouped(&value.to_string())
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with so many decimals, a comma between thousands and a true minus sign: `−12,345.68`. From ten million on
/// it has a power of ten, as in `1.25e7`; what is no number is `–`, and infinity `∞`.
#[must_use]
pub fn decimal(value: f64, decimals: usize) -> String {
    if value.is_nan() {
        return "–".into();
    }
    let sign = if value < 0.0 { "−" } else { "" };
    if value.is_infinite() {
        return format!("{sign}∞");
    }
    if value.abs() >= 1e7 {
        return format!("{sign}{}", scientific(value.abs(), 2));
    }
    let text = format!("{:.decimals$}", value.abs());
    // What rounds to nothing has no sign.
    let sign = if text.chars().any(|c| matches!(c, '1'..='9')) { sign } else { "" };
    match text.split_once('.') {
        Some((whole, fraction)) => format!("{sign}{}.{fraction}", grouped(whole)),
        None => format!("{sign}{}", grouped(&text)),
    }
}

/// A positive number with a power of ten and at most so many decimals: `1.5e7`.
pub(crate) fn scientific(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$e}");
    match text.split_once('e') {
        Some((mantissa, power)) if mantissa.contains('.') => {
            format!("{}e{power}", mantissa.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_shortened_to_their_room() {
        assert_eq!(shorten("Katze", 10.0, 60.0), "Katze");
        let short = shorten("Donaudampfschifffahrt", 10.0, 60.0);
        assert!(short.starts_with("Donau") && short.ends_with('…'), "{short}");
        assert!(text_width(&short, 10.0) <= 60.0);
    }

    /// DejaVu Sans has 1,303 units of 2,048 for a digit, 651 for a point or a comma, 1,716 for a minus sign; its "I" and
    /// "m" have 604 and 1,995, in bold 762 and 2,134. "C" is wider in Arial: 1,479 units.
    #[test]
    fn widths_are_those_of_the_widest_font() {
        for (text, units) in [
            ("0.0010", 5 * 1303 + 651),
            ("15,000", 5 * 1303 + 651),
            ("−8", 1716 + 1303),
            ("Im", 604 + 1995),
            ("C", 1479),
        ] {
            assert_eq!(text_width(text, 2048.0).round(), f64::from(units), "{text}");
        }
        assert_eq!(bold_width("Im", 2048.0).round(), 762.0 + 2134.0);
    }

    #[test]
    fn titles_are_broken_between_words() {
        assert_eq!(wrap_bold("It rises, and it falls", 14.0, 90.0), ["It rises,", "and it falls"]);
        assert_eq!(wrap_bold("Donaudampfschifffahrt", 14.0, 20.0), ["Donaudampfschifffahrt"]);
        assert_eq!(wrap_bold("  ", 14.0, 90.0), [""; 0]);
    }

    #[test]
    fn no_text_is_narrower_than_its_letters() {
        for text in ["Größe", "„Die Katze“", "Заголовок", "αβγ", "x ≤ ∞ → y"] {
            let count = text.chars().count() as f64;
            assert!((0.25 * count..1.05 * count).contains(&text_width(text, 1.0)), "{text}");
        }
        assert_eq!(text_width("e\u{301}", 10.0), text_width("e", 10.0));
    }

    #[test]
    fn wide_characters_take_more_room() {
        assert_eq!(shorten("変換器の注意", 10.0, 45.0), "変換器…");
    }

    #[test]
    fn blanks_can_be_seen() {
        assert_eq!(["", " ", "\n\n"].map(|text| shorten(text, 10.0, 60.0)), ["␣", "␣", "␣"]);
    }

    #[test]
    fn only_texts_from_right_to_left_are_isolated() {
        assert_eq!(isolate("שלום"), "\u{2068}שלום\u{2069}");
        assert_eq!(isolate("Hallo"), "Hallo");
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([7, 999, 1_000, 63_084_544].map(thousands), ["7", "999", "1,000", "63,084,544"]);
        let numbers = [(0.04, 1), (-0.04, 1), (-12_345.678, 2), (1e300, 1), (-1.25e7, 1), (9_999_999.0, 0)];
        let expected = ["0.0", "0.0", "−12,345.68", "1e300", "−1.25e7", "9,999,999"];
        assert_eq!(numbers.map(|(value, decimals)| decimal(value, decimals)), expected);
        assert_eq!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(|x| decimal(x, 1)), ["–", "∞", "−∞"]);
    }
}
