//! Stories: `{{#story ID}}` becomes a list of sentences, each of which lights up a path in the diagram above it.
//!
//! The text is in `docs/stories/ID.md`: a heading, a paragraph, and a numbered list, in which a line `lights: A -> B; C`
//! closes each sentence. A box is named by its key or by the end of its key; an arrow stands for a line of the picture.
//! What isn't in the picture is a mistake. `{d_model}` and the like are sizes of the model that was captured.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::html::escape;
use super::pictured::Pictured;
use crate::catalogue::{self, Rendered};

/// A story, as it was written.
#[derive(Debug, Default, PartialEq, Eq)]
struct Story {
    title: String,
    introduction: String,
    steps: Vec<Step>,
}

/// A sentence or two, and what they light up.
#[derive(Debug, Default, PartialEq, Eq)]
struct Step {
    /// Where it begins, counted from one.
    line: usize,
    text: String,
    lights: String,
}

/// The story of a diagram as one block of HTML, or all that is wrong with it.
pub(super) fn of(folder: &Path, diagram: &Rendered) -> Result<String, Vec<String>> {
    let file = folder.join(format!("{}.md", diagram.id));
    let shown = crate::paths::shown(&file);
    let text = fs::read_to_string(&file).map_err(|error| vec![format!("cannot read {shown}: {error}")])?;
    let placed = |problems: Vec<(usize, String)>| {
        problems.into_iter().map(|(line, text)| format!("{shown}:{line}: {text}")).collect::<Vec<_>>()
    };
    told(&text, diagram).map_err(placed)
}

/// Stories that no chapter tells.
pub(super) fn untold(folder: &Path, told: &BTreeSet<String>) -> Vec<String> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut left: Vec<String> = files
        .filter_map(|file| file.file_name().to_str()?.strip_suffix(".md").map(str::to_owned))
        .filter(|id| !told.contains(id))
        .map(|id| {
            format!("{}/{id}.md: no chapter tells it with {{{{#story {id}}}}}", crate::paths::shown(folder))
        })
        .collect();
    left.sort();
    left
}

