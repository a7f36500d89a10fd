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

/// The numbers that are written as words.
const WORDS: [&str; 13] =
    ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/// How many there are: `six`, `24`.
pub(crate) fn count(count: usize) -> String {
    WORDS.get(count).map_or_else(|| thousands(count), |word| (*word).to_owned())
}

/// How often something is there: `twice`, `six times`, `24 times`.
pub(crate) fn times(count: usize) -> String {
    match (count, WORDS.get(count)) {
        (1, _) => "once".to_owned(),
        (2, _) => "twice".to_owned(),
        (_, Some(word)) => format!("{word} times"),
        (_, None) => format!("{} times", thousands(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_are_words() {
        assert_eq!(
            [1, 2, 6, 12, 1_000].map(times),
            ["once", "twice", "six times", "twelve times", "1,000 times"]
        );
    }

    #[test]
    fn counts_are_words_up_to_a_dozen() {
        assert_eq!([0, 1, 12, 13, 1_000].map(count), ["no", "one", "twelve", "13", "1,000"]);
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([thousands(7), thousands(1_234), thousands(63_084_544)], ["7", "1,234", "63,084,544"]);
    }
}
