//! What must hold of the lines that are noted while training.

use std::fs;

use super::*;
use crate::run::state::State;

fn record(step: usize) -> Line {
    Line::Step(Record {
        step,
        epoch: 1,
        loss: 1.0,
        nll: 1.0,
        lr: 0.1,
        tokens: 9,
        padding: 0.0,
        gradient_norm: 1.0,
        noise_scale: None,
    })
}

fn evaluation(step: usize) -> Line {
    Line::Evaluation(Evaluation { step, target_tokens: 3, valid_nll: 2.0, bleu: Some(1.5) })
}

/// Writes lines, and a half of one.
fn written(path: &Path, lines: &[Line]) {
    let line = |line: &Line| serde_json::to_string(line).unwrap() + "\n";
    fs::write(path, lines.iter().map(line).collect::<String>() + "{\"st").unwrap();
}

fn at(step: usize, due: bool) -> State {
    State { step, due, ..State::default() }
}

#[test]
fn metrics_after_the_checkpoint_are_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    written(&path, &[record(1), record(2), evaluation(2), record(3), evaluation(3)]);
    let mut log = Log::open(&path, &at(2, false), None).unwrap();
    log.add(&record(3)).unwrap();
    log.publish().unwrap();
    log.add(&record(4)).unwrap();
    assert_eq!(read(&path).unwrap(), [record(1), record(2), evaluation(2), record(3), record(4)]);
    Log::open(&path, &at(0, false), None).unwrap().publish().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_evaluation_that_is_to_be_done_again_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    written(&path, &[record(1), evaluation(1), record(2), evaluation(2)]);
    Log::open(&path, &at(2, true), None).unwrap().publish().unwrap();
    assert_eq!(read(&path).unwrap(), [record(1), evaluation(1), record(2)]);
}

#[test]
fn a_last_line_that_is_cut_off_is_left_out_and_other_damage_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    written(&path, &[record(1), evaluation(1)]);
    let whole = fs::read(&path).unwrap();
    let whole = whole.strip_suffix(b"{\"st").unwrap();
    let last = whole.strip_suffix(b"\n").unwrap().iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for length in [last + 1, last + 9, whole.len() - 2] {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(read(&path).unwrap(), [record(1)], "{length}");
    }
    for end in [&b""[..], b"\n", b"\n\0\0\xff"] {
        fs::write(&path, [&whole[..whole.len() - 1], end].concat()).unwrap();
        assert_eq!(read(&path).unwrap(), [record(1), evaluation(1)], "{end:?}");
    }
    let refused = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        format!("{:#}", read(&path).unwrap_err())
    };
    for end in [&b"{}"[..], b"1", b"{\"st\n"] {
        assert!(refused(&[whole, end].concat()).starts_with(&format!("line 3 of {} is", path.display())));
    }
    assert!(refused(&whole[1..]).starts_with("line 1 of"));
    assert!(refused(&[b"\xff\n", whole].concat()).contains("is damaged"));
    assert!(refused(&whole[..5]).contains("holds no whole line"));
    assert!(refused(b"").contains("is empty"));
}

#[test]
fn the_old_file_is_whole_until_the_new_one_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    written(&path, &[record(1), record(2)]);
    let old = fs::read(&path).unwrap();
    let mut log = Log::open(&path, &at(1, false), None).unwrap();
    log.add(&record(7)).unwrap();
    assert_eq!(fs::read(&path).unwrap(), old);
    drop(log);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "what was never published is gone");
}

#[test]
fn what_cannot_be_read_is_no_empty_history_but_spoilt_lines_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    let message = Log::open(folder.path(), &at(2, false), None).unwrap_err().to_string();
    assert!(message.starts_with("cannot read"), "{message}");
    let line = serde_json::to_string(&record(1)).unwrap();
    fs::write(&path, [line.as_bytes(), b"\n\0\0\xff\xff\n"].concat()).unwrap();
    Log::open(&path, &at(2, false), None).unwrap().publish().unwrap();
    assert_eq!(read(&path).unwrap(), [record(1)]);
}

#[test]
fn what_a_checkpoint_says_was_written_is_kept_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    let mut log = Log::open(&path, &at(0, false), None).unwrap();
    log.publish().unwrap();
    log.add(&record(1)).unwrap();
    let first = log.written();
    log.add(&record(2)).unwrap();
    assert_eq!(first.bytes, fs::read_to_string(&path).unwrap().find('\n').unwrap() as u64 + 1);
    drop(log);
    // Of the second step nothing was saved; whatever the lines say, it is the bytes that count.
    let mut log = Log::open(&path, &at(9, false), Some(&first)).unwrap();
    assert_eq!(log.written(), first);
    log.add(&record(3)).unwrap();
    let both = log.written();
    // Killed when a checkpoint was saved and the new lines had not come to their place.
    let new = written::waiting(&path);
    let copy = fs::read(&new).unwrap();
    drop(log);
    fs::write(&new, copy).unwrap();
    Log::open(&path, &at(9, false), Some(&both)).unwrap().publish().unwrap();
    assert_eq!(read(&path).unwrap(), [record(1), record(3)]);
    assert!(!new.exists());
}
