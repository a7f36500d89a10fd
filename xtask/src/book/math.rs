//! Formulas: LaTeX between dollar signs becomes MathML, which browsers draw and screen readers read.
//!
//! What is a formula, and what is a dollar:
//!
//! - `$…$` within a line is a formula if the first dollar stands after no letter, digit or dollar and before no blank or
//!   punctuation, and the second one after no blank and before no letter or digit. So `$5 and $6`, `5-$6` and `US$5`
//!   are text.
//! - `$$…$$` is a formula of its own; it begins and ends lines, and may have several.
//! - `\$` is always a dollar. A formula that is never closed is a mistake, unless the dollar stands before a digit.
//! - Code is left alone, be it between fences, between backticks, or in the elements `code`, `pre`, `script` and
//!   `style`. So are tags, comments and the preprocessor's own lines.

use math_core::{LatexToMathML, MathDisplay};

use super::html::escape;
use super::listings::{Problem, fence_marker};

/// The chapter with its formulas as MathML, in as many lines, and what is wrong with them.
pub(crate) fn formulas(content: &str) -> (String, Vec<Problem>) {
    let mut chapter =
        Chapter { converter: LatexToMathML::default(), number: 0, text: String::new(), problems: Vec::new() };
    let (mut fence, mut inside) = (None, Inside::Text);
    let mut lines = content.lines();
    while let Some(line) = lines.next() {
        chapter.number += 1;
        let text = line.trim();
        if is_code(&mut fence, text) || text.is_empty() {
            inside = Inside::Text;
            chapter.text += line;
        } else if text.starts_with("{{#") {
            chapter.text += line;
        } else if let (Inside::Text, Some(first)) = (&inside, text.strip_prefix("$$")) {
            chapter.display(first, &mut lines);
        } else {
            inside = chapter.line(line, inside);
        }
        chapter.text.push('\n');
    }
    (chapter.text, chapter.problems)
}

/// Whether a line is part of a fenced block, whose marker is kept as long as it is open.
fn is_code(fence: &mut Option<String>, text: &str) -> bool {
    match fence {
        Some(marker) => {
            if text.starts_with(&**marker) && text.chars().all(|c| marker.starts_with(c)) {
                *fence = None;
            }
            true
        }
        None => {
            *fence = fence_marker(text).map(str::to_owned);
            fence.is_some()
        }
    }
}

/// What a line, or a piece of it, is inside of; it may go on in the next.
#[derive(Clone, Debug, PartialEq)]
enum Inside {
    Text,
    /// Up to this text.
    Until(String),
}

struct Chapter {
    converter: LatexToMathML,
    /// The line, from one.
    number: usize,
    text: String,
    problems: Vec<Problem>,
}

