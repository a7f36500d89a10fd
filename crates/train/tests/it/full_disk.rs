//! Disks that are full and folders that can't be written: one clear line, exit code 2, and no run is lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::common::{Program, Ran, translate};

/// What the system says when no more can be written, to the disk or to the file.
const FULL: [&str; 2] = ["No space left on device", "File too large"];

#[track_caller]
fn is_full(ran: &Ran, parts: &[&str]) {
    ran.failed(parts);
    assert!(FULL.iter().any(|full| ran.stderr.contains(full)), "{}", ran.stderr);
}

/// A command in a shell, its words quoted.
fn quoted(args: &[&str]) -> String {
    let all = args.iter().map(|arg| (*arg).to_owned()).chain(common::with_device(args));
    all.map(|arg| format!("'{arg}' ")).collect()
}

/// A command whose files can't grow beyond so many times 512 bytes, where no disk can be filled.
fn with_small_files(blocks: usize, command: &str) -> String {
    format!("(trap '' XFSZ; ulimit -f {blocks}; exec {command})")
}

/// A run in the folder `disk`, which becomes full in its middle, so that its second checkpoint can't be saved; then
/// there is room again. What was written to standard error is in `failed` and what became of the run in `saved`.
fn fill_up_and_go_on(program: &Program) -> Ran {
    let train = quoted(&translate("disk/run", &["--steps", "4"]));
    let resume = "\"$TRAIN\" resume disk/run --steps 12";
    let can_mount = program.can_mount();
    let (mount, fill, failing) = if can_mount {
        let left = "left=$(df -k --output=avail disk | tail -n 1)";
        (
            "mount -t tmpfs -o size=8m none disk || exit 90",
            // Metrics still have room, a checkpoint hasn't.
            format!("{left}; head -c $(( (left - 40) * 1024 )) /dev/zero > disk/filler"),
            resume.to_owned(),
        )
    } else {
        ("true", "true".to_owned(), with_small_files(40, resume))
    };
    let script = format!(
        "mkdir disk; {mount}
        \"$TRAIN\" {train} >&2 || exit 91
        {fill}
        {failing} 2> failed; echo $? > code
        rm -f disk/filler
        ls -A disk/run/checkpoints > checkpoints
        {resume} >&2 || exit 92
        cp -r disk/run saved"
    );
    let done = if can_mount { program.isolated_shell(&script) } else { program.shell(&script) };
    assert_eq!(done.code, 0, "{}", done.stderr);
    let read = |name: &str| fs::read_to_string(program.path(name)).unwrap();
    Ran { code: read("code").trim().parse().unwrap(), stdout: read("checkpoints"), stderr: read("failed") }
}

#[test]
fn a_run_goes_on_when_the_disk_has_room_again() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("whole", &["--steps", "12"]), "");
    let failed = fill_up_and_go_on(&program);
    is_full(&failed, &["step-8"]);
    assert_eq!(failed.stdout, "step-4\n", "the checkpoint before is there, and no half of one");
    for name in ["metrics.jsonl", "model.safetensors", "checkpoints/step-12/model.safetensors"] {
        let [whole, parts] = ["whole", "saved"].map(|run| fs::read(program.path(run).join(name)).unwrap());
        assert!(whole == parts, "{name} is the uninterrupted run's");
    }
}

#[test]
fn a_corpus_that_has_no_room_leaves_nothing_behind() {
    let program = Program::new();
    program.write("lines", (0..9_000).map(|n| format!("This is line {n}.\n")).collect::<String>());
    let add = "\"$TRAIN\" data add x --text lines --data disk";
    let left = "code=$?; ls -A disk > left; exit $code";
    let ran = if program.can_mount() {
        program.isolated_shell(&format!("mkdir disk; mount -t tmpfs -o size=64k none disk && {add}; {left}"))
    } else {
        program.shell(&format!("mkdir disk; {}; {left}", with_small_files(64, add)))
    };
    is_full(&ran, &["cannot write", "train.txt"]);
    assert_eq!(fs::read_to_string(program.path("left")).unwrap(), "");
}

/// The program where the folder `folder` can only be read; None where such a folder can't be had.
fn read_only(program: &Program, folder: &str, args: &[&str]) -> Option<Ran> {
    let command = format!("exec \"$TRAIN\" {}", quoted(args));
    if program.can_mount() {
        let mount = format!("mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}");
        return Some(program.isolated_shell(&format!("{mount} && {command}")));
    }
    let permit = |mode| fs::set_permissions(program.path(folder), fs::Permissions::from_mode(mode)).unwrap();
    permit(0o555);
    // Root may write everywhere.
    let is_closed = fs::write(program.path(folder).join("x"), "").is_err();
    let ran = is_closed.then(|| program.shell(&command));
    permit(0o755);
    ran
}

#[test]
fn folders_that_can_only_be_read() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("run", &["--steps", "4"]), "");
    fs::create_dir(program.path("closed")).unwrap();
    let fail = |folder: &str, args: &[&str], parts: &[&str]| {
        if let Some(ran) = read_only(&program, folder, args) {
            ran.failed(parts);
            assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        }
    };
    fail("closed", &translate("closed/run", &["--steps", "4"]), &["cannot", "closed/run"]);
    let add = ["data", "add", "x", "--tsv", "pairs.tsv", "--valid", "9", "--test", "9", "--data"];
    fail("closed", &[&add[..], &["closed"]].concat(), &["cannot create a folder in closed"]);
    fail("closed", &[&add[..], &["closed/data"]].concat(), &["cannot create the folder closed/data"]);
    fail("closed", &["plot", "run", "--out", "closed/x.svg"], &["cannot write closed/x.svg"]);
    fail("run", &["resume", "run", "--steps", "8"], &["cannot", "run"]);
    fail("run", &["attention", "run", "--text", "Der Hund."], &["cannot create the folder run/attention"]);
    fail("run", &["plot", "run"], &["cannot write run/plot.svg"]);
    // Whoever only uses a run need not write to it.
    for args in [&["translate-text", "run", "--text", "Der Hund."][..], &["eval", "run"], &["info", "run"]] {
        if let Some(ran) = read_only(&program, "run", args) {
            assert_eq!(ran.code, 0, "{}", ran.stderr);
        }
    }
    program.succeed(&["resume", "run", "--steps", "8"], "");
}
