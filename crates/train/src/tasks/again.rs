//! What becomes of a run when a device of another process is lost: it ends with what to do, or goes on by itself.
//!
//! The thread that works is stuck inside Burn then, and nothing can wake it. So a run that goes on does it as a new
//! program in the place of this one: `train resume`, which begins with the last checkpoint.

use std::convert::Infallible;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Error, anyhow};

use crate::dashboard::{self, Display};
use crate::device::{DeviceName, Failed, heart};
use crate::run::folder::RunFolder;
use crate::words::counted;

/// How to go on with a run.
#[derive(Clone, Debug)]
pub(crate) struct Again {
    run: PathBuf,
    /// How often.
    left: u32,
    /// Its devices, with their tokens.
    devices: String,
    has_remote: bool,
    display: Display,
}

impl Again {
    /// To go on with a run up to `left` times.
    #[must_use]
    pub(crate) fn new(run: &Path, left: u32, names: &[DeviceName], display: Display) -> Self {
        let devices: Vec<String> = names.iter().map(DeviceName::with_token).collect();
        let has_remote = names.iter().any(DeviceName::is_remote);
        Self { run: run.to_owned(), left, devices: devices.join(","), has_remote, display }
    }

    /// Goes on from the last checkpoint after an error, if a device of another process may be the reason and there are
    /// tries left. Returns what is to be said otherwise.
    pub(super) fn after(&self, error: Error) -> Error {
        let mut args: Vec<OsString> = vec!["resume".into(), self.run.clone().into()];
        args.extend(["--device", &self.devices, "--timeout"].map(OsString::from));
        args.push(heart::patience().as_secs().to_string().into());
        if self.display == Display::Plain {
            args.push("--plain".into());
        }
        self.replace(args, error)
    }

    /// Gives the same command again, if a device of another process can't be reached and there are tries left. Returns
    /// what is to be said otherwise.
    pub(crate) fn the_same(&self, error: Error) -> Error {
        self.replace(without_retry(std::env::args_os().skip(1)), error)
    }

    fn replace(&self, mut args: Vec<OsString>, error: Error) -> Error {
        /// Two threads may learn of the loss.
        static IS_UNDER_WAY: AtomicBool = AtomicBool::new(false);

        let is_lost = self.has_remote && error.chain().any(|cause| cause.is::<Failed>());
        let Some(left) = self.left.checked_sub(1).filter(|_| is_lost && !heart::is_wished()) else {
            return error;
        };
        if IS_UNDER_WAY.swap(true, Ordering::SeqCst) {
            loop {
                thread::park();
            }
        }
        let pause = heart::patience();
        let seconds = counted(pause.as_secs() as usize, "second");
        let more = counted(left as usize, "more time");
        let _ =
            writeln!(io::stderr(), "warning: {error:#}; this is tried by itself in {seconds}, and {more}");
        if wait(pause).is_err() {
            return error;
        }
        args.extend(["--retry".into(), left.to_string().into()]);
        let Err(failure) = run_instead(args);
        anyhow!("{error:#}; it can't be tried by itself: {failure}")
    }
}

/// Arguments, but without those that say how often to try.
fn without_retry(mut args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut kept = Vec::new();
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy();
        if text == "--retry" {
            args.next();
        } else if !text.starts_with("--retry=") {
            kept.push(arg);
        }
    }
    kept
}

/// The user wants to end.
struct Wished;

/// Waits, unless the user wants to end.
fn wait(pause: Duration) -> Result<(), Wished> {
    let started = Instant::now();
    while started.elapsed() < pause {
        if heart::is_wished() {
            return Err(Wished);
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Runs this program anew in its own place.
#[cfg(unix)]
fn run_instead(args: Vec<OsString>) -> io::Result<Infallible> {
    use std::os::unix::process::CommandExt;
    io::stdout().flush()?;
    Err(std::process::Command::new(std::env::current_exe()?).args(args).exec())
}

/// Elsewhere no program can take the place of another, and the run would be locked for a second one.
#[cfg(not(unix))]
fn run_instead(_: Vec<OsString>) -> io::Result<Infallible> {
    Err(io::ErrorKind::Unsupported.into())
}

/// From now on, a lost device ends the program with what is to be said of a run, or the run goes on by itself.
pub(super) fn watch(folder: &RunFolder, again: Again) {
    let path = folder.path().to_owned();
    heart::on_lost(move |lost| {
        dashboard::restore();
        let failed = |folder: RunFolder| folder.device_failed(&lost.reason());
        let error = RunFolder::open_to_resume(&path).map_or_else(|error| error, failed);
        let (before, error) = match lost.is_wished {
            true => ("stopped", error),
            false => ("error", again.after(error)),
        };
        let _ = writeln!(io::stderr(), "{before}: {error:#}");
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_command_is_given_without_the_old_number_of_tries() {
        let kept = |args: &[&str]| without_retry(args.iter().map(OsString::from));
        for args in [&["resume", "--retry", "3", "run"][..], &["resume", "run", "--retry=3", "--retry", "2"]]
        {
            assert_eq!(kept(args), ["resume", "run"]);
        }
    }

    #[test]
    fn only_a_lost_device_of_another_process_is_tried_again() {
        let again = |left, device: &str| {
            Again::new(Path::new("run"), left, &[device.parse().unwrap()], Display::Plain)
        };
        let told = |again: Again, error: Error| again.after(error).to_string();
        let lost = || Error::new(Failed("lost".to_owned()));
        assert_eq!(told(again(3, "flex"), lost()), "lost", "it is no other process's");
        assert_eq!(told(again(3, "flex"), anyhow!("no space")), "no space");
        #[cfg(feature = "remote")]
        {
            assert_eq!(told(again(0, "remote:ws://here:1"), lost()), "lost", "it isn't asked for");
            assert_eq!(told(again(3, "remote:ws://here:1"), anyhow!("no space")), "no space");
        }
    }
}
