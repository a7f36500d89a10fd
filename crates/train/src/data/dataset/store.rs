//! Token ids on disk: examples one after the other, in blocks that are read whole.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::Encoded;
use super::index::{BLOCK, Index, Place};
use crate::files::{sum, unfinished};

/// Bytes in a block at most, unless its one example has more: 4 Mi tokens. This bounds the memory whatever the corpus.
const BLOCK_BYTES: u64 = 4 << 22;

/// Writes a store.
#[derive(Debug)]
pub(crate) struct Writer {
    path: PathBuf,
    file: BufWriter<tempfile::NamedTempFile>,
    digest: Sha256,
    places: Vec<Place>,
    block: usize,
    block_bytes: u64,
    offset: u64,
}

impl Writer {
    /// Begins a file beside its place.
    ///
    /// # Errors
    ///
    /// If the folder can't be written.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let file = unfinished(path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            digest: Sha256::new(),
            places: Vec::new(),
            block: BLOCK,
            block_bytes: BLOCK_BYTES,
            offset: 0,
        })
    }

    /// With so many examples in a block.
    #[must_use]
    #[cfg(test)]
    pub(crate) fn with_block(mut self, examples: usize) -> Self {
        self.block = examples;
        self
    }

    /// Adds an example: two lengths, then the ids, each as four bytes.
    ///
    /// # Errors
    ///
    /// If the file can't be written.
    pub(crate) fn push(&mut self, src: &[usize], tgt: &[usize]) -> Result<()> {
        let numbers = [src.len(), tgt.len()];
        let numbers = numbers.iter().chain(src).chain(tgt);
        let bytes: Vec<u8> = numbers.flat_map(|&number| (number as u32).to_le_bytes()).collect();
        let length = bytes.len() as u64;
        let is_full = |place: &Place| place.examples == self.block || place.bytes + length > self.block_bytes;
        if self.places.last().is_none_or(is_full) {
            self.places.push(Place { offset: self.offset, bytes: 0, examples: 0 });
        }
        self.digest.update(&bytes);
        self.file.write_all(&bytes).with_context(|| format!("cannot write {}", self.path.display()))?;
        self.offset += length;
        if let Some(place) = self.places.last_mut() {
            place.bytes += length;
            place.examples += 1;
        }
        Ok(())
    }

    /// Puts the file into its place.
    ///
    /// # Errors
    ///
    /// If that can't be done.
    pub(crate) fn finish(self) -> Result<Store> {
        Ok(self.finish_with_sum()?.0)
    }

    /// The same, with the SHA-256 of what was written.
    fn finish_with_sum(self) -> Result<(Store, String)> {
        let Self { path, file, digest, places, .. } = self;
        let context = || format!("cannot write {}", path.display());
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(context)?;
        file.as_file().sync_all().with_context(context)?;
        file.persist(&path).map_err(|error| error.error).with_context(context)?;
        Ok((Store { path, places, temporary: None }, sum::finished(digest)))
    }
}

/// A store on disk.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    path: PathBuf,
    places: Vec<Place>,
    /// The folder of a store that is not to last.
    temporary: Option<Arc<TempDir>>,
}

/// An example: what is read, and what is written.
pub(crate) type Example<'a> = (&'a [u32], &'a [u32]);

impl Store {
    /// The store at `path`, made by `encode` unless an earlier process made it. Ids that are damaged are made again,
    /// which gives the same ones; those of another `origin` (see [`super::origin`]) never are, for a run that went on
    /// with other data would no longer be the same run.
    ///
    /// # Errors
    ///
    /// If it can't be made, or what is there has another origin.
    pub(crate) fn make(
        path: &Path,
        origin: &str,
        encode: impl FnOnce(&mut Writer) -> Result<Encoded>,
    ) -> Result<(Self, Encoded)> {
        let index = path.with_extension("json");
        let known = if path.exists() { Index::read(&index) } else { None };
        if let Some(known) = known {
            let shown = path.display();
            ensure!(
                known.origin == origin,
                "{shown} was encoded from another corpus or with another vocabulary than those that are there now; put \
                 the old ones back, or remove {shown} to go on with the new ones"
            );
            let fits = fs::metadata(path).is_ok_and(|file| known.fits(file.len()));
            if fits && sum::of_file(path).is_ok_and(|found| found == known.sum) {
                let store = Self { path: path.to_owned(), places: known.places, temporary: None };
                return Ok((store, known.encoded));
            }
        }
        let mut writer = Writer::create(path)?;
        let encoded = encode(&mut writer)?;
        let (store, sum) = writer.finish_with_sum()?;
        let (places, origin) = (store.places.clone(), origin.to_owned());
        Index { places, encoded, sum, origin, check: None }.write(&index)?;
        Ok((store, encoded))
    }

    /// What the store at `path` was encoded from; none if there is no whole one.
    #[must_use]
    pub(crate) fn origin(path: &Path) -> Option<String> {
        Index::read(&path.with_extension("json")).map(|index| index.origin)
    }

    /// The same, in a folder that goes with it.
    #[must_use]
    pub(crate) fn keep(mut self, folder: TempDir) -> Self {
        self.temporary = Some(Arc::new(folder));
        self
    }

    /// Number of blocks.
    #[must_use]
    pub(crate) fn blocks(&self) -> usize {
        self.places.len()
    }

