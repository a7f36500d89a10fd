//! Two families of the same shape, and what can be asked of them (Rumelhart, Hinton & Williams 1986).

use anyhow::{Result, bail, ensure};
use serde::{Deserialize, Serialize};

/// People of a family. Those with numbers below [`MEN`] are men.
pub(super) const FAMILY: usize = 12;
const MEN: usize = 6;
pub(super) const PEOPLE: usize = 2 * FAMILY;

/// Those at the same place of both lists are at the same place of their trees.
pub(super) const NAMES: [&str; PEOPLE] = [
    "Christopher",
    "Andrew",
    "Arthur",
    "James",
    "Charles",
    "Colin",
    "Penelope",
    "Christine",
    "Victoria",
    "Jennifer",
    "Margaret",
    "Charlotte",
    "Roberto",
    "Pierro",
    "Emilio",
    "Marco",
    "Tomaso",
    "Alfonso",
    "Maria",
    "Francesca",
    "Lucia",
    "Angela",
    "Gina",
    "Sophia",
];

// ANCHOR: tree
/// Husbands and wives. Margaret and Charles married in.
const COUPLES: [[usize; 2]; 5] = [
    [0, 6],  // Christopher and Penelope
    [1, 7],  // Andrew and Christine
    [2, 10], // Arthur and Margaret
    [3, 8],  // James and Victoria
    [4, 9],  // Charles and Jennifer
];

/// Children, and the couple that they are the children of.
const CHILDREN: [(usize, usize); 6] = [
    (2, 0),  // Arthur
    (8, 0),  // Victoria
    (3, 1),  // James
    (9, 1),  // Jennifer
    (5, 3),  // Colin
    (11, 3), // Charlotte
];
// ANCHOR_END: tree

/// Generations and branches of the family: what a unit may stand for. Those that married in belong to the branch of their
/// husband or wife, and the grandchildren to neither.
const GENERATIONS: [f64; FAMILY] = [0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.0];
const BRANCHES: [f64; FAMILY] = [-1.0, 1.0, -1.0, 1.0, 1.0, 0.0, -1.0, 1.0, -1.0, 1.0, -1.0, 0.0];

/// What can be asked about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Father,
    Mother,
    Husband,
    Wife,
    Son,
    Daughter,
    Uncle,
    Aunt,
    Brother,
    Sister,
    Nephew,
    Niece,
}

use Relation::{Aunt, Brother, Daughter, Father, Husband, Mother, Nephew, Niece, Sister, Son, Uncle, Wife};

/// All of them, with their names.
pub(super) const RELATIONS: [(Relation, &str); 12] = [
    (Father, "father"),
    (Mother, "mother"),
    (Husband, "husband"),
    (Wife, "wife"),
    (Son, "son"),
    (Daughter, "daughter"),
    (Uncle, "uncle"),
    (Aunt, "aunt"),
    (Brother, "brother"),
    (Sister, "sister"),
    (Nephew, "nephew"),
    (Niece, "niece"),
];

/// A person and a relation, by number, and everyone who is the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) person: usize,
    pub(super) relation: usize,
    pub(super) answers: Vec<usize>,
}

/// How large all that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sizes {
    pub(super) families: usize,
    pub(super) family: usize,
    pub(super) people: usize,
    pub(super) relations: usize,
    pub(super) cases: usize,
    pub(super) cases_of_a_family: usize,
    pub(super) facts: usize,
    /// Cases with two answers.
    pub(super) twofold: usize,
}

impl Sizes {
    pub(super) fn of(cases: &[Case]) -> Self {
        Self {
            families: PEOPLE / FAMILY,
            family: FAMILY,
            people: PEOPLE,
            relations: RELATIONS.len(),
            cases: cases.len(),
            cases_of_a_family: cases.iter().filter(|case| case.person < FAMILY).count(),
            facts: cases.iter().map(|case| case.answers.len()).sum(),
            twofold: cases.iter().filter(|case| case.answers.len() == 2).count(),
        }
    }
}

/// All cases that have an answer.
pub(super) fn cases() -> Vec<Case> {
    let pairs = (0..PEOPLE).flat_map(|person| (0..RELATIONS.len()).map(move |relation| (person, relation)));
    pairs
        .map(|(person, relation)| Case { person, relation, answers: answers(person, relation) })
        .filter(|case| !case.answers.is_empty())
        .collect()
}

/// Who is that to a person, in the person's own family.
pub(super) fn answers(person: usize, relation: usize) -> Vec<usize> {
    let (begin, place) = (person / FAMILY * FAMILY, person % FAMILY);
    related(place, RELATIONS[relation].0).into_iter().map(|place| begin + place).collect()
}

// ANCHOR: related
/// Who is that to the person at a place of the tree.
fn related(person: usize, relation: Relation) -> Vec<usize> {
    let (people, is_man) = match relation {
        Father => (parents(person), true),
        Mother => (parents(person), false),
        Husband => (spouse(person), true),
        Wife => (spouse(person), false),
        Son => (children(person), true),
        Daughter => (children(person), false),
        Brother => (siblings(person), true),
        Sister => (siblings(person), false),
        Uncle => (parents_siblings(person), true),
        Aunt => (parents_siblings(person), false),
        Nephew => (siblings_children(person), true),
        Niece => (siblings_children(person), false),
    };
    let mut people = people;
    people.retain(|&person| (person < MEN) == is_man);
    people.sort_unstable();
    people
}
// ANCHOR_END: related

