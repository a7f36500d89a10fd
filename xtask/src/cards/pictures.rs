//! Cards about a picture: one for each name in it, and the questions that it answers.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use graph::{Asks, Question};
use recall::card::{Card, MediaName, escape};

use super::{FILE, TAG, slug};
use crate::book::questions::MOST;
use crate::catalogue::{Covered, Picture};

/// The cards, and the pictures on them.
pub(super) fn cards(picture: &Picture, media: &mut BTreeMap<MediaName, String>) -> Result<Vec<Card>> {
    let whole = add(media, format!("{FILE}_{}.svg", picture.id), &picture.svg)?;
    let mut cards = Vec::new();
    for covered in &picture.covered {
        let name = format!("{FILE}_{}_{}.svg", picture.id, slug(&covered.key));
        let front = add(media, name, &covered.svg)?;
        cards.push(name_card(picture, covered, &front, &whole)?);
    }
    for asks in Asks::ALL {
        let of_sort = picture.questions.iter().filter(|question| question.about == asks);
        for question in of_sort.take(MOST) {
            cards.push(question_card(picture, question, &whole)?);
        }
    }
    Ok(cards)
}

fn name_card(picture: &Picture, covered: &Covered, front: &MediaName, whole: &MediaName) -> Result<Card> {
    let title = escape(&picture.title);
    let asks = format!("<p><i>{title}</i>: what is in the box with the question mark?</p>");
    let says = format!("{}, with a question mark in one of its boxes", picture.title);
    let note = covered.note.as_ref().map(|note| format!(" ({})", escape(note))).unwrap_or_default();
    let answer = format!("<p><b>{}</b>{note}</p>", escape(&covered.label));
    let card = Card::new(
        format!("picture:{}:{}", picture.id, slug(&covered.key)),
        asks + &front.image(&says),
        answer + &whole.image(&picture.title),
    )?;
    Ok(card.tagged(format!("{TAG}::pictures::{}", picture.id))?)
}

fn question_card(picture: &Picture, question: &Question, whole: &MediaName) -> Result<Card> {
    let Question { about, key, asks, answer, because, .. } = question;
    let [title, asks, answer, because] = [&picture.title, asks, answer, because].map(|text| escape(text));
    let card = Card::new(
        format!("question:{}:{}:{}", picture.id, about.word(), slug(key)),
        format!("<p><i>{title}</i>: {asks}</p>"),
        format!("<p><b>{answer}</b> {because}</p>{}", whole.image(&picture.title)),
    )?;
    Ok(card.tagged(format!("{TAG}::questions::{}", picture.id))?)
}

/// Adds a picture under a name of its own.
fn add(media: &mut BTreeMap<MediaName, String>, name: String, svg: &str) -> Result<MediaName> {
    let name = MediaName::new(name)?;
    let known = media.insert(name.clone(), format!("{}\n", svg.trim_end()));
    ensure!(known.is_none(), "two pictures on cards are called {name}");
    Ok(name)
}
