//! Names and data in places where they must not be taken for something else.

use std::fmt::Write;

/// JSON for a `<script>` element, which ends at the first `</script` and may begin a comment at `<!--`, whatever it has in
/// it. In JSON, the sign is in strings alone, and there it has another spelling.
pub(super) fn json(text: &str) -> String {
    text.replace('<', "\\u003c")
}

/// A path as the place that an address names, after the `#`: `/blocks.0/conv%202d`. It begins with a slash, so that it is no
/// id of anything else on the page.
pub(super) fn place(path: &str) -> String {
    let mut place = String::from("/");
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' | b'@' | b':' => {
                place.push(char::from(byte));
            }
            // Writing to a string doesn't fail.
            _ => _ = write!(place, "%{byte:02X}"),
        }
    }
    place
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes as text.
pub(super) fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let all = group.iter().fold(0_u32, |all, &byte| (all << 8) | u32::from(byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = DIGITS[((all >> (18 - 6 * place)) & 63) as usize];
            text.push(if place > group.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_everybody_does() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xff, 0xfe, 0xfd, 0]), "//79AA==");
    }

    #[test]
    fn a_script_is_not_ended_by_what_is_in_it() {
        let name = r#"{"name":"</script><!--"}"#;
        let text = json(name);
        assert!(!text.contains('<'));
        let [one, other] = [name, &text].map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap());
        assert_eq!(one, other);
    }

    #[test]
    fn a_path_is_a_place() {
        assert_eq!(place(""), "/");
        assert_eq!(place("blocks.0/hidden layer.1@2"), "/blocks.0/hidden%20layer.1@2");
        assert_eq!(place("a\"<b>&%#é"), "/a%22%3Cb%3E%26%25%23%C3%A9");
    }
}
