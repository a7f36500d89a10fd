//! Drawing a view: it is checked, laid out until nothing runs through anything else, and written.

use super::check::{self, Report};
use super::compose::compose;
use super::options::DrawOptions;
use super::picture::Picture;
use super::words::{self, Told};
use super::{columns, overlay, svg, tags};
use crate::view::View;

/// No picture shows deeper nesting than this; it also bounds recursion.
const DEPTH: usize = 256;

/// So often, a view is laid out again because lines run through boxes.
const ROUNDS: usize = 5;

/// A drawn view.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Drawing {
    /// One `<svg>` element on one line, fit for inlining into HTML.
    pub svg: String,
    /// The same content as a nested HTML list.
    pub text: String,
    /// What was measured on the picture.
    pub report: Report,
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels.
    pub height: f64,
}

/// A view that can't be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DrawError {
    /// There is no box.
    #[error("the view has no box; a view has at least its root")]
    Empty,
    /// The tree of boxes is not one.
    #[error("box {0} is not in its parent's list of children, or comes before its parent")]
    Tree(usize),
    /// A box is nested too deep.
    #[error("box {0} is nested more than {DEPTH} deep")]
    Deep(usize),
    /// An edge leads nowhere.
    #[error("edge {0} does not join two boxes within the root that have no children")]
    Edge(usize),
    /// The id would break the SVG.
    #[error("the id {0:?} is not a name of letters, digits, '-' and '_' that begins with a letter")]
    Id(String),
    /// The weights are those of another view.
    #[error("the overlay was made for another view: it has other numbers of boxes and edges than this one")]
    OtherView,
    /// There is nothing to cover.
    #[error("the view has no box without others inside whose key is {0:?}, so it can't be covered")]
    Cover(String),
    /// Two views in one picture have no weights.
    #[error(
        "a picture of two graphs shows what differs between them, and no overlay: draw each of them alone"
    )]
    OverlayOfTwo,
}

/// Draws `view`.
///
/// # Errors
///
/// If the view is not a tree of boxes with edges between its leaves, the id is no name, the overlay is that of another view, or
/// the box to be covered isn't there.
pub fn draw(view: &View, options: &DrawOptions<'_>) -> Result<Drawing, DrawError> {
    validate(view, options)?;
    let covers =
        |key: &String| (1..view.boxes.len()).any(|id| view.is_leaf(id) && view.boxes[id].key == *key);
    if let Some(key) = options.covered.as_ref().filter(|key| !covers(key)) {
        return Err(DrawError::Cover(key.clone()));
    }
    let mut picture = lay_out(view, options);
    if let Some(height) = options.columns {
        columns::wrap(view, &mut picture, height, options.legend);
    }
    if options.line_shapes {
        tags::place(view, &mut picture);
    }
    if let Some(shown) = &options.overlay {
        overlay::place(view, &mut picture, shown, options.legend);
    }
    let svg = svg::write(view, &picture, options);
    let report = check::measure(view, &picture, svg.len());
    let text = words::write(view, Told { shapes: options.shapes, marks: None });
    let text = match &options.overlay {
        Some(shown) => overlay::text(view, shown, &text),
        None => text,
    };
    Ok(Drawing { svg, text, report, width: picture.width, height: picture.height + picture.top() })
}

/// Lays the view out. Links that are led around something are laid without regard to what stands in their way; where
/// something does, they become ordinary flow, and all is laid out again. Flow alone never runs through a box.
pub(super) fn lay_out(view: &View, options: &DrawOptions<'_>) -> Picture {
    let mut plain = vec![false; view.edges.len()];
    let mut picture = compose(view, options, &plain);
    for round in 1..=ROUNDS {
        let blocked = check::blocked(view, &picture);
        if !blocked.iter().any(|&edge| !plain[edge]) {
            break;
        }
        blocked.into_iter().for_each(|edge| plain[edge] = true);
        if round == ROUNDS {
            plain.fill(true);
        }
        picture = compose(view, options, &plain);
    }
    picture
}

pub(super) fn validate(view: &View, options: &DrawOptions<'_>) -> Result<(), DrawError> {
    let named = options.id.starts_with(|c: char| c.is_ascii_alphabetic())
        && options.id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if !named {
        return Err(DrawError::Id(options.id.to_owned()));
    }
    if view.boxes.is_empty() {
        return Err(DrawError::Empty);
    }
    let mut seen = vec![false; view.boxes.len()];
    seen[View::ROOT] = view.boxes[View::ROOT].parent.is_none();
    for (id, parent) in view.boxes.iter().enumerate() {
        for &child in &parent.children {
            let fits =
                child > id && child < seen.len() && !seen[child] && view.boxes[child].parent == Some(id);
            if !fits {
                return Err(DrawError::Tree(child));
            }
            seen[child] = true;
        }
    }
    if let Some(stray) = seen.iter().position(|&seen| !seen) {
        return Err(DrawError::Tree(stray));
    }
    let mut depth = vec![0; view.boxes.len()];
    for (id, found) in view.boxes.iter().enumerate() {
        depth[id] = found.parent.map_or(0, |parent| depth[parent] + 1);
        if depth[id] > DEPTH {
            return Err(DrawError::Deep(id));
        }
    }
    let is_leaf = |id: usize| id != View::ROOT && view.boxes.get(id).is_some_and(|b| b.children.is_empty());
    match view.edges.iter().position(|edge| !is_leaf(edge.from) || !is_leaf(edge.to)) {
        Some(edge) => Err(DrawError::Edge(edge)),
        None if options.overlay.as_ref().is_some_and(|overlay| !overlay.fits(view)) => {
            Err(DrawError::OtherView)
        }
        None => Ok(()),
    }
}
