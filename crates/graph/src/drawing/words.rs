//! The content of a picture in words: a nested list in HTML.

use std::fmt::Write;

use super::counts;
use super::text::escape;
use crate::view::{BoxId, EdgeRole, View, ViewEdge};

/// A list of all boxes in the order of the flow, and where the data of each goes.
pub(crate) fn write(view: &View) -> String {
    let mut html = String::from("<ul>");
    let mut leaving = vec![Vec::new(); view.boxes.len()];
    view.edges.iter().for_each(|edge| leaving[edge.from].push(edge));
    for &child in &view.boxes[View::ROOT].children {
        item(&mut html, view, &leaving, child);
    }
    html.push_str("</ul>");
    html
}

fn item(html: &mut String, view: &View, leaving: &[Vec<&ViewEdge>], id: BoxId) {
    let found = &view.boxes[id];
    let _ = write!(html, "<li>{}", escape(&found.label));
    if found.repeat > 1 {
        let _ = write!(html, ", {} times", found.repeat);
    }
    if let Some(note) = &found.note {
        let _ = write!(html, " ({})", escape(note));
    }
    for told in counts::parameters(view, id) {
        let _ = write!(html, ", {told}");
    }
    let mut goes: Vec<String> = Vec::new();
    for edge in &leaving[id] {
        let how = match edge.role {
            EdgeRole::Flow => "",
            EdgeRole::Residual => ", as a residual connection",
            EdgeRole::Lateral => ", from the side",
        };
        goes.push(format!("{}{how}", escape(&view.boxes[edge.to].label)));
    }
    if !goes.is_empty() {
        let _ = write!(html, "; goes to {}", goes.join(" and "));
    }
    if !found.children.is_empty() {
        html.push_str("<ul>");
        found.children.iter().for_each(|&child| item(html, view, leaving, child));
        html.push_str("</ul>");
    }
    html.push_str("</li>");
}
