//! Vocabularies of whole words: for a language that is made up, and has few.

use anyhow::{Result, ensure};
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::{AddedToken, Tokenizer};

use super::{Alphabet, SPECIAL, UNK, Vocabulary, check_size, normalizer, plain};

impl Vocabulary {
    /// A piece for each of some words. A text has spaces between them, and any other word becomes `<unk>`.
    ///
    /// # Errors
    ///
    /// If a word is none, or is there twice.
    pub fn of_words(words: &[&str]) -> Result<Self> {
        let size = SPECIAL.len() + words.len();
        check_size(size)?;
        for word in words {
            let is_one = !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || "<▁".contains(c));
            ensure!(is_one, "{word:?} can't be a word of a vocabulary");
        }
        let special = SPECIAL.iter().map(|&token| token.to_owned());
        // As with pieces of characters, the space is part of the word after it.
        let pieces = special.chain(words.iter().map(|word| format!("▁{word}")));
        let model = WordLevel::builder().vocab(pieces.zip(0..).collect()).unk_token(SPECIAL[UNK].to_owned());
        let mut tokenizer = Tokenizer::new(model.build().map_err(plain)?);
        tokenizer.with_normalizer(Some(normalizer()?));
        Alphabet::Characters.prepare(&mut tokenizer)?;
        tokenizer.add_special_tokens(&SPECIAL.map(|token| AddedToken::from(token, true)));
        let vocabulary = Self::new(tokenizer);
        ensure!(vocabulary.size() == size, "a word of the vocabulary is there twice");
        Ok(vocabulary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_a_piece_of_its_own_and_survives_being_saved() {
        let words = ["the", "boys", "boy", "open"];
        let made = Vocabulary::of_words(&words).unwrap();
        let text = made.text().unwrap();
        let opened = Vocabulary::from_text(text.as_bytes(), "tokenizer.json".as_ref()).unwrap();
        for vocabulary in [made, opened] {
            assert_eq!(vocabulary.size(), 8);
            let ids = vocabulary.encode("the boy open  the\tboys").unwrap();
            assert_eq!(ids, [4, 6, 7, 4, 5]);
            assert_eq!(vocabulary.decode(&ids).unwrap(), "the boy open the boys");
            assert_eq!(vocabulary.encode("the girl").unwrap(), [4, UNK]);
            assert!(ids.iter().all(|&id| vocabulary.begins_word(id)));
            assert_eq!(vocabulary.piece(5), "boys");
        }
    }

    #[test]
    fn what_is_no_word_or_there_twice_is_refused() {
        for words in [&["two words"][..], &["", "a"], &["<eos>"], &["▁a"], &["a", "b", "a"]] {
            assert!(Vocabulary::of_words(words).is_err(), "{words:?}");
        }
    }
}
