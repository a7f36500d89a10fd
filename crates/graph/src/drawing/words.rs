//! The content of a picture in words: a nested list in HTML, for who can't see it.

use super::counts;
use super::fork::is_forked;
use super::marks::Marks;
use super::names::Names;
use super::text::escape;
use crate::digits::times;
use crate::view::{BoxId, BoxKind, EdgeRole, SHARED, View, ViewEdge};

/// What is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    /// Whether the picture shows the shape of what leaves a box.
    pub(crate) shapes: bool,
    /// What is marked in the picture.
    pub(crate) marks: Option<&'a Marks>,
}

/// A list of all boxes in the order of the flow, and where the data of each goes.
pub(crate) fn write(view: &View, told: Told<'_>) -> String {
    let mut leaving = vec![Vec::new(); view.boxes.len()];
    view.edges.iter().enumerate().for_each(|(number, edge)| leaving[edge.from].push((number, edge)));
    let mut writer = Writer { view, told, names: Names::new(view), leaving, html: String::new() };
    writer.list(View::ROOT);
    writer.html
}

/// Edges with their numbers.
type Edges<'a> = Vec<(usize, &'a ViewEdge)>;

struct Writer<'a> {
    view: &'a View,
    told: Told<'a>,
    names: Names<'a>,
    /// By box: what leaves it.
    leaving: Vec<Edges<'a>>,
    html: String,
}

