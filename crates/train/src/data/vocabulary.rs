//! Vocabularies: byte-pair encoding (paper, section 5.1; Sennrich, Haddow & Birch 2016), by the crate `tokenizers`.
//!
//! For translation, pieces are of characters, and a space is part of the word after it. A character that the training
//! data never had becomes `<unk>`. For language modelling, pieces are of bytes, so that every text can be written and
//! bits per byte are counted over all of it. Both are saved in the standard `tokenizer.json`.
//!
//! `<pad>` and the like stand for something only as ids. In a text, they are five characters like any others.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use tokenizers::models::TrainerWrapper;
use tokenizers::models::bpe::{BPE, BpeTrainerBuilder};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::Split;
use tokenizers::{AddedToken, DecoderWrapper, PreTokenizerWrapper, SplitDelimiterBehavior, Tokenizer};

use crate::files::write_atomically;

/// Fills up what is shorter than its batch.
pub const PAD: usize = 0;
/// Begins every target.
pub const BOS: usize = 1;
/// Ends every sentence.
pub const EOS: usize = 2;
/// Stands for a character that the training data never had.
pub const UNK: usize = 3;

const SPECIAL: [&str; 4] = ["<pad>", "<bos>", "<eos>", "<unk>"];

/// Pieces of a vocabulary at most. The largest in use have a quarter of that.
const MOST: usize = 1 << 20;

/// What pieces are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// The characters of the training data.
    Characters,
    /// All 256 bytes.
    Bytes,
}

impl Alphabet {
    /// What is in the vocabulary whether the training data have it or not.
    fn given(self) -> HashSet<char> {
        match self {
            Self::Characters => HashSet::new(),
            Self::Bytes => ByteLevel::alphabet().into_iter().collect(),
        }
    }

    fn described(self) -> &'static str {
        match self {
            Self::Characters => "different characters of the training data",
            Self::Bytes => "256 bytes",
        }
    }

    /// Says how a text is cut into words, within which pieces are, and how it is put together again.
    fn prepare(self, tokenizer: &mut Tokenizer) -> Result<()> {
        match self {
            Self::Characters => {
                let space = Metaspace::new('▁', PrependScheme::Always, true);
                // No piece goes on after its "<", so that none is ever learnt that reads like a special token.
                let bracket = Split::new("<", SplitDelimiterBehavior::Isolated, false).map_err(plain)?;
                let words = Sequence::new(vec![space.clone().into(), bracket.into()]);
                tokenizer.with_pre_tokenizer(Some(PreTokenizerWrapper::Sequence(words)));
                tokenizer.with_decoder(Some(DecoderWrapper::Metaspace(space)));
            }
            Self::Bytes => {
                // It separates brackets from letters anyway.
                let bytes = ByteLevel::new(false, true, true);
                tokenizer.with_pre_tokenizer(Some(PreTokenizerWrapper::ByteLevel(bytes)));
                tokenizer.with_decoder(Some(DecoderWrapper::ByteLevel(bytes)));
            }
        }
        Ok(())
    }
}

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
pub fn check_size(size: usize) -> Result<()> {
    ensure!(
        (SPECIAL.len()..=MOST).contains(&size),
        "--vocab {size} can't be used: it must be at least {} and at most {MOST}",
        SPECIAL.len()
    );
    Ok(())
}

impl Vocabulary {
    /// Learns `size` pieces from `lines`, which are read once; only their different words are kept meanwhile.
    ///
    /// # Errors
    ///
    /// If the lines do not give so many or need more, or can't be read.
    pub fn train(
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
        let mut trainer = TrainerWrapper::BpeTrainer(trainer.build());
        tokenizer.train(&mut trainer, readable).map_err(plain)?;
        if let Some(error) = unreadable {
            return Err(error);
        }
        let found = tokenizer.get_vocab_size(true);
        ensure!(
            found >= size,
            "--vocab {size} is more than the training data allow: they give {found} pieces; use --vocab {found} or less"
        );
        ensure!(
            found == size,
            "--vocab {size} is too small: the {} and the special tokens alone are {found} pieces; use --vocab {found} \
             or more",
            alphabet.described()
        );
        Ok(Self::new(tokenizer))
    }

