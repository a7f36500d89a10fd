//! Words and their ids. The language is so small that every word is a token: what stands for *it* has one position, and so
//! has the adjective.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use burn::tensor::{Device, Int, Tensor, TensorData};

/// Fills up what is shorter than its batch.
pub(super) const PAD: usize = 0;
/// Begins every translation.
pub(super) const BOS: usize = 1;
/// Ends every sentence.
pub(super) const EOS: usize = 2;
/// Ids that are no words.
const SPECIAL: usize = 3;

/// Signs that are words of their own.
const SIGNS: [char; 2] = [',', '.'];

/// The words of a language.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// In the order of their ids, after those that are no words.
    words: Vec<String>,
    ids: BTreeMap<String, usize>,
}

impl Words {
    /// All words of some texts, in alphabetical order.
    pub(super) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let words: BTreeSet<&str> = texts.into_iter().flat_map(|text| text.split(' ')).collect();
        let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
        let ids = words.iter().enumerate().map(|(n, word)| (word.clone(), n + SPECIAL)).collect();
        Self { words, ids }
    }

    /// Ids, those that are no words included.
    pub(super) fn size(&self) -> usize {
        self.words.len() + SPECIAL
    }

    /// The ids of a text with spaces between all words.
    ///
    /// # Errors
    ///
    /// If there is no such word.
    pub(super) fn ids(&self, text: &str) -> Result<Vec<usize>> {
        text.split(' ').map(|word| self.id(word)).collect()
    }

    /// The id of a word.
    ///
    /// # Errors
    ///
    /// If there is no such word.
    pub(super) fn id(&self, word: &str) -> Result<usize> {
        let known = || self.words.iter().filter(|word| word.starts_with(char::is_alphabetic));
        self.ids.get(word).copied().with_context(|| {
            let known: Vec<&str> = known().map(String::as_str).collect();
            format!("nothing was learned of the word {word:?}; the words are {}", known.join(", "))
        })
    }

    /// The text of ids up to the end of the sentence, with spaces between all words.
    pub(super) fn text(&self, ids: &[usize]) -> String {
        let inside = ids.iter().take_while(|&&id| id != EOS);
        let word = |id: &usize| id.checked_sub(SPECIAL).and_then(|n| self.words.get(n)).map(String::as_str);
        inside.filter_map(word).collect::<Vec<_>>().join(" ")
    }
}

/// A sentence that somebody has typed, as the language has it: signs apart, nothing capital, and a full stop at its end.
///
/// # Errors
///
/// If it is empty or much too long.
pub(super) fn typed(text: &str) -> Result<String> {
    const MOST: usize = 40;
    let apart =
        SIGNS.iter().fold(text.to_lowercase(), |text, sign| text.replace(*sign, &format!(" {sign} ")));
    let apart = apart.replace('’', "'");
    let mut words: Vec<&str> = apart.split_whitespace().collect();
    ensure!(words.iter().any(|word| word.starts_with(char::is_alphabetic)), "the text is empty");
    ensure!(words.len() <= MOST, "the text has {} words, but at most {MOST} can be used", words.len());
    if words.last() != Some(&".") {
        words.push(".");
    }
    Ok(words.join(" "))
}

/// A text of the language as people write it.
pub(super) fn written(text: &str) -> String {
    let joined =
        SIGNS.iter().fold(text.to_owned(), |text, sign| text.replace(&format!(" {sign}"), &sign.to_string()));
    let mut letters = joined.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Rows of ids, the shorter ones filled up: `[rows, longest]`.
pub(super) fn tensor(rows: &[Vec<usize>], device: &Device) -> Tensor<2, Int> {
    let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
    let filled = rows.iter().flat_map(|row| {
        let rest = std::iter::repeat_n(PAD, longest - row.len());
        row.iter().copied().chain(rest).map(|id| id as i64)
    });
    Tensor::from_data(TensorData::new(filled.collect(), [rows.len(), longest]), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_survive_the_way_through_ids() {
        let words = Words::of(["die Trophäe passt nicht .", "er ist zu klein ."]);
        assert_eq!(words.size(), 9 + SPECIAL);
        let ids = words.ids("er passt nicht .").unwrap();
        assert_eq!(words.text(&[&ids[..], &[EOS, 4]].concat()), "er passt nicht .");
        let error = words.ids("er passt immer .").unwrap_err().to_string();
        assert!(
            error.starts_with("nothing was learned of the word \"immer\"; the words are Trophäe, die, er"),
            "{error}"
        );
    }

    #[test]
    fn what_is_typed_is_brought_into_form_and_back() {
        let typed = |text: &str| typed(text).map_err(|error| error.to_string());
        assert_eq!(typed("The ring, says the man").unwrap(), "the ring , says the man .");
        assert_eq!(typed(" It doesn’t  fit. ").unwrap(), "it doesn't fit .");
        assert_eq!(typed(" ., ").unwrap_err(), "the text is empty");
        assert!(typed(&"a ".repeat(41)).unwrap_err().contains("41 words, but at most 40"));
        assert_eq!(
            written("die Dose ist neben dem Glas , sagt er ."),
            "Die Dose ist neben dem Glas, sagt er."
        );
        assert_eq!(written(""), "");
    }

    #[test]
    fn rows_are_filled_up_at_their_end() {
        let tensor = tensor(&[vec![5], vec![6, 7, 8]], &Device::flex());
        assert_eq!(tensor.into_data().iter::<i64>().collect::<Vec<_>>(), [5, 0, 0, 6, 7, 8]);
    }
}
