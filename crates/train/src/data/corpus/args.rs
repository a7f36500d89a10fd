//! What `train data add` is told.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::ArgGroup;

use super::clean::Keep;
use super::input::{Input, MOST_HELD_OUT, Source};
use super::languages::{Languages, Said};
use super::read::Form;
use super::split::Wanted;
use super::{CorpusInfo, Counts, Dropped, INFO, Kind, Split, builtin};

/// What to make a corpus of, and how.
#[derive(Clone, Debug, clap::Args)]
#[command(group = ArgGroup::new("input").args(["source", "tsv", "tatoeba", "text"]).required(true))]
pub(crate) struct AddArgs {
    /// Name of the corpus: a folder in the data folder.
    pub(crate) name: String,
    /// Sentences to translate from, one a line; --target has the translation in the same line. Every input file may be
    /// gzipped, and one may be standard input (-).
    #[arg(long, value_name = "FILE", requires = "target")]
    pub(crate) source: Option<PathBuf>,
    /// Translations of the sentences in --source.
    #[arg(long, value_name = "FILE", requires = "source", conflicts_with_all = ["tsv", "tatoeba", "text"])]
    pub(crate) target: Option<PathBuf>,
    /// Pairs of sentences: source, tab, target. Further columns are ignored.
    #[arg(long, value_name = "FILE")]
    pub(crate) tsv: Option<PathBuf>,
    /// Pairs of sentences as manythings.org/anki offers those of Tatoeba, such as deu.txt: English, tab, the other
    /// language, tab, attribution. One of --languages must be en.
    #[arg(long, value_name = "FILE")]
    pub(crate) tatoeba: Option<PathBuf>,
    /// Text of one language, a sentence or paragraph a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) text: Option<PathBuf>,
    /// Languages to translate from and into [default: de-en]; of a text, its language, if it is to be kept.
    #[arg(long, value_name = "FROM-INTO")]
    pub(crate) languages: Option<Said>,
    /// The first line of --tsv names the columns, and is left out; of --valid-file and --test-file, too.
    #[arg(long, conflicts_with_all = ["source", "tatoeba", "text"])]
    pub(crate) header: bool,
    /// Columns of --tsv may stand in double quotes, as spreadsheets write them; two in a row are one.
    #[arg(long, conflicts_with_all = ["source", "tatoeba", "text"])]
    pub(crate) quoted: bool,
    /// Lines to hold out for validation [default: 1000, or 5 % of fewer than 20000].
    #[arg(long, value_name = "N")]
    pub(crate) valid: Option<usize>,
    /// Lines to hold out for a test [default: 1000, or 5 % of fewer than 20000].
    #[arg(long, value_name = "N")]
    pub(crate) test: Option<usize>,
    /// Your own validation split, of the same kind as the other files, which is taken as it is; with --source and
    /// --target, give it twice, the source first.
    #[arg(long, value_name = "FILE", conflicts_with = "valid")]
    pub(crate) valid_file: Vec<PathBuf>,
    /// Your own test split, in the same way.
    #[arg(long, value_name = "FILE", conflicts_with = "test")]
    pub(crate) test_file: Vec<PathBuf>,
    /// Keep pairs that occurred before. (Text keeps all its lines anyway.)
    #[arg(long, conflicts_with = "drop_duplicates")]
    pub(crate) keep_duplicates: bool,
    /// Keep pairs to train on that share a side with a held-out one, and say how many held-out ones that concerns.
    #[arg(long, conflicts_with = "drop_duplicates")]
    pub(crate) keep_shared: bool,
    /// Leave out lines of a text that occurred before, and those to train on that are held out as well. (Of pairs, that
    /// is done anyway.)
    #[arg(long)]
    pub(crate) drop_duplicates: bool,
    /// Decides what is held out.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Terms under which the corpus may be used, to be kept with it [default: unknown].
    #[arg(long, value_name = "TEXT")]
    pub(crate) licence: Option<String>,
    /// Replace the corpus that is there already.
    #[arg(long)]
    pub(crate) force: bool,
}

