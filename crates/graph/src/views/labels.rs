//! Names for what a diagram shows, given by the caller: this crate knows nothing of any particular model.

use crate::fold::Pattern;
use crate::view::BoxKind;

/// What is about to be drawn.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Subject<'a> {
    /// Where it stands: `encoder/layer.0/self_attn`. For inputs and outputs of a scope shown on its own: where the
    /// tensor was made.
    pub path: &'a str,
    /// The last part of the path without a number: `self_attn`.
    pub name: &'a str,
    /// What it is.
    pub what: SubjectKind,
    /// The part that the paths of all its parameters share: `encoder.layers.0.self_attn`. Empty without parameters.
    pub module: &'a str,
    /// Shapes of the tensors that enter, in symbols where there are some.
    pub inputs: &'a [String],
    /// Shapes of the tensors that leave.
    pub outputs: &'a [String],
}

/// What a [`Subject`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SubjectKind {
    /// A span, or a module without spans.
    Scope,
    /// A recognised group of operations.
    Pattern(Pattern),
    /// A single operation.
    Operation,
    /// A tensor that enters the view.
    Input,
    /// A tensor that leaves the view.
    Output,
}

/// Whether and how something is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Visibility {
    /// As a box.
    #[default]
    Shown,
    /// Not itself: what is inside is shown in the enclosing box.
    Dissolved,
    /// Not at all, and neither is the data that flows through it. It counts as part of the enclosing box.
    Hidden,
    /// Not at all, but the data flows on to whoever reads it. It counts as part of the enclosing box.
    Bridged,
}

/// How something is shown.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Style {
    /// The text in the box; the name if there is none.
    pub label: Option<String>,
    /// A second, smaller line.
    pub note: Option<String>,
    /// Hue and shape; found from the operations if there is none.
    pub kind: Option<BoxKind>,
    /// Whether it is shown.
    pub visibility: Visibility,
}

impl Style {
    /// A box with that text.
    #[must_use]
    pub fn label(label: impl Into<String>) -> Self {
        Self { label: Some(label.into()), ..Self::default() }
    }

    /// A box with that text, hue and shape.
    #[must_use]
    pub fn new(label: impl Into<String>, kind: BoxKind) -> Self {
        Self::label(label).kind(kind)
    }

    /// See [`Visibility::Dissolved`].
    #[must_use]
    pub fn dissolved() -> Self {
        Self { visibility: Visibility::Dissolved, ..Self::default() }
    }

    /// See [`Visibility::Hidden`].
    #[must_use]
    pub fn hidden() -> Self {
        Self { visibility: Visibility::Hidden, ..Self::default() }
    }

    /// See [`Visibility::Bridged`].
    #[must_use]
    pub fn bridged() -> Self {
        Self { visibility: Visibility::Bridged, ..Self::default() }
    }

    /// With that hue and shape.
    #[must_use]
    pub fn kind(mut self, kind: BoxKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// With a second, smaller line.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }
}

/// Decides how things are shown. Closures are labels, and so are [`Rules`].
pub trait Labels {
    /// How to show `subject`; none for what it would be called anyway.
    fn style(&self, subject: &Subject<'_>) -> Option<Style>;
}

impl<F: Fn(&Subject<'_>) -> Option<Style>> Labels for F {
    fn style(&self, subject: &Subject<'_>) -> Option<Style> {
        self(subject)
    }
}

/// Labels by path. The last rule that matches decides.
///
/// In a rule, `*` stands for any part of a name, `**` for any number of names, and a name without a number for all
/// its numbers: `**/layer/norm` matches `encoder/layer.3/norm`.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<(String, Style)>);

impl Rules {
    /// No rules.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more rule.
    #[must_use]
    pub fn rule(mut self, path: impl Into<String>, style: Style) -> Self {
        self.0.push((path.into(), style));
        self
    }
}

impl Labels for &Rules {
    fn style(&self, subject: &Subject<'_>) -> Option<Style> {
        (**self).style(subject)
    }
}

impl Labels for Rules {
    fn style(&self, subject: &Subject<'_>) -> Option<Style> {
        let matching = self.0.iter().rev().find(|(pattern, _)| matches(pattern, subject.path));
        matching.map(|(_, style)| style.clone())
    }
}

/// Whether a path such as `encoder/layer.0/norm` matches a pattern such as `**/layer/*`; see [`Rules`].
#[must_use]
pub fn matches(pattern: &str, path: &str) -> bool {
    fn parts(text: &str) -> Vec<&str> {
        text.split('/').filter(|part| !part.is_empty()).collect()
    }
    matches_parts(&parts(pattern), &parts(path))
}

fn matches_parts(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            matches_parts(rest, path)
                || path.split_first().is_some_and(|(_, path)| matches_parts(pattern, path))
        }
        (Some((first, rest)), Some((name, path))) => matches_name(first, name) && matches_parts(rest, path),
        _ => false,
    }
}

fn matches_name(pattern: &str, name: &str) -> bool {
    // A pattern without the number of a call is for all calls.
    if let Some((name, _)) = name.rsplit_once('@').filter(|_| !pattern.contains('@')) {
        return matches_name(pattern, name);
    }
    let unnumbered =
        name.rsplit_once('.').filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
    wildcard(pattern.as_bytes(), name.as_bytes())
        || unnumbered.is_some_and(|(name, _)| wildcard(pattern.as_bytes(), name.as_bytes()))
}

fn wildcard(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            wildcard(rest, name) || name.split_first().is_some_and(|(_, name)| wildcard(pattern, name))
        }
        (Some((a, pattern)), Some((b, name))) => a == b && wildcard(pattern, name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_paths() {
        for (pattern, path) in [
            ("", ""),
            ("encoder", "encoder"),
            ("encoder/layer", "encoder/layer.3"),
            ("encoder/layer.3", "encoder/layer.3"),
            ("**", "a/b/c"),
            ("**/norm", "norm"),
            ("**/norm", "encoder/layer.0/norm"),
            ("*/layer/*", "decoder/layer.1/norm"),
            ("*mask*", "target_mask"),
        ] {
            assert!(matches(pattern, path), "{pattern} should match {path}");
        }
        for (pattern, path) in
            [("", "a"), ("a", ""), ("layer.1", "layer.2"), ("*", "a/b"), ("norm", "norm_1"), ("**/a", "a/b")]
        {
            assert!(!matches(pattern, path), "{pattern} should not match {path}");
        }
    }
}
