//! Things and what they may be put into: their names in both languages, their gender, and how large they are.

use serde::{Deserialize, Serialize};

/// What every German noun has, and what decides its articles and its pronoun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Gender {
    Masculine,
    Feminine,
    Neuter,
}

use Gender::{Feminine, Masculine, Neuter};

impl Gender {
    pub(super) const ALL: [Self; 3] = [Masculine, Feminine, Neuter];

    /// What stands for a noun of this gender: English has *it* for all of them.
    pub(super) fn pronoun(self) -> &'static str {
        ["er", "sie", "es"][self as usize]
    }

    /// The article of a noun that does something.
    pub(super) fn nominative(self) -> &'static str {
        ["der", "die", "das"][self as usize]
    }

    /// The article of a noun that something is done to.
    pub(super) fn accusative(self) -> &'static str {
        ["den", "die", "das"][self as usize]
    }

    /// The article of a noun that something is beside.
    pub(super) fn dative(self) -> &'static str {
        ["dem", "der", "dem"][self as usize]
    }

    /// The gender that neither has; none if there are two of them.
    pub(super) fn third(self, other: Self) -> Option<Self> {
        let mut rest = Self::ALL.into_iter().filter(|&gender| gender != self && gender != other);
        rest.next().filter(|_| rest.next().is_none())
    }
}

/// A noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Noun {
    pub(super) english: &'static str,
    pub(super) german: &'static str,
    pub(super) gender: Gender,
    /// From 1, a ring, to 4, a piano.
    pub(super) size: u8,
    /// Whether things are put into it.
    pub(super) holds: bool,
}

const fn thing(english: &'static str, german: &'static str, gender: Gender, size: u8) -> Noun {
    Noun { english, german, gender, size, holds: false }
}

const fn container(english: &'static str, german: &'static str, gender: Gender, size: u8) -> Noun {
    Noun { english, german, gender, size, holds: true }
}

/// All nouns. What holds things is a thing itself: a box may be what doesn't fit, or what it doesn't fit into.
#[rustfmt::skip]
pub(super) const NOUNS: [Noun; 30] = [
    // ANCHOR: nouns
    thing("trophy", "Trophäe", Feminine, 3),
    container("suitcase", "Koffer", Masculine, 3),
    container("car", "Auto", Neuter, 4),
    // ANCHOR_END: nouns
    thing("ring", "Ring", Masculine, 1),
    thing("coin", "Münze", Feminine, 1),
    thing("badge", "Abzeichen", Neuter, 1),
    thing("book", "Buch", Neuter, 2),
    thing("knife", "Messer", Neuter, 2),
    thing("ball", "Ball", Masculine, 2),
    thing("bottle", "Flasche", Feminine, 2),
    thing("computer", "Computer", Masculine, 3),
    thing("painting", "Gemälde", Neuter, 3),
    thing("umbrella", "Schirm", Masculine, 3),
    thing("guitar", "Gitarre", Feminine, 3),
    thing("carpet", "Teppich", Masculine, 4),
    thing("ladder", "Leiter", Feminine, 4),
    thing("piano", "Klavier", Neuter, 4),
    thing("bicycle", "Fahrrad", Neuter, 4),
    container("glass", "Glas", Neuter, 2),
    container("tin", "Dose", Feminine, 2),
    container("pouch", "Beutel", Masculine, 2),
    container("envelope", "Umschlag", Masculine, 2),
    container("bag", "Tasche", Feminine, 3),
    container("basket", "Korb", Masculine, 3),
    container("drawer", "Schublade", Feminine, 3),
    container("parcel", "Paket", Neuter, 3),
    container("chest", "Truhe", Feminine, 4),
    container("cupboard", "Schrank", Masculine, 4),
    container("barrel", "Fass", Neuter, 4),
    container("crate", "Kiste", Feminine, 4),
];

/// The trophy and the suitcase, by their numbers.
pub(super) const TROPHY: usize = 0;
pub(super) const SUITCASE: usize = 1;

/// Who may say something: English, German, gender.
pub(super) const PEOPLE: [(&str, &str, Gender); 3] =
    [("man", "Mann", Masculine), ("woman", "Frau", Feminine), ("child", "Kind", Neuter)];

/// What a noun is in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// What doesn't fit.
    Thing,
    /// What it doesn't fit into.
    Container,
}

impl Role {
    pub(super) const ALL: [Self; 2] = [Self::Thing, Self::Container];
}

/// Numbers of a thing and of what it might be put into: something else of about its size, or there would be nothing to
/// say.
pub(super) fn pairs() -> Vec<(usize, usize)> {
    let fits = |thing: usize, container: usize| {
        let (a, b) = (NOUNS[thing], NOUNS[container]);
        thing != container && b.holds && a.size.abs_diff(b.size) <= 1
    };
    let all = (0..NOUNS.len()).flat_map(|thing| (0..NOUNS.len()).map(move |container| (thing, container)));
    all.filter(|&(thing, container)| fits(thing, container)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_name_stands_for_two_nouns_and_every_size_has_all_genders() {
        for names in [NOUNS.map(|noun| noun.english), NOUNS.map(|noun| noun.german)] {
            assert_eq!(BTreeSet::from(names).len(), NOUNS.len());
        }
        for (size, gender) in (1..=4).flat_map(|size| Gender::ALL.map(|gender| (size, gender))) {
            assert!(NOUNS.iter().any(|noun| noun.size == size && noun.gender == gender), "{size} {gender:?}");
        }
        assert_eq!((NOUNS[TROPHY].german, NOUNS[SUITCASE].german), ("Trophäe", "Koffer"));
    }

    #[test]
    fn what_is_put_somewhere_is_about_as_large_and_something_else() {
        let pairs = pairs();
        let has = |thing: &str, container: &str| {
            let number = |name: &str| NOUNS.iter().position(|noun| noun.english == name).unwrap();
            pairs.contains(&(number(thing), number(container)))
        };
        assert!(has("trophy", "suitcase") && has("suitcase", "bag") && has("bag", "suitcase"));
        assert!(!has("bag", "bag") && !has("suitcase", "trophy") && !has("piano", "glass"));
        assert_eq!(pairs.len(), 300);
    }

    #[test]
    fn two_genders_leave_a_third() {
        assert_eq!(Masculine.third(Feminine), Some(Neuter));
        assert_eq!(Neuter.third(Masculine), Some(Feminine));
        assert_eq!(Neuter.third(Neuter), None);
        assert_eq!(Gender::ALL.map(Gender::pronoun), ["er", "sie", "es"]);
    }
}
