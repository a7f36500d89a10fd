//! Views made by hand.

use graph::view::{BoxKind, EdgeRole, Source, View, ViewBox, ViewEdge};
use graph::{DrawOptions, Drawing, draw};

/// Builds a view box by box.
pub(crate) struct Sketch {
    pub(crate) view: View,
}

impl Sketch {
    pub(crate) fn new() -> Self {
        let mut sketch = Self {
            view: View {
                title: "Sketch".into(),
                description: "A sketch.".into(),
                boxes: vec![],
                edges: vec![],
            },
        };
        sketch.view.boxes.push(blank("root", BoxKind::Scope));
        sketch
    }

    pub(crate) fn add(&mut self, parent: usize, label: &str, kind: BoxKind) -> usize {
        let id = self.view.boxes.len();
        let mut found = blank(label, kind);
        found.key = format!("{}/{id}", self.view.boxes[parent].key);
        found.parent = Some(parent);
        self.view.boxes.push(found);
        self.view.boxes[parent].children.push(id);
        id
    }

    pub(crate) fn edge(&mut self, from: usize, to: usize, role: EdgeRole) {
        self.view.edges.push(ViewEdge {
            from,
            to,
            role,
            shape: Some("[batch, d_model]".into()),
            detail: None,
            uses: 1,
        });
    }

    /// Joins boxes one after the other.
    pub(crate) fn flow(&mut self, chain: &[usize]) {
        chain.windows(2).for_each(|pair| self.edge(pair[0], pair[1], EdgeRole::Flow));
    }

    pub(crate) fn draw(&self, id: &str) -> Drawing {
        let drawing = draw(&self.view, &DrawOptions::new(id)).unwrap();
        if let Ok(folder) = std::env::var("SKETCHES") {
            std::fs::write(format!("{folder}/{id}.svg"), &drawing.svg).unwrap();
        }
        roxmltree::Document::parse(&drawing.svg).unwrap();
        drawing
    }
}

pub(crate) fn blank(label: &str, kind: BoxKind) -> ViewBox {
    ViewBox {
        key: label.to_lowercase(),
        label: label.into(),
        note: None,
        shape: None,
        kind,
        repeat: 1,
        parent: None,
        children: vec![],
        source: Some(Source { file: "crates/model/src/attention.rs".into(), line: 42 }),
        operations: 1,
        parameters: 0,
        each: 0,
        statistics: 0,
        detail: vec![],
        highlight: false,
    }
}
