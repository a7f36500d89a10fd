//! Damage to a run folder is told, or does no harm; it never changes a number in silence.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::common::{Program, Ran, translate};

/// Bits that are flipped, one at a time. With `TRAIN_FLIPS=10000` in the environment it is so many.
const FLIPS: usize = 170;
/// What says how many.
const HOW_MANY: &str = "TRAIN_FLIPS";

/// A run of which everything is there: a vocabulary, two checkpoints, and encoded data.
fn trained() -> Program {
    let program = Program::new();
    program.add_pairs("");
    program.succeed(&translate("run", &["--steps", "8", "--keep-last", "2"]), "");
    program
}

/// The files below a folder that hold something, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.metadata().unwrap().len() > 0 {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

/// What may be done with a run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Use {
    Eval,
    Settings,
    Plot,
    Runs,
    Resume,
}

impl Use {
    /// Those that have to do with a file.
    fn of(file: &Path) -> &'static [Self] {
        let is_of_checkpoint = file.components().any(|part| part.as_os_str() == "checkpoints");
        match file.file_name().unwrap().to_str().unwrap() {
            _ if is_of_checkpoint => &[Self::Resume],
            "settings.toml" => &[Self::Settings],
            "SHA256SUMS" => &[Self::Eval, Self::Settings, Self::Resume],
            "metrics.jsonl" => &[Self::Plot, Self::Runs, Self::Resume],
            "config.json" | "tokenizer.json" | "model.safetensors" => &[Self::Eval, Self::Eval, Self::Resume],
            _ => &[Self::Resume],
        }
    }

    /// What a user is told, and what comes of it.
    fn carry_out(self, program: &Program) -> (Ran, Vec<Vec<u8>>) {
        let read = |names: &[&str]| {
            names.iter().map(|name| fs::read(program.path(name)).unwrap_or_default()).collect()
        };
        let run = |args: &[&str]| program.run(args);
        let settings = ["translate", "--config", "run/settings.toml", "--out", "new", "--print-config"];
        let ran = match self {
            Self::Eval => run(&["eval", "run", "--json", "--beam", "1", "--limit", "3"]),
            Self::Settings => run(&settings),
            Self::Plot => run(&["plot", "run", "--out", "plot.svg"]),
            Self::Runs => run(&["runs", "."]),
            Self::Resume => run(&["resume", "run", "--steps", "10"]),
        };
        let ends =
            ["run/metrics.jsonl", "run/model.safetensors", "run/checkpoints/step-10/model.safetensors"];
        let result = match self {
            Self::Plot => read(&["plot.svg"]),
            Self::Resume => [read(&ends), read(&["run/checkpoints/step-10/optimizer.bpk"])].concat(),
            _ => vec![ran.stdout.clone().into_bytes()],
        };
        (ran, result)
    }
}

/// Flips a bit of a file in a fresh copy of the run, and says whether that was told. It panics if it was neither told
/// nor without harm.
fn is_told(program: &Program, whole: &Path, file: &Path, random: u64, what: Use, right: &[Vec<u8>]) -> bool {
    let run = program.path("run");
    let _ = fs::remove_dir_all(&run);
    copy(whole, &run);
    let path = run.join(file);
    let mut bytes = fs::read(&path).unwrap();
    let (place, bit) = ((random >> 3) as usize % bytes.len(), random % 8);
    bytes[place] ^= 1 << bit;
    fs::write(&path, bytes).unwrap();
    let (ran, result) = what.carry_out(program);
    let flip = format!("bit {bit} of byte {place} of {}, {what:?}", file.display());
    let is_told = format!("{}{}", ran.stdout, ran.stderr).contains("is damaged");
    match ran.code {
        0 => assert!(is_told || result == right, "{flip}: silent harm: {}{}", ran.stdout, ran.stderr),
        2 => {
            assert!(ran.stderr.contains("error:") && !ran.stderr.contains("panic"), "{flip}: {}", ran.stderr);
            assert!(is_told, "{flip}: {}", ran.stderr);
        }
        code => panic!("{flip}: exit code {code}: {}", ran.stderr),
    }
    is_told
}

