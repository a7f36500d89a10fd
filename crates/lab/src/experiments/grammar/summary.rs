//! What is told of all networks together.

use serde::{Deserialize, Serialize};

use super::ask::{Given, Questions};
use super::items::Item;
use super::{Run, Shares};
use crate::contract::spread::Spread;

/// What is told of all networks together.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Summary {
    pub(super) networks: usize,
    /// By the number of attractors.
    pub(super) rows: Vec<Row>,
    pub(super) second: Of,
    /// How far the trigram is from a half where nouns stand between, at its farthest.
    pub(super) trigram_off: f64,
    /// The loss per token in nats at the end, of sentences that weren't learned from.
    pub(super) nll: Spread,
    /// The weight of the subject in the head that looks at it most, before the verb, with as many attractors as were learned; and
    /// what it would be if all words had the same.
    pub(super) on_subject: Spread,
    pub(super) even: Spread,
}

/// The share that is answered right, of questions with so many attractors.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) attractors: usize,
    /// Subjects and verbs that were never seen together in this frame.
    pub(super) network: Spread,
    pub(super) trigram: Spread,
    /// Where all attractors have the other number: how many such questions there are, and both shares.
    pub(super) opposed: Option<Opposed>,
    /// Subjects and verbs that were never seen together.
    pub(super) strangers: Of,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Opposed {
    pub(super) items: usize,
    pub(super) network: Spread,
    pub(super) trigram: Spread,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Of {
    pub(super) network: Spread,
    pub(super) trigram: Spread,
}

impl Of {
    fn these<'a>(shares: impl Iterator<Item = &'a Shares> + Clone) -> Self {
        Self {
            network: Spread::of(shares.clone().map(|shares| shares.network)),
            trigram: Spread::of(shares.map(|shares| shares.trigram)),
        }
    }
}

impl Summary {
    pub(super) fn of(runs: &[Run], given: &[Given], questions: &Questions) -> Self {
        let row = |(attractors, items): (usize, &Vec<Item>)| {
            let shares = runs.iter().map(|run| &run.unseen[attractors]);
            let Of { network, trigram } = Of::these(shares.clone());
            let opposed: Option<Vec<[f64; 2]>> = shares.map(|shares| shares.opposed).collect();
            Row {
                attractors,
                network,
                trigram,
                opposed: opposed.map(|shares| Opposed {
                    items: items.iter().filter(|item| item.opposed).count(),
                    network: Spread::of(shares.iter().map(|both| both[0])),
                    trigram: Spread::of(shares.iter().map(|both| both[1])),
                }),
                strangers: Of::these(runs.iter().map(|run| &run.strangers[attractors])),
            }
        };
        let between = runs.iter().flat_map(|run| {
            let rows = run.unseen.iter().skip(1).chain(run.strangers.iter().skip(1));
            rows.chain([&run.second]).map(|shares| shares.trigram - 0.5)
        });
        Self {
            networks: runs.len(),
            rows: questions.unseen.iter().enumerate().map(row).collect(),
            second: Of::these(runs.iter().map(|run| &run.second)),
            trigram_off: between.fold(0.0, |most: f64, off| if off.abs() > most.abs() { off } else { most }),
            nll: Spread::of(runs.iter().map(|run| run.nll)),
            on_subject: Spread::of(given.iter().map(|given| given.gaze.most)),
            even: Spread::of(given.iter().map(|given| given.gaze.even)),
        }
    }
}
