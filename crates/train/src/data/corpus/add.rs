//! `train data add`: makes a corpus of text files.
//!
//! They are read twice, a line at a time: first to choose what is held out, then to write the rest. Only the held-out
//! rows and a hash of every row are kept in memory.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};

use super::ahead::Ahead;
use super::args::AddArgs;
use super::clean::Clean;
use super::input::{Input, keep_standard_input};
use super::read::Row;
use super::split::{Own, Sample};
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
    let wanted = args.wanted()?;
    let keep = args.keep(&input);
    let mut valid = input.of_files(&args.valid_file, "--valid-file")?;
    let mut test = input.of_files(&args.test_file, "--test-file")?;
    let folder = args.folder(data)?;
    let mut info = args.info(&input, spoken);
    let beside = Beside::begin(&folder, is_whole)?;
    let mut main = Some(input);
    keep_standard_input(&mut [&mut main, &mut valid, &mut test], &beside.input(), &mut io::stdin().lock())?;
    let Some(input) = main else { bail!("there is nothing to make a corpus of") };
    let bar = progress(&input);

    let mut rows = Clean::new(Ahead::new(input.rows(&bar)?), keep);
    let sample = Sample::draw(&mut rows, wanted, args.seed)?;
    input.check_lines(rows.read, sample.total)?;
    let read = rows.read;
    // The second pass needs the memory.
    drop(rows);
    let mut own = |input: Option<Input>| -> Result<Option<Vec<Row>>> {
        let Some((rows, empty)) = input.map(|input| input.held_out()).transpose()? else { return Ok(None) };
        info.dropped.empty += empty;
        Ok(Some(rows))
    };
    let own = Own { valid: own(valid)?, test: own(test)? };
    let cannot_split = || format!("cannot split {}", input.shown());
    let held_out = sample.divide(own, keep.shared).with_context(cannot_split)?;

    let mut unfinished = Unfinished::new(beside, info);
    bar.set_message("writing");
    let mut again = Clean::new(Ahead::new(input.rows(&bar)?), keep);
    let overlaps = unfinished.write(&held_out, &mut again, keep.shared)?;
    let them = input.told("it", "them");
    ensure!(again.read == read, "{} changed while being read; add {them} again", input.shown());
    // Meanwhile another process may have put something there.
    let check = || args.check_place(&folder);
    let info =
        unfinished.finish(check).with_context(|| format!("cannot make a corpus of {}", input.shown()))?;
    bar.finish_and_clear();
    report(&info, read, held_out.test_wanted, &folder, output)?;
    overlaps.iter().try_for_each(|line| writeln!(output, "  {line}")).map_err(Into::into)
}

/// A bar on a terminal. It counts the bytes of the files, twice.
fn progress(input: &Input) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:24} {bytes}/{total_bytes}  {msg}  {eta} left");
    let bar = ProgressBar::new(2 * input.bytes())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
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
