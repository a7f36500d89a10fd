//! Phrases that name boxes: `[the scores](#box:DIAGRAM/NAME, NAME)` lights up those boxes of a diagram on the same page, and
//! the lines that made them.
//!
//! A name is what is written in a box, or the end of its key: `MatMul`, `matmul.0`. Without script, the phrase is a link to the
//! figure.

use super::html::escape;
use super::listings::Problem;
use crate::catalogue::Rendered;

const OPENS: &str = "](#box:";

/// A line of a chapter with its phrases as links, and what is wrong with them. `shown` are the diagrams of the page.
pub(super) fn linked(line: &str, shown: &[&Rendered], number: usize) -> (String, Vec<Problem>) {
    let (mut linked, mut problems) = (String::with_capacity(line.len()), Vec::new());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once(OPENS) {
        let is_code = before.matches('`').count() % 2 == 1;
        let (Some(start), Some((target, behind)), false) = (opening(before), after.split_once(')'), is_code)
        else {
            linked += before;
            linked += OPENS;
            rest = after;
            continue;
        };
        let (around, text) = (&before[..start], &before[start + 1..]);
        linked += around;
        match found(target, shown) {
            Ok((diagram, keys)) => {
                linked += &format!(
                    "<a class=\"phrase\" href=\"#figure-{diagram}\" data-boxes=\"{}\">{text}</a>",
                    escape(&keys.join("|"))
                );
            }
            Err(problem) => problems.push(Problem { line: number, text: problem }),
        }
        rest = behind;
    }
    (linked + rest, problems)
}

/// Where the bracket is that a text's end closes.
fn opening(text: &str) -> Option<usize> {
    let mut depth = 1;
    let mut back = text.char_indices().rev();
    back.find_map(|(at, character)| {
        match character {
            ']' => depth += 1,
            '[' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

/// The diagram, and the keys of the boxes that are named.
fn found<'a>(target: &'a str, shown: &[&'a Rendered]) -> Result<(&'a str, Vec<&'a str>), String> {
    let (id, names) =
        target.split_once('/').ok_or(format!("expected #box:DIAGRAM/NAME, found #box:{target}"))?;
    let diagram = shown.iter().find(|diagram| diagram.id == id);
    let diagram = diagram.ok_or_else(|| {
        let ids: Vec<_> = shown.iter().map(|diagram| diagram.id.as_str()).collect();
        format!("this page doesn't show the diagram {id:?}; it shows {}", ids.join(", "))
    })?;
    let mut keys = Vec::new();
    for name in names.split(',').map(str::trim) {
        let ends = format!("/{name}");
        let fits =
            |key: &str, label: &str| key == name || key.ends_with(&ends) || label.eq_ignore_ascii_case(name);
        let before = keys.len();
        keys.extend(
            diagram.boxes.iter().filter(|made| fits(&made.key, &made.label)).map(|made| made.key.as_str()),
        );
        if keys.len() == before {
            let mut labels: Vec<_> = diagram.boxes.iter().map(|made| made.label.as_str()).collect();
            labels.sort_unstable();
            labels.dedup();
            return Err(format!(
                "no box of the diagram {id} is called {name:?}; there are {}",
                labels.join(", ")
            ));
        }
    }
    Ok((&diagram.id, keys))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Made;

    fn diagram() -> Rendered {
        let made =
            |key: &str, label: &str| Made { key: key.to_owned(), label: label.to_owned(), ..Made::default() };
        Rendered {
            id: "a".to_owned(),
            boxes: vec![
                made("x/matmul.0", "MatMul"),
                made("x/matmul.1", "MatMul"),
                made("x/add_norm", "Add & Norm"),
            ],
            ..Rendered::default()
        }
    }

    fn shown(line: &str) -> (String, Vec<String>) {
        let diagram = diagram();
        let (linked, problems) = linked(line, &[&diagram], 7);
        assert!(problems.iter().all(|problem| problem.line == 7), "{problems:?}");
        (linked, problems.into_iter().map(|problem| problem.text).collect())
    }

    #[test]
    fn a_phrase_names_boxes_by_label_or_key() {
        let (line, problems) =
            shown("See [the *two*](#box:a/matmul) and [all [1]](#box:a/matmul.0, Add & Norm).");
        assert_eq!(problems, [""; 0]);
        assert_eq!(
            line,
            "See <a class=\"phrase\" href=\"#figure-a\" data-boxes=\"x/matmul.0|x/matmul.1\">the *two*</a> and \
             <a class=\"phrase\" href=\"#figure-a\" data-boxes=\"x/matmul.0|x/add_norm\">all [1]</a>."
        );
    }

    #[test]
    fn a_box_that_is_not_in_the_picture_is_a_mistake() {
        let (_, problems) = shown("[x](#box:a/softmax) [y](#box:b/MatMul) [z](#box:a)");
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert_eq!(
            problems[0],
            "no box of the diagram a is called \"softmax\"; there are Add & Norm, MatMul"
        );
        assert_eq!(problems[1], "this page doesn't show the diagram \"b\"; it shows a");
        assert_eq!(problems[2], "expected #box:DIAGRAM/NAME, found #box:a");
    }

    #[test]
    fn code_and_other_links_stay() {
        for line in ["`[x](#box:a/softmax)`", "[x](#box) [y](a.md#box:)", "](#box:a/x)"] {
            assert_eq!(shown(line), (line.to_owned(), vec![]));
        }
    }
}
