//! What a label says to a reader, and when two say the same.

/// A label of Graphviz as a reader sees it: without its escapes, and without the fields of a record.
pub(super) fn text(label: &str, name: &str, is_record: bool) -> String {
    let mut seen = String::new();
    let mut letters = label.chars();
    let mut in_port = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('N') => seen += name,
                Some('n' | 'l' | 'r') | None => seen.push(' '),
                Some('G' | 'E' | 'T' | 'H' | 'L') => {}
                Some(other) => seen.push(other),
            },
            '<' if is_record => in_port = true,
            '>' if is_record => in_port = false,
            _ if in_port => {}
            '{' | '}' | '|' if is_record => seen.push(' '),
            letter => seen.push(letter),
        }
    }
    spaced(&seen)
}

/// A label in HTML as a reader sees it.
pub(super) fn html(label: &str) -> String {
    let mut seen = String::new();
    let mut rest = label;
    while let Some(at) = rest.find(['<', '&']) {
        seen += &rest[..at];
        let found = &rest[at..];
        let Some(length) = (if found.starts_with('<') { found.find('>') } else { entity(found) }) else {
            // Neither a tag nor an entity: only a sign.
            seen += &found[..1];
            rest = &found[1..];
            continue;
        };
        seen.push_str(match &found[..=length] {
            "&amp;" | "&#38;" => "&",
            "&lt;" => "<",
            "&gt;" => ">",
            "&quot;" => "\"",
            tag if breaks(tag) => " ",
            tag if tag.starts_with('&') => " ",
            _ => "",
        });
        rest = &found[length + 1..];
    }
    spaced(&(seen + rest))
}

/// Where the entity that a text begins with ends.
fn entity(text: &str) -> Option<usize> {
    let end = text.find(';').filter(|&end| end <= 8)?;
    text[1..end].chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '#').then_some(end)
}

/// Whether a tag begins a line or a cell.
fn breaks(tag: &str) -> bool {
    let name: String = tag.chars().skip(1).take_while(char::is_ascii_alphabetic).collect();
    ["br", "td", "tr", "table", "hr"].iter().any(|other| name.eq_ignore_ascii_case(other))
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is the same for all ways in which a name is written: large and small letters, hyphens and spaces, `&` and `and`,
/// one and several.
pub(super) fn alike(label: &str) -> String {
    let trimmed = label.trim();
    if ["+", "⊕", "⨁", "∔"].contains(&trimmed) || trimmed.eq_ignore_ascii_case("plus") {
        return "add".to_owned();
    }
    let written: String = trimmed
        .chars()
        .flat_map(|letter| match letter {
            '&' | '+' => " and ".chars().collect::<Vec<_>>(),
            letter if letter.is_alphanumeric() => letter.to_lowercase().collect(),
            '\'' | '’' => Vec::new(),
            _ => vec![' '],
        })
        .collect();
    let words: String = written.split_whitespace().map(single).collect();
    if words.is_empty() { trimmed.to_lowercase() } else { words }
}

/// One of what a word names: `inputs` is `input` and `boxes` is `box`, but `softmax` and `loss` are what they are.
fn single(word: &str) -> &str {
    let is_plural = word.len() > 3 && word.ends_with('s') && !word.ends_with("ss");
    let after_hiss = ["xes", "sses", "ches", "shes", "zes"].iter().any(|end| word.ends_with(end));
    match (is_plural, after_hiss) {
        (true, true) => &word[..word.len() - 2],
        (true, false) => &word[..word.len() - 1],
        _ => word,
    }
}

/// A name without what stands in brackets in it.
pub(super) fn without_brackets(label: &str) -> String {
    let mut depth = 0_usize;
    let outside = |letter: &char| match letter {
        '(' | '[' => {
            depth += 1;
            false
        }
        ')' | ']' => {
            depth = depth.saturating_sub(1);
            false
        }
        _ => depth == 0,
    };
    label.chars().filter(outside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        for other in
            ["add & norm", "ADD AND NORM", "Add&Norm", "add-and-norms", "Add + Norm", " add\u{a0}&  norm "]
        {
            assert_eq!(alike(other), alike("Add & Norm"), "{other}");
        }
        for (one, other) in [
            ("Feed Forward", "feed-forward"),
            ("Multi-Head Attention", "multihead attention"),
            ("Inputs", "input"),
            ("Output Probabilities", "output probabilitie"),
            ("Softmax", "soft-max"),
            ("Softmax", "softmaxes"),
            ("Add", "⊕"),
            ("Add", "+"),
            ("Adapter's", "adapters"),
        ] {
            assert_eq!(alike(one), alike(other), "{one}, {other}");
        }
        for (one, other) in
            [("Add", "Add & Norm"), ("Loss", "Lo"), ("Input Embedding", "Output Embedding"), ("×", "÷")]
        {
            assert_ne!(alike(one), alike(other));
        }
        assert_eq!((alike("×"), alike("")), ("×".to_owned(), String::new()));
        assert_eq!(without_brackets("Outputs (shifted [right])").trim(), "Outputs");
    }

    #[test]
    fn the_page_compares_names_alike() {
        // `xtask/browser/see.mjs` reads the same.
        let names: Vec<(String, String)> =
            serde_json::from_str(include_str!("../../tests/alike.json")).unwrap();
        for (name, expected) in names {
            assert_eq!(alike(&name), expected, "{name}");
        }
    }

    #[test]
    fn labels_say_what_a_reader_sees() {
        assert_eq!(text("Multi-Head\\nAttention \\N", "a", false), "Multi-Head Attention a");
        assert_eq!(text("{<p> Add|& \\{Norm\\}}", "a", true), "Add & {Norm}");
        assert_eq!(text("a {b} \\", "a", false), "a {b}");
        assert_eq!(html("<b>Add</b> &amp; <i>Norm</i><br/>x & y &lt;"), "Add & Norm x & y <");
        assert_eq!(html("a < b &nosuchentity c"), "a < b &nosuchentity c");
    }
}
