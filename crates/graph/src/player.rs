//! The scripts that carry a [`Program`](crate::Program) out in a browser and show its tensors, for a page of one's own.
//!
//! They are plain scripts without imports: each adds to a global `player`, so they are loaded in the order in which they stand
//! here, and ask for nothing. [`page`](fn@crate::page) writes a page that has them all. Other pages need [`RUN`]; [`LOOK`] with its
//! [`STYLE`], if they show tensors; and [`BARS`], if they show numbers with names.
//!
//! ```
//! let scripts: String = graph::player::RUN.iter().chain(graph::player::LOOK).map(|script| script.text).collect();
//! assert!(scripts.contains("player"));
//! ```

/// One script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script {
    /// Its file in `crates/graph/player`, as in `common.js`.
    pub name: &'static str,
    /// All that is in it.
    pub text: &'static str,
}

/// The scripts of these names.
macro_rules! scripts {
    ($($name:literal)*) => {
        &[$(Script { name: $name, text: include_str!(concat!("../player/", $name)) }),*]
    };
}

// Tests in Node read these lists too, from here.
/// Reads a program and its values, changes it, and carries it out, in a page or in a worker beside it.
pub const RUN: &[Script] = scripts!["common.js" "safetensors.js" "kinds.js" "kinds-numbers.js" "kinds-moves.js" "kinds-sums.js"
    "kinds-matrix.js" "kinds-windows.js" "program.js" "edits.js" "player.js" "worker.js"];

/// Shows a tensor as a picture, in words and as a table.
pub const LOOK: &[Script] = scripts!["words.js" "look.js" "colours.js" "steer.js" "heat.js" "panel.js"];

/// Shows numbers with names as bars.
pub const BARS: &[Script] = scripts!["bars.js"];

/// The style of what [`LOOK`] and [`BARS`] show.
pub const STYLE: &str = include_str!("../player/panel.css");

/// Leads through the levels of [`page`](fn@crate::page).
pub(crate) const PAGE: &[Script] = scripts!["page.js" "page-values.js" "page-box.js"];
