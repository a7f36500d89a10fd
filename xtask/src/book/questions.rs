//! `{{#questions ID SORT …}}`: questions about a diagram, read off what was captured, with their answers folded away.
//!
//! A sort is a word of [`Asks`]; named twice, it asks the second best question too.

use std::collections::BTreeMap;
use std::fmt::Write;

use graph::{Asks, Question};

use super::html::escape;
use crate::catalogue::Rendered;

/// So many of a sort at most: the deck of cards has as many.
pub(crate) const MOST: usize = 2;

/// The questions as one block of HTML, or what is wrong with the line that asks for them.
pub(crate) fn folded(
    diagrams: &[Rendered],
    asked: &str,
    up: &str,
    pages: &BTreeMap<String, String>,
) -> Result<String, String> {
    let mut words = asked.split_whitespace();
    let id = words.next().unwrap_or_default();
    let diagram = diagrams.iter().find(|diagram| diagram.id == id);
    let diagram = diagram.ok_or_else(|| format!("there is no diagram {id:?} to ask about"))?;
    let sorts: Vec<&str> = words.collect();
    if sorts.is_empty() {
        return Err(format!("{{{{#questions {id} …}}}} needs words that say what is asked: {}", all()));
    }
    let href = pages.get(id).map(|page| format!("{up}{page}")).unwrap_or_default();
    let title = escape(&diagram.title);
    let mut html = format!(
        "<p>These are read off <a href=\"{href}\">{title}</a> as the code draws it, so their answers change with the code.</p>\n"
    );
    for (place, sort) in sorts.iter().enumerate() {
        let earlier = sorts[..place].iter().filter(|other| other == &sort).count();
        let found =
            of_sort(&diagram.questions, sort, earlier).ok_or_else(|| missing(diagram, sort, earlier))?;
        let Question { asks, answer, because, .. } = found;
        let [asks, answer, because] = [asks, answer, because].map(|text| escape(text));
        // Writing to a string can't fail.
        let _ = writeln!(
            html,
            "<details class=\"question\"><summary>From the picture. {asks}</summary><p><b>{answer}</b> {because} \
             See <a href=\"{href}\">the picture</a>.</p></details>"
        );
    }
    Ok(html)
}

fn of_sort<'a>(questions: &'a [Question], sort: &str, earlier: usize) -> Option<&'a Question> {
    let mut found = questions.iter().filter(|question| question.about.word() == sort);
    found.nth(earlier).filter(|_| earlier < MOST)
}

fn missing(diagram: &Rendered, sort: &str, earlier: usize) -> String {
    let count =
        |asks: &Asks| diagram.questions.iter().filter(|question| question.about == *asks).count().min(MOST);
    let there = Asks::ALL.iter().filter(|asks| count(asks) > 0);
    let there: Vec<String> = there.map(|asks| format!("{} ({})", asks.word(), count(asks))).collect();
    let id = &diagram.id;
    format!(
        "the diagram {id} has no question {} of the sort {sort:?}; there are {}",
        earlier + 1,
        there.join(", ")
    )
}

fn all() -> String {
    Asks::ALL.map(Asks::word).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use graph::{ViewOptions, capture, questions};

    /// A diagram of so many equal sums, one after the other.
    fn diagram(layers: usize) -> Rendered {
        use burn::tensor::Tensor;
        let graph = capture("sums", |session| {
            let mut x = session.input("x", Tensor::<2>::zeros([3, 5], session.device()));
            for _ in 0..layers {
                x = tracing::info_span!("layer").in_scope(|| (x.clone() * 2.0).exp() + x);
            }
            session.output("y", x);
            Ok(())
        });
        let view = graph.unwrap().view(&ViewOptions::new().depth(2)).unwrap();
        Rendered {
            id: "sums".into(),
            title: "Sums & more".into(),
            questions: questions(&view),
            ..Rendered::default()
        }
    }

    #[test]
    fn answers_change_with_the_code() {
        let pages = [("sums".to_owned(), "a.html#figure-sums".to_owned())].into();
        let html = |layers: usize| folded(&[diagram(layers)], "sums repeats", "../", &pages).unwrap();
        assert!(html(3).contains("<b>Three.</b>") && html(4).contains("<b>Four.</b>"), "{}", html(3));
        assert!(html(3).contains("<a href=\"../a.html#figure-sums\">Sums &amp; more</a>"), "{}", html(3));
        assert!(html(3).lines().all(|line| !line.trim().is_empty()), "a blank line would end the block");
    }

    #[test]
    fn what_cannot_be_asked_is_said() {
        let asked = |asked: &str| folded(&[diagram(3)], asked, "", &BTreeMap::new()).unwrap_err();
        assert_eq!(asked("hole next"), "there is no diagram \"hole\" to ask about");
        assert!(asked("sums").contains("needs words that say what is asked: repeats, residuals"));
        let told = asked("sums shapes");
        assert!(
            told.starts_with("the diagram sums has no question 1 of the sort \"shapes\"; there are "),
            "{told}"
        );
        assert!(asked("sums repeats repeats").contains("no question 2 of the sort \"repeats\""));
    }
}
