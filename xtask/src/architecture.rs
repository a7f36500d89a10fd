//! `cargo xtask diagrams --compare`: the model, held against what it was.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use graph::ComputationGraph;

use crate::{catalogue, paths};

/// The model's graph, as it is saved.
pub(crate) fn text() -> Result<String> {
    Ok(catalogue::architecture()?.to_json())
}

/// Fails if the model differs from the one that was saved, and says how.
pub(crate) fn compare(old: &Path) -> Result<()> {
    let name = paths::shown(old);
    let text = fs::read_to_string(old).with_context(|| format!("cannot read {}", old.display()))?;
    let saved = ComputationGraph::from_json(&text).with_context(|| format!("{name} holds no graph"))?;
    let now = catalogue::architecture()?;
    let comparison = graph::compare(&saved, &now).with_context(|| format!("cannot compare with {name}"))?;
    ensure!(
        comparison.is_same(),
        "the model is another than the one in {name}:\n{comparison}If that is meant, `cargo xtask diagrams` announces it."
    );
    println!("the model is the one in {name}");
    Ok(())
}
