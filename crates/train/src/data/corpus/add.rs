//! `train data add`: makes a corpus of text files.
//!
//! They are read twice, a line at a time: first to choose what is held out, then to write the rest. Only the held-out
//! rows and a hash of every row are kept in memory.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::ArgGroup;
use indicatif::{ProgressBar, ProgressStyle};

use super::languages::{Languages, Said};
use super::read::{Lines, Rows};
use super::split::{Clean, Sample, Wanted};
use super::write::Unfinished;
use super::{CorpusInfo, Counts, Dropped, INFO, Kind, Split, builtin};
use crate::words::counted;

/// Held-out rows are kept in memory while the files are read.
const MOST_HELD_OUT: usize = 1_000_000;

/// What to make a corpus of, and how.
#[derive(Clone, Debug, clap::Args)]
#[command(group = ArgGroup::new("input").args(["source", "tsv", "tatoeba", "text"]).required(true))]
pub(crate) struct AddArgs {
    /// Name of the corpus: a folder in the data folder.
    pub(crate) name: String,
    /// Sentences to translate from, one a line; --target has the translation in the same line. Every input file may be
    /// gzipped.
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
    /// Lines to hold out for validation [default: 1000, or 5 % of fewer than 20000].
    #[arg(long, value_name = "N")]
    pub(crate) valid: Option<usize>,
    /// Lines to hold out for a test [default: 1000, or 5 % of fewer than 20000].
    #[arg(long, value_name = "N")]
    pub(crate) test: Option<usize>,
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

/// The files to make a corpus of.
enum Input<'a> {
    Aligned(&'a Path, &'a Path),
    Columns { path: &'a Path, target_first: bool },
    Text(&'a Path),
}

impl Input<'_> {
    fn paths(&self) -> Vec<&Path> {
        match *self {
            Self::Aligned(source, target) => vec![source, target],
            Self::Columns { path, .. } | Self::Text(path) => vec![path],
        }
    }

    /// The files as messages name them.
    fn shown(&self) -> String {
        self.paths().iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" and ")
    }

    /// What is said of one file, or of two.
    fn told<'w>(&self, one: &'w str, two: &'w str) -> &'w str {
        if self.paths().len() == 1 { one } else { two }
    }

    /// Makes sure that there is a line to use among those that were read.
    fn check_lines(&self, read: usize, usable: usize) -> Result<()> {
        let shown = self.shown();
        let (is, has) = (self.told("is", "are"), self.told("has", "have"));
        ensure!(read > 0, "{shown} {is} empty; expected a sentence or paragraph a line");
        let side = if matches!(self, Self::Text(_)) { "" } else { " on one side at least" };
        let lines = match read {
            1 => format!("the only line is empty{side}"),
            _ => format!("of {read} lines, all are empty{side}"),
        };
        ensure!(usable > 0, "{shown} {has} no usable line: {lines}");
        Ok(())
    }

    fn rows(&self, bar: &ProgressBar) -> Result<Rows> {
        Ok(match *self {
            Self::Aligned(source, target) => {
                Rows::Aligned(Lines::open(source, bar)?, Lines::open(target, bar)?)
            }
            Self::Columns { path, target_first } => {
                Rows::Columns { lines: Lines::open(path, bar)?, target_first }
            }
            Self::Text(path) => Rows::Plain(Lines::open(path, bar)?),
        })
    }
}

