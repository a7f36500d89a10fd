//! What is told of all seeds together.

use super::results::{End, Ends, Run, SameUpdates, Summary, Trained};
use crate::contract::report::largest;
use crate::contract::spread::Spread;

pub(super) fn summary(runs: &[Run], updates: usize) -> Summary {
    let spread = |of: &dyn Fn(&Run) -> f64| Spread::of(runs.iter().map(of));
    let ends = |of: fn(&Run) -> End| Ends {
        loss: spread(&|run| of(run).loss),
        accuracy: spread(&|run| of(run).accuracy),
    };
    let drop = |run: &Run| run.small.end.accuracy - run.large.accuracy;
    Summary {
        seeds: runs.len(),
        small: ends(|run| run.small.end),
        large: ends(|run| run.large),
        scaled: ends(|run| run.scaled.end),
        longer: ends(|run| run.longer.end),
        small_then: ends(|run| run.small_then),
        dropped: runs.iter().filter(|run| drop(run) > 0.0).count(),
        drop: spread(&drop),
        made_up_for: spread(&|run| (run.scaled.end.accuracy - run.large.accuracy) / drop(run)),
        longer_ahead: spread(&|run| run.longer.end.accuracy - run.small_then.accuracy),
        same_updates: same_updates(runs, updates),
        off: largest(runs.iter().map(|run| run.scoring.off())),
        bias: spread(&|run| run.scoring.part.abs()),
        bias_at_most: largest(runs.iter().map(|run| {
            let [easiest, hardest] = run.scoring.worst;
            easiest.abs().max(hardest.abs()) / run.scoring.loss
        })),
    }
}

/// Both have been looked at after as many updates, so the nearest look of one is a look of the other.
fn same_updates(runs: &[Run], wanted: usize) -> SameUpdates {
    let points = runs.first().map_or(&[][..], |run| &run.small.points);
    let nearest = points.iter().min_by_key(|point| point.updates.abs_diff(wanted));
    let updates = nearest.map_or(0, |point| point.updates);
    let accuracies = |of: fn(&Run) -> &Trained| {
        let points = runs.iter().flat_map(|run| &of(run).points);
        Spread::of(points.filter(|point| point.updates == updates).map(|point| point.accuracy))
    };
    SameUpdates {
        updates,
        small: accuracies(|run| &run.small),
        large: accuracies(|run| &run.longer),
        small_images: nearest.map_or(0, |point| point.images),
    }
}
