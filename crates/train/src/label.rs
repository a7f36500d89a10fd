//! Names beside a picture's rows and columns: shortened to the room they have, in either writing direction.

/// About how wide a text is drawn, in the units of its size. Fonts differ, so it is a guess on the wide side: what is
/// common is not narrower than in DejaVu Sans, which is wider than most.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let ems = |c: char| match c {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{2066}'..='\u{2069}' => 0.0,
        'i' | 'j' | 'l' | 'I' | ' ' | '.' | ',' | ':' | ';' | '|' | '\'' => 0.34,
        't' | 'f' | 'r' | '!' | '(' | ')' | '-' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '—' => 1.0,
        'A'..='Z' | '&' => 0.8,
        '<' | '>' | '=' | '+' | '−' => 0.84,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{ffdc}' | '\u{1f000}'.. if !right_to_left(c) => 1.05,
        _ => 0.64,
    };
    text.chars().map(ems).sum::<f64>() * size
}

/// The text if there is room for it, else its beginning and an ellipsis. One that would not be seen at all becomes a
/// sign that can be.
pub(crate) fn shorten(text: &str, size: f64, room: f64) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "␣".into();
    }
    if text_width(text, size) <= room {
        return isolate(text);
    }
    let mut short = String::new();
    for c in text.chars() {
        let longer = format!("{short}{c}");
        if text_width(&longer, size) + text_width("…", size) > room && !short.is_empty() {
            break;
        }
        short = longer;
    }
    isolate(&(short.trim_end().to_owned() + "…"))
}

/// Keeps a text that is written from right to left from reordering what stands beside it.
pub(crate) fn isolate(text: &str) -> String {
    if text.chars().any(right_to_left) { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
}

fn right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}')
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

    /// DejaVu Sans has 2,048 units: 1,303 for a digit, 651 for a point or a comma, 1,716 for a minus sign.
    #[test]
    fn numbers_are_hardly_narrower_than_was_guessed_and_never_wider() {
        for (text, units) in [("0.0010", 5 * 1303 + 651), ("15,000", 5 * 1303 + 651), ("−8", 1716 + 1303)] {
            let (guess, width) = (text_width(text, 1.0), f64::from(units) / 2048.0);
            assert!((width..1.05 * width).contains(&guess), "{text}: {guess}, but it is {width}");
        }
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
}
