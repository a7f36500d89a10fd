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

#[cfg(test)]
mod tests {
    use super::*;

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
