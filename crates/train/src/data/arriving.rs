//! Lines of text from an input, read ahead while others are worked on.
//!
//! Whoever asks gets the lines that have come by then. So a program that writes a line and waits for what comes of it
//! gets that, and one that writes many lines is served many at a time.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use anyhow::{Context, Result, anyhow};

use super::text::normalise;

/// Lines that are read ahead at most.
pub(crate) const AHEAD: usize = 64;
/// Bytes of a line that are kept at most. Input without line ends shall not fill the memory.
pub(crate) const LONGEST: usize = 1 << 20;

/// A line without its end, normalised.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// What messages call it.
    pub(crate) name: String,
    /// What it says.
    pub(crate) text: String,
    /// Whether it is longer than [`LONGEST`], and this its beginning.
    pub(crate) is_cut: bool,
}

impl Line {
    /// A text that was given in some other way.
    pub(crate) fn given(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: normalise(text).into_owned(), is_cut: false }
    }
}

/// How many lines are given out at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// One.
    Single,
    /// What has come, one at least.
    Arrived,
    /// So many, while there are so many.
    Full(usize),
}

impl Pace {
    /// What suits standard input. Which sentences are decoded together can change the last digits of a score, so the
    /// blocks of a file, which is all there, are always the same, whatever the clock does.
    pub(crate) fn of_stdin() -> Self {
        if io::IsTerminal::is_terminal(&io::stdin()) {
            Self::Single
        } else if stdin_is_file() {
            Self::Full(AHEAD)
        } else {
            Self::Arrived
        }
    }

    /// What suits an input that has a name.
    pub(crate) fn of(file: &File) -> Self {
        if is_file(file) { Self::Full(AHEAD) } else { Self::Arrived }
    }
}

fn stdin_is_file() -> bool {
    #[cfg(unix)]
    let own = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned();
    #[cfg(windows)]
    let own = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned();
    own.is_ok_and(|own| is_file(&File::from(own)))
}

fn is_file(file: &File) -> bool {
    file.metadata().is_ok_and(|file| file.is_file())
}

/// The lines of an input, which a thread reads. It ends with the program if nothing comes any more.
pub(crate) struct Arriving {
    lines: Receiver<Result<Line>>,
    pace: Pace,
    /// Why no line comes after those that were given out.
    failed: Option<anyhow::Error>,
}

impl Arriving {
    /// Begins to read. `name` is what messages call the input.
    pub(crate) fn read(input: impl BufRead + Send + 'static, name: String, pace: Pace) -> Self {
        let (sender, lines) = sync_channel(AHEAD);
        thread::spawn(move || {
            let mut reader = Reader { input, name, number: 0, is_inside: false };
            while let Some(line) = reader.line().transpose() {
                let is_last = line.is_err();
                if sender.send(line).is_err() || is_last {
                    break;
                }
            }
        });
        Self { lines, pace, failed: None }
    }

    /// The next lines; none at the end.
    ///
    /// # Errors
    ///
    /// If a line can't be read. Those before it were given out.
    pub(crate) fn block(&mut self) -> Result<Vec<Line>> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let (most, waits) = match self.pace {
            Pace::Single => (1, true),
            Pace::Arrived => (AHEAD, false),
            Pace::Full(most) => (most, true),
        };
        let mut block = Vec::new();
        while block.len() < most {
            let waits = waits || block.is_empty();
            match if waits { self.lines.recv().ok() } else { self.lines.try_recv().ok() } {
                Some(Ok(line)) => block.push(line),
                Some(Err(error)) if block.is_empty() => return Err(error),
                Some(Err(error)) => {
                    self.failed = Some(error);
                    break;
                }
                None => break,
            }
        }
        Ok(block)
    }
}

struct Reader<R> {
    input: R,
    /// What messages call it.
    name: String,
    /// Lines read so far.
    number: usize,
    /// Whether the last one was cut, and its end is still to come.
    is_inside: bool,
}

impl<R: BufRead> Reader<R> {
    /// The next line; none at the end of the input.
    fn line(&mut self) -> Result<Option<Line>> {
        self.number += 1;
        let name = format!("line {} of {}", self.number, self.name);
        let Some(mut bytes) = self.bytes().with_context(|| format!("{name} can't be read"))? else {
            return Ok(None);
        };
        let is_cut = bytes.len() > LONGEST;
        bytes.truncate(LONGEST);
        let text = text(bytes, is_cut)
            .map_err(|at| anyhow!("{name} is not UTF-8 (byte {at} of the line); UTF-8 is expected"))?;
        Ok(Some(Line { name, text: normalise(&text).into_owned(), is_cut }))
    }

