//! How curves are drawn, in charts and in their legends.

use crate::svg::{Colour, Stroke, Svg};

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A solid line.
    Line,
    /// A dashed line.
    Dashes,
    /// A dotted line.
    Dots,
    /// A line of dashes and dots.
    DashDots,
    /// A thin, faint line, for what stands behind the others.
    Thin,
    /// Dots at the points, joined by a thin line.
    Points,
    /// Dots at the points alone.
    Spots,
    /// Rings at the points alone.
    Rings,
}

/// Radius of a dot in pixels.
pub(crate) const RADIUS: f64 = 3.0;

impl Mark {
    /// Draws a curve through points of the picture. A line that has a single point is a dot.
    pub fn draw(self, svg: &mut Svg, points: &[(f64, f64)], colour: Colour) {
        let line = Stroke::solid(colour, 2.0);
        let faint = Stroke { width: 1.0, opacity: 0.6, ..line };
        let stroke = match self {
            Self::Line => line,
            Self::Dashes => Stroke { dashes: "7 4", ..line },
            Self::Dots => Stroke { dashes: "2 3", ..line },
            Self::DashDots => Stroke { dashes: "10 3 2 3", ..line },
            Self::Thin => faint,
            Self::Points => {
                svg.polyline(points, faint);
                return Self::Spots.draw(svg, points, colour);
            }
            Self::Spots => return points.iter().for_each(|&point| svg.dot(point, RADIUS, colour)),
            Self::Rings => return points.iter().for_each(|&point| svg.ring(point, RADIUS, colour)),
        };
        match points {
            [] => {}
            &[point] => svg.dot(point, RADIUS, colour),
            _ => svg.polyline(points, stroke),
        }
    }
}