fn told(text: &str, diagram: &Rendered) -> Result<String, Vec<(usize, String)>> {
    let wide = Pictured::read(&diagram.svg);
    let narrow = diagram.narrow.as_ref().map(|narrow| Pictured::read(&narrow.svg));
    let pictures: Vec<&Pictured> = std::iter::once(&wide).chain(&narrow).collect();
    let story = read(text).map_err(|problem| vec![problem])?;
    let mut problems = Vec::new();
    let mut sized = |line: usize, text: &str| {
        inline(text, &wide).unwrap_or_else(|problem| {
            problems.push((line, problem));
            String::new()
        })
    };
    let title = sized(1, &story.title);
    let introduction = sized(1, &story.introduction);
    let texts: Vec<String> = story.steps.iter().map(|step| sized(step.line, &step.text)).collect();
    let mut items = String::new();
    for (step, text) in story.steps.iter().zip(texts) {
        match lights(&step.lights, &pictures) {
            Ok(lights) => {
                items += &format!("<li data-lights=\"{}\">{text}</li>\n", escape(&lights));
            }
            Err(problem) => problems.push((step.line, problem)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let id = &diagram.id;
    Ok(format!(
        "<section class=\"story\" id=\"story-{id}\" data-figure=\"figure-{id}\" aria-labelledby=\"story-{id}-title\">\n\
         <p><b id=\"story-{id}-title\">{title}.</b> {introduction}</p>\n<ol>\n{items}</ol>\n</section>\n"
    ))
}

/// Reads what was written; a mistake has its line.
fn read(text: &str) -> Result<Story, (usize, String)> {
    let mut story = Story::default();
    for (place, line) in text.lines().enumerate() {
        let number = place + 1;
        let words = line.trim();
        let item = words.split_once(". ").filter(|(digits, _)| digits.parse::<usize>().is_ok());
        match (story.steps.last_mut(), item) {
            _ if words.is_empty() => {}
            (None, None) if story.title.is_empty() => {
                let title = words.strip_prefix("# ");
                title.ok_or((number, "expected `# ` and a title".to_owned()))?.clone_into(&mut story.title);
            }
            (None, None) => append(&mut story.introduction, words),
            (_, Some((_, text))) => {
                story.steps.push(Step { line: number, text: text.to_owned(), ..Step::default() });
            }
            (Some(step), None) => match words.strip_prefix("lights:") {
                Some(lights) => append(&mut step.lights, lights.trim()),
                None => append(&mut step.text, words),
            },
        }
    }
    let unlit = story.steps.iter().find(|step| step.lights.is_empty());
    match unlit {
        Some(step) => Err((step.line, "this step lights nothing up: it needs a line `lights: …`".to_owned())),
        None if story.steps.is_empty() => Err((1, "a story needs steps: `1. …`".to_owned())),
        None => Ok(story),
    }
}

fn append(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    *text += more;
}

/// `A -> B; C` as JSON: chains of keys, each of which is in all pictures, as are the lines between them.
fn lights(written: &str, pictures: &[&Pictured]) -> Result<String, String> {
    let mut chains: Vec<Vec<&str>> = Vec::new();
    for chain in written.split(';').map(str::trim).filter(|chain| !chain.is_empty()) {
        let mut keys = Vec::new();
        for name in chain.split("->").map(str::trim) {
            for picture in pictures {
                picture.key(name)?;
            }
            keys.push(pictures[0].key(name)?);
        }
        for pair in keys.windows(2) {
            if !pictures.iter().all(|picture| picture.has_edge(pair[0], pair[1])) {
                return Err(format!("no line of the picture leads from {} to {}", pair[0], pair[1]));
            }
        }
        chains.push(keys);
    }
    serde_json::to_string(&chains).map_err(|error| error.to_string())
}

/// Text as HTML, with `*emphasis*`, `` `code` `` and sizes.
fn inline(text: &str, picture: &Pictured) -> Result<String, String> {
    let mut html = String::new();
    let mut open: Option<char> = None;
    for (place, part) in sized(text, picture)?.split_inclusive(['*', '`']).enumerate() {
        let mark = part.chars().last().filter(|mark| ['*', '`'].contains(mark));
        html += &escape(part.trim_end_matches(['*', '`']));
        let tag = |mark| if mark == '*' { "em" } else { "code" };
        match (mark, open) {
            (None, _) => {}
            (Some(mark), None) => {
                html += &format!("<{}>", tag(mark));
                open = Some(mark);
            }
            (Some(mark), Some(opened)) if mark == opened => {
                html += &format!("</{}>", tag(mark));
                open = None;
            }
            (Some(mark), Some(_)) => {
                return Err(format!("{mark} in its part {place}: one mark within another"));
            }
        }
    }
    match open {
        Some(mark) => Err(format!("{mark} is opened and not closed in {text:?}")),
        None => Ok(html),
    }
}

/// `{d_model}` by its size, `{layers}` by how many equal layers a frame stands for.
fn sized(text: &str, picture: &Pictured) -> Result<String, String> {
    let mut parts = text.split('{');
    let mut sized = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').ok_or_else(|| format!("{{ without }} in {text:?}"))?;
        let size = if name == "layers" { picture.layers() } else { catalogue::size(name) };
        let size = size.ok_or_else(|| format!("nothing here is called {{{name}}}"))?;
        sized += &plot::thousands(size);
        sized += rest;
    }
    Ok(sized)
}

#[cfg(test)]
mod tests {
    use super::super::pictured::tests::SVG;
    use super::*;
    use crate::catalogue::Narrow;

    fn diagram() -> Rendered {
        Rendered { id: "whole".to_owned(), svg: SVG.to_owned(), width: 100.0, ..Rendered::default() }
    }

    fn problems(step: &str) -> Vec<(usize, String)> {
        told(&format!("# A story\n\n1. One.\n{step}\n"), &diagram()).unwrap_err()
    }

    #[test]
    fn a_story_is_a_list_that_knows_its_path() {
        let text = "# Follow *it*\n\nOnce\nupon a time.\n\n1. `<bos>` has\n   {d_model} numbers & {vocab}.\n   lights: norm -> out; layer.0\n\
                    2. {layers} times.\n   lights: out\n";
        let expected = "<section class=\"story\" id=\"story-whole\" data-figure=\"figure-whole\" aria-labelledby=\"story-whole-title\">\n\
             <p><b id=\"story-whole-title\">Follow <em>it</em>.</b> Once upon a time.</p>\n<ol>\n\
             <li data-lights=\"[[&quot;m/layer.0/norm&quot;,&quot;m/layer.0/out&quot;],[&quot;m/layer.0&quot;]]\"><code>&lt;bos&gt;</code> has 512 \
             numbers &amp; 37,000.</li>\n<li data-lights=\"[[&quot;m/layer.0/out&quot;]]\">6 times.</li>\n</ol>\n</section>\n";
        assert_eq!(told(text, &diagram()).unwrap(), expected);
    }

    #[test]
    fn a_box_that_is_not_in_the_picture_is_a_mistake() {
        let found = problems("   lights: norm -> hole");
        assert_eq!(found.len(), 1);
        assert!(
            found[0].0 == 3 && found[0].1.contains("no box of the picture has the key \"hole\""),
            "{found:?}"
        );
    }

    #[test]
    fn a_line_that_is_not_in_the_picture_is_a_mistake() {
        let expected = "no line of the picture leads from m/layer.0/out to m/layer.0/norm";
        assert_eq!(problems("   lights: out -> norm"), [(3, expected.to_owned())]);
    }

    #[test]
    fn the_narrow_picture_must_have_it_too() {
        let svg = SVG.split("<path").next().unwrap().to_owned();
        let narrow = Some(Narrow { svg, report: graph::Report::default() });
        let found = told("# A\n1. b\nlights: norm -> out", &Rendered { narrow, ..diagram() }).unwrap_err();
        assert!(found[0].1.starts_with("no line of the picture"), "{found:?}");
    }

    #[test]
    fn what_is_not_a_story_is_said_with_its_line() {
        assert!(problems("")[0].1.starts_with("this step lights nothing up"));
        assert!(problems("   {d_modell}\n lights: out")[0].1.contains("nothing here is called {d_modell}"));
        assert!(problems("   *open\n lights: out")[0].1.contains("* is opened and not closed"));
        assert_eq!(read("no title").unwrap_err().0, 1);
        assert_eq!(read("# title\n\nbut no steps").unwrap_err().0, 1);
    }
}
