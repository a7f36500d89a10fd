//! Predictions that the text asks for: `{{#predict ID | QUESTION | ANSWER}}` on a line of its own.
//!
//! It becomes an empty element with what `docs/theme/predict.js` needs to ask and to compare; without script nothing is
//! seen of it, since the text asks, too. What is tried in a figure that runs is asked here alone, so there the question
//! stands before the element. No number is typed a second time: it is inserted from an experiment, or read off the sentence of the chapter
//! that says it. What an answer may be:
//!
//! - `number UNIT = {{#result …}}`, `number UNIT = after "PHRASE"` or `… = before "PHRASE"`: the number that stands right
//!   behind this phrase, or right before it, further down in the chapter. The unit may be missing.
//! - `ONE / ANOTHER / A THIRD = ANOTHER`: one of several. Behind the sign may also stand a result, or a phrase as above.
//! - `words = at "PHRASE"`: free words. What came out is told by the paragraph with this phrase, from the phrase on.

use super::html::escape;
use super::listings::Problem;

/// What begins a prediction.
const OPENING: &str = "{{#predict ";
/// Numbers that the book writes in words.
const WORDS: &str = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
                     seventeen eighteen nineteen twenty";

/// The chapter with elements for its predictions, in as many lines, and what is wrong with them.
pub(crate) fn marked(content: &str) -> (String, Vec<Problem>) {
    let (mut text, mut problems, mut known) = (String::with_capacity(content.len()), Vec::new(), Vec::new());
    let lines: Vec<&str> = content.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        match directive(line) {
            Some(argument) => match element(argument, &below(&lines[number + 1..]), &mut known) {
                Ok(element) if is_tried(&lines[number + 1..]) => {
                    text += &format!("{}{element}", asked(argument))
                }
                Ok(element) => text += &element,
                Err(error) => problems.push(Problem { line: number + 1, text: error }),
            },
            None => text += line,
        }
        text.push('\n');
    }
    (text, problems)
}

fn directive(line: &str) -> Option<&str> {
    line.trim().strip_prefix(OPENING)?.strip_suffix("}}")
}

/// Whether what comes next is tried in a figure.
fn is_tried(lines: &[&str]) -> bool {
    lines
        .iter()
        .find(|line| !line.trim().is_empty())
        .is_some_and(|line| line.starts_with("<div class=\"live-try\""))
}

/// The question for whoever has no script, with what may be chosen.
fn asked(argument: &str) -> String {
    let mut parts = argument.split(" | ").skip(1);
    let question = parts.next().unwrap_or_default();
    let options = parts.next().and_then(|answer| answer.split_once(" = ")).map_or("", |(options, _)| options);
    let options = if options.contains(" / ") { format!(" ({options})") } else { String::new() };
    format!("<p class=\"asked\"><b>Predict</b>: {}</p>", escape(&format!("{question}{options}")))
}

/// What the chapter says further down, in one line and without marks of emphasis.
fn below(lines: &[&str]) -> String {
    let said = lines.iter().filter(|line| directive(line).is_none());
    let words: Vec<&str> = said.flat_map(|line| line.split_whitespace()).collect();
    plain(&words.join(" "))
}

/// Without marks of emphasis, and of phrases that light up boxes only what is read.
fn plain(text: &str) -> String {
    let mut parts = text.split("](#box:");
    let mut said = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        if let Some(opening) = said.rfind('[') {
            said.remove(opening);
        }
        said += part.split_once(')').map_or(part, |(_, rest)| rest);
    }
    said.replace(['*', '`'], "")
}

