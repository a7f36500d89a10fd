//! Numbers for readers.

/// An integer with separators for thousands.
pub(crate) fn thousands(value: usize) -> String {
    let digits = value.to_string();
    let mut result = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            result.push(',');
        }
        result.push(digit);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([thousands(7), thousands(1_234), thousands(63_084_544)], ["7", "1,234", "63,084,544"]);
    }
}
