//! No run is lost: killed at any instant, stopped, or refused, it goes on and ends as if nothing had happened.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common::{Program, json_lines, read_json, translate};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Processes that are killed before the test is satisfied.
const KILLS: usize = 20;
/// Signal 9, which no program can do anything about.
const SIGKILL: i32 = 9;
/// A run that is killed, except for its folder: with random numbers, several parts, and checkpoints that are removed.
pub(crate) const KILLED: [&str; 10] =
    ["--steps", "24", "--accumulate", "2", "--dropout", "0.2", "--keep-last", "2", "--keep-best", "1"];
/// What `train resume` says when it is over.
const OVER: &str = "is finished: it has done 24 of 24 steps";

/// When a process is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// Soon after this has come into the run folder.
    Appears(&'static str),
    /// Soon after a checkpoint was begun.
    Saving,
    /// At any time in the quarter of what the whole run takes.
    Whenever,
    /// It may live.
    Never,
}

/// What comes into the run folder, one after the other, before the first step.
const BEGINNING: [&str; 8] = [
    ".lock",
    "config.json",
    "tokenizer.json",
    "data",
    "data/train.ids",
    "data/valid.json",
    "checkpoints",
    "checkpoints/step-0",
];
/// What comes at the end.
const LAST: &str = "checkpoints/step-24";

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}

/// So many pairs that learning the vocabulary and encoding take a moment.
fn add_many_pairs(program: &Program) {
    let pair = |n: usize| {
        format!("Der Hund {n} sieht die Katze {}.\tThe dog {n} sees the cat {}.\n", n % 97, n % 97)
    };
    program.add_pairs(&(10..1_500).map(pair).collect::<String>());
}

pub(crate) fn spawn(program: &Program, args: &[&str]) -> Child {
    program.command(args).stdin(Stdio::null()).spawn().unwrap()
}

/// Waits until something has happened, or the process has ended.
pub(crate) fn wait_for(child: &mut Child, has_happened: impl Fn() -> bool) {
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() && !has_happened() {
        assert!(started.elapsed() < Duration::from_secs(60), "nothing happens");
        sleep(Duration::from_micros(200));
    }
}

/// A number for each life of each run.
fn chance(seed: u64, life: usize) -> u64 {
    let mut numbers = ChaCha8Rng::seed_from_u64(seed);
    numbers.set_stream(life as u64);
    numbers.next_u64()
}

/// A run folder and the processes that train in it, one after the other, each killed.
struct Run<'a> {
    program: &'a Program,
    name: &'a str,
    /// Decides when.
    seed: u64,
    /// How long a run takes that nobody kills.
    whole: Duration,
    /// How many were killed before the first checkpoint, and in all.
    kills: [usize; 2],
}

impl Run<'_> {
    fn has(&self, name: &str) -> bool {
        self.program.path(self.name).join(name).exists()
    }

    /// A duration below a bound.
    fn random(&self, life: usize, bound: Duration) -> Duration {
        bound.mul_f64((chance(self.seed, life) % 1_000) as f64 / 1_000.0)
    }

    /// A moment of the beginning that is still to come, then of the middle, and then of the end.
    fn moment(&self, life: usize) -> Moment {
        let beginning = BEGINNING.into_iter().find(|name| !self.has(name)).filter(|_| !self.has_checkpoint());
        match (life, beginning) {
            (..10, Some(name)) => Moment::Appears(name),
            (24..28, _) if !self.has(LAST) => Moment::Appears(LAST),
            (28.., _) => Moment::Never,
            _ if life.is_multiple_of(2) => Moment::Saving,
            _ => Moment::Whenever,
        }
    }

    fn has_checkpoint(&self) -> bool {
        self.checkpoints("step-").next().is_some()
    }

    /// What is among the checkpoints and begins like this.
    fn checkpoints(&self, prefix: &str) -> impl Iterator<Item = String> {
        let all = names(&self.program.path(self.name).join("checkpoints"));
        all.into_iter().filter(move |name| name.starts_with(prefix))
    }

    /// Starts the run, or goes on with it, and kills the process.
    fn live(&self, life: usize) -> Output {
        let (begin, resume) = (translate(self.name, &KILLED), ["resume", self.name]);
        let left: BTreeSet<String> = self.checkpoints(".step-").collect();
        let moment = self.moment(life);
        let mut child = spawn(self.program, if self.has("config.json") { &resume[..] } else { &begin[..] });
        wait_for(&mut child, || match moment {
            Moment::Appears(name) => self.has(name),
            Moment::Saving => self.checkpoints(".step-").any(|name| !left.contains(&name)),
            Moment::Whenever => true,
            Moment::Never => false,
        });
        sleep(match moment {
            Moment::Appears(name) if name != LAST => self.random(life, Duration::from_millis(3)),
            Moment::Whenever => self.random(life, self.whole / 4),
            _ => self.random(life, Duration::from_millis(40)),
        });
        child.kill().unwrap();
        child.wait_with_output().unwrap()
    }

    /// Kills one process after the other until one comes to the end of the run.
    fn live_to_the_end(&mut self) {
        for life in 0..40 {
            let Output { status, stderr, .. } = self.live(life);
            if status.signal() == Some(SIGKILL) {
                self.kills[0] += usize::from(!self.has_checkpoint());
                self.kills[1] += 1;
                continue;
            }
            assert!(status.success(), "life {life}: {}", String::from_utf8_lossy(&stderr));
            return;
        }
        panic!("the run makes no headway");
    }
}

