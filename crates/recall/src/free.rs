//! Free recall: which of some facts are in what somebody wrote from memory.
//!
//! It is lenient. Small words, endings, large letters and single wrong letters don't matter, and half of a fact's words will do,
//! if they stand in up to three sentences of one line. So it can be wrong in both directions, and whoever compares with own eyes knows better.

use std::collections::BTreeSet;

/// So large a part of a fact's words must be there.
const ENOUGH: f64 = 0.5;

/// Sentences of a line that may tell a fact together.
const TOGETHER: usize = 3;

/// Words that say little by themselves.
const SMALL: &str = "a all also an and are as at be been both but by can does each every for from has have how if in into is it \
                     its more most no nor not of on one or other same so some than that the their them then there these they \
                     this those to up was way well what when where which who whom why will with would";

/// A fact, and whether it was recalled.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The fact.
    pub fact: String,
    /// The largest part of its words that stand together, from 0 to 1.
    pub share: f64,
}

impl Found {
    /// Whether that is enough.
    #[must_use]
    pub fn is_recalled(&self) -> bool {
        self.share >= ENOUGH
    }
}

/// Each fact, and how much of it is in the text.
#[must_use]
pub fn compare(facts: &[String], recalled: &str) -> Vec<Found> {
    let passages: Vec<BTreeSet<String>> = recalled.lines().flat_map(passages).collect();
    let found = |fact: &String| {
        let wanted = words(fact);
        let has = |passage: &BTreeSet<String>| {
            let there = wanted.iter().filter(|word| passage.iter().any(|own| are_alike(word, own)));
            there.count() as f64 / wanted.len().max(1) as f64
        };
        Found { fact: fact.clone(), share: passages.iter().map(has).fold(0.0, f64::max) }
    };
    facts.iter().map(found).collect()
}

/// The words of what stands together in a line.
fn passages(line: &str) -> Vec<BTreeSet<String>> {
    let sentences: Vec<BTreeSet<String>> = line.split(['.', '!', '?']).map(words).collect();
    let together = |first: usize| sentences.iter().skip(first).take(TOGETHER).flatten().cloned().collect();
    (0..sentences.len()).map(together).collect()
}

/// The words that say something, without their endings. Commands of LaTeX are none.
fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let parts = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '\\' && c != '\'');
    for part in parts.filter(|part| !part.contains('\\')) {
        let word = part.trim_matches('\'').to_lowercase();
        let is_small = SMALL.split_whitespace().any(|small| small == word);
        let is_letter = word.chars().count() < 2 && !word.starts_with(|c: char| c.is_ascii_digit());
        if !is_small && !is_letter {
            words.insert(stem(number(&word)).to_owned());
        }
    }
    words
}

/// Small numbers are the same in words and in digits.
fn number(word: &str) -> &str {
    const NUMBERS: [&str; 13] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    const DIGITS: [&str; 13] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
    NUMBERS.iter().position(|number| *number == word).map_or(word, |place| DIGITS[place])
}

/// A word without what is put behind it.
fn stem(word: &str) -> &str {
    let long = |stem: &&str| stem.chars().count() >= 4;
    let endings = ["ation", "ing", "ed", "es", "s", "ly", "e"];
    endings.iter().find_map(|end| word.strip_suffix(end).filter(long)).unwrap_or(word)
}

/// Whether two words are the same but for a letter, if they are long.
fn are_alike(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a == b {
        return true;
    }
    if a.len().min(b.len()) < 5 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let rest = |word: &[char], skipped: usize| word.get(same + skipped..).unwrap_or_default().to_vec();
    // One wrong, one too many, one missing, or two that changed places.
    let swapped = a.len() == b.len() && a.get(same) == b.get(same + 1) && a.get(same + 1) == b.get(same);
    rest(&a, 1) == rest(&b, 1)
        || rest(&a, 1) == rest(&b, 0)
        || rest(&a, 0) == rest(&b, 1)
        || swapped && rest(&a, 2) == rest(&b, 2)
}