#[test]
fn a_flipped_bit_is_told_or_does_no_harm() {
    let count = std::env::var(HOW_MANY).map_or(FLIPS, |count| count.parse().unwrap());
    let source = trained();
    let whole = source.path("run");
    let all = files(&whole);
    let all: Vec<&Path> = all.iter().map(|path| path.strip_prefix(&whole).unwrap()).collect();
    assert!(all.len() > 15, "{all:?}");
    let uses = [Use::Eval, Use::Settings, Use::Plot, Use::Runs, Use::Resume];
    let right = uses.map(|what| {
        let program = Program::new();
        copy(&whole, &program.path("run"));
        let (ran, result) = what.carry_out(&program);
        assert!(ran.code == 0 && !ran.stderr.contains("damaged"), "{what:?}: {}", ran.stderr);
        assert!(result.iter().all(|part| !part.is_empty()), "{what:?}");
        result
    });
    let (next, told) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let work = || {
        let program = Program::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                break;
            }
            let file = all[number % all.len()];
            let choices = Use::of(file);
            let what = choices[number / all.len() % choices.len()];
            let mut numbers = ChaCha8Rng::seed_from_u64(number as u64);
            let right = &right[uses.iter().position(|one| *one == what).unwrap()];
            let is_told = is_told(&program, &whole, file, numbers.next_u64(), what, right);
            told.fetch_add(usize::from(is_told), Ordering::Relaxed);
            if number % 1_000 == 999 {
                println!("{} flipped bits, {} were told", number + 1, told.load(Ordering::Relaxed));
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, |count| count.get().min(4));
    thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    let told = told.into_inner();
    println!("{count} flipped bits: {told} were told, {} did no harm", count - told);
    assert!(told > count / 3, "{told} of {count} were told");
}

