//! The trophy doesn't fit into the suitcase because *it* is too large. What is too large? English doesn't say, but German
//! has to: *sie* is the trophy, *er* the suitcase. So a translation shows how a sentence was understood (Winograd 1972;
//! Levesque et al. 2012).
//!
//! Small translators learn a language of such sentences, and are asked about pairs of nouns that they never met together:
//! by scores, as ContraPro does, and by what they write. Then it is asked where in a network the decision is made, by
//! patching: one tensor of the run with the other adjective at a time.

mod asked;
mod attention;
mod diagram;
mod figures;
mod nouns;
mod patching;
mod program;
mod sentences;
mod sets;
mod summary;
mod tables;
mod told;
mod training;
mod words;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use burn::module::Module;
use serde::{Deserialize, Serialize};

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::random::Random;
use crate::contract::report::{Report, Target};
use crate::contract::seeds::Seeds;

use asked::{Shares, Translator};
use attention::{Attended, Looks};
use nouns::Role;
use patching::Patched;
use sets::{Kind, Sets};
use summary::{Language, Network, Summary};
use told::Answer;
use training::{Example, Plan, STEPS};
use words::{BOS, EOS, Words};

/// The stream of random numbers that the sentences are drawn from.
const SENTENCES: u64 = 1;
/// Steps between two losses that are told.
const BETWEEN: usize = 50;
/// How a network's time is divided: training, what it is asked, patching.
const SHARES: [f64; 3] = [0.85, 0.05, 0.1];

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct Winograd {
    /// Networks to train, each with the next seed: other weights, and other pairs of nouns held out.
    #[arg(long, default_value = "5")]
    seeds: Seeds<100>,
    /// An English sentence to translate, in words of the language that they learn.
    #[arg(long, value_name = "SENTENCE")]
    text: Option<String>,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    language: Language,
    network: Network,
    runs: Vec<Run>,
    summary: Summary,
    /// What the first network makes of the trophy and the suitcase.
    examples: Vec<told::Example>,
    /// Where its pronoun looks, with the adjective that means the trophy, and with the other.
    looks: [Looks; 2],
    /// The answer to the reader's sentence.
    answer: Option<Answer>,
}

/// A network, and what came of it.
#[derive(Debug, Serialize, Deserialize)]
struct Run {
    seed: u64,
    /// Nats a word, every [`BETWEEN`] steps.
    losses: Vec<f64>,
    asked: BTreeMap<Kind, Shares>,
    attended: Attended,
    patched: Patched,
}

/// A network that has learned, with what is only told of the first one.
struct Learned {
    run: Run,
    translator: Translator,
    language: Language,
    network: Network,
}

impl Experiment for Winograd {
    const NAME: &'static str = "winograd";
    const SUMMARY: &'static str =
        "the trophy doesn't fit into the suitcase because it is too large: what is?";
    type Results = Results;
    const PARTS: &'static [fn(&Results, &mut Report)] = &[check, figures::add, tables::add];

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let seeds = self.seeds.count();
        let text = self.text.as_deref().map(|text| readable(text, lab.seed)).transpose()?;
        let mut all = Vec::new();
        for (n, seed) in self.seeds.starting_at(lab.seed).into_iter().enumerate() {
            let told = |share: f64, what: &str| {
                let what = format!("network {} of {seeds}, {what}", n + 1);
                lab.progress.at((n as f64 + share) / seeds as f64, &what);
            };
            all.push(learned(seed, lab, told)?);
        }
        let translators: Vec<&Translator> = all.iter().map(|learned| &learned.translator).collect();
        let answer = text.map(|text| told::answer(&text, &translators)).transpose()?;
        let first = translators[0];
        let examples = told::examples(first)?;
        let twins = told::trophy();
        let looks = [
            attention::looks(first, &twins, Role::Thing)?,
            attention::looks(first, &twins, Role::Container)?,
        ];
        let (language, network) = (all[0].language.clone(), all[0].network.clone());
        let runs: Vec<Run> = all.into_iter().map(|learned| learned.run).collect();
        let summary = Summary::of(&runs);
        Ok(Results { language, network, runs, summary, examples, looks, answer })
    }
}