fn parents(person: usize) -> Vec<usize> {
    let born = CHILDREN.iter().find(|(child, _)| *child == person);
    born.map(|&(_, couple)| COUPLES[couple].to_vec()).unwrap_or_default()
}

fn spouse(person: usize) -> Vec<usize> {
    let couple = COUPLES.iter().find(|couple| couple.contains(&person));
    couple.into_iter().flatten().copied().filter(|&one| one != person).collect()
}

fn children(person: usize) -> Vec<usize> {
    let own = CHILDREN.iter().filter(|(_, couple)| COUPLES[*couple].contains(&person));
    own.map(|&(child, _)| child).collect()
}

fn siblings(person: usize) -> Vec<usize> {
    let mut all = parents(person).first().map(|&parent| children(parent)).unwrap_or_default();
    all.retain(|&one| one != person);
    all
}

/// Those who are married to them, too.
fn parents_siblings(person: usize) -> Vec<usize> {
    let all = parents(person).into_iter().flat_map(siblings);
    all.flat_map(|one| [vec![one], spouse(one)].concat()).collect()
}

/// Of the siblings of whom one is married to, too.
fn siblings_children(person: usize) -> Vec<usize> {
    let both = [vec![person], spouse(person)].concat();
    both.into_iter().flat_map(siblings).flat_map(children).collect()
}

/// What people have in common: for each, a name and a number for every person of both families.
pub(super) fn features() -> [(&'static str, Vec<f64>); 4] {
    let twice = |of: &dyn Fn(usize) -> f64| (0..PEOPLE).map(|person| of(person % FAMILY)).collect();
    [
        ("family", (0..PEOPLE).map(|person| if person < FAMILY { -1.0 } else { 1.0 }).collect()),
        ("generation", twice(&|place| GENERATIONS[place])),
        ("branch", twice(&|place| BRANCHES[place])),
        ("sex", twice(&|place| if place < MEN { -1.0 } else { 1.0 })),
    ]
}

/// A person and a relation, from a text such as `Colin aunt`.
///
/// # Errors
///
/// If the text isn't two words, or the tree doesn't have one of them.
pub(super) fn asked(text: &str) -> Result<(usize, usize)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [person, relation] = words[..] else {
        bail!("--ask takes a name and a relation, as in \"Colin aunt\", but found {text:?}")
    };
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let found = NAMES.iter().position(|name| same(name, person));
    let relations = RELATIONS.map(|(_, name)| name);
    let relation_found = relations.iter().position(|name| same(name, relation));
    ensure!(found.is_some(), "nobody is called {person:?}; there are {}", NAMES.join(", "));
    let (Some(person), Some(relation)) = (found, relation_found) else {
        bail!("{relation:?} is no relation of the tree; there are {}", relations.join(", "))
    };
    Ok((person, relation))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        let (person, relation) = asked(text).unwrap();
        answers(person, relation).into_iter().map(|person| NAMES[person]).collect()
    }

    #[test]
    fn there_are_104_cases_and_112_facts() {
        let sizes = Sizes::of(&cases());
        assert_eq!((sizes.people, sizes.relations, sizes.cases, sizes.facts), (24, 12, 104, 112));
        assert_eq!((sizes.cases_of_a_family, sizes.twofold), (52, 8));
    }

    #[test]
    fn who_is_who() {
        assert_eq!(names("Colin aunt"), ["Jennifer", "Margaret"]);
        assert_eq!(names("sophia uncle"), ["Emilio", "Tomaso"]);
        assert_eq!(names("Margaret nephew"), ["Colin"]);
        assert_eq!(names("Charles niece"), ["Charlotte"]);
        assert_eq!(names("Victoria FATHER"), ["Christopher"]);
        assert_eq!(names("Maria daughter"), ["Lucia"]);
        assert_eq!(names("Margaret father"), [""; 0], "she married in");
        assert_eq!(names("Arthur wife"), ["Margaret"]);
        assert_eq!(names("Arthur son"), [""; 0]);
    }

    #[test]
    fn both_families_are_alike() {
        let cases = cases();
        let moved = |case: &Case| Case {
            person: case.person + FAMILY,
            answers: case.answers.iter().map(|person| person + FAMILY).collect(),
            ..*case
        };
        assert_eq!(cases[..52].iter().map(moved).collect::<Vec<_>>(), cases[52..]);
    }

    #[test]
    fn what_the_tree_does_not_have_is_said() {
        let message = |text: &str| asked(text).unwrap_err().to_string();
        assert!(message("Colin").starts_with("--ask takes a name and a relation"));
        assert!(message("Otto aunt").starts_with("nobody is called \"Otto\"; there are Christopher, "));
        assert!(
            message("Colin cousin").starts_with("\"cousin\" is no relation of the tree; there are father, ")
        );
    }
}
