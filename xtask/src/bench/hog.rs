//! A neighbour that wants the memory: one thread that streams over arrays which no cache holds.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

/// Bytes of each of the three arrays.
pub(super) const BYTES: usize = 256 << 20;
/// Numbers between two looks at whether it is to stop.
const PART: usize = 1 << 16;

/// A thread that computes `a[i] = b[i] + 3 c[i]`, the "triad" of the benchmark STREAM, over and over until it is dropped.
pub(super) struct Hog {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// When bytes were last asked for, and how many there were.
    before: (Instant, u64),
}

#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    /// Bytes that were read and written so far.
    moved: AtomicU64,
}

impl Hog {
    /// Starts it, and returns when it has gone over all of its arrays once.
    pub(super) fn start(bytes: usize) -> Self {
        let shared = Arc::new(Shared::default());
        let thread = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || stream(bytes, &shared)
        });
        while shared.moved.load(Ordering::Relaxed) == 0 {
            std::thread::yield_now();
        }
        let mut hog = Self { shared, thread: Some(thread), before: (Instant::now(), 0) };
        hog.reached();
        hog
    }

    /// Gigabytes a second that it read and wrote since the last time it was asked.
    pub(super) fn reached(&mut self) -> f64 {
        let now = (Instant::now(), self.shared.moved.load(Ordering::Relaxed));
        let seconds = (now.0 - self.before.0).as_secs_f64();
        let bytes = now.1 - self.before.1;
        self.before = now;
        if seconds > 0.0 { bytes as f64 / 1e9 / seconds } else { 0.0 }
    }
}

impl Drop for Hog {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // Nobody asks what it computed.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn stream(bytes: usize, shared: &Shared) {
    let numbers = bytes / size_of::<f64>();
    // Written to before, so that no pass waits for the system to find pages.
    let [mut a, b, c] = [1.0_f64, 2.0, 3.0].map(|number| vec![number; numbers]);
    loop {
        for ((a, b), c) in a.chunks_mut(PART).zip(b.chunks(PART)).zip(c.chunks(PART)) {
            for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
                *a = b + 3.0 * c;
            }
            black_box(&*a);
            let moved = 3 * size_of_val(a) as u64;
            shared.moved.fetch_add(moved, Ordering::Relaxed);
            if shared.is_over.load(Ordering::Relaxed) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_memory_until_it_is_dropped() {
        let mut hog = Hog::start(1 << 16);
        let shared = Arc::clone(&hog.shared);
        let before = shared.moved.load(Ordering::Relaxed);
        while shared.moved.load(Ordering::Relaxed) == before {
            std::thread::yield_now();
        }
        let reached = hog.reached();
        assert!(reached.is_finite() && reached > 0.0, "{reached}");
        drop(hog);
        let after = shared.moved.load(Ordering::Relaxed);
        assert_eq!(Arc::strong_count(&shared), 1, "the thread is gone, and with it what it shared");
        assert_eq!(after % (3 << 16), 0, "every pass counts three arrays: {after}");
    }
}