#[track_caller]
pub(crate) fn assert_same(program: &Program, run: &str) {
    let [whole, found] = ["whole", run].map(|run| program.path(run));
    for name in ["metrics.jsonl", "model.safetensors", "checkpoints/step-24/model.safetensors"] {
        let [whole, found] = [&whole, &found].map(|run| fs::read(run.join(name)).unwrap());
        assert!(whole == found, "{name} of {run} differs from the uninterrupted run's");
    }
    for folder in ["", "data", "checkpoints"] {
        assert_eq!(names(&whole.join(folder)), names(&found.join(folder)), "{run}/{folder}");
    }
}

#[test]
fn a_run_that_is_killed_at_any_moment_ends_as_if_nothing_had_happened() {
    let program = Program::new();
    add_many_pairs(&program);
    let started = Instant::now();
    program.succeed(&translate("whole", &KILLED), "");
    let whole = started.elapsed();
    let mut kills = [0, 0];
    for (seed, name) in ["a", "b", "c", "d", "e", "f"].into_iter().enumerate() {
        let mut run = Run { program: &program, name, seed: seed as u64, whole, kills };
        run.live_to_the_end();
        kills = run.kills;
        assert_same(&program, name);
        if kills[1] >= KILLS {
            break;
        }
    }
    assert!(
        kills[0] > 0 && kills[1] >= KILLS,
        "too few were killed: {kills:?} before the first checkpoint and in all"
    );
}

#[test]
fn a_second_process_is_refused_from_the_first_moment_on() {
    let program = Program::new();
    add_many_pairs(&program);
    let mut command = program.command(&translate("run", &["--steps", "100000"]));
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null()).spawn().unwrap();
    let run = program.path("run");
    let refused =
        |args: &[&str]| program.fail(args, "", &["another process is training in run", "stop it first"]);
    wait_for(&mut child, || run.join(".lock").exists());
    refused(&translate("run", &[]));
    refused(&translate("run", &["--force"]));
    for name in ["tokenizer.json", "checkpoints/step-0", "checkpoints/step-4"] {
        wait_for(&mut child, || run.join(name).exists() || run.join("checkpoints/step-8").exists());
        refused(&["resume", "run"]);
        refused(&["copy", "--out", "run", "--force"]);
    }
    assert!(program.succeed(&["runs", "."], "").contains("translate"), "to look at it is allowed");
    assert!(child.try_wait().unwrap().is_none(), "the first one trains on");
    child.kill().unwrap();
    child.wait().unwrap();
    let lines = fs::read_to_string(run.join("metrics.jsonl")).unwrap().lines().count();
    program.succeed(&["resume", "run", "--steps", &lines.to_string()], "");
}

