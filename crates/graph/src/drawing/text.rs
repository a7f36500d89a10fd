//! How wide a text is, where it is broken, and how it gets into XML.

/// Advance widths of DejaVu Sans from U+0020 to U+007E in 1/2048 of the font size, from the `hmtx` table of its font
/// file. Verdana, the next font in the stack, is no wider.
const ASCII: [u16; 95] = [
    651, 821, 942, 1716, 1303, 1946, 1597, 563, 799, 799, 1024, 1716, 651, 739, 651, 690, 1303, 1303, 1303,
    1303, 1303, 1303, 1303, 1303, 1303, 1303, 690, 690, 1716, 1716, 1716, 1087, 2048, 1401, 1405, 1430, 1577,
    1294, 1178, 1587, 1540, 604, 604, 1343, 1141, 1767, 1532, 1612, 1235, 1612, 1423, 1300, 1251, 1499, 1401,
    2025, 1403, 1251, 1403, 799, 690, 799, 1716, 1024, 1024, 1255, 1300, 1126, 1300, 1260, 721, 1300, 1298,
    569, 569, 1186, 569, 1995, 1298, 1253, 1300, 1300, 842, 1067, 803, 1298, 1212, 1675, 1212, 1212, 1075,
    1303, 690, 1303, 1716,
];

/// No glyph of the table above is wider, and few outside of it are.
const WIDEST: u16 = 2048;

/// Bold text is at most this much wider than regular text in DejaVu Sans.
const BOLD: f64 = 1.27;

/// Width in pixels at `size` pixels.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let advance = |c: char| {
        let place = (c as usize).checked_sub(0x20);
        f64::from(place.and_then(|place| ASCII.get(place)).copied().unwrap_or(WIDEST))
    };
    text.chars().map(advance).sum::<f64>() * size / 2048.0
}

/// Width in pixels of bold text.
pub(crate) fn bold_width(text: &str, size: f64) -> f64 {
    width(text, size) * BOLD
}

/// A label broken into at most `lines` lines of at most `limit` pixels, with an ellipsis where it is cut. Breaks fall
/// after spaces or punctuation where possible, and halve what fits two lines.
pub(crate) fn wrap(text: &str, size: f64, limit: f64, lines: usize) -> Vec<String> {
    let text = clean(text);
    let mut rest = text.trim();
    let whole = width(rest, size);
    // What is wider than two lines is cut, so there is no need to look for its middle.
    let is_halved = lines == 2 && limit < whole && whole <= 2.0 * limit + size;
    if let Some((first, second)) = is_halved.then(|| halves(rest, size, limit)).flatten() {
        return vec![first.to_owned(), second.to_owned()];
    }
    let mut result = Vec::new();
    while !rest.is_empty() && result.len() < lines {
        if width(rest, size) <= limit {
            result.push(rest.to_owned());
            return result;
        }
        let last = result.len() + 1 == lines;
        let end = fitting(rest, size, if last { limit - width("…", size) } else { limit });
        let end = if last { end } else { break_before(rest, end) };
        let line = rest[..end].trim_end();
        result.push(if last { format!("{line}…") } else { line.to_owned() });
        rest = rest[end..].trim_start();
    }
    if result.is_empty() {
        result.push(String::new());
    }
    result
}

/// The two lines that come closest to equal widths; a break within a word counts as worse.
fn halves(text: &str, size: f64, limit: f64) -> Option<(&str, &str)> {
    let split = |(place, c): (usize, char)| {
        let (first, second) = text.split_at(place + c.len_utf8());
        let (first, second) = (first.trim_end(), second.trim_start());
        let wider = width(first, size).max(width(second, size));
        (wider <= limit).then_some((wider + if c == ' ' { 0.0 } else { limit / 2.0 }, first, second))
    };
    let breaks = text.char_indices().filter(|&(_, c)| is_break(c));
    let best = breaks.filter_map(split).min_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, first, second)| (first, second))
}

fn is_break(c: char) -> bool {
    matches!(c, ' ' | '-' | '_' | '.' | '/' | ',' | ':')
}

/// The longest prefix, in bytes, that fits; at least one character.
fn fitting(text: &str, size: f64, limit: f64) -> usize {
    let mut used = 0.0;
    for (place, c) in text.char_indices() {
        used += width(c.encode_utf8(&mut [0; 4]), size);
        if used > limit && place > 0 {
            return place;
        }
    }
    text.len()
}

/// The last good place for a break up to `end`, but not in the first half.
fn break_before(text: &str, end: usize) -> usize {
    let place =
        text[..end].char_indices().rev().find(|&(_, c)| is_break(c)).map(|(place, c)| place + c.len_utf8());
    place.filter(|&place| place * 2 > end).unwrap_or(end)
}

/// Spaces for line ends and control characters; nothing for the marks that turn the direction of text.
pub(crate) fn clean(text: &str) -> String {
    let turns =
        |c: &char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let plain = |c: char| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c };
    text.chars().filter(|c| !turns(c)).map(plain).collect()
}

/// `text` with the characters that mean something to XML escaped, for content and attributes alike.
pub(crate) fn escape(text: &str) -> String {
    // Most texts have nothing of the kind.
    if text
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\''))
    {
        return text.to_owned();
    }
    let mut result = String::with_capacity(text.len());
    for c in clean(text).chars() {
        match c {
            '&' => result.push_str("&amp;"),
            '<' => result.push_str("&lt;"),
            '>' => result.push_str("&gt;"),
            '"' => result.push_str("&quot;"),
            '\'' => result.push_str("&#39;"),
            _ => result.push(c),
        }
    }
    result
}

/// A number with at most one decimal, for coordinates.
pub(crate) fn number(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded == 0.0 { "0".into() } else { format!("{rounded}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font() {
        // "Ai" is 1401 + 569 units wide.
        assert!((width("Ai", 13.0) - 1970.0 * 13.0 / 2048.0).abs() < 1e-9);
        assert!(width("漢", 10.0) >= 10.0 && bold_width("a", 10.0) > width("a", 10.0));
    }

    #[test]
    fn long_labels_break_and_are_cut() {
        assert_eq!(wrap("Add & Norm", 13.0, 200.0, 2), ["Add & Norm"]);
        assert_eq!(wrap("Masked Multi-Head Attention", 13.0, 126.0, 2), ["Masked Multi-Head", "Attention"]);
        assert_eq!(wrap("Output Probabilities", 13.0, 120.0, 2), ["Output", "Probabilities"]);
        let cut = wrap(&"supercalifragilistic".repeat(4), 13.0, 120.0, 2);
        assert!(cut.len() == 2 && cut[1].ends_with('…'));
        assert!(cut.iter().all(|line| width(line, 13.0) <= 120.0));
        assert_eq!(wrap(" \n ", 13.0, 50.0, 2), [""]);
    }

    #[test]
    fn markup_and_control_characters_are_harmless() {
        assert_eq!(escape("a<b>&\"'\n\u{202e}c"), "a&lt;b&gt;&amp;&quot;&#39; c");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([number(3.0), number(-0.04), number(2.25)], ["3", "0", "2.3"]);
    }
}
