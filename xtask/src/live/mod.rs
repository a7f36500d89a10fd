//! What runs in the book's pages: the trained models as programs, with their weights and with what each box of their
//! pictures has of them.
//!
//! Nothing is computed here, so Burn needs no backend that computes: a model is captured, and the numbers come from its
//! file. `target/book/live/NAME.js` holds what `crates/graph/player` carries out, and beside it is what turns text into
//! tokens; a page loads them when a reader asks for it.

mod captured;
mod models;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use graph::{ComputationGraph, Program};
use serde_json::Value;

use crate::catalogue::{Graphs, Look, Rendered, looks};
use crate::{diagrams, paths};

/// What turns text into tokens, in the order in which a page loads it.
const TOKENS: [&str; 2] = ["vendor/huggingface-tokenizers/tokenizers.js", "tokens.js"];

/// A trained model.
pub(crate) struct Live {
    name: &'static str,
    graph: ComputationGraph,
    program: Program,
    looks: Vec<Look>,
    /// What a page needs beside the program.
    extra: Value,
}

/// All models that run in the book, each captured with its weights.
pub(crate) fn models() -> Result<Vec<Live>> {
    let graphs = Graphs::new()?;
    let of = |model: &models::Model| {
        let live = Live::new(model, &graphs);
        live.with_context(|| format!("the model {} can't be brought to the page", model.name))
    };
    models::ALL.iter().map(of).collect()
}

impl Live {
    fn new(model: &models::Model, graphs: &Graphs) -> Result<Self> {
        let folder = paths::root().join("models").join(model.name);
        let config = models::json(&folder.join("config.json"))?;
        let (graph, mut program) = (model.capture)(&config)?;
        let weights = folder.join("model.safetensors");
        let weights = fs::read(&weights).with_context(|| format!("cannot read {}", weights.display()))?;
        program.set_safetensors(&weights)?;
        let extra = models::extra(model, &config, &folder)?;
        Ok(Self { name: model.name, graph, program, looks: looks(graphs, model.whole)?, extra })
    }

    /// The name of its file.
    fn file(&self) -> String {
        format!("{}.js", self.name)
    }

    /// Its pictures, as it was trained: `live-transformer-pre-norm` is that of the diagram `transformer-pre-norm`.
    fn figures(&self) -> Result<Vec<Rendered>> {
        let draw = |look: &Look| {
            let id = format!("live-{}", look.id);
            look.draw(&self.graph, id).with_context(|| format!("cannot draw {} of {}", look.id, self.name))
        };
        let figures: Vec<Rendered> = self.looks.iter().map(draw).collect::<Result<_>>()?;
        figures.iter().try_for_each(diagrams::measured)?;
        Ok(figures)
    }

    /// The script that gives it to the player.
    fn script(&self) -> Result<String> {
        let mut pictures = BTreeMap::new();
        for look in &self.looks {
            let (_, boxes) = self.program.view(&self.graph, &look.options())?;
            pictures.insert(look.id.clone(), boxes);
        }
        Ok(self.program.to_script(self.name, &self.graph, &pictures, &self.extra)?)
    }
}

/// The pictures of all models.
pub(crate) fn figures(models: &[Live]) -> Result<Vec<Rendered>> {
    models.iter().map(Live::figures).collect::<Result<Vec<_>>>().map(|figures| figures.concat())
}

/// Writes the scripts of all models, and those that turn text into tokens, into a folder. Says how large the models are.
pub(crate) fn write(models: &[Live], folder: &Path) -> Result<String> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let mut sizes = Vec::new();
    for model in models {
        let (path, script) = (folder.join(model.file()), model.script()?);
        fs::write(&path, &script).with_context(|| format!("cannot write {}", path.display()))?;
        sizes.push(format!("{} {:.1} MB", model.file(), script.len() as f64 / 1e6));
    }
    for script in TOKENS {
        let from = paths::docs().join("theme").join(script);
        let name = from.file_name().context("a script without a name")?.to_owned();
        fs::copy(&from, folder.join(name)).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(sizes.join(", "))
}

/// Whether a figure is one of a trained model: it is where a chapter asks for it, and nowhere else.
pub(crate) fn is_live(id: &str) -> bool {
    id.starts_with("live-")
}
