//! `--dry-run`: what is about to be done is told, and nothing is. The memory that it tells of is what training takes.

use std::fs;
use std::process::Stdio;

use crate::common::{Program, TINY, language_model, read_json, translate};
use crate::survival::{spawn, wait_for};

/// The names of all files below the working folder, with when they were written.
fn listing(program: &Program) -> Vec<String> {
    program.shell("find . -printf '%p %s %T@\n' | sort").stdout.lines().map(str::to_owned).collect()
}

#[test]
fn the_plan_is_told_and_nothing_is_written() {
    let program = Program::new();
    program.add_pairs("");
    program.add_text();
    let copy = [&["copy", "--out", "copy"], &TINY[..], &["--steps", "2"]].concat();
    let all = [("copy", copy), ("translate", translate("translate", &[])), ("lm", language_model("lm", &[]))];
    for (run, args) in &all {
        let with = |flag: &'static str| [&args[..], &[flag]].concat();
        let settings = program.succeed(&with("--print-config"), "");
        let before = listing(&program);
        let told = program.succeed(&with("--dry-run"), "");
        assert_eq!(listing(&program), before, "nothing is written");
        // It is a file of settings with remarks.
        assert!(told.starts_with(&settings), "{told}");
        assert_eq!(told.parse::<toml::Table>().unwrap(), settings.parse::<toml::Table>().unwrap());
        for part in ["# Memory: ", "2 steps", "# Nothing is written"] {
            assert!(told.contains(part), "{part} is missing in {told}");
        }
        // The very model that is trained then.
        program.succeed(args, "");
        program.write("info.json", program.succeed(&["info", run, "--json"], ""));
        let total = read_json(&program.path("info.json"))["total"].as_u64().unwrap();
        let remark = told.lines().find(|line| line.starts_with("# The model: ")).unwrap();
        assert!(remark.replace(',', "").contains(&format!(" {total} parameters")), "{remark}: {total}");
        // A run that is there stays as it is.
        let before = listing(&program);
        program.succeed(&[&args[..], &["--force", "--dry-run"]].concat(), "");
        assert_eq!(listing(&program), before, "nothing is written");
    }
}

#[test]
fn of_a_run_that_is_there_it_is_told_how_it_goes_on_and_nothing_changes() {
    let program = Program::new();
    program.add_pairs("");
    program.add_text();
    program.train("copied", &["--steps", "4"]);
    program.succeed(&translate("pairs", &["--steps", "4"]), "");
    program.succeed(&language_model("text", &["--steps", "4"]), "");
    for run in ["copied", "pairs", "text"] {
        // Without a lock, with what was left unfinished, and without what can be made again.
        let ran = program.shell(&format!("cd {run} && rm -rf .lock data && touch .tmp1 checkpoints/.tmp2"));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let before = listing(&program);
        let told = program.succeed(&["resume", run, "--steps", "9", "--clip", "0.5", "--dry-run"], "");
        assert_eq!(listing(&program), before, "nothing is written");
        let settings = fs::read_to_string(program.path(run).join("settings.toml")).unwrap();
        let expected = settings.replace("steps = 4\n", "steps = 9\n");
        let mut expected = expected.replace("evaluate_steps = 9\n", "evaluate_steps = 4\n");
        if !expected.contains("clip = ") {
            expected += "clip = 0.5\n";
        }
        let expected = expected.replace("clip = 1.0\n", "clip = 0.5\n");
        assert!(told.starts_with(&expected), "{told} has not {expected}");
        for part in [
            "# Memory: this needs about",
            "# Steps: 9 steps",
            "# Left: 5 of 9 steps, from the checkpoint of step 4",
        ] {
            assert!(told.contains(part), "{part} is missing in {told}");
        }
        program.write("info.json", program.succeed(&["info", run, "--json"], ""));
        let total = read_json(&program.path("info.json"))["total"].as_u64().unwrap();
        let remark = told.lines().find(|line| line.starts_with("# The model: ")).unwrap();
        assert!(remark.replace(',', "").contains(&format!(" {total} parameters")), "{remark}: {total}");
        // What is over stays over, and what can't go on is told.
        let before = listing(&program);
        let told = program.succeed(&["resume", run, "--dry-run"], "");
        assert!(told.contains("is finished: it has done 4 of 4 steps"), "{told}");
        program.fail(&["resume", run, "--from", "3", "--dry-run"], "", &["3"]);
        program.fail(&["resume", run, "--clip", "0", "--dry-run"], "", &["clip = 0"]);
        assert_eq!(listing(&program), before, "nothing is written");
    }
    program.succeed(&["resume", "pairs", "--steps", "6"], "");
    let (before, corpus) = (listing(&program), ["--corpus", "data/mine"]);
    let told =
        program.succeed(&[&["resume", "pairs", "--minutes", "3", "--dry-run"][..], &corpus].concat(), "");
    assert!(told.contains(" of 3 minutes, from the checkpoint of step 6"), "{told}");
    let other = ["resume", "pairs", "--steps", "9", "--corpus", "data/book", "--dry-run"];
    program.fail(&other, "", &["data/book", "another corpus"]);
    assert_eq!(listing(&program), before, "nothing is written");
}

