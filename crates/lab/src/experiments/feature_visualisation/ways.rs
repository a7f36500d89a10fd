//! Ways to climb that are compared.

use super::ascent::Climb;
use super::examples::SIDE;

/// A way to climb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// Its name in `results.json`.
    pub(super) name: &'static str,
    /// Its name in tables, and a short one for columns.
    pub(super) told: &'static str,
    pub(super) short: &'static str,
    pub(super) jitter: bool,
    pub(super) total_variation: bool,
    /// Whether the network has learned anything.
    pub(super) trained: bool,
}

/// The way that pictures are shown of, step by step.
pub(super) const BOTH: usize = 3;

/// All of them. The last is the control: what is drawn if nothing was learned?
pub(super) const WAYS: [Way; 5] = [
    Way {
        name: "plain",
        told: "plain",
        short: "plain",
        jitter: false,
        total_variation: false,
        trained: true,
    },
    Way {
        name: "variation",
        told: "with total variation",
        short: "variation",
        jitter: false,
        total_variation: true,
        trained: true,
    },
    Way {
        name: "jitter",
        told: "with jitter",
        short: "jitter",
        jitter: true,
        total_variation: false,
        trained: true,
    },
    Way {
        name: "both",
        told: "with both",
        short: "both",
        jitter: true,
        total_variation: true,
        trained: true,
    },
    Way {
        name: "untrained",
        told: "with both, before training",
        short: "untrained",
        jitter: true,
        total_variation: true,
        trained: false,
    },
];

impl Way {
    /// How its pictures climb.
    pub(super) fn climb(self, steps: usize, jitter: usize, total_variation: f64) -> Climb {
        Climb {
            steps,
            jitter: if self.jitter { jitter } else { 0 },
            total_variation: if self.total_variation { total_variation } else { 0.0 },
            // That of pictures whose pixels have the variance 1.
            radius: SIDE as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_has_what_its_name_says() {
        let how = WAYS.map(|way| way.climb(7, 2, 0.5));
        assert_eq!(how.map(|how| how.jitter), [0, 0, 2, 2, 2]);
        assert_eq!(how.map(|how| how.total_variation), [0.0, 0.5, 0.0, 0.5, 0.5]);
        assert!(WAYS[BOTH].name == "both" && WAYS.iter().filter(|way| !way.trained).count() == 1);
    }
}
