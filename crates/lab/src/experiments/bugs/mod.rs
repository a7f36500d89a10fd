//! The bug bench: mistakes that readers of tutorials made, one at a time, in a model that learns to copy.
//!
//! What each does to the loss that training shows, to accuracy with teacher forcing, and to what the model writes by
//! itself; and what a comparison of graphs says of it. Some do harm that no curve shows, and some do none.

mod bug;
mod copies;
mod difference;
mod examination;
mod figures;
mod forward;
mod signatures;
mod summary;
mod tables;
#[cfg(test)]
mod tests;
mod training;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use burn::tensor::{Device, Int, Tensor};
use clap::builder::ArgPredicate;
use model::Transformer;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::report::Report;
use crate::contract::seeds::Seeds;

use bug::Bug;
use difference::{Difference, difference};
use examination::examined;
use forward::Patient;
use summary::{Run, Summary, TELLING, Verdict};
use training::{Recipe, Trained, config, test, trained};

/// What the model without a bug is called among those with one.
const HEALTHY: &str = "healthy";

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct Bugs {
    /// The bug to try; all of them, one by one, if none is named.
    #[arg(long = "break", value_name = "BUG")]
    broken: Option<Bug>,
    /// What you expect of it.
    #[arg(long, value_name = "VERDICT", requires = "broken")]
    predict: Option<Verdict>,
    /// Models to train of each kind, each with the next seed [default: 5, or 1 with --break].
    #[arg(
        long,
        default_value = "5",
        default_value_if("broken", ArgPredicate::IsPresent, "1"),
        hide_default_value = true
    )]
    seeds: Seeds<1_000>,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    recipe: Recipe,
    seeds: usize,
    /// Shares that differ by less are the same to a verdict.
    telling: f64,
    /// What the reader expected.
    predicted: Option<Verdict>,
    /// The model without a bug, and with each, by name.
    variants: BTreeMap<String, Variant>,
}

/// The model with a bug, or without.
#[derive(Debug, Serialize, Deserialize)]
struct Variant {
    verdict: Verdict,
    summary: Summary,
    /// None for the model without a bug.
    difference: Option<Difference>,
    runs: Vec<Run>,
}

impl Results {
    /// The model without a bug.
    fn healthy(&self) -> Option<&Variant> {
        self.variants.get(HEALTHY)
    }

    /// The bugs that were tried, in their order.
    fn bugs(&self) -> impl Iterator<Item = (Bug, &Variant)> {
        Bug::ALL.into_iter().filter_map(|bug| Some((bug, self.variants.get(bug.name())?)))
    }
}

impl Experiment for Bugs {
    const NAME: &'static str = "bugs";
    const SUMMARY: &'static str =
        "mistakes in a Transformer, one by one: what the curves show, and what is written";
    type Results = Results;
    const PARTS: &'static [fn(&Results, &mut Report)] = &[signatures::check, figures::add, tables::add];

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let bugs = self.broken.map_or(Bug::ALL.to_vec(), |bug| vec![bug]);
        let seeds = self.seeds.starting_at(lab.seed);
        let starts: Vec<Start> =
            seeds.iter().map(|&seed| Start::drawn(seed, &lab.device)).collect::<Result<_>>()?;
        let recipe = Recipe::of(&starts[0].model, starts[0].seed);
        let kinds: Vec<Option<Bug>> = std::iter::once(None).chain(bugs.iter().copied().map(Some)).collect();
        let all = runs(&kinds, &starts, lab);
        let healthy = Summary::of(&all[0]);
        let mut variants = BTreeMap::new();
        for (kind, runs) in kinds.into_iter().zip(all) {
            let summary = Summary::of(&runs);
            let verdict = Verdict::of(&healthy, &summary);
            let difference = kind.map(difference).transpose()?;
            let name = kind.map_or(HEALTHY, Bug::name).to_owned();
            variants.insert(name, Variant { verdict, summary, difference, runs });
        }
        Ok(Results { recipe, seeds: seeds.len(), telling: TELLING, predicted: self.predict, variants })
    }
}

/// A model that nothing has trained. All kinds of a seed begin with it.
struct Start {
    seed: u64,
    model: Transformer,
}

impl Start {
    fn drawn(seed: u64, device: &Device) -> Result<Self> {
        let device = device.clone().autodiff();
        device.seed(seed);
        let model = config().init(&device)?;
        // Parameters are drawn when they are first used; all kinds are to have the same.
        let ids = Tensor::<2, Int>::ones([1, 2], &device);
        model.forward(ids.clone(), ids);
        Ok(Self { seed, model })
    }
}

/// For each kind, a run for each seed. Each takes a core.
fn runs(kinds: &[Option<Bug>], starts: &[Start], lab: &Lab) -> Vec<Vec<Run>> {
    let count = kinds.len() * starts.len();
    let done = AtomicUsize::new(0);
    let jobs: Vec<(Option<Bug>, &Start)> =
        kinds.iter().flat_map(|&kind| starts.iter().map(move |start| (kind, start))).collect();
    let all: Vec<Trained> = jobs
        .par_iter()
        .map(|&(kind, start)| {
            let name = kind.map_or(HEALTHY, Bug::name);
            let trained = trained(&start.model, kind, start.seed, &lab.device, |share, right| {
                let done = done.load(Ordering::Relaxed) as f64;
                let what = format!("{name}, seed {}: {:.0} % right", start.seed, 100.0 * right);
                lab.progress.at((done + share) / count as f64, &what);
            });
            done.fetch_add(1, Ordering::Relaxed);
            trained
        })
        .collect();
    let (healthy, broken) = all.split_at(starts.len());
    let afterwards = |kind: Option<Bug>, start: &Start, healthy: &Trained| {
        let bug = kind.filter(|bug| bug.is_in_the_model())?;
        let patient = Patient { model: &healthy.model, bug: Some(bug) };
        Some(examined(patient, &test(kind, start.seed), &lab.device))
    };
    let run = |kind: Option<Bug>, n: usize, trained: &Trained| Run {
        seed: starts[n].seed,
        curve: trained.curve.clone(),
        end: trained.end.clone(),
        afterwards: afterwards(kind, &starts[n], &healthy[n]),
    };
    let together = std::iter::once(healthy).chain(broken.chunks(starts.len()));
    kinds
        .iter()
        .zip(together)
        .map(|(&kind, trained)| {
            trained.iter().enumerate().map(|(n, trained)| run(kind, n, trained)).collect()
        })
        .collect()
}
