//! When to ask again: the algorithm SM-2.
//!
//! P. A. Wozniak, *Optimization of learning*, master's thesis, University of Technology in Poznan, 1990, section 3.2
//! (<https://www.supermemo.com/archives1990-2015/english/ol/sm2>): the first interval is a day, the second six, and each after
//! it the one before times the item's *E-factor*, rounded up. The factor begins at 2.5 and follows the quality of answers,
//! from 0 to 5: `EF + (0.1 - (5 - q) (0.08 + (5 - q) 0.02))`, and never less than 1.3. An answer below 3 begins the intervals
//! anew and leaves the factor as it is.
//!
//! Every factor is a whole number of hundredths, and is kept as one. So a product that is whole stays whole, and no interval gets
//! a day more from an error of rounding.

/// How well something was remembered, from 0 (nothing at all) to 5 (at once, and right).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quality(u8);

/// A quality that there is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the quality of an answer is {0}, but it must be from 0 (nothing at all) to 5 (at once, and right)")]
pub struct NoQuality(pub u8);

impl Quality {
    /// Whoever answers worse than this has forgotten.
    const RECALLED: u8 = 3;

    /// A quality from 0 to 5.
    ///
    /// # Errors
    ///
    /// If it is above 5.
    pub fn new(quality: u8) -> Result<Self, NoQuality> {
        if quality <= 5 { Ok(Self(quality)) } else { Err(NoQuality(quality)) }
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// Whether the answer was there, with whatever effort.
    #[must_use]
    pub fn is_recalled(self) -> bool {
        self.0 >= Self::RECALLED
    }
}

// ANCHOR: item
/// What is known of something to remember: how it went so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// Answers in a row that were right.
    repetitions: u32,
    /// Days until it is asked again.
    interval: u32,
    /// The E-factor, in hundredths.
    factor: u32,
}
// ANCHOR_END: item

impl Item {
    /// The E-factor at the beginning, in hundredths.
    const FACTOR: u32 = 250;
    /// And the least that it may become.
    const LEAST: u32 = 130;

    /// Something that was never asked.
    #[must_use]
    pub fn new() -> Self {
        Self { repetitions: 0, interval: 0, factor: Self::FACTOR }
    }

    // ANCHOR: after
    /// The item after an answer.
    #[must_use]
    pub fn after(self, quality: Quality) -> Self {
        if !quality.is_recalled() {
            return Self { repetitions: 1, interval: 1, ..self };
        }
        let less = u32::from(5 - quality.number());
        // 0.1 - less (0.08 + 0.02 less), in hundredths
        let loss = less * (8 + 2 * less);
        let grown = self.factor.saturating_add(10);
        let factor = grown.saturating_sub(loss).max(Self::LEAST);
        let interval = match self.repetitions {
            0 => 1,
            1 => 6,
            _ => times(self.interval, factor),
        };
        let repetitions = self.repetitions.saturating_add(1);
        Self { repetitions, interval, factor }
    }
    // ANCHOR_END: after

    /// Days until it is asked again; 0 if it was never asked.
    #[must_use]
    pub fn interval(self) -> u32 {
        self.interval
    }

    /// Answers in a row that were right. One that was wrong counts as a new first.
    #[must_use]
    pub fn repetitions(self) -> u32 {
        self.repetitions
    }

    /// The E-factor.
    #[must_use]
    pub fn factor(self) -> f64 {
        f64::from(self.factor) / 100.0
    }
}

impl Default for Item {
    fn default() -> Self {
        Self::new()
    }
}

/// Days times hundredths, rounded up. So many that no number holds them are as many as one does.
fn times(days: u32, hundredths: u32) -> u32 {
    let product = (u64::from(days) * u64::from(hundredths)).div_ceil(100);
    u32::try_from(product).unwrap_or(u32::MAX)
}

/// The interval after each of some answers to the same question.
#[must_use]
pub fn intervals(answers: &[Quality]) -> Vec<u32> {
    let mut item = Item::new();
    let mut after = |&quality: &Quality| {
        item = item.after(quality);
        item.interval()
    };
    answers.iter().map(&mut after).collect()
}
