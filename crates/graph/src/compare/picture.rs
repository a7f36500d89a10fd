//! A comparison as a picture.

use super::{CompareError, Comparison, shown, told};
use crate::drawing::{DrawOptions, Drawing, Marked, draw_pair};
use crate::views::ViewOptions;

impl Comparison<'_> {
    /// Draws both graphs in one picture, with a mark on what differs, and on nothing else. The first stands on the left,
    /// or above the second if the options say so, or where both side by side would be too wide to be read on a page.
    ///
    /// Each is shown as its options say, under its view's title. Where they leave the depth open, both are opened alike.
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
        let (ours, theirs) = (self.before.graph, self.after.graph);
        let depth = ours.readable_depth(before)?.min(theirs.readable_depth(after)?);
        let mut views = [ours.view_of_depth(before, depth)?, theirs.view_of_depth(after, depth)?];
        let shown = shown::shown(self, &mut views);
        let title = format!("{} against {}", views[0].0.title, views[1].0.title);
        let told = told::tell(self, &views, &shown);
        let [left, right] = views.map(|(view, _)| view);
        let [ours, theirs] = shown.marks;
        let sides = [Marked { view: left, marks: ours }, Marked { view: right, marks: theirs }];
        let description = format!("{title}. {}", told.sentence());
        Ok(draw_pair(&sides, &title, &description, &told.html(), options)?)
    }
}
