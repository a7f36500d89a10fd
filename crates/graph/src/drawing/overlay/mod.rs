//! Weights in a picture: wide lines below the edges, borders and tints, numbers where there is room, and a legend.
//!
//! The layout knows nothing of it, so that nothing moves.

mod listed;
mod numbers;

use std::fmt::Write;

use super::gauge::{Gauge, Needs};
use super::geometry::Point;
use super::options::DrawOptions;
use super::pen::rounded;
use super::picture::Picture;
use super::shade;
use super::text::{escape, number};
use crate::overlay::Overlay;
use crate::view::{BoxId, View};

pub use listed::Weighed;
pub(super) use listed::text;

/// Finds room for the numbers, and puts the legend in the place of that of colours.
pub(super) fn place(view: &View, picture: &mut Picture, overlay: &Overlay, with_legend: bool) {
    numbers::place(view, picture, overlay);
    picture.legend.clear();
    picture.height = picture.rects[View::ROOT].h;
    if with_legend {
        let is_unmeasured = |id: BoxId| view.is_leaf(id) && overlay.box_weight(id).is_none();
        let needs = Needs {
            lines: overlay.edges().next().is_some(),
            unmeasured: (0..view.boxes.len()).any(is_unmeasured),
        };
        let (gauge, more) = Gauge::new(overlay.scale(), needs, picture.width, picture.height);
        picture.gauge = Some(gauge);
        picture.height += more;
    }
}

/// The rest of a box's classes with the end of the attribute, and what else its weight says of the element.
pub(super) fn dress(options: &DrawOptions<'_>, view: &View, id: BoxId) -> String {
    let Some(overlay) = &options.overlay else { return "\"".to_owned() };
    let Some(weight) = overlay.box_weight(id) else {
        return if view.is_leaf(id) { format!(" {}\"", shade::UNMEASURED) } else { "\"".to_owned() };
    };
    let class = shade::class(overlay.scale(), weight);
    let wide = number(shade::border(overlay.scale(), weight));
    format!(" ov {class}\" style=\"stroke-width:{wide}px\" data-weight=\"{weight}\"")
}

/// The tooltip's line on a box.
pub(super) fn said_of_box(options: &DrawOptions<'_>, id: BoxId) -> Option<String> {
    let overlay = options.overlay.as_ref()?;
    Some(said(overlay, overlay.box_weight(id)?))
}

/// The tooltip's line on an edge.
pub(super) fn said_of_edge(options: &DrawOptions<'_>, edge: usize) -> Option<String> {
    let overlay = options.overlay.as_ref()?;
    Some(said(overlay, overlay.edge_weight(edge)?))
}

fn said(overlay: &Overlay, weight: f64) -> String {
    format!("{}: {}", overlay.scale().title(), overlay.scale().told(weight))
}

/// Writes the wide lines, the widest first, so that none hides another.
pub(super) fn bands(svg: &mut String, picture: &Picture, options: &DrawOptions<'_>) {
    let Some(overlay) = &options.overlay else { return };
    let scale = overlay.scale();
    let mut bands: Vec<(usize, f64, f64)> = overlay
        .edges()
        .filter_map(|(edge, weight)| Some((edge, weight, shade::band(scale, weight)?)))
        .collect();
    bands.sort_by(|a, b| b.2.total_cmp(&a.2));
    for (edge, weight, wide) in bands {
        let (class, wide) = (shade::class(scale, weight), number(wide));
        let title = escape(&said(overlay, weight));
        for line in pieces(picture, edge) {
            // Writing to a string can't fail.
            let _ = write!(
                svg,
                "<path class=\"o {class}\" style=\"stroke-width:{wide}px\" data-weight=\"{weight}\" d=\"{}\">\
                 <title>{title}</title></path>",
                rounded(line)
            );
        }
    }
}

/// The line of an edge, and the several ends that it may have.
fn pieces(picture: &Picture, edge: usize) -> impl Iterator<Item = &Vec<Point>> {
    let ends = picture.arrows.get(edge).into_iter().flatten();
    picture.lines.get(edge).into_iter().chain(ends).filter(|line| line.len() > 1)
}

/// Writes numbers and legend.
pub(super) fn write(svg: &mut String, picture: &Picture) {
    picture.numbers.iter().for_each(|number| number.write(svg));
    picture.gauge.iter().for_each(|gauge| gauge.write(svg));
}

/// The rules for what is shown.
pub(super) fn css(options: &DrawOptions<'_>) -> String {
    let Some(overlay) = &options.overlay else { return String::new() };
    let shown = overlay.boxes().chain(overlay.edges()).map(|(_, weight)| weight);
    let scale = overlay.scale();
    shade::css(scale, shown.chain(scale.points().into_iter().filter(|_| options.legend)))
}

/// The view's description, with what is strongest.
pub(super) fn described(view: &View, options: &DrawOptions<'_>) -> String {
    match &options.overlay {
        Some(overlay) => format!("{} {}", view.description, listed::sentence(view, overlay)),
        None => view.description.clone(),
    }
}
