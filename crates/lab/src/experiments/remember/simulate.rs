//! Many learners with many facts, under every plan.

use serde::{Deserialize, Serialize};

use super::learner::{Curve, Gain, READ, SPREAD};
use super::reviews::{Course, Plan, Story};
use crate::contract::random::Random;
use crate::contract::spread::Spread;

/// Facts of each learner.
pub(super) const FACTS: usize = 200;
/// Days from reading to the test.
pub(super) const DELAYS: [f64; 2] = [30.0, 90.0];
/// Parts of the time before the test over which what is known is averaged.
const PARTS: usize = 180;

/// What came of a plan with one learner, up to one test.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Outcome {
    pub(super) plan: Plan,
    pub(super) name: String,
    /// Share of the facts that is known at the test, over all learners.
    pub(super) known: Spread,
    /// The same on average over all days before it.
    pub(super) before: Spread,
    /// Reviews a fact, and the share of them that was answered.
    pub(super) reviews: f64,
    pub(super) right: f64,
    /// Of each learner, in the order of the seeds.
    pub(super) each: Vec<f64>,
}

/// What came of all plans up to one test.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Delay {
    pub(super) days: f64,
    pub(super) plans: Vec<Outcome>,
    /// Learners who know more at the test with SM-2 than with all reviews at once, and than with even ones.
    pub(super) beats_massed: usize,
    pub(super) beats_even: usize,
}

/// The facts of a learner: how stable each is when it has been read, and what decides its reviews.
struct Facts(Vec<(f64, Vec<f64>)>);

impl Facts {
    fn drawn(seed: u64, reviews: usize) -> Self {
        let mut random = Random::new(seed, 0);
        let fact = |_| {
            let read = READ * (SPREAD * random.normal()).exp();
            (read, (0..reviews).map(|_| random.uniform()).collect())
        };
        Self((0..FACTS).map(fact).collect())
    }

    fn stories(&self, course: &Course) -> Vec<Story> {
        self.0.iter().map(|(read, draws)| course.story(*read, draws)).collect()
    }
}

/// All plans with a kind of learner, up to each of the tests.
pub(super) fn delays(curve: Curve, gain: Gain, reviews: usize, seeds: &[u64]) -> Vec<Delay> {
    let of = |days: f64| {
        let course = |plan: Plan| Course { curve, gain, plan, until: days, reviews };
        let plans: Vec<Outcome> = Plan::ALL.into_iter().map(|plan| outcome(&course(plan), seeds)).collect();
        let each = |wanted: Plan| {
            plans.iter().find(|outcome| outcome.plan == wanted).map(|outcome| &outcome.each[..])
        };
        let sm2 = each(Plan::Sm2).unwrap_or_default();
        let beaten = |other: Plan| {
            let other = each(other).unwrap_or_default();
            sm2.iter().zip(other).filter(|(sm2, other)| sm2 > other).count()
        };
        Delay { days, beats_massed: beaten(Plan::Massed), beats_even: beaten(Plan::Even), plans }
    };
    DELAYS.into_iter().map(of).collect()
}

fn outcome(course: &Course, seeds: &[u64]) -> Outcome {
    let (mut each, mut before) = (Vec::new(), Vec::new());
    let (mut reviews, mut right) = (0, 0);
    for &seed in seeds {
        let stories = Facts::drawn(seed, course.reviews).stories(course);
        each.push(share(course, &stories, course.until));
        let days = (0..PARTS).map(|part| (part as f64 + 0.5) / PARTS as f64 * course.until);
        before.push(days.map(|day| share(course, &stories, day)).sum::<f64>() / PARTS as f64);
        reviews += stories.iter().map(Story::reviews).sum::<usize>();
        right += stories.iter().map(|story| story.right).sum::<usize>();
    }
    Outcome {
        plan: course.plan,
        name: course.plan.name().to_owned(),
        known: Spread::of(each.iter().copied()),
        before: Spread::of(before),
        reviews: reviews as f64 / (FACTS * seeds.len()) as f64,
        right: if reviews == 0 { 0.0 } else { right as f64 / reviews as f64 },
        each,
    }
}

/// The share of facts that is known on a day.
fn share(course: &Course, stories: &[Story], day: f64) -> f64 {
    stories.iter().map(|story| story.known(course.curve, day)).sum::<f64>() / stories.len() as f64
}

/// A curve: what is known day by day with a plan, over all learners.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Days {
    pub(super) plan: Plan,
    pub(super) name: String,
    pub(super) days: Vec<f64>,
    pub(super) known: Vec<f64>,
}

/// The curves of all plans up to the last test.
pub(super) fn days(curve: Curve, gain: Gain, reviews: usize, seeds: &[u64]) -> Vec<Days> {
    let until = DELAYS[DELAYS.len() - 1];
    // The first day passes quickly.
    let days: Vec<f64> = [0.0, 0.02, 0.05, 0.1, 0.25, 0.5]
        .into_iter()
        .chain((1..=until as usize).map(|day| day as f64))
        .collect();
    let of = |plan: Plan| {
        let course = Course { curve, gain, plan, until, reviews };
        let stories: Vec<Story> =
            seeds.iter().flat_map(|&seed| Facts::drawn(seed, reviews).stories(&course)).collect();
        let known = days.iter().map(|&day| share(&course, &stories, day)).collect();
        Days { plan, name: plan.name().to_owned(), days: days.clone(), known }
    };
    Plan::ALL.into_iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learners_follow_from_their_seeds() {
        let known = |seeds: &[u64]| {
            let delays = delays(Curve::Power, Gain::Spacing, 3, seeds);
            delays[1].plans.iter().flat_map(|outcome| outcome.each.clone()).collect::<Vec<_>>()
        };
        assert_eq!(known(&[1, 2]), known(&[1, 2]));
        assert_ne!(known(&[1]), known(&[2]));
    }

    #[test]
    fn every_plan_has_as_many_reviews_where_it_may() {
        let delays = delays(Curve::Exponential, Gain::Constant, 3, &[5]);
        let reviews: Vec<f64> = delays[1].plans.iter().map(|outcome| outcome.reviews).collect();
        assert_eq!(reviews, [0.0, 3.0, 3.0, 3.0]);
        let least = |outcome: &Outcome| outcome.known.least >= 0.0 && outcome.known.most <= 1.0;
        assert!(delays.iter().flat_map(|delay| &delay.plans).all(least));
    }

    #[test]
    fn a_curve_begins_with_everything() {
        let curves = days(Curve::Power, Gain::Spacing, 2, &[3]);
        assert_eq!(curves.len(), 4);
        for Days { days, known, .. } in &curves {
            assert_eq!((days.len(), known[0]), (known.len(), 1.0));
        }
        let once = &curves[0].known;
        assert!(once.windows(2).all(|pair| pair[1] < pair[0]));
    }
}
