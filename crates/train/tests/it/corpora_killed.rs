//! Corpora and runs that replace others: whoever is killed at any step on the way leaves the old one or the new one.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::Program;
use crate::traced::{NO_EXCHANGE, can_trace, content, entries, kill_everywhere, restore, traced};

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

/// Kills a command at every step on its way that writes down a run in place of `before/run`, where somebody keeps notes:
/// whenever that is, there is the old run or the new one, whole.
fn is_never_lost(program: &Program, command: &[&str]) {
    program.train("before/run", &["--steps", "2"]);
    fs::create_dir(program.path("before/run/mine")).unwrap();
    program.write("before/run/mine/notes.md", "mine");
    let replacing = [command, &["--out", "runs/run", "--force"]].concat();
    // The same in a place of its own, as far from the other one's data.
    program.succeed(&[command, &["--out", "new/run"]].concat(), "");
    let [old, new] = ["before/run", "new/run"].map(|run| content(&program.path(run)));
    assert!(old != new);
    let runs = program.path("runs");
    for rules in [&[][..], &[NO_EXCHANGE]] {
        let prepare = || restore(&program.path("before"), &runs);
        let kills = kill_everywhere(program, rules, &replacing, prepare, |kill| {
            program.succeed(&["info", "runs/run"], "");
            let listed = program.succeed(&["runs", "runs"], "");
            assert_eq!(listed.lines().count(), 2, "{kill}: {listed}");
            let left = content(&runs.join("run"));
            assert!(left == old || left == new, "{kill}: {:?}", left.keys());
            assert_eq!(fs::read_to_string(runs.join("run/mine/notes.md")).unwrap(), "mine", "{kill}");
            program.succeed(&replacing, "");
            assert!(content(&runs.join("run")) == new, "{kill}");
            assert_eq!(entries(&runs), ["run"], "{kill}");
        });
        println!("killed {kills} times");
        assert!(kills >= 15, "{kills}");
    }
}

#[test]
fn a_run_is_the_old_one_or_the_new_one_whenever_an_import_is_killed() {
    if !can_trace() {
        return;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/annotated");
    let [weights, spec] =
        ["model.pt", "spec.json"].map(|name| source.join(name).to_string_lossy().into_owned());
    is_never_lost(&Program::new(), &["import", &weights, "--config", &spec]);
}

#[test]
fn a_run_is_the_old_one_or_the_new_one_whenever_an_average_is_killed() {
    if !can_trace() {
        return;
    }
    let program = Program::new();
    program.train("averaged", &["--steps", "10", "--keep-last", "2"]);
    let checkpoints = content_of_all(&program);
    is_never_lost(&program, &["average", "averaged", "--last", "2"]);
    assert_eq!(content_of_all(&program), checkpoints, "what is averaged stays");
}

/// The sums of all files of the run `averaged`.
fn content_of_all(program: &Program) -> String {
    program.shell("find averaged -type f | sort | xargs sha256sum").stdout
}
