//! Numbers of things, as sentences say them.

/// So many of them: "1 checkpoint", "2 checkpoints", "0 queries".
#[must_use]
pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{count} {stem}ies"),
        None if noun.ends_with(['s', 'h', 'x']) => format!("{count} {noun}es"),
        _ => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_all_other_numbers_are_several() {
        for (count, noun, expected) in [
            (0, "line", "0 lines"),
            (1, "line", "1 line"),
            (2, "usable line", "2 usable lines"),
            (1, "query", "1 query"),
            (3, "query", "3 queries"),
            (3, "key", "3 keys"),
            (1, "class", "1 class"),
            (5, "class", "5 classes"),
            (2, "batch", "2 batches"),
        ] {
            assert_eq!(counted(count, noun), expected);
        }
    }
}
