//! Charts as SVG that stand in a page as well as alone.
//!
//! Every kind of chart is a [`Panel`]: [`Chart`] (lines and points, linear or logarithmic), [`Bars`], [`HeatMaps`],
//! [`Hinton`] (squares whose areas are magnitudes), [`Pictures`] (small ones in shades of grey), [`Surface`] (a function
//! of two variables with a path on it), a [`Legend`] of its own, and a [`Row`] of other panels. [`stack`] puts panels below
//! each other and gives the picture its name for those who can't see it; [`both`] makes of the same panels a second picture,
//! for a phone. Where there are no panels any more, but only the picture, [`narrowed`] squeezes it.
//!
//! ```
//! use plot::{Caption, Chart, Colour, Mark, Series, stack};
//!
//! let loss = vec![(1.0, 4.0), (10.0, 2.0), (100.0, 1.0)];
//! let chart = Chart::new("Loss per token", "step", "nats")
//!     .series(Series::new("training", loss, Colour::First, Mark::Line))
//!     .from_zero();
//! let caption = Caption { id: "loss", title: "Loss", description: "It falls from 4 to 1 in 100 steps." };
//! assert!(stack(&[&chart], &caption).starts_with("<svg "));
//! ```
//!
//! Lengths and places are in pixels of the unscaled picture, from its upper left corner. Text takes the colour of the
//! page, so one picture serves light and dark pages. Values that are not finite never reach the picture as numbers, and
//! no input makes a function panic.

mod axis;
mod bars;
mod chart;
mod contour;
mod drawn;
mod frame;
mod glyphs;
mod heading;
mod heat;
mod hinton;
mod legend;
mod mark;
mod narrow;
mod panel;
mod pictures;
mod squeeze;
mod surface;
mod svg;
mod text;

pub use axis::{Axis, Scale, draw_axes};
pub use bars::{Bar, Bars};
pub use chart::{Chart, Series, thin};
pub use drawn::{Drawn, LEGIBLE, PHONE, both, enlargement};
pub use heat::{HeatMap, HeatMaps};
pub use hinton::{Hinton, Ink};
pub use legend::{Key, Legend, draw_column};
pub use mark::Mark;
pub use narrow::narrowed;
pub use panel::{Panel, Place, Row, stack};
pub use pictures::{Picture, PictureRow, Pictures};
pub use surface::{Arrow, Descent, Surface, evaluate};
pub use svg::{Anchor, Caption, Colour, Stroke, Svg};
pub use text::{bold_width, decimal, isolate, shorten, text_width, thousands};
