//! Pictures to learn from, as many as one likes: silhouettes of animals, each moved, scaled, coloured and strewn with noise.

use anyhow::{Result, ensure};
use burn::tensor::{Device, Int, Tensor, TensorData};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use train::data::images::{ImageSet, Images, Part};

use crate::contract::random::Random;

/// Rows, and columns, of a picture.
pub(super) const SIDE: usize = 32;
pub(super) const CHANNELS: usize = 3;
pub(super) const CLASSES: usize = 10;
/// Numbers of a picture.
const SIZE: usize = CHANNELS * SIDE * SIDE;

// ANCHOR: picture
/// How much smaller or larger an animal is than its silhouette.
const SCALES: (f64, f64) = (0.75, 1.15);
/// By how many pixels it may be off the middle, either way.
const SHIFT: f64 = 4.0;
/// What is added to each number is between plus and minus this.
const NOISE: f64 = 0.15;
/// The ground is dark and the animal light, in each channel.
const GROUND: (f64, f64) = (0.0, 0.45);
const ANIMAL: (f64, f64) = (0.45, 1.0);
// ANCHOR_END: picture

/// What pictures are made of.
pub(super) struct Silhouettes {
    images: Images,
    /// What the classes are called.
    names: Vec<String>,
    /// Of every class, its silhouettes.
    by_class: Vec<Vec<usize>>,
}

/// A picture without its colours and its noise.
struct Placed {
    class: usize,
    /// How much animal there is, from 0 to 1: `[row, column]`.
    ink: Vec<f64>,
}

/// The same, to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Example {
    pub(super) class: String,
    /// A digit for each place of a row: 0 is ground, 9 is animal.
    pub(super) rows: Vec<String>,
}

impl Silhouettes {
    /// Those that come with the source code. Pictures to learn from and pictures to judge by are made of different ones.
    ///
    /// # Errors
    ///
    /// If they are not there, or are damaged.
    pub(super) fn built_in(part: Part) -> Result<Self> {
        let set = ImageSet::built_in("animals")?;
        Self::of(set.read(part)?, set.info().classes.clone())
    }

    fn of(images: Images, names: Vec<String>) -> Result<Self> {
        ensure!(names.len() == CLASSES, "expected {CLASSES} classes, found {}", names.len());
        let mut by_class = vec![Vec::new(); CLASSES];
        for (index, &label) in images.labels.iter().enumerate() {
            by_class[usize::from(label)].push(index);
        }
        ensure!(by_class.iter().all(|class| !class.is_empty()), "there is a class without silhouettes");
        Ok(Self { images, names, by_class })
    }

    /// So many pictures. Each has random numbers of its own, so that any of them can be made alone.
    pub(super) fn pictures(&self, count: usize, seed: u64, first_stream: u64) -> Pictures {
        let mut pixels = vec![0; count * SIZE];
        let draw = |(n, pixels): (usize, &mut [u8])| {
            self.picture(&mut Random::new(seed, first_stream + n as u64), pixels)
        };
        let labels = pixels.par_chunks_mut(SIZE).enumerate().map(draw).collect();
        Pictures { pixels, labels }
    }

    /// The same, if nobody looks at any but some of them.
    #[cfg(test)]
    pub(super) fn some_pictures(&self, count: usize, which: &[usize], seed: u64, first: u64) -> Pictures {
        let (mut pixels, mut labels) = (vec![0; count * SIZE], vec![0; count]);
        for &n in which {
            let own = &mut pixels[n * SIZE..(n + 1) * SIZE];
            labels[n] = self.picture(&mut Random::new(seed, first + n as u64), own);
        }
        Pictures { pixels, labels }
    }

    /// Draws one, and says of which class it is.
    fn picture(&self, random: &mut Random, pixels: &mut [u8]) -> u8 {
        let Placed { class, ink } = self.placed(random);
        for plane in pixels.chunks_mut(SIDE * SIDE) {
            let (ground, animal) = (255.0 * between(random, GROUND), 255.0 * between(random, ANIMAL));
            for (pixels, ink) in plane.chunks_mut(4).zip(ink.chunks(4)) {
                // One random number has noise for four pixels.
                let noise = (random.below(1 << 32) as u32).to_le_bytes();
                for ((pixel, ink), noise) in pixels.iter_mut().zip(ink).zip(noise) {
                    // What is too dark or too light becomes black or white.
                    *pixel =
                        (ground + ink * (animal - ground) + NOISE * (2.0 * f64::from(noise) - 255.0)) as u8;
                }
            }
        }
        class as u8
    }

