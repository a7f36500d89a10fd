//! Numbers of things and of bytes, as sentences say them.

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

/// So many bytes, in two digits or three: "512 bytes", "7.9 GB".
#[must_use]
pub(crate) fn bytes(count: u128) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if count < 1_000 {
        return format!("{count} bytes");
    }
    let mut size = count as f64 / 1e3;
    let mut units = UNITS.iter();
    let mut unit = units.next().unwrap_or(&"");
    // 999.5 would be shown as 1000.
    while size >= 999.5 {
        let Some(next) = units.next() else { break };
        (size, unit) = (size / 1e3, next);
    }
    if size < 9.95 { format!("{size:.1} {unit}") } else { format!("{size:.0} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        for (count, expected) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (9_949_000, "9.9 MB"),
            (9_960_000, "10 MB"),
            (999_400_000, "999 MB"),
            (999_600_000, "1.0 GB"),
            (43_600_000_000, "44 GB"),
            (7_000_000_000_000_000_000_000, "7000 EB"),
        ] {
            assert_eq!(bytes(count), expected);
        }
    }

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
