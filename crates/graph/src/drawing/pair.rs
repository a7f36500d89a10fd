//! Two views in one picture, with marks on what differs: side by side, or one above the other where that would be too
//! wide.

use super::check;
use super::compose::{legend, longest, trail};
use super::drawn::{Drawing, lay_out, validate};
use super::geometry::{Point, Rect};
use super::marks::{self, Marks, Sides};
use super::options::DrawOptions;
use super::picture::{Picture, Setting, Words};
use super::words::{self, Told};
use super::{DrawError, svg, text};
use crate::view::{BoxId, View};

/// Between the two pictures.
const GUTTER: f64 = 28.0;
/// Above each of them, for its name.
const HEADING: f64 = 34.0;
/// Font size of a name.
const SIZE: f64 = 14.0;
/// What is wider than this on a page has texts that are too small to be read.
const WIDE: f64 = 1000.0;

/// A view with its marks.
pub(crate) struct Marked {
    pub(crate) view: View,
    pub(crate) marks: Marks,
}

/// Draws both, `differences` (a list in HTML) being what their text begins with.
pub(crate) fn draw_pair(
    sides: &[Marked; 2],
    title: &str,
    description: &str,
    differences: &str,
    options: &DrawOptions<'_>,
) -> Result<Drawing, DrawError> {
    if options.overlay.is_some() {
        return Err(DrawError::OverlayOfTwo);
    }
    for side in sides {
        validate(&side.view, options)?;
    }
    // Legend and trail are those of the whole.
    let alone = DrawOptions::new(&options.id).legend(false);
    let alone = if options.narrow { alone.narrow() } else { alone };
    let alone = alone.sources(options.sources).shapes(options.shapes);
    let pictures = sides.each_ref().map(|side| lay_out(&side.view, &alone));
    let second = sides[0].view.boxes.len();
    let view = joined_view(sides, title, description);
    let picture = joined_picture(sides, pictures, &view, options, second);
    let svg = svg::write(&view, &picture, options);
    let report = check::measure(&view, &picture, svg.len());
    let [left, right] = sides.each_ref().map(|Marked { view, marks }| {
        let told = Told { shapes: options.shapes, marks: Some(marks) };
        format!("<li>{}{}</li>", text::escape(&view.title), words::write(view, told))
    });
    let text = format!("<ul>{differences}{left}{right}</ul>");
    Ok(Drawing { svg, text, report, width: picture.width, height: picture.height + picture.top() })
}

/// Where a box of one side is in the joined view: both roots become one.
fn joined_id(second: usize, side: usize, id: BoxId) -> BoxId {
    match (side, id) {
        (_, View::ROOT) => View::ROOT,
        (0, id) => id,
        (_, id) => second + id - 1,
    }
}

fn joined_view(sides: &[Marked; 2], title: &str, description: &str) -> View {
    let second = sides[0].view.boxes.len();
    let mut boxes = vec![sides[0].view.boxes[View::ROOT].clone()];
    boxes[View::ROOT].children.clear();
    let mut edges = Vec::new();
    for (side, Marked { view, .. }) in sides.iter().enumerate() {
        let place = |id: BoxId| joined_id(second, side, id);
        let roots = view.boxes[View::ROOT].children.iter().map(|&id| place(id));
        boxes[View::ROOT].children.extend(roots);
        for found in &view.boxes[1..] {
            let mut found = found.clone();
            found.parent = found.parent.map(place);
            found.children.iter_mut().for_each(|id| *id = place(*id));
            boxes.push(found);
        }
        for edge in &view.edges {
            let mut edge = edge.clone();
            (edge.from, edge.to) = (place(edge.from), place(edge.to));
            edges.push(edge);
        }
    }
    View { title: title.to_owned(), description: description.to_owned(), boxes, edges }
}

