//! Vocabularies: byte-pair encoding (paper, section 5.1; Sennrich, Haddow & Birch 2016), by the crate `tokenizers`.
//!
//! For translation, pieces are of characters, and a space is part of the word after it. A character that the training
//! data never had becomes `<unk>`. For language modelling, pieces are of bytes, so that every text can be written and
//! bits per byte are counted over all of it. A language that is made up, and has few words, has a piece for each
//! ([`Vocabulary::of_words`]). All are saved in the standard `tokenizer.json`, which also says into what
//! form a text is brought first (`crate::data::text`).
//!
//! `<pad>` and the like stand for something only as ids. In a text, they are five characters like any others.

mod alphabet;
mod guarded;
mod normalizer;
#[cfg(test)]
mod tests;
mod words;

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainerBuilder};
use tokenizers::{AddedToken, Tokenizer};

use crate::data::text::normalise;
pub(crate) use alphabet::Alphabet;
use guarded::guarded;
use normalizer::normalizer;

/// Fills up what is shorter than its batch.
pub const PAD: usize = 0;
/// Begins every target.
pub const BOS: usize = 1;
/// Ends every sentence.
pub const EOS: usize = 2;
/// Stands for a character that the training data never had.
pub(crate) const UNK: usize = 3;

const SPECIAL: [&str; 4] = ["<pad>", "<bos>", "<eos>", "<unk>"];

/// Pieces of a vocabulary at most. The largest in use have a quarter of that.
const MOST: usize = 1 << 20;

/// Text to token ids and back.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    tokenizer: Tokenizer,
}

/// Checks the size that a vocabulary is to have, before anything of that size is made.
///
/// # Errors
///
/// If it is absurd.
pub(crate) fn check_size(size: usize) -> Result<()> {
    ensure!(
        (SPECIAL.len()..=MOST).contains(&size),
        "--vocab {size} can't be used: it must be at least {} and at most {MOST}",
        SPECIAL.len()
    );
    Ok(())
}

impl Vocabulary {
    /// Learns at most `size` pieces from `lines`, and fewer if they give no more. The lines are read once; only their
    /// different words are kept meanwhile.
    ///
    /// # Errors
    ///
    /// If the lines need more, or can't be read.
    pub(crate) fn train(
        lines: impl Iterator<Item = Result<String>> + Send,
        size: usize,
        alphabet: Alphabet,
    ) -> Result<Self> {
        check_size(size)?;
        let mut tokenizer =
            Tokenizer::new(BPE::builder().unk_token(SPECIAL[UNK].to_owned()).build().map_err(plain)?);
        alphabet.prepare(&mut tokenizer)?;
        let trainer = BpeTrainerBuilder::new()
            .vocab_size(size)
            .show_progress(false)
            .initial_alphabet(alphabet.given())
            .special_tokens(SPECIAL.iter().map(|&token| AddedToken::from(token, true)).collect());
        let mut unreadable = None;
        let readable = lines.map_while(|line| line.map_err(|error| unreadable = Some(error)).ok());
        // Most lines are normal, and seen to be so much sooner than the tokenizer's own normalizer has looked for patterns.
        let readable = readable.map(|line| match normalise(&line) {
            Cow::Borrowed(_) => line,
            Cow::Owned(normal) => normal,
        });
        let mut trainer = TrainerWrapper::BpeTrainer(trainer.build());
        tokenizer.train(&mut trainer, readable).map_err(plain)?;
        tokenizer.with_normalizer(Some(normalizer()?));
        if let Some(error) = unreadable {
            return Err(error);
        }
        let found = tokenizer.get_vocab_size(true);
        ensure!(
            found <= size,
            "--vocab {size} is too small: the {} and the special tokens alone are {found} pieces; use --vocab {found} \
             or more",
            alphabet.described()
        );
        Ok(Self::new(tokenizer))
    }

    /// With special tokens that no text can stand for. How a file would have texts padded and cut is for the batches of
    /// another program.
    fn new(mut tokenizer: Tokenizer) -> Self {
        tokenizer.set_encode_special_tokens(true);
        tokenizer.with_padding(None);
        let _ = tokenizer.with_truncation(None); // Only a length can be wrong.
        Self { tokenizer }
    }

