//! Panels: parts of a picture, below or beside each other.

use crate::svg::{Caption, Svg};

/// Where a panel is drawn, in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Its left edge.
    pub x: f64,
    /// Its upper edge.
    pub y: f64,
    /// Distance from its left edge to its vertical axis, the same for all panels of a [`stack`].
    pub margin: f64,
}

/// A part of a picture.
pub trait Panel {
    /// Pixels that it needs between its left edge and its vertical axis; 0 if it has none that could stand in one line
    /// with those of others.
    fn margin(&self) -> f64;

    /// Width and height in pixels with the axis at `margin`.
    fn size(&self, margin: f64) -> (f64, f64);

    /// Draws it within [`size`](Self::size) of its place.
    fn draw(&self, svg: &mut Svg, place: Place);

    /// What takes its place where there are no more pixels than `room` from left to right: panels, one below the other.
    /// None if it stays as it is, since it has room, or since it can't be otherwise.
    fn narrowed(&self, room: f64) -> Option<Vec<Box<dyn Panel + '_>>> {
        let _ = room;
        None
    }
}

/// A panel that belongs to somebody else.
impl<P: Panel + ?Sized> Panel for &P {
    fn margin(&self) -> f64 {
        (**self).margin()
    }

    fn size(&self, margin: f64) -> (f64, f64) {
        (**self).size(margin)
    }

    fn draw(&self, svg: &mut Svg, place: Place) {
        (**self).draw(svg, place);
    }

    fn narrowed(&self, room: f64) -> Option<Vec<Box<dyn Panel + '_>>> {
        (**self).narrowed(room)
    }
}

/// A picture of panels one below the other, their vertical axes too.
#[must_use]
pub fn stack(panels: &[&dyn Panel], caption: &Caption<'_>) -> String {
    let margin = panels.iter().map(|panel| panel.margin()).fold(0.0, f64::max);
    let sizes: Vec<(f64, f64)> = panels.iter().map(|panel| panel.size(margin)).collect();
    let width = sizes.iter().map(|size| size.0).fold(1.0, f64::max);
    let height = sizes.iter().map(|size| size.1).sum::<f64>().max(1.0);
    let mut svg = Svg::new(width, height);
    let mut y = 0.0;
    for (panel, (_, height)) in panels.iter().zip(sizes) {
        panel.draw(&mut svg, Place { x: 0.0, y, margin });
        y += height;
    }
    svg.finish(caption)
}

/// Panels side by side, from the left to the right, their upper edges in one line. Each has a margin of its own.
#[derive(Default)]
pub struct Row<'a> {
    /// The panels.
    pub panels: Vec<&'a dyn Panel>,
}

impl Panel for Row<'_> {
    fn margin(&self) -> f64 {
        0.0
    }

    fn size(&self, _: f64) -> (f64, f64) {
        let sizes = self.panels.iter().map(|panel| panel.size(panel.margin()));
        sizes.fold((0.0, 0.0), |(width, height), size| (width + size.0, f64::max(height, size.1)))
    }

    fn draw(&self, svg: &mut Svg, place: Place) {
        let mut x = place.x;
        for panel in &self.panels {
            let margin = panel.margin();
            panel.draw(svg, Place { x, y: place.y, margin });
            x += panel.size(margin).0;
        }
    }
    /// What has no room at the right of a panel goes below it.
    fn narrowed(&self, room: f64) -> Option<Vec<Box<dyn Panel + '_>>> {
        (self.size(0.0).0 > room).then(|| self.panels.iter().flat_map(|panel| slim(*panel, room)).collect())
    }
}

/// The panel if it has room, or else what takes its place.
pub(crate) fn slim<'a>(panel: &'a dyn Panel, room: f64) -> Vec<Box<dyn Panel + 'a>> {
    panel.narrowed(room).unwrap_or_else(|| vec![Box::new(panel)])
}
