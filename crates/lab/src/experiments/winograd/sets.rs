//! What the networks learn from, and what they are asked: pairs of nouns that were never together in training, and such
//! sentences with something added that training never had there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::nouns::{NOUNS, PEOPLE, Role, SUITCASE, TROPHY, pairs};
use super::sentences::{ADJECTIVES, Frame, Sentence, Twins, Twist, beside};
use crate::contract::random::Random;

/// One of so many pairs of nouns is kept for the test.
const HELD_OUT: usize = 5;
/// Sentences in training that are no riddles. They have the words that are added later, elsewhere.
const OTHERS: usize = 1_800;
/// Twins that are asked of each kind; of the plain ones, all.
const ASKED: usize = 150;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Sentences of training.
    Seen,
    /// Pairs of nouns that are unseen, in sentences like those of training.
    Unseen,
    /// The same without the adjective: nothing decides.
    Without,
    /// The reason first.
    ReasonFirst,
    /// Somebody says so, in between.
    Says,
    /// A third noun beside the thing.
    BesideThing,
    /// A third noun beside the container.
    BesideContainer,
}

impl Kind {
    pub(super) const ALL: [Self; 7] = [
        Self::Seen,
        Self::Unseen,
        Self::Without,
        Self::ReasonFirst,
        Self::Says,
        Self::BesideThing,
        Self::BesideContainer,
    ];

    /// Its name in a table.
    pub(super) fn shown(self) -> &'static str {
        match self {
            Self::Seen => "pairs of training",
            Self::Unseen => "unseen pairs",
            Self::Without => "without the adjective",
            Self::ReasonFirst => "the reason first",
            Self::Says => "somebody says so",
            Self::BesideThing => "a third noun by the thing",
            Self::BesideContainer => "a third noun by the container",
        }
    }
}

/// All sentences of a network.
pub(super) struct Sets {
    /// English and German.
    pub(super) training: Vec<(String, String)>,
    /// Pairs of nouns in training, and others, of which only those of two genders can be asked about.
    pub(super) learned: usize,
    pub(super) held_out: usize,
    pub(super) asked: BTreeMap<Kind, Vec<Twins>>,
}

impl Sets {
    pub(super) fn drawn(random: &mut Random) -> Self {
        let [held_out, learned] = split(random);
        let twins = |pairs: &[(usize, usize)]| -> Vec<Twins> {
            pairs.iter().flat_map(|&pair| of_pair(pair)).collect()
        };
        let training: Vec<Twins> = twins(&learned);
        let riddles = training.iter().flat_map(|twins| Role::ALL.map(|it| twins.sentence(it)));
        let riddles = riddles.map(|sentence| {
            let german = sentence.german(sentence.gender);
            (sentence.english, german)
        });
        let others = (0..OTHERS).map(|_| other(random)).collect::<Vec<_>>();
        let texts = riddles.chain(others).collect();
        let unseen: Vec<Twins> = twins(&held_out).into_iter().filter(Twins::can_be_asked).collect();
        let seen: Vec<Twins> = training.into_iter().filter(Twins::can_be_asked).collect();
        let asked = Kind::ALL.map(|kind| (kind, asked(kind, &unseen, &seen, random)));
        Self { training: texts, learned: learned.len(), held_out: held_out.len(), asked: asked.into() }
    }
}

impl Twins {
    /// Two genders, so that the pronoun tells which noun is meant.
    fn can_be_asked(&self) -> bool {
        NOUNS[self.thing].gender != NOUNS[self.container].gender
    }

    /// Both sentences.
    pub(super) fn sentences(&self) -> [Sentence; 2] {
        Role::ALL.map(|it| self.sentence(it))
    }
}

/// Things and containers, by their numbers.
type Pairs = Vec<(usize, usize)>;

/// Pairs for the test, and all others. A box in a bag is the same two nouns as a bag in a box: both are on one side.
fn split(random: &mut Random) -> [Pairs; 2] {
    let together = |&(a, b): &(usize, usize)| (a.min(b), a.max(b));
    let all: BTreeSet<(usize, usize)> = pairs().iter().map(together).collect();
    let count = all.len() / HELD_OUT;
    let mut rest: Vec<(usize, usize)> = all.into_iter().collect();
    // The sentence that everybody knows is always asked.
    let mut kept: BTreeSet<(usize, usize)> = [together(&(TROPHY, SUITCASE))].into();
    while kept.len() < count {
        kept.insert(rest.swap_remove(random.below(rest.len())));
    }
    let (held_out, learned) = pairs().into_iter().partition(|pair| kept.contains(&together(pair)));
    [held_out, learned]
}

/// All sentences of two nouns.
fn of_pair((thing, container): (usize, usize)) -> impl Iterator<Item = Twins> {
    let frames = Frame::ALL.into_iter().flat_map(|frame| (0..ADJECTIVES.len()).map(move |n| (frame, n)));
    frames.map(move |(frame, n)| Twins { frame, thing, container, adjective: Some(n), twist: Twist::Plain })
}

/// A sentence that is no riddle.
fn other(random: &mut Random) -> (String, String) {
    let first = random.below(NOUNS.len());
    let second = (first + 1 + random.below(NOUNS.len() - 1)) % NOUNS.len();
    let says = random.below(2 * PEOPLE.len());
    beside(first, second, (says < PEOPLE.len()).then_some(says))
}

