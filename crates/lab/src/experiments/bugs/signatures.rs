//! What each bug is known by: checked in every run.

use super::bug::Bug;
use super::{Results, Variant};
use crate::contract::report::{Report, Target};

pub(super) fn check(results: &Results, report: &mut Report) {
    let Some(healthy) = results.healthy() else { return };
    report.check(
        "healthy: symbols that are written right",
        healthy.summary.written.mean,
        Target::AtLeast(0.99),
    );
    for (bug, variant) in results.bugs() {
        signature(bug, variant, healthy, results.recipe.chance, results.recipe.padding, report);
    }
}

fn signature(bug: Bug, broken: &Variant, healthy: &Variant, chance: f64, padding: f64, report: &mut Report) {
    let (of, without) = (&broken.summary, &healthy.summary);
    let mut check = |what: &str, value: f64, target: Target| {
        report.check(format!("{}: {what}", bug.name()), value, target);
    };
    let _ = (chance, padding, without);
    match bug {
        Bug::CausalLeak => {
            check("right with teacher forcing", of.forced.mean, Target::AtLeast(0.95));
            check("right when it writes", of.written.mean, Target::Near(chance, 0.1));
        }
        _ => {}
    }
}
