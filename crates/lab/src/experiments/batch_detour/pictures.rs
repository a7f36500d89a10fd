//! Pictures to learn from, as many as one likes: silhouettes of animals, each moved, scaled, coloured and strewn with noise.

use anyhow::{Result, ensure};
use burn::tensor::{Device, Int, Tensor, TensorData};
use rayon::prelude::*;
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
    /// Of every class, its silhouettes.
    by_class: Vec<Vec<usize>>,
}

impl Silhouettes {
    /// Those that come with the source code. Pictures to learn from and pictures to judge by are made of different ones.
    ///
    /// # Errors
    ///
    /// If they are not there, or are damaged.
    pub(super) fn built_in(part: Part) -> Result<Self> {
        Self::of(ImageSet::built_in("animals")?.read(part)?)
    }

    fn of(images: Images) -> Result<Self> {
        let mut by_class = vec![Vec::new(); CLASSES];
        for (index, &label) in images.labels.iter().enumerate() {
            by_class[usize::from(label)].push(index);
        }
        ensure!(by_class.iter().all(|class| !class.is_empty()), "there is a class without silhouettes");
        Ok(Self { images, by_class })
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

    /// Draws one, and says of which class it is.
    fn picture(&self, random: &mut Random, pixels: &mut [u8]) -> u8 {
        let class = random.below(CLASSES);
        let silhouette = self.images.image(self.by_class[class][random.below(self.by_class[class].len())]);
        let mut between = |(low, high): (f64, f64)| low + (high - low) * random.uniform();
        let scale = between(SCALES);
        let (right, down) = (between((-SHIFT, SHIFT)), between((-SHIFT, SHIFT)));
        let turned = if between((-1.0, 1.0)) < 0.0 { -1.0 } else { 1.0 };
        let ground = [(); CHANNELS].map(|()| between(GROUND));
        let animal = [(); CHANNELS].map(|()| between(ANIMAL));
        let middle = SIDE as f64 / 2.0 - 0.5;
        for place in 0..SIDE * SIDE {
            let x = turned * ((place % SIDE) as f64 - middle - right) / scale;
            let y = ((place / SIDE) as f64 - middle - down) / scale;
            let ink = self.ink(silhouette, x, y);
            for channel in 0..CHANNELS {
                let plain = ground[channel] + ink * (animal[channel] - ground[channel]);
                let value = plain + between((-NOISE, NOISE));
                pixels[channel * SIDE * SIDE + place] = (255.0 * value.clamp(0.0, 1.0)).round() as u8;
            }
        }
        class as u8
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
        let numbers = which.iter().flat_map(|&n| self.pixels(n)).map(|&pixel| f32::from(pixel) / 127.5 - 1.0);
        let images = TensorData::new(numbers.collect::<Vec<f32>>(), [which.len(), CHANNELS, SIDE, SIDE]);
        let classes: Vec<i64> = which.iter().map(|&n| i64::from(self.labels[n])).collect();
        let classes = TensorData::new(classes, [which.len(), 1]);
        (Tensor::from_data(images, device), Tensor::from_data(classes, device))
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
        Silhouettes::of(Images { height, width, pixels, labels: (0..CLASSES as u8).collect() }).unwrap()
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
