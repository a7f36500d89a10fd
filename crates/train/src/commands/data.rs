//! `train data`: adds corpora, lists and shows them.

use std::io::Write;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::data::images::{self, ImageSet};

use crate::cli::data::DataCommand;
use crate::data::corpus::{Corpus, Counts, Split, add, built_in_folder, built_in_place, list};

/// How many lines are shown of a corpus, and how much of each.
const SAMPLES: usize = 3;
const SAMPLE_LENGTH: usize = 160;

/// Carries out a command on the corpora in the folder `data`.
///
/// # Errors
///
/// If a corpus can't be read or made.
pub(crate) fn run(command: &DataCommand, data: &Path, output: &mut impl Write) -> Result<()> {
    match command {
        DataCommand::Add(args) => add(args, data, output),
        DataCommand::List => list_command(data, output),
        DataCommand::Show { name } => show(name, data, output),
    }
}

/// Prints a line for every corpus, and for one that is damaged what is wrong with it.
///
/// # Errors
///
/// If a folder can't be read.
pub(crate) fn list_command(data: &Path, output: &mut impl Write) -> Result<()> {
    if let Err(missing) = built_in_folder() {
        writeln!(output, "({missing})")?;
    }
    let corpora = list(data)?.into_iter().map(|corpus| Ok(row(&corpus?)));
    let image_sets = ImageSet::all_built_in().into_iter().map(|set| images::row(&set?));
    let (rows, damaged): (Vec<_>, Vec<_>) = image_sets.chain(corpora).partition(Result::is_ok);
    let rows: Vec<[String; 4]> = rows.into_iter().flatten().collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let [name, kind, counts] = [0, 1, 2].map(width);
    for [a, b, c, place] in &rows {
        writeln!(output, "{a:name$}  {b:kind$}  {c:counts$}  {place}")?;
    }
    for error in damaged.into_iter().filter_map(Result::err) {
        writeln!(output, "({error:#})")?;
    }
    if rows.is_empty() {
        writeln!(output, "no corpora in {}; `train data add` makes one", data.display())?;
    }
    Ok(())
}

fn row(corpus: &Corpus) -> [String; 4] {
    let built_in = corpus.folder().starts_with(built_in_place());
    let place = if built_in { "built in".to_owned() } else { corpus.folder().display().to_string() };
    // A corpus is found by the name of its folder, which may have been renamed.
    let name = corpus.folder().file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    [name, kind(corpus), corpus.info().counts.described(), place]
}

fn kind(corpus: &Corpus) -> String {
    match corpus.info().languages()[..] {
        [source, target] => format!("{} {source}-{target}", corpus.info().kind.unit()),
        [language] => format!("{} {language}", corpus.info().kind.unit()),
        _ => corpus.info().kind.unit().to_owned(),
    }
}

/// Prints what a corpus is, how long its lines are, and some of them.
///
/// # Errors
///
/// If there is none of that name, or it is damaged.
pub(crate) fn show(name: &str, data: &Path, output: &mut impl Write) -> Result<()> {
    let corpus = match Corpus::find(name, data) {
        Ok(corpus) => corpus,
        Err(none) => return images::show(&ImageSet::built_in(name).map_err(|_| none)?, output),
    };
    let info = corpus.info();
    let lengths = Lengths::of(&corpus)?;
    writeln!(output, "{}: {}", info.name, kind(&corpus))?;
    writeln!(output, "  folder   {}", corpus.folder().display())?;
    writeln!(output, "  origin   {}", info.origin)?;
    writeln!(output, "  licence  {}", info.licence)?;
    writeln!(output, "  splits   {}", info.counts.described())?;
    writeln!(output, "  dropped  {}", info.dropped.described())?;
    let mut labels = info.languages();
    if labels.is_empty() {
        labels.push("text");
    }
    for (label, [characters, words]) in labels.iter().zip(&lengths.sums) {
        let mean = |sum: usize| sum as f64 / lengths.lines as f64;
        writeln!(
            output,
            "  {label:7}  {:.1} characters and {:.1} words a line of train",
            mean(*characters),
            mean(*words)
        )?;
    }
    for sample in &lengths.samples {
        writeln!(output)?;
        for (label, side) in labels.iter().zip(sample) {
            writeln!(output, "  {label:7}  {}", shortened(side))?;
        }
    }
    Ok(())
}

/// The training split in figures.
struct Lengths {
    lines: usize,
    /// Characters and words of each side.
    sums: Vec<[usize; 2]>,
    samples: Vec<Vec<String>>,
}

impl Lengths {
    fn of(corpus: &Corpus) -> Result<Self> {
        let Counts { train, .. } = corpus.info().counts;
        let mut lengths = Self { lines: 0, sums: Vec::new(), samples: Vec::new() };
        // Samples from all over the corpus tell more than its beginning.
        let distance = train.div_ceil(SAMPLES).max(1);
        for row in corpus.rows(Split::Train, corpus.info().kind)? {
            let row = row?;
            lengths.sums.resize(row.len(), [0, 0]);
            for ([characters, words], side) in lengths.sums.iter_mut().zip(&row) {
                *characters += side.chars().count();
                *words += side.split_whitespace().count();
            }
            if lengths.lines % distance == distance / 2 {
                lengths.samples.push(row);
            }
            lengths.lines += 1;
        }
        ensure!(lengths.lines > 0, "{} has nothing to train on", corpus.folder().display());
        Ok(lengths)
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SAMPLE_LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_corpora_are_listed_and_shown() {
        let empty = tempfile::tempdir().unwrap();
        let mut output = Vec::new();
        list_command(empty.path(), &mut output).unwrap();
        let listed = String::from_utf8(output).unwrap();
        assert!(listed.contains("ding     pairs de-en   train 94941, valid 1000, test 1000"), "{listed}");
        assert!(listed.contains("animals  images 28x28  train 8097, test 1619 "), "{listed}");
        assert_eq!(listed.lines().filter(|line| line.ends_with("built in")).count(), 3, "{listed}");

        let mut output = Vec::new();
        show("ding", empty.path(), &mut output).unwrap();
        let shown = String::from_utf8(output).unwrap();
        assert!(shown.contains("licence  GPL-2.0-or-later"), "{shown}");
        assert_eq!(shown.matches("\n  de   ").count(), 1 + SAMPLES, "{shown}");
    }

    #[test]
    fn a_damaged_corpus_hides_no_other() {
        let data = tempfile::tempdir().unwrap();
        std::fs::create_dir(data.path().join("bad")).unwrap();
        std::fs::write(data.path().join("bad/corpus.json"), "{}").unwrap();
        let mut output = Vec::new();
        list_command(data.path(), &mut output).unwrap();
        let listed = String::from_utf8(output).unwrap();
        assert!(listed.contains("ding ") && listed.contains("bad/corpus.json is damaged"), "{listed}");
    }

    #[test]
    fn long_lines_are_shortened_between_characters() {
        let long = "ü".repeat(SAMPLE_LENGTH + 1);
        assert_eq!(shortened(&long).chars().count(), SAMPLE_LENGTH + 1);
        assert_eq!(shortened(&long[2..]), &long[2..]);
    }
}
