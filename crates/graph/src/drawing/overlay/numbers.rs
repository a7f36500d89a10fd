//! Numbers on boxes and beside lines, where there is room for them.

use super::pieces;
use crate::drawing::caption::SMALL;
use crate::drawing::gauge::Number;
use crate::drawing::geometry::{Point, Rect};
use crate::drawing::grid::{Grid, around};
use crate::drawing::lettering::{Setting, Words, extent};
use crate::drawing::picture::Picture;
use crate::drawing::{shade, tags, text};
use crate::overlay::Overlay;
use crate::view::View;

/// Height of what a number stands on, and what it has beside its text.
const PILL: f64 = 15.0;
const INSET: f64 = 5.0;
/// How far it stands out of its box, and how far from the middle of it, where lines end.
const OUT: f64 = 8.0;
const FROM_MIDDLE: f64 = 6.0;
/// From a number to anything else.
const MARGIN: f64 = 1.0;
/// Height of a number beside a line.
const HIGH: f64 = SMALL * 0.96;

/// Where something is already.
struct Space {
    taken: Vec<Rect>,
    grid: Grid,
    whole: Rect,
}

impl Space {
    fn new(view: &View, picture: &Picture, overlay: &Overlay) -> Self {
        let mut taken = tags::obstacles(view, picture);
        taken.extend(picture.tags.iter().map(extent));
        // A line is as wide as it is drawn.
        for (edge, weight) in overlay.edges() {
            let half = shade::band(overlay.scale(), weight).unwrap_or_default() / 2.0;
            let segments = pieces(picture, edge).flat_map(|line| line.windows(2));
            taken.extend(segments.map(|pair| grown(around(pair[0], pair[1]), half)));
        }
        let grid = Grid::new(taken.iter().copied().enumerate());
        let whole = Rect { x: 0.0, y: 0.0, w: picture.width, h: picture.rects[View::ROOT].h };
        Self { taken, grid, whole }
    }

    /// The first of these places where nothing is, but for what is the box's own. It is taken then.
    fn take(&mut self, places: impl IntoIterator<Item = Rect>, own: &[Rect]) -> Option<Rect> {
        let is_free = |rect: &Rect| {
            let near = self.grid.near(&grown(*rect, MARGIN)).into_iter().map(|n| self.taken[n]);
            let mut others = near.filter(|other| !own.contains(other));
            self.whole.contains(&grown(*rect, MARGIN)) && !others.any(|other| rect.overlaps(&other, MARGIN))
        };
        let found = places.into_iter().find(is_free)?;
        self.grid.insert(self.taken.len(), found);
        self.taken.push(found);
        Some(found)
    }
}

/// Finds the places: for boxes first, and for edges that say something else than the box that they come from, the
/// strongest first. What has none is in the tooltip and in the text.
pub(super) fn place(view: &View, picture: &mut Picture, overlay: &Overlay) {
    let mut space = Space::new(view, picture, overlay);
    let scale = overlay.scale();
    let mut numbers = Vec::new();
    let said = |weight: f64| {
        let said = scale.told(weight);
        let wide = text::width(&said, SMALL);
        (said, wide)
    };
    for (id, weight) in overlay.boxes() {
        let (said, wide) = said(weight);
        let rect = picture.rects[id];
        let own: Vec<Rect> = if view.is_leaf(id) { vec![rect] } else { tags::border(rect).collect() };
        // Where a frame is close, the number stands on its border.
        let frames = view.ancestors(id).skip(1).flat_map(|frame| tags::border(picture.rects[frame]));
        let around: Vec<Rect> = own.iter().copied().chain(frames).collect();
        let places = corners(rect, wide + 2.0 * INSET);
        if let Some(pill) = space.take(places, &own).or_else(|| space.take(places, &around)) {
            numbers.push(Number { words: words(said, pill.middle()), pill: Some(pill) });
        }
    }
    let mut edges: Vec<(usize, f64)> =
        overlay.edges().filter(|&(edge, weight)| overlay.says_more(view, edge, weight)).collect();
    edges.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    for (edge, weight) in edges {
        let (said, wide) = said(weight);
        let half = shade::band(scale, weight).unwrap_or_default() / 2.0;
        let Some(line) = picture.lines.get(edge) else { continue };
        // As far from the line as it is wide.
        let places = line.windows(2).flat_map(|pair| tags::beside(pair[0], pair[1], wide + 2.0 * half));
        let places = places.map(|rect| Rect { x: rect.x + half, w: wide, ..rect });
        if let Some(rect) = space.take(places, &[]) {
            numbers.push(Number { words: words(said, rect.middle()), pill: None });
        }
    }
    picture.numbers = numbers;
}

fn words(text: String, middle: Point) -> Words {
    let at = Point { x: middle.x, y: middle.y - HIGH / 2.0 + SMALL * 0.76 };
    Words { text, at, size: SMALL, style: Setting::Label }
}

/// On the corners of a box, then on its sides. In the middle of its borders lines end.
fn corners(rect: Rect, wide: f64) -> [Rect; 6] {
    let middle = rect.middle();
    let right = (rect.right() + OUT - wide).max(middle.x + FROM_MIDDLE);
    let left = (rect.x - OUT).min(middle.x - FROM_MIDDLE - wide);
    let place = |x: f64, y: f64| Rect { x, y: y - PILL / 2.0, w: wide, h: PILL };
    [
        place(right, rect.y),
        place(left, rect.y),
        place(right, rect.top()),
        place(left, rect.top()),
        place(rect.right() - 3.0, middle.y),
        place(rect.x + 3.0 - wide, middle.y),
    ]
}

fn grown(rect: Rect, by: f64) -> Rect {
    Rect { x: rect.x - by, y: rect.y - by, w: rect.w + 2.0 * by, h: rect.h + 2.0 * by }
}
