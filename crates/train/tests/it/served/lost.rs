//! A server that was stopped, a port that never speaks, a line that is slow or cut.

use std::fs;
use std::net::TcpListener;
use std::process::Output;
use std::time::Duration;

use super::link::Link;
use super::{Server, copy, ended, signal, until, until_saved};
use crate::common::{Program, losses};

/// A run that takes far longer than any test.
const ENDLESS: [&str; 2] = ["--steps", "1000000"];

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing from {text:?}");
    }
}

/// The run goes on without its server, from the checkpoint that was there.
#[track_caller]
fn goes_on(program: &Program, run: &str) {
    let output = program.succeed(&["resume", run, "--device", "flex", "--minutes", "0.0001"], "");
    assert!(output.contains("finished") || output.contains("trained"), "{output}");
}

/// The system goes on to answer for a process that is stopped: only who asks it notices.
#[test]
fn a_server_that_was_stopped_ends_the_run_with_the_checkpoint_that_is_there() {
    let program = Program::new();
    let server = Server::start(&program, &[]);
    let more = [&ENDLESS[..], &["--timeout", "3"]].concat();
    let mut child = program.command(&copy("run", &server.device, &more)).spawn().unwrap();
    until_saved(&mut child, &program.path("run"));
    server.signal("STOP");
    let output = ended(child);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    let error = said(&output).lines().last().unwrap().to_owned();
    assert!(error.starts_with("error: the device"), "{error}");
    let answer = format!("no answer from {} for 3 s (--timeout)", server.device);
    assert_says(&error, &[&answer, "the checkpoint of step", "is saved", "train resume run --device flex"]);
    goes_on(&program, "run");
}

/// However long silence is borne, one Ctrl-C is enough.
#[test]
fn one_ctrl_c_ends_a_run_whose_server_was_stopped() {
    let program = Program::new();
    let server = Server::start(&program, &[]);
    let more = [&ENDLESS[..], &["--timeout", "86400"]].concat();
    let mut child = program.command(&copy("run", &server.device, &more)).spawn().unwrap();
    until_saved(&mut child, &program.path("run"));
    server.signal("STOP");
    signal(&child, "INT");
    let output = ended(child);
    let error = said(&output);
    if output.status.code() == Some(130) && error.contains("stopped: ") {
        assert_says(&error, &["no answer from", "the checkpoint of step", "train resume run"]);
    } else {
        // The step at hand was done before the server stopped.
        assert_eq!(output.status.code(), Some(130), "{error}");
    }
    goes_on(&program, "run");
}

/// What has no run folder ends, too.
#[test]
fn a_port_that_never_speaks_is_given_up() {
    let program = Program::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let device = format!("remote:ws://{}", listener.local_addr().unwrap());
    program.fail(
        &copy("run", &device, &["--timeout", "2"]),
        "",
        &["no device answers at ws://", "within 2 s (--timeout)"],
    );
    assert!(!program.path("run").exists(), "nothing is begun");
    program.train("run", &["--steps", "2"]);
    let ran = program.run_with(&["decode", "run", "--device", &device, "--timeout", "2"], "1 2 3 4\n");
    ran.failed(&["no device answers at ws://", "within 2 s (--timeout)"]);
    // Nobody is there at once and each time: the run is tried again, and then given up.
    let more = ["--device", &device, "--steps", "4", "--timeout", "1", "--retry", "2"];
    let ran = program.run(&[&["resume", "run"], &more[..]].concat());
    ran.failed(&["no device answers at ws://"]);
    assert_says(&ran.stderr, &["1 second, and 1 more time", "1 second, and 0 more times"]);
    drop(listener);
}

#[test]
fn a_slow_line_changes_no_number() {
    let program = Program::new();
    let server = Server::start(&program, &[]);
    program.succeed(&copy("near", &server.device, &["--steps", "8"]), "");
    let link = Link::to(&server.host, Duration::from_millis(50));
    program.succeed(&copy("far", &link.device(), &["--steps", "8"]), "");
    let [near, far] = ["near", "far"].map(|run| losses(&program.path(run)));
    assert_eq!(near.len(), 8);
    assert_eq!(near, far);
    assert!(link.connections() > 0, "nothing went by the line");
}

/// The line is cut until the run has noticed, and mended while it tries again.
#[test]
fn a_run_goes_on_by_itself_when_the_line_is_mended() {
    let program = Program::new();
    let server = Server::start(&program, &[]);
    let steps = ["--steps", "400"];
    program.succeed(&copy("whole", &server.device, &steps), "");
    let link = Link::to(&server.host, Duration::ZERO);
    let device = link.device();
    let more = [&steps[..], &["--timeout", "2", "--retry", "100"]].concat();
    let mut command = program.command(&copy("cut", &device, &more));
    command.stderr(fs::File::create(program.path("said")).unwrap());
    let mut child = command.spawn().unwrap();
    until_saved(&mut child, &program.path("cut"));
    link.cut();
    let said = || fs::read_to_string(program.path("said")).unwrap();
    until("a word that it is tried again", || said().contains("this is tried by itself in 2 seconds"));
    link.mend();
    let output = ended(child);
    assert_eq!(output.status.code(), Some(0), "{}", said());
    assert_says(&said(), &["no answer from", "the checkpoint of step", "and 99 more times"]);
    let [whole, cut] = ["whole", "cut"].map(|run| losses(&program.path(run)));
    assert_eq!(whole.len(), 400);
    assert_eq!(whole, cut);
}
