//! The commands during which the power goes, and what must be true afterwards.

use std::fs;
use std::path::Path;

use super::disk::Disk;
use super::{Said, read, record, said};
use crate::common::{Program, SMALL};

/// A command that was recorded, and how to go on after a power cut in it.
pub(super) trait Scene: Sync {
    fn name(&self) -> &'static str;
    fn disk(&self) -> &Disk;
    /// Goes on in a folder as a power cut left it, given what had been said before, or says what is wrong.
    fn goes_on(&self, program: &Program, said: &Said) -> Result<(), String>;
}

/// All scenes; training takes so many steps.
pub(super) fn all(steps: &'static str) -> Vec<Box<dyn Scene>> {
    vec![
        Box::new(Training::begun(steps)),
        Box::new(Training::resumed(steps)),
        Box::new(Replaced::corpus()),
        Box::new(Replaced::average()),
        Box::new(Replaced::import()),
    ]
}

/// A short run with random numbers, several parts, an evaluation and a checkpoint at every second step, some of which are
/// removed.
fn run<'a>(steps: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut settings = SMALL.to_vec();
    let interval = settings.iter().position(|setting| *setting == "--evaluate-steps").unwrap();
    settings[interval + 1] = "2";
    let first = ["translate", "--corpus", "mine", "--out", "run", "--vocab", "100", "--steps", steps];
    let kept = ["--accumulate", "2", "--dropout", "0.2", "--keep-last", "2", "--keep-best", "1"];
    [&first[..], &settings, &kept, more].concat()
}

/// Training, from the first file or from a checkpoint on.
struct Training {
    name: &'static str,
    disk: Disk,
    steps: &'static str,
    /// What the run that nobody disturbs leaves.
    whole: Program,
}

impl Training {
    fn new(name: &'static str, disk: Disk, steps: &'static str, whole: Program) -> Self {
        let saved = Self::saved(&said(&disk, disk.moments()).progress);
        assert_eq!(saved.to_string(), steps, "what is saved is said where this looks for it");
        Self { name, disk, steps, whole }
    }

    fn begun(steps: &'static str) -> Self {
        let whole = Program::new();
        whole.add_pairs("");
        let disk = record(&whole, &run(steps, &[]));
        Self::new("training begins", disk, steps, whole)
    }

    fn resumed(steps: &'static str) -> Self {
        let whole = Program::new();
        whole.add_pairs("");
        whole.succeed(&run("2", &[]), "");
        let disk = record(&whole, &["resume", "run", "--steps", steps]);
        Self::new("training goes on", disk, steps, whole)
    }

    /// The step of the last checkpoint that was said to be saved.
    fn saved(said: &str) -> usize {
        let last = said
            .rsplit("saved the checkpoint of step ")
            .next()
            .filter(|_| said.contains("saved the checkpoint"));
        let number = last.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
        number.map_or(0, |number| number.parse().unwrap())
    }

    /// The step from which a run went on, by the first line it wrote of a step.
    fn went_on_from(&self, output: &str) -> usize {
        let first = output
            .lines()
            .find_map(|line| line.strip_prefix("step ")?.split_once(" (")?.0.parse::<usize>().ok());
        first.map_or_else(|| self.steps.parse().unwrap(), |step| step - 1)
    }
}

impl Scene for Training {
    fn name(&self) -> &'static str {
        self.name
    }

    fn disk(&self) -> &Disk {
        &self.disk
    }

    fn goes_on(&self, program: &Program, said: &Said) -> Result<(), String> {
        let before = read(&program.path(""));
        let saved = Self::saved(&said.progress);
        let resumed = program.run(&["resume", "run", "--steps", self.steps]);
        let is_new = !before.contains_key("run/config.json");
        let ran = if is_new {
            // Nothing was begun. It says so, and the same command begins.
            if resumed.code != 2 || resumed.stderr.lines().count() != 1 || saved > 0 {
                return Err(format!("exit code {}, {} {}", resumed.code, resumed.stdout, resumed.stderr));
            }
            program.run(&run(self.steps, &[]))
        } else {
            resumed
        };
        if ran.code != 0 {
            return Err(format!("exit code {}: {}; there is {:?}", ran.code, ran.stderr, before.keys()));
        }
        let from = self.went_on_from(&ran.stderr);
        if from < saved {
            return Err(format!("goes on from step {from}, but that of step {saved} was saved"));
        }
        let [whole, found] = [self.whole.path("run"), program.path("run")].map(|run| read(&run));
        for name in whole.keys().chain(found.keys()) {
            let is_same = match name.as_str() {
                // Two hold times, one the folder in which the corpus lies.
                "timings.jsonl" | "config.json" | "SHA256SUMS" => {
                    whole.contains_key(name) == found.contains_key(name)
                }
                name if name.contains("state.json") || name.contains("SHA256SUMS") => {
                    whole.contains_key(name) == found.contains_key(name)
                }
                _ => whole.get(name) == found.get(name),
            };
            if !is_same {
                return Err(format!("{name} is not that of the run that nobody disturbed"));
            }
        }
        Ok(())
    }
}

