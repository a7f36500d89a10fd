//! What is told of the networks of all seeds together.

use super::results::{Measured, Run, Summary, WaySummary};
use super::ways::{WAYS, Way};
use crate::contract::spread::Spread;

/// A picture with such a cosine is close to the sprite.
pub(super) const CLOSE: f64 = 0.9;

pub(super) fn summary(runs: &[Run]) -> Summary {
    Summary {
        networks: runs.len(),
        right: Spread::of(runs.iter().map(|run| run.right)),
        found: Spread::of(runs.iter().map(|run| run.found)),
        best: Spread::of(runs.iter().map(|run| run.best)),
        ways: WAYS.iter().map(|way| (way.name.to_owned(), of_way(way, runs))).collect(),
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn of_way(way: &Way, runs: &[Run]) -> WaySummary {
    let measured: Vec<&Measured> = runs.iter().filter_map(|run| run.ways.get(way.name)).collect();
    let spread = |of: &dyn Fn(&Measured) -> f64| Spread::of(measured.iter().map(|measured| of(measured)));
    let recognised: Option<Vec<f64>> = measured.iter().map(|measured| measured.recognised).collect();
    let cosines: Vec<f64> = measured.iter().flat_map(|measured| measured.cosines.clone()).collect();
    WaySummary {
        score: spread(&|measured| measured.score),
        recognised: recognised.map(Spread::of),
        rough: spread(&|measured| measured.rough),
        cosine: spread(&|measured| mean(&measured.cosines)),
        least: cosines.iter().copied().fold(f64::INFINITY, f64::min),
        sprites: cosines.len(),
        close: cosines.iter().filter(|&&cosine| cosine >= CLOSE).count(),
        size: mean(&cosines.iter().map(|cosine| cosine.abs()).collect::<Vec<_>>()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(seed: u64, cosines: &[f64], recognised: Option<f64>) -> Run {
        let measured = |way: &Way| {
            let measured = Measured { score: 1.0, recognised, rough: 0.5, cosines: cosines.to_vec() };
            (way.name.to_owned(), measured)
        };
        Run { seed, right: 0.5, found: 1.0, best: 3.0, ways: WAYS.iter().map(measured).collect() }
    }

    #[test]
    fn networks_are_counted_and_cosines_are_those_of_all_sprites() {
        let all = summary(&[run(1, &[0.9, -0.1], Some(0.5)), run(2, &[0.95, 0.85], Some(1.0))]);
        let plain = &all.ways["plain"];
        assert_eq!((all.networks, plain.sprites, plain.close, plain.least), (2, 4, 2, -0.1));
        assert!((plain.cosine.mean - 0.65).abs() < 1e-12 && (plain.size - 0.7).abs() < 1e-12);
        assert_eq!(plain.recognised.unwrap().mean, 0.75);
    }

    #[test]
    fn one_seed_has_no_others() {
        assert_eq!(summary(&[run(1, &[0.9], None)]).ways["both"].recognised, None);
    }
}