    /// A silhouette at random, moved, scaled, and mirrored or not.
    fn placed(&self, random: &mut Random) -> Placed {
        let class = random.below(CLASSES);
        let silhouette = self.images.image(self.by_class[class][random.below(self.by_class[class].len())]);
        let scale = between(random, SCALES);
        let [right, down] = [(); 2].map(|()| between(random, (-SHIFT, SHIFT)));
        let turned = if random.uniform() < 0.5 { -1.0 } else { 1.0 };
        let middle = SIDE as f64 / 2.0 - 0.5;
        let ink = (0..SIDE * SIDE).map(|place| {
            let x = turned * ((place % SIDE) as f64 - middle - right) / scale;
            let y = ((place / SIDE) as f64 - middle - down) / scale;
            self.ink(silhouette, x, y)
        });
        Placed { class, ink: ink.collect() }
    }

    /// The first picture of every class.
    pub(super) fn examples(&self, seed: u64, first_stream: u64) -> Vec<Example> {
        let one = |class: usize| {
            let all = (first_stream..).map(|stream| self.placed(&mut Random::new(seed, stream)));
            let ink =
                all.into_iter().find(|placed| placed.class == class).map_or(vec![], |placed| placed.ink);
            let digit = |ink: &f64| char::from(b'0' + (9.0 * ink).round() as u8);
            let rows = ink.chunks(SIDE).map(|row| row.iter().map(digit).collect()).collect();
            Example { class: self.names[class].clone(), rows }
        };
        (0..CLASSES).map(one).collect()
    }

    /// How much of the silhouette is at a place, from 0 to 1: between its pixels by how near each is, and outside
    /// nothing. The middle is at zero.
    fn ink(&self, silhouette: &[u8], x: f64, y: f64) -> f64 {
        let Images { height, width, .. } = self.images;
        let (x, y) = (x + width as f64 / 2.0 - 0.5, y + height as f64 / 2.0 - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let at = |column: f64, row: f64| {
            let inside = column >= 0.0 && row >= 0.0 && column < width as f64 && row < height as f64;
            if inside { f64::from(silhouette[row as usize * width + column as usize]) / 255.0 } else { 0.0 }
        };
        let (across, below) = (x - left, y - top);
        let above = (1.0 - across) * at(left, top) + across * at(left + 1.0, top);
        let under = (1.0 - across) * at(left, top + 1.0) + across * at(left + 1.0, top + 1.0);
        (1.0 - below) * above + below * under
    }
}

fn between(random: &mut Random, (low, high): (f64, f64)) -> f64 {
    low + (high - low) * random.uniform()
}

/// Pictures and their classes.
pub(super) struct Pictures {
    /// `[picture, channel, row, column]`
    pixels: Vec<u8>,
    pub(super) labels: Vec<u8>,
}

impl Pictures {
    pub(super) fn count(&self) -> usize {
        self.labels.len()
    }

    /// The numbers of one, from 0 to 255: `[channel, row, column]`.
    pub(super) fn pixels(&self, index: usize) -> &[u8] {
        &self.pixels[index * SIZE..(index + 1) * SIZE]
    }

    /// Some of them as numbers between -1 and 1, and their classes.
    ///
    /// # Shapes
    ///
    /// - images: `[batch, 3, 32, 32]`
    /// - classes: `[batch, 1]`
    pub(super) fn batch(&self, which: &[usize], device: &Device) -> (Tensor<4>, Tensor<2, Int>) {
        let mut bytes = Vec::with_capacity(which.len() * SIZE);
        which.iter().for_each(|&n| bytes.extend_from_slice(self.pixels(n)));
        let bytes = TensorData::new(bytes, [which.len(), CHANNELS, SIDE, SIDE]);
        let images = Tensor::<4, Int>::from_data(bytes, device).float() / 127.5 - 1.0;
        let classes: Vec<i64> = which.iter().map(|&n| i64::from(self.labels[n])).collect();
        let classes = TensorData::new(classes, [which.len(), 1]);
        (images, Tensor::from_data(classes, device))
    }
}

#[cfg(test)]
mod tests {
    use train::device::DeviceName;

    use super::*;

