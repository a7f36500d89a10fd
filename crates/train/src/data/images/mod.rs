//! Small grey images with labels, in the format of MNIST.
//!
//! A set of images is a folder:
//!
//! | file | content |
//! |---|---|
//! | `images.json` | what it is: an [`ImagesInfo`] |
//! | `train-images-idx3-ubyte.gz`, `t10k-images-idx3-ubyte.gz` | images to train on, and to test with |
//! | `train-labels-idx1-ubyte.gz`, `t10k-labels-idx1-ubyte.gz` | the number of each one's class |
//!
//! The format is IDX (LeCun, Cortes & Burges, <http://yann.lecun.com/exdb/mnist/>): a number that names the type and the
//! number of axes, the length of each axis, all in four bytes with the highest first, and then the elements.

mod show;

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;

use crate::data::corpus::built_in_folder;
use crate::words::counted;

pub(crate) use self::show::{row, show};

/// The file that makes a folder a set of images.
const INFO: &str = "images.json";

/// Elements of a file at most: a thousand times as many as MNIST has images to test with.
const MOST: u64 = 1 << 30;

/// What IDX files begin with: bytes on three axes, bytes on one.
const IMAGES: u32 = 0x0803;
const LABELS: u32 = 0x0801;

/// What a set of images is, where it comes from and what may be done with it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImagesInfo {
    /// What it is called.
    pub name: String,
    /// What the labels stand for.
    pub classes: Vec<String>,
    /// The terms under which it may be used.
    pub licence: String,
    /// Where it comes from.
    pub origin: String,
}

/// A set of images on disk.
#[derive(Clone, Debug)]
pub struct ImageSet {
    folder: PathBuf,
    info: ImagesInfo,
}

/// A part of a set of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// To learn from.
    Train,
    /// To judge the result by.
    Test,
}

/// Images and their labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// `[image, row, column]`, from 0 (black) to 255 (white).
    pub pixels: Vec<u8>,
    /// Of each image, the number of its class.
    pub labels: Vec<u8>,
}

impl Images {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.labels.len()
    }

    /// The pixels of one, `[row, column]`.
    ///
    /// # Panics
    ///
    /// If there are not so many.
    #[must_use]
    pub fn image(&self, index: usize) -> &[u8] {
        let size = self.height * self.width;
        &self.pixels[index * size..(index + 1) * size]
    }
}

impl ImageSet {
    /// Opens the set in a folder.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(INFO);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let info = serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))?;
        Ok(Self { folder: folder.to_owned(), info })
    }

    /// Opens a set that comes with the source code.
    ///
    /// # Errors
    ///
    /// If there is none of that name.
    pub fn built_in(name: &str) -> Result<Self> {
        Self::open(&built_in_folder()?.join(name))
    }

    /// All sets that come with the source code, in the order of their folders; none if they are not there.
    #[must_use]
    pub(crate) fn all_built_in() -> Vec<Result<Self>> {
        let entries = built_in_folder().and_then(|folder| Ok(fs::read_dir(folder)?));
        let mut folders: Vec<PathBuf> = entries.into_iter().flatten().flatten().map(|e| e.path()).collect();
        folders.retain(|folder| folder.join(INFO).is_file());
        folders.sort();
        folders.iter().map(|folder| Self::open(folder)).collect()
    }

    /// What it is.
    #[must_use]
    pub fn info(&self) -> &ImagesInfo {
        &self.info
    }

    /// Where it is.
    #[must_use]
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads one part.
    ///
    /// # Errors
    ///
    /// Names the file that is missing or damaged.
    pub fn read(&self, part: Part) -> Result<Images> {
        let name = match part {
            Part::Train => "train",
            Part::Test => "t10k",
        };
        let path = |kind: &str| self.folder.join(format!("{name}-{kind}-ubyte.gz"));
        let pictured = path("images-idx3");
        let ([count, height, width], pixels) = read_idx(&pictured, IMAGES)?;
        ensure!(height * width > 0, "{} has images of {height}x{width} pixels", pictured.display());
        let labelled = path("labels-idx1");
        let ([labels_count], labels) = read_idx(&labelled, LABELS)?;
        ensure!(
            count == labels_count,
            "{} has {} for {}",
            labelled.display(),
            counted(labels_count, "label"),
            counted(count, "image")
        );
        let classes = self.info.classes.len();
        if let Some(label) = labels.iter().find(|&&label| usize::from(label) >= classes) {
            let (shown, classes) = (labelled.display(), counted(classes, "class"));
            bail!("{shown} has the label {label}, but {INFO} names {classes}");
        }
        Ok(Images { height, width, pixels, labels })
    }
}

