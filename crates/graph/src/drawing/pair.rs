//! Two views in one picture, with marks on what differs: side by side, or one above the other where that would be too
//! wide.

use super::check;
use super::compose::{TRAIL, legend, trail};
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
    for side in sides {
        validate(&side.view, options)?;
    }
    // Legend and trail are those of the whole.
    let alone = DrawOptions::new(&options.id).sources(options.sources).shapes(options.shapes).legend(false);
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
        let width = pictures[side].width.max(text::bold_width(&names[side], SIZE) + 16.0);
        (width, pictures[side].height + HEADING)
    });
    let Places { sides: placed, columns, size, divider } = Places::new(sizes);
    let (trail, wanted) = trail(&options.trail, size.0.max(TRAIL));
    let width = size.0.max(wanted);
    let mut all = Picture { width, height: size.1, trail, second: Some(second), ..Picture::default() };
    let whole = Rect { x: 0.0, y: 0.0, w: width, h: all.height };
    all.rects.push(whole);
    all.words.push(Vec::new());
    let firsts = [0, sides[0].view.edges.len()];
    for (side, picture) in pictures.into_iter().enumerate() {
        let Rect { x, y, w, h } = columns[side];
        // The data comes in at the bottom.
        let by = Point { x: x + (w - picture.width) / 2.0, y: y + h - picture.height };
        let middle = Point { x: x + w / 2.0, y: y + HEADING - 10.0 };
        all.headings.push(Words { text: names[side].clone(), at: middle, size: SIZE, style: Setting::Times });
        add(&mut all, picture, by);
        let Marks { boxes, edges } = &sides[side].marks;
        let place = |id: BoxId| joined_id(second, side, id);
        all.marks.boxes.extend(boxes.iter().map(|(&id, &mark)| (place(id), mark)));
        all.marks.edges.extend(edges.iter().map(|(&edge, &mark)| (firsts[side] + edge, mark)));
    }
    all.divider = Some(divider);
    if options.legend {
        let (entries, height) = legend(view, all.width, all.height);
        let (key, more) = marks::legend(&all.marks, placed, all.width, height);
        (all.legend, all.key, all.height) = (entries, key, height + more);
    }
    all
}

/// Where the two pictures stand.
struct Places {
    sides: Sides,
    /// The room of each, with its name.
    columns: [Rect; 2],
    /// Width and height of both together.
    size: (f64, f64),
    divider: [Point; 2],
}

impl Places {
    /// From the sizes of both, names included.
    fn new([(w, h), (other_w, other_h)]: [(f64, f64); 2]) -> Self {
        let beside = (w + GUTTER + other_w, h.max(other_h));
        if beside.0 <= WIDE {
            let column = |x: f64, w: f64| Rect { x, y: 0.0, w, h: beside.1 };
            let x = w + GUTTER / 2.0;
            return Self {
                sides: Sides::Beside,
                columns: [column(0.0, w), column(w + GUTTER, other_w)],
                size: beside,
                divider: [Point { x, y: 8.0 }, Point { x, y: beside.1 }],
            };
        }
        let above = (w.max(other_w), h + GUTTER + other_h);
        let y = h + GUTTER / 2.0;
        Self {
            sides: Sides::Above,
            columns: [
                Rect { x: 0.0, y: 0.0, w: above.0, h },
                Rect { x: 0.0, y: h + GUTTER, w: above.0, h: other_h },
            ],
            size: above,
            divider: [Point { x: 8.0, y }, Point { x: above.0 - 8.0, y }],
        }
    }
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
