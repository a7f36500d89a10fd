//! Tasks that are killed leave nothing half done where it would be committed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use crate::rooms::source::root;

/// `xtask diagrams` in a workspace that is elsewhere, in a program that may change what the system answers.
fn diagrams(folder: &Path, program: &[&str]) -> Output {
    let words = [program, &[env!("CARGO_BIN_EXE_xtask"), "diagrams"]].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env("CARGO_MANIFEST_DIR", folder.join("xtask"));
    command.output().unwrap()
}

fn content(folder: &Path) -> BTreeMap<OsString, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap())).collect()
}

/// Whether there is strace, which kills at a call of the system. Where CI is set there has to be.
fn can_kill() -> bool {
    let there = Command::new("strace").arg("-V").output().is_ok();
    assert!(
        there || std::env::var_os("CI").is_none(),
        "no strace on PATH; `apt-get install strace` brings it"
    );
    if !there {
        println!("SKIPPED: no strace on PATH");
    }
    there
}

/// The project with nothing drawn yet, in a folder of its own.
fn without_diagrams() -> tempfile::TempDir {
    let project = tempfile::tempdir().unwrap();
    for name in ["crates", "docs", "models"] {
        symlink(root().join(name), project.path().join(name)).unwrap();
    }
    project
}

#[test]
fn diagrams_are_old_or_new_and_nothing_else_is_among_them() {
    if !can_kill() {
        return;
    }
    let project = without_diagrams();
    let folder = project.path();
    let (drawn, unfinished) = (folder.join("diagrams"), folder.join("target/unfinished"));
    fs::create_dir(&drawn).unwrap();
    let wanted = content(&root().join("diagrams"));
    wanted.iter().for_each(|(name, bytes)| fs::write(drawn.join(name), bytes).unwrap());
    let changed = ["encoder-layer.svg", "encoder-layer.html", "decoder-layer.svg"];
    let stale = |drawn: &Path| changed.iter().for_each(|name| fs::write(drawn.join(name), "old").unwrap());

    // Each file is moved into its place, and just before that there is one half done.
    for at in 1..=changed.len() {
        stale(&drawn);
        let inject = format!("inject=?rename,?renameat,?renameat2:signal=KILL:when={at}");
        let killed = diagrams(folder, &["strace", "-f", "-qq", "-o", "/dev/null", "-e", &inject]);
        let message = String::from_utf8_lossy(&killed.stderr);
        assert!(!killed.status.success(), "nothing was renamed for the {at}th time: {message}");
        let found = content(&drawn);
        assert!(found.keys().eq(wanted.keys()), "{:?} in diagrams/, killed at {at}", found.keys());
        let new = found.iter().filter(|(name, bytes)| wanted[*name] == **bytes).count();
        assert_eq!(new, wanted.len() - changed.len() + at - 1, "killed at {at}");
        assert!(found.values().all(|bytes| bytes == b"old" || wanted.values().any(|new| new == bytes)));
        assert_eq!(fs::read_dir(&unfinished).unwrap().count(), 2, "a lock and a file, killed at {at}");
    }
    let done = diagrams(folder, &["env"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(content(&drawn), wanted);
    assert_eq!(fs::read_dir(&unfinished).unwrap().count(), 1, "what the killed ones left is gone");
}

/// Where `target` is on another disk, a file can't be moved from there.
#[test]
fn diagrams_are_written_from_another_disk_too() {
    if !can_kill() {
        return;
    }
    let project = without_diagrams();
    let folder = project.path();
    let inject = "inject=?rename,?renameat,?renameat2:error=EXDEV:when=1+2";
    let done = diagrams(folder, &["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(content(&folder.join("diagrams")), content(&root().join("diagrams")));
}
