//! Devices of other processes: who gets in, and what becomes of a run whose server doesn't answer any more.

mod door;
mod link;
mod lost;
#[cfg(target_os = "linux")]
mod machines;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use crate::common::{Program, TINY};

/// How long a test waits for what must happen in seconds, on a machine that has much else to do.
const LONG: Duration = Duration::from_secs(240);

/// A process that serves its device; killed in the end.
struct Server {
    process: Child,
    /// What to call its device.
    device: String,
    /// Where it listens: `HOST:PORT`.
    host: String,
}

impl Server {
    /// Starts one with the tests' token.
    fn start(program: &Program, more: &[&str]) -> Self {
        Self::spawn(program.command(&[&["serve-device", "--listen", "127.0.0.1:0"], more].concat()))
    }

    fn spawn(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        thread::spawn(move || said.lines().for_each(drop)); // or the pipe would fill
        let device = line.trim().rsplit(' ').next().unwrap().to_owned();
        let host = device.rsplit(['/', '@']).next().unwrap().to_owned();
        Self { process, device, host }
    }

    /// Sends it a signal.
    fn signal(&self, name: &str) {
        signal(&self.process, name);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends a signal to a process.
fn signal(process: &Child, name: &str) {
    let args = [format!("-{name}"), process.id().to_string()];
    assert!(Command::new("kill").args(args).status().unwrap().success());
}

/// Waits until something is so.
#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < LONG, "{what}: not within {LONG:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits for the end of a process, and returns what it said.
#[track_caller]
fn ended(mut process: Child) -> Output {
    let started = Instant::now();
    while process.try_wait().unwrap().is_none() {
        if started.elapsed() > LONG {
            process.kill().unwrap();
            panic!("it has not ended within {LONG:?}");
        }
        thread::sleep(Duration::from_millis(20));
    }
    process.wait_with_output().unwrap()
}

/// Arguments to learn the copy task with dropout on a device.
fn copy<'a>(out: &'a str, device: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let args = [&["copy", "--out", out, "--device", device, "--dropout", "0.1"], &TINY[..], more];
    args.concat()
}

/// Waits for a checkpoint after the first.
#[track_caller]
fn until_saved(process: &mut Child, run: &Path) {
    let is_saved = || {
        let all = std::fs::read_dir(run.join("checkpoints")).into_iter().flatten().flatten();
        all.filter_map(|entry| entry.file_name().into_string().ok())
            .any(|name| name.starts_with("step-") && name != "step-0")
    };
    until("a checkpoint", || {
        assert!(process.try_wait().unwrap().is_none(), "it ended too early");
        is_saved()
    });
}