#[test]
fn metrics_that_were_damaged_or_shortened_are_told_and_kept() {
    let program = trained();
    let [whole, run] = ["whole", "run"].map(|name| program.path(name));
    fs::rename(&run, &whole).unwrap();
    let metrics = fs::read_to_string(whole.join("metrics.jsonl")).unwrap();
    let (first, rest) = metrics.split_once('\n').unwrap();
    let (_, without_second) = rest.split_once('\n').unwrap();
    let digit = metrics.find("\"loss\":").unwrap() + 7;
    let flipped = format!("{}9{}", &metrics[..digit], &metrics[digit + 1..]);
    assert_ne!(flipped, metrics);
    let shorter = format!("{first}\n{without_second}");
    for (name, damaged) in [
        ("metrics", shorter.as_str()),
        ("metrics", first),
        ("metrics", &flipped),
        ("metrics", ""),
        ("timings", "{}\n"),
    ] {
        let _ = fs::remove_dir_all(&run);
        copy(&whole, &run);
        program.write(&format!("run/{name}.jsonl"), damaged);
        let told = format!("run/{name}.jsonl is damaged");
        if name == "metrics" && damaged.len() > first.len() {
            for args in [&["plot", "run", "--out", "x.svg"][..], &["runs", "."]] {
                let ran = program.run(args);
                assert!(ran.code == 0 && ran.stderr.contains(&told), "{args:?}: {}", ran.stderr);
            }
        }
        let copied = program.path(&format!("run/{name}.damaged.jsonl"));
        let ran = program.run(&["resume", "run", "--steps", "10"]);
        assert!(ran.code == 0 && ran.stderr.contains(&told), "{damaged:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("the checkpoint of step 8 says were written"), "{}", ran.stderr);
        if damaged.is_empty() {
            assert!(!copied.exists() && ran.stderr.contains("are lost"), "{}", ran.stderr);
        } else {
            assert_eq!(fs::read_to_string(copied).unwrap(), damaged);
        }
        // What was said is said once: the next checkpoint knows what is left.
        let ran = program.run(&["resume", "run", "--steps", "12"]);
        assert!(ran.code == 0 && !ran.stderr.contains("damaged"), "{}", ran.stderr);
    }
    // What comes after the last checkpoint was never saved, and is no damage.
    fs::remove_dir_all(&run).unwrap();
    copy(&whole, &run);
    program.write("run/metrics.jsonl", format!("{metrics}{first}\n{{\"step\":9,"));
    let ran = program.run(&["resume", "run", "--steps", "10"]);
    assert!(ran.code == 0 && !ran.stderr.contains("damaged"), "{}", ran.stderr);
    assert!(!program.path("run/metrics.damaged.jsonl").exists());
}

#[test]
fn a_run_of_an_older_version_has_no_sums_and_is_used_all_the_same() {
    let program = trained();
    let look =
        |program: &Program| [&["eval", "run"][..], &["info", "run"]].map(|args| program.succeed(args, ""));
    let [eval, info] = look(&program);
    program.remove_sums("run");
    let [without, told] = look(&program);
    assert_eq!(eval, without);
    assert_eq!(
        told,
        format!("{info}run is of an older version and has no SHA256SUMS: damage to it is not found\n")
    );
    program.succeed(&["resume", "run", "--steps", "10"], "");
    assert!(!program.path("run/SHA256SUMS").exists());
    program.succeed(&["average", "run", "--last", "1", "--out", "mean"], "");
    assert!(!program.succeed(&["info", "mean"], "").contains("older version"), "a new folder has sums");
    let mean = program.path("mean/tokenizer.json");
    let text = fs::read_to_string(&mean).unwrap();
    fs::write(&mean, text.replacen("\"h\"", "\"H\"", 1)).unwrap();
    program.fail(
        &["translate-text", "mean", "--text", "Der Hund."],
        "",
        &["mean/tokenizer.json is damaged", "SHA-256"],
    );
}

/// Bytes of a SafeTensors file with every number changed.
fn with_numbers(path: &Path, change: impl Fn(usize, f32) -> f32) -> Vec<u8> {
    let mut bytes = fs::read(path).unwrap();
    let start = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    for (index, number) in bytes[start..].chunks_exact_mut(4).enumerate() {
        let new = change(index, f32::from_le_bytes(number.try_into().unwrap()));
        number.copy_from_slice(&new.to_le_bytes());
    }
    bytes
}

#[test]
fn numbers_that_are_not_finite_are_an_error() {
    let program = Program::new();
    program.train("run", &["--steps", "2"]);
    program.remove_sums("run");
    let weights = program.path("run/model.safetensors");
    let whole = fs::read(&weights).unwrap();
    for (odd, shown) in [(f32::NAN, "holds NaN"), (f32::INFINITY, "holds inf")] {
        fs::write(&weights, &whole).unwrap();
        let damaged = with_numbers(&weights, |index, number| if index == 30 { odd } else { number });
        fs::write(&weights, damaged).unwrap();
        for args in [&["decode", "run", "--src", "1 2"][..], &["info", "run"]] {
            program.fail(args, "", &["model.safetensors can't be used: ", shown, "must be finite"]);
        }
    }
    fs::write(&weights, &whole).unwrap();
    fs::write(&weights, with_numbers(&weights, |_, number| 3e38_f32.copysign(number))).unwrap();
    let pair = "{\"src\":[1,2],\"tgt\":[1,2]}\n";
    program.fail(&["score", "run"], pair, &["the NLL of pair 1 is", "too large"]);
    program.fail(&["decode", "run", "--src", "1 2"], "", &["no likelihood", "too large"]);

    let parity = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/parity/pre-norm");
    let damaged =
        with_numbers(
            &parity.join("params.safetensors"),
            |index, number| if index == 3 { f32::NAN } else { number },
        );
    program.write("theirs.safetensors", damaged);
    let spec = parity.join("spec.json");
    let import = ["import", "theirs.safetensors", "--config", spec.to_str().unwrap(), "--out", "new"];
    program.fail(&import, "", &["theirs.safetensors can't be used", "holds NaN", "must be finite"]);
    assert!(!program.path("new").exists(), "nothing is written");
}

/// Every evaluation puts other weights in the place of the old ones.
#[test]
fn who_looks_at_a_run_that_is_being_trained_is_never_alarmed() {
    let program = Program::new();
    program.add_pairs("");
    let mut args = translate("run", &["--steps", "100000", "--keep-best", "0"]);
    let every = args.iter().position(|arg| *arg == "--evaluate-steps").unwrap();
    args[every + 1] = "1";
    let mut command = program.command(&args);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let weights = program.path("run/model.safetensors");
    crate::survival::wait_for(&mut child, || weights.exists());
    let mut steps = BTreeSet::new();
    for _ in 0..20 {
        program.succeed(&["info", "run", "--json"], "");
        let ran = program.run(&["plot", "run", "--out", "x.svg"]);
        assert!(!ran.stderr.contains("damaged"), "{}", ran.stderr);
        steps.insert(fs::read(&weights).unwrap());
    }
    let has_ended = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!has_ended && steps.len() > 2, "{} weights were seen", steps.len());
}
