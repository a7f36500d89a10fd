//! The power can go at any moment, and nothing that was said to be saved is lost.
//!
//! A command is run once, and what it asks the system to do to files is recorded (`calls`). From the record follows
//! what a disk may hold if the power goes after any of these calls (`disk`, `cut`). Each such state is laid out in a
//! folder, and the real program goes on from there. Some hundred states are tried with every test run, and at least
//! 5,000 by
//!
//! ```text
//! cargo test -p train --test it power_cut -- --ignored --nocapture
//! ```

mod calls;
mod cut;
mod disk;
mod scenes;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::common::{Program, Ran};
use cut::Cut;
use disk::{Disk, Survives, Tree};
use scenes::Scene;

/// States that are tried with every test run, of each scene, and how many steps are trained.
const FEW: (usize, &str) = (30, "6");
/// States that are tried when asked for, in all, and how many steps are trained: more steps, more that may be lost.
const MANY: (usize, &str) = (5_000, "24");
/// Of each moment, how many states in which something else survives of each file.
const DRAWN: u64 = 60;

/// A state of the disk after a power cut, from which it can be made again.
#[derive(Clone, Copy, Debug)]
struct State {
    moment: usize,
    survives: Survives,
    seed: u64,
}

impl State {
    fn tree(self, disk: &Disk) -> Tree {
        let Self { moment, survives, seed } = self;
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(moment as u64);
        Cut::new(disk, moment).tree(survives, &mut random)
    }
}

/// All states that differ: the regular ones of each moment, and some that are drawn.
fn states(disk: &Disk) -> Vec<State> {
    let names = [false, true].map(|zeros| Survives::Names { zeros });
    let regular = [Survives::Nothing, Survives::Everything, names[0], names[1], Survives::Bytes];
    let kinds = regular.into_iter().map(|survives| (survives, 0));
    let kinds: Vec<_> = kinds.chain((0..DRAWN).map(|seed| (Survives::Something, seed))).collect();
    let mut seen = BTreeSet::new();
    let all = (0..disk.moments()).flat_map(|moment| {
        kinds.iter().map(move |(survives, seed)| State { moment, survives: *survives, seed: *seed })
    });
    all.filter(|state| {
        let mut hasher = DefaultHasher::new();
        // What was said before decides what must be there.
        (state.tree(disk), said(disk, state.moment)).hash(&mut hasher);
        seen.insert(hasher.finish())
    })
    .collect()
}

/// What a program has said.
#[derive(Hash)]
struct Said {
    /// On standard output: what has come of it.
    output: String,
    /// On standard error: how far it is.
    progress: String,
}

/// What the program had said when the power went.
fn said(disk: &Disk, moment: usize) -> Said {
    let on = |descriptor| {
        let before = disk.said.iter().filter(|said| said.events <= moment && said.descriptor == descriptor);
        before.map(|said| said.text.as_str()).collect()
    };
    Said { output: on(1), progress: on(2) }
}

/// Everything below a folder; nothing if there is none.
fn read(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            let is_folder = path.is_dir();
            tree.insert(name, (!is_folder).then(|| fs::read(&path).unwrap()));
            folders.extend(is_folder.then_some(path));
        }
    }
    tree
}

fn lay_out(tree: &Tree, folder: &Path) {
    for (name, bytes) in tree {
        match bytes {
            Some(bytes) => fs::write(folder.join(name), bytes).unwrap(),
            None => fs::create_dir(folder.join(name)).unwrap(),
        }
    }
}

/// Runs a command and records what it does to the folder of a program.
fn record(program: &Program, args: &[&str]) -> Disk {
    let folder = program.path("").canonicalize().unwrap();
    let mut disk = Disk::new(&folder, &read(&folder));
    let log = tempfile::NamedTempFile::new().unwrap();
    let output = calls::traced(&program.command(args), log.path()).output().unwrap();
    let ran = Ran::of(output);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    calls::calls(&fs::read_to_string(log.path()).unwrap()).into_iter().for_each(|call| disk.call(call));
    let (found, expected) = (disk.tree(), read(&folder));
    for name in found.keys().chain(expected.keys()) {
        assert!(found.get(name) == expected.get(name), "the record makes something else of {name}");
    }
    disk
}