    /// Reads a block.
    ///
    /// # Errors
    ///
    /// If the file is missing or has changed.
    pub(crate) fn block(&self, number: usize) -> Result<Block> {
        let place = self.places[number];
        let read = || -> std::io::Result<Vec<u8>> {
            let mut file = File::open(&self.path)?;
            file.seek(SeekFrom::Start(place.offset))?;
            let mut bytes = vec![0; place.bytes as usize];
            file.read_exact(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().with_context(|| format!("cannot read {}", self.path.display()))?;
        let ids: Vec<u32> = bytes
            .chunks_exact(4)
            .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect();
        let mut starts = Vec::with_capacity(place.examples);
        let mut at = 0;
        while at + 1 < ids.len() {
            starts.push(at);
            at += 2 + ids[at] as usize + ids[at + 1] as usize;
        }
        ensure!(at == ids.len() && starts.len() == place.examples, "{} has changed", self.path.display());
        Ok(Block { ids, starts })
    }
}

/// Examples in memory.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    ids: Vec<u32>,
    starts: Vec<usize>,
}

impl Block {
    /// Number of examples.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    /// An example.
    #[must_use]
    pub(crate) fn get(&self, number: usize) -> Example<'_> {
        let start = self.starts[number];
        let middle = start + 2 + self.ids[start] as usize;
        (&self.ids[start + 2..middle], &self.ids[middle..middle + self.ids[start + 1] as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_come_back_block_by_block() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ids");
        let mut writer = Writer::create(&path).unwrap().with_block(3);
        for n in 0..7_usize {
            writer.push(&vec![n; n], &[1, 70_000 + n]).unwrap();
        }
        let store = writer.finish().unwrap();
        assert_eq!(store.blocks(), 3);
        let block = store.block(1).unwrap();
        assert_eq!(block.len(), 3);
        assert_eq!(block.get(2), (&[5, 5, 5, 5, 5][..], &[1, 70_005][..]));
        std::fs::write(&path, "short").unwrap();
        assert!(format!("{:#}", store.block(0).unwrap_err()).contains("cannot read"));
    }

    #[test]
    fn a_block_is_bounded_by_its_bytes_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = Writer::create(&folder.path().join("ids")).unwrap();
        writer.block_bytes = 60;
        for length in [4, 4, 4, 30, 1] {
            writer.push(&[], &vec![7; length]).unwrap();
        }
        let store = writer.finish().unwrap();
        let blocks: Vec<usize> = (0..store.blocks()).map(|n| store.block(n).unwrap().len()).collect();
        assert_eq!(blocks, [2, 1, 1, 1], "24 bytes each but for the fourth, which has 128");
    }

    /// Makes a store of `numbers` unless there is one; returns whether that was needed.
    fn make(path: &Path, origin: &str, numbers: &[usize]) -> Result<bool> {
        let mut needed = false;
        let (store, encoded) = Store::make(path, origin, |writer| {
            needed = true;
            writer.push(&[], numbers)?;
            Ok(Encoded { examples: 1, ..Encoded::default() })
        })?;
        assert_eq!((store.blocks(), encoded.examples), (1, 1));
        Ok(needed)
    }

    #[test]
    fn what_was_encoded_is_used_again_unless_it_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("train.ids");
        assert!(make(&path, "a", &[5, 6]).unwrap());
        assert!(!make(&path, "a", &[5, 6]).unwrap());
        let whole = fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[9] ^= 4;
        for damaged in [&flipped[..], &whole[..whole.len() - 1], &[]] {
            fs::write(&path, damaged).unwrap();
            assert!(make(&path, "a", &[5, 6]).unwrap());
            assert_eq!(fs::read(&path).unwrap(), whole);
        }
        fs::write(path.with_extension("json"), "{}").unwrap();
        assert!(make(&path, "a", &[5, 6]).unwrap());
    }

    /// Whatever an index says, older versions' or damaged, no more memory is taken than there are ids.
    #[test]
    fn an_index_that_cannot_be_right_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("train.ids");
        let index = path.with_extension("json");
        assert!(make(&path, "a", &[5, 6]).unwrap());
        let whole = fs::read_to_string(&index).unwrap();
        let (text, _) = whole.rsplit_once(",\"check\"").unwrap();
        let older = format!("{text}}}");
        let write = |text: &str| fs::write(&index, text).unwrap();
        write(&older);
        assert!(!make(&path, "a", &[5, 6]).unwrap(), "an older version's is as good");
        for (right, wrong) in [
            ("\"bytes\":16", "\"bytes\":1125899906842624"),
            ("\"bytes\":16", "\"bytes\":12"),
            ("\"bytes\":16", "\"bytes\":18446744073709551615"),
            ("\"offset\":0", "\"offset\":4"),
            ("\"examples\":1}", "\"examples\":0}"),
            ("\"examples\":1}", "\"examples\":3}"),
            ("\"examples\":1}", "\"examples\":18446744073709551615}"),
        ] {
            write(&older.replacen(right, wrong, 1));
            assert!(make(&path, "a", &[5, 6]).unwrap(), "{wrong}");
            assert_eq!(fs::read_to_string(&index).unwrap(), whole);
        }
        write(&whole.replacen("\"too_long\":0", "\"too_long\":1", 1));
        assert!(make(&path, "a", &[5, 6]).unwrap(), "its own sum tells");
    }

    #[test]
    fn what_was_encoded_from_something_else_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("train.ids");
        make(&path, "a", &[5, 6]).unwrap();
        let message = make(&path, "b", &[7]).unwrap_err().to_string();
        assert!(message.contains("train.ids was encoded from another corpus"), "{message}");
        fs::remove_file(&path).unwrap();
        assert!(make(&path, "b", &[7]).unwrap());
        assert!(!make(&path, "b", &[7]).unwrap());
    }
}
