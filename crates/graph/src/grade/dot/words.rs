//! Words of Graphviz's language, each with its line.

use super::DotError;

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A name, a number or a text between quotation marks. Its escapes are still there, but for that of the mark.
    Name(String),
    /// One of the words that mean something: `digraph`, `node`, …, in small letters.
    Key(&'static str),
    /// Text between `<` and `>`.
    Html(String),
    /// `->`
    Arrow,
    /// `--`
    Line,
    /// One of `{}[];,=:`.
    Sign(char),
}

const KEYS: [&str; 6] = ["strict", "graph", "digraph", "node", "edge", "subgraph"];

/// Reads words one by one.
pub(super) struct Words<'a> {
    rest: &'a str,
    line: usize,
    /// Whether nothing but spaces came before on the line.
    at_start: bool,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1, at_start: true }
    }

    /// The line that is being read, counted from one.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// Goes on by so many bytes, and gives them back.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        for letter in taken.chars() {
            match letter {
                '\n' => (self.line, self.at_start) = (self.line + 1, true),
                letter => self.at_start &= letter.is_whitespace(),
            }
        }
        taken
    }

    /// Leaves out spaces and comments.
    fn skip(&mut self) -> Result<(), DotError> {
        loop {
            let spaces = self.rest.len() - self.rest.trim_start().len();
            self.take(spaces);
            let comment = self.rest.starts_with("//") || (self.at_start && self.rest.starts_with('#'));
            if comment {
                self.take(self.rest.find('\n').unwrap_or(self.rest.len()));
            } else if self.rest.starts_with("/*") {
                let end = self.rest.find("*/").ok_or(self.open("a comment that begins with /*"))?;
                self.take(end + 2);
            } else if spaces == 0 {
                return Ok(());
            }
        }
    }

    fn open(&self, what: &'static str) -> DotError {
        DotError::Open { line: self.line, what }
    }

    /// The next word, or nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Word>, DotError> {
        self.skip()?;
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        Ok(Some(match first {
            '{' | '}' | '[' | ']' | ';' | ',' | '=' | ':' => {
                self.take(1);
                Word::Sign(first)
            }
            '"' => Word::Name(self.quoted()?),
            '<' => Word::Html(self.html()?),
            '-' if self.rest.starts_with("->") => {
                self.take(2);
                Word::Arrow
            }
            '-' if self.rest.starts_with("--") => {
                self.take(2);
                Word::Line
            }
            '-' | '.' | '0'..='9' => {
                let number = self.while_true(|(at, c)| c.is_ascii_digit() || c == '.' || at == 0);
                if !number.contains(|c: char| c.is_ascii_digit()) {
                    return Err(DotError::Letter { line: self.line, found: first });
                }
                Word::Name(number.to_owned())
            }
            letter if is_letter(letter) => {
                let word = self.while_true(|(_, c)| is_letter(c) || c.is_ascii_digit());
                let key = KEYS.into_iter().find(|key| word.eq_ignore_ascii_case(key));
                key.map_or_else(|| Word::Name(word.to_owned()), Word::Key)
            }
            other => return Err(DotError::Letter { line: self.line, found: other }),
        }))
    }

    fn while_true(&mut self, is_part: impl Fn((usize, char)) -> bool) -> &'a str {
        let end = self.rest.char_indices().find(|&at| !is_part(at)).map_or(self.rest.len(), |(at, _)| at);
        self.take(end)
    }

    /// A text between quotation marks, and those that are joined to it by `+`.
    fn quoted(&mut self) -> Result<String, DotError> {
        let mut text = String::new();
        loop {
            let error = self.open("a text that begins with a quotation mark");
            let mut end = None;
            let mut escaped = false;
            for (at, letter) in self.rest.char_indices().skip(1) {
                match letter {
                    '"' if !escaped => {
                        end = Some(at);
                        break;
                    }
                    letter => escaped = letter == '\\' && !escaped,
                }
            }
            let taken = self.take(end.ok_or(error)? + 1);
            // A backslash before the end of a line joins two lines.
            text +=
                &taken[1..taken.len() - 1].replace("\\\r\n", "").replace("\\\n", "").replace("\\\"", "\"");
            self.skip()?;
            if !self.rest.starts_with('+') {
                return Ok(text);
            }
            self.take(1);
            self.skip()?;
            if !self.rest.starts_with('"') {
                return Err(DotError::Expected {
                    line: self.line,
                    what: "a text after +",
                    found: self.shown(),
                });
            }
        }
    }

    /// What is between `<` and the `>` that belongs to it.
    fn html(&mut self) -> Result<String, DotError> {
        let mut depth = 0_usize;
        for (at, letter) in self.rest.char_indices() {
            match letter {
                '<' => depth += 1,
                '>' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let taken = self.take(at + 1);
                return Ok(taken[1..taken.len() - 1].to_owned());
            }
        }
        Err(self.open("a label that begins with <"))
    }

    /// What comes next, for a message.
    fn shown(&self) -> String {
        self.rest.split_whitespace().next().map_or_else(|| "nothing".to_owned(), super::short)
    }
}

fn is_letter(letter: char) -> bool {
    letter == '_' || letter.is_alphabetic() || !letter.is_ascii() && !letter.is_whitespace()
}

impl Word {
    /// The word, for a message.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Name(text) => super::short(text),
            Self::Key(key) => (*key).to_owned(),
            Self::Html(text) => format!("<{}>", super::short(text)),
            Self::Arrow => "->".to_owned(),
            Self::Line => "--".to_owned(),
            Self::Sign(sign) => sign.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<Vec<String>, DotError> {
        let mut words = Words::new(text);
        let mut found = Vec::new();
        while let Some(word) = words.next()? {
            found.push(word.shown());
        }
        Ok(found)
    }

    #[test]
    fn words_are_read_as_graphviz_reads_them() {
        let text = "\u{feff}# a line of the preprocessor\nDiGraph G_1 { // a comment\n a->b; /* another\n */ \"x \\\"y\\\"\" = -.5 }";
        let expected = ["digraph", "G_1", "{", "a", "->", "b", ";", "x \"y\"", "=", "-.5", "}"];
        assert_eq!(all(text).unwrap(), expected);
        assert_eq!(all("\"a\" + \"b\\\nc\" <<b>x</b> > y").unwrap(), ["abc", "<<b>x</b> >", "y"]);
    }

    #[test]
    fn what_is_never_closed_is_told_with_its_line() {
        let line = |text: &str| all(text).unwrap_err().to_string();
        assert!(line("a\n\"b").starts_with("line 2: "), "{}", line("a\n\"b"));
        assert!(line("\n\n/* a").starts_with("line 3: "));
        assert!(line("<<b>").starts_with("line 1: "));
        assert!(line("a\n%").contains("line 2") && line("\"a\" + b").contains("a text after +"));
    }
}
