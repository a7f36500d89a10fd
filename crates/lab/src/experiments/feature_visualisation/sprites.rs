//! Invented animals: patterns that are known, hidden in noise.

use super::examples::{CLASSES, Data, SIDE};
use crate::contract::random::Random;

/// Cells of a sprite on a side, and pixels of a cell.
pub(super) const CELLS: usize = 7;
const CELL: usize = SIDE / CELLS;
/// Pictures to learn from, each seen once, and to ask about.
pub(super) const LEARNED: usize = 40_000;
pub(super) const ASKED: usize = 2_000;
/// How often each sprite is in a picture, whatever else is in it.
pub(super) const OFTEN: f64 = 0.2;
/// Deviation of the noise, if that of a sprite is 1.
pub(super) const NOISE: f64 = 9.0;

// ANCHOR: sprites
/// Ten patterns, light and dark at random, the right half as the left.
/// The mean of each is 0, and its variance 1.
pub(super) fn sprites(random: &mut Random) -> Vec<Vec<f32>> {
    let half = CELLS.div_ceil(2);
    let mut sprite = || {
        let count = CELLS * half;
        let mut cell = || if random.below(2) == 0 { -1.0 } else { 1.0 };
        let cells: Vec<f64> = (0..count).map(|_| cell()).collect();
        let pixel = |n: usize| {
            let (row, column) = (n / SIDE / CELL, n % SIDE / CELL);
            cells[row * half + column.min(CELLS - 1 - column)]
        };
        standardised((0..SIDE * SIDE).map(pixel).collect())
    };
    (0..CLASSES).map(|_| sprite()).collect()
}
// ANCHOR_END: sprites

/// Pictures of noise. Each sprite is in every fifth of them.
pub(super) fn hidden(sprites: &[Vec<f32>], count: usize, random: &mut Random) -> Data {
    let size = (NOISE * NOISE + CLASSES as f64 * OFTEN).sqrt();
    let mut data = Data { pixels: vec![], present: vec![] };
    for _ in 0..count {
        let mut drawn = || random.uniform() < OFTEN;
        let present: Vec<bool> = sprites.iter().map(|_| drawn()).collect();
        let there = sprites.iter().zip(&present).filter(|(_, p)| **p);
        let there: Vec<&Vec<f32>> = there.map(|(s, _)| s).collect();
        data.pixels.extend((0..SIDE * SIDE).map(|pixel| {
            let sum: f32 = there.iter().map(|sprite| sprite[pixel]).sum();
            ((f64::from(sum) + NOISE * random.normal()) / size) as f32
        }));
        data.present.extend(present);
    }
    data
}

fn standardised(values: Vec<f64>) -> Vec<f32> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    // A pattern of one shade has no deviation.
    values.iter().map(|value| ((value - mean) / deviation.max(1e-9)) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sprites_are_symmetric_differ_and_are_standardised() {
        let sprites = sprites(&mut Random::new(5, 0));
        assert_eq!(sprites.len(), CLASSES);
        for sprite in &sprites {
            let sum: f32 = sprite.iter().sum();
            let square: f32 = sprite.iter().map(|pixel| pixel * pixel).sum();
            assert!(sum.abs() < 1e-2 && (square - 784.0).abs() < 1e-1, "{sum} {square}");
            for row in sprite.chunks(SIDE) {
                assert!(row.iter().eq(row.iter().rev()) && row[..CELL].iter().all(|&pixel| pixel == row[0]));
            }
        }
        assert!((1..CLASSES).all(|n| sprites[n] != sprites[0]));
    }

    /// The mean of the pictures that have a sprite, less that of the others, is the sprite.
    #[test]
    fn what_is_hidden_is_there() {
        let sprites = sprites(&mut Random::new(7, 0));
        let data = hidden(&sprites, 6_000, &mut Random::new(7, 1));
        let mean = |present: bool| -> Vec<f64> {
            let some: Vec<usize> =
                (0..data.count()).filter(|&index| data.classes(index)[3] == present).collect();
            let sum =
                |pixel: usize| some.iter().map(|&index| f64::from(data.picture(index)[pixel])).sum::<f64>();
            (0..SIDE * SIDE).map(|pixel| sum(pixel) / some.len() as f64).collect()
        };
        let (with, without) = (mean(true), mean(false));
        let difference: Vec<f64> = with.iter().zip(&without).map(|(with, without)| with - without).collect();
        let dot: f64 = difference.iter().zip(&sprites[3]).map(|(a, b)| a * f64::from(*b)).sum();
        let length = difference.iter().map(|value| value * value).sum::<f64>().sqrt();
        assert!(dot / length / 28.0 > 0.9, "{}", dot / length / 28.0);
        let square = data.pixels.iter().map(|&pixel| f64::from(pixel).powi(2)).sum::<f64>();
        assert!((square / data.pixels.len() as f64 - 1.0).abs() < 0.05);
    }
}