impl AddArgs {
    pub(super) fn input(&self) -> Result<Input> {
        let Self { source, target, tsv, tatoeba, text, .. } = self;
        match (source, target, tsv, tatoeba, text) {
            (Some(source), Some(target), None, None, None) => {
                Ok(Input::Aligned(Source::new(source), Source::new(target)))
            }
            (None, None, Some(path), None, None) => {
                let form = Form { target_first: false, header: self.header, quoted: self.quoted };
                Ok(Input::Columns(Source::new(path), form))
            }
            (None, None, None, Some(path), None) => {
                let target_first = Said::of_pairs(self.languages.as_ref())?.english_is_target()?;
                Ok(Input::Columns(Source::new(path), Form { target_first, ..Form::default() }))
            }
            (None, None, None, None, Some(path)) => Ok(Input::Text(Source::new(path))),
            _ => bail!("expected one of --source with --target, --tsv, --tatoeba and --text"),
        }
    }

    pub(super) fn wanted(&self) -> Result<Wanted> {
        for (name, lines) in [("valid", self.valid), ("test", self.test)] {
            ensure!(
                lines.unwrap_or(0) <= MOST_HELD_OUT,
                "expected at most --{name} {MOST_HELD_OUT}, since what is held out is kept in memory; found {}",
                lines.unwrap_or(0)
            );
        }
        let drawn = |count: Option<usize>, own: &[PathBuf]| if own.is_empty() { count } else { Some(0) };
        Ok(Wanted { valid: drawn(self.valid, &self.valid_file), test: drawn(self.test, &self.test_file) })
    }

    /// Text is of one piece, and keeps its lines. Pairs are cleaned.
    pub(super) fn keep(&self, input: &Input) -> Keep {
        let keeps_all = matches!(input, Input::Text(_)) && !self.drop_duplicates;
        Keep { duplicates: keeps_all || self.keep_duplicates, shared: keeps_all || self.keep_shared }
    }

    /// The languages of the corpus, the one to translate from and the one into; of a text, one at most.
    pub(super) fn spoken(&self, input: &Input) -> Result<[Option<String>; 2]> {
        let said = self.languages.as_ref();
        if matches!(input, Input::Text(_)) {
            return Ok([Said::of_text(said)?, None]);
        }
        let Languages { source, target } = Said::of_pairs(said)?;
        Ok([Some(source), Some(target)])
    }

    pub(super) fn info(&self, input: &Input, [source, target]: [Option<String>; 2]) -> CorpusInfo {
        let names = input.names();
        let (unknown, origin) = match self.tatoeba {
            Some(_) => (
                "CC BY 2.0, attribution: tatoeba.org and www.manythings.org/anki",
                format!("tatoeba.org by way of www.manythings.org/anki ({names})"),
            ),
            None => ("unknown", names),
        };
        CorpusInfo {
            name: self.name.clone(),
            kind: if matches!(input, Input::Text(_)) { Kind::Text } else { Kind::Pairs },
            source,
            target,
            licence: self.licence.clone().unwrap_or_else(|| unknown.to_owned()),
            origin,
            counts: Counts::default(),
            dropped: Dropped::default(),
        }
    }

    /// The folder that the corpus is to have, once it is certain that it may.
    pub(super) fn folder(&self, data: &Path) -> Result<PathBuf> {
        let name = &self.name;
        let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        ensure!(
            name.starts_with(char::is_alphanumeric) && name.chars().all(plain),
            "{name:?} can't be the name of a corpus; expected letters, digits, - _ and . such as my-corpus (the \
             folder is chosen with --data)"
        );
        ensure!(
            !builtin::place().join(name).join(INFO).is_file(),
            "{name} is the name of a built-in corpus; choose another one"
        );
        let folder = data.join(name);
        self.check_place(&folder)?;
        Ok(folder)
    }

    /// A corpus is replaced only if that is asked for, and nothing but a corpus ever is.
    pub(super) fn check_place(&self, folder: &Path) -> Result<()> {
        if folder.symlink_metadata().is_err() {
            return Ok(());
        }
        let shown = folder.display();
        ensure!(
            folder.join(INFO).is_file(),
            "{shown} is there already and no corpus (it has no {INFO}); choose another name, or another folder with \
             --data"
        );
        ensure!(self.force, "{shown} is a corpus already; use --force to replace it, or choose another name");
        let ours = |name: &str| {
            name == INFO || Split::ALL.iter().any(|split| name.starts_with(&format!("{}.", split.name())))
        };
        for entry in fs::read_dir(folder).with_context(|| format!("cannot read the folder {shown}"))? {
            let name = entry.with_context(|| format!("cannot read the folder {shown}"))?.file_name();
            let name = name.to_string_lossy();
            ensure!(
                ours(&name),
                "{shown} holds {name} besides the corpus, which replacing it would remove; move that away first"
            );
        }
        Ok(())
    }
}
