//! What a program asked the system to do to files, in order, as `strace` tells it.

use std::path::PathBuf;
use std::process::Command;

/// The calls that make, change, name or secure files. A program that uses another way is not understood.
const TRACED: &str = "open,openat,openat2,creat,close,dup,dup2,dup3,fcntl,lseek,write,pwrite64,writev,pwritev,pwritev2,\
    truncate,ftruncate,fallocate,copy_file_range,sendfile,splice,rename,renameat,renameat2,link,linkat,symlink,symlinkat,\
    unlink,unlinkat,mkdir,mkdirat,rmdir,chdir,fchdir,fsync,fdatasync,sync,syncfs,sync_file_range,msync";

/// A number of the system for an open file.
pub(super) type Descriptor = i64;

/// Something in a folder: below an open one, or below the one in which the program works.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) folder: Option<Descriptor>,
    pub(super) path: PathBuf,
}

/// One call that succeeded.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Call {
    Open { place: Place, creates: bool, truncates: bool, appends: bool, gives: Descriptor },
    Close(Descriptor),
    Duplicate { from: Descriptor, to: Descriptor },
    Seek { file: Descriptor, position: usize },
    Write { file: Descriptor, bytes: Vec<u8> },
    WriteAt { file: Descriptor, offset: usize, bytes: Vec<u8> },
    Copy { from: Descriptor, to: Descriptor, length: usize },
    Resize { file: Descriptor, length: usize },
    MakeFolder(Place),
    Remove(Place),
    Rename { from: Place, to: Place },
    Exchange { one: Place, other: Place },
    Link { from: Place, to: Place },
    Sync(Descriptor),
}

/// Whether the calls of a program can be listened to here.
///
/// # Panics
///
/// If they can't where `CI` is set: there, nothing may be left out unseen.
pub(super) fn can_trace() -> bool {
    let can = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .status()
        .is_ok_and(|status| status.success());
    assert!(can || std::env::var_os("CI").is_none(), "strace is needed: apt-get install strace");
    can
}

/// Makes a command one whose calls are written to `log`.
pub(super) fn traced(command: &Command, log: &std::path::Path) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-xx", "-s", "1000000000", "-e", "signal=none", "-e", TRACED, "-o"]).arg(log);
    strace.arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        strace.current_dir(folder);
    }
    strace
}

/// The calls in a log that succeeded, in the order in which they ended.
pub(super) fn calls(log: &str) -> Vec<Call> {
    let mut begun = std::collections::BTreeMap::new();
    let mut calls = Vec::new();
    for line in log.lines() {
        let (process, rest) = line.split_once(char::is_whitespace).expect("the process comes first");
        let rest = rest.trim_start();
        if let Some(beginning) = rest.strip_suffix("<unfinished ...>") {
            begun.insert(process, beginning.to_owned());
        } else if let Some(resumed) = rest.strip_prefix("<... ") {
            let (_, end) = resumed.split_once("resumed>").expect("how a call that was interrupted goes on");
            let beginning = begun.remove(process).expect("a call goes on that has begun");
            calls.extend(call(&(beginning.trim_end().to_owned() + end)));
        } else if !rest.starts_with("+++") && !rest.starts_with("---") {
            calls.extend(call(rest));
        }
    }
    calls
}

/// One call; None if it failed, or changed nothing.
fn call(line: &str) -> Option<Call> {
    let (call, result) = line.rsplit_once(" = ").unwrap_or_else(|| panic!("no result: {line}"));
    let (name, arguments) = call.trim_end().strip_suffix(')')?.split_once('(')?;
    let result: i64 = result.split_whitespace().next()?.parse().ok().or_else(|| hexadecimal(result))?;
    if result < 0 {
        return None;
    }
    let arguments: Vec<&str> = arguments.split(", ").collect();
    Some(understood(name, &arguments, result).unwrap_or_else(|| panic!("not understood: {}", head(line))))?
}

fn hexadecimal(result: &str) -> Option<i64> {
    let digits = result.split_whitespace().next()?.strip_prefix("0x")?;
    i64::from_str_radix(digits, 16).ok()
}

fn head(line: &str) -> String {
    line.chars().take(200).collect()
}

