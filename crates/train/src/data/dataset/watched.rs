//! Lines on their way to a vocabulary: words of an absurd length are cut, and who waits sees how far it is.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::ProgressBar;

use super::bar;
use crate::words::counted;

/// Characters of a word that are learnt from at most. Learning takes as long as the square of a word's length: a
/// million characters without a space, such as a picture in base64, would keep it busy for minutes and teach nothing.
/// A paragraph of a language that is written without spaces is shorter.
const LONGEST_WORD: usize = 1_000;
/// How often is said how far it is where there is no terminal.
const INTERVAL: Duration = Duration::from_secs(10);

/// Says how far learning is, on a terminal or off one, until it goes away.
pub(super) struct Progress {
    read: Arc<AtomicUsize>,
    /// It shows nothing where there is no terminal.
    bar: ProgressBar,
    _told: Option<Told>,
}

impl Progress {
    /// Of learning from so many lines.
    pub(super) fn new(count: usize) -> Self {
        let read = Arc::new(AtomicUsize::new(0));
        let bar = bar(count, "learning the vocabulary");
        let told = (!io::stderr().is_terminal()).then(|| Told::start(&read, count, INTERVAL, io::stderr()));
        Self { read, bar, _told: told }
    }

    /// The lines, which it counts as they are read.
    pub(super) fn watch<I>(&self, lines: I) -> Watched<I, io::Stderr> {
        let (read, bar) = (Arc::clone(&self.read), self.bar.clone());
        Watched { lines, read, bar, long: 0, output: Some(io::stderr()) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Lines to learn from, with words cut to a length.
pub(super) struct Watched<I, W: Write> {
    lines: I,
    read: Arc<AtomicUsize>,
    bar: ProgressBar,
    /// Words that were cut.
    long: usize,
    /// Where that is said, once all lines are read.
    output: Option<W>,
}

impl<I: Iterator<Item = Result<String>>, W: Write> Iterator for Watched<I, W> {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(line) = self.lines.next() else {
            self.end();
            return None;
        };
        self.read.fetch_add(1, Ordering::Relaxed);
        self.bar.inc(1);
        Some(line.map(|line| match cut(&line, &mut self.long) {
            Cow::Borrowed(_) => line,
            Cow::Owned(cut) => cut,
        }))
    }
}

impl<I, W: Write> Watched<I, W> {
    /// All lines are read. What takes long now is learning itself.
    fn end(&mut self) {
        self.bar.set_message("learning the vocabulary: choosing its pieces");
        let Some(mut output) = self.output.take().filter(|_| self.long > 0) else { return };
        let has = if self.long == 1 { "has" } else { "have" };
        // Learning goes on whether or not anybody can be told.
        let _ = writeln!(
            output,
            "{} {has} more than {LONGEST_WORD} characters, of which the vocabulary is learnt from the first \
             {LONGEST_WORD}",
            counted(self.long, "word")
        );
    }
}

/// A line whose words are not longer than is learnt from. Normalised text has only spaces between words.
fn cut<'l>(line: &'l str, long: &mut usize) -> Cow<'l, str> {
    let end = |word: &str| word.char_indices().nth(LONGEST_WORD).map(|(end, _)| end);
    if line.len() <= LONGEST_WORD || !line.split(' ').any(|word| end(word).is_some()) {
        return Cow::Borrowed(line);
    }
    let cut = |word: &'l str| match end(word) {
        Some(end) => {
            *long += 1;
            &word[..end]
        }
        None => word,
    };
    Cow::Owned(line.split(' ').map(cut).collect::<Vec<_>>().join(" "))
}

/// A thread that says from time to time how far it is, until this goes away.
struct Told {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Told {
    fn start(
        read: &Arc<AtomicUsize>,
        count: usize,
        interval: Duration,
        mut output: impl Write + Send + 'static,
    ) -> Self {
        let (stop, stopped) = mpsc::channel::<()>();
        let (read, started) = (Arc::clone(read), Instant::now());
        let thread = std::thread::spawn(move || {
            while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                let far = match read.load(Ordering::Relaxed) {
                    read if read < count => format!("{read} of {} read", counted(count, "line")),
                    _ => "all lines are read, its pieces are being chosen".to_owned(),
                };
                let seconds = started.elapsed().as_secs();
                if writeln!(output, "learning the vocabulary for {seconds} s: {far}").is_err() {
                    return; // Nobody listens any more.
                }
            }
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[derive(Clone, Default)]
    struct Said(Arc<Mutex<Vec<u8>>>);

    impl Write for Said {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Said {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    fn learnt_from(lines: &[String]) -> (Vec<String>, String) {
        let said = Said::default();
        let mut watched = Watched {
            lines: lines.iter().map(|line| Ok(line.clone())),
            read: Arc::default(),
            long: 0,
            output: Some(said.clone()),
            bar: ProgressBar::hidden(),
        };
        let found = watched.by_ref().map(Result::unwrap).collect();
        // Who reads past the end is told nothing again.
        assert!(watched.next().is_none());
        (found, said.text())
    }

    #[test]
    fn words_of_an_absurd_length_are_cut_and_that_is_said_once() {
        let word = "ü".repeat(LONGEST_WORD);
        let plain = [format!("a {word} b"), "one two".to_owned(), "x ".repeat(2_000)];
        assert_eq!(learnt_from(&plain), (plain.to_vec(), String::new()));
        let long = [format!("a {word}ab b"), format!("{word}{word} {word}c"), "short".to_owned()];
        let (found, said) = learnt_from(&long);
        assert_eq!(found, [format!("a {word} b"), format!("{word} {word}"), "short".to_owned()]);
        assert_eq!(said.lines().count(), 1);
        assert!(said.starts_with("3 words have more than 1000 characters,"), "{said}");
        assert!(learnt_from(&long[..1]).1.starts_with("1 word has more than"));
    }

    #[test]
    fn how_far_it_is_is_said_until_it_is_over() {
        let said = Said::default();
        let read = Arc::new(AtomicUsize::new(3));
        let told = Told::start(&read, 9, Duration::from_millis(1), said.clone());
        while !said.text().contains("3 of 9 lines read") {
            std::thread::yield_now();
        }
        read.store(9, Ordering::Relaxed);
        while !said.text().contains("all lines are read") {
            std::thread::yield_now();
        }
        drop(told);
        // Its thread has ended, so nobody else has its output.
        assert_eq!(Arc::strong_count(&said.0), 1);
    }
}
