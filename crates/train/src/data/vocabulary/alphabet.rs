//! What pieces are made of, and how a text is cut into words and put together again.

use std::collections::HashSet;

use anyhow::Result;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::metaspace::{Metaspace, PrependScheme};
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::Split;
use tokenizers::{DecoderWrapper, PreTokenizerWrapper, SplitDelimiterBehavior, Tokenizer};

use super::plain;

/// What pieces are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// The characters of the training data.
    Characters,
    /// All 256 bytes.
    Bytes,
}

impl Alphabet {
    /// What is in the vocabulary whether the training data have it or not.
    pub(super) fn given(self) -> HashSet<char> {
        match self {
            Self::Characters => HashSet::new(),
            Self::Bytes => ByteLevel::alphabet().into_iter().collect(),
        }
    }

    pub(super) fn described(self) -> &'static str {
        match self {
            Self::Characters => "different characters of the training data",
            Self::Bytes => "256 bytes",
        }
    }

    /// Says how a text is cut into words, within which pieces are, and how it is put together again.
    pub(super) fn prepare(self, tokenizer: &mut Tokenizer) -> Result<()> {
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
