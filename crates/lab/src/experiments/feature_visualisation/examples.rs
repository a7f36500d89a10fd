//! Pictures, and what is in each.

use anyhow::{Result, ensure};
use burn::tensor::{Device, Int, Tensor, TensorData};
use train::data::images::{ImageSet, Images, Part};

use crate::contract::random::Random;

/// Rows of a picture, and its columns.
pub(super) const SIDE: usize = 28;
/// What can be in a picture.
pub(super) const CLASSES: usize = 10;

/// Pictures, of which any number of classes may be in each. Over all pixels their mean is about 0 and their variance about 1.
pub(super) struct Data {
    /// `[picture, row, column]`
    pub(super) pixels: Vec<f32>,
    /// `[picture, class]`
    pub(super) present: Vec<bool>,
}

impl Data {
    pub(super) fn count(&self) -> usize {
        self.present.len() / CLASSES
    }

    /// The pixels of a picture.
    pub(super) fn picture(&self, index: usize) -> &[f32] {
        &self.pixels[index * SIDE * SIDE..][..SIDE * SIDE]
    }

    /// What is in a picture.
    pub(super) fn classes(&self, index: usize) -> &[bool] {
        &self.present[index * CLASSES..][..CLASSES]
    }

    /// The first of them.
    pub(super) fn first(&self, count: usize) -> Self {
        let count = count.min(self.count());
        let present = self.present[..count * CLASSES].to_vec();
        Self { pixels: self.pixels[..count * SIDE * SIDE].to_vec(), present }
    }

    /// Some of them: `[pictures, 1, row, column]`, and `[pictures, class]`.
    pub(super) fn batch(&self, some: &[usize], device: &Device) -> (Tensor<4>, Tensor<2, Int>) {
        let pixels: Vec<f32> = some.iter().flat_map(|&index| self.picture(index)).copied().collect();
        let present: Vec<i64> =
            some.iter().flat_map(|&index| self.classes(index)).map(|&present| present.into()).collect();
        (
            Tensor::from_data(TensorData::new(pixels, [some.len(), 1, SIDE, SIDE]), device),
            Tensor::from_data(TensorData::new(present, [some.len(), CLASSES]), device),
        )
    }
}

/// The built-in silhouettes.
pub(super) struct Animals {
    /// What the classes are called.
    pub(super) names: Vec<String>,
    pub(super) train: Data,
    pub(super) test: Data,
    /// The values that are black and white.
    pub(super) ends: (f64, f64),
}

impl Animals {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// If they are not there.
    pub(super) fn read() -> Result<Self> {
        let set = ImageSet::built_in("animals")?;
        let names = set.info().classes.clone();
        ensure!(names.len() == CLASSES, "expected {CLASSES} animals, found {}", names.len());
        let [train, test] = [set.read(Part::Train)?, set.read(Part::Test)?];
        let (mean, deviation) = moments(&train.pixels);
        let standard = |value: f64| (value - mean) / deviation;
        Ok(Self {
            names,
            train: data(&train, standard)?,
            test: data(&test, standard)?,
            ends: (standard(0.0), standard(255.0)),
        })
    }
}

fn data(images: &Images, standard: impl Fn(f64) -> f64) -> Result<Data> {
    let (height, width) = (images.height, images.width);
    ensure!((height, width) == (SIDE, SIDE), "expected {SIDE}x{SIDE} pixels, found {height}x{width}");
    let pixels = images.pixels.iter().map(|&pixel| standard(pixel.into()) as f32).collect();
    let classes = |&label: &u8| (0..CLASSES).map(move |class| class == usize::from(label));
    Ok(Data { pixels, present: images.labels.iter().flat_map(classes).collect() })
}

/// Mean and standard deviation.
fn moments(pixels: &[u8]) -> (f64, f64) {
    let count = pixels.len() as f64;
    let mean = pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / count;
    let variance = pixels.iter().map(|&pixel| (f64::from(pixel) - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

/// All numbers below `count`, in a random order.
pub(super) fn order(count: usize, random: &mut Random) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    (1..count).rev().for_each(|n| order.swap(n, random.below(n + 1)));
    order
}

#[cfg(test)]
mod tests {
    use train::device::DeviceName;

    use super::*;

    #[test]
    fn animals_are_standardised_and_each_is_of_one_class() {
        let animals = Animals::read().unwrap();
        let pixels = &animals.train.pixels;
        let mean = pixels.iter().map(|&pixel| f64::from(pixel)).sum::<f64>() / pixels.len() as f64;
        let square = pixels.iter().map(|&pixel| f64::from(pixel).powi(2)).sum::<f64>() / pixels.len() as f64;
        assert!(mean.abs() < 1e-4 && (square - 1.0).abs() < 1e-4, "{mean} {square}");
        assert!(animals.ends.0 < 0.0 && animals.ends.1 > 1.0);
        for data in [&animals.train, &animals.test] {
            let one = |index| data.classes(index).iter().filter(|&&present| present).count() == 1;
            assert!(data.count() > 1_000 && (0..data.count()).all(one));
        }
    }

    #[test]
    fn a_batch_has_those_that_are_asked_for() {
        let pixels = (0..3 * SIDE * SIDE).map(|n| n as f32).collect();
        let data = Data { pixels, present: (0..3 * CLASSES).map(|n| n % 7 == 0).collect() };
        let (pictures, present) = data.batch(&[2, 0], &DeviceName::Flex.open().unwrap());
        assert_eq!((pictures.dims(), present.dims()), ([2, 1, SIDE, SIDE], [2, CLASSES]));
        let pixels: Vec<f32> = pictures.into_data().iter().collect();
        assert_eq!((pixels[0], pixels[SIDE * SIDE]), (2.0 * 784.0, 0.0));
        let present: Vec<bool> = present.into_data().iter::<i64>().map(|present| present == 1).collect();
        assert_eq!(present, [data.classes(2), data.classes(0)].concat());
    }

    #[test]
    fn an_order_has_every_number() {
        let mut mixed = order(31, &mut Random::new(1, 0));
        assert!(mixed.windows(2).any(|pair| pair[0] > pair[1]));
        mixed.sort_unstable();
        assert_eq!(mixed, (0..31).collect::<Vec<_>>());
    }
}