fn joined_picture(
    sides: &[Marked; 2],
    pictures: [Picture; 2],
    view: &View,
    options: &DrawOptions<'_>,
    second: usize,
) -> Picture {
    let names = sides.each_ref().map(|side| text::wrap(&side.view.title, SIZE, 320.0, 1).swap_remove(0));
    let sizes = [0, 1].map(|side| {
        let name = text::bold_width(&names[side], SIZE) + 16.0;
        (pictures[side].width.max(name), pictures[side].height)
    });
    // Two narrow ones may have room beside each other.
    let wide = beside(sizes).1.0;
    let stacked = wide > WIDE || options.stacked && !(options.narrow && wide <= longest(options));
    let placed = if stacked { Sides::Above } else { Sides::Beside };
    let (places, together, divider) = match placed {
        Sides::Beside => beside(sizes),
        Sides::Above => above(sizes),
    };
    let (trail, wanted) = trail(&options.trail, together.0.max(longest(options)));
    let (width, height) = (together.0.max(wanted), together.1);
    let mut all = Picture { width, height, trail, second: Some(second), ..Picture::default() };
    let centred = |point: Point| Point { x: point.x + (width - together.0) / 2.0, ..point };
    all.divider = Some(divider.map(centred));
    let whole = Rect { x: 0.0, y: 0.0, w: width, h: all.height };
    all.rects.push(whole);
    all.words.push(Vec::new());
    let firsts = [0, sides[0].view.edges.len()];
    for (side, picture) in pictures.into_iter().enumerate() {
        let Point { x: middle, y } = centred(places[side]);
        let by = Point { x: middle - picture.width / 2.0, y: y - picture.height };
        let middle = Point { x: middle, y: if stacked { by.y - 10.0 } else { 24.0 } };
        all.headings.push(Words { text: names[side].clone(), at: middle, size: SIZE, style: Setting::Times });
        add(&mut all, picture, by);
        let Marks { boxes, edges } = &sides[side].marks;
        let place = |id: BoxId| joined_id(second, side, id);
        all.marks.boxes.extend(boxes.iter().map(|(&id, &mark)| (place(id), mark)));
        all.marks.edges.extend(edges.iter().map(|(&edge, &mark)| (firsts[side] + edge, mark)));
    }
    if options.legend {
        let (entries, height) = legend(view, all.width, all.height);
        let (key, more) = marks::legend(&all.marks, placed, all.width, height);
        (all.legend, all.key, all.height) = (entries, key, height + more);
    }
    all
}

/// Where two pictures of these sizes stand (the middle of their lower borders), how large both are together, and the ends
/// of the line between them.
type Places = ([Point; 2], (f64, f64), [Point; 2]);

/// Side by side. The data of both starts at the same height.
fn beside([left, right]: [(f64, f64); 2]) -> Places {
    let (height, line) = (HEADING + left.1.max(right.1), left.0 + GUTTER / 2.0);
    let middles = [left.0 / 2.0, left.0 + GUTTER + right.0 / 2.0].map(|x| Point { x, y: height });
    let ends = [8.0, height].map(|y| Point { x: line, y });
    (middles, (left.0 + GUTTER + right.0, height), ends)
}

/// One above the other.
fn above([upper, lower]: [(f64, f64); 2]) -> Places {
    let (width, line) = (upper.0.max(lower.0), HEADING + upper.1 + GUTTER / 2.0);
    let height = HEADING + upper.1 + GUTTER + HEADING + lower.1;
    let ends = [8.0, width - 8.0].map(|x| Point { x, y: line });
    ([HEADING + upper.1, height].map(|y| Point { x: width / 2.0, y }), (width, height), ends)
}

/// Puts a side's picture, but for its root's box, at its place.
fn add(all: &mut Picture, picture: Picture, by: Point) {
    let shifted = |point: Point| Point { x: point.x + by.x, y: point.y + by.y };
    let line = |line: Vec<Point>| line.into_iter().map(shifted).collect::<Vec<_>>();
    all.rects.extend(picture.rects.into_iter().skip(1).map(|r| Rect { x: r.x + by.x, y: r.y + by.y, ..r }));
    all.words.extend(picture.words.into_iter().skip(1).map(|words| {
        words.into_iter().map(|words| Words { at: shifted(words.at), ..words }).collect::<Vec<_>>()
    }));
    all.lines.extend(picture.lines.into_iter().map(line));
    all.arrows
        .extend(picture.arrows.into_iter().map(|arrows| arrows.into_iter().map(line).collect::<Vec<_>>()));
}
