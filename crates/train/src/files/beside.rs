//! Making a folder whole before it is seen: beside its place first, then moved there.
//!
//! What is to come to `NAME` is made in a folder `.NAME-xxxxxx` beside it:
//!
//! | in it | |
//! |---|---|
//! | `.lock` | locked for as long as the process lives that makes it |
//! | `new` | what is to come |
//! | `old` | what was in its place, where two folders can't change places in one step |
//! | `input` | what was read from standard input |
//!
//! Whenever a process is killed, what was in the place is there, or what was to come is. What the process has left
//! beside it is told by its lock, which nobody has any more, and goes away with the next [`tidy`].

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::swap::{lock, swap};
use super::{folder_of, make_folders, sync_folder};

const LOCK: &str = ".lock";
const NEW: &str = "new";
const OLD: &str = "old";
const INPUT: &str = "input";
/// All that such a folder may hold. `corpus` was what older versions called [`NEW`].
const PARTS: [&str; 5] = [LOCK, NEW, OLD, INPUT, "corpus"];
/// What `tempfile` adds to a name.
const RANDOM: usize = 6;

/// Says whether a folder is whole, so that it can be put back.
pub(crate) type IsWhole = fn(&Path) -> bool;

/// A folder that is being made beside its place. Unless it is put there, it goes away, and nothing is left.
pub(crate) struct Beside {
    /// None only while this is dropped.
    around: Option<TempDir>,
    place: PathBuf,
    /// Says that this process lives.
    _alive: File,
    /// Folders that were made for the place to be in, outermost first.
    made: Vec<PathBuf>,
}

impl Beside {
    /// Begins to make what is to come into `place`, and tidies up there.
    ///
    /// # Errors
    ///
    /// If another process is about to put something there, or nothing can be written.
    pub(crate) fn begin(place: &Path, is_whole: IsWhole) -> Result<Self> {
        let parent = folder_of(place);
        let name = place.file_name().with_context(|| format!("{} has no name", place.display()))?;
        let made =
            make_folders(parent).with_context(|| format!("cannot create the folder {}", parent.display()))?;
        let begin = || -> Result<(TempDir, File)> {
            let cannot = || format!("cannot create a folder in {}", parent.display());
            let _lock = lock(parent);
            if let Some(other) =
                tidied(parent, is_whole).into_iter().find(|path| place_of(path) == Some(name))
            {
                bail!(
                    "another process is making {} just now (in {}); wait for it, or choose another name",
                    place.display(),
                    other.display()
                );
            }
            let prefix = format!(".{}-", name.to_string_lossy());
            let mut around = tempfile::Builder::new();
            let around = around.prefix(&prefix).rand_bytes(RANDOM).tempdir_in(parent).with_context(cannot)?;
            let alive = File::create(around.path().join(LOCK)).with_context(cannot)?;
            // On a disk where nothing can be locked, nothing is told apart and nothing is tidied.
            let _ = alive.try_lock();
            fs::create_dir(around.path().join(NEW)).with_context(cannot)?;
            Ok((around, alive))
        };
        match begin() {
            Ok((around, alive)) => {
                Ok(Self { around: Some(around), place: place.to_owned(), _alive: alive, made })
            }
            Err(error) => {
                remove_empty(&made);
                Err(error)
            }
        }
    }

    fn around(&self) -> &Path {
        self.around.as_ref().map_or(Path::new(""), TempDir::path)
    }

    /// Where to make it.
    #[must_use]
    pub(crate) fn new_folder(&self) -> PathBuf {
        self.around().join(NEW)
    }

    /// Where to keep what is read once and needed twice.
    #[must_use]
    pub(crate) fn input(&self) -> PathBuf {
        self.around().join(INPUT)
    }

    /// Puts it into its place, if `check` finds that it still may. Its files must be on the disk already. What was there
    /// goes away.
    ///
    /// # Errors
    ///
    /// If `check` fails, or it can't be moved. Then what was there is there.
    pub(crate) fn put(self, check: impl FnOnce() -> Result<()>) -> Result<()> {
        let parent = folder_of(&self.place);
        let _lock = lock(parent);
        check()?;
        let new = self.new_folder();
        let put = || -> io::Result<()> {
            sync_folder(&new)?;
            sync_folder(self.around())?;
            swap(&new, &self.place, &self.around().join(OLD))?;
            sync_folder(parent)?;
            sync_folder(self.around())
        };
        put().with_context(|| format!("cannot put the new folder into {}", self.place.display()))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let Some(around) = self.around.take() else { return };
        if is_moved_away(around.path(), &self.place) {
            let _ = around.keep(); // It can't be put back now; the next one to tidy up may.
            return;
        }
        drop(around);
        remove_empty(&self.made);
    }
}

/// Removes what processes that were killed have left in a folder, and puts back what they had moved away. Those of
/// living ones stay.
pub(crate) fn tidy(folder: &Path, is_whole: IsWhole) {
    if leftovers(folder).next().is_some() {
        let _lock = lock(folder);
        tidied(folder, is_whole);
    }
}

/// The same for who has locked the folder. Returns those of living processes.
fn tidied(folder: &Path, is_whole: IsWhole) -> Vec<PathBuf> {
    leftovers(folder).filter(|path| !is_removed(path, is_whole)).collect()
}

/// What may have been left in a folder: it has the name and holds nothing else.
fn leftovers(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let is_ours = |path: &PathBuf| {
        let is_part = |entry: io::Result<fs::DirEntry>| {
            entry.is_ok_and(|entry| PARTS.iter().any(|part| entry.file_name() == *part))
        };
        path.symlink_metadata().is_ok_and(|data| data.is_dir())
            && fs::read_dir(path).is_ok_and(|mut entries| entries.all(is_part))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| place_of(path).is_some()).filter(is_ours)
}