impl AddArgs {
    fn input(&self) -> Result<Input<'_>> {
        let Self { source, target, tsv, tatoeba, text, .. } = self;
        match (source, target, tsv, tatoeba, text) {
            (Some(source), Some(target), None, None, None) => Ok(Input::Aligned(source, target)),
            (None, None, Some(path), None, None) => Ok(Input::Columns { path, target_first: false }),
            (None, None, None, Some(path), None) => {
                let languages = Said::of_pairs(self.languages.as_ref())?;
                Ok(Input::Columns { path, target_first: languages.english_is_target()? })
            }
            (None, None, None, None, Some(path)) => Ok(Input::Text(path)),
            _ => bail!("expected one of --source with --target, --tsv, --tatoeba and --text"),
        }
    }

    fn wanted(&self) -> Result<Wanted> {
        for (name, lines) in [("valid", self.valid), ("test", self.test)] {
            ensure!(
                lines.unwrap_or(0) <= MOST_HELD_OUT,
                "expected at most --{name} {MOST_HELD_OUT}, since what is held out is kept in memory; found {}",
                lines.unwrap_or(0)
            );
        }
        Ok(Wanted { valid: self.valid, test: self.test })
    }

    /// The languages of the corpus, the one to translate from and the one into; of a text, one at most.
    fn spoken(&self, input: &Input<'_>) -> Result<[Option<String>; 2]> {
        let said = self.languages.as_ref();
        if matches!(input, Input::Text(_)) {
            return Ok([Said::of_text(said)?, None]);
        }
        let Languages { source, target } = Said::of_pairs(said)?;
        Ok([Some(source), Some(target)])
    }

    fn info(&self, input: &Input<'_>, [source, target]: [Option<String>; 2]) -> CorpusInfo {
        let names = input.paths().into_iter().filter_map(Path::file_name).map(|name| name.to_string_lossy());
        let names = names.collect::<Vec<_>>().join(" and ");
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
    fn folder(&self, data: &Path) -> Result<PathBuf> {
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
        if folder.symlink_metadata().is_ok() {
            self.check_replaceable(&folder)?;
        }
        Ok(folder)
    }

    /// A corpus is replaced only if that is asked for, and nothing but a corpus ever is.
    fn check_replaceable(&self, folder: &Path) -> Result<()> {
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

/// Makes a corpus in the folder `data` and says what it holds and what was left out.
///
/// # Errors
///
/// If the files are no corpus, or the corpus can't be written. Then nothing is left behind.
pub(crate) fn add(args: &AddArgs, data: &Path, output: &mut impl Write) -> Result<()> {
    let input = args.input()?;
    let spoken = args.spoken(&input)?;
    let folder = args.folder(data)?;
    let bar = progress(&input);

    let mut rows = Clean::new(input.rows(&bar)?);
    let sample = Sample::draw(&mut rows, args.wanted()?, args.seed)?;
    input.check_lines(rows.read, sample.total)?;
    let read = rows.read;
    // The second pass needs the memory.
    drop(rows);
    let held_out = sample.divide().with_context(|| format!("cannot split {}", input.shown()))?;

    fs::create_dir_all(data).with_context(|| format!("cannot create the folder {}", data.display()))?;
    let mut unfinished = Unfinished::new(data, args.info(&input, spoken))?;
    bar.set_message("writing");
    let mut again = Clean::new(input.rows(&bar)?);
    unfinished.write(&held_out, &mut again)?;
    let them = input.told("it", "them");
    ensure!(again.read == read, "{} changed while being read; add {them} again", input.shown());
    let info = unfinished.finish(&folder).with_context(|| format!("cannot split {}", input.shown()))?;
    bar.finish_and_clear();
    report(&info, read, held_out.test_wanted, &folder, output)
}

/// A bar on a terminal. It counts the bytes of the files, twice.
fn progress(input: &Input<'_>) -> ProgressBar {
    // A file that isn't there is reported when it is opened.
    let bytes: u64 = input.paths().iter().map(|path| fs::metadata(path).map_or(0, |file| file.len())).sum();
    let style = ProgressStyle::with_template("{bar:24} {bytes}/{total_bytes}  {msg}  {eta} left");
    let bar = ProgressBar::new(2 * bytes).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message("choosing what to hold out");
    bar
}

fn report(
    info: &CorpusInfo,
    read: usize,
    test_wanted: usize,
    folder: &Path,
    output: &mut impl Write,
) -> Result<()> {
    let CorpusInfo { name, counts, .. } = info;
    let unit = info.kind.unit();
    writeln!(output, "added {name} in {}: {unit} of {}", folder.display(), counted(read, "line"))?;
    writeln!(output, "  splits   {}", counts.described())?;
    writeln!(output, "  dropped  {}", info.dropped.described())?;
    if counts.test < test_wanted {
        writeln!(
            output,
            "  The test split was to have {}; too many of those drawn share a side with validation.",
            counted(test_wanted, info.kind.line())
        )?;
    }
    Ok(())
}
