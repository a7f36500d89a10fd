//! All diagrams together: they are fit to be seen, and every box leads to its own inside.

use std::collections::BTreeSet;

use graph::{ComputationGraph, Node};

use super::table::TABLE;
use super::*;

#[test]
fn every_diagram_is_clean() {
    let rendered = render_all(&Graphs::new().unwrap()).unwrap();
    let pairs: Vec<_> =
        TABLE.iter().filter(|entry| entry.shown.against.is_some()).map(|entry| entry.id).collect();
    let ids: BTreeSet<_> = rendered.iter().map(|diagram| &diagram.id).collect();
    assert_eq!(rendered.len(), ids.len());
    for diagram in rendered {
        assert_eq!(diagram.report.faults(), 0, "{}: {}", diagram.id, diagram.report);
        // Fit for a page: nothing crosses, and it is neither a ribbon nor a megabyte. What shows every operation
        // is longer, and two of its lines cross.
        let every = diagram.id.ends_with("operations");
        let (cross, least, most) = if every { (1, 0.2, 80_000) } else { (0, 0.25, 40_000) };
        let Report { crossings, aspect, bytes, .. } = diagram.report;
        // Two pictures stand side by side.
        let widest = if pairs.contains(&diagram.id.as_str()) { 2.0 } else { 1.6 };
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
    let (first, second) =
        (render_all(&Graphs::new().unwrap()).unwrap(), render_all(&Graphs::new().unwrap()).unwrap());
    for (a, b) in first.iter().zip(&second) {
        assert_eq!((&a.svg, &a.text), (&b.svg, &b.text), "{}", a.id);
    }
}

/// A scope of something that was captured.
type Place<'a> = (Captured, &'a str);

/// Whether a place is `other`, or works on the same shapes with the same operations under the same masks. It is read
/// from the operations themselves, and from nothing that the diagrams are made with.
fn is_equal(graphs: &Graphs, place: Place<'_>, other: Place<'_>) -> bool {
    place == other || work(graphs.of(place.0).unwrap(), place.1) == work(graphs.of(other.0).unwrap(), other.1)
}

/// The operations of a scope with their types, and which scopes make the masks that come in.
fn work(graph: &ComputationGraph, path: &str) -> (Vec<String>, BTreeSet<String>) {
    let scopes: Vec<String> = (0..graph.scopes().len()).map(|scope| graph.path(scope)).collect();
    let is_below = |scope: &String| {
        scope.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let below: Vec<bool> = scopes.iter().map(is_below).collect();
    let is_inside = |number: usize| below[graph.scope_of(number)];
    let first = graph.nodes().position(|node| matches!(node, Node::Operation(_))).unwrap();
    let number = |node: usize| node.checked_sub(first).filter(|&number| number < graph.operation_count());
    let inside: Vec<usize> = (0..graph.operation_count()).filter(|&number| is_inside(number)).collect();
    assert!(!inside.is_empty(), "nothing is done in {path}");
    let mut masks = BTreeSet::new();
    for edge in graph.edges() {
        let (Some(from), Some(to)) = (number(edge.from), number(edge.to)) else { continue };
        let crosses = is_inside(to) && !is_inside(from);
        if crosses && graph.operation(from).outputs[edge.output].dtype.contains("bool") {
            masks.insert(scopes[graph.scope_of(from)].clone());
        }
    }
    (inside.iter().map(|&number| format!("{:?}", graph.operation(number))).collect(), masks)
}

/// The scope whose inside a box with this key stands for: itself, or the one around what is no scope.
fn scope_of<'a>(graph: &ComputationGraph, key: &'a str) -> &'a str {
    let key = key.split_once(':').map_or(key, |(_, made)| made);
    let is_scope = |path: &str| (0..graph.scopes().len()).any(|scope| graph.path(scope) == path);
    let mut path = key;
    while !is_scope(path) {
        path = path.rsplit_once('/').map_or("", |(around, _)| around);
    }
    path
}

/// Where a box leads is the picture of its own scope, or of an equal place.
#[test]
fn what_boxes_lead_to_is_there() {
    let graphs = Graphs::new().unwrap();
    let atlas = Atlas::new(&graphs).unwrap();
    let mut followed = 0;
    for (sheet, atlas::Sheet { diagram, view, .. }) in atlas.sheets.iter().enumerate() {
        for found in view.boxes.iter().skip(1) {
            let Some(Lead::Down(to)) = atlas.lead(sheet, found) else { continue };
            let to = &atlas.sheets[to].diagram;
            let own = scope_of(graphs.of(diagram.captured).unwrap(), &found.key);
            let is_there = |path: &str| is_equal(&graphs, (diagram.captured, path), (to.captured, &to.path));
            // One operation that is a scope of its own may lead to what it is part of.
            let alone = || work(graphs.of(diagram.captured).unwrap(), own).0.len() == 1;
            let around = own.rsplit_once('/').map_or("", |(around, _)| around);
            let right = is_there(own) || (own == found.key && alone() && is_there(around));
            assert!(right, "{}: {} leads to {}, which shows {}", diagram.id, found.key, to.id, to.path);
            followed += 1;
        }
    }
    assert!(followed > 100, "only {followed} boxes lead to a picture");
}

