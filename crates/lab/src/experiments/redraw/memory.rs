//! Somebody who forgets each box and each line with the same chance.

use graph::Picture;
use graph::view::View;
use serde::{Deserialize, Serialize};

use super::copies::drawn;
use crate::contract::random::Random;
use crate::contract::spread::Spread;

/// The chance that a box is remembered, and that a line between two of these is.
pub(super) const BOX: f64 = 0.8;
pub(super) const LINE: f64 = 0.8;
/// Drawings for each seed.
const DRAWINGS: usize = 25;

/// What came of many drawings.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Forgetful {
    pub(super) of_boxes: f64,
    pub(super) of_lines: f64,
    pub(super) drawings: usize,
    /// The share of the picture's boxes and lines that are right, as a mean for each seed.
    pub(super) boxes: Spread,
    pub(super) lines: Spread,
    /// What both are on average, if each is forgotten by chance.
    pub(super) expected: [f64; 2],
    /// How far the means over all are from that, in standard errors.
    pub(super) off: [f64; 2],
    /// Of all lines that were remembered, the share that is found to be right. Boxes of one name are told apart only by
    /// what is left around them.
    pub(super) found: f64,
}

/// Draws again and again, with a stream of random numbers for each seed.
pub(super) fn forgetful(view: &View, randoms: &mut [Random]) -> Forgetful {
    let picture = Picture::of(view);
    let mut all: [Vec<f64>; 2] = Default::default();
    let mut means: [Vec<f64>; 2] = Default::default();
    let (mut remembered, mut right) = (0, 0);
    for random in randoms.iter_mut() {
        let mut shares: [Vec<f64>; 2] = Default::default();
        for _ in 0..DRAWINGS {
            let keeps: Vec<bool> = view.boxes.iter().map(|_| random.uniform() < BOX).collect();
            let label = |id: usize| keeps[id].then(|| view.boxes[id].label.clone());
            let drawing = drawn(view, label, |_| random.uniform() < LINE);
            remembered += drawing.counts().1;
            let (of_boxes, of_lines) = match picture.grade(&drawing) {
                Ok(grade) => {
                    right += grade.lines().right;
                    (grade.boxes().recall(), grade.lines().recall())
                }
                // Everything was forgotten.
                Err(_) => (0.0, 0.0),
            };
            shares[0].push(of_boxes);
            shares[1].push(of_lines);
        }
        for (which, shares) in shares.into_iter().enumerate() {
            means[which].push(shares.iter().sum::<f64>() / shares.len() as f64);
            all[which].extend(shares);
        }
    }
    let expected = [BOX, BOX * BOX * LINE];
    let off = [0, 1].map(|which| {
        let spread = Spread::of(all[which].iter().copied());
        (spread.mean - expected[which]) / (spread.deviation / (spread.count as f64).sqrt())
    });
    let [boxes, lines] = means.map(Spread::of);
    let found = right as f64 / remembered as f64;
    Forgetful { of_boxes: BOX, of_lines: LINE, drawings: all[0].len(), boxes, lines, expected, off, found }
}
