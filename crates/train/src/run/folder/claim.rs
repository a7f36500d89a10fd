//! The beginning of a run: whose folder it is, and what goes before it comes.
//!
//! A run has begun when there is a `config.json`; from then on it can be resumed. An older run is gone when its
//! `config.json` has another name, and that file goes last. So whenever the program is killed, either `train resume` goes
//! on or the same command begins anew.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use super::{CHECKPOINTS, CONFIG, DATA, LOCK, METRICS, RunFolder, SETTINGS, TIMINGS, VOCABULARIES, WEIGHTS};
use crate::files::sums::{self, SUMS};
use crate::files::{self, UNFINISHED, make_folders};
use crate::run::checkpoint::Checkpoint;
use crate::run::config::RunConfig;
use crate::run::written;

/// What `config.json` is called while its run is cleared away.
pub(super) const CLEARED: &str = ".cleared.json";

impl RunFolder {
    /// Makes a folder for a new run. An older run is replaced only if `replace` is set, and nothing but a run ever is.
    ///
    /// # Errors
    ///
    /// If the configuration is invalid, the folder is in use, or can't be written.
    pub fn create(path: &Path, config: &RunConfig, replace: bool) -> Result<Self> {
        config.validate()?;
        let folder = Self::claim(path, replace)?;
        folder.begin(config, None, || Ok(()))?;
        Ok(folder)
    }

    /// Locks a folder for a new run, which is to [begin](RunFolder::begin) then. An older run is still there.
    ///
    /// # Errors
    ///
    /// If the folder is in use, or can't be written.
    pub(crate) fn claim(path: &Path, replace: bool) -> Result<Self> {
        let (folder, shown) = (Self::at(path), path.display());
        let foreign =
            || format!("{shown} is not empty and holds no run; give --out FOLDER with another folder");
        // In this order: it may be that another process is just beginning.
        ensure!(folder.is_empty()? || folder.is_ours(), foreign());
        make_folders(path).with_context(|| format!("cannot create the folder {shown}"))?;
        let folder = folder.locked()?;
        ensure!(folder.file(CONFIG).exists() || folder.is_free()?, foreign());
        let is_resumable = !Checkpoint::list(&folder.checkpoints())?.is_empty();
        let resume =
            if is_resumable { format!("`train resume {shown}` to go on with it, ") } else { String::new() };
        ensure!(
            replace || !folder.holds_run()?,
            "{shown} already holds a run; use {resume}--force to replace it, or --out FOLDER to keep both"
        );
        Ok(folder)
    }

    fn is_empty(&self) -> Result<bool> {
        if !self.path.is_dir() {
            return Ok(true);
        }
        let entries = fs::read_dir(&self.path);
        let mut entries =
            entries.with_context(|| format!("cannot read the folder {}", self.path.display()))?;
        Ok(entries.next().is_none())
    }

    /// Whether a run has begun here, or was about to.
    fn is_ours(&self) -> bool {
        [LOCK, CONFIG, CLEARED].iter().any(|name| self.file(name).exists())
    }

