//! The program as someone has it who installed it: in a folder of its own, without the source code around it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::Program;

/// The source code's built-in data.
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data");

/// Puts the program into the folder `prefix/bin`.
fn install(program: &Program) {
    fs::create_dir_all(program.path("prefix/bin")).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_train"), installed(program)).unwrap();
}

fn installed(program: &Program) -> PathBuf {
    program.path("prefix/bin/train").with_extension(std::env::consts::EXE_EXTENSION)
}

fn run(program: &Program, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(installed(program));
    command.env_remove("TRAIN_BUILTIN_DATA").envs(variables.iter().copied()).args(arguments);
    command.current_dir(program.path("")).output().unwrap()
}

/// What `train data list` says.
#[track_caller]
fn listed(program: &Program, variables: &[(&str, &str)]) -> String {
    let output = run(program, &["data", "list"], variables);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Copies one built-in corpus, so that one can tell from the source code's data whether it is this that was found.
fn copy_austen(to: &Path) {
    fs::create_dir_all(to.join("austen")).unwrap();
    for entry in fs::read_dir(Path::new(DATA).join("austen")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join("austen").join(entry.file_name())).unwrap();
    }
}

#[test]
fn it_finds_the_data_of_the_source_code_from_any_folder() {
    let program = Program::new();
    install(&program);
    let listed = listed(&program, &[]);
    for name in ["ding", "austen", "animals"] {
        assert!(listed.contains(name), "{listed}");
    }
}

#[test]
fn data_that_was_installed_with_it_goes_first_and_what_the_variable_names_before_that() {
    let program = Program::new();
    install(&program);
    for place in ["prefix/share/train/data", "prefix/bin/train-data"] {
        copy_austen(&program.path(place));
        let listed = listed(&program, &[]);
        assert!(listed.contains("austen") && !listed.contains("ding"), "{place}: {listed}");
        let shown = run(&program, &["data", "show", "austen"], &[]);
        assert!(String::from_utf8(shown.stdout).unwrap().contains(place));
    }
    let listed = listed(&program, &[("TRAIN_BUILTIN_DATA", DATA)]);
    assert!(listed.contains("ding"), "{listed}");
}

#[test]
fn where_the_data_is_nowhere_it_says_where_it_looked_and_what_to_do() {
    let program = Program::new();
    install(&program);
    let output = run(&program, &["lm", "--out", "run"], &[("TRAIN_BUILTIN_DATA", "no/such")]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("no folder no/such;") && said.contains("set TRAIN_BUILTIN_DATA"), "{said}");

    if !program.can_mount() {
        println!("SKIPPED: hiding the source code needs `unshare --map-root-user --mount`");
        return;
    }
    let source = env!("CARGO_MANIFEST_DIR");
    let hidden =
        format!("mount -t tmpfs none '{source}'; unset TRAIN_BUILTIN_DATA; prefix/bin/train lm --out run");
    let parts = ["the built-in corpora are not there", "bin/train-data", "share/train/data", DATA];
    let ran = program.isolated_shell(&hidden);
    ran.failed(&parts);
    ran.failed(&["set TRAIN_BUILTIN_DATA to the folder crates/train/data of the source code"]);
    assert!(!program.path("run").exists());
}

/// They are compiled in, and not read from a file of the source code's folder, for which reason `cargo install` keeps
/// them too.
#[test]
#[cfg(target_os = "linux")]
fn its_allocator_keeps_memory_in_large_pages() {
    let program = Program::new();
    install(&program);
    let statistics = run(&program, &["--version"], &[("_RJEM_MALLOC_CONF", "stats_print:true")]);
    let said = String::from_utf8(statistics.stderr).unwrap();
    for setting in [r#"opt.thp: "always""#, "opt.dirty_decay_ms: -1", "opt.muzzy_decay_ms: -1"] {
        assert!(said.contains(setting), "{setting} is not in {said}");
    }
}
