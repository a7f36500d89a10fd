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
use crate::checkpoint::Checkpoint;
use crate::files::{self, UNFINISHED};
use crate::run_config::RunConfig;
use crate::settings::Settings;

/// What `config.json` is called while its run is cleared away.
const CLEARED: &str = ".cleared.json";

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
    pub fn claim(path: &Path, replace: bool) -> Result<Self> {
        let (folder, shown) = (Self::at(path), path.display());
        let foreign =
            || format!("{shown} is not empty and holds no run; give --out FOLDER with another folder");
        // In this order: it may be that another process is just beginning.
        ensure!(folder.is_empty()? || folder.is_ours(), foreign());
        fs::create_dir_all(path).with_context(|| format!("cannot create the folder {shown}"))?;
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
    pub fn locked(mut self) -> Result<Self> {
        let path = self.file(LOCK);
        let context = || format!("cannot write {}", path.display());
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.with_context(context)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another process is training in {}; wait for it, or stop it first", self.path.display())
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(context),
        }
        self._lock = Some(file);
        if self.file(CONFIG).exists() {
            self.tidy();
        }
        Ok(self)
    }

    /// Removes what was left unfinished.
    fn tidy(&self) {
        files::tidy(&self.path);
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
    pub fn begin<T>(
        &self,
        config: &RunConfig,
        settings: Option<&Settings>,
        prepare: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let write = || {
            self.clear()?;
            settings.map_or(Ok(()), |settings| settings.save(&self.file(SETTINGS)))?;
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
    pub fn holds_results(&self) -> Result<bool> {
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
            let mut names = [LOCK, SETTINGS, DATA, CHECKPOINTS].into_iter().chain(VOCABULARIES);
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
        let files = [WEIGHTS, METRICS, TIMINGS, SETTINGS].into_iter().chain(VOCABULARIES).chain([CLEARED]);
        for path in files.map(|name| self.file(name)).filter(|path| path.exists()) {
            fs::remove_file(&path).with_context(|| cannot_remove(&path))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;
    use model::TransformerConfig;

    use super::*;
    use crate::copy::CopyTask;
    use crate::run_config::{ModelConfig, Task, Versions};

    fn config() -> RunConfig {
        let sizes =
            TransformerConfig { n_layers: 1, d_model: 4, d_ff: 6, n_heads: 2, ..TransformerConfig::tiny(7) };
        RunConfig {
            model: ModelConfig::Transformer(sizes),
            task: Task::Copy(CopyTask { vocab: 7, length: 5 }),
            bos: 1,
            eos: None,
            training: None,
            device: None,
            versions: Versions::current(),
        }
    }

    fn names(path: &Path) -> Vec<String> {
        let names = fs::read_dir(path).unwrap();
        let mut names: Vec<_> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn only_a_run_is_replaced_and_only_when_asked() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        drop(RunFolder::create(&path, &config(), false).unwrap());
        fs::create_dir_all(path.join("checkpoints/step-7")).unwrap();
        fs::write(path.join("notes.txt"), "mine").unwrap();
        let message = RunFolder::create(&path, &config(), false).unwrap_err().to_string();
        assert!(message.contains("already holds a run") && message.contains("--force"), "{message}");
        drop(RunFolder::create(&path, &config(), true).unwrap());
        assert_eq!(names(&path), [".lock", "config.json", "notes.txt"]);
        fs::remove_file(path.join(CONFIG)).unwrap();
        let message = RunFolder::create(&path, &config(), true).unwrap_err().to_string();
        assert!(message.contains("holds no run"), "{message}");
    }

    #[test]
    fn a_second_process_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("run");
        let folder = RunFolder::claim(&path, false).unwrap();
        let refused = |result: Result<RunFolder>| {
            let message = result.unwrap_err().to_string();
            assert!(message.contains("another process is training in"), "{message}");
        };
        refused(RunFolder::claim(&path, true));
        refused(RunFolder::open_to_resume(&path));
        folder.begin(&config(), None, || Ok(())).unwrap();
        refused(RunFolder::claim(&path, true));
        refused(RunFolder::open_to_resume(&path).unwrap().locked());
        drop(folder);
        RunFolder::open_to_resume(&path).unwrap().locked().unwrap();
    }

    #[test]
    fn what_a_killed_beginning_left_is_taken_and_cleared() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("run");
        for has_config in [false, true] {
            fs::create_dir_all(path.join("data/more")).unwrap();
            fs::create_dir_all(path.join("checkpoints/.step-0")).unwrap();
            for name in [".lock", ".tmpabc", "settings.toml", "tokenizer.json"] {
                fs::write(path.join(name), "").unwrap();
            }
            if has_config {
                fs::write(path.join(CONFIG), "").unwrap();
            } else {
                let message = RunFolder::open_to_resume(&path).unwrap_err().to_string();
                assert!(
                    message.contains("nothing was begun") && message.contains("same command"),
                    "{message}"
                );
            }
            drop(RunFolder::create(&path, &config(), false).unwrap());
            assert_eq!(names(&path), [".lock", "config.json"]);
            fs::remove_file(path.join(CONFIG)).unwrap();
        }
        // Results are never taken for that.
        fs::create_dir_all(path.join("checkpoints/step-3")).unwrap();
        let message = RunFolder::claim(&path, true).unwrap_err().to_string();
        assert!(message.contains("not empty and holds no run"), "{message}");
    }

    #[test]
    fn a_run_that_was_being_cleared_away_is_gone_and_its_folder_free() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("run");
        drop(RunFolder::create(&path, &config(), false).unwrap());
        fs::rename(path.join(CONFIG), path.join(CLEARED)).unwrap();
        fs::create_dir_all(path.join("checkpoints/step-3")).unwrap();
        fs::write(path.join(WEIGHTS), "").unwrap();
        let message = RunFolder::open_to_resume(&path).unwrap_err().to_string();
        assert!(message.contains("nothing was begun"), "{message}");
        drop(RunFolder::create(&path, &config(), false).unwrap());
        assert_eq!(names(&path), [".lock", "config.json"]);
    }

    #[test]
    fn an_older_run_is_there_until_the_new_one_is_known_to_be_right() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("run");
        let begin = |is_right: bool| {
            let folder = RunFolder::claim(&path, true).unwrap();
            folder.begin(&config(), Some(&Settings::default()), || {
                if is_right { Ok(()) } else { Err(anyhow!("too many pieces")) }
            })
        };
        assert_eq!(begin(false).unwrap_err().to_string(), "too many pieces");
        assert_eq!(names(&path), [".lock"], "a new one is taken back");
        begin(true).unwrap();
        fs::write(path.join(WEIGHTS), "of much work").unwrap();
        begin(false).unwrap_err();
        assert_eq!(names(&path), [".lock", "config.json", "model.safetensors", "settings.toml"]);
        begin(true).unwrap();
        assert_eq!(names(&path), [".lock", "config.json", "settings.toml"]);
    }

    #[test]
    fn the_configuration_survives_the_round_trip() {
        let parent = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(&parent.path().join("run"), &config(), false).unwrap();
        assert_eq!(folder.config().unwrap(), config());
    }

    #[test]
    fn a_configuration_that_makes_no_sense_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let wrong = RunConfig { bos: 7, ..config() };
        let message = RunFolder::create(parent.path(), &wrong, false).unwrap_err().to_string();
        assert!(message.contains("bos = 7") && message.contains("below tgt_vocab = 7"), "{message}");
    }

    #[test]
    fn a_device_that_failed_is_named_with_the_way_on() {
        let parent = tempfile::tempdir().unwrap();
        let message = |device: &str| {
            let path = parent.path().join("run");
            let config = RunConfig { device: Some(device.to_owned()), ..config() };
            let folder = RunFolder::create(&path, &config, true).unwrap();
            fs::create_dir_all(folder.checkpoints().join("step-12")).unwrap();
            folder.device_failed("no answer").to_string()
        };
        let one = message("cuda:0");
        assert!(
            one.starts_with("the device cuda:0 has failed: no answer; the checkpoint of step 12"),
            "{one}"
        );
        assert!(one.ends_with("run --device flex"), "{one}");
        assert!(message("flex").ends_with("run"));
        let several = message("flex,remote:ws://there:3000");
        assert!(several.contains("(device 0 is flex, device 1 is remote:ws://there:3000)"), "{several}");
    }
}
