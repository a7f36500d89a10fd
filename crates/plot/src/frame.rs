//! A rectangle that nothing leaves: lines end at its edges.

use crate::svg::{Colour, Stroke, Svg};

/// Points of a path at most that are dots.
const DOTS: usize = 60;

/// The axes' rectangle in the picture.
pub(crate) struct Frame {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

impl Frame {
    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    /// The part of a line that lies within (Liang & Barsky 1984).
    pub(crate) fn clip(&self, a: (f64, f64), b: (f64, f64)) -> Option<((f64, f64), (f64, f64))> {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        if !(dx.is_finite() && dy.is_finite()) {
            return None;
        }
        let (mut first, mut last) = (0.0_f64, 1.0_f64);
        let sides =
            [(-dx, a.0 - self.left), (dx, self.right - a.0), (-dy, a.1 - self.top), (dy, self.bottom - a.1)];
        for (towards, room) in sides {
            if towards == 0.0 && room < 0.0 {
                return None;
            } else if towards < 0.0 {
                first = first.max(room / towards);
            } else if towards > 0.0 {
                last = last.min(room / towards);
            }
        }
        // Of a line that comes from very far, rounding would leave more than a pixel.
        let at = |share: f64| {
            let (x, y) = (a.0 + share * dx, a.1 + share * dy);
            (x.clamp(self.left, self.right), y.clamp(self.top, self.bottom))
        };
        let at = |share: f64| if share == 0.0 { a } else { at(share) };
        (first <= last).then(|| (at(first), at(last)))
    }

    /// Draws what is seen of a path.
    pub(crate) fn draw_path(&self, svg: &mut Svg, points: &[(f64, f64)], colour: Colour) {
        let line = Stroke::solid(colour, 1.5);
        for (index, pair) in points.windows(2).enumerate() {
            if let Some((start, end)) = self.clip(pair[0], pair[1]) {
                if index + 2 == points.len() {
                    svg.arrow(start, end, line)
                } else {
                    svg.line(start, end, line)
                }
            }
        }
        let inner = points.iter().skip(1).take(points.len().saturating_sub(2));
        if points.len() <= DOTS {
            inner.filter(|&&point| self.holds(point)).for_each(|&point| svg.dot(point, 2.0, colour));
        }
        if let Some(&start) = points.first().filter(|&&start| self.holds(start)) {
            svg.ring(start, 4.0, colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_end_at_the_frame() {
        let frame = Frame { left: 0.0, right: 10.0, top: 0.0, bottom: 10.0 };
        assert_eq!(frame.clip((5.0, 5.0), (15.0, 5.0)), Some(((5.0, 5.0), (10.0, 5.0))));
        assert_eq!(frame.clip((-5.0, 5.0), (15.0, 5.0)), Some(((0.0, 5.0), (10.0, 5.0))));
        assert_eq!(frame.clip((-5.0, 5.0), (-1.0, 9.0)), None);
        assert_eq!(frame.clip((3.0, 4.0), (3.0, 4.0)), Some(((3.0, 4.0), (3.0, 4.0))));
    }
}
