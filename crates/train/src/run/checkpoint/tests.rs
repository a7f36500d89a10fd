//! What must hold of checkpoints, whatever is killed or damaged.

use burn::nn::LinearConfig;
use burn::optim::AdamConfig;
use burn::tensor::Device;

use super::*;
use crate::files::sums::SUMS;
use crate::run::state::Measured;

fn save(folder: &Path, step: usize) -> Checkpoint {
    let model = LinearConfig::new(2, 3).init(&Device::flex());
    let state = State { step, seconds: 0.1 + 0.2, ..State::default() };
    Checkpoint::save(folder, &model, &ModuleOptimizer::from(AdamConfig::new().build()), &state).unwrap()
}

fn steps<'a>(checkpoints: impl IntoIterator<Item = &'a Checkpoint>) -> Vec<usize> {
    checkpoints.into_iter().map(|found| found.step).collect()
}

#[test]
fn checkpoints_are_listed_in_order_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(find(&folder.path().join("none"), None).unwrap(), None);
    for step in [100, 9, 20] {
        save(folder.path(), step);
    }
    fs::create_dir(folder.path().join(".step-half")).unwrap();
    Checkpoint::tidy(folder.path());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    assert_eq!(steps(&Checkpoint::list(folder.path()).unwrap()), [9, 20, 100]);
    let (newest, state) = find(folder.path(), None).unwrap().unwrap();
    assert_eq!((newest.step, state.step, state.seconds), (100, 100, 0.1 + 0.2));
    assert_eq!(find(folder.path(), Some(9)).unwrap().unwrap().0.step, 9);
    let message = find(folder.path(), Some(7)).unwrap_err().to_string();
    assert!(message.contains("no checkpoint of step 7") && message.contains("9, 20, 100"), "{message}");
}

#[test]
fn damage_anywhere_is_named_and_an_older_checkpoint_offered() {
    let folder = tempfile::tempdir().unwrap();
    save(folder.path(), 3);
    let newest = save(folder.path(), 8);
    for name in SUMMED {
        let path = newest.path.join(name);
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        let place = whole.len() / 2;
        changed[place] ^= 1;
        for damaged in [&changed[..], &whole[..place], &[]] {
            fs::write(&path, damaged).unwrap();
            let message = format!("{:#}", find(folder.path(), None).unwrap_err());
            assert!(message.contains("--from 3") && message.contains(name), "{message}");
        }
        fs::remove_file(&path).unwrap();
        let message = format!("{:#}", find(folder.path(), None).unwrap_err());
        assert!(message.contains("--from 3") && message.contains(name), "{message}");
        fs::write(&path, &whole).unwrap();
    }
    assert_eq!(find(folder.path(), None).unwrap().unwrap().0.step, 8);
    fs::write(newest.path.join(SUMS), "").unwrap();
    assert!(format!("{:#}", find(folder.path(), None).unwrap_err()).contains(SUMS));
}

#[test]
fn the_older_ones_that_are_whole_are_offered_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second, third, fourth] = [2, 4, 6, 8].map(|step| save(folder.path(), step));
    for damaged in [&second, &fourth] {
        fs::write(damaged.path.join(STATE), "").unwrap();
    }
    let message = |wanted| format!("{:#}", find(folder.path(), wanted).unwrap_err());
    assert!(message(None).contains("--from 6") && message(None).contains("step-6, step-2"));
    assert!(message(Some(4)).contains("--from 2") && !message(Some(4)).contains("step-6"));
    fs::write(first.path.join(STATE), "").unwrap();
    assert!(message(Some(4)).contains("no older checkpoint is whole"));
    assert_eq!(find(folder.path(), Some(6)).unwrap().unwrap().0, third);
}

#[test]
fn what_was_set_aside_comes_back_unless_its_successor_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let saved = [4, 8].map(|step| save(folder.path(), step));
    save(folder.path(), 8);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left of the one replaced");
    fs::rename(&saved[0].path, folder.path().join(".before-4")).unwrap();
    fs::create_dir(folder.path().join(".before-8")).unwrap();
    fs::create_dir(folder.path().join(".step-2-removed")).unwrap();
    Checkpoint::tidy(folder.path());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    assert_eq!(Checkpoint::list(folder.path()).unwrap(), saved);
    saved.iter().for_each(|checkpoint| drop(checkpoint.state().unwrap()));
    saved[0].remove().unwrap();
    assert_eq!(Checkpoint::list(folder.path()).unwrap(), saved[1..]);
}

#[test]
fn the_best_and_the_last_are_kept_and_untrained_weights_are_not() {
    let all = [0, 2, 4, 6, 8].map(|step| Checkpoint { step, path: format!("step-{step}").into() });
    let evaluations = [(2, 3.0), (4, 1.0), (6, 2.0)].map(|(step, nll)| Measured { step, nll });
    let among = |count: usize, best, last| {
        let choice = Choice::among(&all[..count], &evaluations, best, last);
        (choice.used.map(|used| used.step), steps(choice.outdated))
    };
    assert_eq!(among(0, 1, 1), (None, vec![]));
    assert_eq!(among(1, 1, 1), (Some(0), vec![]));
    assert_eq!(among(2, 0, 9), (Some(2), vec![0]));
    assert_eq!(among(5, 0, 2), (Some(8), vec![0, 2, 4]));
    assert_eq!(among(5, 1, 1), (Some(4), vec![0, 2, 6]));
    assert_eq!(among(5, 2, 1), (Some(4), vec![0, 2]));
    assert_eq!(among(5, 9, 9), (Some(4), vec![0]));
    let unknown = Choice::among(&all, &[], 3, 1);
    assert_eq!(unknown.used.map(|used| used.step), Some(8), "the last, if none was evaluated");
}
