//! Rows that another thread reads, while this one works on those before them.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::vec;

use anyhow::Result;

use super::read::Row;

/// Rows that are handed over at a time, at most.
const ROWS: usize = 1_024;
/// Bytes after which fewer are enough: long rows shall not fill the memory.
const BYTES: usize = 1 << 18;
/// How often that is, before the thread waits.
const WAITING: usize = 4;

/// The same rows, in the same order, up to the first error.
pub(crate) struct Ahead {
    arrived: vec::IntoIter<Result<Row>>,
    /// None once all have come.
    coming: Option<Receiver<Vec<Result<Row>>>>,
    thread: Option<JoinHandle<()>>,
}

impl Ahead {
    /// Begins to read.
    pub(super) fn new(rows: impl Iterator<Item = Result<Row>> + Send + 'static) -> Self {
        let (sender, receiver) = sync_channel(WAITING);
        let thread = thread::spawn(move || hand_over(rows, &sender));
        Self { arrived: Vec::new().into_iter(), coming: Some(receiver), thread: Some(thread) }
    }

    /// The thread has ended, or does so as soon as it notices that nobody listens. If it panicked, so does this one.
    fn end(&mut self) {
        self.coming = None;
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join)
            && !thread::panicking()
        {
            std::panic::resume_unwind(panic);
        }
    }
}

impl Iterator for Ahead {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.arrived.next() {
                return Some(row);
            }
            match self.coming.as_ref()?.recv() {
                Ok(rows) => self.arrived = rows.into_iter(),
                Err(_) => self.end(),
            }
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.end();
    }
}

/// Sends rows until there are no more, or nobody wants them.
fn hand_over(mut rows: impl Iterator<Item = Result<Row>>, to: &SyncSender<Vec<Result<Row>>>) {
    loop {
        let (mut some, mut bytes, mut ended) = (Vec::with_capacity(ROWS), 0, false);
        while some.len() < ROWS && bytes < BYTES && !ended {
            let Some(row) = rows.next() else {
                ended = true;
                break;
            };
            bytes += row.as_ref().map_or(0, |row| row.iter().map(String::len).sum());
            ended = row.is_err();
            some.push(row);
        }
        if to.send(some).is_err() || ended {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use anyhow::anyhow;

    use super::*;

    fn row(number: usize, length: usize) -> Row {
        vec![number.to_string(), "x".repeat(length)]
    }

    #[test]
    fn the_same_rows_come_in_the_same_order() {
        for count in [0, 1, ROWS - 1, ROWS, ROWS + 1, 7 * ROWS + 3] {
            let ahead = Ahead::new((0..count).map(|number| Ok(row(number, number % 7))));
            let found: Vec<Row> = ahead.collect::<Result<_>>().unwrap();
            assert!(found.into_iter().eq((0..count).map(|number| row(number, number % 7))), "{count}");
        }
    }

    #[test]
    fn what_cannot_be_read_comes_last() {
        let broken = |number| if number == 2_000 { Err(anyhow!("broken")) } else { Ok(row(number, 1)) };
        let mut ahead = Ahead::new((0..9_000).map(broken));
        assert_eq!(ahead.by_ref().take_while(Result::is_ok).count(), 2_000);
        assert!(ahead.next().is_none());
    }

    #[test]
    fn no_more_is_read_than_has_room() {
        let read = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&read);
        let rows = (0..1_000_000).map(move |number| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(row(number, BYTES / 2))
        });
        let mut ahead = Ahead::new(rows);
        assert!(ahead.next().is_some());
        // Whoever stops early is not kept waiting for the rest.
        drop(ahead);
        // Two rows at a time: those that were taken, those that wait, those that find no room.
        let most = 2 * (1 + WAITING + 2);
        assert!(read.load(Ordering::Relaxed) <= most, "{} of at most {most}", read.load(Ordering::Relaxed));
    }

    #[test]
    #[should_panic(expected = "while it was read")]
    fn a_panic_is_passed_on() {
        let rows =
            (0..9).map(|number| if number == 5 { panic!("while it was read") } else { Ok(row(number, 1)) });
        Ahead::new(rows).for_each(drop);
    }
}
