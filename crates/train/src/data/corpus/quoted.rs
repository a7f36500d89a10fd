//! Fields in double quotes, as spreadsheets write them: `"Hallo, ""du"""` is `Hallo, "du"`.

use anyhow::{Result, bail, ensure};

use super::lines::{LONGEST_LINE, Lines};

/// The fields of a row that begins with this line, separated by tabs. A field whose quotes are closed in a later line
/// takes that in, too. `place` names where the row begins.
///
/// # Errors
///
/// If a quote is never closed.
pub(super) fn fields(line: &str, more: &mut Lines, place: &str) -> Result<Vec<String>> {
    let mut fields = vec![String::new()];
    let mut line = line.trim_start_matches('\u{feff}').to_owned();
    let (mut is_inside, mut is_begin) = (false, true);
    loop {
        let mut characters = line.chars().peekable();
        while let Some(c) = characters.next() {
            let last = fields.len() - 1;
            match c {
                '"' if is_inside && characters.next_if_eq(&'"').is_some() => fields[last].push('"'),
                '"' if is_inside => is_inside = false,
                '"' if is_begin => is_inside = true,
                '\t' if !is_inside => {
                    fields.push(String::new());
                    is_begin = true;
                    continue;
                }
                _ => fields[last].push(c),
            }
            is_begin = false;
        }
        if !is_inside {
            return Ok(fields);
        }
        let length: usize = fields.iter().map(String::len).sum();
        ensure!(
            length <= LONGEST_LINE,
            "{place} begins a field in quotes that is longer than {LONGEST_LINE} bytes; leave --quoted out if quotes \
             mean nothing in this file"
        );
        let Some(next) = more.next().transpose()? else {
            bail!(
                "{place} begins a field in quotes that are never closed; leave --quoted out if quotes mean nothing in \
                 this file"
            )
        };
        fields.last_mut().map(|field| field.push('\n')).unwrap_or_default();
        line = next;
    }
}

#[cfg(test)]
mod tests {
    use indicatif::ProgressBar;

    use super::*;

    /// The fields of the row that a file begins with.
    fn read(content: &str) -> Result<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.tsv");
        std::fs::write(&path, content).unwrap();
        let mut lines = Lines::open(&path, &ProgressBar::hidden())?;
        let first = lines.next().unwrap()?;
        let place = "line 1 of x.tsv";
        fields(&first, &mut lines, place)
    }

    #[test]
    fn quotes_are_taken_off_where_a_field_begins_with_one() {
        for (content, expected) in [
            ("a\tb", &["a", "b"][..]),
            ("\"a\"\t\"b\"", &["a", "b"]),
            ("\"a\tb\"\tc", &["a\tb", "c"]),
            ("\"Hallo, \"\"du\"\"\"\tHi", &["Hallo, \"du\"", "Hi"]),
            ("\"\"\t\"\"\"\"", &["", "\""]),
            ("5\" pipe\tRohr 5\"", &["5\" pipe", "Rohr 5\""]),
            ("\"one\ntwo\"\tb\nc", &["one\ntwo", "b"]),
            ("\"a\" b\tc", &["a b", "c"]),
            ("\t\tx", &["", "", "x"]),
        ] {
            assert_eq!(read(content).unwrap(), expected, "{content:?}");
        }
    }

    #[test]
    fn quotes_that_are_never_closed_are_named_where_they_begin() {
        let message = read("a\t\"b\nc\td\n").unwrap_err().to_string();
        assert!(
            message.starts_with("line 1 of x.tsv begins a field") && message.contains("never closed"),
            "{message}"
        );
        let line = "x".repeat(LONGEST_LINE / 2);
        let message = read(&format!("\"{line}\n{line}\n{line}\n")).unwrap_err().to_string();
        assert!(message.contains("longer than 1048576 bytes"), "{message}");
    }
}