/// A command that puts something in the place of what is there.
struct Replaced {
    name: &'static str,
    disk: Disk,
    /// What is replaced.
    place: &'static str,
    /// A command that reads it.
    reads: Vec<&'static str>,
    /// The command that replaces it.
    command: Vec<&'static str>,
    old: super::Tree,
    new: super::Tree,
}

impl Replaced {
    fn new(
        name: &'static str,
        program: &Program,
        place: &'static str,
        reads: &[&'static str],
        command: &[&'static str],
    ) -> Self {
        let old = read(&program.path(place));
        let disk = record(program, command);
        let new = read(&program.path(place));
        assert!(old != new, "something is replaced");
        Self { name, disk, place, reads: reads.to_vec(), command: command.to_vec(), old, new }
    }

    fn corpus() -> Self {
        let program = Program::new();
        program.add_pairs("");
        let more: String = (0..40).map(|n| format!("Noch ein Satz {n}.\tOne more sentence {n}.\n")).collect();
        program.write("other.tsv", more);
        let add = ["data", "add", "mine", "--tsv", "other.tsv", "--valid", "5", "--test", "5", "--force"];
        Self::new("a corpus is replaced", &program, "data/mine", &["data", "list"], &add)
    }

    fn average() -> Self {
        let program = Program::new();
        program.add_pairs("");
        program.succeed(&run("6", &[]), "");
        program.succeed(&["average", "run", "--out", "average", "--last", "1"], "");
        let average = ["average", "run", "--out", "average", "--last", "2", "--force"];
        Self::new("an average is replaced", &program, "average", &["info", "average"], &average)
    }

    fn import() -> Self {
        let program = Program::new();
        let parity = Path::new(env!("CARGO_MANIFEST_DIR")).join("../model/tests/parity");
        for (norm, files) in
            [("pre-norm", ["a.safetensors", "a.json"]), ("post-norm", ["b.safetensors", "b.json"])]
        {
            for (from, to) in ["params.safetensors", "spec.json"].into_iter().zip(files) {
                fs::copy(parity.join(norm).join(from), program.path(to)).unwrap();
            }
        }
        program.succeed(&["import", "a.safetensors", "--config", "a.json", "--out", "imported"], "");
        let import = ["import", "b.safetensors", "--config", "b.json", "--out", "imported", "--force"];
        Self::new("an import is replaced", &program, "imported", &["info", "imported"], &import)
    }
}

impl Scene for Replaced {
    fn name(&self) -> &'static str {
        self.name
    }

    fn disk(&self) -> &Disk {
        &self.disk
    }

    fn goes_on(&self, program: &Program, said: &Said) -> Result<(), String> {
        let ran = program.run(&self.reads);
        if ran.code != 0 {
            return Err(format!("{:?}: exit code {}: {}", self.reads, ran.code, ran.stderr));
        }
        let found = read(&program.path(self.place));
        if found != self.new && (found != self.old || !said.output.is_empty()) {
            return Err(format!(
                "{} is neither the old nor the new, or is the old though {:?} was said",
                self.place, said.output
            ));
        }
        let ran = program.run(&self.command);
        let again = read(&program.path(self.place));
        // A run says in which folder its corpus lies, which is another one here.
        let is_told = |name: &str| name == "config.json" || name == "SHA256SUMS";
        let is_same = |name: &String| is_told(name) || again.get(name) == self.new.get(name);
        if ran.code != 0 || !again.keys().eq(self.new.keys()) || !self.new.keys().all(is_same) {
            return Err(format!("once more: exit code {}: {}", ran.code, ran.stderr));
        }
        Ok(())
    }
}
