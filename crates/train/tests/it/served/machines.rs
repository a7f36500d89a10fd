//! Two machines with a cable between them: as network namespaces, where the system allows that.

use std::process::{Command, Stdio};

use crate::common::{Program, Ran, TOKEN, losses};

/// How many seconds the cable is pulled at least. It is put back when both runs have noticed, so that little will do.
const CUT: &str = "0";

/// Steps of a run that goes on.
const STEPS: &str = "150";

/// A command of the shell in a network of its own.
fn alone(script: &str) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--net", "sh", "-c", script]).stdin(Stdio::null());
    command
}

/// Whether there can be such networks here. Where the project is checked, there must be.
fn is_possible() -> bool {
    let mut command = alone("ip link add name here type veth peer name there && command -v nsenter");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let can = command.status().is_ok_and(|status| status.success());
    let needed = std::env::var_os("CI").is_some();
    assert!(can || !needed, "`ip` (apt-get install iproute2) and leave to make networks are needed here");
    can
}

#[test]
fn a_cable_that_is_pulled_ends_a_run_or_lets_it_go_on_by_itself() {
    if !is_possible() {
        eprintln!("skipped: this system has no `ip`, or lets nobody make networks");
        return;
    }
    let program = Program::new();
    let mut command = alone(include_str!("machines.sh"));
    let cut = std::env::var("TRAIN_TEST_CUT").unwrap_or_else(|_| CUT.to_owned());
    command.current_dir(program.path("")).env("TRAIN", env!("CARGO_BIN_EXE_train"));
    command.envs([("TRAIN_TOKEN", TOKEN), ("CUT", &cut), ("STEPS", STEPS)]);
    let ran = Ran::of(command.output().unwrap());
    let Ran { code, stdout, stderr } = &ran;
    assert_eq!(*code, 0, "{stdout}{stderr}");
    let line = |start: &str| stdout.lines().find_map(|line| line.strip_prefix(start)).unwrap_or_default();
    let ended = line("the first run ended with ");
    assert!(ended.starts_with("2: error: the device remote:ws://10.9.0.2:3000 has failed"), "{stdout}");
    assert!(ended.contains("the checkpoint of step") && ended.contains("train resume ends"), "{ended}");
    program.succeed(&["resume", "ends", "--device", "flex", "--minutes", "0.0001"], "");
    assert_eq!(line("the second run ended with "), "0", "{stdout}");
    let [whole, goes] = ["whole", "goes"].map(|run| losses(&program.path(run)));
    assert_eq!(whole.len(), STEPS.parse::<usize>().unwrap());
    assert_eq!(whole, goes);
}
