//! What each bug is known by: checked in every run.

use super::bug::Bug;
use super::summary::Summary;
use super::training::Recipe;
use super::{Results, TELLING};
use crate::contract::report::{Report, Target};

pub(super) fn check(results: &Results, report: &mut Report) {
    let Some(healthy) = results.healthy() else { return };
    let healthy = &healthy.summary;
    report.check("healthy: symbols that are written right", healthy.written.mean, Target::AtLeast(0.99));
    for (bug, variant) in results.bugs() {
        for (what, value, target) in signature(bug, &variant.summary, healthy, &results.recipe) {
            report.check(format!("{}: {what}", bug.name()), value, target);
        }
    }
}

/// A number, and what it should be.
type Known = (&'static str, f64, Target);

fn signature(bug: Bug, broken: &Summary, healthy: &Summary, recipe: &Recipe) -> Vec<Known> {
    let forced = |target: Target| ("right with teacher forcing", broken.forced.mean, target);
    let written = |target: Target| ("right when it writes", broken.written.mean, target);
    let less = healthy.written.mean - broken.written.mean;
    let as_well = ("written right, less than without", less, Target::Near(0.0, TELLING));
    let worse = ("written right, less than without", less, Target::AtLeast(TELLING));
    let afterwards = |target: Target| {
        let right = broken.afterwards.map_or(f64::NAN, |spread| spread.mean);
        ("right when it gets in afterwards", right, target)
    };
    match bug {
        Bug::CausalLeak => vec![forced(Target::AtLeast(0.99)), written(Target::AtMost(recipe.chance))],
        Bug::SwappedAxes => vec![forced(Target::AtMost(0.9)), written(Target::AtMost(recipe.chance))],
        Bug::NoPositions => vec![
            written(Target::AtMost(0.4)),
            ("right wherever it stands", broken.somewhere.mean, Target::AtLeast(0.9)),
        ],
        Bug::BosIsPad => vec![as_well, afterwards(Target::AtMost(0.7))],
        // That padding follows padding is soon learned, and then each of its places counts as a loss of zero.
        Bug::PadMean => vec![
            as_well,
            (
                "loss over the one that is shown, over that of the model without",
                broken.flattery.mean / healthy.flattery.mean,
                Target::AtLeast(1.2),
            ),
        ],
        Bug::FirstAccumulation | Bug::NoScale => vec![worse],
        Bug::BesselNorm => vec![as_well, afterwards(Target::AtLeast(0.98))],
        Bug::PositionsInHalves => vec![as_well, afterwards(Target::AtMost(0.5))],
    }
}
