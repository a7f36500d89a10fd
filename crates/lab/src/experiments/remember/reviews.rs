//! When a fact is asked for, and what is left of it.

use recall::schedule::{Item, Quality};
use serde::{Deserialize, Serialize};

use super::learner::{Curve, Gain, grade};

/// Days between two reviews of a single day.
const MINUTES: f64 = 0.01;
/// How the first answer goes, right after reading.
const FIRST: u8 = 4;

/// When to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Plan {
    /// Never: it is read, and that is all.
    Never,
    /// All reviews right after reading.
    Massed,
    /// All at the same distance up to the test.
    Even,
    /// When SM-2 says so.
    Sm2,
}

impl Plan {
    pub(super) const ALL: [Self; 4] = [Self::Never, Self::Massed, Self::Even, Self::Sm2];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Never => "read once",
            Self::Massed => "all at once",
            Self::Even => "evenly spaced",
            Self::Sm2 => "SM-2",
        }
    }
}

/// A learner, and what is asked of a fact.
#[derive(Clone, Copy, Debug)]
pub(super) struct Course {
    pub(super) curve: Curve,
    pub(super) gain: Gain,
    pub(super) plan: Plan,
    /// Days from reading to the test.
    pub(super) until: f64,
    /// Reviews at most.
    pub(super) reviews: usize,
}

/// A fact from one review to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    pub(super) from: f64,
    pub(super) stability: f64,
}

/// How it went with a fact.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Story {
    /// The first begins with the reading.
    pub(super) spans: Vec<Span>,
    /// Reviews that were answered.
    pub(super) right: usize,
}

impl Course {
    // ANCHOR: story
    /// What becomes of a fact. The draws decide whether it is
    /// recalled: each is a number from 0 to 1.
    pub(super) fn story(&self, read: f64, draws: &[f64]) -> Story {
        let mut spans = vec![Span { from: 0.0, stability: read }];
        let mut item = answered(Item::new(), FIRST);
        let mut right = 0;
        let draws = draws.iter().take(self.reviews);
        for (number, draw) in draws.enumerate() {
            let Span { from, stability } = spans[number];
            let Some(day) = self.day(number, from, item) else { break };
            let known = self.curve.known(day - from, stability);
            let recalled = *draw < known;
            // What was forgotten is read again.
            let stability = match recalled {
                true => stability * self.gain.factor(known),
                false => read,
            };
            right += usize::from(recalled);
            item = answered(item, grade(recalled, known));
            spans.push(Span { from: day, stability });
        }
        Story { spans, right }
    }
    // ANCHOR_END: story

    /// The day of a review, if it is before the test.
    fn day(&self, number: usize, last: f64, item: Item) -> Option<f64> {
        let place = number as f64 + 1.0;
        let day = match self.plan {
            Plan::Never => return None,
            Plan::Massed => place * MINUTES,
            Plan::Even => place * self.until / (self.reviews as f64 + 1.0),
            Plan::Sm2 => last + f64::from(item.interval()),
        };
        (day < self.until).then_some(day)
    }
}

/// A grade is from 0 to 5; any other would change nothing.
fn answered(item: Item, grade: u8) -> Item {
    Quality::new(grade).map_or(item, |quality| item.after(quality))
}

impl Story {
    /// The probability that the fact is recalled on a day.
    pub(super) fn known(&self, curve: Curve, day: f64) -> f64 {
        let span = self.spans.iter().rev().find(|span| span.from <= day).unwrap_or(&self.spans[0]);
        curve.known(day - span.from, span.stability)
    }

    pub(super) fn reviews(&self) -> usize {
        self.spans.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(plan: Plan, until: f64) -> Course {
        Course { curve: Curve::Power, gain: Gain::Spacing, plan, until, reviews: 4 }
    }

    fn days(plan: Plan, until: f64, draws: &[f64]) -> Vec<f64> {
        course(plan, until).story(3.0, draws).spans.iter().map(|span| span.from).collect()
    }

    #[test]
    fn reviews_are_when_the_plan_says() {
        let all = [0.0; 4];
        assert_eq!(days(Plan::Never, 90.0, &all), [0.0]);
        assert_eq!(days(Plan::Massed, 90.0, &all), [0.0, 0.01, 0.02, 0.03, 0.04]);
        assert_eq!(days(Plan::Even, 90.0, &all), [0.0, 18.0, 36.0, 54.0, 72.0]);
        let sm2 = days(Plan::Sm2, 90.0, &all);
        assert_eq!(sm2[..3], [0.0, 1.0, 7.0]);
        // Whoever forgets is asked tomorrow, and nobody is asked after the test.
        assert_eq!(days(Plan::Sm2, 90.0, &[0.0, 1.0, 1.0, 1.0]), [0.0, 1.0, 7.0, 8.0, 9.0]);
        assert_eq!(days(Plan::Sm2, 7.0, &all), [0.0, 1.0]);
    }

    #[test]
    fn what_was_recalled_lasts_longer_and_what_was_forgotten_begins_anew() {
        let story = course(Plan::Even, 90.0).story(3.0, &[0.0, 1.0, 0.0, 0.0]);
        let stability = |n: usize| story.spans[n].stability;
        assert!(stability(1) > 3.0 && stability(2) == 3.0 && stability(3) > 3.0);
        assert_eq!((story.right, story.reviews()), (3, 4));
        assert_eq!(story.known(Curve::Power, 0.0), 1.0);
        assert_eq!(story.known(Curve::Power, 18.0), 1.0);
        assert!(story.known(Curve::Power, 17.9) < story.known(Curve::Power, 18.1));
    }

    #[test]
    fn without_reviews_there_is_the_curve_alone() {
        let story = course(Plan::Never, 30.0).story(3.0, &[0.5; 4]);
        assert_eq!(story.known(Curve::Power, 30.0), Curve::Power.known(30.0, 3.0));
    }
}
