//! Which checkpoints are kept, and which one is used.

use super::Checkpoint;
use crate::run::state::Measured;

/// What becomes of a run's checkpoints.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Choice<'a> {
    /// The one whose weights are to be used: the best, or the last if none counts as the best.
    pub(crate) used: Option<&'a Checkpoint>,
    /// Those that are to be removed.
    pub(crate) outdated: Vec<&'a Checkpoint>,
}

impl<'a> Choice<'a> {
    /// Keeps the `best` checkpoints by the evaluations and the `last` ones by their steps. Untrained weights are kept
    /// only as long as there are no others.
    #[must_use]
    pub(crate) fn among(all: &'a [Checkpoint], evaluations: &[Measured], best: usize, last: usize) -> Self {
        let known = |found: &Checkpoint| evaluations.iter().rfind(|known| known.step == found.step);
        let mut ranked: Vec<(f64, &Checkpoint)> =
            all.iter().filter_map(|found| Some((known(found)?.nll, found))).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        let best: Vec<&Checkpoint> = ranked.into_iter().map(|(_, found)| found).take(best).collect();
        let last = &all[all.len().saturating_sub(last)..];
        let is_kept = |found: &Checkpoint| best.contains(&found) || last.contains(found);
        let is_untrained = |found: &Checkpoint| found.step == 0 && all.len() > 1;
        let outdated = all.iter().filter(|found| is_untrained(found) || !is_kept(found)).collect();
        Self { used: best.first().copied().or(all.last()), outdated }
    }
}
