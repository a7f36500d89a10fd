//! Sentences in both languages: a thing that doesn't fit into a container, and why.

use super::nouns::{Gender, NOUNS, Noun, PEOPLE, Role};

/// How it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The thing comes first, and does something.
    Fits,
    /// The container does.
    Holds,
    /// Somebody else does.
    Gets,
}

impl Frame {
    pub(super) const ALL: [Self; 3] = [Self::Fits, Self::Holds, Self::Gets];
}

/// What is wrong: the thing is too large, the container too small. English, then German.
pub(super) const ADJECTIVES: [[(&str, &str); 2]; 5] = [
    [("large", "groß"), ("small", "klein")],
    [("wide", "breit"), ("narrow", "schmal")],
    [("long", "lang"), ("short", "kurz")],
    [("tall", "hoch"), ("low", "niedrig")],
    [("thick", "dick"), ("flat", "flach")],
];

/// What a sentence has besides, that nothing in training had in such a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twist {
    Plain,
    /// The reason comes first.
    ReasonFirst,
    /// Something else, by its number, is beside the thing.
    BesideThing(usize),
    /// Something else is beside the container.
    BesideContainer(usize),
    /// Somebody says so, before the reason is told.
    Says(usize),
}

/// Two sentences that differ in a word of their adjective: what *it* is follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Twins {
    pub(super) frame: Frame,
    pub(super) thing: usize,
    pub(super) container: usize,
    /// Its number; none, and there is no way to tell.
    pub(super) adjective: Option<usize>,
    pub(super) twist: Twist,
}

/// A sentence to translate, and its translation, but for the pronoun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) english: String,
    before: String,
    after: String,
    /// The gender of what *it* stands for, and of the other noun.
    pub(super) gender: Gender,
    pub(super) other: Gender,
}

impl Sentence {
    /// The translation with the pronoun of a gender.
    pub(super) fn german(&self, gender: Gender) -> String {
        format!("{} {} {}", self.before, gender.pronoun(), self.after)
    }

    /// The translation up to the pronoun.
    pub(super) fn beginning(&self) -> &str {
        &self.before
    }
}

impl Twins {
    /// The sentence in which *it* is the one or the other.
    pub(super) fn sentence(&self, it: Role) -> Sentence {
        let nouns = [NOUNS[self.thing], NOUNS[self.container]];
        let [gender, other] = match it {
            Role::Thing => [nouns[0].gender, nouns[1].gender],
            Role::Container => [nouns[1].gender, nouns[0].gender],
        };
        let (because, why) = self.reason(it);
        let english = self.english(nouns, &because);
        let (before, after) = self.german(nouns, &why);
        Sentence { english, before, after, gender, other }
    }

    /// Why, in English, and in German from the pronoun on.
    fn reason(&self, it: Role) -> (String, String) {
        match self.adjective {
            Some(number) => {
                let (english, german) = ADJECTIVES[number][it as usize];
                (format!("because it is too {english}"), format!("zu {german} ist"))
            }
            None => ("because it is too".to_owned(), "zu ist".to_owned()),
        }
    }

    // ANCHOR: english
    fn english(&self, nouns: [Noun; 2], why: &str) -> String {
        let ([beside_it, _], [beside_that, _]) = self.beside();
        let thing = format!("the {}{beside_it}", nouns[0].english);
        let into = format!("the {}{beside_that}", nouns[1].english);
        let what = match self.frame {
            Frame::Fits => format!("{thing} doesn't fit into {into}"),
            Frame::Holds => format!("{into} can't hold {thing}"),
            Frame::Gets => format!("we can't get {thing} into {into}"),
        };
        match self.twist {
            Twist::ReasonFirst => format!("{why} , {what} ."),
            Twist::Says(who) => {
                format!("{what} , says the {} , {why} .", PEOPLE[who].0)
            }
            _ => format!("{what} {why} ."),
        }
    }
    // ANCHOR_END: english

    /// What comes before the pronoun, and what comes after it.
    fn german(&self, [thing, container]: [Noun; 2], why: &str) -> (String, String) {
        let ([_, beside_it], [_, beside_that]) = self.beside();
        let whole = |noun: Noun, article: fn(Gender) -> &'static str, near: &str| {
            format!("{} {}{near}", article(noun.gender), noun.german)
        };
        let who = |article| whole(thing, article, &beside_it);
        let into = |article| whole(container, article, &beside_that);
        // The verb, who does it, and the rest: a reason before them changes their order.
        let (does, verb, rest) = match self.frame {
            Frame::Fits => {
                (who(Gender::nominative), "passt", format!("nicht in {}", into(Gender::accusative)))
            }
            Frame::Holds => {
                (into(Gender::nominative), "kann", format!("{} nicht aufnehmen", who(Gender::accusative)))
            }
            Frame::Gets => (
                "wir".to_owned(),
                "bekommen",
                format!("{} nicht in {}", who(Gender::accusative), into(Gender::accusative)),
            ),
        };
        match self.twist {
            Twist::ReasonFirst => ("weil".to_owned(), format!("{why} , {verb} {does} {rest} .")),
            Twist::Says(number) => {
                let (_, person, gender) = PEOPLE[number];
                let says = format!("sagt {} {person}", gender.nominative());
                (format!("{does} {verb} {rest} , {says} , weil"), format!("{why} ."))
            }
            _ => (format!("{does} {verb} {rest} , weil"), format!("{why} .")),
        }
    }

    /// What stands behind the thing and behind the container, in both languages.
    fn beside(&self) -> ([String; 2], [String; 2]) {
        let none = || [String::new(), String::new()];
        let near = |number: usize| {
            let Noun { english, german, gender, .. } = NOUNS[number];
            [format!(" beside the {english}"), format!(" neben {} {german}", gender.dative())]
        };
        match self.twist {
            Twist::BesideThing(number) => (near(number), none()),
            Twist::BesideContainer(number) => (none(), near(number)),
            _ => (none(), none()),
        }
    }
}

