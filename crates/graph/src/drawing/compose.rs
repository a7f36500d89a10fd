//! From a layout to a picture: corners, texts, trail and legend.

use super::caption::{Caption, LABEL, LINE, SMALL, SMALL_LINE, TIMES_SIZE, times, times_room};
use super::fork;
use super::geometry::{Point, Rect, simplified};
use super::inside::Side;
use super::kinds::kind_name;
use super::layout::Layout;
use super::options::DrawOptions;
use super::picture::{Picture, Setting, Words};
use super::{sides, text};
use crate::view::{BoxId, BoxKind, View};

/// Least width of a picture with a legend.
const LEGEND: f64 = 250.0;
/// A picture is not made wider than this for the sake of its trail.
const TRAIL: f64 = 360.0;
const NARROW_TRAIL: f64 = 320.0;
/// A square of the legend, and what an entry takes beside its text.
const SWATCH: f64 = 12.0;

/// Lays out `view`; `plain` are the edges that find no free way around anything.
pub(crate) fn compose(view: &View, options: &DrawOptions<'_>, plain: &[bool]) -> Picture {
    let layout = Layout::new(view, options, plain);
    let root = &layout.insides[View::ROOT];
    let (trail, wanted) = trail(&options.trail, root.cell.0.max(longest(options)));
    let (width, body) = (root.cell.0.max(if options.legend { LEGEND } else { 0.0 }).max(wanted), root.cell.1);
    let left = (width - root.cell.0) / 2.0;
    let mut corners = vec![Point { x: left, y: 0.0 }; view.boxes.len()];
    for id in 0..view.boxes.len() {
        for (&child, at) in &layout.insides[id].at {
            corners[child] = Point { x: corners[id].x + at.x, y: corners[id].y + at.y };
        }
    }
    let flipped = |id: BoxId| {
        let rect = layout.insides[id].rect;
        Rect { x: corners[id].x + rect.x, y: body - corners[id].y - rect.y - rect.h, ..rect }
    };
    let rects: Vec<Rect> = (0..view.boxes.len()).map(flipped).collect();
    let line = |way: &Vec<(BoxId, usize)>| {
        let piece = |&(scope, link): &(BoxId, usize)| {
            let corner = corners[scope];
            let points = &layout.insides[scope].paths[link];
            points
                .iter()
                .map(move |p| Point { x: p.x + corner.x, y: body - p.y - corner.y })
                .collect::<Vec<_>>()
        };
        simplified(way.iter().flat_map(piece).collect())
    };
    let lines = layout.pieces.ways.iter().map(line).collect();
    let words = (0..view.boxes.len()).map(|id| words(view, &layout, id, rects[id])).collect();
    let (legend, height) = if options.legend { legend(view, width, body) } else { (Vec::new(), body) };
    let mut picture = Picture { width, height, rects, words, lines, trail, legend, ..Picture::default() };
    sides::spread(view, &mut picture);
    fork::split(view, &mut picture);
    picture
}

/// How long a trail may be in a picture that is less wide.
pub(super) fn longest(options: &DrawOptions<'_>) -> f64 {
    if options.narrow { NARROW_TRAIL } else { TRAIL }
}

/// The texts of a trail that is at most `limit` wide, and the width that it takes. Where there is no room for all, the
/// nearest levels stay.
pub(super) fn trail(levels: &[(String, String)], limit: f64) -> (Vec<(Words, Option<usize>)>, f64) {
    let (margin, between) = (12.0, 16.0);
    let long = |from: usize| {
        let names = levels[from..].iter().map(|(name, _)| text::width(name, SMALL) + between);
        2.0 * margin + names.sum::<f64>()
    };
    let first = (0..levels.len()).find(|&from| long(from) <= limit).unwrap_or(levels.len().saturating_sub(1));
    let (mut x, mut all) = (margin, Vec::new());
    let mut set = |text: String, x: f64, leads: Option<usize>| {
        all.push((Words { text, at: Point { x, y: -12.0 }, size: SMALL, style: Setting::Title }, leads));
    };
    for (level, (name, _)) in levels.iter().enumerate().skip(first) {
        let name = text::wrap(name, SMALL, limit - 2.0 * margin - between, 1).swap_remove(0);
        let wide = text::width(&name, SMALL);
        set(name, x, Some(level));
        if level + 1 < levels.len() {
            set("›".to_owned(), x + wide + 5.0, None);
        }
        x += wide + between;
    }
    (all, if levels.is_empty() { 0.0 } else { x + margin })
}

