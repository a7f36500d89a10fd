//! Sentences of the grammar: a subject, some nouns that stand in its way, and a verb that has to agree with the subject.

use super::frame::{Frame, Met};
use super::words::{ADVERBS, MODIFIERS, NAMES, NOUNS, OPENINGS, STUFF, THINGS, VERBS};
use crate::contract::random::Random;

/// Nouns that stand between subject and verb in what is learned from, at most.
pub(super) const LEARNED: usize = 3;
/// One subject in so many is a name.
const NAMED: usize = 8;

/// A noun, or a name, in one of its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Noun {
    pub(super) which: usize,
    pub(super) plural: bool,
}

impl Noun {
    fn drawn(random: &mut Random) -> Self {
        Self { which: random.below(NOUNS.len()), plural: random.below(2) == 1 }
    }

    fn name(which: usize) -> Self {
        Self { which: NOUNS.len() + which, plural: false }
    }

    /// With its article, if it has one.
    pub(super) fn said(self) -> Vec<&'static str> {
        match NOUNS.get(self.which) {
            Some(noun) => vec!["the", noun[usize::from(self.plural)]],
            None => vec![NAMES[self.which - NOUNS.len()]],
        }
    }

    /// The form of a verb that agrees.
    pub(super) fn does(self, verb: usize) -> &'static str {
        VERBS[verb][usize::from(self.plural)]
    }

    /// A verb that it has in this frame, in the form that agrees.
    fn does_something(self, frame: &Frame, random: &mut Random) -> &'static str {
        self.does(frame.verb(self.which, Met::Here, random))
    }
}

/// A sentence up to its verb.
#[derive(Clone, Debug)]
pub(super) struct Beginning {
    pub(super) frame: Frame,
    /// The noun of the opening, if there is one.
    before: Noun,
    pub(super) subject: Noun,
    pub(super) attractors: Vec<Noun>,
    /// A verb for each of them, in case that it stands in a clause.
    verbs: Vec<usize>,
}

impl Beginning {
    pub(super) fn drawn(frame: Frame, random: &mut Random) -> Self {
        let attractors: Vec<Noun> = frame.modifiers.iter().map(|_| Noun::drawn(random)).collect();
        Self {
            before: Noun::drawn(random),
            subject: Noun::drawn(random),
            verbs: attractors.iter().map(|noun| frame.verb(noun.which, Met::Here, random)).collect(),
            attractors,
            frame,
        }
    }

    // ANCHOR: beginning
    pub(super) fn words(&self) -> Vec<&'static str> {
        let Frame { opening, modifiers, adverb } = &self.frame;
        let mut words = Vec::new();
        if *opening > 0 {
            words.push(OPENINGS[*opening]);
            words.extend(self.before.said());
        }
        words.extend(self.subject.said());
        let attractors = self.attractors.iter().zip(&self.verbs);
        for (&modifier, (noun, &verb)) in modifiers.iter().zip(attractors) {
            words.push(MODIFIERS[modifier]);
            words.extend(noun.said());
            if MODIFIERS[modifier] == "that" {
                words.push(noun.does(verb));
            }
        }
        if *adverb > 0 {
            words.push(ADVERBS[*adverb]);
        }
        words
    }
    // ANCHOR_END: beginning

    /// Where the subject's noun stands among the words.
    pub(super) fn at(&self) -> usize {
        let opening = if self.frame.opening > 0 { 1 + self.before.said().len() } else { 0 };
        opening + self.subject.said().len() - 1
    }
}

/// Something that somebody has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object {
    pub(super) thing: usize,
    pub(super) plural: bool,
    /// Whose it is: 0 if that isn't said, and else that of him or of her, which is theirs for a plural.
    pub(super) owner: usize,
}

impl Object {
    fn drawn(random: &mut Random) -> Self {
        let owner = if random.below(2) == 0 { 0 } else { 1 + random.below(2) };
        Self { thing: random.below(THINGS.len()), plural: random.below(2) == 1, owner }
    }

    pub(super) fn said(self, subject: Noun) -> [&'static str; 2] {
        let owner = match (self.owner, subject.plural) {
            (0, _) => "the",
            (_, true) => "their",
            (1, false) => "his",
            _ => "her",
        };
        [owner, THINGS[self.thing][usize::from(self.plural)]]
    }
}

/// A sentence to learn from: no subject has a verb in it that is kept for the test, in this frame or in all.
pub(super) fn sentence(random: &mut Random) -> Vec<&'static str> {
    // None is as frequent as two others together.
    let attractors = random.below(LEARNED + 2).saturating_sub(1);
    let mut beginning = Beginning::drawn(Frame::drawn(attractors, random), random);
    if random.below(NAMED) == 0 {
        beginning.subject = Noun::name(random.below(NAMES.len()));
    }
    let (mut words, subject) = (beginning.words(), beginning.subject);
    let object = Object::drawn(random);
    words.push(subject.does_something(&beginning.frame, random));
    words.extend(object.said(subject));
    if random.below(2) == 0 {
        words.extend([
            "and",
            subject.does_something(&beginning.frame, random),
            if object.plural { "them" } else { "it" },
        ]);
        if random.below(2) == 0 {
            words.extend(["with", STUFF[random.below(STUFF.len())]]);
        }
    }
    words
}

/// "John opens his suitcase and", and the same of several boys and of several suitcases.
pub(super) fn suitcases() -> Vec<(Noun, Vec<&'static str>)> {
    const OPENS: usize = 1;
    let somebody = [Noun::name(0), Noun { which: 0, plural: true }];
    let all = somebody.into_iter().flat_map(|subject| [false, true].map(|plural| (subject, plural)));
    let said = |(subject, plural): (Noun, bool)| {
        let object = Object { thing: 0, plural, owner: 1 };
        let parts = [&subject.said()[..], &[subject.does(OPENS)], &object.said(subject), &["and"]];
        (subject, parts.concat())
    };
    all.map(said).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_read_as_they_should() {
        let frame = Frame { opening: 1, modifiers: vec![7, 1], adverb: 2 };
        let noun = |which, plural| Noun { which, plural };
        let beginning = Beginning {
            frame,
            before: noun(12, true),
            subject: noun(5, false),
            attractors: vec![noun(4, true), noun(14, true)],
            verbs: vec![13, 0],
        };
        let expected = "near the cats the king that the children like behind the mice never";
        assert_eq!(beginning.words().join(" "), expected);
        assert_eq!(beginning.words()[beginning.at()], "king");
        let said: Vec<String> = suitcases().into_iter().map(|(_, words)| words.join(" ")).collect();
        let expected = [
            "john opens his suitcase and",
            "john opens his suitcases and",
            "the boys open their suitcase and",
            "the boys open their suitcases and",
        ];
        assert_eq!(said, expected);
    }

    /// So *fills* after any of them is something that nobody has read.
    #[test]
    fn nobody_with_a_suitcase_is_ever_seen_filling_anything() {
        let frame = Frame { opening: 0, modifiers: vec![], adverb: 0 };
        assert!(suitcases().iter().all(|(subject, _)| Met::of(&frame, subject.which, 0) == Met::Nowhere));
        assert_eq!(VERBS[0], ["fills", "fill"]);
    }
}
