//! Points and rectangles. While a diagram is laid out, y grows upwards, as its data flows.

/// A place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

/// A rectangle by its lower left corner and its size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) w: f64,
    pub(crate) h: f64,
}

impl Rect {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.w
    }

    pub(crate) fn top(&self) -> f64 {
        self.y + self.h
    }

    pub(crate) fn middle(&self) -> Point {
        Point { x: self.x + self.w / 2.0, y: self.y + self.h / 2.0 }
    }

    /// Whether the two share more than a border, or come closer than `margin`.
    pub(crate) fn overlaps(&self, other: &Self, margin: f64) -> bool {
        self.x < other.right() + margin
            && other.x < self.right() + margin
            && self.y < other.top() + margin
            && other.y < self.top() + margin
    }

    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.x <= other.x && self.y <= other.y && self.right() >= other.right() && self.top() >= other.top()
    }

    /// Whether an axis-parallel segment runs through the inside; touching the border does not count.
    pub(crate) fn is_crossed_by(&self, a: Point, b: Point) -> bool {
        let inside = Self { x: self.x + 0.5, y: self.y + 0.5, w: self.w - 1.0, h: self.h - 1.0 };
        let segment = Self { x: a.x.min(b.x), y: a.y.min(b.y), w: (a.x - b.x).abs(), h: (a.y - b.y).abs() };
        inside.overlaps(&segment, 0.0)
    }
}

/// Drops repeated points and those in the middle of a straight line.
pub(crate) fn simplified(points: Vec<Point>) -> Vec<Point> {
    let mut result: Vec<Point> = Vec::with_capacity(points.len());
    for point in points {
        let close = |a: f64, b: f64| (a - b).abs() < 0.05;
        if result.last().is_some_and(|last| close(last.x, point.x) && close(last.y, point.y)) {
            continue;
        }
        if let [.., a, b] = result[..] {
            let straight =
                (close(a.x, b.x) && close(b.x, point.x)) || (close(a.y, b.y) && close(b.y, point.y));
            if straight {
                result.pop();
            }
        }
        result.push(point);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    #[test]
    fn a_line_is_simplified_to_its_corners() {
        let line = vec![point(0.0, 0.0), point(0.0, 3.0), point(0.0, 5.0), point(0.0, 5.0), point(4.0, 5.0)];
        assert_eq!(simplified(line), [point(0.0, 0.0), point(0.0, 5.0), point(4.0, 5.0)]);
    }

    #[test]
    fn a_segment_crosses_the_inside_and_not_the_border() {
        let rect = Rect { x: 10.0, y: 10.0, w: 20.0, h: 10.0 };
        assert!(rect.is_crossed_by(point(0.0, 15.0), point(40.0, 15.0)));
        assert!(!rect.is_crossed_by(point(0.0, 20.0), point(40.0, 20.0)));
        assert!(!rect.is_crossed_by(point(20.0, 20.0), point(20.0, 40.0)));
    }
}
