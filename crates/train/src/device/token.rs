//! The word that a client of a served device must know.

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Where a client finds it, and a server that is to have a certain one.
pub(crate) const VARIABLE: &str = "TRAIN_TOKEN";

/// Fewer characters could be tried out.
const SHORTEST: usize = 16;

/// Letters, digits, `-` and `_`. It is in no error, and in no file that this program writes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl Token {
    /// A token that somebody chose.
    ///
    /// # Errors
    ///
    /// If it is too short, or has characters that an address can't have. The error doesn't show it.
    pub(super) fn new(text: &str) -> Result<Self> {
        let text = text.trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        ensure!(
            text.len() >= SHORTEST && text.chars().all(fits),
            "a token has at least {SHORTEST} characters, each of them a letter, a digit, - or _"
        );
        Ok(Self(text.to_owned()))
    }

    /// What [`VARIABLE`] holds, if it is set.
    ///
    /// # Errors
    ///
    /// If that is no token.
    pub(super) fn of_environment() -> Result<Option<Self>> {
        let Some(text) = std::env::var_os(VARIABLE) else { return Ok(None) };
        let text = text.to_string_lossy();
        Self::new(&text).with_context(|| format!("the variable {VARIABLE} holds no token")).map(Some)
    }

    /// What a file holds.
    ///
    /// # Errors
    ///
    /// If it can't be read, or holds something else.
    #[cfg(feature = "remote")]
    pub(super) fn of_file(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path);
        let text = text.with_context(|| format!("--token-file: cannot read {}", path.display()))?;
        Self::new(&text).with_context(|| format!("--token-file: {} holds no token", path.display()))
    }

    /// A token that nobody can guess: 128 bits of the system's chance, in hexadecimal.
    ///
    /// # Errors
    ///
    /// If the system has none.
    #[cfg(feature = "remote")]
    pub(super) fn by_chance() -> Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).context("the system gives no random bytes for a token")?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// The secret itself.
    pub(super) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// A text with `...` in place of what stands between `ws://` and `@`, where addresses have their token.
#[must_use]
pub(crate) fn hidden(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        shown += before;
        shown += "://";
        let end = after.find(|c: char| c.is_whitespace() || c == '/' || c == ',').unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(at) => {
                shown += "...";
                &after[at..]
            }
            None => after,
        };
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_long_and_fits_an_address() {
        for bad in ["", "short", "with a space in the middle", "sixteen@characters", "sixteen/characters"] {
            let error = format!("{:#}", Token::new(bad).unwrap_err());
            assert!(error.contains("at least 16 characters") && (bad.is_empty() || !error.contains(bad)));
        }
        assert_eq!(Token::new("0123456789abcdef\n").unwrap().secret(), "0123456789abcdef");
    }

    #[cfg(feature = "remote")]
    #[test]
    fn chance_gives_another_one_each_time() {
        let [one, other] = [Token::by_chance().unwrap(), Token::by_chance().unwrap()];
        assert_ne!(one, other);
        assert_eq!(Token::new(one.secret()).unwrap(), one);
    }

    #[test]
    fn no_text_shows_it() {
        let token = Token::new("0123456789abcdef").unwrap();
        assert_eq!(format!("{token:?}"), "Token(..)");
        for (text, shown) in [
            ("use remote:ws://abc@there:3000, then", "use remote:ws://...@there:3000, then"),
            ("flex,remote:ws://a@b@c:1,remote:ws://d@e:2", "flex,remote:ws://...@c:1,remote:ws://...@e:2"),
            ("ws://there:3000 and me@here", "ws://there:3000 and me@here"),
            ("http://a/b@c ://", "http://a/b@c ://"),
        ] {
            assert_eq!(hidden(text), shown);
        }
    }
}