#[test]
fn whoever_trains_is_told_of_and_not_disturbed() {
    let program = Program::new();
    let args = [&["copy", "--out", "run"], &TINY[..], &["--steps", "1000000"]].concat();
    let mut child = spawn(&program, &args);
    wait_for(&mut child, || program.path("run/checkpoints/step-5").exists());
    let ran = program.run(&["resume", "run", "--dry-run"]);
    let ended = child.try_wait().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    ran.failed(&["another process is training in run"]);
    assert_eq!(ended, None);
    let told = program.succeed(&["resume", "run", "--dry-run"], "");
    assert!(told.contains(" of 1000000 steps, from the checkpoint of step "), "{told}");
}

#[test]
fn what_does_not_fit_is_told_before_it_is_refused() {
    let program = Program::new();
    let args =
        ["copy", "--out", "run", "--device", "flex", "--d-model", "1048576", "--layers", "1024", "--dry-run"];
    let ran = program.run(&args);
    ran.failed(&["needs about", "PB of memory", "make the model smaller"]);
    assert!(
        ran.stdout.contains("d_model = 1048576") && ran.stdout.contains("PB of memory"),
        "{}",
        ran.stdout
    );
    assert!(!program.path("run").exists());
    program.fail(&["copy", "--dry-run", "--print-config"], "", &["--dry-run", "--print-config"]);
}

/// The most memory that a command had resident, in bytes, as the system counts it until its end.
fn peak(program: &Program, args: &[&str]) -> f64 {
    let mut child = program.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
        peak = kilobytes.map_or(peak, |kilobytes| kilobytes * 1024.0);
        std::thread::yield_now();
    }
    assert!(child.wait().unwrap().success(), "{args:?}");
    peak
}

/// What `--dry-run` says that is needed, in bytes.
fn told(program: &Program, args: &[&str]) -> f64 {
    let text = program.succeed(&[args, &["--dry-run"]].concat(), "");
    let (_, rest) = text.split_once("needs about ").unwrap();
    let mut words = rest.split_whitespace();
    let (number, unit) = (words.next().unwrap(), words.next().unwrap());
    let unit = [("kB", 1e3), ("MB", 1e6), ("GB", 1e9)].into_iter().find(|(name, _)| *name == unit).unwrap().1;
    number.parse::<f64>().unwrap() * unit
}

/// Each of these has much of one kind and little of the others: parameters, embeddings, scores of the vocabulary,
/// attention, wide vectors, wide networks; with dropout and without, in one part and in four; of each task.
#[test]
fn the_memory_that_is_told_is_within_its_margin_of_what_is_taken() {
    /// `run::memory::MARGIN`, and what the rounding of the figures adds.
    const MARGIN: f64 = 1.5 * 1.05;
    let program = Program::new();
    let sizes = |command: &str, sizes: &str| {
        format!("{command} --out run --force --device flex --plain --steps 2 {sizes}")
    };
    let copy = |more: &str| sizes("copy", &format!("--batches-per-epoch 2 {more}"));
    for command in [
        copy("--layers 2 --d-model 512 --d-ff 2048 --heads 8 --batch-size 4"),
        copy("--layers 1 --d-model 256 --d-ff 256 --vocab 20000 --batch-size 4"),
        copy("--layers 1 --d-model 32 --d-ff 32 --vocab 20000 --length 33 --batch-size 64"),
        copy("--layers 1 --d-model 16 --d-ff 16 --heads 4 --length 257 --batch-size 32"),
        copy("--layers 2 --d-model 128 --d-ff 128 --heads 4 --length 401 --batch-size 1"),
        copy("--layers 2 --d-model 256 --d-ff 16 --heads 1 --length 17 --batch-size 384 --norm post"),
        copy("--layers 2 --d-model 16 --d-ff 2048 --heads 1 --length 17 --batch-size 384 --dropout 0"),
        copy("--layers 2 --d-model 256 --d-ff 512 --heads 4 --length 17 --batch-size 512 --accumulate 4"),
        sizes(
            "lm",
            "--vocab 500 --context 256 --layers 2 --d-model 64 --d-ff 64 --heads 8 --batch-tokens 8224",
        ),
        sizes(
            "translate",
            "--vocab 1000 --max-length 60 --layers 2 --d-model 128 --d-ff 1024 --heads 4 --batch-tokens 8192",
        ),
    ] {
        let args: Vec<&str> = command.split_whitespace().collect();
        let (told, peak) = (told(&program, &args), peak(&program, &args));
        let ratio = told / peak;
        println!("{ratio:.2}: {:.0} MB of {:.0} MB: {command}", told / 1e6, peak / 1e6);
        assert!((1.0 / MARGIN..MARGIN).contains(&ratio), "{command}: told {told}, taken {peak}");
    }
}