    /// With special tokens that no text can stand for.
    fn new(mut tokenizer: Tokenizer) -> Self {
        tokenizer.set_encode_special_tokens(true);
        Self { tokenizer }
    }

    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    ///
    /// If it is missing or damaged.
    pub fn open(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let damaged = |error| plain(error).context(format!("{} is damaged", path.display()));
        let tokenizer = Tokenizer::from_bytes(text).map_err(damaged)?;
        for (id, token) in SPECIAL.iter().enumerate() {
            let found = tokenizer.token_to_id(token);
            let path = path.display();
            ensure!(
                found == Some(id as u32),
                "{path} can't be used: {token} must have the id {id}, found {found:?}"
            );
        }
        Ok(Self::new(tokenizer))
    }

    /// Writes a `tokenizer.json`.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        write_atomically(path, self.text()?.as_bytes())
    }

    /// What a `tokenizer.json` of it holds.
    ///
    /// # Errors
    ///
    /// If it can't be written as JSON.
    pub fn text(&self) -> Result<String> {
        self.tokenizer.to_string(true).map_err(plain)
    }

    /// Number of token ids.
    #[must_use]
    pub fn size(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// The pieces of several texts, without BOS and EOS.
    ///
    /// # Errors
    ///
    /// If the tokenizer refuses a text.
    pub fn encode_all(&self, texts: Vec<String>) -> Result<Vec<Vec<usize>>> {
        let encoded = self.tokenizer.encode_batch_fast(texts, false).map_err(plain)?;
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
    pub fn decode(&self, ids: &[usize]) -> Result<String> {
        let ids: Vec<u32> = ids.iter().map(|&id| id as u32).collect();
        self.tokenizer.decode(&ids, true).map_err(plain)
    }

    /// A piece as people read it.
    #[must_use]
    pub fn piece(&self, id: usize) -> String {
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
    pub fn begins_word(&self, id: usize) -> bool {
        let token = self.tokenizer.id_to_token(id as u32);
        token.is_some_and(|token| token.starts_with('▁') || token.starts_with('Ġ') || token.starts_with('Ċ'))
    }
}

/// The crate's errors as ours, on one line.
fn plain(error: tokenizers::Error) -> anyhow::Error {
    anyhow!("{}", error.to_string().replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 6] = [
        "Der Hund schläft unter dem Tisch.",
        "Der Tisch steht unter der Lampe.",
        "Die Hunde schlafen.",
        "The dog sleeps under the table.",
        "The table stands under the lamp.",
        "The dogs sleep.",
    ];

    fn trained(size: usize, alphabet: Alphabet) -> Result<Vocabulary> {
        Vocabulary::train(LINES.iter().map(|&line| Ok(line.to_owned())), size, alphabet)
    }

    #[test]
    fn text_survives_the_round_trip() {
        for (alphabet, size) in [(Alphabet::Characters, 70), (Alphabet::Bytes, 290)] {
            let vocabulary = trained(size, alphabet).unwrap();
            assert_eq!(vocabulary.size(), size);
            for line in LINES {
                let ids = vocabulary.encode(line).unwrap();
                assert!(ids.iter().all(|&id| id > UNK && id < size), "{ids:?}");
                assert_eq!(vocabulary.decode(&ids).unwrap(), line);
            }
        }
    }

    #[test]
    fn bytes_write_everything_and_characters_only_what_they_know() {
        let bytes = trained(290, Alphabet::Bytes).unwrap();
        let text = "  zwei  Räume, 日本\tund 🦀 ";
        assert_eq!(bytes.decode(&bytes.encode(text).unwrap()).unwrap(), text);
        let characters = trained(70, Alphabet::Characters).unwrap();
        assert!(characters.encode("日").unwrap().contains(&UNK));
    }

    #[test]
    fn the_same_lines_give_the_same_file() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            trained(70, Alphabet::Characters).unwrap().save(&path).unwrap();
            std::fs::read(path).unwrap()
        };
        assert_eq!(write("a"), write("b"));
        let again = Vocabulary::open(&folder.path().join("a")).unwrap();
        assert_eq!(again.decode(&again.encode(LINES[0]).unwrap()).unwrap(), LINES[0]);
    }

    #[test]
    fn more_pieces_than_there_are_is_an_error_that_says_how_many() {
        let message = trained(5_000, Alphabet::Characters).unwrap_err().to_string();
        assert!(message.contains("--vocab 5000") && message.contains("or less"), "{message}");
    }

    #[test]
    fn too_few_pieces_for_the_alphabet_are_an_error_that_says_how_many() {
        for (alphabet, part) in
            [(Alphabet::Characters, "different characters"), (Alphabet::Bytes, "256 bytes")]
        {
            let message = trained(10, alphabet).unwrap_err().to_string();
            assert!(message.starts_with("--vocab 10 is too small: the "), "{message}");
            assert!(message.contains(part) && message.ends_with("or more"), "{message}");
        }
        let least = trained(260, Alphabet::Bytes).unwrap();
        assert_eq!(least.encode("the").unwrap().len(), 3);
    }

    #[test]
    fn absurd_sizes_are_refused_before_anything_is_read() {
        for size in [0, 3, MOST + 1, usize::MAX] {
            let unread = std::iter::from_fn(|| -> Option<Result<String>> { unreachable!("nothing is read") });
            let message = Vocabulary::train(unread, size, Alphabet::Bytes).unwrap_err().to_string();
            assert!(
                message.contains(&format!("--vocab {size} ")) && message.contains("1048576"),
                "{message}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_the_error() {
        let lines = LINES.iter().map(|&line| Ok(line.to_owned())).chain([Err(anyhow!("line 7 is broken"))]);
        let message = Vocabulary::train(lines, 70, Alphabet::Characters).unwrap_err().to_string();
        assert_eq!(message, "line 7 is broken");
    }

    #[test]
    fn special_tokens_in_a_text_are_text() {
        let tagged = "so <pad> is<pad>it, <bos>, <eos><unk> <pad>";
        for (alphabet, size) in [(Alphabet::Characters, 90), (Alphabet::Bytes, 300)] {
            let lines = LINES.iter().copied().chain([tagged; 50]).map(|line| Ok(line.to_owned()));
            let vocabulary = Vocabulary::train(lines, size, alphabet).unwrap();
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("tokenizer.json");
            vocabulary.save(&path).unwrap();
            for vocabulary in [vocabulary, Vocabulary::open(&path).unwrap()] {
                let ids = vocabulary.encode(tagged).unwrap();
                assert!(ids.iter().all(|&id| id > UNK), "{ids:?}");
                assert_eq!(vocabulary.decode(&ids).unwrap(), tagged);
            }
        }
    }

    #[test]
    fn words_are_told_by_their_first_piece() {
        let vocabulary = trained(60, Alphabet::Characters).unwrap();
        let ids = vocabulary.encode("Der Hund").unwrap();
        assert_eq!(ids.iter().filter(|&&id| vocabulary.begins_word(id)).count(), 2);
        let pieces: String = ids.iter().map(|&id| vocabulary.piece(id)).collect();
        assert_eq!(pieces, "DerHund");
    }

    #[test]
    fn a_damaged_or_foreign_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokenizer.json");
        std::fs::write(&path, "{").unwrap();
        assert!(format!("{:#}", Vocabulary::open(&path).unwrap_err()).contains("is damaged"));
        trained(70, Alphabet::Characters).unwrap().save(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap().replace("<bos>", "<beg>");
        std::fs::write(&path, text).unwrap();
        assert!(Vocabulary::open(&path).unwrap_err().to_string().contains("<bos> must have the id 1"));
    }
}
