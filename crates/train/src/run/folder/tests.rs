//! What must hold of a run folder, whoever is killed when.

use anyhow::anyhow;
use model::TransformerConfig;

use std::path::Path;

use super::claim::CLEARED;
use super::*;
use crate::data::copy::CopyTask;
use crate::run::config::{ModelConfig, RunConfig, Task, Versions};

fn config() -> RunConfig {
    let sizes =
        TransformerConfig { n_layers: 1, d_model: 4, d_ff: 6, n_heads: 2, ..TransformerConfig::tiny(7) };
    RunConfig {
        model: ModelConfig::Transformer(sizes),
        task: Task::Copy(CopyTask { vocab: 7, length: 5 }),
        bos: 1,
        eos: None,
        training: None,
        device: None,
        versions: Versions::current(),
    }
}

fn names(path: &Path) -> Vec<String> {
    let names = fs::read_dir(path).unwrap();
    let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn only_a_run_is_replaced_and_only_when_asked() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("a/b");
    drop(RunFolder::create(&path, &config(), false).unwrap());
    fs::create_dir_all(path.join("checkpoints/step-7")).unwrap();
    fs::write(path.join("notes.txt"), "mine").unwrap();
    let message = RunFolder::create(&path, &config(), false).unwrap_err().to_string();
    assert!(message.contains("already holds a run") && message.contains("--force"), "{message}");
    drop(RunFolder::create(&path, &config(), true).unwrap());
    assert_eq!(names(&path), [".lock", "SHA256SUMS", "config.json", "notes.txt"]);
    fs::remove_file(path.join(CONFIG)).unwrap();
    let message = RunFolder::create(&path, &config(), true).unwrap_err().to_string();
    assert!(message.contains("holds no run"), "{message}");
}

#[test]
fn a_second_process_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("run");
    let folder = RunFolder::claim(&path, false).unwrap();
    let refused = |result: Result<RunFolder>| {
        let message = result.unwrap_err().to_string();
        assert!(message.contains("another process is training in"), "{message}");
    };
    refused(RunFolder::claim(&path, true));
    refused(RunFolder::open_to_resume(&path));
    folder.begin(&config(), None, || Ok(())).unwrap();
    refused(RunFolder::claim(&path, true));
    refused(RunFolder::open_to_resume(&path).unwrap().locked());
    drop(folder);
    RunFolder::open_to_resume(&path).unwrap().locked().unwrap();
}

#[test]
fn what_a_killed_beginning_left_is_taken_and_cleared() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("run");
    for has_config in [false, true] {
        fs::create_dir_all(path.join("data/more")).unwrap();
        fs::create_dir_all(path.join("checkpoints/.step-0")).unwrap();
        for name in [".lock", ".tmpabc", "SHA256SUMS", "settings.toml", "tokenizer.json"] {
            fs::write(path.join(name), "").unwrap();
        }
        if has_config {
            fs::write(path.join(CONFIG), "").unwrap();
        } else {
            let message = RunFolder::open_to_resume(&path).unwrap_err().to_string();
            assert!(message.contains("nothing was begun") && message.contains("same command"), "{message}");
        }
        drop(RunFolder::create(&path, &config(), false).unwrap());
        assert_eq!(names(&path), [".lock", "SHA256SUMS", "config.json"]);
        fs::remove_file(path.join(CONFIG)).unwrap();
    }
    // Results are never taken for that.
    fs::create_dir_all(path.join("checkpoints/step-3")).unwrap();
    let message = RunFolder::claim(&path, true).unwrap_err().to_string();
    assert!(message.contains("not empty and holds no run"), "{message}");
}

#[test]
fn a_run_that_was_being_cleared_away_is_gone_and_its_folder_free() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("run");
    drop(RunFolder::create(&path, &config(), false).unwrap());
    fs::rename(path.join(CONFIG), path.join(CLEARED)).unwrap();
    fs::create_dir_all(path.join("checkpoints/step-3")).unwrap();
    fs::write(path.join(WEIGHTS), "").unwrap();
    let message = RunFolder::open_to_resume(&path).unwrap_err().to_string();
    assert!(message.contains("nothing was begun"), "{message}");
    drop(RunFolder::create(&path, &config(), false).unwrap());
    assert_eq!(names(&path), [".lock", "SHA256SUMS", "config.json"]);
}

#[test]
fn an_older_run_is_there_until_the_new_one_is_known_to_be_right() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("run");
    let begin = |is_right: bool| {
        let folder = RunFolder::claim(&path, true).unwrap();
        folder.begin(&config(), Some("layers = 2\n"), || {
            if is_right { Ok(()) } else { Err(anyhow!("too many pieces")) }
        })
    };
    assert_eq!(begin(false).unwrap_err().to_string(), "too many pieces");
    assert_eq!(names(&path), [".lock"], "a new one is taken back");
    begin(true).unwrap();
    fs::write(path.join(WEIGHTS), "of much work").unwrap();
    begin(false).unwrap_err();
    assert_eq!(names(&path), [".lock", "SHA256SUMS", "config.json", "model.safetensors", "settings.toml"]);
    begin(true).unwrap();
    assert_eq!(names(&path), [".lock", "SHA256SUMS", "config.json", "settings.toml"]);
}

#[test]
fn the_configuration_survives_the_round_trip() {
    let parent = tempfile::tempdir().unwrap();
    let folder = RunFolder::create(&parent.path().join("run"), &config(), false).unwrap();
    assert_eq!(folder.config().unwrap(), config());
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let wrong = RunConfig { bos: 7, ..config() };
    let message = RunFolder::create(parent.path(), &wrong, false).unwrap_err().to_string();
    assert!(message.contains("bos = 7") && message.contains("below tgt_vocab = 7"), "{message}");
}

#[test]
fn a_device_that_failed_is_named_with_the_way_on() {
    let parent = tempfile::tempdir().unwrap();
    let message = |device: &str| {
        let path = parent.path().join("run");
        let config = RunConfig { device: Some(device.to_owned()), ..config() };
        let folder = RunFolder::create(&path, &config, true).unwrap();
        fs::create_dir_all(folder.checkpoints().join("step-12")).unwrap();
        folder.device_failed("no answer").to_string()
    };
    let one = message("cuda:0");
    assert!(one.starts_with("the device cuda:0 has failed: no answer; the checkpoint of step 12"), "{one}");
    assert!(one.ends_with("run --device flex"), "{one}");
    assert!(message("flex").ends_with("run"));
    let several = message("flex,remote:ws://there:3000");
    assert!(several.contains("(device 0 is flex, device 1 is remote:ws://there:3000)"), "{several}");
}
