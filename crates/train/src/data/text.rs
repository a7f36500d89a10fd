//! Text as this program reads it: one form for all that looks the same.
//!
//! "ü" is one character, or a u and two dots that follow it; a space may be one that forbids a line break. People see no
//! difference, but a vocabulary does: it was learnt from one form, and takes the other apart into pieces that the model
//! has hardly met. So every text passes through [`normalise`] where it enters: in `data add`, when a corpus is read, and
//! in each command that is given a text. `tokenizer.json` says the same to other programs.
//!
//! 1. Characters that show nothing, and only say where a line may or must not be broken, are removed: the soft hyphen,
//!    the zero-width space, the word joiner, and the byte order mark wherever it is, for joining files leaves some in
//!    the middle. Joiners of letters and of emoji stay, since they change what is seen.
//! 2. Characters are composed: Unicode's form NFC.
//! 3. Whatever Unicode calls white space (tabs, no-break spaces, U+2028 and so on), one or several in a row, becomes one
//!    space, and none stays at the ends.
//!
//! A text is a line here: who reads several splits them at `\n` first.

use std::borrow::Cow;

// What `tokenizers` composes with, so that both know the same characters.
use unicode_normalization_alignments::{UnicodeNormalization, is_nfc};

/// What is removed: soft hyphen, zero-width space, word joiner, byte order mark.
const REMOVED: [char; 4] = ['\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}'];

/// A line of text in the form that vocabularies are learnt from. It is borrowed if it has that form already.
#[must_use]
pub(crate) fn normalise(line: &str) -> Cow<'_, str> {
    if is_normal(line) {
        return Cow::Borrowed(line);
    }
    let mut normal = String::with_capacity(line.len());
    for (c, _) in line.chars().filter(|c| !REMOVED.contains(c)).nfc() {
        if !c.is_whitespace() {
            normal.push(c);
        } else if !normal.is_empty() && !normal.ends_with(' ') {
            normal.push(' ');
        }
    }
    if normal.ends_with(' ') {
        normal.pop();
    }
    Cow::Owned(normal)
}

/// The same for each line of a text; only `\n` ends a line.
#[must_use]
pub(crate) fn normalise_lines(text: &str) -> String {
    text.split('\n').map(normalise).collect::<Vec<_>>().join("\n")
}

fn is_normal(line: &str) -> bool {
    if line.is_ascii() {
        // What most lines of English are. All that is left to look for are spaces: bytes, of which many are compared at once.
        let bytes = line.as_bytes();
        let at_an_end = bytes.first() == Some(&b' ') || bytes.last() == Some(&b' ');
        let others = bytes.iter().any(|byte| (b'\t'..=b'\r').contains(byte));
        return !at_an_end && !others && !bytes.windows(2).any(|two| two == b"  ");
    }
    let mut before = ' ';
    for c in line.chars() {
        if (c == ' ' && before == ' ') || (c != ' ' && c.is_whitespace()) || REMOVED.contains(&c) {
            return false;
        }
        before = c;
    }
    (before != ' ' || line.is_empty()) && is_nfc(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_the_same_becomes_the_same() {
        for (line, expected) in [
            ("Die Bu\u{308}cher mu\u{308}ssen", "Die Bücher müssen"),
            ("a\u{323}\u{307} and a\u{307}\u{323}", "ạ\u{307} and ạ\u{307}"),
            ("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}", "한글"),
            ("\u{212b}ngstro\u{308}m", "Ångström"),
            ("\u{feff}eins \u{feff}zwei", "eins zwei"),
            ("10\u{a0}km,\u{202f}\u{2009}5\u{3000}m", "10 km, 5 m"),
            ("  zwei   Räume\t", "zwei Räume"),
            (" one", "one"),
            ("one ", "one"),
            ("one  two", "one two"),
            ("one\ttwo", "one two"),
            ("one\u{b}two\r", "one two"),
            (" ", ""),
            ("eins\u{2028}zwei\u{85}drei\rvier\u{c}", "eins zwei drei vier"),
            ("Bü\u{ad}cher\u{200b}wurm \u{2060}", "Bücherwurm"),
            ("e\u{ad}\u{301}", "é"),
            (" \u{200b} \u{feff}", ""),
        ] {
            assert_eq!(normalise(line), expected, "{line:?}");
        }
    }

    #[test]
    fn what_looks_different_stays_and_is_borrowed() {
        for line in [
            "",
            "Die Bücher müssen zurückgegeben werden.",
            "ﬁ ² Ⅳ ｆｕｌｌ … „Ja“ – ½",
            "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{2764}\u{fe0f}",
            "می\u{200c}خواهم",
            "한글 q\u{301} \u{301}",
            "a\u{1c}b\u{0}c\u{180e}d",
            "one\u{1c}two\u{8}\u{e} three",
        ] {
            assert!(matches!(normalise(line), Cow::Borrowed(same) if same == line), "{line:?}");
        }
    }

    #[test]
    fn lines_end_at_line_feeds_alone_and_blank_ones_stay() {
        assert_eq!(normalise_lines(" a\r\n\n \nb\u{2028}c \n"), "a\n\n\nb c\n");
    }
}