fn check(results: &Results, report: &mut Report) {
    let asked = |kind: Kind| results.summary.asked.get(&kind);
    let mean = |kind: Kind, of: fn(&summary::Spreads) -> f64| asked(kind).map_or(f64::NAN, of);
    report.check(
        "unseen pairs: share in which the true pronoun scores best",
        mean(Kind::Unseen, |of| of.scored.mean),
        Target::AtLeast(0.95),
    );
    report.check(
        "unseen pairs: share in which it is written",
        mean(Kind::Unseen, |of| of.right.mean),
        Target::AtLeast(0.95),
    );
    report.check(
        "without the adjective: share in which the true pronoun scores best",
        mean(Kind::Without, |of| of.scored.mean),
        Target::Near(0.5, 0.05),
    );
    let of_runs = |of: fn(&Patched) -> f64| results.runs.iter().map(move |run| of(&run.patched));
    let furthest = |values: &mut dyn Iterator<Item = f64>| {
        crate::contract::report::largest(values.map(|value| (value - 1.0).abs()))
    };
    report.check(
        "patching: what the adjective's embedding brings, furthest from all",
        furthest(&mut of_runs(|patched| patched.encoder[0].iter().sum())),
        Target::AtMost(1e-3),
    );
    report.check(
        "patching: what the last vector of the decoder brings, furthest from all",
        furthest(&mut of_runs(|patched| last(&patched.decoder))),
        Target::AtMost(1e-3),
    );
}

/// The last number of the last row.
fn last(rows: &[Vec<f64>]) -> f64 {
    rows.last().and_then(|row| row.last()).copied().unwrap_or(f64::NAN)
}

/// The sentence of the reader, once it is certain that the networks will know its words.
fn readable(text: &str, seed: u64) -> Result<String> {
    let text = words::typed(text).context("--text can't be used")?;
    let (english, _) = vocabularies(&Sets::drawn(&mut Random::new(seed, SENTENCES)));
    english.ids(&text).context("--text can't be used")?;
    Ok(text)
}

fn vocabularies(sets: &Sets) -> (Words, Words) {
    let english = Words::of(sets.training.iter().map(|(english, _)| english.as_str()));
    let german = Words::of(sets.training.iter().map(|(_, german)| german.as_str()));
    (english, german)
}

/// Ids of what is read and of what is to be written.
fn examples(sets: &Sets, english: &Words, german: &Words) -> Result<Vec<Example>> {
    let example = |(read, written): &(String, String)| {
        let (read, written) = (english.ids(read)?, german.ids(written)?);
        Ok(([&read[..], &[EOS]].concat(), [&[BOS], &written[..], &[EOS]].concat()))
    };
    sets.training.iter().map(example).collect()
}

/// As many digits as are worth being kept.
fn digits(value: f64) -> f64 {
    format!("{value:.4e}").parse().unwrap_or(value)
}

/// A network of a seed, which decides its weights and which pairs of nouns are held out.
fn learned(seed: u64, lab: &Lab, told: impl Fn(f64, &str)) -> Result<Learned> {
    let sets = Sets::drawn(&mut Random::new(seed, SENTENCES));
    let (english, german) = vocabularies(&sets);
    let sizes = training::sizes(english.size(), german.size());
    let examples = examples(&sets, &english, &german)?;
    let [training_share, asking_share, patching_share] = SHARES;
    let (mut losses, mut step) = (Vec::new(), 0);
    let plan = Plan { seed, steps: STEPS };
    let model = training::trained(&examples, &sizes, plan, &lab.device, |done, nll| {
        told(training_share * done, &format!("training: {nll:.3} nats a word"));
        if step % BETWEEN == 0 {
            losses.push(digits(nll));
        }
        step += 1;
    })?;
    let language = Language::of(&sets, &english, &german);
    let network = Network::of(&sizes, model.num_params());
    let translator = Translator { model, english, german, device: lab.device.clone() };
    let mut asked = BTreeMap::new();
    for (n, (kind, twins)) in sets.asked.iter().enumerate() {
        let share = n as f64 / sets.asked.len() as f64;
        told(training_share + asking_share * share, kind.shown());
        asked.insert(*kind, translator.shares(twins)?);
    }
    let unseen = &sets.asked[&Kind::Unseen];
    let attended = attention::attended(&translator, unseen)?;
    let patched = patching::patched(&translator, &sizes, unseen, |share| {
        told(1.0 - patching_share * (1.0 - share), "patching");
    })?;
    Ok(Learned { run: Run { seed, losses, asked, attended, patched }, translator, language, network })
}

#[cfg(test)]
mod tests;
