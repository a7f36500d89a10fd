//! The diagrams: what is captured, and which view of it is drawn.

mod captures;
mod labels;
mod table;

use std::time::Instant;

use anyhow::{Context, Result};
use graph::view::ViewBox;
use graph::{BoxLinks, ComputationGraph, DrawOptions, Report, ViewOptions, compare_scopes, draw};

use captures::{Captured, capture};
use labels::labels;
use table::CATALOGUE;

/// A diagram, drawn.
#[derive(Clone, Debug)]
pub(crate) struct Rendered {
    /// Name of its files, and prefix of the ids in it.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) svg: String,
    /// The same content as an HTML list.
    pub(crate) text: String,
    /// What was measured on it.
    pub(crate) report: Report,
    /// In pixels.
    pub(crate) width: f64,
}

struct Diagram {
    id: &'static str,
    /// The diagram that it is a part of.
    up: Option<&'static str>,
    title: &'static str,
    description: &'static str,
    captured: Captured,
    /// What it is drawn beside, with marks on what differs.
    against: Option<Against>,
    view: fn(ViewOptions<'static>) -> ViewOptions<'static>,
    /// Whether the file and line that made a box stand in it, and the shape of what leaves it.
    detailed: bool,
}

/// The other side of a diagram of two.
struct Against {
    /// What is on the left.
    captured: Captured,
    /// The scope that is compared on the left, and on the right.
    scopes: [&'static str; 2],
    titles: [&'static str; 2],
}

/// The graph that is saved, so that no change of the model's architecture goes unnoticed.
pub(crate) fn architecture() -> Result<ComputationGraph> {
    // Where the code stands is no part of it.
    Ok(capture(Captured::PostNorm)?.without_sources())
}

/// All diagrams of `diagrams/`, drawn.
pub(crate) fn render_all() -> Result<Vec<Rendered>> {
    let mut graphs: Vec<(Captured, ComputationGraph)> = Vec::new();
    for captured in Captured::ALL {
        graphs.push((captured, capture(captured)?));
    }
    let graph_of = |wanted: Captured| {
        let found = graphs.iter().find(|(captured, _)| *captured == wanted);
        found.map(|(_, graph)| graph).context("a diagram of something that is not captured")
    };
    let render = |diagram: &Diagram| {
        let left = diagram.against.as_ref().map(|against| graph_of(against.captured)).transpose()?;
        let rendered = diagram.render(graph_of(diagram.captured)?, left);
        rendered.with_context(|| format!("cannot draw the diagram {}", diagram.id))
    };
    CATALOGUE.iter().map(render).collect()
}

/// Any scope of the model, drawn on demand.
pub(crate) fn render_scope(path: &str, depth: usize) -> Result<Rendered> {
    let graph = capture(Captured::PostNorm)?;
    let options = ViewOptions::new().root(if path.is_empty() { String::new() } else { format!("**/{path}") });
    let view = graph.view(&options.depth(depth).labels(labels))?;
    let drawing = draw(&view, &DrawOptions::new("open").links(|found| links("open", found)))?;
    Ok(Rendered {
        id: "open".to_owned(),
        title: view.title,
        description: view.description,
        svg: drawing.svg,
        text: drawing.text,
        report: drawing.report,
        width: drawing.width,
    })
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

impl Diagram {
    fn render(&self, graph: &ComputationGraph, left: Option<&ComputationGraph>) -> Result<Rendered> {
        let view = || (self.view)(ViewOptions::new().labels(labels));
        // A heading of the book may have the diagram's name.
        let id = format!("diagram-{}", self.id);
        let options = DrawOptions::new(&id)
            .sources(self.detailed)
            .shapes(self.detailed)
            .trail(self.trail())
            .links(|found| links(self.id, found));
        let drawing = match (left, &self.against) {
            (Some(left), Some(Against { scopes, titles, .. })) => {
                let [ours, theirs] = [0, 1].map(|side| view().root(scopes[side]).title(titles[side]));
                let comparison = compare_scopes((left, scopes[0]), (graph, scopes[1]))?;
                comparison.draw(&ours, &theirs, &options)?
            }
            _ => draw(&graph.view(&view().title(self.title).description(self.description))?, &options)?,
        };
        let text = |text: &str| text.to_owned();
        Ok(Rendered {
            id: text(self.id),
            title: text(self.title),
            description: text(self.description),
            svg: drawing.svg,
            text: drawing.text,
            report: drawing.report,
            width: drawing.width,
        })
    }

    /// Title and file of each diagram that this one is a part of, the whole first.
    fn trail(&self) -> Vec<(String, String)> {
        let above = |id: &str| CATALOGUE.iter().find(|diagram| diagram.id == id);
        let levels = std::iter::successors(self.up.and_then(above), |diagram| diagram.up.and_then(above));
        let mut trail: Vec<_> =
            levels.map(|diagram| (diagram.title.to_owned(), format!("{}.svg", diagram.id))).collect();
        trail.reverse();
        trail
    }
}

/// Where a box leads when the picture is looked at in the repository: down to the diagram that opens it, and to the
/// line of code. The book's preprocessor turns both into links within the book.
fn links(drawn: &str, found: &ViewBox) -> BoxLinks {
    let down = opened_by(&found.key).filter(|id| *id != drawn).map(|id| format!("{id}.svg"));
    let source = found.source.as_ref().map(|source| format!("../{}#L{}", source.file, source.line));
    BoxLinks { down, source }
}

/// The diagram that shows what is inside the box with this key.
fn opened_by(key: &str) -> Option<&'static str> {
    let name = key.rsplit('/').next()?.split('.').next()?;
    Some(match name {
        _ if key.starts_with("input:") || key.starts_with("output:") => return None,
        "layer" if key.contains("decoder/") => "decoder-layer",
        "layer" => "encoder-layer",
        "multi_head_attention" => "multi-head-attention",
        "attention" => "scaled-dot-product-attention",
        "feed_forward" => "feed-forward",
        "embedding" => "embeddings",
        "generator" => "generator",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use super::*;

    /// The keys of all boxes that are drawn anywhere.
    fn drawn() -> BTreeSet<String> {
        let graphs = Captured::ALL.map(|captured| (captured, capture(captured).unwrap()));
        let keys = RefCell::new(BTreeSet::new());
        let link = |found: &ViewBox| {
            keys.borrow_mut().insert(found.key.clone());
            BoxLinks::default()
        };
        for diagram in CATALOGUE {
            let (_, graph) = graphs.iter().find(|(captured, _)| *captured == diagram.captured).unwrap();
            let view = graph.view(&(diagram.view)(ViewOptions::new().labels(labels))).unwrap();
            draw(&view, &DrawOptions::new(diagram.id).links(link)).unwrap();
        }
        keys.into_inner()
    }

    #[test]
    fn every_diagram_is_clean() {
        let rendered = render_all().unwrap();
        assert_eq!(rendered.len(), CATALOGUE.len());
        for diagram in rendered {
            assert_eq!(diagram.report.faults(), 0, "{}: {}", diagram.id, diagram.report);
            // Fit for a page: nothing crosses, and it is neither a ribbon nor a megabyte. What shows every operation
            // is longer, and two of its lines cross.
            let every = diagram.id.ends_with("operations");
            let two = CATALOGUE.iter().any(|found| found.id == diagram.id && found.against.is_some());
            let (cross, least, most) = if every { (1, 0.2, 60_000) } else { (0, 0.25, 35_000) };
            let widest = if two { 2.0 } else { 1.6 };
            let Report { crossings, aspect, bytes, .. } = diagram.report;
            let fits = crossings <= cross && (least..widest).contains(&aspect) && bytes < most;
            assert!(fits, "{}: {}", diagram.id, diagram.report);
        }
    }

    #[test]
    fn the_counts_are_those_of_the_paper() {
        for (captured, norms) in [(Captured::PostNorm, 30), (Captured::PreNorm, 32)] {
            let graph = capture(captured).unwrap();
            // One softmax more than the 18 of attention: the one on top.
            let counts = ["matmul", "softmax", "relu", "layer_norm"].map(|kind| graph.count(kind));
            assert_eq!(counts, [133, 18 + 1, 12, norms], "{captured:?}");
            assert_eq!(graph.residual_additions(), 30, "{captured:?}");
        }
    }

    #[test]
    fn drawing_twice_gives_the_same_bytes() {
        let (first, second) = (render_all().unwrap(), render_all().unwrap());
        for (a, b) in first.iter().zip(&second) {
            assert_eq!((&a.svg, &a.text), (&b.svg, &b.text), "{}", a.id);
        }
    }

    #[test]
    fn a_box_leads_down_to_the_diagram_that_opens_it() {
        let of = |key: &str| opened_by(key);
        assert_eq!(of("transformer/decoder/layer.0"), Some("decoder-layer"));
        assert_eq!(
            of("transformer/stack/layer.3/sublayer.0/multi_head_attention"),
            Some("multi-head-attention")
        );
        assert_eq!(of("transformer/stack/layer.0/sublayer.0/add_norm"), None);
    }

    /// Every name in [`opened_by`] is that of a box which is drawn, and leads to a diagram which there is.
    #[test]
    fn what_boxes_lead_to_is_there() {
        let keys = drawn();
        let opened: BTreeSet<&str> = keys.iter().filter_map(|key| opened_by(key)).collect();
        let there: BTreeSet<&str> = CATALOGUE.iter().map(|diagram| diagram.id).collect();
        assert!(opened.is_subset(&there), "{opened:?} is not among {there:?}");
        let expected = [
            "decoder-layer",
            "embeddings",
            "encoder-layer",
            "feed-forward",
            "generator",
            "multi-head-attention",
            "scaled-dot-product-attention",
        ];
        assert_eq!(opened, BTreeSet::from(expected), "of the boxes {keys:#?}");
        // A diagram's id is no key.
        assert_eq!(expected.map(opened_by), [None, None, None, None, Some("generator"), None, None]);
    }
}
