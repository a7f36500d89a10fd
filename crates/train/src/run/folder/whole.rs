//! A run that replaces another in one step: whoever is killed meanwhile leaves the old one or the new one.
//!
//! Training can't do that, for it takes long and what it has done is to be seen. A run that is only written down can: it
//! is made beside the old one, and takes its place when it is whole. What else people keep in the folder stays there.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::claim::CLEARED;
use super::{CHECKPOINTS, CONFIG, DATA, LOCK, METRICS, RunFolder, SETTINGS, TIMINGS, VOCABULARIES, WEIGHTS};
use crate::files::beside::{Beside, tidy};
use crate::files::sums::SUMS;
use crate::files::{UNFINISHED, sync_folder};
use crate::run::config::RunConfig;

impl RunFolder {
    /// Makes a run that `write` writes down, all but its configuration. An older run is replaced only if `replace` is
    /// set, and it is there until the new one is whole.
    ///
    /// # Errors
    ///
    /// If the configuration is invalid, the folder is in use, or can't be written. Then an older run is there still.
    pub(crate) fn create_whole(
        path: &Path,
        config: &RunConfig,
        replace: bool,
        write: impl FnOnce(&Self) -> Result<()>,
    ) -> Result<Self> {
        config.validate()?;
        tidy_beside(path);
        let claimed = Self::claim(path, replace)?;
        if !claimed.file(CONFIG).exists() {
            claimed.begin(config, None, || Ok(()))?;
            write(&claimed)?;
            return Ok(claimed);
        }
        let cannot = || format!("cannot find out where {} is", path.display());
        let place = path.canonicalize().with_context(cannot)?;
        let present = std::env::current_dir().and_then(|folder| folder.canonicalize());
        ensure!(
            !present.is_ok_and(|present| present.starts_with(&place)),
            "{} is a folder that you are in, so it can't be replaced; go to another one, and name it from there",
            path.display()
        );
        let beside = Beside::begin(&place, is_run)?;
        let new = Self::create(&beside.new_folder(), config, false)?;
        write(&new)?;
        keep_others(&place, &beside.new_folder())
            .with_context(|| format!("cannot keep what is in {} besides the run", path.display()))?;
        beside.put(|| Ok(()))?;
        Ok(Self { path: path.to_owned(), _lock: new._lock })
    }
}

/// Removes what is left beside a run folder of processes that were killed, and puts back what they had moved away.
pub(super) fn tidy_beside(path: &Path) {
    tidy(path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")), is_run);
}

fn is_run(folder: &Path) -> bool {
    folder.join(CONFIG).is_file()
}

/// Whether something of this name is part of a run, and goes away with it.
fn is_part(name: &OsStr) -> bool {
    let mut files = [LOCK, CONFIG, CLEARED, SETTINGS, WEIGHTS, METRICS, TIMINGS, CHECKPOINTS, DATA, SUMS]
        .into_iter()
        .chain(VOCABULARIES);
    files.any(|file| name == file) || name.to_string_lossy().starts_with(UNFINISHED)
}

/// What is in a run folder besides the run is in the new folder, too.
fn keep_others(old: &Path, new: &Path) -> io::Result<()> {
    for entry in fs::read_dir(old)? {
        let entry = entry?;
        let kept = new.join(entry.file_name());
        if !is_part(&entry.file_name()) && kept.symlink_metadata().is_err() {
            link(&entry.path(), &kept)?;
        }
    }
    Ok(())
}

/// Gives a file a second name, or a folder a copy with all its files.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    let data = from.symlink_metadata()?;
    if data.is_dir() {
        fs::create_dir(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            link(&entry.path(), &to.join(entry.file_name()))?;
        }
        fs::set_permissions(to, data.permissions())?;
        return sync_folder(to);
    }
    if data.is_symlink() {
        return link_again(from, to);
    }
    // Not every disk knows files of two names.
    fs::hard_link(from, to)
        .or_else(|_| fs::copy(from, to).map(drop).and_then(|()| fs::File::open(to)?.sync_all()))
}

#[cfg(unix)]
fn link_again(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(fs::read_link(from)?, to)
}

#[cfg(not(unix))]
fn link_again(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to).map(drop)
}
