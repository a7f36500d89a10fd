//! One format, in a program of its own.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::damage::Damage;
use super::doorways::{doorway, files};
use super::{corpus, last};

/// Thinking about one file may take this many seconds.
const LONG: u64 = 10;
/// Memory that may be used, in kibibytes.
const MUCH: u64 = 1 << 20;

#[test]
#[ignore = "the tests beside it run it, each in a program of its own"]
fn one_format() {
    let Ok(format) = std::env::var("THROWN_AT") else { return };
    let count: u64 = std::env::var("THROWN").unwrap().parse().unwrap();
    let (folder, enter) = (corpus(&format), doorway(&format));
    watch();
    let throw = |bytes: &[u8]| {
        fs::write(last(&format), bytes).unwrap();
        STARTED.store(now(), Ordering::Relaxed);
        let accepted = catch_unwind(AssertUnwindSafe(|| enter(bytes)));
        STARTED.store(0, Ordering::Relaxed);
        // The panic has said what it is, and the file is there.
        accepted.unwrap_or_else(|_| process::exit(1))
    };
    let whole = files(&folder);
    for (name, bytes) in &whole {
        assert_eq!(throw(bytes), !name.starts_with("bad"), "{name}: accepted, and should it be?");
    }
    let whole: Vec<Vec<u8>> = whole.into_iter().map(|(_, bytes)| bytes).collect();
    let accepted = (0..count).filter(|&number| throw(&Damage::new(number).done(&whole))).count();
    let used = used();
    println!("{format}: {count} damaged files, {accepted} of them accepted, {} MiB at most", used >> 10);
    assert!(used < MUCH, "{used} KiB were used");
    fs::remove_file(last(&format)).unwrap();
}

/// When the file that is thought about came in, in milliseconds; 0 if there is none.
static STARTED: AtomicU64 = AtomicU64::new(0);

fn now() -> u64 {
    static BEGINNING: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    1 + BEGINNING.get_or_init(Instant::now).elapsed().as_millis() as u64
}

/// Ends the program when a file takes too long.
fn watch() {
    thread::spawn(|| {
        loop {
            thread::sleep(Duration::from_millis(200));
            let started = STARTED.load(Ordering::Relaxed);
            if started > 0 && now() > started + 1000 * LONG {
                eprintln!("a file is thought about for more than {LONG} s");
                process::exit(1);
            }
        }
    });
}

/// The most memory that was in use, in kibibytes.
fn used() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
