//! Pictures to be asked about: each with one of its names covered at a time.

use anyhow::{Context, Result};
use graph::view::{BoxKind, View, ViewBox};
use graph::{DrawOptions, Question, draw, questions};

use super::atlas::{Atlas, Sheet};
use super::captures::Graphs;
use super::parallel;

/// A picture without links, and what can be asked about it.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) svg: String,
    pub(crate) covered: Vec<Covered>,
    pub(crate) questions: Vec<Question>,
}

/// The picture with a name covered.
#[derive(Clone, Debug)]
pub(crate) struct Covered {
    /// What the box is known by in its picture.
    pub(crate) key: String,
    /// What is written there.
    pub(crate) label: String,
    pub(crate) note: Option<String>,
    pub(crate) svg: String,
}

/// The pictures of these ids.
pub(crate) fn pictures(graphs: &Graphs, ids: &[&str]) -> Result<Vec<Picture>> {
    let atlas = Atlas::new(graphs)?;
    let of = |id: &&str| {
        let sheet = atlas.sheets.iter().find(|sheet| sheet.diagram.id == *id);
        let sheet = sheet.with_context(|| format!("there is no diagram {id:?}"))?;
        picture(sheet).with_context(|| format!("cannot cover the diagram {id}"))
    };
    parallel::each(ids, of)
}

fn picture(sheet: &Sheet) -> Result<Picture> {
    let Sheet { diagram, view, .. } = sheet;
    let options =
        || DrawOptions::new(format!("card-{}", diagram.id)).sources(false).shapes(diagram.shown.detailed);
    let cover = |found: &ViewBox| -> Result<Covered> {
        let svg = draw(view, &options().cover(&found.key))?.svg;
        let key = relative(&found.key, &diagram.path);
        Ok(Covered { key, label: found.label.clone(), note: found.note.clone(), svg })
    };
    let named =
        view.boxes.iter().enumerate().skip(1).filter(|(id, found)| view.is_leaf(*id) && has_name(found));
    Ok(Picture {
        id: diagram.id.clone(),
        title: diagram.title.clone(),
        svg: draw(view, &options())?.svg,
        covered: named.map(|(_, found)| cover(found)).collect::<Result<_>>()?,
        questions: asked(view, &diagram.path),
    })
}

/// Whether it says anything to know what is written in a box: a sum is a sign, and an *x* could be any.
fn has_name(found: &ViewBox) -> bool {
    let is_plain = found.label.chars().count() < 2 || found.label == "output";
    found.kind != BoxKind::Add && !is_plain
}

fn asked(view: &View, path: &str) -> Vec<Question> {
    let mut asked = questions(view);
    asked.iter_mut().for_each(|question| question.key = relative(&question.key, path));
    asked
}

/// The key of a box, seen from what the picture shows: without what both paths begin with.
fn relative(key: &str, path: &str) -> String {
    let (sort, own) = key.split_once(':').unwrap_or(("", key));
    let common = own.split('/').zip(path.split('/')).take_while(|(own, above)| own == above).count();
    let rest = own.split('/').skip(common).collect::<Vec<_>>().join("/");
    let rest = if rest.is_empty() { "whole" } else { &rest };
    if sort.is_empty() { rest.to_owned() } else { format!("{sort}:{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_seen_from_their_picture() {
        for (key, path, expected) in [
            ("a/b/c.0", "a/b", "c.0"),
            ("input:a/b/query", "a/b", "input:query"),
            ("input:a/query", "a/b", "input:query"),
            ("input:mask", "a/b", "input:mask"),
            ("a/b", "a/b", "whole"),
            ("a/b", "", "a/b"),
        ] {
            assert_eq!(relative(key, path), expected);
        }
    }

    #[test]
    fn every_name_of_a_picture_is_covered_once() {
        let graphs = Graphs::new().unwrap();
        let pictures = pictures(&graphs, &["scaled-dot-product-attention"]).unwrap();
        let [Picture { svg, covered, questions, .. }] = &pictures[..] else { panic!("{pictures:?}") };
        assert_eq!(covered.len(), 10);
        for one in covered {
            let times = |svg: &str| svg.matches(&format!(">{}</text>", one.label)).count();
            assert_eq!(times(&one.svg) + 1, times(svg), "{}", one.label);
            assert_eq!(one.svg.matches(">?</text>").count(), 1);
        }
        assert!(!svg.contains("<a "), "a picture on a card leads nowhere");
        assert!(questions.iter().any(|question| question.answer == "[batch, heads, source, source]."));
        let error = super::pictures(&graphs, &["hole"]).unwrap_err().to_string();
        assert_eq!(error, "there is no diagram \"hole\"");
    }
}