/// A sentence without a riddle: something is beside something else, and perhaps somebody says so.
pub(super) fn beside(first: usize, second: usize, says: Option<usize>) -> (String, String) {
    let [first, second] = [NOUNS[first], NOUNS[second]];
    let mut english = format!("the {} is beside the {}", first.english, second.english);
    let mut german = format!(
        "{} {} ist neben {} {}",
        first.gender.nominative(),
        first.german,
        second.gender.dative(),
        second.german
    );
    if let Some(number) = says {
        let (who, person, gender) = PEOPLE[number];
        english += &format!(" , says the {who}");
        german += &format!(" , sagt {} {person}", gender.nominative());
    }
    (english + " .", german + " .")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiments::winograd::nouns::{SUITCASE, TROPHY};

    fn both(frame: Frame, twist: Twist, adjective: Option<usize>) -> [(String, String); 2] {
        let twins = Twins { frame, thing: TROPHY, container: SUITCASE, adjective, twist };
        Role::ALL.map(|it| {
            let sentence = twins.sentence(it);
            (sentence.english.clone(), sentence.german(sentence.gender))
        })
    }

    #[test]
    fn the_adjective_decides_what_it_is() {
        let [large, small] = both(Frame::Fits, Twist::Plain, Some(0));
        assert_eq!(large.0, "the trophy doesn't fit into the suitcase because it is too large .");
        assert_eq!(large.1, "die Trophäe passt nicht in den Koffer , weil sie zu groß ist .");
        assert_eq!(small.0, "the trophy doesn't fit into the suitcase because it is too small .");
        assert_eq!(small.1, "die Trophäe passt nicht in den Koffer , weil er zu klein ist .");
        let [long, short] = both(Frame::Holds, Twist::Plain, Some(2));
        assert_eq!(long.0, "the suitcase can't hold the trophy because it is too long .");
        assert_eq!(long.1, "der Koffer kann die Trophäe nicht aufnehmen , weil sie zu lang ist .");
        assert_eq!(short.1, "der Koffer kann die Trophäe nicht aufnehmen , weil er zu kurz ist .");
        let [wide, _] = both(Frame::Gets, Twist::Plain, Some(1));
        assert_eq!(wide.0, "we can't get the trophy into the suitcase because it is too wide .");
        assert_eq!(wide.1, "wir bekommen die Trophäe nicht in den Koffer , weil sie zu breit ist .");
    }

    /// One word differs, and without it none does.
    #[test]
    fn twins_differ_in_one_word() {
        let different = |[a, b]: [(String, String); 2]| {
            let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
            let (a, b) = (words(&a.0), words(&b.0));
            assert_eq!(a.len(), b.len());
            a.iter().zip(&b).filter(|(a, b)| a != b).count()
        };
        for frame in Frame::ALL {
            for twist in [Twist::Plain, Twist::ReasonFirst, Twist::BesideThing(6), Twist::Says(2)] {
                assert_eq!(different(both(frame, twist, Some(3))), 1);
                assert_eq!(different(both(frame, twist, None)), 0);
            }
        }
        assert!(both(Frame::Fits, Twist::Plain, None)[0].0.ends_with("because it is too ."));
    }

    #[test]
    fn twists_are_german_as_well() {
        let german = |frame, twist| both(frame, twist, Some(0))[1].1.clone();
        assert_eq!(
            german(Frame::Fits, Twist::ReasonFirst),
            "weil er zu klein ist , passt die Trophäe nicht in den Koffer ."
        );
        assert_eq!(
            german(Frame::Gets, Twist::ReasonFirst),
            "weil er zu klein ist , bekommen wir die Trophäe nicht in den Koffer ."
        );
        assert_eq!(
            german(Frame::Holds, Twist::BesideThing(6)),
            "der Koffer kann die Trophäe neben dem Buch nicht aufnehmen , weil er zu klein ist ."
        );
        assert_eq!(
            german(Frame::Fits, Twist::BesideContainer(6)),
            "die Trophäe passt nicht in den Koffer neben dem Buch , weil er zu klein ist ."
        );
        assert_eq!(
            german(Frame::Fits, Twist::Says(2)),
            "die Trophäe passt nicht in den Koffer , sagt das Kind , weil er zu klein ist ."
        );
        let (english, german) = beside(TROPHY, SUITCASE, Some(1));
        assert_eq!(english, "the trophy is beside the suitcase , says the woman .");
        assert_eq!(german, "die Trophäe ist neben dem Koffer , sagt die Frau .");
    }

    #[test]
    fn the_beginning_ends_before_the_pronoun() {
        let twins = Twins {
            frame: Frame::Fits,
            thing: TROPHY,
            container: SUITCASE,
            adjective: Some(0),
            twist: Twist::Plain,
        };
        let sentence = twins.sentence(Role::Container);
        assert_eq!(sentence.beginning(), "die Trophäe passt nicht in den Koffer , weil");
        assert_eq!((sentence.gender, sentence.other), (Gender::Masculine, Gender::Feminine));
        assert!(sentence.german(Gender::Neuter).contains(" weil es zu klein"));
    }
}
