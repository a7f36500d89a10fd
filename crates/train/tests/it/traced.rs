//! Commands under strace: what they ask of the system is watched, counted, and made to fail or to kill them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::Program;

/// What changes names, and what makes sure that a change is on the disk.
const STEPS: [&str; 11] = [
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "mkdirat",
    "fsync",
    "fdatasync",
    "flock",
];

/// Whether system calls can be watched here. Where the project is checked, they must be.
pub(crate) fn can_trace() -> bool {
    let can = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .status()
        .is_ok_and(|status| status.success());
    assert!(can || std::env::var_os("CI").is_none(), "strace is needed here");
    if !can {
        println!("not tested: there is no strace that works");
    }
    can
}

/// The program under strace, which is told what to watch and what to do to it.
pub(crate) fn traced(program: &Program, rules: &[&str], args: &[&str]) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "trace"]);
    let calls = STEPS.map(|step| format!("?{step}")).join(",");
    command.arg("-e").arg(format!("trace={calls}"));
    command.args(rules.iter().flat_map(|rule| ["-e".to_owned(), format!("inject={rule}")]));
    command.arg(program.command(args).get_program()).args(args).current_dir(program.path(""));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// How often each step occurs in a command, and how the command ends.
fn steps(program: &Program, rules: &[&str], args: &[&str]) -> BTreeMap<&'static str, usize> {
    let output = traced(program, rules, args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let trace = fs::read_to_string(program.path("trace")).unwrap();
    let count = |step: &str| trace.lines().filter(|line| line.contains(&format!(" {step}("))).count();
    STEPS.into_iter().map(|step| (step, count(step))).filter(|(_, count)| *count > 0).collect()
}

/// Kills a command at every step on its way, each time after `prepare`, and looks at what is left. Returns how often.
pub(crate) fn kill_everywhere(
    program: &Program,
    rules: &[&str],
    args: &[&str],
    prepare: impl Fn(),
    look: impl Fn(&str),
) -> usize {
    prepare();
    let steps = steps(program, rules, args);
    let mut kills = 0;
    for (step, count) in steps {
        for when in 1..=count {
            prepare();
            let kill = format!("{step}:signal=KILL:when={when}");
            // Of two rules for one call strace knows the last alone.
            let rules: Vec<&str> = rules
                .iter()
                .copied()
                .filter(|rule| !rule.starts_with(&format!("{step}:")))
                .chain([kill.as_str()])
                .collect();
            let output = traced(program, &rules, args).output().unwrap();
            assert!(!output.status.success(), "{kill}: it was not killed");
            look(&kill);
            kills += 1;
        }
    }
    kills
}

pub(crate) fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// All files of a folder with their content, except for empty ones that begin with a dot.
pub(crate) fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = entries(folder).into_iter().filter(|name| !name.starts_with('.'));
    names
        .filter(|name| folder.join(name).is_file())
        .map(|name| (name.clone(), fs::read(folder.join(&name)).unwrap()))
        .collect()
}

/// A folder with all that is in it, as it was.
pub(crate) fn restore(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// Where two folders can't change places in one step.
pub(crate) const NO_EXCHANGE: &str = "renameat2:error=EINVAL";