impl Chapter {
    /// A formula of its own, whose first line has been read. The block of HTML ends at the next blank line, and inside it Markdown
    /// changes nothing.
    fn display<'a>(&mut self, first: &str, lines: &mut impl Iterator<Item = &'a str>) {
        let opened = self.number;
        let (mut latex, mut blank) = (first.trim_end().to_owned(), String::new());
        while !latex.ends_with("$$") {
            let Some(line) = lines.next().filter(|line| !line.trim().is_empty()) else {
                let text = format!("the formula opened with $$ is never closed: {:?}", latex.trim());
                self.problems.push(Problem { line: opened, text });
                return;
            };
            self.number += 1;
            latex = format!("{latex}\n{}", line.trim_end());
            blank.push('\n');
        }
        let math = self.converted(latex.trim_end_matches("$$").trim(), MathDisplay::Block, opened);
        self.text += &format!("<div class=\"formula\" tabindex=\"0\">{math}</div>{blank}");
    }

    /// A line of text, with formulas in it.
    fn line(&mut self, line: &str, mut inside: Inside) -> Inside {
        let mut at = 0;
        while at < line.len() {
            let rest = &line[at..];
            if let Inside::Until(end) = &inside {
                let Some(found) = rest.find(&**end) else {
                    self.text += rest;
                    return inside;
                };
                let length = found + end.len();
                self.text += &rest[..length];
                at += length;
                inside = Inside::Text;
            } else if rest.starts_with('$') {
                at += self.dollar(line, at);
            } else {
                let length = skipped(rest);
                self.text += &rest[..length];
                at += length;
                inside = opened(&rest[..length]);
            }
        }
        inside
    }

    /// What begins with the dollar there: a formula, or else a dollar. Returns its length.
    fn dollar(&mut self, line: &str, at: usize) -> usize {
        let (before, rest) = (&line[..at], &line[at + 1..]);
        let first = rest.chars().next().unwrap_or(' ');
        let opens = !before.ends_with(|c: char| c.is_alphanumeric() || c == '$')
            && !first.is_whitespace()
            && !".,;:!?)".contains(first);
        let end = if opens { closing(rest) } else { None };
        match end {
            Some(end) => {
                let math = self.converted(&rest[..end], MathDisplay::Inline, self.number);
                self.text += &shielded(&math);
                end + 2
            }
            None => {
                if opens && !first.is_ascii_digit() {
                    let found = rest.split_whitespace().next().unwrap_or_default();
                    let text =
                        format!("the formula ${found} is not closed in its line; a dollar is written \\$");
                    self.problems.push(Problem { line: self.number, text });
                }
                self.text.push('$');
                1
            }
        }
    }

    /// Its LaTeX goes with it, for whoever can't read MathML.
    fn converted(&mut self, latex: &str, display: MathDisplay, line: usize) -> String {
        match self.converter.convert_with_local_state(latex, display) {
            Ok(found) => {
                let alternative = escape(&latex.split_whitespace().collect::<Vec<_>>().join(" "));
                level(&found.mathml).replacen("<math", &format!("<math alttext=\"{alternative}\""), 1)
            }
            Err(error) => {
                let text = format!("the formula {latex:?} is no LaTeX that is understood: {error}");
                self.problems.push(Problem { line, text });
                String::new()
            }
        }
    }
}

/// Primes beside what they belong to. Fonts draw them small and high already, and an exponent would be smaller and higher still.
fn level(math: &str) -> String {
    const PRIME: &str = "<mo>′</mo></msup>";
    let mut parts = math.split(PRIME).peekable();
    let mut result = String::with_capacity(math.len());
    while let Some(part) = parts.next() {
        match part
            .rsplit_once("<msup>")
            .filter(|(_, base)| parts.peek().is_some() && !base.contains("</msup>"))
        {
            Some((before, base)) => {
                result += &format!("{before}<mrow>{base}<mo lspace=\"0\" rspace=\"0\">′</mo></mrow>")
            }
            None => result += &format!("{part}{}", if parts.peek().is_some() { PRIME } else { "" }),
        }
    }
    result
}

/// Where in the text after a dollar the one is that closes the formula.
fn closing(rest: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in rest.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '$' => {
                let blank = rest[..at].is_empty() || rest[..at].ends_with(char::is_whitespace);
                let goes_on = rest[at + 1..].starts_with(|c: char| c.is_alphanumeric() || c == '$');
                return (!blank && !goes_on).then_some(at);
            }
            _ => {}
        }
    }
    None
}

