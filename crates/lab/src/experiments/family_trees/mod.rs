//! Two families, and a network whose hidden units can be read (Rumelhart, Hinton & Williams 1986).
//!
//! A person and a relation go in, the answer comes out: *Colin*, *aunt*: *Jennifer* and *Margaret*. Nothing in the input
//! says what anybody has in common with anybody else. The network has to find out, and to put it into six numbers a
//! person.

mod figures;
mod network;
mod summary;
mod tables;
mod tree;
mod units;

use anyhow::Result;
use burn::tensor::Device;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::random::Random;
use crate::contract::report::{Report, Target};
use crate::contract::seeds::Seeds;

use network::{Network, SWEEPS, UNITS, is_first, is_right};
use summary::{Summary, summary};
use tree::{Case, FAMILY, NAMES, RELATIONS, Sizes};
use units::{Unit, unit};

/// Cases that a network never sees while it learns.
const HELD_OUT: usize = 4;
/// Of the pairs of an English person and the Italian at the same place, so many have opposite signs in a unit that tells the
/// families apart.
const OPPOSITE: usize = 11;
/// Sweeps between two errors that are told.
const BETWEEN: usize = 50;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct FamilyTrees {
    /// Networks to train, each with the next seed: other weights, and other cases held out.
    #[arg(long, default_value = "20")]
    seeds: Seeds<1_000>,
    /// Ask the networks about a person and a relation, as in "Colin aunt".
    #[arg(long, value_name = "NAME RELATION")]
    ask: Option<String>,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    tree: Sizes,
    weights: usize,
    biases: usize,
    units: usize,
    sweeps: usize,
    learned: usize,
    held_out: usize,
    runs: Vec<Run>,
    summary: Summary,
    /// The units of the first network.
    first: Vec<Unit>,
    asked: Option<Asked>,
}

/// A network: how well it answers, and whether one of its units tells the families apart.
#[derive(Debug, Serialize, Deserialize)]
struct Run {
    seed: u64,
    /// The error after the last sweep, and on the way there, every [`BETWEEN`] sweeps.
    error: f64,
    errors: Vec<f64>,
    /// Cases that it learned from, and answers right.
    learned: usize,
    held_out: usize,
    missed: Vec<String>,
    /// Cases held out in which the answers have the largest outputs, be they above a half or not.
    ranked: usize,
    /// Pairs with opposite signs, in the unit that has the most.
    opposite: usize,
    /// The weights of this unit, for each person.
    telling: Vec<f64>,
    /// How much of a unit's weights a feature explains, in the unit that tells the most of it.
    family: f64,
    generation: f64,
    branch: f64,
    sex: f64,
}

/// What all networks answer to a question of the reader's.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    person: String,
    relation: String,
    /// What the tree says; nobody, if there is nobody.
    tree: Vec<String>,
    /// Networks that had not learned the case.
    unseen: usize,
    ranking: Vec<Ranked>,
}

/// An answer: its output, on average, and how many networks have it above a half.
#[derive(Debug, Serialize, Deserialize)]
struct Ranked {
    name: String,
    output: f64,
    networks: usize,
}

/// A network that has learned.
struct Trained {
    run: Run,
    units: Vec<Unit>,
    /// What it answers to the question, and whether it has learned the case.
    answer: Option<(Vec<f64>, bool)>,
}

impl Experiment for FamilyTrees {
    const NAME: &'static str = "family-trees";
    const SUMMARY: &'static str = "a network learns two families, and its units can be read (1986)";
    type Results = Results;
    const PARTS: &'static [fn(&Results, &mut Report)] = &[check, figures::add, tables::add];

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let seeds = self.seeds.count();
        let asked = self.ask.as_deref().map(tree::asked).transpose()?;
        let cases = tree::cases();
        let device = lab.device.clone().autodiff();
        let (weights, biases) = Network::drawn(&mut lab.random(0), &device).sizes();
        let done = std::sync::atomic::AtomicUsize::new(0);
        let all: Vec<Trained> = self
            .seeds
            .starting_at(lab.seed)
            .into_par_iter()
            .map(|seed| {
                let trained = trained(&cases, seed, asked, &device)?;
                let done = 1 + done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                lab.progress
                    .at(done as f64 / seeds as f64, &format!("{done} of {seeds} networks have learned"));
                Ok(trained)
            })
            .collect::<Result<_>>()?;
        let asked = asked.map(|asked| told(asked, &all));
        let mut all = all;
        let first = std::mem::take(&mut all[0].units);
        let runs: Vec<Run> = all.into_iter().map(|trained| trained.run).collect();
        Ok(Results {
            tree: Sizes::of(&cases),
            weights,
            biases,
            units: UNITS,
            sweeps: SWEEPS,
            learned: cases.len() - HELD_OUT,
            held_out: HELD_OUT,
            summary: summary(&runs),
            runs,
            first,
            asked,
        })
    }
}

fn check(results: &Results, report: &mut Report) {
    let Results { tree, summary, .. } = results;
    let mut exactly = |name: &str, value: usize, expected: f64| {
        report.check(name, value as f64, Target::Near(expected, 0.0));
    };
    exactly("cases", tree.cases, 104.0);
    exactly("facts", tree.facts, 112.0);
    exactly("weights", results.weights, 576.0);
    exactly("biases", results.biases, 54.0);
    let share = |count: usize| count as f64 / summary.networks as f64;
    report.check(
        "share of networks that answer all cases right that they learned from",
        share(summary.perfect),
        Target::AtLeast(1.0),
    );
    // One would wish for all of them. Of some sixty ways to train them none got there, and those that got near made mistakes
    // in cases that were learned. With weights drawn at random, it is one network of fifty.
    report.check(
        format!("share of networks with a unit of opposite signs for {OPPOSITE} of {FAMILY} pairs"),
        share(summary.telling),
        Target::AtLeast(0.25),
    );
}

