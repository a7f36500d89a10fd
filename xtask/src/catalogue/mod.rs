//! The diagrams: what is captured, which view of it is drawn, and where its boxes lead.

mod alike;
mod atlas;
mod captures;
mod covered;
mod diagram;
mod labels;
mod lines;
mod made;
mod names;
mod parallel;
mod place;
mod table;
#[cfg(test)]
mod tests;
mod trained;

use std::time::Instant;

use anyhow::{Context, Result, bail};
use graph::view::{Source, View, ViewBox};
use graph::{
    BoxLinks, ComputationGraph, DrawOptions, Drawing, Question, Report, ViewOptions, draw, questions,
};

use atlas::{Atlas, Lead, SheetId};
use captures::{Captured, capture};
pub(crate) use captures::{Graphs, size};
pub(crate) use covered::{Covered, Picture, pictures};
use diagram::Shown;
use labels::labels;
pub(crate) use lines::lines;
pub(crate) use made::Made;
pub(crate) use place::Whereabouts;
pub(crate) use trained::{Look, looks};

/// A diagram, drawn.
#[derive(Clone, Debug)]
#[cfg_attr(test, derive(Default))]
pub(crate) struct Rendered {
    /// Name of its files, and prefix of the ids in it.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    /// Names of the diagrams above it, the whole first.
    pub(crate) above: Vec<String>,
    /// The code that it shows, as a link from `diagrams/`, and what that is called.
    pub(crate) code: Option<(String, String)>,
    pub(crate) svg: String,
    /// Width of the picture in pixels.
    pub(crate) width: f64,
    /// The same for a narrow page, if that is another picture.
    pub(crate) narrow: Option<Narrow>,
    /// The same content as an HTML list.
    pub(crate) text: String,
    /// The same as what is to be redrawn from memory.
    pub(crate) picture: graph::Picture,
    /// What was measured on it.
    pub(crate) report: Report,
    /// What made its boxes.
    pub(crate) boxes: Vec<Made>,
    /// Where it is in the whole, if it isn't the whole.
    pub(crate) place: Option<Whereabouts>,
    /// What it can be asked; a picture of two sides is asked nothing.
    pub(crate) questions: Vec<Question>,
}

/// A picture for narrow pages, which is in the book alone.
#[derive(Clone, Debug)]
pub(crate) struct Narrow {
    pub(crate) svg: String,
    pub(crate) report: Report,
}

/// What a phone has room for: pictures that are wider are drawn again, narrower.
const PHONE: f64 = 335.0;

/// The graph that is saved, so that no change of the model's architecture goes unnoticed.
pub(crate) fn architecture() -> Result<ComputationGraph> {
    // Where the code stands is no part of it.
    Ok(capture(Captured::PostNorm)?.without_sources())
}

/// All diagrams of `diagrams/`, drawn.
pub(crate) fn render_all(graphs: &Graphs) -> Result<Vec<Rendered>> {
    let atlas = Atlas::new(graphs)?;
    let render = |sheet: SheetId| {
        let rendered = render(&atlas, sheet);
        rendered.with_context(|| format!("cannot draw the diagram {}", atlas.sheets[sheet].diagram.id))
    };
    parallel::each(&(0..atlas.sheets.len()).collect::<Vec<_>>(), |&sheet| render(sheet))
}

fn render(atlas: &Atlas<'_>, sheet: SheetId) -> Result<Rendered> {
    let atlas::Sheet { diagram, view, .. } = &atlas.sheets[sheet];
    let above = |sheet: &SheetId| {
        let diagram = &atlas.sheets[*sheet].diagram;
        (diagram.name.clone(), format!("{}.svg", diagram.id))
    };
    let trail: Vec<_> = atlas.trail(sheet).iter().map(above).collect();
    // A heading of the book may have the diagram's name.
    let id = format!("diagram-{}", diagram.id);
    let compared = diagram.compared(atlas.graphs)?;
    let drawn = |options: DrawOptions<'_>| -> Result<Drawing> {
        let options = options.trail(trail.clone()).links(|found| links(atlas, sheet, found));
        Ok(match &compared {
            Some((comparison, [left, right])) => comparison.draw(left, right, &options)?,
            None => draw(view, &options)?,
        })
    };
    let (drawing, narrow) = wide_and_narrow(&id, diagram.shown, drawn)?;
    let code = view.boxes[View::ROOT].source.as_ref().map(|source| (line(source), place(source)));
    Ok(Rendered {
        id: diagram.id.clone(),
        title: diagram.title.clone(),
        description: view.description.clone(),
        above: trail.into_iter().map(|(name, _)| name).collect(),
        code,
        svg: drawing.svg,
        width: drawing.width,
        narrow,
        text: drawing.text,
        picture: graph::Picture::of(view),
        report: drawing.report,
        boxes: diagram.boxes(atlas.graphs)?,
        place: place::whereabouts(atlas, sheet),
        questions: if compared.is_none() { questions(view) } else { Vec::new() },
    })
}

