//! What a chapter asks to be remembered, and what of it was recalled.

use recall::chapter::{Chapter, facts};
use recall::free::compare;

const CHAPTER: &str = "# Bread\n\nText.\n\n## Write down what you remember\n\nClose the page. What is in it?\n\n\
                       <details>\n<summary>Key facts to compare with</summary>\n\n- Flour, *water* and\n  salt.\n- It rises twice.\n\n\
                       </details>\n\n<details><summary>Question 1. Why $x$?</summary>\n\nBecause.\n\nOf yeast.\n\n</details>\n\n\
                       <details>\n<summary>An aside</summary>\n\nNothing.\n\n</details>\n";

#[test]
fn a_chapter_says_what_is_to_be_remembered() {
    let chapter = Chapter::read(CHAPTER);
    assert_eq!(
        (chapter.title.as_str(), chapter.prompt.as_str()),
        ("Bread", "Close the page. What is in it?")
    );
    assert_eq!(chapter.facts, ["Flour, *water* and salt.", "It rises twice."]);
    assert_eq!(chapter.questions, [("Why $x$?".to_owned(), "Because.\n\nOf yeast.".to_owned())]);
    assert_eq!(Chapter::read("nothing"), Chapter::default());
    assert_eq!(facts(CHAPTER), chapter.facts);
    assert_eq!(facts("# A list\n- one\n\n* two\nthree"), ["one", "two", "three"]);
}

#[test]
fn what_was_recalled_is_found_in_other_words() {
    let facts = [
        "The softmax goes along each row; a row adds up to 1.",
        "The cost grows with the square of the length.",
    ];
    let facts = facts.map(str::to_owned);
    let recalled =
        |text: &str| compare(&facts, text).iter().map(|found| found.is_recalled()).collect::<Vec<_>>();
    assert_eq!(recalled("Each ROW of the sofmax adds to one"), [true, false]);
    assert_eq!(recalled("costs grow: length squared"), [false, true]);
    assert_eq!(recalled("softmax along rows, adding up to 1.\nlengths squared cost"), [true, true]);
    assert_eq!(recalled("It was about cats. They are not rows."), [false, false]);
    assert_eq!(recalled(""), [false, false]);
    // A word here and a word there tell nothing.
    assert_eq!(recalled("a cost\na square\na length\nit grows"), [false, false]);
}

#[test]
fn a_copy_recalls_everything_and_nothing_recalls_nothing() {
    let mut facts = facts(CHAPTER);
    facts.push("One thing. And another; and a third: so there.".to_owned());
    let copy = compare(&facts, &facts.join("\n"));
    assert!(copy.iter().all(|found| found.share == 1.0), "{copy:?}");
    assert!(compare(&facts, "").iter().all(|found| found.share == 0.0));
    assert!(compare(&["".to_owned()], "a").iter().all(|found| !found.is_recalled()));
}
