//! A run that is asked to stop saves what it has, says how to go on, and goes on to the same end.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::common::{Program, translate};
#[cfg(not(target_os = "linux"))]
use crate::survival::spawn;
use crate::survival::{KILLED, assert_same, wait_for};

/// Sends a signal to a process so many times.
fn signal(child: &Child, name: &str, times: usize) {
    for _ in 0..times {
        let (signal, process) = (format!("-{name}"), child.id().to_string());
        assert!(Command::new("kill").args([signal, process]).status().unwrap().success());
    }
}

/// Starts a command by `env`, which says what becomes of SIGHUP: a process hands that down to those that it starts.
#[cfg(target_os = "linux")]
fn spawn_with(sighup: &str, program: &Program, args: &[&str]) -> Child {
    let plain = program.command(args);
    let mut command = Command::new("env");
    command.arg(format!("--{sighup}-signal=HUP")).arg(plain.get_program()).args(plain.get_args());
    command.current_dir(program.path("")).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn wait_for_checkpoint(child: &mut Child, run: &Path) {
    wait_for(child, || ["step-4", "step-8"].iter().any(|step| run.join("checkpoints").join(step).exists()));
}

/// By Ctrl-C, by a cluster that wants its machine back, or since the terminal was closed.
#[test]
fn a_run_that_is_stopped_goes_on_to_the_same_end() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("whole", &KILLED), "");
    for (name, times, code) in
        [("INT", 1, 130), ("INT", 2, 130), ("INT", 3, 130), ("TERM", 1, 143), ("HUP", 1, 129)]
    {
        let path = format!("{name}-{times}");
        #[cfg(target_os = "linux")]
        let mut child = spawn_with("default", &program, &translate(&path, &KILLED));
        #[cfg(not(target_os = "linux"))]
        let mut child = spawn(&program, &translate(&path, &KILLED));
        wait_for_checkpoint(&mut child, &program.path(&path));
        signal(&child, name, times);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(times > 1 || said.contains(&format!("go on with: train resume {path}")), "{said}");
        program.succeed(&["resume", &path], "");
        assert_same(&program, &path);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_under_nohup_outlives_its_terminal() {
    let program = Program::new();
    program.add_pairs("");
    let mut child = spawn_with("ignore", &program, &translate("run", &KILLED));
    wait_for_checkpoint(&mut child, &program.path("run"));
    signal(&child, "HUP", 3);
    assert!(child.wait_with_output().unwrap().status.success());
}
