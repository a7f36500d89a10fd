//! From a view to a picture.
//!
//! Every scope is laid out on its own, bottom-up, and stands in its parent as one node of its size. The flow runs from
//! the bottom to the top; residual connections run in lanes at the side of what they skip, and lateral edges between
//! towers that stand side by side. What closes a circle runs down again beside the rows.

mod caption;
mod check;
mod columns;
mod compose;
#[cfg(test)]
mod contrast;
mod counts;
mod cover;
mod drawn;
mod flow;
mod fork;
mod gauge;
mod geometry;
mod grid;
mod hints;
mod inside;
mod kinds;
mod layout;
mod lettering;
mod link;
mod marks;
mod names;
mod near;
mod options;
mod order;
mod overlay;
mod pair;
mod part;
mod pen;
mod picture;
mod room;
mod rows;
mod scope;
mod shade;
mod sides;
mod sift;
mod space;
mod style;
mod svg;
mod tags;
mod text;
mod towers;
mod tracks;
mod words;

pub use check::Report;
pub use drawn::{DrawError, Drawing, draw};
pub(crate) use marks::{Mark, Marks};
pub(crate) use names::Names;
pub use options::{BoxLinks, DrawOptions};
pub use overlay::Weighed;
pub(crate) use pair::{Marked, draw_pair};
pub(crate) use text::escape;
