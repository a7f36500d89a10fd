//! Writing a corpus whole: beside its place first, then moved there.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::clean::Clean;
use super::overlap::{self, Overlap};
use super::read::Row;
use super::split::HeldOut;
use super::{CorpusInfo, INFO, Split};
use crate::files::beside::Beside;
use crate::files::write_atomically;

/// A corpus being written. Unless it is finished, it goes away.
pub(super) struct Unfinished {
    beside: Beside,
    corpus: PathBuf,
    info: CorpusInfo,
}

impl Unfinished {
    /// Begins a corpus that is to stand where `beside` puts it.
    pub(super) fn new(beside: Beside, info: CorpusInfo) -> Self {
        Self { corpus: beside.new_folder(), beside, info }
    }

    /// Writes the splits: what is held out, and of the rest what shares nothing with it, unless that is kept. Returns
    /// what to say of what is held out and trained on as well.
    pub(super) fn write(
        &mut self,
        held_out: &HeldOut,
        rows: &mut Clean<impl Iterator<Item = Result<Row>>>,
        keep_shared: bool,
    ) -> Result<Vec<String>> {
        let Self { info, corpus, .. } = self;
        let splits = [(Split::Valid, &held_out.valid), (Split::Test, &held_out.test)];
        let mut overlap = Overlap::default();
        for (split, rows) in splits {
            rows.iter().for_each(|row| overlap.hold_out(row));
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
            overlap.train(&row);
            if held_out.shares_a_side(&row) && !keep_shared {
                info.dropped.shared_with_held_out += 1;
            } else {
                files.write(&row)?;
                info.counts.train += 1;
            }
        }
        info.dropped.empty += rows.empty;
        info.dropped.duplicates = rows.duplicates;
        files.finish()?;
        let said = splits.into_iter().filter(|_| keep_shared).filter_map(|(split, rows)| {
            overlap::described(info.kind, split, overlap.count(rows), rows.len())
        });
        Ok(said.collect())
    }

    /// Puts the corpus into its place, if `check` finds that it still may. What was there goes away.
    pub(super) fn finish(self, check: impl FnOnce() -> Result<()>) -> Result<CorpusInfo> {
        let Self { beside, corpus, info } = self;
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
        beside.put(check)?;
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

    /// Writes what is still in memory, which happens unchecked if it is left to the end of the files' lives. When this
    /// returns, all of it is on the disk.
    fn finish(mut self) -> Result<()> {
        for (path, file) in &mut self.0 {
            let written = file.flush().and_then(|()| file.get_ref().sync_all());
            written.with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}
