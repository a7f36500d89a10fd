//! Redrawing: Figure 1 from memory, held against what was captured; and what a list of names tells of who looked at it.
//!
//! Copies with faults that are known show what a grade says of each. Somebody who forgets by chance shows that it says no
//! more and no less. Readers whose rates are known show what d' makes of a short list.

mod copies;
mod figure_one;
mod figures;
mod memory;
mod recognition;
mod tables;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use graph::{Grade, GradeError, Picture, Redrawing};
use serde::{Deserialize, Serialize};

use crate::contract::experiment::{Experiment, Lab};
use crate::contract::random::Random;
use crate::contract::report::{Report, Target};
use crate::contract::seeds::Seeds;

use copies::Marked;
use memory::Forgetful;
use recognition::{FOILS, Recognition};

/// A mean of many may be so many standard errors away from what it should be.
const ERRORS: f64 = 4.0;

/// Arguments of the experiment.
#[derive(Debug, clap::Args)]
pub(super) struct Redraw {
    /// Seeds, one after the other, for those who forget and for those who answer.
    #[arg(long, default_value = "20")]
    seeds: Seeds<1_000>,
    /// Grade a drawing of your own: a file in Graphviz's language.
    #[arg(long, value_name = "FILE")]
    dot: Option<PathBuf>,
}

/// All that is measured.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Results {
    seeds: u64,
    picture: Sizes,
    copies: BTreeMap<String, Marked>,
    /// In this order they are told.
    order: Vec<String>,
    forgetful: Forgetful,
    recognition: Recognition,
    asked: Option<Asked>,
}

/// What is to be redrawn.
#[derive(Debug, Serialize, Deserialize)]
struct Sizes {
    boxes: usize,
    lines: usize,
    ways: usize,
    /// Names, each counted once.
    names: usize,
}

/// What is said of the reader's own drawing.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    file: String,
    boxes: f64,
    lines: f64,
    told: Vec<String>,
}

impl Experiment for Redraw {
    const NAME: &'static str = "redraw";
    const SUMMARY: &'static str = "Figure 1 drawn from memory, and names that were in it, graded";
    type Results = Results;

    fn measure(&self, lab: &Lab) -> Result<Results> {
        let seeds = self.seeds;
        // What is wrong with a file is told at once.
        let own = self.dot.as_deref().map(read).transpose()?;
        lab.progress.at(0.0, "capturing the base model");
        let view = figure_one::view()?;
        let picture = Picture::of(&view);
        let asked = own.map(|(file, drawing)| asked(&file, &drawing, &picture)).transpose()?;
        let names: BTreeSet<&str> = picture.names().collect();
        strangers(&picture)?;
        let (boxes, lines) = picture.counts();
        let marked = copies::marked(&view);
        let streams = |stream: u64| {
            seeds.starting_at(lab.seed).into_iter().map(|seed| Random::new(seed, stream)).collect::<Vec<_>>()
        };
        lab.progress.at(0.1, "drawing from memory");
        let forgetful = memory::forgetful(&view, &mut streams(0));
        lab.progress.at(0.8, "asking what was in it");
        Ok(Results {
            seeds: seeds.count() as u64,
            picture: Sizes { boxes, lines, ways: picture.residual_ways().count(), names: names.len() },
            order: marked.iter().map(|(name, _)| name.clone()).collect(),
            copies: marked.into_iter().collect(),
            forgetful,
            recognition: recognition::recognition(FOILS.len(), &mut streams(1)),
            asked,
        })
    }

    fn report(results: &Results) -> Report {
        let mut report = Report::default();
        check(results, &mut report);
        figures::add(results, &mut report);
        tables::add(results, &mut report);
        report
    }
}

/// A drawing in a file.
fn read(file: &Path) -> Result<(String, Redrawing)> {
    let shown = file.display().to_string();
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {shown}"))?;
    let drawing = Redrawing::from_dot(&text).with_context(|| format!("{shown} can't be used"))?;
    Ok((shown, drawing))
}

fn asked(file: &str, drawing: &Redrawing, picture: &Picture) -> Result<Asked> {
    let grade: Grade = picture.grade(drawing).with_context(|| format!("{file} can't be graded"))?;
    Ok(Asked {
        file: file.to_owned(),
        boxes: grade.boxes().f1(),
        lines: grade.lines().f1(),
        told: grade.to_string().lines().map(str::to_owned).collect(),
    })
}

/// Names that were not in it were not in it, however they are written.
fn strangers(picture: &Picture) -> Result<()> {
    for foil in FOILS {
        let mut drawing = Redrawing::new();
        drawing.add(foil);
        let is_strange = matches!(picture.grade(&drawing), Err(GradeError::NothingInCommon { .. }));
        ensure!(is_strange, "{foil:?} is in the picture, and can't be asked as if it were not");
    }
    Ok(())
}

fn check(results: &Results, report: &mut Report) {
    for (name, copy) in &results.copies {
        if let Some([boxes, lines]) = copy.expected {
            report.check(format!("{name}: F1 of boxes"), copy.boxes, Target::Near(boxes, 0.0));
            report.check(format!("{name}: F1 of lines"), copy.lines, Target::Near(lines, 0.0));
        }
    }
    let named = results.copies.get("no_ways").map_or(0, |copy| copy.ways.len());
    report.check(
        "ways around that are named, if none is drawn",
        named as f64,
        Target::Near(results.picture.ways as f64, 0.0),
    );
    let swapped = results.copies.get("swapped").map_or(f64::NAN, |copy| copy.lines);
    report.check("F1 of lines after two names were swapped", swapped, Target::AtMost(0.95));
    let Forgetful { off, found, .. } = &results.forgetful;
    report.check(
        "boxes that are remembered by chance, in standard errors",
        off[0],
        Target::Near(0.0, ERRORS),
    );
    report.check("of lines that were remembered, the share found", *found, Target::AtLeast(0.95));
    for (name, reader) in &results.recognition.readers {
        report.check(
            format!("d' of who {name}, from the binomial distribution, in standard errors"),
            reader.off,
            Target::Near(0.0, ERRORS),
        );
    }
}

/// The view, for tests of the parts.
#[cfg(test)]
fn tested() -> graph::view::View {
    figure_one::view().unwrap_or_else(|error| panic!("{error:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_graded_as_a_pencil_grades_them() {
        let marked: BTreeMap<String, Marked> = copies::marked(&tested()).into_iter().collect();
        for (name, copy) in &marked {
            if let Some(expected) = copy.expected {
                assert_eq!([copy.boxes, copy.lines], expected, "{name}");
            }
        }
        assert_eq!((marked["exact"].boxes, marked["exact"].lines), (1.0, 1.0));
        assert_eq!(
            marked["one_way"].ways,
            ["the way around Masked Multi-Head Attention of the Decoder layer"]
        );
        assert_eq!(
            (marked["forgotten"].missing_boxes.len(), &marked["invented"].extra_boxes[..]),
            (1, &["Pooling".to_owned()][..])
        );
        assert_eq!(marked["backwards"].boxes, 1.0);
    }

    #[test]
    fn no_foil_is_in_the_picture() {
        strangers(&Picture::of(&tested())).unwrap();
    }
}
