//! `{{#live NAME}}`: a figure that runs.
//!
//! What is on the page from the beginning is a picture, and a button that isn't to be seen. `docs/theme/live.js` shows it; all
//! else is asked for when it is pressed, and lies in the folder `live` beside the pages. Without script, the picture and the
//! text around it have to do.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use graph::player;

use super::figure;
use super::html::escape;
use crate::catalogue::Rendered;
use crate::paths;

/// A figure that runs.
struct Figure {
    name: &'static str,
    /// The diagram that it runs, of a trained model.
    diagram: &'static str,
    /// The model's file for the page, without its ending.
    model: &'static str,
    /// What is run, in words.
    title: &'static str,
}

const FIGURES: [Figure; 3] = [
    Figure {
        name: "translate",
        diagram: "transformer-pre-norm",
        model: "ding",
        title: "Live Figure 1: the translator",
    },
    Figure {
        name: "language",
        diagram: "language-model",
        model: "austen",
        title: "Live: the language model",
    },
    Figure {
        name: "attention",
        diagram: "language-model-self-attention-scaled-dot-product",
        model: "austen",
        title: "Live: attention, opened up",
    },
];

/// The figure as one block of HTML, or why there is none.
pub(super) fn figure(name: &str, diagrams: &[Rendered]) -> Result<String, String> {
    let names = || FIGURES.map(|live| live.name).join(", ");
    let live = FIGURES.iter().find(|live| live.name == name);
    let live = live.ok_or_else(|| format!("there is no live figure {name:?}; there are {}", names()))?;
    let Figure { diagram, model, title, .. } = live;
    let found = diagrams.iter().find(|found| found.id == format!("live-{diagram}"));
    let found = found.ok_or_else(|| format!("there is no diagram live-{diagram} that could run"))?;
    Ok(format!(
        "<section class=\"live\" id=\"live-{name}\" data-live=\"{name}\" data-model=\"{model}\" data-picture=\"{diagram}\" \
         aria-label=\"{title}\">\n\
         <div class=\"live-start\" hidden><button type=\"button\">Run it here</button>\n\
         <p>It asks for the model’s weights ({size}), and then everything is computed in this page.</p></div>\n\
         <div class=\"live-body\">\n\
         <figure class=\"live-figure\"><div class=\"drawing\" tabindex=\"0\">\n{drawing}\n</div>\n\
         <figcaption><b>{title}</b>, captured from the code with this model’s sizes.</figcaption></figure>\n</div>\n</section>\n",
        title = escape(title),
        size = megabytes(model),
        drawing = figure::alone(found),
    ))
}

/// How much is asked for: the weights as text take a third more than their file, or that file isn't there, and nobody knows.
fn megabytes(model: &str) -> String {
    let file = paths::root().join("models").join(model).join("model.safetensors");
    let bytes = fs::metadata(file).map_or(0, |file| file.len());
    format!("about {} MB", (bytes as f64 * 4.0 / 3.0 / 1e6).ceil())
}

/// Scripts of the figures, in the order in which they are carried out.
const FIGURE: [&str; 11] = [
    "program",
    "changes",
    "model",
    "picture",
    "panel",
    "desk",
    "stream",
    "translate",
    "language",
    "attention",
    "try",
];

/// Writes what every figure needs into a folder of the book: its scripts as one file, and their styles.
pub(super) fn write(folder: &Path) -> Result<()> {
    let mut all: Vec<String> = [player::RUN, player::LOOK, player::BARS]
        .concat()
        .iter()
        .map(|script| script.text.to_owned())
        .collect();
    for name in FIGURE {
        let path = paths::docs().join(format!("theme/live-{name}.js"));
        all.push(fs::read_to_string(&path).with_context(|| format!("cannot read {}", paths::shown(&path)))?);
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for (name, text) in [("all.js", all.join("\n").as_str()), ("panel.css", player::STYLE)] {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_one_block_of_html_without_links() {
        let picture = Rendered {
            id: "live-language-model".to_owned(),
            svg: "<svg>\n\n<a href=\"b.svg\" aria-label=\"b\"><rect/><g class=\"b\"></g></a></svg>"
                .to_owned(),
            ..Rendered::default()
        };
        let block = figure("language", &[picture]).unwrap();
        assert!(block.lines().all(|line| !line.trim().is_empty()), "{block}");
        for part in [
            "data-live=\"language\" data-model=\"austen\"",
            "<g class=\"around\"><rect/><g class=\"b\"></g></g>",
            "hidden",
        ] {
            assert!(block.contains(part), "{part} is missing in {block}");
        }
        assert!(!block.contains("href"), "{block}");
    }

    #[test]
    fn what_cannot_run_is_said() {
        assert_eq!(
            figure("hole", &[]).unwrap_err(),
            "there is no live figure \"hole\"; there are translate, language, attention"
        );
        assert!(figure("language", &[]).unwrap_err().contains("live-language-model"));
    }
}
