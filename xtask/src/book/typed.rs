//! Results that were typed by hand: in the chapters of [`FOLDER`], numbers in digits or in words come from
//! `{{#result …}}` and from included pieces, or are let through by the list below.

use std::path::Path;

use super::listings::{Problem, fence_marker};

/// The chapters that this is asked of, below the book's sources.
const FOLDER: &str = "first-weeks";

/// Words that are numbers. *One* is mostly a pronoun, and counts only behind a word of [`BEFORE_ONE`].
const WORDS: &str = "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
                     seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds \
                     thousand thousands million millions billion dozen dozens twice thrice half halves thirds quarter \
                     quarters fifth fifths tenth tenths percent";
const BEFORE_ONE: &str = "exactly just only but";

/// Numbers that are no results of ours: sizes that stand in the code, things that are so by their nature, and what others
/// reported, with its source in the chapter.
const LET_THROUGH: &[&str] = &[
    "less than half a second",
    "two families",
    "a network or two",
    "above a half",
    "left half",
    "right half",
    "hinton tells of seven of eight",
    "`for i in range(4)`",
    "`0` is nothing at all",
    "`5` is right at once",
    "below `3`",
    "every answer is a `4`",
    "positions-in-halves",
    "sm-2",
];

/// What may stand before a number that is a place in a text.
const PLACES: &str = "section sections chapter chapters figure figures table page pages step no question";

/// Whether a chapter may have no typed results.
pub(crate) fn is_asked_of(chapter: &Path) -> bool {
    chapter.starts_with(FOLDER)
}

/// The typed results of a chapter.
pub(crate) fn typed(content: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let (mut fence, mut in_sources): (Option<(String, bool)>, bool) = (None, false);
    for (number, line) in content.lines().enumerate() {
        let text = line.trim();
        let mut is_command = false;
        if let Some((marker, commands)) = &fence {
            is_command = *commands;
            if text.starts_with(marker.as_str()) && text.chars().all(|c| marker.starts_with(c)) {
                fence = None;
                continue;
            }
        } else if let Some(marker) = fence_marker(text) {
            fence = Some((marker.to_owned(), text[marker.len()..].trim() == "sh"));
            continue;
        } else if text.starts_with('#') {
            // Volumes, pages and numbers of papers.
            in_sources = text.trim_start_matches('#').trim() == "Sources";
        }
        if !is_command && !in_sources {
            let found = numbers(&prose(line));
            problems
                .extend(found.into_iter().map(|found| Problem { line: number + 1, text: message(&found) }));
        }
    }
    problems
}

fn message(found: &str) -> String {
    format!(
        "{found:?} is typed by hand: insert it with {{{{#result EXPERIMENT PATH}}}}, or let it through in {} if it is no \
         result",
        file!()
    )
}

/// A line without what is inserted, tags, where links lead, and commands between ticks.
fn prose(line: &str) -> String {
    let mut text = without(line, "{{#", "}}");
    text = without(&text, "](", ")");
    text = without(&text, "<", ">");
    let mut parts = text.split('`').enumerate().map(|(n, part)| {
        let is_command = n % 2 == 1 && ["cargo ", "--", "git "].iter().any(|begin| part.starts_with(begin));
        if is_command { "" } else { part }
    });
    let first = parts.next().unwrap_or_default().to_owned();
    let mut text = parts.fold(first, |text, part| text + "`" + part);
    text = without_exponents(&text);
    for phrase in LET_THROUGH {
        text = replaced(&text, phrase);
    }
    // The number of an item in a list.
    let trimmed = text.trim_start();
    let digits = trimmed.chars().take_while(char::is_ascii_digit).count();
    if digits > 0 && trimmed[digits..].starts_with(". ") { trimmed[digits..].to_owned() } else { text }
}

/// Formulas without numbers of one digit: exponents, and the two of a square's derivative.
fn without_exponents(text: &str) -> String {
    let is_formula = |n: usize| text.contains("$$") || n % 2 == 1;
    let part = |(n, part): (usize, &str)| {
        if !is_formula(n) {
            return part.to_owned();
        }
        let letters: Vec<char> = part.chars().collect();
        let digit = |at: usize| letters.get(at).is_some_and(|c| c.is_ascii_digit() || *c == '.');
        let alone = |at: usize| digit(at) && !digit(at + 1) && (at == 0 || !digit(at - 1));
        letters.iter().enumerate().map(|(at, &c)| if alone(at) { ' ' } else { c }).collect()
    };
    text.split('$').enumerate().map(part).collect::<Vec<String>>().join("$")
}