    /// A bright bar of one column in an image of 28 by 28, for every class.
    fn bars() -> Silhouettes {
        let (height, width) = (28, 28);
        let one = (0..height * width).map(|place| if place % width == 13 { 255 } else { 0 });
        let pixels = one.collect::<Vec<u8>>().repeat(CLASSES);
        let labels: Vec<u8> = (0..CLASSES as u8).collect();
        let names = labels.iter().map(u8::to_string).collect();
        Silhouettes::of(Images { height, width, pixels, labels }, names).unwrap()
    }

    #[test]
    fn ink_is_shared_between_neighbours_and_ends_at_the_border() {
        let bars = bars();
        let silhouette = bars.images.image(0);
        // Column 13 is half a pixel left of the middle.
        for (x, expected) in [(-0.5, 1.0), (0.0, 0.5), (-1.25, 0.25), (1.5, 0.0)] {
            assert!((bars.ink(silhouette, x, 3.0) - expected).abs() < 1e-12, "{x}");
        }
        assert_eq!(bars.ink(silhouette, -0.5, 14.5), 0.0);
        assert!((bars.ink(silhouette, -0.5, 13.75) - 0.75).abs() < 1e-12);
    }

    #[test]
    fn a_picture_depends_on_its_number_alone() {
        let bars = bars();
        let (few, many) = (bars.pictures(3, 5, 100), bars.pictures(7, 5, 100));
        assert_eq!(few.pixels, many.pixels[..3 * SIZE]);
        assert_eq!(many.pixels(6), bars.pictures(1, 5, 106).pixels);
        assert_ne!(few.pixels, bars.pictures(3, 6, 100).pixels);
    }

    #[test]
    fn examples_are_the_first_pictures_of_their_class() {
        let examples = bars().examples(5, 100);
        let names: Vec<&str> = examples.iter().map(|example| example.class.as_str()).collect();
        assert_eq!(names, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
        let first = bars().pictures(1, 5, 100);
        let drawn = &examples[usize::from(first.labels[0])].rows;
        assert!(drawn.len() == SIDE && drawn.iter().all(|row| row.len() == SIDE));
        // Where there is animal, the picture is lighter.
        let lightness = |is_meant: fn(char) -> bool| {
            let places = drawn.concat().chars().collect::<Vec<char>>();
            let light = (0..3 * SIDE * SIDE).filter(|n| is_meant(places[n % (SIDE * SIDE)]));
            let light: Vec<f64> = light.map(|n| f64::from(first.pixels(0)[n]) / 255.0).collect();
            assert!(light.len() > 50, "{drawn:?}");
            light.iter().sum::<f64>() / light.len() as f64
        };
        let (animal, ground) = (lightness(|digit| digit > '3'), lightness(|digit| digit == '0'));
        assert!(animal > ground + 0.1, "{animal} {ground}");
    }

    #[test]
    fn pictures_have_light_animals_on_dark_ground_and_all_classes() {
        let animals = Silhouettes::built_in(Part::Test).unwrap();
        let pictures = animals.pictures(211, 1, 0);
        for class in 0..CLASSES {
            let count = pictures.labels.iter().filter(|&&label| usize::from(label) == class).count();
            assert!((8..40).contains(&count), "{count} of class {class}");
        }
        let bright = |n: usize| pictures.pixels(n).iter().filter(|&&pixel| pixel > 155).count();
        let mean = (0..pictures.count()).map(bright).sum::<usize>() as f64 / (211 * SIZE) as f64;
        assert!((0.03..0.6).contains(&mean), "{mean} of the numbers are bright");
    }

    #[test]
    fn a_batch_has_the_pictures_that_were_asked_for() {
        let device = DeviceName::Flex.open().unwrap();
        let pictures = bars().pictures(5, 3, 0);
        let (images, classes) = pictures.batch(&[4, 0], &device);
        assert_eq!((images.dims(), classes.dims()), ([2, CHANNELS, SIDE, SIDE], [2, 1]));
        let values: Vec<f32> = images.into_data().iter().collect();
        assert!((values[7] - (f32::from(pictures.pixels(4)[7]) / 127.5 - 1.0)).abs() < 1e-6);
        assert!(values.iter().all(|value| (-1.0..=1.0).contains(value)));
        let classes: Vec<i64> = classes.into_data().iter().collect();
        assert_eq!(classes, [4, 0].map(|n: usize| i64::from(pictures.labels[n])));
    }
}
