//! Cards of what chapters ask: their key facts, and their questions.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use recall::card::Card;
use recall::chapter::Chapter;

use super::{TAG, markdown, slug};
use crate::book::results::Results;
use crate::paths;

/// The cards of all chapters, in the order of the book.
pub(super) fn cards(folder: &Path) -> Result<Vec<Card>> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    };
    let mut cards = Vec::new();
    for name in listed(&read("SUMMARY.md")?) {
        let (text, problems) = Results::new(paths::figures().join("lab")).inserted(&read(name)?);
        let problem = problems.first().map(|problem| format!("{name}:{}: {}", problem.line, problem.text));
        ensure!(problem.is_none(), "{}", problem.unwrap_or_default());
        let found = of_chapter(&slug(name.trim_end_matches(".md")), &Chapter::read(&text));
        cards.extend(found.with_context(|| format!("cannot make cards of {name}"))?);
    }
    Ok(cards)
}

/// Files of chapters that a summary leads to.
fn listed(summary: &str) -> impl Iterator<Item = &str> {
    summary.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|name| name.ends_with(".md"))
}

fn of_chapter(name: &str, chapter: &Chapter) -> Result<Vec<Card>> {
    let title = markdown::html(&chapter.title);
    let title = title.trim_start_matches("<p>").trim_end_matches("</p>");
    let mut cards = Vec::new();
    if !chapter.facts.is_empty() {
        let facts: String = chapter.facts.iter().map(|fact| format!("- {fact}\n")).collect();
        // Nor is what a page asks for by script.
        let asked = chapter.prompt.lines().filter(|line| !line.trim_start().starts_with("{{#"));
        let asked = markdown::html(&asked.map(|line| format!("{line}\n")).collect::<String>());
        let front = format!("<p><i>{title}</i>: what do you remember?</p> {asked}");
        let card = Card::new(format!("facts:{name}"), front, markdown::html(&facts))?;
        cards.push(card.tagged(format!("{TAG}::chapters::{name}"))?);
    }
    for (asks, answer) in &chapter.questions {
        // What is included in a page is not on a card.
        if answer.contains("{{#") {
            continue;
        }
        let front = format!("<p><i>{title}</i></p> {}", markdown::html(asks));
        let card = Card::new(format!("chapter:{name}:{}", known_by(asks)), front, markdown::html(answer))?;
        cards.push(card.tagged(format!("{TAG}::chapters::{name}"))?);
    }
    Ok(cards)
}

/// A number made of a question's words (FNV-1a), so that its card stays the same where others come before it.
fn known_by(text: &str) -> String {
    let letters = text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    let mixed = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", letters.fold(0xcbf2_9ce4_8422_2325, mixed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chapter_has_a_card_of_its_facts_and_one_for_each_question() {
        let chapter = Chapter {
            title: "Bread & salt".into(),
            prompt: "What is *in* it?".into(),
            facts: vec!["Flour, $x$.".into(), "Salt.".into()],
            questions: vec![
                ("Why?".into(), "See [yeast](yeast.md).".into()),
                ("How?".into(), "{{#include a.md}}".into()),
            ],
        };
        let cards = of_chapter("bread", &chapter).unwrap();
        let said: Vec<_> = cards.iter().map(|card| [card.front(), card.back()]).collect();
        let facts = "<ul> <li>Flour, \\(x\\).</li> <li>Salt.</li> </ul>";
        assert_eq!(
            said,
            [
                [
                    "<p><i>Bread &amp; salt</i>: what do you remember?</p> <p>What is <em>in</em> it?</p>",
                    facts
                ],
                ["<p><i>Bread &amp; salt</i></p> <p>Why?</p>", "<p>See yeast.</p>"],
            ]
        );
        assert_eq!(cards[0].id(), "facts:bread");
        assert_eq!(cards[1].id(), format!("chapter:bread:{}", known_by("why")));
        assert_eq!(of_chapter("empty", &Chapter::default()).unwrap(), []);
        assert_ne!(known_by("why"), known_by("how"));
    }

    #[test]
    fn a_summary_leads_to_chapters() {
        let summary = "# S\n\n[A](README.md)\n- [B](b/c.md)\n- [D]()\n[E](https://e.org)\n";
        assert_eq!(listed(summary).collect::<Vec<_>>(), ["README.md", "b/c.md"]);
    }
}