/// Whether a folder has such a name: what is in it isn't there yet, or no more.
#[must_use]
pub(crate) fn is_beside(path: &Path) -> bool {
    place_of(path).is_some()
}

/// The name of the place that a folder was made beside.
fn place_of(path: &Path) -> Option<&OsStr> {
    let name = path.file_name()?.to_str()?;
    let (place, random) = name.strip_prefix('.')?.rsplit_once('-')?;
    let is_random = random.len() == RANDOM && random.chars().all(|c| c.is_ascii_alphanumeric());
    (is_random && !place.is_empty()).then_some(OsStr::new(place))
}

/// Removes what a process has left, unless it lives.
fn is_removed(path: &Path, is_whole: IsWhole) -> bool {
    // Kept until the folder is gone.
    let _dead = match File::options().write(true).open(path.join(LOCK)) {
        Ok(file) if file.try_lock().is_ok() => Some(file),
        // Whoever makes such a folder locks it before anybody else may look.
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        _ => return false,
    };
    put_back(path, is_whole).is_ok() && fs::remove_dir_all(path).is_ok()
}

/// Puts back what was moved away for something new that never came.
fn put_back(path: &Path, is_whole: IsWhole) -> io::Result<()> {
    let Some(place) = place_of(path).map(|name| folder_of(path).join(name)) else { return Ok(()) };
    if !is_moved_away(path, &place) {
        return Ok(());
    }
    match [OLD, NEW, "corpus"].map(|name| path.join(name)).iter().find(|part| is_whole(part)) {
        Some(whole) => fs::rename(whole, &place).and_then(|()| sync_folder(folder_of(path))),
        None => Ok(()),
    }
}

/// Whether what was in a place is in the folder beside it instead.
fn is_moved_away(around: &Path, place: &Path) -> bool {
    around.join(OLD).exists() && place.symlink_metadata().is_err()
}

fn remove_empty(made: &[PathBuf]) {
    for path in made.iter().rev() {
        let _ = fs::remove_dir(path); // It stays if there is anything in it.
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_whole(folder: &Path) -> bool {
        folder.join("whole").exists()
    }

    fn make(folder: &Path, content: &str) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("whole"), content).unwrap();
    }

    fn begin(place: &Path) -> Result<Beside> {
        Beside::begin(place, is_whole)
    }

    fn content(folder: &Path) -> String {
        fs::read_to_string(folder.join("whole")).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_made_comes_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a/b/x");
        drop(begin(&place).unwrap());
        assert_eq!(names(folder.path()), [""; 0], "nor do the folders stay that were made for it");
        for text in ["1", "2"] {
            let beside = begin(&place).unwrap();
            make(&beside.new_folder(), text);
            beside.put(|| Ok(())).unwrap();
            assert_eq!(
                (content(&place), names(place.parent().unwrap())),
                (text.to_owned(), vec!["x".to_owned()])
            );
        }
        let beside = begin(&place).unwrap();
        make(&beside.new_folder(), "3");
        assert_eq!(beside.put(|| bail!("not now")).unwrap_err().to_string(), "not now");
        assert_eq!((content(&place), names(place.parent().unwrap())), ("2".to_owned(), vec!["x".to_owned()]));
    }

    #[test]
    fn of_two_for_one_place_the_second_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let [place, other] = ["x", "x-y"].map(|name| folder.path().join(name));
        let first = begin(&place).unwrap();
        let message = begin(&place).err().unwrap().to_string();
        assert!(message.contains("another process is making") && message.contains("x just now"), "{message}");
        drop(begin(&other).unwrap());
        drop(first);
        begin(&place).unwrap();
    }

    #[test]
    fn what_the_dead_have_left_goes_and_all_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let first = begin(&path("x")).unwrap();
        let living = first.around().file_name().unwrap().to_str().unwrap();
        let dead = [".x-abcdef/new", ".old-Abc123/corpus", ".x.y-000000", ".x-y-zzzzzz/new"];
        for name in dead {
            fs::create_dir_all(path(name)).unwrap();
        }
        fs::write(path(".x-abcdef/.lock"), "").unwrap();
        make(&path(".x-abcdef/new"), "1");
        let foreign = [".git", ".x-mine", ".x-abcdeg", "x-abcdef", ".-abcdef"];
        for name in foreign {
            make(&path(name), "mine");
        }
        fs::write(path(".x-abcdeh"), "a file").unwrap();
        tidy(folder.path(), is_whole);
        let mut expected: Vec<&str> = foreign.into_iter().chain([".x-abcdeh", living]).collect();
        expected.sort_unstable();
        assert_eq!(names(folder.path()), expected);
    }

    #[test]
    fn what_was_moved_away_is_put_back_if_it_is_whole_and_nothing_is_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for (name, old, new, expected) in [
            (".a-abcdef", "old", "new", Some("old")),
            (".b-abcdef", "", "new", Some("new")),
            (".c-abcdef", "", "", None),
        ] {
            for (part, text) in [(OLD, old), (NEW, new)] {
                fs::create_dir_all(path(name).join(part)).unwrap();
                if !text.is_empty() {
                    make(&path(name).join(part), text);
                }
            }
            tidy(folder.path(), is_whole);
            let place = path(&name[1..2]);
            assert_eq!(place.exists().then(|| content(&place)).as_deref(), expected);
        }
        make(&path(".a-abcdef").join(OLD), "older");
        make(&path(".d-abcdef").join(NEW), "never there");
        tidy(folder.path(), is_whole);
        assert_eq!(
            (content(&path("a")), names(folder.path())),
            ("old".to_owned(), vec!["a".to_owned(), "b".to_owned()])
        );
    }
}
