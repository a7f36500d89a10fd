//! Cards, decks, and the text that Anki imports.

use proptest::prelude::*;
use recall::card::{Card, CardError, MediaName, NoMediaName, escape};
use recall::deck::{Deck, DeckError};
use recall::tsv::{self, TsvError};

fn card(id: &str, front: &str) -> Card {
    Card::new(id, front, "back").unwrap()
}

#[test]
fn a_deck_is_a_table_below_lines_that_say_what_it_is() {
    let quoted = Card::new("a:2", "with a \"word\"", "two\nlines").unwrap();
    let cards = vec![card("a:1", "front").tagged("t::u").unwrap().tagged("v").unwrap(), quoted];
    let deck = Deck::new("A deck", cards).unwrap();
    let expected = "#separator:tab\n#html:true\n#notetype:Basic\n#deck:A deck\n#columns:id\tFront\tBack\tTags\n\
                    #guid column:1\n#tags column:4\na:1\tfront\tback\tt::u v\na:2\t\"with a \"\"word\"\"\"\t\"two\nlines\"\t\n";
    assert_eq!(tsv::write(&deck), expected);
    assert_eq!(tsv::read(expected), Ok(deck));
}

#[test]
fn cards_that_would_not_survive_are_refused() {
    let long = "x".repeat(201);
    for id in ["", "two words", "tab\t", "a\"b", "ä", &long] {
        assert_eq!(Card::new(id, "f", "b"), Err(CardError::Id(id.to_owned())));
    }
    assert_eq!(Card::new("a", " ", "b"), Err(CardError::Front("a".into())));
    assert_eq!(Card::new("a", "f", "\n"), Err(CardError::Back("a".into())));
    for tag in ["", "two words", "line\n"] {
        assert_eq!(card("a", "f").tagged(tag), Err(CardError::Tag { id: "a".into(), tag: tag.into() }));
    }
    for name in ["", " a", "a\n"] {
        assert_eq!(Deck::new(name, vec![]), Err(DeckError::Name(name.into())));
    }
    assert_eq!(Deck::new("d", vec![card("a", "f"), card("a", "g")]), Err(DeckError::Id("a".into())));
    let same = Deck::new("d", vec![card("a", "f"), card("b", "f")]);
    assert_eq!(same, Err(DeckError::Front("a".into(), "b".into())));
}

#[test]
fn names_of_pictures_are_plain() {
    let name = MediaName::new("at_layer-1.svg").unwrap();
    assert_eq!(name.image("a <b> \"c\""), "<img src=\"at_layer-1.svg\" alt=\"a &lt;b&gt; &quot;c&quot;\">");
    assert_eq!(escape("&"), "&amp;");
    let long = format!("{}.svg", "x".repeat(117));
    for wrong in ["", ".svg", "a", "../a.svg", "a b.svg", "ä.svg", "1.svg", "a.svgz", &long] {
        assert_eq!(MediaName::new(wrong), Err(NoMediaName(wrong.to_owned())), "{wrong}");
    }
}

#[test]
fn what_is_no_such_text_is_refused_with_its_line() {
    let deck = Deck::new("d", vec![card("a", "f\ng"), card("b", "h")]).unwrap();
    let text = tsv::write(&deck);
    assert_eq!(tsv::read(&text), Ok(deck));
    let with = |from: &str, to: &str| tsv::read(&text.replacen(from, to, 1));
    assert!(matches!(with("#html:true", "#html:false"), Err(TsvError::Header { line: 2, .. })));
    assert!(matches!(with("#deck:", "#dock:"), Err(TsvError::Header { line: 4, .. })));
    assert!(matches!(with("#tags column:4", "#tags column:3"), Err(TsvError::Header { line: 7, .. })));
    assert_eq!(with("b\th", "b"), Err(TsvError::Fields { line: 10, found: 3 }));
    assert_eq!(with("h\tback", "h\tback\t"), Err(TsvError::Fields { line: 10, found: 5 }));
    assert_eq!(with("g\"", "g"), Err(TsvError::Quotation { line: 8 }));
    assert_eq!(with("g\"", "g\"x"), Err(TsvError::Quotation { line: 8 }));
    assert_eq!(with("\th\t", "\th\"\t"), Err(TsvError::Stray { line: 10 }));
    assert_eq!(with("\nb\t", "\na\t"), Err(TsvError::Deck(DeckError::Id("a".into()))));
    assert_eq!(with("\nb\t", "\n\t"), Err(TsvError::Card(CardError::Id(String::new()))));
    assert!(matches!(tsv::read(""), Err(TsvError::Header { line: 1, .. })));
}

prop_compose! {
    fn any_card()(id in "[a-z0-9:#./-]{1,12}", sides in ["\\PC{1,20}", "(\\PC|[\t\n\r\"]){1,20}"], tags in prop::collection::vec("[a-z:]{1,5}", 0..3)) -> Option<Card> {
        let card = Card::new(id, sides[0].clone(), sides[1].clone()).ok()?;
        tags.into_iter().try_fold(card, |card, tag| card.tagged(tag)).ok()
    }
}

proptest! {
    /// What is written is read as it was, whatever is in it.
    #[test]
    fn a_deck_goes_there_and_back(cards in prop::collection::vec(any_card(), 0..6)) {
        if let Ok(deck) = Deck::new("a deck", cards.into_iter().flatten().collect()) {
            prop_assert_eq!(tsv::read(&tsv::write(&deck)), Ok(deck));
        }
    }

    /// And nothing makes it panic.
    #[test]
    fn any_text_is_read_or_refused(rows in "(\\PC|[\t\n\r\"]){0,60}") {
        let head = tsv::write(&Deck::new("d", vec![]).unwrap());
        let _ = tsv::read(&(head + &rows));
        let _ = tsv::read(&rows);
    }
}
