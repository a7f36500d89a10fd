//! Where files of strangers come in, for tests and fuzzers that throw things at them.
//!
//! Each doorway takes what is in a file, and reads it as the command does that a user would give the file to. What is no good
//! has to be refused with the line that the user would see. Nothing else is promised of these functions.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Result, anyhow};
use flate2::{Compression, write::GzEncoder};

use crate::cli::{self, Instead};
use crate::commands;
use crate::data::images::{ImageSet, Part};
use crate::data::vocabulary::Vocabulary;

/// Weights of another program, in a file of this name, and the spec that describes their model.
///
/// # Errors
///
/// If `train import` refuses them.
pub fn import(name: &str, weights: &[u8], spec: &[u8]) -> Result<()> {
    within(|folder| {
        let [file, description, run] = [name, "spec.json", "run"].map(|name| folder.join(name));
        fs::write(&file, weights)?;
        fs::write(&description, spec)?;
        let words = ["import".as_ref(), file.as_os_str(), "--config".as_ref(), description.as_os_str()];
        command(words.into_iter().chain(["--out".as_ref(), run.as_os_str()]))
    })
}

/// `config.json` of a run, and its weights.
///
/// # Errors
///
/// If `train info` refuses them.
pub fn info(config: &[u8], weights: &[u8]) -> Result<()> {
    within(|folder| {
        fs::write(folder.join("config.json"), config)?;
        fs::write(folder.join("model.safetensors"), weights)?;
        command(["info".as_ref(), folder.as_os_str()])
    })
}

/// A file of settings, for each command that takes one. It is accepted if one of them accepts it.
///
/// # Errors
///
/// If none of them does.
pub fn settings(bytes: &[u8]) -> Result<()> {
    within(|folder| {
        let file = folder.join("settings.toml");
        fs::write(&file, bytes)?;
        let of = |name: &str| {
            let words = [name, "--print-config", "--out", "run", "--config"].map(OsStr::new);
            command(words.into_iter().chain([file.as_os_str()]))
        };
        let all = ["copy", "lm", "translate"].map(of);
        all.into_iter().reduce(|one, other| one.or(other)).unwrap_or(Ok(()))
    })
}

/// A `tokenizer.json`, which then cuts a text into pieces and puts it together again.
///
/// # Errors
///
/// If it is refused, or can't be used.
pub fn tokenizer(bytes: &[u8]) -> Result<()> {
    within(|folder| {
        let path = folder.join("tokenizer.json");
        fs::write(&path, bytes)?;
        let vocabulary = Vocabulary::open(&path)?;
        let ids = vocabulary.encode("Der Bär, 3 Käse & <pad> \u{1f43b}.")?;
        vocabulary.decode(&ids)?;
        ids.iter().for_each(|&id| drop(vocabulary.piece(id)));
        Ok(())
    })
}

/// Pairs of sentences in columns.
///
/// # Errors
///
/// If `train data add` refuses them.
pub fn tsv(bytes: &[u8]) -> Result<()> {
    within(|folder| {
        let file = folder.join("pairs.tsv");
        fs::write(&file, bytes)?;
        let words = ["data", "add", "thrown", "--languages", "de-en", "--valid", "1", "--test", "1", "--tsv"];
        let words = words.map(OsStr::new).into_iter().chain([file.as_os_str()]);
        command(words.chain([OsStr::new("--data"), folder.join("data").as_os_str()]))
    })
}

/// Images and their labels in IDX, gzipped already or not.
///
/// # Errors
///
/// If they are refused.
pub fn idx(images: &[u8], labels: &[u8]) -> Result<()> {
    const INFO: &str =
        r#"{"name": "thrown", "classes": ["a", "b", "c"], "licence": "none", "origin": "nowhere"}"#;
    within(|folder| {
        fs::write(folder.join("images.json"), INFO)?;
        for (name, bytes) in [("images-idx3", images), ("labels-idx1", labels)] {
            fs::write(folder.join(format!("t10k-{name}-ubyte.gz")), gzipped(bytes)?)?;
        }
        ImageSet::open(folder)?.read(Part::Test).map(drop)
    })
}

/// Carries out a command whose output nobody reads.
fn command<'a>(words: impl IntoIterator<Item = &'a OsStr>) -> Result<()> {
    let words = [OsStr::new("train")].into_iter().chain(words).map(OsStr::to_owned);
    let cli = cli::parse(words).map_err(|instead| match instead {
        Instead::Complain(line) => anyhow!(line),
        Instead::Help(_) | Instead::Hint(_) => anyhow!("help was asked for"),
    })?;
    commands::run(cli, &mut io::sink()).map(drop)
}

/// Does something in a folder of its own.
fn within(work: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    work(folder.path())
}

fn gzipped(bytes: &[u8]) -> io::Result<Vec<u8>> {
    if bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes.to_vec());
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish()
}
