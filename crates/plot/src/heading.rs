//! A title that takes more lines than its panel has for it.

use crate::panel::{Panel, Place};
use crate::svg::Svg;
use crate::text::{bold_width, shorten_bold, wrap_bold};

/// Size of titles, and how far their lines are apart.
const SIZE: f64 = 14.0;
const LINE: f64 = 20.0;
/// Left and right of them.
const EDGE: f64 = 8.0;

/// The first lines of a title. The last one is that of the panel below.
struct Heading {
    lines: Vec<String>,
}

/// A title in lines of at most `room` pixels: those that stand above a panel, and the last, which is its own title.
pub(crate) fn split(title: &str, room: f64) -> (Vec<String>, String) {
    let mut lines = wrap_bold(title, SIZE, room);
    let last = lines.pop().unwrap_or_default();
    (lines.iter().map(|line| shorten_bold(line, SIZE, room)).collect(), last)
}

/// The same for a title with a note at the right of its last line. Where they have no room beside each other, all of the
/// title stands above: `fits` is asked for the last line's width.
pub(crate) fn split_with_note(title: &str, room: f64, fits: impl Fn(f64) -> bool) -> (Vec<String>, String) {
    let (mut above, last) = split(title, room);
    if last.is_empty() || fits(bold_width(&last, SIZE)) {
        return (above, last);
    }
    above.push(shorten_bold(&last, SIZE, room));
    (above, String::new())
}

/// A panel below lines of its title, if there are any.
pub(crate) fn below<'a>(lines: Vec<String>, panel: impl Panel + 'a) -> Vec<Box<dyn Panel + 'a>> {
    let heading = (!lines.is_empty()).then(|| Box::new(Heading { lines }) as Box<dyn Panel + 'a>);
    heading.into_iter().chain([Box::new(panel) as Box<dyn Panel + 'a>]).collect()
}

impl Panel for Heading {
    fn margin(&self) -> f64 {
        0.0
    }

    fn size(&self, _: f64) -> (f64, f64) {
        let widest = self.lines.iter().map(|line| bold_width(line, SIZE)).fold(0.0, f64::max);
        (widest + 2.0 * EDGE, self.lines.len() as f64 * LINE)
    }

    fn draw(&self, svg: &mut Svg, place: Place) {
        for (n, line) in self.lines.iter().enumerate() {
            let at = (place.x + EDGE, place.y + 18.0 + n as f64 * LINE);
            svg.heading(at, SIZE, line);
        }
    }
}
