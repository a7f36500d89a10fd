//! Attention maps: which token looks at which, one small map for each head.

use std::ops::Range;

use crate::label::{isolate, shorten, text_width};
use crate::svg::{Anchor, Colour, Svg};

/// One layer's weights of one kind of attention.
#[derive(Clone, Debug, PartialEq)]
pub struct AttentionLayer {
    /// What it is called, as in "Encoder, layer 1".
    pub title: String,
    /// The weights by head, query and key. Each row sums to 1.
    pub heads: Vec<Vec<Vec<f32>>>,
    /// The tokens that look.
    pub queries: Vec<String>,
    /// The tokens that are looked at.
    pub keys: Vec<String>,
}

/// Size of the tokens, which is also the least distance between two of them.
const SIZE: f64 = 10.0;
/// Room for a token.
const ROOM: f64 = 54.0;
/// Distance between two maps side by side.
const GAP: f64 = 12.0;
/// Where the maps begin: the title and the legend are above.
const TOP: f64 = 48.0;
/// Length of the name of the vertical axis.
const AXIS: f64 = 54.0;
/// Room for the name of a head.
const NAME: f64 = 20.0;
/// Up to so many tokens the picture is narrow enough for a telephone.
const FEW: usize = 14;
/// Cells of a picture at most for those to be kept that are too faint to be seen: the file would grow for nothing.
const CELLS: usize = 5_000;

/// Draws a map for each head: a row for each query, a column for each key, the stronger the colour the larger the
/// weight. `id` begins all ids in the picture.
#[must_use]
pub fn attention_map(layer: &AttentionLayer, id: &str) -> String {
    let layout = Layout::new(layer);
    let mut svg = Svg::new(layout.width(), layout.height(layer.heads.len()));
    svg.heading((8.0, 18.0), 14.0, &shorten(&layer.title, 14.0, layout.width() - 16.0));
    draw_legend(&mut svg, layout.left);
    for head in 0..layer.heads.len() {
        draw_head(&mut svg, layer, &layout, head);
    }
    if layer.heads.is_empty() {
        svg.text((layout.left, TOP + 14.0), Anchor::Start, 12.0, "No heads.");
    }
    svg.finish(id, &layer.title, &description(layer))
}

/// Where everything is.
struct Layout {
    /// Side of a cell.
    cell: f64,
    /// Maps side by side.
    columns: usize,
    /// Left edge of the first map.
    left: f64,
    /// Height of the keys' names.
    band: f64,
    /// Size of a map.
    map: (f64, f64),
}

impl Layout {
    fn new(layer: &AttentionLayer) -> Self {
        let (queries, keys) = (layer.queries.len(), layer.keys.len());
        let (longest, few) = (queries.max(keys).max(1) as f64, queries.max(keys) <= FEW);
        let room = |tokens: &[String]| {
            let widths = tokens.iter().map(|token| text_width(&shorten(token, SIZE, ROOM), SIZE));
            widths.fold(24.0, f64::max)
        };
        let (left, band) = (24.0 + room(&layer.queries) + 6.0, room(&layer.keys) + 6.0);
        let space = if few { 390.0 } else { 720.0 } - 8.0 - left + GAP;
        let fit = (space / (longest * (SIZE + 0.5) + GAP)).floor() as usize;
        // Of several heads, two are side by side at least: else sixty tokens would make a column many screens high.
        let fit = fit.max(if few { 1 } else { 2 }).min(layer.heads.len().max(1));
        let columns = layer.heads.len().max(1).div_ceil(layer.heads.len().max(1).div_ceil(fit));
        let cell = ((space / columns as f64 - GAP) / longest).clamp(2.0, 24.0);
        Self { cell, columns, left, band, map: (keys as f64 * cell, queries as f64 * cell) }
    }

    fn width(&self) -> f64 {
        let maps = self.columns as f64 * (self.map.0 + GAP) - GAP;
        (self.left + maps + 8.0).max(260.0)
    }

