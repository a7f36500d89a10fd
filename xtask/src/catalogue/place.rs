//! Where a diagram's place is in the picture of the whole.

use super::atlas::{Atlas, Sheet, SheetId};
use super::made::is_within;

/// Where in the picture of the whole a diagram's place is.
#[derive(Clone, Debug)]
pub(crate) struct Whereabouts {
    /// The diagram of the whole.
    pub(crate) whole: String,
    /// The keys of its boxes that stand for the place, or that the place is in.
    pub(crate) keys: Vec<String>,
}

/// Where a sheet is in the first one above it.
pub(super) fn whereabouts(atlas: &Atlas<'_>, sheet: SheetId) -> Option<Whereabouts> {
    let &whole = atlas.trail(sheet).first()?;
    let (Sheet { diagram, .. }, Sheet { diagram: above, view, .. }) =
        (&atlas.sheets[sheet], &atlas.sheets[whole]);
    let is_there = diagram.captured == above.captured && !diagram.path.is_empty();
    if !is_there || diagram.shown.against.is_some() {
        return None;
    }
    let boxes = || view.boxes.iter().skip(1).filter(|found| found.operations > 0);
    let inside = boxes().filter(|found| is_within(&found.key, &diagram.path));
    let mut keys: Vec<String> = inside.map(|found| found.key.clone()).collect();
    if keys.is_empty() {
        let around = boxes().filter(|found| is_within(&diagram.path, &found.key));
        keys.extend(around.map(|found| found.key.clone()).max_by_key(String::len));
    }
    (!keys.is_empty()).then(|| Whereabouts { whole: above.id.clone(), keys })
}