    /// The bytes of the next line without its end, or more than [`LONGEST`] from its beginning.
    fn bytes(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.is_inside {
            self.input.skip_until(b'\n')?;
        }
        let mut bytes = Vec::new();
        let read = self.input.by_ref().take(LONGEST as u64 + 2).read_until(b'\n', &mut bytes)?;
        let has_ended = bytes.pop_if(|byte| *byte == b'\n').is_some();
        if has_ended {
            bytes.pop_if(|byte| *byte == b'\r');
        }
        self.is_inside = bytes.len() > LONGEST && !has_ended;
        Ok((read > 0).then_some(bytes))
    }
}

/// Bytes as text, or the place of the first that is none, from one. What was cut may end within a character.
fn text(bytes: Vec<u8>, is_cut: bool) -> Result<String, usize> {
    String::from_utf8(bytes).or_else(|error| {
        let (found, bytes) = (error.utf8_error(), error.as_bytes());
        match str::from_utf8(&bytes[..found.valid_up_to()]) {
            Ok(whole) if is_cut && found.error_len().is_none() => Ok(whole.to_owned()),
            _ => Err(found.valid_up_to() + 1),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader<R: BufRead>(input: R) -> Reader<R> {
        Reader { input, name: "standard input".to_owned(), number: 0, is_inside: false }
    }

    fn texts(block: &[Line]) -> Vec<&str> {
        block.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn lines_are_given_out_up_to_the_one_that_cannot_be_read() {
        let input = &b"\xef\xbb\xbfeins\r\n \n zwei\n\xff\ndrei\n"[..];
        for pace in [Pace::Single, Pace::Arrived, Pace::Full(2), Pace::Full(99)] {
            let mut lines = Arriving::read(input, "the list".to_owned(), pace);
            let mut found = Vec::new();
            let message = loop {
                match lines.block() {
                    Ok(block) => found.extend(block),
                    Err(error) => break error.to_string(),
                }
            };
            assert_eq!(texts(&found), ["eins", "", "zwei"], "{pace:?}");
            assert_eq!(found[2].name, "line 3 of the list");
            assert!(message.starts_with("line 4 of the list is not UTF-8 (byte 1"), "{message}");
        }
    }

    #[test]
    fn blocks_of_a_file_are_full_and_the_end_is_an_empty_one() {
        let input: String = (0..150).map(|n| format!("{n}\n")).collect();
        let mut lines = Arriving::read(io::Cursor::new(input), String::new(), Pace::Full(AHEAD));
        let lengths = [(); 5].map(|()| lines.block().unwrap().len());
        assert_eq!(lengths, [64, 64, 22, 0, 0]);
    }

    #[test]
    fn what_has_come_is_given_out_while_more_is_to_come() {
        let (input, mut output) = io::pipe().unwrap();
        let mut lines = Arriving::read(io::BufReader::new(input), String::new(), Pace::Arrived);
        for n in ["eins", "zwei", "drei"] {
            io::Write::write_all(&mut output, format!("{n}\n").as_bytes()).unwrap();
            assert_eq!(texts(&lines.block().unwrap()), [n]);
        }
        drop(output);
        assert!(lines.block().unwrap().is_empty());
    }

    #[test]
    fn a_line_without_an_end_does_not_fill_the_memory() {
        let mut endless = reader(io::BufReader::new(io::repeat(b'x')));
        let line = endless.line().unwrap().unwrap();
        assert!(line.is_cut && line.text.len() == LONGEST);
        let longest = "x".repeat(LONGEST);
        for end in ["", "\n", "\r\n"] {
            let mut lines = reader(io::Cursor::new(format!("{longest}{end}")));
            let line = lines.line().unwrap().unwrap();
            assert!(!line.is_cut && line.text.len() == LONGEST, "{end:?}");
            assert_eq!(lines.line().unwrap(), None);
        }
    }

    #[test]
    fn what_follows_a_line_that_is_cut_is_the_next_line() {
        for more in [1, 2, 3, 9_999] {
            // The cut is within a character.
            let input = format!("{}ü{}\nzwei\n", "x".repeat(LONGEST - 1), "y".repeat(more));
            let mut lines = reader(io::Cursor::new(input));
            let line = lines.line().unwrap().unwrap();
            assert!(line.is_cut && line.text.len() == LONGEST - 1, "{more}");
            let name = "line 2 of standard input".to_owned();
            assert_eq!(lines.line().unwrap(), Some(Line { name, text: "zwei".to_owned(), is_cut: false }));
            assert_eq!(lines.line().unwrap(), None);
        }
        let damaged = [&b"x".repeat(LONGEST - 5)[..], b"\xff", &b"x".repeat(99)].concat();
        let message = reader(&damaged[..]).line().unwrap_err().to_string();
        assert!(message.contains("is not UTF-8 (byte 1048572"), "{message}");
    }
}
