//! How a user ends training.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Asks training to end: at first after the step at hand, and then at once.
#[derive(Debug, Default)]
pub struct Stop {
    /// How often.
    asked: AtomicUsize,
    /// Whether there are steps that no checkpoint has.
    unsaved: AtomicBool,
}

impl Stop {
    /// Asks training to end after the step at hand. Asking again changes nothing.
    pub fn ask(&self) {
        self.asked.fetch_max(1, Ordering::SeqCst);
    }

    /// Asks as Ctrl-C does, and says whether the program is to end at once: if it was asked before. As long as that
    /// would lose steps, it takes a third time.
    #[must_use]
    pub fn insist(&self) -> bool {
        self.asked.fetch_add(1, Ordering::SeqCst) > usize::from(self.unsaved.load(Ordering::SeqCst))
    }

    /// Whether it was asked for.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst) > 0
    }

    /// Notes whether there are steps that no checkpoint has.
    pub fn set_unsaved(&self, unsaved: bool) {
        self.unsaved.store(unsaved, Ordering::SeqCst);
    }

    /// Whether there are steps that no checkpoint has.
    #[must_use]
    pub fn has_unsaved(&self) -> bool {
        self.unsaved.load(Ordering::SeqCst)
    }
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
}