/// What a call does to files: None if that isn't known, Some(None) if nothing.
#[expect(clippy::option_option, reason = "the two are told apart at once")]
fn understood(name: &str, arguments: &[&str], result: i64) -> Option<Option<Call>> {
    let number = |n: usize| arguments.get(n)?.parse::<i64>().ok();
    let length = |n: usize| usize::try_from(number(n)?).ok();
    let here = |n: usize| Some(Place { folder: None, path: path(arguments.get(n)?)? });
    let there = |n: usize| {
        let folder = if *arguments.get(n)? == "AT_FDCWD" { None } else { Some(number(n)?) };
        Some(Place { folder, path: path(arguments.get(n + 1)?)? })
    };
    let written = |n: usize| Some(bytes(arguments.get(n)?)?.into_iter().take(result as usize).collect());
    let opened = |place: Place, flags: &str| Call::Open {
        place,
        creates: flags.contains("O_CREAT"),
        truncates: flags.contains("O_TRUNC"),
        appends: flags.contains("O_APPEND"),
        gives: result,
    };
    Some(Some(match name {
        "open" => opened(here(0)?, arguments.get(1)?),
        "openat" if !arguments.get(2)?.contains("O_TMPFILE") => opened(there(0)?, arguments.get(2)?),
        "close" => Call::Close(number(0)?),
        "dup" | "dup2" | "dup3" => Call::Duplicate { from: number(0)?, to: result },
        "fcntl" if arguments.get(1)?.starts_with("F_DUPFD") => {
            Call::Duplicate { from: number(0)?, to: result }
        }
        "fcntl" | "chdir" if name == "fcntl" => return Some(None),
        "lseek" => Call::Seek { file: number(0)?, position: result as usize },
        "write" => Call::Write { file: number(0)?, bytes: written(1)? },
        "pwrite64" => Call::WriteAt { file: number(0)?, offset: length(3)?, bytes: written(1)? },
        "copy_file_range" if arguments.get(1) == Some(&"NULL") && arguments.get(3) == Some(&"NULL") => {
            Call::Copy { from: number(0)?, to: number(2)?, length: result as usize }
        }
        "sendfile" if arguments.get(2) == Some(&"NULL") => {
            Call::Copy { from: number(1)?, to: number(0)?, length: result as usize }
        }
        "ftruncate" => Call::Resize { file: number(0)?, length: length(1)? },
        "mkdir" => Call::MakeFolder(here(0)?),
        "mkdirat" => Call::MakeFolder(there(0)?),
        "unlink" | "rmdir" => Call::Remove(here(0)?),
        "unlinkat" => Call::Remove(there(0)?),
        "rename" => Call::Rename { from: here(0)?, to: here(1)? },
        "renameat" => Call::Rename { from: there(0)?, to: there(2)? },
        "renameat2" if arguments.get(4)?.contains("EXCHANGE") => {
            Call::Exchange { one: there(0)?, other: there(2)? }
        }
        "renameat2" => Call::Rename { from: there(0)?, to: there(2)? },
        "link" => Call::Link { from: here(0)?, to: here(1)? },
        "linkat" if arguments.get(4) == Some(&"0") => Call::Link { from: there(0)?, to: there(2)? },
        "fsync" | "fdatasync" => Call::Sync(number(0)?),
        _ => return None,
    }))
}

fn path(quoted: &str) -> Option<PathBuf> {
    String::from_utf8(bytes(quoted)?).ok().map(PathBuf::from)
}

/// A string of which every byte is written as `\x6f`.
fn bytes(quoted: &str) -> Option<Vec<u8>> {
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let digits = inner.as_bytes().chunks(4).map(|byte| std::str::from_utf8(byte).ok()?.strip_prefix("\\x"));
    digits.map(|digits| u8::from_str_radix(digits?, 16).ok()).collect()
}

#[test]
fn calls_are_read_as_strace_writes_them() {
    let log = r#"21 openat(AT_FDCWD, "\x61\x2f\x62", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600) = 4
22 write(4, "\x68\x69\x21" <unfinished ...>
21 fcntl(4, F_GETFD)                 = 0x1 (flags FD_CLOEXEC)
21 mkdir("\x61", 0777)               = -1 EEXIST (File exists)
22 <... write resumed>, 3)           = 2
21 renameat2(AT_FDCWD, "\x61", 5, "\x62", RENAME_EXCHANGE) = 0
21 +++ exited with 0 +++
"#;
    let place = |folder, path: &str| Place { folder, path: path.into() };
    assert_eq!(
        calls(log),
        [
            Call::Open {
                place: place(None, "a/b"),
                creates: true,
                truncates: false,
                appends: false,
                gives: 4
            },
            Call::Write { file: 4, bytes: b"hi".to_vec() },
            Call::Exchange { one: place(None, "a"), other: place(Some(5), "b") },
        ]
    );
    let unknown =
        std::panic::catch_unwind(|| calls("21 writev(4, [{iov_base=\"\\x61\", iov_len=1}], 1) = 1\n"));
    assert!(unknown.is_err(), "what isn't understood must not go unseen");
}
