//! Text that nobody wrote: as much of it as a benchmark wants, always the same.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::Result;

/// Syllables that words are made of.
const SYLLABLES: [&str; 16] =
    ["ka", "lo", "mi", "ne", "pu", "ra", "si", "to", "vu", "wa", "ze", "bi", "do", "fe", "gu", "hy"];

/// Lines of 4 to 19 words, which no two have in common; always the same. Returns how many bytes they are.
pub(super) fn write_text(path: &Path, lines: u64) -> Result<u64> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut state = 1_u64;
    let mut next = |below: u64| {
        // Steele, Lea & Flood 2014.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    };
    let mut bytes = 0;
    for number in 0..lines {
        let mut line = format!("{number}");
        for _ in 0..4 + next(16) {
            line.push(' ');
            for _ in 0..1 + next(3) {
                line.push_str(SYLLABLES[next(SYLLABLES.len() as u64) as usize]);
            }
        }
        line.push('\n');
        bytes += line.len() as u64;
        file.write_all(line.as_bytes())?;
    }
    file.flush()?;
    Ok(bytes)
}

/// The same lines, but that the last word of each is missing, and a word of every third is another.
pub(super) fn write_disturbed(from: &Path, to: &Path) -> Result<()> {
    let (from, mut to) = (BufReader::new(File::open(from)?), BufWriter::new(File::create(to)?));
    for (number, line) in from.lines().enumerate() {
        let line = line?;
        let mut words: Vec<&str> = line.split(' ').collect();
        words.pop();
        if number % 3 == 0
            && let Some(word) = words.get_mut(1)
        {
            *word = "other";
        }
        writeln!(to, "{}", words.join(" "))?;
    }
    Ok(to.flush()?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_text_is_the_same_every_time_and_no_line_occurs_twice() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second] = ["a", "b"].map(|name| {
            let path = folder.path().join(name);
            let bytes = write_text(&path, 500).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!(text.len() as u64, bytes);
            text
        });
        assert_eq!(first, second);
        let lines: std::collections::BTreeSet<&str> = first.lines().collect();
        assert_eq!(lines.len(), 500);
    }

    #[test]
    fn disturbed_text_has_as_many_lines_none_of_which_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let [from, to] = ["a", "b"].map(|name| folder.path().join(name));
        write_text(&from, 60).unwrap();
        write_disturbed(&from, &to).unwrap();
        let [from, to] = [from, to].map(|path| fs::read_to_string(path).unwrap());
        assert_eq!(from.lines().count(), to.lines().count());
        for (number, (line, disturbed)) in from.lines().zip(to.lines()).enumerate() {
            assert_eq!(line.starts_with(disturbed), number % 3 != 0, "{line:?} {disturbed:?}");
            assert_ne!(line, disturbed);
        }
    }
}