/// What `train resume` finds after a kill at moments that last microseconds.
#[test]
fn what_a_killed_process_did_not_come_to_is_done() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("whole", &KILLED), "");
    let run = program.path("whole");
    let [metrics, model] =
        ["metrics.jsonl", "model.safetensors"].map(|name| fs::read(run.join(name)).unwrap());
    let same = |name: &str, before: &[u8]| assert!(fs::read(run.join(name)).unwrap() == before, "{name}");

    // Between the last checkpoint and its becoming the model.
    fs::remove_file(run.join("model.safetensors")).unwrap();
    let output = program.succeed(&["resume", "whole"], "");
    assert!(output.contains(&format!("{OVER}; its model is now that of step")), "{output}");
    same("model.safetensors", &model);
    // A loop that starts it again until it succeeds has an end, and what is finished stays as it is.
    for _ in 0..2 {
        let output = program.succeed(&["resume", "whole"], "");
        assert_eq!(output, format!("whole {OVER}; to go on, give --steps with more than 24\n"));
    }
    same("metrics.jsonl", &metrics);
    same("model.safetensors", &model);

    // Before the first checkpoint, with and without what comes before it.
    let nothing: &[&str] = &[];
    for without in [nothing, &["tokenizer.json"], &["tokenizer.json", "data/train.json", "data/valid.ids"]] {
        fs::remove_dir_all(run.join("checkpoints")).unwrap();
        for name in [&["metrics.jsonl", "timings.jsonl", "model.safetensors"][..], without].concat() {
            fs::remove_file(run.join(name)).unwrap();
        }
        program.succeed(&["resume", "whole"], "");
        same("metrics.jsonl", &metrics);
        same("model.safetensors", &model);
    }

    // Before there was anything.
    let left = program.path("left");
    fs::create_dir_all(left.join("data")).unwrap();
    [".lock", ".tmpabc"].iter().for_each(|name| fs::write(left.join(name), "").unwrap());
    program.fail(&["resume", "left"], "", &["nothing was begun in left", "start the same command again"]);
    program.succeed(&translate("left", &KILLED), "");
    assert_same(&program, "left");
}

#[test]
fn what_is_wrong_with_a_new_run_costs_no_old_one() {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("run", &["--steps", "4"]), "");
    let read = || {
        let files = ["config.json", "settings.toml", "tokenizer.json", "model.safetensors", "metrics.jsonl"];
        files.map(|name| fs::read(program.path("run").join(name)).unwrap())
    };
    let before = read();
    for (wrong, part) in [
        (["--vocab", "20"], "--vocab 20 is too small"),
        (["--max-length", "2"], "no pair of the train split"),
        (["--norm", "middle"], "pre or post"),
        (["--device", "tpu"], "tpu"),
    ] {
        program.fail(&translate("run", &[&["--force"][..], &wrong].concat()), "", &[part]);
        assert!(read() == before, "{wrong:?} has cost the run");
    }
    // Of a run that was not begun, nothing stays.
    program.fail(&translate("new", &["--vocab", "20"]), "", &["--vocab 20 is too small"]);
    assert_eq!(names(&program.path("new")), BTreeSet::from([".lock".to_owned()]));
    program.succeed(&translate("new", &[]), "");
}

#[test]
fn the_clock_decides_when_to_evaluate_and_when_to_end() {
    let program = Program::new();
    program.add_pairs("");
    let mut args =
        translate("run", &["--steps", "100000", "--minutes", "0.03", "--evaluate-minutes", "0.01"]);
    let by_steps = args.iter().position(|arg| *arg == "--evaluate-steps").unwrap();
    args.drain(by_steps..by_steps + 2);
    program.succeed(&args, "");
    let read = |name: &str| json_lines(&fs::read_to_string(program.path("run").join(name)).unwrap());
    let (metrics, timings) = (read("metrics.jsonl"), read("timings.jsonl"));
    let evaluations: Vec<_> = metrics.iter().filter(|line| line["valid_nll"].is_number()).collect();
    assert!((2..=4).contains(&evaluations.len()), "every 0.6 s of 1.8 s: {evaluations:?}");
    assert_eq!(timings.len(), evaluations.len());
    let minutes: Vec<f64> = timings.iter().map(|line| line["minutes"].as_f64().unwrap()).collect();
    assert!(minutes.is_sorted() && *minutes.last().unwrap() > 0.0299, "{minutes:?}");
    for (timing, evaluation) in timings.iter().zip(&evaluations) {
        assert_eq!(timing["step"], evaluation["step"]);
        assert!(timing["tokens_per_s"].as_f64().unwrap() > 0.0, "{timing}");
    }
    // Time spent on evaluations doesn't count: these are the tokens of all steps by the seconds of all steps.
    let tokens = evaluations.last().unwrap()["target_tokens"].as_f64().unwrap();
    let speeds = timings.iter().map(|line| line["tokens_per_s"].as_f64().unwrap());
    let (slowest, fastest) =
        speeds.fold((f64::MAX, 0.0), |(low, high), speed| (f64::min(low, speed), f64::max(high, speed)));
    let mean = tokens / (60.0 * minutes.last().unwrap());
    assert!(slowest <= mean * 1.001 && mean <= fastest * 1.001, "{slowest} {mean} {fastest}");
    assert_eq!(read_json(&program.path("run/config.json"))["training"]["minutes"], 0.03);
}
