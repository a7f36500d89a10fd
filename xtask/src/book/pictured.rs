//! What a picture has, read from the picture itself: boxes with their keys and names, and edges.

use std::collections::BTreeSet;

/// A box or a frame of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Drawn {
    pub(super) key: String,
    /// What its tooltip begins with.
    pub(super) name: String,
    /// How many equal ones it stands for.
    pub(super) repeat: usize,
}

/// What is to be seen in a picture.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pictured {
    /// In the order of the picture.
    pub(super) boxes: Vec<Drawn>,
    edges: BTreeSet<(String, String)>,
}

impl Pictured {
    /// Reads a picture that `graph` drew.
    pub(super) fn read(svg: &str) -> Self {
        let boxes = svg.split(" data-key=\"").skip(1).filter_map(|rest| {
            let (key, rest) = rest.split_once('"')?;
            let title = rest.split_once("><title>")?.1.split_once("</title>")?.0;
            let mut lines = title.split("&#10;").map(unescaped);
            let name = lines.next()?;
            let equal = lines.next().and_then(|line| line.split_once(" equal ones")?.0.parse().ok());
            Some(Drawn { key: unescaped(key), name, repeat: equal.unwrap_or(1) })
        });
        let edges = svg.split(" data-from=\"").skip(1).filter_map(|rest| {
            let (from, rest) = rest.split_once('"')?;
            let to = rest.split_once("data-to=\"")?.1.split_once('"')?.0;
            Some((unescaped(from), unescaped(to)))
        });
        Self { boxes: boxes.collect(), edges: edges.collect() }
    }

    /// The key that is `name`, or else the only one that ends with it, behind a slash. What enters and what leaves is
    /// named by its whole key, which has that of another box in it.
    pub(super) fn key(&self, name: &str) -> Result<&str, String> {
        let keys = || self.boxes.iter().map(|drawn| drawn.key.as_str());
        if let Some(found) = keys().find(|key| *key == name) {
            return Ok(found);
        }
        let is_inner = |key: &&str| !key.strip_prefix("after:").unwrap_or(key).contains(':');
        let ends = |key: &&str| key.strip_suffix(name).is_some_and(|before| before.ends_with(['/', ':']));
        let found: Vec<&str> = keys().filter(is_inner).filter(ends).collect();
        match found[..] {
            [key] => Ok(key),
            [] => Err(format!(
                "no box of the picture has the key {name:?}; there are {}",
                keys().collect::<Vec<_>>().join(", ")
            )),
            _ => Err(format!("more than one key ends with {name:?}: {}", found.join(", "))),
        }
    }

    /// Whether a line leads from the one box to the other.
    pub(super) fn has_edge(&self, from: &str, to: &str) -> bool {
        self.edges.contains(&(from.to_owned(), to.to_owned()))
    }

    /// How many equal parts its frames stand for, if that is one number.
    pub(super) fn layers(&self) -> Option<usize> {
        let all: BTreeSet<usize> = self.boxes.iter().map(|drawn| drawn.repeat).filter(|&n| n > 1).collect();
        all.first().copied().filter(|_| all.len() == 1)
    }
}

fn unescaped(text: &str) -> String {
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    signs.iter().fold(text.to_owned(), |text, (escaped, sign)| text.replace(escaped, sign))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Two boxes in a frame of six, and a line between them.
    pub(in crate::book) const SVG: &str = "<svg><g class=\"f\" data-key=\"m/layer.0\"><title>Layer&#10;6 equal ones in sequence</title></g>\
         <g class=\"b\" data-key=\"m/layer.0/norm\" tabindex=\"0\"><title>Add &amp; Norm&#10;in [2]</title></g>\
         <g class=\"b\" data-key=\"m/layer.0/out\"><title>Linear&#10;out</title></g>\
         <path class=\"e\" data-from=\"m/layer.0/norm\" data-to=\"m/layer.0/out\"/></svg>";

    #[test]
    fn boxes_have_names_and_edges_ends() {
        let pictured = Pictured::read(SVG);
        let names: Vec<_> = pictured.boxes.iter().map(|drawn| (drawn.name.as_str(), drawn.repeat)).collect();
        assert_eq!(names, [("Layer", 6), ("Add & Norm", 1), ("Linear", 1)]);
        assert!(pictured.has_edge("m/layer.0/norm", "m/layer.0/out"));
        assert!(!pictured.has_edge("m/layer.0/out", "m/layer.0/norm"));
        assert_eq!(pictured.layers(), Some(6));
    }

    #[test]
    fn a_key_is_known_by_its_end() {
        let pictured = Pictured::read(&SVG.replace("layer.0/out", "layer.0/a/norm"));
        assert_eq!(pictured.key("m/layer.0/norm").unwrap(), "m/layer.0/norm");
        assert_eq!(pictured.key("a/norm").unwrap(), "m/layer.0/a/norm");
        let two = pictured.key("norm").unwrap_err();
        assert_eq!(two, "more than one key ends with \"norm\": m/layer.0/norm, m/layer.0/a/norm");
        let entering = Pictured::read(&SVG.replace("m/layer.0/out", "output:m/layer.0/norm"));
        assert_eq!(entering.key("layer.0/norm").unwrap(), "m/layer.0/norm");
        assert_eq!(entering.key("output:m/layer.0/norm").unwrap(), "output:m/layer.0/norm");
        let none = pictured.key("orm").unwrap_err();
        assert!(
            none.starts_with("no box of the picture has the key \"orm\"; there are m/layer.0, "),
            "{none}"
        );
    }
}