/// The picture, and another where a phone has no room for it.
fn wide_and_narrow(
    id: &str,
    shown: Shown,
    drawn: impl Fn(DrawOptions<'_>) -> Result<Drawing>,
) -> Result<(Drawing, Option<Narrow>)> {
    let Shown { detailed, stacked, .. } = shown;
    let drawing = drawn(DrawOptions::new(id).sources(detailed).shapes(detailed).stacked(stacked))?;
    let narrow = (drawing.width > PHONE)
        .then(|| drawn(DrawOptions::new(format!("{id}-narrow")).narrow().shapes(detailed)));
    let narrow = narrow.transpose()?.filter(|narrow| narrow.width < drawing.width);
    Ok((drawing, narrow.map(|Drawing { svg, report, .. }| Narrow { svg, report })))
}

/// Where a box leads when the picture is looked at in the repository: to the diagram of its inside, or of what is
/// around it, and to the line of code. The book's preprocessor turns both into links within the book.
fn links(atlas: &Atlas<'_>, sheet: SheetId, found: &ViewBox) -> BoxLinks {
    let source = found.source.as_ref().map(line);
    let Some(lead) = atlas.lead(sheet, found) else { return BoxLinks { source, ..BoxLinks::default() } };
    let (Lead::Down(to) | Lead::Up(to)) = lead;
    let to = &atlas.sheets[to].diagram;
    let says = match lead {
        Lead::Down(_) => format!("{}: see {}", found.label, to.title),
        Lead::Up(_) => format!("{}: up to {}", found.label, to.title),
    };
    BoxLinks { down: Some(format!("{}.svg", to.id)), source, says: Some(says) }
}

/// A line of code as a link from `diagrams/`.
fn line(source: &Source) -> String {
    format!("../{}#L{}", source.file, source.line)
}

/// File and line, as boxes have it.
fn place(source: &Source) -> String {
    let file = source.file.rsplit('/').next().unwrap_or(&source.file);
    format!("{file}:{}", source.line)
}

/// What a diagram shows. Of two sides, it is the second.
pub(crate) fn view(graphs: &Graphs, id: &str) -> Result<View> {
    let atlas = Atlas::new(graphs)?;
    let mut names: Vec<&str> = atlas.sheets.iter().map(|sheet| sheet.diagram.id.as_str()).collect();
    names.sort_unstable();
    match atlas.sheets.iter().find(|sheet| sheet.diagram.id == id) {
        Some(sheet) => Ok(sheet.view.clone()),
        None => bail!("there is no diagram {id:?}; there are {}", names.join(", ")),
    }
}

/// Any scope of the model, drawn on demand.
pub(crate) fn render_scope(path: &str, depth: usize) -> Result<(String, Report)> {
    let graph = capture(Captured::PostNorm)?;
    let options = ViewOptions::new().root(if path.is_empty() { String::new() } else { format!("**/{path}") });
    let view = graph.view(&options.depth(depth).labels(labels))?;
    let code = |found: &ViewBox| BoxLinks { source: found.source.as_ref().map(line), ..BoxLinks::default() };
    let drawing = draw(&view, &DrawOptions::new("open").links(code))?;
    Ok((drawing.svg, drawing.report))
}

/// What drawing a whole model costs.
pub(crate) struct Timed {
    pub(crate) operations: usize,
    /// For capturing, for the view, for the drawing.
    pub(crate) seconds: [f64; 3],
    /// The same graph for Graphviz.
    pub(crate) dot: String,
}

/// Captures and draws a model of that many layers, down to the operation and nothing folded.
pub(crate) fn draw_everything(layers: usize) -> Result<Timed> {
    let mut seconds = [0.0; 3];
    let mut started = Instant::now();
    let mut lap = |place: usize| {
        seconds[place] = started.elapsed().as_secs_f64();
        started = Instant::now();
    };
    let graph = captures::deep(layers)?;
    lap(0);
    let options = ViewOptions::new().depth(99).every_operation().fold_repeats(false);
    let view = graph.view(&options)?;
    lap(1);
    draw(&view, &DrawOptions::new("everything"))?;
    lap(2);
    Ok(Timed { operations: graph.operation_count(), seconds, dot: graph.to_dot() })
}
