//! Links of a picture: where a click leads, what it is called, and its room for a finger.

use std::fmt::Write;

use super::geometry::Rect;
use super::text::{escape, number};

/// What a finger hits on a screen: nothing that leads on is less high, and nothing in a picture less wide.
pub(crate) const FINGER: f64 = 44.0;

/// Where a click leads, and what that is called for who hears the page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'a> {
    pub(crate) href: &'a str,
    pub(crate) says: &'a str,
    /// Beside a larger link that is meant for fingers.
    pub(crate) small: bool,
}

/// Begins a link, if there is one. `place` is what is drawn of it.
pub(crate) fn open(svg: &mut String, link: Option<Link<'_>>, place: Rect) {
    let Some(Link { href, says, small }) = link else { return };
    let class = if small { " class=\"c\"" } else { "" };
    let _ = write!(svg, "<a{class} href=\"{}\" aria-label=\"{}\">", escape(href), escape(says));
    if !small && (place.w < FINGER || place.h < FINGER) {
        let Rect { x, y, w, h } = for_a_finger(place);
        let [x, y, w, h] = [x, y, w, h].map(number);
        let _ = write!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"none\" pointer-events=\"all\"/>"
        );
    }
}

/// Ends it.
pub(crate) fn close(svg: &mut String, link: Option<Link<'_>>) {
    if link.is_some() {
        svg.push_str("</a>");
    }
}

/// The place with the room around it that a finger needs.
fn for_a_finger(Rect { x, y, w, h }: Rect) -> Rect {
    let (more_w, more_h) = ((FINGER - w).max(0.0), (FINGER - h).max(0.0));
    Rect { x: x - more_w / 2.0, y: y - more_h / 2.0, w: w + more_w, h: h + more_h }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finger_gets_room_on_both_sides_alike() {
        let room = for_a_finger(Rect { x: 100.0, y: 50.0, w: 80.0, h: 30.0 });
        assert_eq!(room, Rect { x: 100.0, y: 43.0, w: 80.0, h: 44.0 });
        let enough = Rect { x: 1.0, y: 2.0, w: 90.0, h: 60.0 };
        assert_eq!(for_a_finger(enough), enough);
    }
}
