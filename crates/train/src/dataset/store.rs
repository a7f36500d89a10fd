//! Token ids on disk: examples one after the other, in blocks that are read whole.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::Encoded;
use crate::files::write_atomically;

/// Examples in a block: some 40 MB of ids for sentences, which bounds the memory whatever the corpus.
const BLOCK: usize = 1 << 18;

/// Where a block is, and how much is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    offset: u64,
    bytes: u64,
    examples: usize,
}

/// Writes a store.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: BufWriter<tempfile::NamedTempFile>,
    places: Vec<Place>,
    block: usize,
    offset: u64,
}

impl Writer {
    /// Begins a file beside its place.
    ///
    /// # Errors
    ///
    /// If the folder can't be written.
    pub fn create(path: &Path) -> Result<Self> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let file = tempfile::NamedTempFile::new_in(folder);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            places: Vec::new(),
            block: BLOCK,
            offset: 0,
        })
    }

    /// With so many examples in a block.
    #[must_use]
    pub fn with_block(mut self, examples: usize) -> Self {
        self.block = examples;
        self
    }

    /// Adds an example: two lengths, then the ids, each as four bytes.
    ///
    /// # Errors
    ///
    /// If the file can't be written.
    pub fn push(&mut self, src: &[usize], tgt: &[usize]) -> Result<()> {
        if self.places.last().is_none_or(|place| place.examples == self.block) {
            self.places.push(Place { offset: self.offset, bytes: 0, examples: 0 });
        }
        for number in [src.len(), tgt.len()].iter().chain(src).chain(tgt) {
            let written = self.file.write_all(&(*number as u32).to_le_bytes());
            written.with_context(|| format!("cannot write {}", self.path.display()))?;
        }
        let bytes = 4 * (2 + src.len() + tgt.len()) as u64;
        self.offset += bytes;
        if let Some(place) = self.places.last_mut() {
            place.bytes += bytes;
            place.examples += 1;
        }
        Ok(())
    }

    /// Puts the file into its place.
    ///
    /// # Errors
    ///
    /// If that can't be done.
    pub fn finish(self) -> Result<Store> {
        let Self { path, file, places, .. } = self;
        let context = || format!("cannot write {}", path.display());
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(context)?;
        file.persist(&path).map_err(|error| error.error).with_context(context)?;
        Ok(Store { path, places, temporary: None })
    }
}

/// A store on disk.
#[derive(Clone, Debug)]
pub struct Store {
    path: PathBuf,
    places: Vec<Place>,
    /// The folder of a store that is not to last.
    temporary: Option<Arc<TempDir>>,
}

/// What is written beside a store that lasts.
#[derive(Serialize, Deserialize)]
struct Index {
    places: Vec<Place>,
    encoded: Encoded,
}

/// An example: what is read, and what is written.
pub type Example<'a> = (&'a [u32], &'a [u32]);

impl Store {
    /// The store at `path`, made by `encode` unless an earlier process made it.
    ///
    /// # Errors
    ///
    /// If it can't be made.
    pub fn make(path: &Path, encode: impl FnOnce(&mut Writer) -> Result<Encoded>) -> Result<(Self, Encoded)> {
        let index = path.with_extension("json");
        let known =
            fs::read_to_string(&index).ok().and_then(|text| serde_json::from_str::<Index>(&text).ok());
        if let Some(Index { places, encoded }) = known {
            let bytes: u64 = places.iter().map(|place| place.bytes).sum();
            if fs::metadata(path).is_ok_and(|found| found.len() == bytes) {
                return Ok((Self { path: path.to_owned(), places, temporary: None }, encoded));
            }
        }
        let mut writer = Writer::create(path)?;
        let encoded = encode(&mut writer)?;
        let store = writer.finish()?;
        let text = serde_json::to_string(&Index { places: store.places.clone(), encoded })?;
        write_atomically(&index, text.as_bytes())?;
        Ok((store, encoded))
    }

    /// The same, in a folder that goes with it.
    #[must_use]
    pub fn keep(mut self, folder: TempDir) -> Self {
        self.temporary = Some(Arc::new(folder));
        self
    }

    /// Number of blocks.
    #[must_use]
    pub fn blocks(&self) -> usize {
        self.places.len()
    }

    /// Reads a block.
    ///
    /// # Errors
    ///
    /// If the file is missing or has changed.
    pub fn block(&self, number: usize) -> Result<Block> {
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
pub struct Block {
    ids: Vec<u32>,
    starts: Vec<usize>,
}

impl Block {
    /// Number of examples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// An example.
    #[must_use]
    pub fn get(&self, number: usize) -> Example<'_> {
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
}