impl Writer<'_> {
    fn list(&mut self, parent: BoxId) {
        self.html.push_str("<ul>");
        self.view.boxes[parent].children.iter().for_each(|&child| self.item(child));
        self.html.push_str("</ul>");
    }

    fn item(&mut self, id: BoxId) {
        self.html.push_str("<li>");
        let said = [self.said_of(id).join(", "), self.goes(id)];
        let said: Vec<String> = said.into_iter().filter(|part| !part.is_empty()).collect();
        self.html.push_str(&escape(&said.join("; ")));
        if !self.view.boxes[id].children.is_empty() {
            self.list(id);
        }
        self.html.push_str("</li>");
    }

    /// What is said of a box itself.
    fn said_of(&self, id: BoxId) -> Vec<String> {
        let found = &self.view.boxes[id];
        let mut said = vec![self.names.of(id).to_owned()];
        let mark = self.told.marks.and_then(|marks| marks.boxes.get(&id));
        said.extend(mark.map(|mark| mark.word().to_owned()));
        if found.repeat > 1 {
            said.push(times(found.repeat));
        }
        let note = found.note.as_ref().filter(|note| !said[0].ends_with(&format!("({note})")));
        if let Some(note) = note {
            said[0] += &format!(" ({note})");
        }
        let word = match found.kind {
            BoxKind::Input => Some("input"),
            BoxKind::Output => Some("output"),
            _ => None,
        };
        said.extend(word.filter(|word| !found.label.to_lowercase().contains(word)).map(str::to_owned));
        if let Some(shape) = found.shape.as_ref().filter(|_| self.told.shapes) {
            said.push(if word.is_some() { shape.clone() } else { format!("gives {shape}") });
        }
        said.extend(counts::parameters(self.view, id));
        said.extend(self.shared(id));
        said
    }

    /// Whose weights a box has, too: whoever adds up what the boxes have would count them twice.
    fn shared(&self, id: BoxId) -> Option<String> {
        let boxes = &self.view.boxes;
        let place = boxes[id].detail.iter().find_map(|line| line.strip_prefix(SHARED))?;
        let name =
            boxes.iter().position(|found| found.key == place).map_or(place, |other| self.names.of(other));
        Some(format!("{SHARED}{name}"))
    }

    /// Where its data goes.
    fn goes(&self, id: BoxId) -> String {
        let edges = self.leaving[id].iter().copied();
        let (residual, flow): (Edges<'_>, Edges<'_>) =
            edges.partition(|(_, edge)| edge.role == EdgeRole::Residual);
        // Of equal ones in sequence, each leads to the next, and only the last one to what comes then.
        let (last, flow): (Edges<'_>, Edges<'_>) =
            flow.into_iter().partition(|(_, edge)| self.is_led_on(edge));
        let (around, flow): (Edges<'_>, Edges<'_>) =
            flow.into_iter().partition(|(_, edge)| self.closes_a_circle(edge));
        let mut frames: Vec<BoxId> = Vec::new();
        for frame in last.iter().filter_map(|(_, edge)| self.repeated(edge)) {
            frames.extend(Some(frame).filter(|frame| !frames.contains(frame)));
        }
        let next: Vec<String> =
            frames.iter().map(|&frame| format!("the next {}", self.names.of(frame))).collect();
        let ways = [
            ("to", self.goals(&flow)),
            ("to", listed(&next)),
            ("from the last one to", self.goals(&last)),
            ("in the next step to", self.goals(&around)),
            ("as a residual connection to", self.goals(&residual)),
        ];
        let ways = ways.iter().filter(|(_, goals)| !goals.is_empty());
        let ways: Vec<String> = ways.map(|(how, goals)| format!("{how} {goals}")).collect();
        if ways.is_empty() { String::new() } else { format!("goes {}", ways.join(", and ")) }
    }

    /// What the edges lead to. Where that is, is said once for all.
    fn goals(&self, edges: &[(usize, &ViewEdge)]) -> String {
        let goals: Vec<(String, String)> = edges.iter().map(|&edge| self.goal(edge)).collect();
        let is_one_place = goals.windows(2).all(|pair| pair[0].1 == pair[1].1);
        match goals.first().filter(|_| is_one_place) {
            Some((_, place)) => {
                let names: Vec<String> = goals.iter().map(|(name, _)| name.clone()).collect();
                format!("{}{place}", listed(&names))
            }
            None => listed(&goals.iter().map(|(name, place)| format!("{name}{place}")).collect::<Vec<_>>()),
        }
    }

    /// What an edge leads to, and where that is.
    fn goal(&self, (number, edge): (usize, &ViewEdge)) -> (String, String) {
        if edge.from == edge.to {
            return ("itself".to_owned(), String::new());
        }
        let (name, place) = self.names.parts_seen_from(edge.from, edge.to);
        let mut name = name.to_owned();
        if is_forked(self.view, edge) {
            name += &format!(" ({})", times(edge.uses));
        }
        if self.told.marks.is_some_and(|marks| marks.edges.contains_key(&number)) {
            name += " (this line starts elsewhere)";
        }
        (name, place)
    }

    /// Whether an edge hands the state of a recurrence on: it leads back in the order of the program, and from one step
    /// to the next.
    fn closes_a_circle(&self, edge: &ViewEdge) -> bool {
        let around: Vec<BoxId> = self.view.ancestors(edge.to).collect();
        let is_step = |&id: &BoxId| around.contains(&id) && self.view.boxes[id].repeat > 1;
        edge.to <= edge.from && self.view.ancestors(edge.from).any(|id| is_step(&id))
    }

    /// The outermost repeated frame that an edge leaves.
    fn repeated(&self, edge: &ViewEdge) -> Option<BoxId> {
        let around: Vec<BoxId> = self.view.ancestors(edge.to).collect();
        let frames = self.view.ancestors(edge.from).take_while(|frame| !around.contains(frame));
        frames.filter(|&frame| self.view.boxes[frame].repeat > 1).last()
    }

    /// Whether an edge stands for what leaves the last of equal ones. The steps of a recurrence have lines of their own
    /// for what is handed on, and what is gathered leaves all of them.
    fn is_led_on(&self, edge: &ViewEdge) -> bool {
        let Some(frame) = self.repeated(edge) else { return false };
        let is_inside = |id: BoxId| self.view.ancestors(id).any(|around| around == frame);
        let has_circle = |&(_, edge): &(usize, &ViewEdge)| edge.to <= edge.from && is_inside(edge.to);
        let is_gathered = self.view.boxes[edge.to].kind == BoxKind::Movement;
        !is_gathered && !self.leaving[edge.from].iter().any(has_circle)
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
