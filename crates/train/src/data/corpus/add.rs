//! `train data add`: makes a corpus of text files.
//!
//! They are read twice, a line at a time: first to choose what is held out, then to write the rest. Only the held-out
//! rows and a hash of every row are kept in memory.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};

use super::args::AddArgs;
use super::clean::Clean;
use super::input::Input;
use super::split::Sample;
use super::write::Unfinished;
use super::{CorpusInfo, is_whole};
use crate::files::beside::Beside;
use crate::words::counted;

/// Makes a corpus in the folder `data` and says what it holds and what was left out.
///
/// # Errors
///
/// If the files are no corpus, or the corpus can't be written. Then nothing is left behind.
pub(crate) fn add(args: &AddArgs, data: &Path, output: &mut impl Write) -> Result<()> {
    let input = args.input()?;
    let spoken = args.spoken(&input)?;
    let folder = args.folder(data)?;
    let beside = Beside::begin(&folder, is_whole)?;
    let bar = progress(&input);

    let mut rows = Clean::new(input.rows(&bar)?);
    let sample = Sample::draw(&mut rows, args.wanted()?, args.seed)?;
    input.check_lines(rows.read, sample.total)?;
    let read = rows.read;
    // The second pass needs the memory.
    drop(rows);
    let held_out = sample.divide().with_context(|| format!("cannot split {}", input.shown()))?;

    let mut unfinished = Unfinished::new(beside, args.info(&input, spoken));
    bar.set_message("writing");
    let mut again = Clean::new(input.rows(&bar)?);
    unfinished.write(&held_out, &mut again)?;
    let them = input.told("it", "them");
    ensure!(again.read == read, "{} changed while being read; add {them} again", input.shown());
    // Meanwhile another process may have put something there.
    let check = || args.check_place(&folder);
    let info =
        unfinished.finish(check).with_context(|| format!("cannot make a corpus of {}", input.shown()))?;
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