    /// Makes sure that no other process trains here for as long as this is kept, and tidies up after those that were
    /// killed.
    ///
    /// # Errors
    ///
    /// If one does, or the folder can't be written.
    pub(crate) fn locked(mut self) -> Result<Self> {
        let path = self.file(LOCK);
        let context = || format!("cannot write {}", path.display());
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.with_context(context)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("{}", self.in_use()),
            Err(TryLockError::Error(error)) => return Err(error).with_context(context),
        }
        self._lock = Some(file);
        if self.file(CONFIG).exists() {
            self.tidy();
        }
        Ok(self)
    }

    /// Makes sure that no other process trains here just now. Nothing is written, and nobody is kept from it.
    ///
    /// # Errors
    ///
    /// If one does.
    pub(crate) fn check_unused(&self) -> Result<()> {
        let is_used = File::open(self.file(LOCK))
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)));
        ensure!(!is_used, "{}", self.in_use());
        Ok(())
    }

    fn in_use(&self) -> String {
        format!("another process is training in {}; wait for it, or stop it first", self.path.display())
    }

    /// Removes what was left unfinished.
    fn tidy(&self) {
        files::tidy(&self.path);
        sums::tidy(&self.path);
        files::tidy(&self.file(DATA));
        Checkpoint::tidy(&self.checkpoints());
    }

    /// Begins the run in a folder that was claimed: clears away what was there and writes the configuration. `prepare`
    /// is for what can still be wrong with it, though it takes long to find out.
    ///
    /// An older run is there until `prepare` has succeeded. Where there is none, the configuration is written first, so
    /// that the new run can be resumed from its first moment on; if `prepare` fails, it is taken back.
    ///
    /// # Errors
    ///
    /// If `prepare` fails, or the folder can't be written.
    pub(crate) fn begin<T>(
        &self,
        config: &RunConfig,
        settings: Option<&str>,
        prepare: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let write = || {
            self.clear()?;
            sums::begin(&self.path)?;
            settings.map_or(Ok(()), |text| self.write(SETTINGS, text.as_bytes()))?;
            self.write_config(config)
        };
        if self.holds_run()? {
            let prepared = prepare()?;
            write()?;
            return Ok(prepared);
        }
        write()?;
        prepare().inspect_err(|_| {
            let _ = self.clear(); // The error is what matters; the next run clears up again.
        })
    }

    /// Whether training has got anywhere here.
    ///
    /// # Errors
    ///
    /// If the folder can't be read.
    pub(crate) fn holds_results(&self) -> Result<bool> {
        let files = [WEIGHTS, METRICS];
        Ok(files.iter().any(|name| self.file(name).exists())
            || !Checkpoint::list(&self.checkpoints())?.is_empty())
    }

    /// Whether there is a run that would be a loss.
    fn holds_run(&self) -> Result<bool> {
        Ok(self.file(CONFIG).exists() && self.holds_results()?)
    }

    /// Whether there is nothing in the folder but what a run has left that had hardly begun, or was being cleared away.
    fn is_free(&self) -> Result<bool> {
        if self.file(CLEARED).exists() {
            return Ok(true);
        }
        let is_left = |name: &OsStr| {
            let mut names = [LOCK, SETTINGS, SUMS, DATA, CHECKPOINTS].into_iter().chain(VOCABULARIES);
            names.any(|left| name == left) || name.to_string_lossy().starts_with(UNFINISHED)
        };
        let cannot_read = || format!("cannot read the folder {}", self.path.display());
        for entry in fs::read_dir(&self.path).with_context(cannot_read)? {
            if !is_left(&entry.with_context(cannot_read)?.file_name()) {
                return Ok(false);
            }
        }
        Ok(!self.holds_results()?)
    }

    /// A folder where a command was killed before there was anything to go on with.
    pub(super) fn refuse_if_nothing_is_begun(self) -> Result<()> {
        let is_begun = self.file(CONFIG).exists() || !self.file(LOCK).exists();
        if is_begun || !self.is_free()? {
            return Ok(());
        }
        let folder = self.locked()?; // Or another process is just about to begin.
        bail!(
            "nothing was begun in {} yet, so there is nothing to go on with; start the same command again (it needs no \
             --force)",
            folder.path.display()
        )
    }

    /// Removes the files of a run, and only those.
    fn clear(&self) -> Result<()> {
        let cannot_remove = |path: &Path| format!("cannot remove {}", path.display());
        self.tidy();
        let (config, cleared) = (self.file(CONFIG), self.file(CLEARED));
        if config.exists() {
            fs::rename(&config, &cleared).with_context(|| cannot_remove(&config))?;
        }
        for path in [CHECKPOINTS, DATA].map(|name| self.file(name)).iter().filter(|path| path.is_dir()) {
            fs::remove_dir_all(path).with_context(|| cannot_remove(path))?;
        }
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| written::is_beside(&entry.file_name().to_string_lossy())) {
            fs::remove_file(entry.path()).with_context(|| cannot_remove(&entry.path()))?;
        }
        let files =
            [WEIGHTS, METRICS, TIMINGS, SETTINGS, SUMS].into_iter().chain(VOCABULARIES).chain([CLEARED]);
        for path in files.map(|name| self.file(name)).filter(|path| path.exists()) {
            fs::remove_file(&path).with_context(|| cannot_remove(&path))?;
        }
        Ok(())
    }
}
