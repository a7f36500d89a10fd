//! The pictures of a model that was captured elsewhere, such as one that was trained: those of the catalogue that show the
//! same code.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use graph::view::View;
use graph::{ComputationGraph, DrawOptions, Style, Subject, SubjectKind, ViewOptions, draw};

use super::atlas::{Atlas, SheetId};
use super::captures::Graphs;
use super::diagram::Diagram;
use super::labels::{labels, labels_with_masks};
use super::{Rendered, line, made, place, wide_and_narrow};

/// A place, and how the catalogue shows it.
pub(crate) struct Look {
    /// The diagram of the catalogue.
    pub(crate) id: String,
    diagram: Diagram,
}

/// All places of the model whose whole is the diagram `whole`, each as its own diagram shows it, the whole first.
pub(crate) fn looks(graphs: &Graphs, whole: &str) -> Result<Vec<Look>> {
    let atlas = Atlas::new(graphs)?;
    let found = atlas.sheets.iter().find(|sheet| sheet.diagram.id == whole);
    let captured = found.with_context(|| format!("there is no diagram {whole:?}"))?.diagram.captured;
    // Equal places have one sheet: it is the first of them that it shows.
    let places = atlas.places_of(captured);
    let mut first: BTreeMap<SheetId, &str> = BTreeMap::new();
    for (path, &sheet) in &places {
        first.entry(sheet).or_insert(path);
    }
    let mut looks: Vec<Look> = first
        .into_iter()
        .map(|(sheet, path)| {
            let diagram = &atlas.sheets[sheet].diagram;
            let diagram = Diagram { captured, path: path.to_owned(), ..diagram.clone() };
            Look { id: diagram.id.clone(), diagram }
        })
        .filter(|look| look.diagram.shown.against.is_none())
        .collect();
    looks.sort_by(|a, b| (&a.diagram.path, &a.id).cmp(&(&b.diagram.path, &b.id)));
    Ok(looks)
}

impl Look {
    /// How it is shown. In the whole, an output `logits` is there for who carries the program out, and not in the picture.
    pub(crate) fn options(&self) -> ViewOptions<'static> {
        let Diagram { title, description, path, shown, .. } = &self.diagram;
        let named = if shown.masks { labels_with_masks } else { labels };
        let is_whole = path.is_empty();
        let options = shown.options(path).title(title).labels(move |subject: &Subject<'_>| {
            match (subject.what, subject.name) {
                (SubjectKind::Output, "logits") if is_whole => Some(Style::hidden()),
                _ => named(subject),
            }
        });
        // What the catalogue says of a whole is about another model: it has other layers.
        if description.is_empty() || is_whole { options } else { options.description(description) }
    }

    /// The picture of another model with this code, under a name of its own. Its boxes lead nowhere.
    pub(crate) fn draw(&self, graph: &ComputationGraph, id: String) -> Result<Rendered> {
        let view = graph.view(&self.options())?;
        let drawn = |options: DrawOptions<'_>| Ok(draw(&view, &options)?);
        let (drawing, narrow) = wide_and_narrow(&format!("diagram-{id}"), self.diagram.shown, drawn)?;
        let code = view.boxes[View::ROOT].source.as_ref();
        Ok(Rendered {
            id,
            title: self.diagram.title.clone(),
            description: view.description.clone(),
            above: Vec::new(),
            code: code.map(|source| (line(source), place(source))),
            svg: drawing.svg,
            width: drawing.width,
            narrow,
            text: drawing.text,
            picture: graph::Picture::of(&view),
            report: drawing.report,
            boxes: made::boxes(graph, &self.options(), "")?,
            place: None,
            questions: Vec::new(),
        })
    }
}