fn words(view: &View, layout: &Layout, id: BoxId, rect: Rect) -> Vec<Words> {
    if id == View::ROOT {
        return Vec::new();
    }
    if !view.is_leaf(id) {
        return frame_words(view, layout, id, rect);
    }
    let caption = &layout.captions[id];
    let Caption { lines, note, shape, place } = caption;
    let middle = rect.middle();
    let mut all: Vec<Words> = Vec::new();
    all.extend(times_words(view, layout, id, rect));
    let (line, small) = (LINE, SMALL_LINE);
    let mut y = middle.y - (lines.len() as f64 * line + caption.small().count() as f64 * small) / 2.0;
    if view.boxes[id].kind == BoxKind::Add {
        return all;
    }
    let mut set = |text: &String, size: f64, style: Setting, height: f64| {
        y += height;
        let at = Point { x: middle.x, y: y - height * 0.27 };
        all.push(Words { text: text.clone(), at, size, style });
    };
    lines.iter().for_each(|text| set(text, LABEL, Setting::Label, line));
    note.iter().chain(shape).for_each(|text| set(text, SMALL, Setting::Note, small));
    place.iter().for_each(|text| set(text, SMALL, Setting::Place, small));
    all
}

/// The title in the upper left corner, and "N ×" at the side.
fn frame_words(view: &View, layout: &Layout, id: BoxId, rect: Rect) -> Vec<Words> {
    let mut all = Vec::new();
    for (line, text) in layout.captions[id].lines.iter().enumerate() {
        let at = Point { x: rect.x + 8.0, y: rect.y + 15.0 + line as f64 * SMALL_LINE };
        all.push(Words { text: text.clone(), at, size: SMALL, style: Setting::Title });
    }
    all.extend(times_words(view, layout, id, rect));
    all
}

/// "N ×" at the side of what is repeated.
fn times_words(view: &View, layout: &Layout, id: BoxId, rect: Rect) -> Option<Words> {
    let repeat = Some(view.boxes[id].repeat).filter(|&repeat| repeat > 1)?;
    let room = times_room(repeat);
    let x = match layout.insides[id].lanes {
        Some(Side::Right) => rect.right() + room / 2.0 + 1.0,
        _ => rect.x - room / 2.0 - 1.0,
    };
    let at = Point { x, y: rect.middle().y + 5.0 };
    Some(Words { text: times(repeat), at, size: TIMES_SIZE, style: Setting::Times })
}

/// Entries of the legend in rows below the picture, and the height with them.
pub(crate) fn legend(view: &View, width: f64, body: f64) -> (Vec<(BoxKind, Rect)>, f64) {
    let is_shown = |id: &BoxId| view.is_leaf(*id) && *id != View::ROOT;
    let mut kinds: Vec<BoxKind> =
        (0..view.boxes.len()).filter(is_shown).map(|id| view.boxes[id].kind).collect();
    kinds.retain(|kind| !matches!(kind, BoxKind::Scope));
    let outputs = kinds.contains(&BoxKind::Input);
    kinds.retain(|kind| !(outputs && *kind == BoxKind::Output));
    kinds.sort();
    kinds.dedup();
    let margin = 18.0;
    let mut rows: Vec<Vec<(BoxKind, f64)>> = vec![Vec::new()];
    let mut used = 0.0;
    for kind in kinds {
        let entry = SWATCH + 6.0 + text::width(kind_name(kind), SMALL) + 16.0;
        if used + entry > width - 2.0 * margin + 16.0 && used > 0.0 {
            rows.push(Vec::new());
            used = 0.0;
        }
        used += entry;
        if let Some(row) = rows.last_mut() {
            row.push((kind, entry));
        }
    }
    let mut entries = Vec::new();
    let mut y = body + 4.0;
    for row in &rows {
        let total: f64 = row.iter().map(|(_, w)| w).sum::<f64>() - 16.0;
        let mut x = (width - total) / 2.0;
        for &(kind, w) in row {
            entries.push((kind, Rect { x, y, w: SWATCH, h: SWATCH }));
            x += w;
        }
        y += SWATCH + 8.0;
    }
    let height = if entries.is_empty() { body } else { y + 6.0 };
    (entries, height)
}