/// Reads the lengths of the axes, and the elements.
fn read_idx<const AXES: usize>(path: &Path, magic: u32) -> Result<([usize; AXES], Vec<u8>)> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
    let mut file = MultiGzDecoder::new(file);
    let mut number = || -> Result<u32> {
        let mut bytes = [0; 4];
        file.read_exact(&mut bytes).with_context(|| format!("{shown} is damaged"))?;
        Ok(u32::from_be_bytes(bytes))
    };
    let found = number()?;
    ensure!(
        found == magic,
        "{shown} is damaged: expected {magic:#010x} at its beginning, found {found:#010x}"
    );
    let mut lengths = [0; AXES];
    for length in &mut lengths {
        *length = number()? as usize;
    }
    let product = lengths.iter().try_fold(1_u64, |product, &length| product.checked_mul(length as u64));
    let Some(expected) = product.filter(|&expected| expected <= MOST) else {
        bail!("{shown} can't be used: it says that it has {lengths:?} bytes, but at most {MOST} are read");
    };
    let mut elements = Vec::new();
    // One more shows that there are more. A small file may hold a great deal of zeros.
    file.take(expected + 1).read_to_end(&mut elements).with_context(|| format!("{shown} is damaged"))?;
    let found = elements.len() as u64;
    ensure!(found <= expected, "{shown} is damaged: expected {lengths:?} bytes, found more");
    ensure!(found == expected, "{shown} is damaged: expected {lengths:?} bytes, found {found}");
    Ok((lengths, elements))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    #[test]
    fn the_animals_are_whole() {
        let set = ImageSet::built_in("animals").unwrap();
        let [train, test] = [Part::Train, Part::Test].map(|part| set.read(part).unwrap());
        assert_eq!([train.count(), test.count()], [8_097, 1_619]);
        for images in [&train, &test] {
            assert_eq!((images.height, images.width), (28, 28));
            for class in 0..set.info().classes.len() {
                assert!(images.labels.iter().any(|&label| usize::from(label) == class), "no {class}");
            }
        }
        // Something is drawn on each, and the parts are not the same file.
        assert!((0..test.count()).all(|index| test.image(index).iter().any(|&pixel| pixel > 0)));
        assert_ne!(train.image(0), test.image(0));
    }

    /// A set of two images of two rows and three columns, with these labels.
    fn tiny(labels: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let file = File::create(folder.path().join(name)).unwrap();
            let mut file = GzEncoder::new(file, Compression::fast());
            file.write_all(bytes).unwrap();
            file.finish().unwrap();
        };
        let head = |magic: u32, lengths: &[u32]| -> Vec<u8> {
            [&[magic], lengths].concat().iter().flat_map(|number| number.to_be_bytes()).collect()
        };
        let pixels: Vec<u8> = (1..=12).collect();
        write("t10k-images-idx3-ubyte.gz", &[head(IMAGES, &[2, 2, 3]), pixels.clone()].concat());
        write("t10k-labels-idx1-ubyte.gz", &[head(LABELS, &[labels.len() as u32]), labels.to_vec()].concat());
        write("train-images-idx3-ubyte.gz", &[head(IMAGES, &[2, 2, 3]), pixels[1..].to_vec()].concat());
        let info = r#"{ "name": "two", "classes": ["a", "b"], "licence": "none", "origin": "a test" }"#;
        fs::write(folder.path().join(INFO), info).unwrap();
        folder
    }

    #[test]
    fn each_image_is_found_with_its_label() {
        let folder = tiny(&[1, 0]);
        let images = ImageSet::open(folder.path()).unwrap().read(Part::Test).unwrap();
        assert_eq!((images.height, images.width, images.labels.as_slice()), (2, 3, &[1, 0][..]));
        assert_eq!(images.image(1), [7, 8, 9, 10, 11, 12]);
    }

    #[test]
    fn damage_is_told_with_the_file() {
        let told = |labels: &[u8], part| {
            let folder = tiny(labels);
            ImageSet::open(folder.path()).unwrap().read(part).unwrap_err().to_string()
        };
        assert!(told(&[0], Part::Test).contains("t10k-labels-idx1-ubyte.gz has 1 label for 2 images"));
        assert!(told(&[0, 2], Part::Test).contains("has the label 2, but images.json names 2 classes"));
        let short = told(&[0, 1], Part::Train);
        assert!(
            short.contains("train-images-idx3-ubyte.gz is damaged: expected [2, 2, 3] bytes, found 11"),
            "{short}"
        );
    }

    #[test]
    fn no_more_is_read_than_a_file_says_that_it_has() {
        let told = |bytes: &[u8]| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("labels.gz");
            let mut file = GzEncoder::new(File::create(&path).unwrap(), Compression::fast());
            file.write_all(bytes).unwrap();
            file.finish().unwrap();
            read_idx::<1>(&path, LABELS).unwrap_err().to_string()
        };
        let file = |length: u32, zeros: usize| {
            [&LABELS.to_be_bytes()[..], &length.to_be_bytes(), &vec![0; zeros]].concat()
        };
        let more = told(&file(2, 1 << 20));
        assert!(more.ends_with("is damaged: expected [2] bytes, found more"), "{more}");
        let absurd = told(&file(u32::MAX, 3));
        assert!(
            absurd.contains("it says that it has [4294967295] bytes, but at most 1073741824"),
            "{absurd}"
        );
    }
}