fn asked(kind: Kind, unseen: &[Twins], seen: &[Twins], random: &mut Random) -> Vec<Twins> {
    match kind {
        Kind::Unseen => unseen.to_vec(),
        Kind::Seen => sample(seen, random),
        Kind::Without => {
            let one = unseen.iter().filter(|twins| twins.adjective == Some(0));
            one.map(|twins| Twins { adjective: None, ..*twins }).collect()
        }
        _ => sample(unseen, random).into_iter().filter_map(|twins| twisted(kind, twins, random)).collect(),
    }
}

/// Some of them, each once.
fn sample(all: &[Twins], random: &mut Random) -> Vec<Twins> {
    let mut rest = all.to_vec();
    (0..ASKED.min(all.len())).map(|_| rest.swap_remove(random.below(rest.len()))).collect()
}

/// With something added. It has the third gender, so that its pronoun is that of nobody else.
fn twisted(kind: Kind, twins: Twins, random: &mut Random) -> Option<Twins> {
    let third = NOUNS[twins.thing].gender.third(NOUNS[twins.container].gender)?;
    let nouns: Vec<usize> = (0..NOUNS.len()).filter(|&noun| NOUNS[noun].gender == third).collect();
    let noun = nouns[random.below(nouns.len())];
    let twist = match kind {
        Kind::Seen | Kind::Unseen | Kind::Without => twins.twist,
        Kind::ReasonFirst => Twist::ReasonFirst,
        Kind::Says => Twist::Says(PEOPLE.iter().position(|person| person.2 == third)?),
        Kind::BesideThing => Twist::BesideThing(noun),
        Kind::BesideContainer => Twist::BesideContainer(noun),
    };
    Some(Twins { twist, ..twins })
}

/// For each pair of nouns one of the twins in the first frame, the adjectives by turns. All are as long as each other.
pub(super) fn one_each(twins: &[Twins]) -> impl Iterator<Item = &Twins> {
    let in_frame = twins.iter().filter(|twins| twins.frame == Frame::Fits).enumerate();
    let count = ADJECTIVES.len();
    in_frame.filter(move |(n, twins)| twins.adjective == Some(n / count % count)).map(|(_, twins)| twins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_nouns_is_there_once_and_adjectives_take_turns() {
        let sets = Sets::drawn(&mut Random::new(2, 1));
        let chosen: Vec<&Twins> = one_each(&sets.asked[&Kind::Unseen][..150]).collect();
        let adjectives: Vec<_> = chosen.iter().map(|twins| twins.adjective.unwrap()).collect();
        assert_eq!(adjectives, [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
        let nouns: BTreeSet<_> = chosen.iter().map(|twins| (twins.thing, twins.container)).collect();
        assert_eq!(nouns.len(), 10);
    }

    #[test]
    fn what_is_asked_was_never_learned() {
        let sets = Sets::drawn(&mut Random::new(3, 1));
        let learned: BTreeSet<&str> = sets.training.iter().map(|(english, _)| english.as_str()).collect();
        for (kind, twins) in &sets.asked {
            assert!(!twins.is_empty(), "{kind:?}");
            for sentence in twins.iter().flat_map(Twins::sentences) {
                assert_eq!(learned.contains(sentence.english.as_str()), *kind == Kind::Seen, "{kind:?}");
                assert_ne!(sentence.gender, sentence.other);
            }
        }
        let together = |a: &str, b: &str| {
            let has = |text: &&&str, word: &str| text.split(' ').any(|one| one == word);
            learned.iter().filter(|text| text.contains(" too ")).any(|text| has(&text, a) && has(&text, b))
        };
        for twins in &sets.asked[&Kind::Unseen] {
            assert!(!together(NOUNS[twins.thing].english, NOUNS[twins.container].english), "{twins:?}");
        }
        let is_trophy = |twins: &&Twins| (twins.thing, twins.container) == (TROPHY, SUITCASE);
        assert_eq!(sets.asked[&Kind::Unseen].iter().filter(is_trophy).count(), 15);
    }

    #[test]
    fn every_word_that_is_asked_is_in_training() {
        let sets = Sets::drawn(&mut Random::new(5, 1));
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let known: BTreeSet<String> = sets
            .training
            .iter()
            .flat_map(|(english, german)| [words(english), words(german)].concat())
            .collect();
        for sentence in sets.asked.values().flatten().flat_map(Twins::sentences) {
            let all = words(&sentence.english).into_iter().chain(words(&sentence.german(sentence.gender)));
            all.for_each(|word| assert!(known.contains(&word), "{word}"));
        }
    }

    #[test]
    fn what_is_added_has_the_third_gender() {
        let sets = Sets::drawn(&mut Random::new(7, 1));
        for kind in [Kind::BesideThing, Kind::BesideContainer] {
            for twins in &sets.asked[&kind] {
                let (Twist::BesideThing(noun) | Twist::BesideContainer(noun)) = twins.twist else { panic!() };
                let own = [twins.thing, twins.container].map(|noun| NOUNS[noun].gender);
                assert!(!own.contains(&NOUNS[noun].gender));
            }
        }
        assert_eq!(sets.asked[&Kind::Says].len(), ASKED);
    }

    #[test]
    fn the_seed_decides() {
        let drawn = |seed| Sets::drawn(&mut Random::new(seed, 1));
        assert_eq!(drawn(1).training, drawn(1).training);
        assert_ne!(drawn(1).asked[&Kind::Unseen], drawn(2).asked[&Kind::Unseen]);
    }
}