/// Tries so many states of a scene, spread over all of them, and that in which nothing is left when the command has ended
/// but what is safe; returns how many, and what went wrong.
fn try_states(scene: &dyn Scene, most: usize) -> (usize, Vec<String>) {
    let disk = scene.disk();
    let all = states(disk);
    let count = most.min(all.len());
    let last = State { moment: disk.moments() - 1, survives: Survives::Nothing, seed: 0 };
    let next = AtomicUsize::new(0);
    let failures: Vec<String> = thread::scope(|scope| {
        let work = || {
            let mut failures = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index > count || failures.len() >= 5 {
                    return failures;
                }
                let state = if index < count { all[index * all.len() / count] } else { last };
                let program = Program::in_memory();
                lay_out(&state.tree(disk), &program.path(""));
                if let Err(wrong) = scene.goes_on(&program, &said(disk, state.moment)) {
                    failures.push(format!("{}, {state:?}: {wrong}", scene.name()));
                }
            }
        };
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    println!("{}: {count} of {} states after {} events", scene.name(), all.len(), disk.events.len());
    (count, failures)
}

/// Tries so many states of each scene, with training of so many steps, and returns how many these are.
fn try_scenes((most, steps): (usize, &'static str)) -> BTreeMap<&'static str, usize> {
    assert!(calls::can_trace(), "strace is needed");
    let mut failures = Vec::new();
    let mut tried = BTreeMap::new();
    for scene in scenes::all(steps) {
        let (count, wrong) = try_states(&*scene, most);
        tried.insert(scene.name(), count);
        failures.extend(wrong);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    tried
}

#[test]
fn a_power_cut_loses_nothing_that_was_saved() {
    if calls::can_trace() {
        let tried = try_scenes(FEW);
        assert!(tried.values().all(|count| *count == FEW.0), "{tried:?} are too few");
    }
}

#[test]
#[ignore = "takes more than a quarter of an hour"]
fn five_thousand_power_cuts_lose_nothing_that_was_saved() {
    let tried = try_scenes(MANY);
    let all: usize = tried.values().sum();
    println!("{all} states: {tried:?}");
    assert!(all >= MANY.0, "{all} are too few");
}

/// Of two files in a folder, one was synced, and the names of neither.
#[test]
fn what_was_not_synced_may_be_lost() {
    use calls::{Call, Place};
    let place = |path: &str| Place { folder: None, path: path.into() };
    let open = |path: &str, gives| Call::Open {
        place: place(path),
        creates: true,
        truncates: false,
        appends: false,
        gives,
    };
    let mut disk = Disk::new(Path::new("/nowhere"), &Tree::from([("f".to_owned(), None)]));
    for call in [
        open("f/a", 3),
        Call::Write { file: 3, bytes: b"one".to_vec() },
        Call::Sync(3),
        Call::Write { file: 3, bytes: b"two".to_vec() },
        open("f", 4),
        Call::Sync(4),
        Call::Rename { from: place("f/a"), to: place("b") },
    ] {
        disk.call(call);
    }
    let tree = |moment, survives| State { moment, survives, seed: 0 }.tree(&disk);
    let file = |name: &str, text: &str| {
        Tree::from([("f".to_owned(), None), (name.to_owned(), Some(text.as_bytes().to_vec()))])
    };
    let folder = Tree::from([("f".to_owned(), None)]);
    assert_eq!(tree(4, Survives::Nothing), folder, "the name of a synced file isn't safe");
    assert_eq!(tree(4, Survives::Names { zeros: false }), file("f/a", "one"));
    assert_eq!(tree(4, Survives::Names { zeros: true }), file("f/a", "one\0\0\0"));
    assert_eq!(tree(6, Survives::Nothing), file("f/a", "one"));
    assert_eq!(tree(6, Survives::Names { zeros: false }), file("b", "one"));
    assert_eq!(tree(6, Survives::Everything), file("b", "onetwo"));
    assert_eq!(tree(6, Survives::Bytes), file("f/a", "onetwo"), "a rename is whole");
    let drawn: BTreeSet<Tree> =
        (0..60).map(|seed| State { moment: 6, survives: Survives::Something, seed }.tree(&disk)).collect();
    for tree in &drawn {
        assert!(tree.contains_key("b") != tree.contains_key("f/a"), "there is one name, never none or two");
    }
    assert!(drawn.len() > 6, "torn, with zeros, whole, under both names");
}
