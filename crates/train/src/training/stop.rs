//! How a user, or the system, ends training.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

use anyhow::{Context, Result};

use crate::device::heart;

/// What Ctrl-C sends.
const SIGINT: u8 = 2;

/// Asks training to end: at first after the step at hand, and then at once. If a device of another process is silent, the
/// step at hand may never be finished, and less silence is borne from the first time on.
#[derive(Debug, Default)]
pub struct Stop {
    /// How often.
    asked: AtomicUsize,
    /// Whether there are steps that no checkpoint has.
    unsaved: AtomicBool,
    /// The first signal that asked; 0 if none did.
    signal: AtomicU8,
}

impl Stop {
    /// Asks training to end after the step at hand. Asking again changes nothing.
    pub(crate) fn ask(&self) {
        self.asked.fetch_max(1, Ordering::SeqCst);
        heart::hurry(self.code());
    }

    /// Asks as Ctrl-C does, and says whether the program is to end at once: if it was asked before. As long as that
    /// would lose steps, it takes a third time.
    #[must_use]
    pub(crate) fn insist(&self) -> bool {
        self.insist_by(SIGINT)
    }

    /// The same for any signal.
    fn insist_by(&self, signal: u8) -> bool {
        let _ = self.signal.compare_exchange(0, signal, Ordering::SeqCst, Ordering::SeqCst);
        heart::hurry(self.code());
        self.asked.fetch_add(1, Ordering::SeqCst) > usize::from(self.unsaved.load(Ordering::SeqCst))
    }

    /// Whether it was asked for.
    #[must_use]
    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst) > 0
    }

    /// What a program that was stopped returns by convention: 128 and the number of the signal, which is Ctrl-C's where
    /// there was none.
    #[must_use]
    pub(crate) fn code(&self) -> u8 {
        128 + match self.signal.load(Ordering::SeqCst) {
            0 => SIGINT,
            signal => signal,
        }
    }

    /// Notes whether there are steps that no checkpoint has.
    pub(crate) fn set_unsaved(&self, unsaved: bool) {
        self.unsaved.store(unsaved, Ordering::SeqCst);
    }

    /// Whether there are steps that no checkpoint has.
    #[must_use]
    pub(crate) fn has_unsaved(&self) -> bool {
        self.unsaved.load(Ordering::SeqCst)
    }
}

impl Stop {
    /// Stops when the system asks: by Ctrl-C, by SIGTERM (a cluster takes its machine back), or by SIGHUP (the terminal
    /// was closed). The step at hand is finished and saved. A second signal ends the program at once, for example during an
    /// evaluation, unless that would lose steps; a third always does. `last` is called before that.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub(crate) fn on_signals(last: fn()) -> Result<Arc<Self>> {
        let stop = Arc::new(Self::default());
        let asked = Arc::clone(&stop);
        listen(move |signal| {
            if asked.insist_by(signal) {
                last();
                std::process::exit(i32::from(asked.code()));
            }
        })
        .context("cannot listen to signals")?;
        Ok(stop)
    }
}

/// Calls `heard` with the number of every signal, in a thread of its own.
#[cfg(unix)]
fn listen(heard: impl Fn(u8) + Send + 'static) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    if !is_ignored(SIGHUP) {
        signals.add_signal(SIGHUP)?;
    }
    let wait = move || signals.forever().filter_map(|signal| signal.try_into().ok()).for_each(heard);
    std::thread::Builder::new().name("signals".to_owned()).spawn(wait)?;
    Ok(())
}

/// Whether this process was started to ignore a signal, as `nohup` has it ignore SIGHUP. Only Linux tells.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

/// Elsewhere there is Ctrl-C, and what comes to the same.
#[cfg(not(unix))]
fn listen(heard: impl Fn(u8) + Send + 'static) -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(move || heard(SIGINT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_time_ends_the_program_unless_steps_would_be_lost() {
        let stop = Stop::default();
        stop.ask();
        stop.ask();
        assert!(stop.is_asked() && stop.insist(), "asked politely before, it insists");
        let stop = Stop::default();
        assert!(!stop.is_asked());
        stop.set_unsaved(true);
        assert_eq!([stop.insist(), stop.insist(), stop.insist()], [false, false, true]);
        let stop = Stop::default();
        assert_eq!([stop.insist(), stop.insist()], [false, true]);
    }

    #[test]
    fn the_first_signal_decides_the_exit_code() {
        let stop = Stop::default();
        assert_eq!(stop.code(), 130, "q on the dashboard ends as Ctrl-C does");
        assert!(!stop.insist_by(15) && stop.insist_by(1));
        assert_eq!(stop.code(), 143);
    }
}