/// The element of one prediction.
fn element(argument: &str, below: &str, known: &mut Vec<String>) -> Result<String, String> {
    let parts: Vec<&str> = argument.split(" | ").map(str::trim).collect();
    let malformed = || format!("expected {{{{#predict ID | QUESTION | ANSWER}}}}, found {argument:?}");
    let [id, question, answer] = parts[..] else { return Err(malformed()) };
    if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') || question.is_empty() {
        return Err(malformed());
    }
    if known.iter().any(|other| other == id) {
        return Err(format!("this chapter has two predictions {id:?}"));
    }
    known.push(id.to_owned());
    let (asked, came) = answer.split_once(" = ").ok_or_else(malformed)?;
    let data = match (asked.trim(), Source::of(came.trim())) {
        ("words", Some(Source::At(phrase))) => {
            find(below, phrase)?;
            format!("data-kind=\"words\" data-at=\"{}\"", escape(&plain(phrase)))
        }
        ("words", _) => return Err("what came out is told by: words = at \"PHRASE\"".to_owned()),
        (number, source) if number == "number" || number.starts_with("number ") => {
            let unit = number["number".len()..].trim();
            let came = source
                .ok_or("a number is not typed: insert a result, or say after which phrase it stands")?;
            format!(
                "data-kind=\"number\" data-unit=\"{}\" data-answer=\"{}\"",
                escape(unit),
                came.number(below)?
            )
        }
        (options, source) => {
            let options: Vec<&str> = options.split(" / ").map(str::trim).collect();
            let came = match source {
                Some(source) => source.option(below, &options)?,
                None => came.trim().to_owned(),
            };
            if options.len() < 2 || !came.starts_with("{{#") && !options.contains(&came.as_str()) {
                return Err(format!("{came:?} is none of {}", options.join(", ")));
            }
            format!(
                "data-kind=\"choice\" data-options=\"{}\" data-answer=\"{}\"",
                escape(&options.join("|")),
                came
            )
        }
    };
    Ok(format!(
        "<div class=\"predict\" id=\"predict-{id}\" data-question=\"{}\" {data}></div>",
        escape(question)
    ))
}