/// Without a phrase, in large letters or in small ones.
fn replaced(text: &str, phrase: &str) -> String {
    let Some(at) = text.to_ascii_lowercase().find(phrase) else { return text.to_owned() };
    format!("{} {}", &text[..at], replaced(&text[at + phrase.len()..], phrase))
}

/// Without everything from an opening to the closing behind it.
fn without(text: &str, opening: &str, closing: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once(opening) {
        let Some((_, after)) = inside.split_once(closing) else { break };
        result += before;
        result.push(' ');
        rest = after;
    }
    result + rest
}

/// Numbers in digits and in words.
fn numbers(text: &str) -> Vec<String> {
    let is_inside = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut before = String::new();
    for word in text.split_whitespace() {
        let word = word.trim_matches(|c: char| !is_inside(c));
        for part in word.split(|c: char| !is_inside(c) && !['.', ','].contains(&c)) {
            let part = part.trim_matches(|c: char| !is_inside(c));
            let lower = part.to_lowercase();
            let in_list = |list: &str, word: &str| list.split_whitespace().any(|one| one == word);
            let in_digits = part.starts_with(|c: char| c.is_ascii_digit());
            let is_place = in_list(PLACES, &before);
            let in_words = in_list(WORDS, &lower) || lower == "one" && in_list(BEFORE_ONE, &before);
            if in_words || in_digits && !is_year(part) && !is_place {
                found.push(part.to_owned());
            }
            if !lower.is_empty() {
                before = lower;
            }
        }
    }
    found
}

/// A year of a paper, from the nineteenth century on.
fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse().is_ok_and(|year: u32| (1800..2100).contains(&year))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<usize> {
        typed(text).into_iter().map(|problem| problem.line).collect()
    }

    #[test]
    fn digits_and_words_are_found() {
        for text in [
            "It is right in 95 % of cases.",
            "It is right in **19** of them.",
            "a loss of 2.5",
            "some 1,234 steps",
            "Seven of eight answers",
            "all but one network",
            "only one network",
            "twenty-one",
            "one half of them",
            "it is `0.75`",
            "| name | 12 |",
            "$0.25$",
            "$L = 12 x$",
            "1800 steps and 12000 more",
        ] {
            assert!(!found(text).is_empty(), "{text}");
        }
        assert_eq!(found("a\n\n```text\nloss 3.5\n```\n"), [4]);
        assert!(typed("x 95 %")[0].text.starts_with("\"95\" is typed by hand: insert it with {{#result"));
    }

    #[test]
    fn years_places_names_and_commands_are_let_through() {
        for text in [
            "# A title",
            "Rumelhart, Hinton & Williams (1986) and Frank et al. 2015",
            "see section 3.2, Figure 1 and Question 2.",
            "the weights w1 and x2, the N400",
            "`cargo run -p lab -- family-trees --seeds 5`, or `--seeds 3`",
            "{{#result family-trees held_out.mean 2}} of {{#result family-trees held_out.of}}",
            "{{#include ../figures/lab/a/table2.md}}",
            "[a paper](https://doi.org/10.1038/323533a0)",
            "<figure class=\"chart\" width=\"3\">",
            "1. First do this.",
            "$x^2$ and $\\frac{1}{2} \\sum_i x_i^2$",
            "$$s = -\\log_2 p$$",
            "What would one expect? One by one.",
            "```sh\ncargo run -- --seeds 7\n```",
            "## Sources\n\n- *Nature* 323, 533–536. Four authors.",
        ] {
            assert_eq!(found(text), [0; 0], "{text}");
        }
        assert_eq!(found("## Sources\n3\n## Next\n3\n"), [4]);
    }

    #[test]
    fn only_the_first_weeks_are_asked() {
        assert!(is_asked_of(Path::new("first-weeks/grammar.md")));
        assert!(!is_asked_of(Path::new("attention.md")));
    }
}
