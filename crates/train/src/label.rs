//! Names beside a picture's rows and columns: shortened to the room they have, in either writing direction.

/// About how wide a text is drawn, in the units of its size. Fonts differ, so it is a guess on the wide side.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let ems = |c: char| match c {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{2066}'..='\u{2069}' => 0.0,
        'i' | 'j' | 'l' | 't' | 'f' | 'r' | 'I' | ' ' | '.' | ',' | ':' | ';' | '!' | '|' | '\'' => 0.34,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' | '—' => 0.95,
        'A'..='Z' | '_' | '&' | '<' | '>' | '=' | '+' => 0.7,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{ffdc}' | '\u{1f000}'.. if !right_to_left(c) => 1.05,
        _ => 0.58,
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