/// Where an answer is taken from.
#[derive(Clone, Copy)]
enum Source<'a> {
    /// `{{#result …}}`, which is put in later.
    Result(&'a str),
    After(&'a str),
    Before(&'a str),
    At(&'a str),
}

impl<'a> Source<'a> {
    fn of(text: &'a str) -> Option<Self> {
        if text.starts_with("{{#result ") && text.ends_with("}}") {
            return Some(Self::Result(text));
        }
        let (word, phrase) = text.split_once(' ')?;
        let phrase = phrase.trim().strip_prefix('"')?.strip_suffix('"')?;
        match word {
            "after" => Some(Self::After(phrase)),
            "before" => Some(Self::Before(phrase)),
            "at" => Some(Self::At(phrase)),
            _ => None,
        }
    }

    fn number(self, below: &str) -> Result<String, String> {
        let is_bracket = |c: char| c.is_whitespace() || "(,:;|".contains(c);
        let (word, phrase) = match self {
            Self::Result(result) => return Ok(result.to_owned()),
            Self::After(phrase) => {
                (find(below, phrase)?.1.trim_start_matches(is_bracket).split(' ').next(), phrase)
            }
            Self::Before(phrase) => {
                (find(below, phrase)?.0.trim_end_matches(is_bracket).rsplit(' ').next(), phrase)
            }
            Self::At(phrase) => (None, phrase),
        };
        let word = word.unwrap_or_default().trim_matches(|c: char| !c.is_alphanumeric() && c != '−');
        let named = WORDS.split_whitespace().position(|name| name == word.to_lowercase());
        let found = named.map_or_else(|| word.to_owned(), |number| number.to_string());
        let is_number = found.replace(',', "").replace('−', "-").parse::<f64>().is_ok_and(f64::is_finite);
        if is_number { Ok(found) } else { Err(format!("no number stands beside {phrase:?}, but {word:?}")) }
    }

    fn option(self, below: &str, options: &[&str]) -> Result<String, String> {
        let (text, phrase, is_after) = match self {
            Self::Result(result) => return Ok(result.to_owned()),
            Self::After(phrase) | Self::At(phrase) => (find(below, phrase)?.1, phrase, true),
            Self::Before(phrase) => (find(below, phrase)?.0, phrase, false),
        };
        let text = text.trim().to_lowercase();
        let fits = |option: &&&str| {
            let option = option.to_lowercase();
            if is_after { text.starts_with(&option) } else { text.ends_with(&option) }
        };
        let longest = options.iter().filter(fits).max_by_key(|option| option.len());
        longest
            .map(|option| (*option).to_owned())
            .ok_or_else(|| format!("none of {} stands beside {phrase:?}", options.join(", ")))
    }
}

/// What stands before a phrase, and behind it.
fn find<'a>(below: &'a str, phrase: &str) -> Result<(&'a str, &'a str), String> {
    below
        .split_once(plain(phrase).as_str())
        .ok_or_else(|| format!("further down, this chapter doesn't say {phrase:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BELOW: &str = "\nIt *begins* at 8.72, a little *above* guessing.\nFifteen of 25: one in the\nfirst row. It is −1,234.5 there.\n";

    fn of(argument: &str) -> Result<String, String> {
        let (text, problems) = marked(&format!("{OPENING}{argument}}}}}\n{BELOW}"));
        problems.first().map_or(Ok(text), |problem| Err(problem.text.clone()))
    }

    #[test]
    fn numbers_are_read_off_the_text_or_inserted() {
        for (answer, expected) in [
            (
                "number nats = after \"begins at\"",
                "data-kind=\"number\" data-unit=\"nats\" data-answer=\"8.72\"",
            ),
            ("number = before \"of 25\"", "data-unit=\"\" data-answer=\"15\""),
            ("number = before \"of 25: one in the first\"", "data-answer=\"15\""),
            ("number = after \"It is\"", "data-answer=\"−1,234.5\""),
            ("number % = {{#result a b 0}}", "data-unit=\"%\" data-answer=\"{{#result a b 0}}\""),
        ] {
            let text = of(&format!("a | A & b? | {answer}")).unwrap();
            assert!(
                text.starts_with("<div class=\"predict\" id=\"predict-a\" data-question=\"A &amp; b?\" "),
                "{text}"
            );
            assert!(text.contains(expected), "{text}");
            assert_eq!(text.lines().count(), 1 + BELOW.lines().count());
        }
    }

    #[test]
    fn one_of_several_and_words() {
        let text = of("a | Q | above / below = after \"a little\"").unwrap();
        assert!(text.contains("data-options=\"above|below\" data-answer=\"above\""), "{text}");
        assert!(of("a | Q | yes / no = no").unwrap().contains("data-answer=\"no\""));
        assert!(of("a | Q | x / y = {{#result a b}}").unwrap().contains("data-answer=\"{{#result a b}}\""));
        assert!(
            of("a | Q | words = at \"one in the first\"").unwrap().contains("data-at=\"one in the first\"")
        );
    }

    #[test]
    fn what_is_tried_is_asked_without_script_too() {
        let line = format!("{OPENING}a | Is it & why? | yes / no = no}}}}\n");
        let (text, problems) = marked(&format!("{line}\n<div class=\"live-try\">\n"));
        assert_eq!(problems, []);
        let start = "<p class=\"asked\"><b>Predict</b>: Is it &amp; why? (yes / no)</p><div class=\"predict\" id=\"predict-a\"";
        assert!(text.starts_with(start), "{text}");
        assert_eq!(text.lines().count(), 3);
        assert!(!marked(&format!("{line}\nas the text asks\n")).0.contains("asked"));
    }

    #[test]
    fn what_the_chapter_does_not_say_is_refused() {
        for (argument, expected) in [
            ("a | Q", "expected {{#predict ID"),
            ("a b | Q | words = at \"Fifteen\"", "expected {{#predict ID"),
            ("a | Q | number = 8.72", "a number is not typed"),
            ("a | Q | number = after \"ends at\"", "doesn't say \"ends at\""),
            ("a | Q | number = after \"Fifteen\"", "but \"of\""),
            ("a | Q | yes / no = perhaps", "\"perhaps\" is none of yes, no"),
            ("a | Q | yes / no = after \"a little\"", "none of yes, no stands beside"),
            ("a | Q | words = at \"nothing\"", "doesn't say \"nothing\""),
            ("a | Q | words = no", "words = at"),
        ] {
            let error = of(argument).unwrap_err();
            assert!(error.contains(expected), "{argument}: {error}");
        }
        let twice = format!("{OPENING}a | Q | yes / no = no}}}}\n").repeat(2);
        let problems = marked(&twice).1;
        assert_eq!((problems.len(), problems[0].line), (1, 2));
    }

    #[test]
    fn words_that_light_up_boxes_are_read_without_their_boxes() {
        let text =
            plain("In *pre-norm*: [the sum](#box:sublayer/Add, sublayer/Add & Norm) comes [last](a.md), `x`");
        assert_eq!(text, "In pre-norm: the sum comes [last](a.md), x");
        assert_eq!(plain("](#box:a"), "a");
    }

    #[test]
    fn a_phrase_is_not_found_in_another_prediction() {
        let (_, problems) = marked(&format!(
            "{OPENING}a | Q | words = at \"Hm\"}}}}\n{OPENING}b | Hm | words = at \"x\"}}}}\nx\n"
        ));
        assert_eq!(problems.len(), 1);
    }
}