/// A network of a seed, which decides its weights and which cases are held out.
fn trained(cases: &[Case], seed: u64, asked: Option<(usize, usize)>, device: &Device) -> Result<Trained> {
    let (held_out, learned) = split(cases, &mut Random::new(seed, 1));
    let mut network = Network::drawn(&mut Random::new(seed, 0), device);
    let mut errors = Vec::new();
    let mut last = f64::NAN;
    network.train(&learned, SWEEPS, |sweep, error| {
        last = error;
        if sweep % BETWEEN == 0 {
            errors.push(digits(error));
        }
    })?;
    let right = |cases: &[Case]| -> Vec<bool> {
        cases.iter().zip(network.answers(cases)).map(|(case, output)| is_right(case, &output)).collect()
    };
    let count = |right: &[bool]| right.iter().filter(|&&right| right).count();
    let found = right(&held_out);
    let missed = held_out.iter().zip(&found).filter(|(_, right)| !**right);
    let missed = missed.map(|(case, _)| format!("{} {}", NAMES[case.person], RELATIONS[case.relation].1));
    let units: Vec<Unit> = network.units().into_iter().map(unit).collect();
    let most = |of: fn(&Unit) -> f64| units.iter().map(of).fold(0.0, f64::max);
    // Of several with as many pairs, the one whose weights the family explains best.
    let telling = |unit: &Unit| unit.opposite as f64 + unit.family;
    let best = units.iter().max_by(|a, b| telling(a).total_cmp(&telling(b)));
    let run = Run {
        seed,
        error: digits(last),
        errors,
        learned: count(&right(&learned)),
        held_out: count(&found),
        missed: missed.collect(),
        ranked: held_out
            .iter()
            .zip(network.answers(&held_out))
            .filter(|(case, output)| is_first(case, output))
            .count(),
        opposite: best.map_or(0, |unit| unit.opposite),
        telling: best.map_or(vec![], |unit| unit.weights.iter().map(|&weight| digits(weight)).collect()),
        family: most(|unit| unit.family),
        generation: most(|unit| unit.generation),
        branch: most(|unit| unit.branch),
        sex: most(|unit| unit.sex),
    };
    let answer = asked.and_then(|(person, relation)| {
        let case = Case { person, relation, answers: vec![] };
        let known = learned.iter().any(|case| (case.person, case.relation) == (person, relation));
        Some((network.answers(&[case]).pop()?, known))
    });
    Ok(Trained { run, units, answer })
}

/// As many digits as are worth being kept.
fn digits(value: f64) -> f64 {
    format!("{value:.4e}").parse().unwrap_or(value)
}

/// Some cases at random, and all others.
fn split(cases: &[Case], random: &mut Random) -> (Vec<Case>, Vec<Case>) {
    let mut rest = cases.to_vec();
    let held_out = (0..HELD_OUT).map(|_| rest.swap_remove(random.below(rest.len()))).collect();
    (held_out, rest)
}

fn told((person, relation): (usize, usize), all: &[Trained]) -> Asked {
    let answers: Vec<&(Vec<f64>, bool)> = all.iter().filter_map(|trained| trained.answer.as_ref()).collect();
    let ranked = |(one, name): (usize, &&str)| Ranked {
        name: (*name).to_owned(),
        output: answers.iter().map(|(output, _)| output[one]).sum::<f64>() / answers.len() as f64,
        networks: answers.iter().filter(|(output, _)| output[one] > 0.5).count(),
    };
    let mut ranking: Vec<Ranked> = NAMES.iter().enumerate().map(ranked).collect();
    ranking.sort_by(|a, b| b.output.total_cmp(&a.output));
    Asked {
        person: NAMES[person].to_owned(),
        relation: RELATIONS[relation].1.to_owned(),
        tree: tree::answers(person, relation).into_iter().map(|one| NAMES[one].to_owned()).collect(),
        unseen: answers.iter().filter(|(_, known)| !known).count(),
        ranking,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use train::device::DeviceName;

    use super::*;

    /// Its beginning alone: later, the last digits of single precision decide.
    #[test]
    fn the_committed_networks_begin_as_they_are_trained() {
        #[derive(Deserialize)]
        struct Stored {
            results: Results,
        }
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/src/figures/lab/family-trees/results.json");
        let Stored { results } = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let device = DeviceName::Flex.open().unwrap().autodiff();
        let cases = tree::cases();
        for run in &results.runs[..2] {
            let (_, learned) = split(&cases, &mut Random::new(run.seed, 1));
            let mut network = Network::drawn(&mut Random::new(run.seed, 0), &device);
            let mut errors = Vec::new();
            network.train(&learned, BETWEEN + 1, |_, error| errors.push(error)).unwrap();
            for (sweep, stored) in [(0, run.errors[0]), (BETWEEN, run.errors[1])] {
                let hint = "run `cargo run -p lab -- book family-trees`";
                assert!(
                    (errors[sweep] / stored - 1.0).abs() < 1e-3,
                    "{} is not {stored}: {hint}",
                    errors[sweep]
                );
            }
        }
        assert_eq!((results.sweeps, results.runs.len()), (SWEEPS, 20));
    }

    #[test]
    fn cases_are_split_without_loss() {
        let cases = tree::cases();
        let (held_out, learned) = split(&cases, &mut Random::new(3, 1));
        assert_eq!((held_out.len(), learned.len()), (HELD_OUT, 100));
        assert!(held_out.iter().all(|case| !learned.contains(case)));
    }
}
