//! Questions about a picture whose answers are read off it.
//!
//! Nothing is known here of any model: names are those of the view. So a question about a picture of other layers, heads or sizes has
//! another answer.

mod counts;
mod flow;

use crate::drawing::Names;
use crate::view::{BoxId, BoxKind, EdgeRole, View, ViewEdge};

/// What a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Asks {
    /// How many equal ones a box stands for.
    Repeats,
    /// How many residual connections there are.
    Residuals,
    /// How many boxes have the same name.
    Boxes,
    /// What a box reads.
    Reads,
    /// Which boxes read the same.
    Readers,
    /// Which box comes right after another.
    Next,
    /// The shape of what leaves a box.
    Shape,
    /// How many parameters a box has.
    Parameters,
}

impl Asks {
    /// All, in the order in which a reader is asked.
    pub const ALL: [Self; 8] = [
        Self::Repeats,
        Self::Residuals,
        Self::Boxes,
        Self::Reads,
        Self::Readers,
        Self::Next,
        Self::Shape,
        Self::Parameters,
    ];

    /// A word for it: `repeats`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Repeats => "repeats",
            Self::Residuals => "residuals",
            Self::Boxes => "boxes",
            Self::Reads => "reads",
            Self::Readers => "readers",
            Self::Next => "next",
            Self::Shape => "shape",
            Self::Parameters => "parameters",
        }
    }
}

/// A question about a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Question {
    /// What it asks for.
    pub about: Asks,
    /// Key of the box that it is about: with [`about`](Self::about), it names the question among those of its picture.
    pub key: String,
    /// The question. Names stand between quotation marks.
    pub asks: String,
    /// The answer, in a few words.
    pub answer: String,
    /// A sentence or two that say why.
    pub because: String,
}

/// All questions that a picture answers, in the order of [`Asks::ALL`]; of each sort, the best comes first.
#[must_use]
pub fn questions(view: &View) -> Vec<Question> {
    if view.boxes.is_empty() {
        return Vec::new();
    }
    let asker = Asker::new(view);
    let of = |about: Asks| match about {
        Asks::Repeats => counts::repeats(&asker),
        Asks::Residuals => counts::residuals(&asker),
        Asks::Boxes => counts::boxes(&asker),
        Asks::Reads => flow::reads(&asker),
        Asks::Readers => flow::readers(&asker),
        Asks::Next => flow::next(&asker),
        Asks::Shape => flow::shapes(&asker),
        Asks::Parameters => counts::parameters(&asker),
    };
    Asks::ALL.into_iter().flat_map(of).collect()
}

/// A view, what its boxes are called, and what enters and leaves them.
struct Asker<'a> {
    view: &'a View,
    names: Names<'a>,
    /// By box, without what leads around something.
    entering: Vec<Vec<&'a ViewEdge>>,
    /// By box.
    leaving: Vec<Vec<&'a ViewEdge>>,
}

impl<'a> Asker<'a> {
    fn new(view: &'a View) -> Self {
        let mut entering = vec![Vec::new(); view.boxes.len()];
        let mut leaving = entering.clone();
        for edge in &view.edges {
            leaving[edge.from].push(edge);
            if edge.role != EdgeRole::Residual && edge.from != edge.to {
                entering[edge.to].push(edge);
            }
        }
        Self { view, names: Names::new(view), entering, leaving }
    }

    /// Whether a box is neither what enters nor what leaves.
    fn is_inside(&self, id: BoxId) -> bool {
        !matches!(self.view.boxes[id].kind, BoxKind::Input | BoxKind::Output)
    }

    fn question(&self, about: Asks, id: BoxId, asks: String, answer: String, because: String) -> Question {
        let key = self.view.boxes[id].key.clone();
        Question { about, key, asks, answer: capital(&answer), because }
    }

    /// What a box is called, between quotation marks.
    fn name(&self, id: BoxId) -> String {
        format!("“{}”", self.names.in_full(id))
    }

    /// A box, or the whole picture.
    fn place(&self, id: BoxId) -> String {
        if id == View::ROOT { "this picture".to_owned() } else { self.name(id) }
    }

    fn named(&self, ids: &[BoxId]) -> String {
        listed(&ids.iter().map(|&id| self.name(id)).collect::<Vec<_>>())
    }

    /// All boxes but the root that have none inside.
    fn leaves(&self) -> impl Iterator<Item = BoxId> + '_ {
        (1..self.view.boxes.len()).filter(|&id| self.view.is_leaf(id))
    }
}

/// `a, b and c`.
fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A sentence's beginning.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