    fn row(&self) -> f64 {
        NAME + self.band + self.map.1.max(AXIS) + 16.0
    }

    fn height(&self, heads: usize) -> f64 {
        TOP + heads.div_ceil(self.columns).max(1) as f64 * self.row()
    }

    /// Upper left corner of a head's map.
    fn corner(&self, head: usize) -> (f64, f64) {
        let (column, row) = (head % self.columns, head / self.columns);
        let y = TOP + row as f64 * self.row() + NAME + self.band;
        (self.left + column as f64 * (self.map.0 + GAP), y)
    }

    /// Those of so many tokens whose names have room, and the middles of their cells.
    fn named(&self, tokens: Range<usize>) -> impl Iterator<Item = (usize, f64)> {
        let step = (SIZE / self.cell).ceil().max(1.0) as usize;
        let cell = self.cell;
        tokens.step_by(step).map(move |index| (index, (index as f64 + 0.5) * cell))
    }
}

/// The shades from no weight to all of it.
fn draw_legend(svg: &mut Svg, left: f64) {
    const STEP: f64 = 12.0;
    svg.text((left - 8.0, 39.0), Anchor::End, SIZE, "Weight");
    svg.text((left, 39.0), Anchor::Start, SIZE, "0");
    let left = left + 10.0;
    svg.rectangles(&[(left, 30.0)], (11.0 * STEP, 11.0), Colour::Text, 0.07);
    for tenth in 1..=10 {
        let x = left + f64::from(tenth) * STEP;
        svg.rectangles(&[(x, 30.0)], (STEP, 11.0), Colour::First, f64::from(tenth) / 10.0);
    }
    svg.text((left + 11.0 * STEP + 5.0, 39.0), Anchor::Start, SIZE, "1");
}

fn draw_head(svg: &mut Svg, layer: &AttentionLayer, layout: &Layout, head: usize) {
    let (x, y) = layout.corner(head);
    svg.heading((x, y - layout.band - 5.0), 11.0, &format!("Head {}", head + 1));
    svg.rectangles(&[(x, y)], layout.map, Colour::Text, 0.07);
    svg.group(Colour::First, |svg| draw_cells(svg, layer, layout, head));
    for (key, along) in layout.named(0..layer.keys.len()) {
        let text = shorten(&layer.keys[key], SIZE, ROOM);
        svg.turned_text((x + along + 3.5, y - 4.0), Anchor::Start, SIZE, -90.0, &text);
    }
    // The maps of a row share the queries' names.
    if head.is_multiple_of(layout.columns) {
        svg.text((x - 8.0, y - 5.0), Anchor::End, SIZE + 1.0, "Key →");
        svg.upward_text((15.0, y + layout.map.1.max(AXIS) / 2.0), SIZE + 1.0, "← Query");
        for (query, along) in layout.named(0..layer.queries.len()) {
            let text = shorten(&layer.queries[query], SIZE, ROOM);
            svg.text((x - 5.0, y + along + 3.5), Anchor::End, SIZE, &text);
        }
    }
}

fn draw_cells(svg: &mut Svg, layer: &AttentionLayer, layout: &Layout, head: usize) {
    let (x, y) = layout.corner(head);
    let gap = if layout.cell >= 9.0 { 1.0 } else { 0.0 };
    let (x, y, side) = (x + gap / 2.0, y + gap / 2.0, layout.cell - gap);
    let all = layer.heads.len() * layer.queries.len() * layer.keys.len() <= CELLS;
    for (query, (row, weights)) in layer.queries.iter().zip(&layer.heads[head]).enumerate() {
        for (key, (column, &weight)) in layer.keys.iter().zip(weights).enumerate() {
            if weight.is_finite() && (all || weight >= 0.005) {
                let corner = (x + key as f64 * layout.cell, y + query as f64 * layout.cell);
                let hint = hint(head, row, column, weight);
                svg.cell(corner, (side, side), f64::from(weight).clamp(0.0, 1.0), &hint);
            }
        }
    }
}

