//! The texts of boxes and frames, and the sizes in which they are set.

use super::options::DrawOptions;
use super::text;
use crate::view::{BoxId, BoxKind, View, ViewBox};

/// Font size of a label.
pub(crate) const LABEL: f64 = 13.0;
/// Font size of notes, of the line number and of a frame's title: no text is smaller, and 12 pixels can be read on a phone.
pub(crate) const SMALL: f64 = 12.0;
/// Height of a line of a label.
pub(crate) const LINE: f64 = 16.0;
/// Height of a line of small text.
pub(crate) const SMALL_LINE: f64 = 14.0;
/// Longest line of a label.
const LABEL_LIMIT: f64 = 126.0;
/// Longest line of the name of an input or output, which nothing stands beside.
const BOUNDARY_LIMIT: f64 = 160.0;
/// The same in a narrow picture, unless a single word is longer, and how long that may be.
const NARROW_LIMIT: f64 = 64.0;
const WORD_LIMIT: f64 = 112.0;
/// Longest title of a frame.
const TITLE_LIMIT: f64 = 260.0;
/// Least room beside a frame for "N x".
const TIMES: f64 = 36.0;
/// Font size of "N x".
pub(crate) const TIMES_SIZE: f64 = 15.0;

/// The text of a leaf, or the title of a frame.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caption {
    pub(crate) lines: Vec<String>,
    pub(crate) note: Option<String>,
    pub(crate) shape: Vec<String>,
    pub(crate) place: Option<String>,
}

impl Caption {
    /// The lines of small text.
    pub(crate) fn small(&self) -> impl Iterator<Item = &String> {
        self.note.iter().chain(&self.shape).chain(&self.place)
    }
}

/// What stands beside a frame that is repeated.
pub(crate) fn times(repeat: usize) -> String {
    format!("{repeat}×")
}

/// The room that it takes.
pub(crate) fn times_room(repeat: usize) -> f64 {
    (text::bold_width(&times(repeat), TIMES_SIZE) + 6.0).max(TIMES)
}

/// The title of a frame, on one line.
fn title(label: &str) -> String {
    text::wrap(label, SMALL, TITLE_LIMIT, 1).swap_remove(0)
}

/// The text of a box.
pub(crate) fn caption(view: &View, options: &DrawOptions<'_>, id: BoxId) -> Caption {
    let ViewBox { label, note, shape, kind, .. } = &view.boxes[id];
    let boundary = matches!(kind, BoxKind::Input | BoxKind::Output);
    let limit = if boundary { BOUNDARY_LIMIT } else { LABEL_LIMIT };
    if !view.is_leaf(id) {
        let lines = options.narrow.then(|| stacked(label, SMALL)).flatten();
        return Caption { lines: lines.unwrap_or_else(|| vec![title(label)]), ..Caption::default() };
    }
    let small_limit = if options.narrow { WORD_LIMIT } else { LABEL_LIMIT + 60.0 };
    let small = |text: &String| text::wrap(text, SMALL, small_limit, 1).swap_remove(0);
    let shape_lines = |text: &String| {
        let lines = options.narrow.then(|| stacked(text, SMALL)).flatten();
        lines.unwrap_or_else(|| vec![small(text)])
    };
    let lines = if options.narrow { stacked(label, LABEL) } else { None };
    Caption {
        lines: lines.unwrap_or_else(|| text::wrap(label, LABEL, limit, 2)),
        note: note.as_ref().map(small),
        shape: shape.iter().filter(|_| options.shapes).flat_map(shape_lines).collect(),
        place: place(view, id).as_ref().filter(|_| options.sources).map(small),
    }
}

/// A label in as many lines as it takes to be narrow, broken between words alone; none if one of them is too long.
fn stacked(label: &str, size: f64) -> Option<Vec<String>> {
    let label = text::clean(label);
    let widest = label.split_whitespace().map(|word| text::width(word, size)).fold(NARROW_LIMIT, f64::max);
    let mut lines: Vec<String> = Vec::new();
    for word in label.split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match (lines.last_mut(), longer.filter(|longer| text::width(longer, size) <= widest)) {
            (Some(line), Some(longer)) => *line = longer,
            _ => lines.push(word.to_owned()),
        }
    }
    (widest <= WORD_LIMIT && !lines.is_empty()).then_some(lines)
}

/// Where the code is that made a box, as its last line names it.
fn place(view: &View, id: BoxId) -> Option<String> {
    let source = view.boxes[id].source.as_ref().filter(|_| view.is_leaf(id))?;
    if view.boxes[id].kind == BoxKind::Add {
        return None;
    }
    let file = source.file.rsplit('/').next().unwrap_or(&source.file);
    Some(format!("{file}:{}", source.line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_label_breaks_between_words() {
        let lines = |label| stacked(label, LABEL).unwrap_or_default();
        assert_eq!(lines("Scaled Dot-Product Attention"), ["Scaled", "Dot-Product", "Attention"]);
        assert_eq!(lines("Add & Norm"), ["Add &", "Norm"]);
        assert_eq!(lines("MatMul"), ["MatMul"]);
        assert_eq!(stacked("supercalifragilistic norm", LABEL), None);
        assert_eq!(stacked(" ", LABEL), None);
    }
}