    /// Reads a `tokenizer.json` from anywhere.
    ///
    /// # Errors
    ///
    /// If it can't be read, or is damaged.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let text = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::from_text(&text, path)
    }

    /// Reads a `tokenizer.json`. Its text is read from `path`.
    ///
    /// # Errors
    ///
    /// If it is damaged.
    pub(crate) fn from_text(text: &[u8], path: &Path) -> Result<Self> {
        let (shown, damaged) = (path.display(), || format!("{} is damaged", path.display()));
        let tokenizer = guarded(|| Tokenizer::from_bytes(text)).with_context(damaged)?;
        for (id, token) in SPECIAL.iter().enumerate() {
            let found = tokenizer.token_to_id(token);
            ensure!(
                found == Some(id as u32),
                "{shown} can't be used: {token} must have the id {id}, found {found:?}"
            );
        }
        let vocabulary = Self::new(tokenizer);
        vocabulary.try_out().with_context(damaged)?;
        Ok(vocabulary)
    }

    /// Encodes a text and decodes every piece: what is wrong with a file is to be known before it is used.
    fn try_out(&self) -> Result<()> {
        let text = "A text, 12 numbers — and\u{301} “signs”.\n\tÄ 日本語 🙂 <pad>";
        guarded(|| self.tokenizer.encode_fast(text, false))?;
        let ids: Vec<u32> = (0..self.size() as u32).collect();
        guarded(|| self.tokenizer.decode(&ids, false))?;
        Ok(())
    }

    /// What a `tokenizer.json` of it holds.
    ///
    /// # Errors
    ///
    /// If it can't be written as JSON.
    pub(crate) fn text(&self) -> Result<String> {
        self.tokenizer.to_string(true).map_err(plain)
    }

    /// Number of token ids.
    #[must_use]
    pub fn size(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// Whether every id below its size has a piece, as it does wherever the vocabulary was learnt here.
    #[must_use]
    pub(crate) fn has_no_gaps(&self) -> bool {
        (0..self.size()).all(|id| self.tokenizer.id_to_token(id as u32).is_some())
    }

    /// The pieces of several texts, without BOS and EOS.
    ///
    /// # Errors
    ///
    /// If the tokenizer refuses a text.
    pub fn encode_all(&self, texts: Vec<String>) -> Result<Vec<Vec<usize>>> {
        let encoded = guarded(|| self.tokenizer.encode_batch_fast(texts, false))?;
        let ids =
            |encoding: &tokenizers::Encoding| encoding.get_ids().iter().map(|&id| id as usize).collect();
        Ok(encoded.iter().map(ids).collect())
    }

    /// The pieces of a text, without BOS and EOS.
    ///
    /// # Errors
    ///
    /// If the tokenizer refuses the text.
    pub fn encode(&self, text: &str) -> Result<Vec<usize>> {
        Ok(self.encode_all(vec![text.to_owned()])?.swap_remove(0))
    }

    /// The text of ids, special tokens left out.
    ///
    /// # Errors
    ///
    /// If an id has no piece.
    pub(crate) fn decode(&self, ids: &[usize]) -> Result<String> {
        let ids: Vec<u32> = ids.iter().map(|&id| id as u32).collect();
        guarded(|| self.tokenizer.decode(&ids, true))
    }

    /// A piece as people read it.
    #[must_use]
    pub(crate) fn piece(&self, id: usize) -> String {
        match self.tokenizer.id_to_token(id as u32) {
            Some(token) if id <= UNK => token,
            Some(token) if token.starts_with('▁') => token.trim_start_matches('▁').to_owned(),
            Some(_) => {
                let alone = self.decode(&[id]).unwrap_or_default();
                if alone.trim().is_empty() { "␣".to_owned() } else { alone.trim().to_owned() }
            }
            None => format!("<{id}>"),
        }
    }

    /// Whether a piece begins a word.
    #[must_use]
    pub(crate) fn begins_word(&self, id: usize) -> bool {
        let token = self.tokenizer.id_to_token(id as u32);
        token.is_some_and(|token| token.starts_with('▁') || token.starts_with('Ġ') || token.starts_with('Ċ'))
    }
}

/// The crate's errors as ours, on one line.
fn plain(error: tokenizers::Error) -> anyhow::Error {
    anyhow!("{}", error.to_string().replace('\n', " "))
}
