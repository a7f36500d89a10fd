//! Corpora and runs that replace others: whoever is killed at any step on the way leaves the old one or the new one.

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
fn can_trace() -> bool {
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
fn traced(program: &Program, rules: &[&str], args: &[&str]) -> Command {
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
fn kill_everywhere(
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

fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// All files of a folder with their content, except for empty ones that begin with a dot.
fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let names = entries(folder).into_iter().filter(|name| !name.starts_with('.'));
    names
        .filter(|name| folder.join(name).is_file())
        .map(|name| (name.clone(), fs::read(folder.join(&name)).unwrap()))
        .collect()
}

/// A folder with all that is in it, as it was.
fn restore(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
}

/// Where two folders can't change places in one step.
const NO_EXCHANGE: &str = "renameat2:error=EINVAL";

#[test]
fn a_corpus_is_the_old_one_or_the_new_one_whenever_its_replacement_is_killed() {
    if !can_trace() {
        return;
    }
    let program = Program::new();
    let lines = |name: &str| (0..40).map(|n| format!("{name} line {n}.\n")).collect::<String>();
    program.write("old.txt", lines("old"));
    program.write("new.txt", lines("new"));
    program.succeed(&["data", "add", "x", "--text", "old.txt", "--data", "before"], "");
    let add = ["data", "add", "x", "--text", "new.txt", "--force"];
    program.succeed(&add, "");
    let [old, new] = ["before/x", "data/x"].map(|folder| content(&program.path(folder)));
    assert!(old != new && old.len() == 4);

    let data = program.path("data");
    for rules in [&[][..], &[NO_EXCHANGE]] {
        let mut found = [0, 0];
        let prepare = || restore(&program.path("before"), &data);
        let counted = std::cell::RefCell::new(&mut found);
        let kills = kill_everywhere(&program, rules, &add, prepare, |kill| {
            if rules.is_empty() {
                assert!(data.join("x/corpus.json").is_file(), "{kill}: {:?}", entries(&data));
            }
            // The next command finds one of the two, whole, and tidies up.
            program.succeed(&["data", "list"], "");
            let left = content(&data.join("x"));
            assert!(left == old || left == new, "{kill}: {:?}", left.keys());
            assert_eq!(entries(&data), ["x"], "{kill}");
            counted.borrow_mut()[usize::from(left == new)] += 1;
            program.succeed(&add, "");
            assert!(content(&data.join("x")) == new && entries(&data) == ["x"], "{kill}");
        });
        println!("killed {kills} times: {found:?}");
        assert!(found.iter().all(|count| *count >= 3) && kills >= 20, "{kills}: {found:?}");
    }
}

#[test]
fn a_first_corpus_is_there_whole_or_not_at_all() {
    if !can_trace() {
        return;
    }
    let program = Program::new();
    program.write("lines", (0..40).map(|n| format!("Line {n}.\n")).collect::<String>());
    let add = ["data", "add", "x", "--text", "lines", "--data", "a/data"];
    let prepare = || drop(fs::remove_dir_all(program.path("a")));
    let kills = kill_everywhere(&program, &[], &add, prepare, |kill| {
        program.run(&["data", "list", "--data", "a/data"]);
        let left = entries(&program.path("a/data"));
        assert!(left.is_empty() || left == ["x"], "{kill}: {left:?}");
        if left.is_empty() {
            program.succeed(&add, "");
        }
        program.succeed(&["data", "show", "x", "--data", "a/data"], "");
    });
    assert!(kills >= 15, "{kills}");
}

/// The order on the disk: files and folders before the name that shows them, and that name before success is said.
#[test]
fn a_corpus_is_on_the_disk_before_it_is_said_to_be_there() {
    if !can_trace() {
        return;
    }
    let program = Program::new();
    program.write("lines", (0..40).map(|n| format!("Line {n}.\n")).collect::<String>());
    let add = ["data", "add", "x", "--text", "lines", "--data", "a/data"];
    let command = traced(&program, &[], &add);
    let mut named = Command::new("strace");
    // With -y, the path of each open file is shown.
    named.arg("-y").args(command.get_args()).current_dir(program.path("")).stdin(Stdio::null());
    assert!(named.output().unwrap().status.success());
    let trace = fs::read_to_string(program.path("trace")).unwrap();
    let calls: Vec<&str> = trace.lines().collect();
    let moved = calls.iter().position(|line| line.contains(" rename") && line.contains("/new\"")).unwrap();
    let is_synced =
        |calls: &[&str], path: &str| calls.iter().any(|line| line.contains("sync(") && line.contains(path));
    for path in ["new/train.txt>", "new/valid.txt>", "new/test.txt>", "/new>", "/a>"] {
        assert!(is_synced(&calls[..moved], path), "{path}: {trace}");
    }
    assert!(is_synced(&calls[moved..], "a/data>"), "{trace}");
}

#[test]
fn of_two_that_add_one_corpus_one_says_so_and_what_a_living_one_has_made_stays() {
    if !can_trace() {
        return;
    }
    let program = Program::new();
    program.write("lines", (0..40).map(|n| format!("Line {n}.\n")).collect::<String>());
    let add = ["data", "add", "x", "--text", "lines", "--force"];
    // The first one stops when all is written and nothing shown: folder around, three splits, description, folder.
    let mut first = traced(&program, &["fsync:signal=STOP:when=6"], &add).spawn().unwrap();
    let data = program.path("data");
    let is_stopped = || {
        let making = entries(&data).into_iter().find(|name| name.starts_with(".x-"));
        making.filter(|name| data.join(name).join("new/corpus.json").exists())
    };
    crate::survival::wait_for(&mut first, || is_stopped().is_some());
    let making = is_stopped().unwrap();
    program.fail(&add, "", &["another process is making data/x just now", &making]);
    program.succeed(&["data", "list"], "");
    assert!(data.join(&making).join("new/corpus.json").exists(), "what a living one has made stays");
    program.succeed(&["data", "add", "y", "--text", "lines"], "");
    // strace stops with it, and passes on what wakes it.
    let trace = fs::read_to_string(program.path("trace")).unwrap();
    let process = trace.lines().rev().find_map(|line| line.split_whitespace().next()).unwrap().to_owned();
    assert!(Command::new("kill").args(["-CONT", &process]).status().unwrap().success());
    assert!(first.wait_with_output().unwrap().status.success());
    assert_eq!(entries(&data), ["x", "y"]);
}

#[test]
fn a_run_is_the_old_one_or_the_new_one_whenever_an_import_is_killed() {
    if !can_trace() {
        return;
    }
    let program = Program::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/annotated");
    let [weights, spec] =
        ["model.pt", "spec.json"].map(|name| source.join(name).to_string_lossy().into_owned());
    program.train("before/run", &["--steps", "2"]);
    fs::create_dir(program.path("before/run/mine")).unwrap();
    program.write("before/run/mine/notes.md", "mine");
    let import = ["import", &weights, "--config", &spec, "--out", "runs/run", "--force"];
    program.succeed(&["import", &weights, "--config", &spec, "--out", "new"], "");
    let [old, new] = ["before/run", "new"].map(|run| content(&program.path(run)));
    let runs = program.path("runs");
    for rules in [&[][..], &[NO_EXCHANGE]] {
        let prepare = || restore(&program.path("before"), &runs);
        let kills = kill_everywhere(&program, rules, &import, prepare, |kill| {
            program.succeed(&["info", "runs/run"], "");
            let listed = program.succeed(&["runs", "runs"], "");
            assert_eq!(listed.lines().count(), 2, "{kill}: {listed}");
            let left = content(&runs.join("run"));
            assert!(left == old || left == new, "{kill}: {:?}", left.keys());
            assert_eq!(fs::read_to_string(runs.join("run/mine/notes.md")).unwrap(), "mine", "{kill}");
            program.succeed(&import, "");
            assert!(content(&runs.join("run")) == new, "{kill}");
            assert_eq!(entries(&runs), ["run"], "{kill}");
        });
        println!("killed {kills} times");
        assert!(kills >= 15, "{kills}");
    }
}
