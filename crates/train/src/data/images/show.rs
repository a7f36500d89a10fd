//! Images in the lists and on the screen of `train data`.

use std::io::Write;

use anyhow::Result;

use super::{ImageSet, Images, Part};

/// Images that are shown.
const SAMPLES: usize = 3;

/// Name, kind, sizes and place, as `train data list` shows them.
///
/// # Errors
///
/// If its files are damaged.
pub(crate) fn row(set: &ImageSet) -> Result<[String; 4]> {
    let [train, test] = [set.read(Part::Train)?, set.read(Part::Test)?];
    let kind = format!("images {}x{}", train.height, train.width);
    Ok([set.info().name.clone(), kind, sizes(&train, &test), "built in".into()])
}

fn sizes(train: &Images, test: &Images) -> String {
    format!("train {}, test {}", train.count(), test.count())
}

/// Prints what a set is, how often each class occurs in it, and some of its images.
///
/// # Errors
///
/// If its files are damaged, or nothing can be written.
pub(crate) fn show(set: &ImageSet, output: &mut impl Write) -> Result<()> {
    let info = set.info();
    let [train, test] = [set.read(Part::Train)?, set.read(Part::Test)?];
    writeln!(output, "{}: images {}x{}", info.name, train.height, train.width)?;
    writeln!(output, "  folder   {}", set.folder().display())?;
    writeln!(output, "  origin   {}", info.origin)?;
    writeln!(output, "  licence  {}", info.licence)?;
    writeln!(output, "  splits   {}", sizes(&train, &test))?;
    let count = |class: usize| train.labels.iter().filter(|&&label| usize::from(label) == class).count();
    let classes = info.classes.iter().enumerate().map(|(class, name)| format!("{name} {}", count(class)));
    writeln!(output, "  train    {}", classes.collect::<Vec<_>>().join(", "))?;
    // Samples from all over the set tell more than its beginning.
    let distance = train.count().div_ceil(SAMPLES).max(1);
    let chosen: Vec<usize> = (distance / 2..train.count()).step_by(distance).collect();
    let names: Vec<&str> =
        chosen.iter().map(|&index| info.classes[usize::from(train.labels[index])].as_str()).collect();
    writeln!(output, "\n  {}", columns(names.into_iter().map(str::to_owned), train.width))?;
    let drawn: Vec<Vec<String>> =
        chosen.iter().map(|&index| drawing(train.image(index), train.width)).collect();
    for line in 0..train.height.div_ceil(2) {
        writeln!(output, "  {}", columns(drawn.iter().map(|lines| lines[line].clone()), train.width))?;
    }
    Ok(())
}

/// Texts side by side, each in so many columns.
fn columns(texts: impl Iterator<Item = String>, width: usize) -> String {
    let padded: Vec<String> = texts.map(|text| format!("{text:width$}")).collect();
    padded.join("  ").trim_end().to_owned()
}

/// An image in characters, two pixels above each other in each.
fn drawing(pixels: &[u8], width: usize) -> Vec<String> {
    let rows: Vec<&[u8]> = pixels.chunks(width).collect();
    let is_light = |row: usize, column: usize| rows.get(row).is_some_and(|row| row[column] > 127);
    let sign = |row: usize, column: usize| match (is_light(row, column), is_light(row + 1, column)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    (0..rows.len()).step_by(2).map(|row| (0..width).map(|column| sign(row, column)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pixels_share_a_character() {
        assert_eq!(drawing(&[0, 200, 200, 0, 200, 0, 128, 127, 0], 3), [" █▀", "▀  "]);
    }

    #[test]
    fn the_animals_can_be_looked_at() {
        let mut output = Vec::new();
        show(&ImageSet::built_in("animals").unwrap(), &mut output).unwrap();
        let shown = String::from_utf8(output).unwrap();
        assert!(shown.starts_with("animals: images 28x28\n") && shown.contains("licence  MIT"), "{shown}");
        assert_eq!(shown.lines().count(), 8 + 14, "{shown}");
        assert!(shown.lines().skip(8).any(|line| line.contains('█')), "{shown}");
    }
}