/// How many bytes at the start of a text are no dollar to look at: an escaped character, what opens code or a tag, or plain text.
fn skipped(rest: &str) -> usize {
    let first = rest.chars().next().map_or(0, char::len_utf8);
    match rest.as_bytes().first() {
        Some(b'\\') => first + rest[first..].chars().next().map_or(0, char::len_utf8),
        Some(b'`') => rest.len() - rest.trim_start_matches('`').len(),
        Some(b'<') if rest[1..].starts_with(['/', '!']) => 2,
        Some(b'<') => rest[1..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(rest.len(), |end| end + 1),
        _ => rest.find(['\\', '`', '<', '$']).unwrap_or(rest.len()),
    }
}

/// What such a piece of a line opens.
fn opened(piece: &str) -> Inside {
    let until = |end: &str| Inside::Until(end.to_owned());
    match piece {
        "<code" | "<pre" | "<script" | "<style" => until(&format!("</{}>", &piece[1..])),
        _ if piece.starts_with('`') => until(piece),
        _ if piece.starts_with('<') && piece.len() > 1 => until(">"),
        _ => Inside::Text,
    }
}

/// MathML that stays as it is inside a paragraph or a table of Markdown.
fn shielded(math: &str) -> String {
    let mut shielded = String::with_capacity(math.len());
    for character in math.chars() {
        match character {
            '*' | '_' | '[' | ']' | '`' | '\\' | '|' | '~' | '$' => {
                shielded += &format!("&#{};", u32::from(character));
            }
            other => shielded.push(other),
        }
    }
    shielded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(content: &str) -> String {
        let (text, problems) = formulas(content);
        assert_eq!(problems, []);
        text
    }

    #[track_caller]
    fn stays(content: &str) {
        assert_eq!(converted(content), content.lines().map(|line| format!("{line}\n")).collect::<String>());
    }

    #[test]
    fn a_formula_in_a_line_is_mathml() {
        let text = converted("a root $\\sqrt{d_k}$, and $x$.\n");
        assert!(
            text.starts_with("a root <math alttext=\"&#92;sqrt{d&#95;k}\"><msqrt><msub><mi>d</mi>"),
            "{text}"
        );
        assert!(text.ends_with("</math>, and <math alttext=\"x\"><mi>x</mi></math>.\n"), "{text}");
    }

    #[test]
    fn a_prime_is_no_small_exponent() {
        let text = converted("with $d' = f'(x)^2$\n");
        assert_eq!(text.matches("<mo lspace=\"0\" rspace=\"0\">′</mo></mrow>").count(), 2, "{text}");
        assert!(text.contains("><mrow><mi>d</mi>") && text.contains("<msup><mo"), "{text}");
        assert_eq!(text.matches("<msup>").count(), 1, "{text}");
    }

    #[test]
    fn a_formula_of_its_own_is_one_block_of_html_in_as_many_lines() {
        let text =
            converted("before\n\n$$\nQ K^\\top\n  \\over = *\n$$\n\nafter\n".replace("\\over ", "").as_str());
        assert_eq!(text.lines().count(), 8, "{text}");
        assert_eq!(text.lines().last(), Some("after"));
        let block = text.lines().nth(2).unwrap();
        assert!(
            block
                .starts_with("<div class=\"formula\" tabindex=\"0\"><math alttext=\"Q K^\\top = *\" display"),
            "{block}"
        );
        assert!(block.ends_with("</math></div>") && text.contains("after"), "{block}");
        assert!(converted("$$ x $$").contains("<mi>x</mi></math></div>"));
    }

    #[test]
    fn money_and_the_shell_are_text() {
        stays("It costs $5 and $6, or $5-$6, or US$5, or 5$, or 10 $ and 20 $.");
        stays("A dollar \\$x and \\$HOME/\\$USER$.");
        assert!(converted("from $10^{-9}$ on").contains("<msup><mn>10</mn>"));
    }

    #[test]
    fn code_tags_and_directives_are_left_alone() {
        stays("```sh\necho $HOME$ $$\n```\n~~~\n$x$\n~~~");
        stays("`$x$` and ``a ` $y$`` and `one\ncommand $z$ of` two lines");
        stays("<code>a $x$\nb $y$</code> <a href=\"$z$\"> <!-- $x$ --> <pre>$x$</pre>");
        stays("{{#include ../$a$.rs}}");
        assert!(converted("a < b, and $x$").contains("<math"));
        let text = converted("<figcaption>With <b>some</b> `code` there is $x$.</figcaption>");
        assert!(text.contains("there is <math"), "{text}");
        // A backtick without a partner ends with its paragraph.
        assert!(converted("a ` b\n\n$x$").contains("<math"));
    }

    #[test]
    fn markdown_leaves_formulas_as_they_are() {
        let text = converted("| $P(a | b) = a * b * c$ |");
        assert_eq!(text.matches('|').count(), 2, "{text}");
        assert!(!text.contains('*') && text.contains("&#42;"), "{text}");
    }

    #[test]
    fn mistakes_name_line_and_formula() {
        let (_, problems) = formulas("fine $x$\n\nwrong $\\nonsense{x}$\n\nopen $x + y\n\n$$\na\n\nb");
        let found: Vec<_> = problems.iter().map(|problem| (problem.line, &*problem.text)).collect();
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [3, 5, 7], "{found:?}");
        assert!(found[0].1.contains("nonsense{x}"), "{found:?}");
        assert!(found[1].1.contains("$x is not closed in its line"), "{found:?}");
        assert!(found[2].1.contains("never closed"), "{found:?}");
    }
}
