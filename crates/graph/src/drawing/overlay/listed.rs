//! Weights in words: a list, the strongest first, with the names that boxes have in the text of a picture.

use crate::drawing::names::Names;
use crate::drawing::text::escape;
use crate::overlay::Overlay;
use crate::view::View;

/// So many are named in the description of a picture.
const STRONGEST: usize = 3;

/// A weight with the name of what has it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Weighed {
    /// What a picture's text calls it: `Feed Forward of the Encoder layer`, `from x to Attention`.
    pub name: String,
    /// Its weight.
    pub weight: f64,
}

impl Overlay {
    /// All weights with names, the furthest from zero first. An edge is among them if its weight is another than that of the
    /// box that it comes from. `view` is the overlay's.
    #[must_use]
    pub fn listed(&self, view: &View) -> Vec<Weighed> {
        if !self.fits(view) {
            return Vec::new();
        }
        let names = Names::new(view);
        let boxes = self.boxes().map(|(id, weight)| Weighed { name: names.in_full(id), weight });
        let edges = self.edges().filter(|&(edge, weight)| self.says_more(view, edge, weight));
        let edges = edges.map(|(edge, weight)| {
            let (from, to) = (view.edges[edge].from, view.edges[edge].to);
            Weighed { name: format!("from {} to {}", names.in_full(from), names.seen_from(from, to)), weight }
        });
        let mut all: Vec<Weighed> = boxes.chain(edges).collect();
        all.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        all
    }

    /// Whether an edge's number says more than that of the box that it comes from.
    pub(super) fn says_more(&self, view: &View, edge: usize, weight: f64) -> bool {
        let source = self.box_weight(view.edges[edge].from);
        source.is_none_or(|source| self.scale().told(source) != self.scale().told(weight))
    }
}

/// The list as HTML, and the text of the picture after it.
pub(crate) fn text(view: &View, overlay: &Overlay, text: &str) -> String {
    let scale = overlay.scale();
    let items = overlay.listed(view).into_iter();
    let items: String = items
        .map(|Weighed { name, weight }| {
            format!("<li>{}</li>", escape(&format!("{}: {name}", scale.told(weight))))
        })
        .collect();
    let meaning = scale.words().map(|words| format!(" ({words})")).unwrap_or_default();
    let elsewhere = match overlay.elsewhere() {
        0 => String::new(),
        1 => "; one more was measured that this picture doesn't show".to_owned(),
        more => format!("; {more} more were measured that this picture doesn't show"),
    };
    let head = format!("{}, {}{meaning}, the strongest first{elsewhere}", scale.title(), range(overlay));
    format!("<ul><li>{}<ol>{items}</ol></li><li>{}{text}</li></ul>", escape(&head), escape(&view.title))
}

/// What is strongest, in a sentence.
pub(super) fn sentence(view: &View, overlay: &Overlay) -> String {
    let scale = overlay.scale();
    let listed = overlay.listed(view);
    let strongest: Vec<String> = listed
        .iter()
        .take(STRONGEST)
        .map(|Weighed { name, weight }| format!("{name} ({})", scale.told(*weight)))
        .collect();
    let strongest =
        if strongest.is_empty() { "nothing was measured".to_owned() } else { strongest.join(", ") };
    format!("{}, {}; the strongest: {strongest}.", scale.title(), range(overlay))
}

fn range(overlay: &Overlay) -> String {
    let (low, high) = overlay.scale().range();
    format!("from {} to {}", overlay.scale().told_short(low), overlay.scale().told_short(high))
}
