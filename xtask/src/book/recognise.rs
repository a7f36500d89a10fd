//! "Was it in the picture?": `{{#recognise ID}}` becomes a list of names that are in a diagram among names that aren't.
//!
//! Both are read from the pictures: the foils are names of boxes of the other diagrams. Without script the list is for
//! paper, with its answers folded away.

use std::collections::{BTreeMap, BTreeSet};

use super::html::escape;
use super::pictured::Pictured;
use crate::catalogue::Rendered;

/// So many names of each kind at most.
const MOST: usize = 15;
/// A name with fewer letters says nothing: `x`.
const LETTERS: usize = 3;

/// The list for a diagram, as one block of HTML. `href` leads to the diagram, which is one of `all`.
pub(super) fn list(diagram: &Rendered, all: &[Rendered], href: &str) -> Result<String, String> {
    let inside = inside(&diagram.svg);
    let known: Vec<BTreeSet<String>> = inside.keys().map(|name| words(name)).collect();
    let mut foils: BTreeMap<String, usize> = BTreeMap::new();
    for other in all.iter().filter(|other| other.id != diagram.id) {
        for name in names(&other.svg) {
            *foils.entry(name).or_default() += 1;
        }
    }
    // A foil is another thing, and no shorter or longer name of one that is there.
    let differs = |words: BTreeSet<String>| {
        known.iter().all(|inside| !words.is_subset(inside) && !inside.is_subset(&words))
    };
    foils.retain(|name, _| !inside.contains_key(name) && differs(words(name)));
    let inside = chosen(inside, &diagram.id, MOST);
    let foils = chosen(foils, &diagram.id, inside.len());
    if inside.is_empty() || foils.is_empty() {
        return Err(format!("the diagram {:?} has no names to recognise", diagram.id));
    }
    let answers: Vec<String> = inside.iter().map(|(name, times)| answer(name, *times)).collect();
    let mut mixed: Vec<(String, usize)> =
        inside.into_iter().chain(foils.into_iter().map(|(name, _)| (name, 0))).collect();
    mixed.sort_by_key(|(name, _)| order(&diagram.id, name));
    let item =
        |(name, times): &(String, usize)| format!("<li data-times=\"{times}\">{}</li>\n", escape(name));
    Ok(format!(
        "<section class=\"recognise\" data-of=\"{id}\" aria-label=\"Was it in the picture?\">\n\
         <p><b>Was it in the picture?</b> Some of these names are in <a href=\"{href}\">{title}</a>, as that of a box or of a frame. \
         The others are from other pictures of this book. Yes or no?</p>\n<ul>\n{items}</ul>\n\
         <details><summary>Which were in it</summary><p>{answers}.</p></details>\n</section>\n",
        id = diagram.id,
        title = escape(&diagram.title),
        items = mixed.iter().map(item).collect::<String>(),
        answers = answers.join(", "),
    ))
}

fn answer(name: &str, times: usize) -> String {
    match times {
        1 => escape(name),
        2 => format!("{} (twice)", escape(name)),
        _ => format!("{} ({times} times)", escape(name)),
    }
}

/// The names of a picture, and how many boxes have each.
fn inside(svg: &str) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for drawn in Pictured::read(svg).boxes {
        if drawn.name.chars().filter(|sign| sign.is_alphanumeric()).count() >= LETTERS {
            *counted.entry(drawn.name).or_default() += 1;
        }
    }
    counted
}

fn names(svg: &str) -> BTreeSet<String> {
    inside(svg).into_keys().collect()
}

fn words(name: &str) -> BTreeSet<String> {
    let words = name.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Those with the highest counts, and of equal ones any, but always the same.
fn chosen(counted: BTreeMap<String, usize>, id: &str, most: usize) -> Vec<(String, usize)> {
    let mut all: Vec<(String, usize)> = counted.into_iter().collect();
    all.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), order(id, name)));
    all.truncate(most);
    all
}

/// A place that has nothing to do with what a name means: FNV-1a of it.
fn order(id: &str, name: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    id.bytes().chain([0]).chain(name.bytes()).fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::super::pictured::tests::SVG;
    use super::*;

    fn diagram(id: &str, svg: String) -> Rendered {
        Rendered {
            id: id.to_owned(),
            title: "The whole".to_owned(),
            svg,
            width: 100.0,
            ..Rendered::default()
        }
    }

    fn boxes(names: &[&str]) -> String {
        let group = |name: &&str| format!("<g data-key=\"{name}\"><title>{name}&#10;in [2]</title></g>");
        names.iter().map(group).collect()
    }

    #[test]
    fn foils_are_names_of_other_pictures_alone() {
        let all = [
            diagram("whole", SVG.to_owned()),
            diagram("b", boxes(&["Mask", "x", "Linear", "Encoder layer", "Softmax", "Scale"])),
            diagram("c", boxes(&["Mask", "Softmax"])),
        ];
        let block = list(&all[0], &all, "a.html#figure-whole").unwrap();
        for part in [
            "data-of=\"whole\"",
            "<a href=\"a.html#figure-whole\">The whole</a>",
            "<li data-times=\"1\">Add &amp; Norm</li>",
            "<li data-times=\"1\">Layer</li>",
            "<li data-times=\"1\">Linear</li>",
            "<li data-times=\"0\">Mask</li>",
            "<li data-times=\"0\">Scale</li>",
            "<li data-times=\"0\">Softmax</li>",
        ] {
            assert_eq!(block.matches(part).count(), 1, "{part} in {block}");
        }
        assert_eq!(block.matches("<li").count(), 6, "{block}");
        assert_eq!(block, list(&all[0], &all, "a.html#figure-whole").unwrap());
    }

    #[test]
    fn what_occurs_often_comes_first_and_no_more_than_asked_for() {
        let many: Vec<String> = (0..30).map(|number| format!("Box{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).chain(["Norm"]).collect();
        let twice = boxes(&many) + &boxes(&["Norm"]);
        let all = [diagram("whole", twice), diagram("b", boxes(&["Mask"]))];
        let block = list(&all[0], &all, "").unwrap();
        assert_eq!(block.matches("<li").count(), MOST + 1, "{block}");
        assert!(
            block.contains("<li data-times=\"2\">Norm</li>") && block.contains("Norm (twice), "),
            "{block}"
        );
        assert!(list(&all[0], &all[..1], "").is_err());
    }
}
