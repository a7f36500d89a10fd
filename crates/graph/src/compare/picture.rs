//! A comparison as a picture.

use super::{CompareError, Comparison, boxes};
use crate::drawing::{DrawOptions, Drawing, Mark, Marked, Marks, draw_pair};
use crate::views::ViewOptions;

impl Comparison<'_> {
    /// Draws both graphs side by side, the first on the left (or above the other, if the options say so), with a mark on what differs, and on nothing else.
    ///
    /// Each is shown as its options say, under its view's title.
    ///
    /// # Errors
    ///
    /// If a view's root isn't there, or the id is no name.
    pub fn draw(
        &self,
        before: &ViewOptions<'_>,
        after: &ViewOptions<'_>,
        options: &DrawOptions<'_>,
    ) -> Result<Drawing, CompareError> {
        let mut views =
            [self.before.graph.view_with_owners(before)?, self.after.graph.view_with_owners(after)?];
        let marks = boxes::marks(self, &mut views);
        let title = format!("{} against {}", views[0].0.title, views[1].0.title);
        let description = self.sentence(&marks);
        let [left, right] = views.map(|(view, _)| view);
        let [ours, theirs] = marks;
        let sides = [Marked { view: left, marks: ours }, Marked { view: right, marks: theirs }];
        Ok(draw_pair(&sides, &title, &description, &self.to_html(), options)?)
    }

    /// What is marked, for who can't see it.
    fn sentence(&self, marks: &[Marks; 2]) -> String {
        let count =
            |side: usize, wanted: Mark| marks[side].boxes.values().filter(|&&mark| mark == wanted).count();
        let moved_lines = marks.iter().map(|marks| marks.edges.len()).max().unwrap_or(0);
        let parts = [
            (count(0, Mark::Removed), "removed"),
            (count(1, Mark::Added), "added"),
            (count(0, Mark::Changed).max(count(1, Mark::Changed)), "changed"),
            (count(0, Mark::Moved).max(count(1, Mark::Moved)), "moved"),
        ];
        let mut parts: Vec<String> =
            parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        match moved_lines {
            0 => {}
            1 => parts.push("1 line that starts elsewhere".to_owned()),
            n => parts.push(format!("{n} lines that start elsewhere")),
        }
        match parts.is_empty() {
            true => "Two models side by side, without a difference.".to_owned(),
            false => format!("Two models side by side. What differs is marked: {}.", parts.join(", ")),
        }
    }
}