/// That check finds a box that leads to another place's inside.
#[test]
fn the_inside_of_another_place_is_told_apart() {
    let graphs = Graphs::new().unwrap();
    let attention = |layer: &str| format!("transformer/{layer}/multi_head_attention");
    let encoder = attention("stack/layer.0/sublayer.0");
    let masked = attention("decoder/layer.0/sublayer.0");
    let cross = attention("decoder/layer.0/sublayer.1");
    let equal = |a: &str, b: &str| is_equal(&graphs, (Captured::PostNorm, a), (Captured::PostNorm, b));
    for (a, b) in [(&encoder, &masked), (&encoder, &cross), (&masked, &cross)] {
        assert!(!equal(a, b), "{a} and {b}");
        assert!(!equal(&format!("{a}/attention"), &format!("{b}/attention")), "{a} and {b}, one level down");
    }
    let model = "language_model/stack/layer.0/sublayer.0/multi_head_attention";
    let in_post_norm = (Captured::PostNorm, masked.as_str());
    assert!(!is_equal(&graphs, in_post_norm, (Captured::LanguageModel, model)), "the mask is another");
    // The same in another layer, and where the norm stands elsewhere.
    assert!(equal(&masked, &attention("decoder/layer.4/sublayer.0")));
    assert!(is_equal(&graphs, in_post_norm, (Captured::PreNorm, &masked)));
}

#[test]
fn no_box_leads_nowhere() {
    let graphs = Graphs::new().unwrap();
    let atlas = Atlas::new(&graphs).unwrap();
    let ours = |(_, sheet): &(usize, &atlas::Sheet)| !sheet.diagram.captured.is_foreign();
    for (sheet, atlas::Sheet { diagram, view, .. }) in atlas.sheets.iter().enumerate().filter(ours) {
        let is_whole = diagram.path.is_empty();
        for found in view.boxes.iter().skip(1) {
            let BoxLinks { down, source, .. } = links(&atlas, sheet, found);
            let is_end = is_whole && found.operations == 0;
            assert!(is_end || down.is_some() || source.is_some(), "{}: {}", diagram.id, found.key);
            let frame = !found.children.is_empty();
            assert!(!frame || down.is_some(), "{}: the frame {}", diagram.id, found.key);
        }
        assert!(is_whole || atlas.up(sheet).is_some(), "{} has no way back up", diagram.id);
        let way = atlas.trail(sheet);
        assert!(way.first().is_none_or(|&top| atlas.sheets[top].diagram.path.is_empty()), "{}", diagram.id);
    }
}

#[test]
fn the_three_attentions_of_figure_1_have_three_insides() {
    let rendered = render_all(&Graphs::new().unwrap()).unwrap();
    let svg = |id: &str| &rendered.iter().find(|diagram| diagram.id == id).unwrap().svg;
    for (id, inside, shapes) in [
        (
            "multi-head-attention",
            "scaled-dot-product-attention",
            ["[batch, heads, source, source]", "[batch, 1, 1, source]"],
        ),
        (
            "decoder-masked-self-attention",
            "decoder-masked-self-attention-scaled-dot-product",
            ["[batch, heads, target, target]", "[batch, 1, target, target]"],
        ),
        (
            "decoder-cross-attention",
            "decoder-cross-attention-scaled-dot-product",
            ["[batch, heads, target, source]", "[batch, 1, 1, source]"],
        ),
    ] {
        assert!(svg("transformer").contains(&format!("href=\"{id}.svg\"")), "{id}");
        assert!(svg(id).contains(&format!("href=\"{inside}.svg\"")), "{inside}");
        for shape in shapes {
            assert!(svg(inside).contains(&format!(">{shape}</text>")), "{inside} has no {shape}");
        }
    }
}

#[test]
fn what_was_joined_to_the_cache_is_not_called_by_one_of_its_parts() {
    let rendered = render_all(&Graphs::new().unwrap()).unwrap();
    let id = "cached-decoder-self-attention-scaled-dot-product";
    let svg = &rendered.iter().find(|diagram| diagram.id == id).unwrap().svg;
    assert!(svg.contains("Keys, past and new") && svg.contains("Values, past and new"));
    assert!(!svg.contains("From the cache"));
}

/// What the table says of its diagrams is in the atlas.
#[test]
fn the_table_begins_the_atlas() {
    let graphs = Graphs::new().unwrap();
    let atlas = Atlas::new(&graphs).unwrap();
    let ids: BTreeSet<&str> = atlas.sheets.iter().map(|sheet| sheet.diagram.id.as_str()).collect();
    for entry in TABLE {
        assert!(ids.contains(entry.id) && entry.up.is_none_or(|up| ids.contains(up)), "{}", entry.id);
    }
}
