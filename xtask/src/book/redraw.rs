//! `{{#redraw ID}}`: a diagram that the reader draws from memory, in the page or elsewhere.

use super::html::escape;
use crate::catalogue::Rendered;

/// A sentence for everybody, and for the page's script what is to be redrawn.
pub(super) fn asked(diagram: &Rendered) -> String {
    let id = &diagram.id;
    // The script has nothing of its own that could be another than what was captured.
    let picture = serde_json::to_string(&diagram.picture).unwrap_or_default();
    format!(
        "<div class=\"redraw\" data-diagram=\"{id}\" data-figure=\"figure-{id}\" data-picture=\"{}\">\n\
         <p>Did you draw it on paper? A program can grade that, too. Write it down as a text file, in the language of the \
         tool Graphviz: <code>digraph {{ Inputs -&gt; \"Input Embedding\" -&gt; … }}</code>. Then \
         <code>cargo xtask redraw grade FILE --diagram {id}</code> says what is missing. <code>cargo xtask redraw blank {id}</code> prints the empty boxes to begin with.</p>\n</div>\n",
        escape(&picture)
    )
}