fn hint(head: usize, query: &str, key: &str, weight: f32) -> String {
    format!("head {}: „{}“ attends to „{}“ {weight:.2}", head + 1, isolate(query), isolate(key))
}

/// Each head's largest weight in words.
fn description(layer: &AttentionLayer) -> String {
    let strongest = layer.heads.iter().enumerate().filter_map(|(head, rows)| {
        let cells = layer.queries.iter().zip(rows).flat_map(|(query, row)| {
            layer.keys.iter().zip(row).map(move |(key, &weight)| (query, key, weight))
        });
        let (query, key, weight) =
            cells.filter(|cell| cell.2.is_finite()).max_by(|a, b| a.2.total_cmp(&b.2))?;
        Some(hint(head, query, key, weight))
    });
    let sizes =
        format!("{} heads, {} queries, {} keys.", layer.heads.len(), layer.queries.len(), layer.keys.len());
    let strongest = strongest.collect::<Vec<_>>().join("; ");
    if strongest.is_empty() { sizes } else { format!("{sizes} The largest weights: {strongest}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(heads: usize, queries: &[&str], keys: &[&str]) -> AttentionLayer {
        let row = vec![1.0 / keys.len() as f32; keys.len()];
        let tokens = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        AttentionLayer {
            title: "Encoder, layer 1".into(),
            heads: vec![vec![row; queries.len()]; heads],
            queries: tokens(queries),
            keys: tokens(keys),
        }
    }

    fn check(text: &str) {
        assert!(text.starts_with("<svg ") && text.ends_with("</svg>\n"));
        assert!(text.lines().all(|line| !line.trim().is_empty()), "{text}");
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
        assert!(text.split(r#" id=""#).skip(1).all(|rest| rest.starts_with("map")), "{text}");
        assert_eq!(text.matches("<title").count(), text.matches("</title>").count());
    }

    #[test]
    fn every_cell_says_what_it_is() {
        let text = attention_map(&layer(2, &["Die", "Katze"], &["the", "cat", "<&\">"]), "map");
        check(&text);
        assert_eq!(text.matches("<path").count(), 2 * 6 + 2 + 11, "cells, backgrounds, legend");
        for part in
            ["head 2: „Katze“ attends to „cat“ 0.33", "Head 1", "Key", "Query", "„&lt;&amp;&quot;&gt;“"]
        {
            assert!(text.contains(part), "{part} is missing from {text}");
        }
    }

    #[test]
    fn odd_tokens_and_weights_give_a_picture() {
        let mut odd = layer(1, &["\n\n", "שלום", "\0"], &["", " x", "Donaudampfschifffahrtsgesellschaft"]);
        odd.heads[0][0] = vec![f32::NAN, f32::INFINITY, 2.0];
        odd.heads[0].pop();
        let text = attention_map(&odd, "map");
        check(&text);
        assert!(text.contains("\u{2068}שלום\u{2069}") && text.contains('…') && text.contains('␣'));
        for empty in [layer(0, &[], &[]), layer(2, &[], &[]), layer(0, &["a"], &["b"])] {
            check(&attention_map(&empty, "map"));
        }
    }

    #[test]
    fn pictures_keep_to_their_width() {
        let tokens = |count| vec!["tokens"; count];
        for (heads, count, widest) in [(8, 12, 400.0), (4, 5, 400.0), (8, 60, 730.0), (1, 30, 730.0)] {
            let layout = Layout::new(&layer(heads, &tokens(count), &tokens(count)));
            assert!(layout.width() <= widest, "{count} tokens: {}", layout.width());
        }
        assert_eq!(Layout::new(&layer(8, &tokens(12), &tokens(12))).columns, 2);
    }
}
