//! Writing a corpus whole: beside its place first, then renamed.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::clean::Clean;
use super::read::Row;
use super::split::HeldOut;
use super::{CorpusInfo, INFO, Split};
use crate::files::write_atomically;

/// A corpus being written. Unless it is finished, it goes away with its folder.
pub(super) struct Unfinished {
    /// Begins with a dot, so that what an interruption leaves is not taken for a corpus.
    around: TempDir,
    corpus: PathBuf,
    info: CorpusInfo,
}

impl Unfinished {
    /// Begins a corpus that is to stand in the folder `data`.
    pub(super) fn new(data: &Path, info: CorpusInfo) -> Result<Self> {
        let cannot = || format!("cannot create a folder in {}", data.display());
        let prefix = format!(".{}-", info.name);
        let around = tempfile::Builder::new().prefix(&prefix).tempdir_in(data).with_context(cannot)?;
        // Only the folder around it is closed to others.
        let corpus = around.path().join("corpus");
        fs::create_dir(&corpus).with_context(cannot)?;
        Ok(Self { around, corpus, info })
    }

    /// Writes the splits: what is held out, and of the rest what shares nothing with it.
    pub(super) fn write(
        &mut self,
        held_out: &HeldOut,
        rows: &mut Clean<impl Iterator<Item = Result<Row>>>,
    ) -> Result<()> {
        let Self { info, corpus, .. } = self;
        for (split, rows) in [(Split::Valid, &held_out.valid), (Split::Test, &held_out.test)] {
            let mut files = Files::create(corpus, info, split)?;
            rows.iter().try_for_each(|row| files.write(row))?;
            files.finish()?;
        }
        info.counts.valid = held_out.valid.len();
        info.counts.test = held_out.test.len();

        let mut files = Files::create(corpus, info, Split::Train)?;
        for (index, row) in rows.by_ref().enumerate() {
            let row = row?;
            if held_out.contains(index) {
                continue;
            }
            if held_out.shares_a_side(&row) {
                info.dropped.shared_with_held_out += 1;
            } else {
                files.write(&row)?;
                info.counts.train += 1;
            }
        }
        info.dropped.empty = rows.empty;
        info.dropped.duplicates = rows.duplicates;
        files.finish()
    }

    /// Puts the corpus into its place. What was there goes away with the folder around the new one.
    pub(super) fn finish(self, place: &Path) -> Result<CorpusInfo> {
        let Self { around, corpus, info } = self;
        let others = match info.dropped.shared_with_held_out {
            1 => "the one other pair shares".to_owned(),
            count => format!("all the {count} other pairs share"),
        };
        ensure!(
            info.counts.train > 0,
            "nothing would be left to train on: {others} a side with a held-out one; hold out less with --valid and \
             --test"
        );
        let mut text = serde_json::to_string_pretty(&info)?;
        text.push('\n');
        write_atomically(&corpus.join(INFO), text.as_bytes())?;

        let cannot = || format!("cannot put the corpus into {}", place.display());
        let old = around.path().join("old");
        let replaces = place.symlink_metadata().is_ok();
        if replaces {
            fs::rename(place, &old).with_context(cannot)?;
        }
        let renamed = fs::rename(&corpus, place);
        if renamed.is_err() && replaces {
            fs::rename(&old, place).with_context(cannot)?;
        }
        renamed.with_context(cannot)?;
        Ok(info)
    }
}

/// The files of a split being written.
struct Files(Vec<(PathBuf, BufWriter<File>)>);

impl Files {
    fn create(folder: &Path, info: &CorpusInfo, split: Split) -> Result<Self> {
        let create = |name| {
            let path = folder.join(name);
            let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
            Ok((path, BufWriter::new(file)))
        };
        info.files(split).into_iter().map(create).collect::<Result<_>>().map(Self)
    }

    fn write(&mut self, row: &Row) -> Result<()> {
        for ((path, file), side) in self.0.iter_mut().zip(row) {
            writeln!(file, "{side}").with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    /// Writes what is still in memory, which happens unchecked if it is left to the end of the files' lives.
    fn finish(mut self) -> Result<()> {
        for (path, file) in &mut self.0 {
            file.flush().with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}
