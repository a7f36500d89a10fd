//! Names as files write them, and where what they stand for is declared.

use std::sync::Arc;

/// A name, as a file writes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Name {
    /// With what stands before it: `nn::Linear`.
    pub(super) path: Arc<str>,
    /// Where it stands.
    pub(super) file: Arc<str>,
}

impl Name {
    pub(super) fn new(path: &str, file: &Arc<str>) -> Self {
        Self { path: path.into(), file: file.clone() }
    }

    /// Burn's tensor, wherever it is spoken of.
    pub(super) fn tensor() -> Self {
        Self { path: "burn::Tensor".into(), file: "".into() }
    }

    /// What a capture gives its closure.
    pub(super) fn session() -> Self {
        Self { path: "graph::Session".into(), file: "".into() }
    }

    /// The name without what stands before it.
    pub(super) fn last(&self) -> &str {
        last(&self.path)
    }

    pub(super) fn is_tensor(&self) -> bool {
        self.last() == "Tensor"
    }
}

pub(super) fn last(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

/// Where something is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// In the file of that number, by that name.
    Here(usize, Arc<str>),
    /// In no source that is at hand; its path as far as it is known.
    Foreign(Arc<str>),
}

impl Home {
    pub(super) fn is_foreign(&self) -> bool {
        matches!(self, Self::Foreign(_))
    }

    /// Whether both are the same thing. Of foreign things only the name is sure: they are shown by many paths.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Foreign(one), Self::Foreign(other)) => last(one) == last(other),
            (one, other) => one == other,
        }
    }

    /// Whether it is what a capture gives its closure.
    pub(super) fn is_session(&self) -> bool {
        matches!(self, Self::Foreign(path) if matches!(&**path, "graph::Session" | "Session"))
    }
}

/// The folders and the name of a file, as parts of a path of modules.
pub(super) fn modules(file: &str) -> Vec<&str> {
    let file = file.strip_suffix(".rs").unwrap_or(file);
    let mut parts: Vec<&str> = file.split(['/', '\\']).collect();
    if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(last)) {
        parts.pop();
    }
    parts
}
