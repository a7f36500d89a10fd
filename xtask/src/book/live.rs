//! `{{#live NAME}}`: a figure that runs.
//!
//! What is on the page from the beginning is a picture and a button that isn't to be seen. `docs/theme/live.js` shows it; all
//! else is asked for when it is pressed. Without script, the text beside the figure has to do.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::figure;
use super::html::escape;
use crate::catalogue::Rendered;
use crate::paths;

/// A figure that runs.
struct Live {
    name: &'static str,
    /// The diagram that it runs.
    diagram: &'static str,
    /// The model's file for the page, without its ending.
    model: &'static str,
    /// What is said of the button.
    promise: &'static str,
}

const FIGURES: [Live; 3] = [
    Live {
        name: "translate",
        diagram: "transformer-pre-norm",
        model: "ding",
        promise: "It asks for the translator’s weights, and then computes everything in this page.",
    },
    Live {
        name: "language",
        diagram: "language-model",
        model: "austen",
        promise: "It asks for the language model’s weights, and then computes everything in this page.",
    },
    Live {
        name: "attention",
        diagram: "language-model-self-attention-scaled-dot-product",
        model: "austen",
        promise: "It asks for the language model’s weights, and then computes everything in this page.",
    },
];

/// The figure as one block of HTML, or why there is none.
pub(super) fn figure(name: &str, diagrams: &[Rendered]) -> Result<String, String> {
    let names = || FIGURES.map(|live| live.name).join(", ");
    let live = FIGURES.iter().find(|live| live.name == name);
    let live = live.ok_or_else(|| format!("there is no live figure {name:?}; there are {}", names()))?;
    let Live { diagram, model, promise, .. } = live;
    let found = diagrams.iter().find(|found| found.id == *diagram);
    let found = found.ok_or_else(|| format!("there is no diagram {diagram:?} that could run"))?;
    let drawing = figure::alone(found);
    Ok(format!(
        "<div class=\"live\" id=\"live-{name}\" data-live=\"{name}\" data-model=\"{model}\" data-picture=\"{diagram}\">\n\
         <div class=\"live-start\" hidden><button type=\"button\">Run it here</button>\n<p>{promise}</p></div>\n\
         <div class=\"live-body\">\n\
         <figure class=\"live-figure\"><div class=\"drawing\" tabindex=\"0\">\n{drawing}\n</div>\n\
         <figcaption><b>{title}</b>, as the code draws it.</figcaption></figure>\n</div>\n</div>\n",
        promise = escape(promise),
        title = escape(&found.title),
    ))
}

/// What is asked for when a button is pressed, beside the pages.
pub(super) const FOLDER: &str = "live";
/// The scripts of the figures, in the order in which they are carried out.
const SCRIPTS: [&str; 11] = [
    "program", "changes", "model", "picture", "panel", "desk", "stream", "translate", "language", "attention", "try",
];

/// Writes everything that runs into a folder of the book.
pub(super) fn write(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let theme = paths::docs().join("theme");
    let mut all = String::new();
    for name in SCRIPTS {
        let path = theme.join(format!("live-{name}.js"));
        all += &fs::read_to_string(&path).with_context(|| format!("cannot read {}", paths::shown(&path)))?;
    }
    let path = folder.join("all.js");
    fs::write(&path, all).with_context(|| format!("cannot write {}", path.display()))
}
